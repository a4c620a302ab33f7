/*-------------------------------------------------------------------------
 *
 * schedule.h
 *	  Has pg_cron refresh materialized tables.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SCHEDULE_SCHEDULE_H
#define PINTEREST_SCHEDULE_SCHEDULE_H

#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/timestamp.h"

extern int64 pin_schedule_tables(List *targets, const char *every,
								 const Interval *last, bool add);
extern void pin_schedules_clear(void);
extern void pin_schedules_end(void);
extern void pin_schedules_forget(Oid target);

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_schedule(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_schedule_all(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_unschedule(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_unschedule_last(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_unschedule_all(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_unschedule_all_last(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_SCHEDULE_SCHEDULE_H */
