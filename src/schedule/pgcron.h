/*-------------------------------------------------------------------------
 *
 * pgcron.h
 *	  What we want of pg_cron: to find, put and remove jobs.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SCHEDULE_PGCRON_H
#define PINTEREST_SCHEDULE_PGCRON_H

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

extern Oid	pin_cron_database(bool missing_ok);
extern bool pin_cron_is_extended(void);
extern bool pin_cron_is_blocking(void);
extern pg_tz *pin_cron_zone(void);
extern List *pin_cron_jobs(void);
extern int64 pin_cron_put(Oid database, const char *name, const char *schedule,
						  const char *command);
extern bool pin_cron_remove(Oid database, const char *name, Oid role, int elevel);

/* what a worker runs */
extern PGDLLEXPORT void pinterest_job_schedule(Datum arg);
extern PGDLLEXPORT void pinterest_job_unschedule(Datum arg);

#endif							/* PINTEREST_SCHEDULE_PGCRON_H */
