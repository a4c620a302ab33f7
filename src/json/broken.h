/*-------------------------------------------------------------------------
 *
 * broken.h
 *	  Says what is wrong with a row that is no JSON.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_JSON_BROKEN_H
#define PINTEREST_JSON_BROKEN_H

#include "base/compat.h"

pg_noreturn extern void pin_json_refuse_row(const char *json, size_t len);

#endif							/* PINTEREST_JSON_BROKEN_H */
