/*-------------------------------------------------------------------------
 *
 * refusal.h
 *	  What Pinterest's words about a report that it refuses mean.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_REFUSAL_H
#define PINTEREST_SOURCE_REFUSAL_H

#include "utils/date.h"

extern bool pin_refusal_names_column(const char *words, const char *name);
extern bool pin_refusal_is_about_end(const char *words, DateADT end);

#endif							/* PINTEREST_SOURCE_REFUSAL_H */
