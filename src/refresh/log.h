/*-------------------------------------------------------------------------
 *
 * log.h
 *	  The record of refreshes: when, by whom, and with which outcome.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_LOG_H
#define PINTEREST_REFRESH_LOG_H

#include "utils/date.h"
#include "utils/timestamp.h"

#include "api/call.h"
#include "base/progress.h"

/* What one refresh did, in the order of the type pinterest.refresh_result */
typedef struct PinRefreshResult
{
	Oid			target;
	int64		rows;			/* downloaded */
	int64		inserted;
	int64		updated;
	int64		deleted;
	int64		unchanged;
	int64		api_calls;
	int64		bytes;
	TimestampTz started_at;
	TimestampTz finished_at;
} PinRefreshResult;

/* What a table holds after a refresh, as far as that has been looked at */
typedef struct PinContents
{
	bool		has_rows;
	int64		rows;
	bool		has_first;
	DateADT		first_day;
	bool		has_last;
	DateADT		last_day;
} PinContents;

/* A refresh on record */
typedef struct PinRun
{
	int64		id;
	Oid			target;
	char	   *target_name;
	Oid			source;
	char	   *source_name;	/* NULL: dropped */
	TimestampTz started_at;
	Oid			owner;			/* of the target */
	Oid			role;			/* who refreshes */
	bool		has_since;
	DateADT		since;
	bool		begun;			/* its beginning has been recorded */
	int64		days;			/* of each advertiser, that were loaded; -1: rows
								 * have none */
	int			questions;		/* asked about days that are complete */
	PinProgress *progress;		/* NULL: not to be had */
	dsm_segment *segment;		/* of that */
} PinRun;

/* What is on record of a run without an end, which may be under way */
typedef struct PinRunRecord
{
	int64		id;
	TimestampTz started_at;
	Oid			role;
	int			pid;
	dsm_handle	progress;		/* DSM_HANDLE_INVALID: none */
} PinRunRecord;

extern PinRun *pin_run_begin(Oid target, const char *name, Oid owner,
							 Oid source, const DateADT *since,
							 TimestampTz started_at);
extern void pin_run_record(PinRun *run);
extern void pin_run_log(const PinRun *run, const PinRefreshResult *result,
						int sqlstate);
extern void pin_run_succeed(PinRun *run, const PinRefreshResult *result,
							const PinContents *contents, List *left_out);
extern void pin_run_fail(PinRun *run, const ErrorData *error,
						 const PinRefreshResult *result);
extern void pin_run_skip(PinRun *run, const char *detail);
extern void pin_run_end(PinRun *run);
extern List *pin_runs_open(Oid target);
extern List *pin_runs_targets(void);
extern void pin_runs_forget(Oid target);

/* what a worker runs */
extern PGDLLEXPORT void pinterest_job_begin_run(Datum arg);
extern PGDLLEXPORT void pinterest_job_fail_run(Datum arg);

#endif							/* PINTEREST_REFRESH_LOG_H */
