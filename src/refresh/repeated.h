/*-------------------------------------------------------------------------
 *
 * repeated.h
 *	  Says which key a download has several rows of.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_REPEATED_H
#define PINTEREST_REFRESH_REPEATED_H

#include "refresh/state.h"

extern char *pin_show_key(const PinRefresh *refresh, const Datum *values,
						  const bool *nulls);
extern void pin_report_repeated_key(const PinRefresh *refresh);

#endif							/* PINTEREST_REFRESH_REPEATED_H */
