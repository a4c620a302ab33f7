/*-------------------------------------------------------------------------
 *
 * dates.h
 *	  Days and periods, as Pinterest counts and writes them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_DATES_H
#define PINTEREST_BASE_DATES_H

#include "utils/date.h"
#include "utils/timestamp.h"

/* Time interval of a report's rows */
typedef enum PinGranularity
{
	PIN_DAY,
	PIN_HOUR,
	PIN_WEEK,
	PIN_MONTH,
	PIN_TOTAL
} PinGranularity;

extern DateADT pin_today(void);
extern void pin_period(PinGranularity granularity, DateADT date,
					   DateADT *first, DateADT *last);
extern const char *pin_granularity_name(PinGranularity granularity);
extern bool pin_parse_date(const char *value, DateADT *date);
extern bool pin_parse_interval(const char *value, Interval *span);
extern double pin_interval_days(const Interval *span);
extern DateADT pin_days_ago(DateADT today, const Interval *span);
extern char *pin_format_date(DateADT date);
extern char *pin_iso_time(TimestampTz time);

#endif							/* PINTEREST_BASE_DATES_H */
