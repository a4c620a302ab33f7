/*-------------------------------------------------------------------------
 *
 * store.h
 *	  The schedules that are on record.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SCHEDULE_STORE_H
#define PINTEREST_SCHEDULE_STORE_H

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"
#include "utils/timestamp.h"

/* A schedule: one job, of one table or more */
typedef struct PinSchedule
{
	char	   *name;			/* what its job calls it */
	List	   *targets;		/* OIDs; NIL: all tables that "role" means */
	bool		several;		/* made for several tables */
	char	   *every;			/* as the user put it */
	char	   *cron;			/* as pg_cron has it */
	char	   *job_name;
	Interval   *last;			/* days to load; NULL: everything */
	char	   *role;			/* whose job it is */
	TimestampTz scheduled_at;
	TimestampTz last_run_at;	/* DT_NOBEGIN: not yet */
} PinSchedule;

extern List *pin_schedules_get(void);
extern PinSchedule *pin_schedule_find(List *schedules, const char *name);
extern void pin_schedules_lock(LOCKMODE lockmode);
extern bool pin_same_last(const Interval *a, const Interval *b);
extern char *pin_last_text(const Interval *last);
extern void pin_schedule_put(const PinSchedule *schedule);
extern PinSchedule *pin_schedule_lock(const char *name);
extern void pin_schedule_delete(const char *name);

#endif							/* PINTEREST_SCHEDULE_STORE_H */
