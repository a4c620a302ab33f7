/*-------------------------------------------------------------------------
 *
 * schedule.h
 *	  Jobs of pg_cron that refresh materialized tables.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SCHEDULE_H
#define PINTEREST_SCHEDULE_H

#include "nodes/pg_list.h"
#include "pgtime.h"

/* A job in pg_cron's table */
typedef struct PinCronJob
{
	int64		id;
	char	   *name;
	char	   *schedule;
	char	   *username;
	bool		active;
} PinCronJob;

/* in pgcron.c */
extern Oid	pin_cron_database(bool missing_ok);
extern bool pin_cron_is_extended(void);
extern pg_tz *pin_cron_zone(void);
extern List *pin_cron_jobs(void);
extern int64 pin_cron_put(Oid database, const char *name, const char *schedule,
						  const char *command);
extern bool pin_cron_remove(Oid database, const char *name, int elevel);

/* Likewise, jobs of a worker */
extern void pin_job_schedule(List *args);
extern void pin_job_unschedule(List *args);

#endif							/* PINTEREST_SCHEDULE_H */
