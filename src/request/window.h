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

extern PinCalendar pin_calendar(TimestampTz now);
extern void pin_note_weeks(int week_start);
extern bool pin_days_are_local(const PinOptions *options);
extern PinRange pin_covered_days(const PinOptions *options,
								 const PinCalendar *calendar);
extern void pin_widen_range(const PinOptions *options,
							const PinCalendar *calendar, PinRange *range);
extern List *pin_split_days(const PinOptions *options,
							const PinCalendar *calendar, List *days);

#endif							/* PINTEREST_REQUEST_WINDOW_H */
