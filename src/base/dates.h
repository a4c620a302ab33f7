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

#include "pgtime.h"
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

/* Length of a day as Pinterest writes it, YYYY-MM-DD */
#define PIN_DAY_LENGTH	10

/* Days of the week, as j2day() counts */
#define PIN_SUNDAY	0
#define PIN_MONDAY	1

/* What days are counted by: when and where it is, and what begins a week */
typedef struct PinCalendar
{
	TimestampTz now;
	pg_tz	   *zone;			/* NULL: UTC */
	int			week_start;		/* PIN_MONDAY or PIN_SUNDAY */
	bool		weeks_guessed;	/* it may be the other one */
} PinCalendar;

extern DateADT pin_today(void);
extern DateADT pin_day_of(TimestampTz time, pg_tz *zone);
extern bool pin_local_time(Timestamp local, pg_tz *zone, TimestampTz *time);
extern pg_tz *pin_find_zone(const char *name);
extern void pin_period(PinGranularity granularity, int week_start,
					   DateADT date, DateADT *first, DateADT *last);
extern const char *pin_granularity_name(PinGranularity granularity);
extern bool pin_read_day(const char *text, size_t len, DateADT *date);
extern bool pin_parse_date(const char *value, DateADT *date);
extern bool pin_parse_interval(const char *value, Interval *span);
extern bool pin_parse_http_date(const char *value, TimestampTz *time);
extern double pin_interval_days(const Interval *span);
extern DateADT pin_days_ago(DateADT today, const Interval *span);
extern char *pin_format_date(DateADT date);
extern char *pin_iso_time(TimestampTz time);

#endif							/* PINTEREST_BASE_DATES_H */
