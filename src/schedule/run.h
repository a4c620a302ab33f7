/*-------------------------------------------------------------------------
 *
 * run.h
 *	  What the job of a schedule runs, and when.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SCHEDULE_RUN_H
#define PINTEREST_SCHEDULE_RUN_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_run_schedule(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_list_schedules(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_SCHEDULE_RUN_H */
