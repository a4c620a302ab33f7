/*-------------------------------------------------------------------------
 *
 * schedule.h
 *	  Refreshes materialized tables on schedule, by jobs of pg_cron.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SCHEDULE_SCHEDULE_H
#define PINTEREST_SCHEDULE_SCHEDULE_H

#include "fmgr.h"

extern void pin_schedules_clear(void);
extern void pin_schedules_end(void);
extern void pin_schedules_forget(Oid target);

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_schedule(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_unschedule(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_list_schedules(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_scheduled_tables(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_SCHEDULE_SCHEDULE_H */
