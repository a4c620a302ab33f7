/*-------------------------------------------------------------------------
 *
 * window.h
 *	  Windows: the days that one report each can cover.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REQUEST_WINDOW_H
#define PINTEREST_REQUEST_WINDOW_H

#include "option/settings.h"

/* Days of one report, both included */
typedef struct PinRange
{
	DateADT		start;
	DateADT		end;
} PinRange;

extern void pin_widen_range(const PinOptions *options, PinRange *range);
extern List *pin_split_days(const PinOptions *options, List *days);

#endif							/* PINTEREST_REQUEST_WINDOW_H */
