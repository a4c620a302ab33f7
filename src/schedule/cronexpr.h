/*-------------------------------------------------------------------------
 *
 * cronexpr.h
 *	  Schedules in the notation of cron.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SCHEDULE_CRONEXPR_H
#define PINTEREST_SCHEDULE_CRONEXPR_H

#include "datatype/timestamp.h"
#include "pgtime.h"

/* A parsed schedule: bits for the values that match, from bit 0 for 0 on */
typedef struct PinCron
{
	int			seconds;		/* > 0: so many after the last run, and no more */
	uint64		minute;
	uint64		hour;
	uint64		day;			/* of the month */
	uint64		month;
	uint64		weekday;		/* 0 is Sunday */
	bool		any_day;		/* day or weekday begins with a star: both have
								 * to match, else one of them */
	bool		last_day;		/* of the month */
	bool		reboot;			/* when the scheduler starts, and no more */
} PinCron;

extern bool pin_cron_parse(const char *text, bool extended, PinCron *cron,
						   char **normal, char **problem);
extern bool pin_cron_next(const PinCron *cron, pg_tz *zone, TimestampTz after,
						  TimestampTz *next);

#endif							/* PINTEREST_SCHEDULE_CRONEXPR_H */
