/*-------------------------------------------------------------------------
 *
 * log.c
 *	  The record of refreshes: when, by whom, and with which outcome.
 *
 * A refresh has a row in refresh_runs when it begins, and one in refresh_ends
 * when it has ended.  Its beginning is committed at once, by a worker, so that
 * others see it under way; so is a failure, which would be rolled back with the
 * refresh otherwise.  A success is recorded by the transaction of the refresh,
 * since it is one only if that is committed.  These are two rows, and not one
 * that is updated, so that the transaction neither waits for a worker nor has
 * to see what was committed after its snapshot.
 *
 * A run without an end is under way as long as its backend holds the lock on
 * the refresh.  If nobody does, the backend has been killed or its transaction
 * rolled back: whoever looks sees that, and the next refresh of any table puts
 * it on record.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

#include "base/dates.h"
#include "base/extension.h"
#include "base/limits.h"
#include "base/relation.h"
#include "base/text.h"
#include "base/worker.h"
#include "refresh/announce.h"
#include "refresh/inspect.h"
#include "refresh/log.h"

/* The tables, and the columns of theirs that are named here */
#define RUNS "refresh_runs"
#define ENDS "refresh_ends"

/* What a job is to announce, beside the columns among its arguments */
#define ANNOUNCEMENT "announcement"

enum
{
	RUN_ID,
	RUN_TARGET,
	RUN_TARGET_NAME,
	RUN_STARTED_AT = 5,
	RUN_ROLE = 7,
	RUN_PID,
	RUN_PROGRESS = 10,
	RUN_NOTIFIES,
	RUN_COLUMNS
};

enum
{
	END_ID,
	END_SQLSTATE = 12
};

/*
 * Refreshes of a table that are kept on record, besides its last success; and
 * how long those of tables that are gone are kept.
 */
#define RUNS_KEPT	500
#define GONE_KEPT	(90 * USECS_PER_DAY)

/* One in so many runs looks for those of tables that are gone. */
#define GONE_INTERVAL	10

/* Pause before the next attempt to have a worker, in milliseconds */
#define WORKER_PAUSE_MS	100

static char *
number(int64 value)
{
	return psprintf(INT64_FORMAT, value);
}

/*
 * run_args
 *		What stands for a run: arguments of a job, named like the columns of the
 *		table.
 */
static List *
run_args(const PinRun *run)
{
	List	   *args = NIL;

	args = pin_job_add(args, "id", number(run->id));
	args = pin_job_add(args, "target", number(run->target));
	args = pin_job_add(args, "target_name", run->target_name);
	args = pin_job_add(args, "source", number(run->source));
	args = pin_job_add(args, "source_name", run->source_name);
	args = pin_job_add(args, "started_at", pin_iso_time(run->started_at));
	args = pin_job_add(args, "owner", number(run->owner));
	args = pin_job_add(args, "role", number(run->role));
	args = pin_job_add(args, "pid", number(MyProcPid));
	if (run->has_since)
		args = pin_job_add(args, "since", pin_format_date(run->since));
	if (run->segment != NULL)
		args = pin_job_add(args, "progress",
						   number(dsm_segment_handle(run->segment)));
	args = pin_job_add(args, "notifies", pin_announces() ? "true" : "false");
	return args;
}

/*
 * find_by_id
 *		The row of a run in one of the tables, or NULL.
 */
static HeapTuple
find_by_id(Relation rel, int64 id)
{
	List	   *rows = pin_rows_with(rel, 1, F_INT8EQ, Int64GetDatum(id));

	return rows == NIL ? NULL : linitial(rows);
}

/*
 * id_of
 *		Identifier of the run that a row is about, its first column, which is
 *		never null.
 */
static int64
id_of(HeapTuple row)
{
	return *(int64 *) ((char *) row->t_data + row->t_data->t_hoff);
}

/*
 * compare_runs
 *		The latest first.
 */
static int
compare_runs(const ListCell *a, const ListCell *b)
{
	int64		one = id_of(lfirst(a));
	int64		other = id_of(lfirst(b));

	return one > other ? -1 : one < other;
}

/*
 * find_runs
 *		The runs of a table, the latest first.
 */
static List *
find_runs(Relation runs, Oid target)
{
	List	   *rows = pin_rows_with(runs, RUN_TARGET + 1, F_OIDEQ,
									 ObjectIdGetDatum(target));

	list_sort(rows, compare_runs);
	return rows;
}

/*
 * insert_named
 *		Inserts a row whose columns are arguments of the same names, unless there
 *		is one of that run.
 *
 * A worker that was left alone may still be at it, so each run has a lock, to the
 * end of the transaction.  Returns whether the row has been inserted.
 */
static bool
insert_named(const char *table, List *args)
{
	Relation	rel = pin_extension_open(table, RowExclusiveLock);
	TupleDesc	tupdesc = RelationGetDescr(rel);
	Datum	   *values = palloc0(sizeof(Datum) * tupdesc->natts);
	bool	   *nulls = palloc(sizeof(bool) * tupdesc->natts);
	int64		id = strtoi64(pin_job_get(args, "id"), NULL, 10);
	bool		is_new;

	LockDatabaseObject(RelationGetRelid(rel), (Oid) id, 0, ExclusiveLock);
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);
		char	   *value = pin_job_get(args, NameStr(att->attname));
		Oid			function;
		Oid			ioparam;

		nulls[i] = value == NULL;
		if (value == NULL)
			continue;
		getTypeInputInfo(att->atttypid, &function, &ioparam);
		values[i] = OidInputFunctionCall(function, value, ioparam, att->atttypmod);
	}
	is_new = find_by_id(rel, id) == NULL;
	if (is_new)
		pin_row_insert(rel, values, nulls);
	table_close(rel, NoLock);
	return is_new;
}

/*
 * record_context
 *		Error context callback: what a worker is wanted for.
 */
static void
record_context(void *arg)
{
	errcontext("recording a refresh of table \"%s\"",
			   ((const PinRun *) arg)->target_name);
}

/*
 * next_id
 *		Number of a new run.
 */
static int64
next_id(void)
{
	Relation	ids = pin_extension_open("refresh_ids", RowExclusiveLock);
	int64		id = nextval_internal(RelationGetRelid(ids), false);

	relation_close(ids, NoLock);
	return id;
}

/*
 * run_job
 *		Has a worker record something.
 *
 * The server's slots for workers may be taken just now, so try some times.  A
 * refresh does not fail for lack of one.
 */
static bool
run_job(const char *job, const PinRun *run, List *args, int attempts)
{
	ErrorContextCallback callback;
	bool		done;

	/* nobody else can see the record of an extension that is new */
	if (pin_relation_is_new(pin_extension_relid(RUNS)))
		return false;

	callback.callback = record_context;
	callback.arg = unconstify(PinRun *, run);
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	while (!(done = pin_worker_run(job, args, attempts > 1 ? DEBUG1 : WARNING)) &&
		   --attempts > 0)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 WORKER_PAUSE_MS, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	error_context_stack = callback.previous;
	return done;
}

/*
 * pin_run_begin
 *		Begins a refresh, which pin_run_record() puts on record.
 *
 * The caller holds the lock on the refresh and has been found to have the
 * privileges for it.  name, owner: of the target.  since: may be NULL.  The result
 * is palloc'd, and has to be ended with pin_run_end().
 */
PinRun *
pin_run_begin(Oid target, const char *name, Oid owner, Oid source,
			  const DateADT *since, TimestampTz started_at)
{
	PinRun	   *run = palloc0(sizeof(PinRun));

	run->id = next_id();
	run->target = target;
	run->target_name = pstrdup(name);
	run->source = source;
	run->source_name = pin_relation_name(source);
	run->started_at = started_at;
	run->owner = owner;
	run->role = GetUserId();
	run->has_since = since != NULL;
	if (since != NULL)
		run->since = *since;
	run->days = -1;
	run->progress = pin_progress_create(run->id, &run->segment);
	return run;
}

/*
 * pin_run_record
 *		Records that a refresh has begun, for others to see.
 *
 * If there is no worker to do so, that is a warning.
 */
void
pin_run_record(PinRun *run)
{
	run->begun = run_job("pinterest_job_begin_run", run, run_args(run), 2);
}

/*
 * add_left_out
 *		Adds who was left out, and why, to the arguments of a job.
 */
static List *
add_left_out(List *args, List *left_out)
{
	List	   *advertisers = NIL;
	List	   *reasons = NIL;
	ListCell   *lc;

	foreach(lc, left_out)
	{
		const PinLeftOut *one = lfirst(lc);

		advertisers = lappend(advertisers, unconstify(char *, one->advertiser_id));
		reasons = lappend(reasons, psprintf("%s (SQLSTATE %s)", one->message,
											unpack_sql_state(one->sqlstate)));
	}
	if (left_out == NIL)
		return args;
	args = pin_job_add(args, "left_out",
					   OidOutputFunctionCall(F_ARRAY_OUT,
											 pin_text_array(advertisers)));
	return pin_job_add(args, "reasons",
					   OidOutputFunctionCall(F_ARRAY_OUT, pin_text_array(reasons)));
}

/*
 * pin_run_log
 *		Writes a line about a refresh that has ended to the server log.
 *
 * sqlstate: what it failed with; 0: it succeeded.
 */
void
pin_run_log(const PinRun *run, const PinRefreshResult *result, int sqlstate)
{
	TimestampTz end = sqlstate == 0 ? result->finished_at : GetCurrentTimestamp();
	double		seconds = (end - run->started_at) / (double) USECS_PER_SEC;

	if (sqlstate != 0)
		ereport(LOG_SERVER_ONLY,
				(errmsg("refresh " INT64_FORMAT " of table \"%s\" failed with SQLSTATE %s: " INT64_FORMAT " requests, " INT64_FORMAT " bytes, %.3f s",
						run->id, run->target_name, unpack_sql_state(sqlstate),
						result->api_calls, result->bytes, seconds),
				 errhidestmt(true), errhidecontext(true)));
	else
		ereport(LOG_SERVER_ONLY,
				(errmsg("refresh " INT64_FORMAT " of table \"%s\" succeeded: " INT64_FORMAT " rows, " INT64_FORMAT " inserted, " INT64_FORMAT " updated, " INT64_FORMAT " deleted, " INT64_FORMAT " requests, " INT64_FORMAT " bytes, %.3f s",
						run->id, run->target_name, result->rows, result->inserted,
						result->updated, result->deleted, result->api_calls,
						result->bytes, seconds),
				 errhidestmt(true), errhidecontext(true)));
}

/*
 * pin_run_succeed
 *		Records, as part of the present transaction, what a refresh has done.
 *
 * left_out: PinLeftOut *.
 */
void
pin_run_succeed(PinRun *run, const PinRefreshResult *result,
				const PinContents *contents, List *left_out)
{
	List	   *args = NIL;

	if (!run->begun)
		insert_named(RUNS, run_args(run));

	args = pin_job_add(args, "id", number(run->id));
	args = pin_job_add(args, "finished_at", pin_iso_time(result->finished_at));
	args = pin_job_add(args, "rows", number(result->rows));
	args = pin_job_add(args, "inserted", number(result->inserted));
	args = pin_job_add(args, "updated", number(result->updated));
	args = pin_job_add(args, "deleted", number(result->deleted));
	args = pin_job_add(args, "unchanged", number(result->unchanged));
	args = pin_job_add(args, "api_calls", number(result->api_calls));
	args = pin_job_add(args, "bytes", number(result->bytes));
	if (run->progress != NULL)
		args = pin_job_add(args, "reports",
						   number(pg_atomic_read_u64(&run->progress->windows)));
	args = pin_job_add(args, "questions", number(run->questions));
	if (run->days >= 0)
		args = pin_job_add(args, "days", number(run->days));
	if (contents->has_rows)
		args = pin_job_add(args, "table_rows", number(contents->rows));
	if (contents->has_first)
		args = pin_job_add(args, "data_from", pin_format_date(contents->first_day));
	if (contents->has_last)
		args = pin_job_add(args, "data_to", pin_format_date(contents->last_day));
	args = add_left_out(args, left_out);
	insert_named(ENDS, args);
	if (pin_announces())
		pin_announce(pin_announcement(run->id, run->target_name, "succeeded", 0));
}

/*
 * add_words
 *		Adds a part of an error to a job's arguments, shortened: a function of a
 *		type may repeat the whole of a value, and a trigger may say anything.
 */
static List *
add_words(List *args, const char *name, char *words)
{
	return pin_job_add(args, name,
					   words == NULL ? NULL : pin_clip(words, PIN_MAX_STORED_WORDS));
}

/*
 * pin_run_fail
 *		Records that a refresh has failed, whatever becomes of the present
 *		transaction.
 *
 * result: has the requests and bytes that it took.
 */
void
pin_run_fail(PinRun *run, const ErrorData *error, const PinRefreshResult *result)
{
	List	   *args = run_args(run);

	args = pin_job_add(args, "finished_at", pin_iso_time(GetCurrentTimestamp()));
	args = pin_job_add(args, "api_calls", number(result->api_calls));
	args = pin_job_add(args, "bytes", number(result->bytes));
	args = pin_job_add(args, "sqlstate", unpack_sql_state(error->sqlerrcode));
	args = add_words(args, "message", error->message);
	args = add_words(args, "detail", error->detail);
	args = add_words(args, "hint", error->hint);
	if (pin_announces())
		args = pin_job_add(args, ANNOUNCEMENT,
						   pin_announcement(run->id, run->target_name, "failed",
											error->sqlerrcode));
	pin_run_log(run, result, error->sqlerrcode);
	run_job("pinterest_job_fail_run", run, args, 10);
}

/*
 * pin_run_skip
 *		Records, as part of the present transaction, that a table was not refreshed
 *		since another refresh of it is under way.
 *
 * detail: who is at it; may be NULL.
 */
void
pin_run_skip(PinRun *run, const char *detail)
{
	List	   *args = NIL;

	insert_named(RUNS, run_args(run));
	args = pin_job_add(args, "id", number(run->id));
	args = pin_job_add(args, "finished_at", pin_iso_time(GetCurrentTimestamp()));
	args = pin_job_add(args, "skipped", "true");
	args = pin_job_add(args, "sqlstate",
					   unpack_sql_state(ERRCODE_LOCK_NOT_AVAILABLE));
	args = add_words(args, "message", _("the table was already being refreshed"));
	args = add_words(args, "detail", unconstify(char *, detail));
	insert_named(ENDS, args);
	if (pin_announces())
		pin_announce(pin_announcement(run->id, run->target_name, "skipped",
									  ERRCODE_LOCK_NOT_AVAILABLE));
}

/*
 * pin_run_end
 *		Gives back the shared memory of a run's progress.
 *
 * Also on the way out of an error.
 */
void
pin_run_end(PinRun *run)
{
	if (run->segment != NULL)
		dsm_detach(run->segment);
	run->segment = NULL;
	run->progress = NULL;
}

/*
 * begin_job
 *		Begins and end a worker's transaction.
 */
static void
begin_job(void)
{
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
}

static void
end_job(void)
{
	PopActiveSnapshot();
	CommitTransactionCommand();
}

/*
 * delete_run
 *		Takes a run off the record, with what became of it, unless somebody has
 *		it locked: then it goes another time.
 */
static void
delete_run(Relation runs, Relation ends, HeapTuple run)
{
	HeapTuple	end = find_by_id(ends, id_of(run));

	run = pin_row_lock(runs, run, false);
	if (run == NULL)
		return;
	pin_row_delete(runs, run);
	if (end != NULL)
		end = pin_row_lock(ends, end, true);
	if (end != NULL)
		pin_row_delete(ends, end);
}

/*
 * settle
 *		Puts on record what became of a run without an end that is not under way.
 */
static void
settle(Relation runs, HeapTuple run)
{
	Datum		values[RUN_COLUMNS];
	bool		nulls[RUN_COLUMNS];
	PinRunState state;
	List	   *args = NIL;

	pin_row_read(runs, run, values, nulls, lengthof(values));
	pin_inspect_run(DatumGetInt64(values[RUN_ID]), DatumGetObjectId(values[RUN_TARGET]),
					DatumGetInt32(values[RUN_PID]), &state);
	if (state.running)
		return;
	args = pin_job_add(args, "id", number(DatumGetInt64(values[RUN_ID])));
	args = pin_job_add(args, "sqlstate", unpack_sql_state(state.sqlstate));
	args = pin_job_add(args, "message", state.message);
	if (!insert_named(ENDS, args))
		return;
	ereport(LOG,
			(errmsg("refresh " INT64_FORMAT " of table \"%s\" failed with SQLSTATE %s: %s",
					DatumGetInt64(values[RUN_ID]),
					TextDatumGetCString(values[RUN_TARGET_NAME]),
					unpack_sql_state(state.sqlstate), state.message),
			 errhidestmt(true), errhidecontext(true)));

	/* whoever would have sent it is gone */
	if (!nulls[RUN_NOTIFIES] && DatumGetBool(values[RUN_NOTIFIES]))
		pin_announce(pin_announcement(DatumGetInt64(values[RUN_ID]),
									  TextDatumGetCString(values[RUN_TARGET_NAME]),
									  "failed", state.sqlstate));
}

/*
 * tidy_up
 *		Settles the earlier runs of a table, and removes the oldest.
 *
 * id, pid: of the run that has just begun.  Earlier runs cannot be under way, since
 * this one is; but one of the same backend can be done, within a transaction that
 * is still open.  The last success is kept, however long ago, since it tells what
 * the table holds.
 */
static void
tidy_up(Relation runs, Relation ends, Oid target, int64 id, int pid)
{
	bool		succeeded = false;
	ListCell   *lc;

	foreach(lc, find_runs(runs, target))
	{
		HeapTuple	run = lfirst(lc);
		HeapTuple	end = find_by_id(ends, id_of(run));
		bool		isnull;
		bool		last_success;

		if (end == NULL)
		{
			int			its_pid = DatumGetInt32(heap_getattr(run, RUN_PID + 1,
															 RelationGetDescr(runs),
															 &isnull));

			if (id_of(run) < id && its_pid != pid)
				settle(runs, run);
			continue;
		}
		(void) heap_getattr(end, END_SQLSTATE + 1, RelationGetDescr(ends), &isnull);
		last_success = isnull && !succeeded;
		succeeded = succeeded || isnull;
		if (foreach_current_index(lc) >= RUNS_KEPT && !last_success)
			delete_run(runs, ends, run);
	}
}

/*
 * settle_others
 *		Settles the runs of other tables that nobody is at any more.
 *
 * Their next refresh may be far away, and somebody may wait for a notification.
 * target: the table that is excepted.
 */
static void
settle_others(Relation runs, Oid target)
{
	Oid			types[] = {OIDOID};
	Datum		values[] = {ObjectIdGetDatum(target)};
	List	   *ids = NIL;
	ListCell   *lc;

	SPI_connect();
	if (SPI_execute_with_args("SELECT r.id FROM pinterest_internal.refresh_runs r"
							  " LEFT JOIN pinterest_internal.refresh_ends e"
							  " ON e.id OPERATOR(pg_catalog.=) r.id"
							  " WHERE e.id IS NULL AND r.target OPERATOR(pg_catalog.<>) $1",
							  1, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not look for open refreshes");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	run;
		bool		isnull;

		run = find_by_id(runs, DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i],
														   SPI_tuptable->tupdesc, 1,
														   &isnull)));
		if (run != NULL)
			ids = lappend(ids, run);
	}
	foreach(lc, ids)
		settle(runs, lfirst(lc));
	SPI_finish();
}

/*
 * remove_gone
 *		Removes the old runs of tables that are gone: dropped, or created in a
 *		transaction that failed.
 */
static void
remove_gone(Relation runs, Relation ends)
{
	TimestampTz oldest = GetCurrentTimestamp() - GONE_KEPT;
	ListCell   *lc;

	foreach(lc, pin_rows_find(runs, InvalidOid, NULL, 0))
	{
		HeapTuple	run = lfirst(lc);
		Datum		values[RUN_COLUMNS];
		bool		nulls[RUN_COLUMNS];

		pin_row_read(runs, run, values, nulls, lengthof(values));
		if (DatumGetTimestampTz(values[RUN_STARTED_AT]) < oldest &&
			(nulls[RUN_TARGET] ||
			 pin_relation_is_gone(DatumGetObjectId(values[RUN_TARGET]))))
			delete_run(runs, ends, run);
	}
}

/*
 * record_begin
 *		Job: records that a refresh has begun.  args: see run_args().
 *
 * Tidies the record of that table up, and notices what others have left.
 */
static void
record_begin(List *args)
{
	int64		id = strtoi64(pin_job_get(args, "id"), NULL, 10);
	Relation	runs;
	Relation	ends;

	begin_job();
	insert_named(RUNS, args);
	runs = pin_extension_open(RUNS, RowExclusiveLock);
	ends = pin_extension_open(ENDS, RowExclusiveLock);
	tidy_up(runs, ends, pin_job_get_oid(args, "target"), id,
			atoi(pin_job_get(args, "pid")));
	settle_others(runs, pin_job_get_oid(args, "target"));
	if (id % GONE_INTERVAL == 0)
		remove_gone(runs, ends);
	table_close(ends, NoLock);
	table_close(runs, NoLock);
	end_job();
}

/*
 * pinterest_job_begin_run
 *		What a worker runs for that.
 */
void
pinterest_job_begin_run(Datum arg)
{
	pin_worker_main(arg, record_begin);
}

/*
 * record_failure
 *		Job: record that a refresh has failed.  args: see run_args();
 *		finished_at, api_calls, bytes, sqlstate, message, detail, hint.
 */
static void
record_failure(List *args)
{
	begin_job();
	insert_named(RUNS, args);
	insert_named(ENDS, args);
	pin_announce(pin_job_get(args, ANNOUNCEMENT));
	end_job();
}

/*
 * pinterest_job_fail_run
 *		What a worker runs for that.
 */
void
pinterest_job_fail_run(Datum arg)
{
	pin_worker_main(arg, record_failure);
}

/*
 * pin_runs_open
 *		The runs of a table without an end on record, the latest first: a List of
 *		PinRunRecord.
 */
List *
pin_runs_open(Oid target)
{
	Relation	runs = pin_extension_open(RUNS, AccessShareLock);
	Relation	ends = pin_extension_open(ENDS, AccessShareLock);
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, find_runs(runs, target))
	{
		HeapTuple	row = lfirst(lc);
		PinRunRecord *run;
		Datum		values[RUN_COLUMNS];
		bool		nulls[RUN_COLUMNS];

		if (find_by_id(ends, id_of(row)) != NULL)
			continue;
		pin_row_read(runs, row, values, nulls, lengthof(values));
		run = palloc(sizeof(PinRunRecord));
		run->id = DatumGetInt64(values[RUN_ID]);
		run->started_at = DatumGetTimestampTz(values[RUN_STARTED_AT]);
		run->role = DatumGetObjectId(values[RUN_ROLE]);
		run->pid = DatumGetInt32(values[RUN_PID]);
		run->progress = nulls[RUN_PROGRESS] ? DSM_HANDLE_INVALID :
			(dsm_handle) DatumGetInt64(values[RUN_PROGRESS]);
		result = lappend(result, run);
	}
	table_close(ends, AccessShareLock);
	table_close(runs, AccessShareLock);
	return result;
}

/*
 * pin_runs_targets
 *		The tables whose refreshes are on record, but for those that are known to
 *		be gone: a List of OIDs.
 */
List *
pin_runs_targets(void)
{
	return pin_extension_oids(RUNS, RUN_TARGET + 1);
}

/*
 * pin_runs_forget
 *		A table has been dropped: keeps its refreshes on record, but as those of
 *		a table that is gone.
 *
 * Another one could get its OID.
 */
void
pin_runs_forget(Oid target)
{
	Relation	runs = pin_extension_open(RUNS, RowExclusiveLock);
	ListCell   *lc;

	foreach(lc, find_runs(runs, target))
	{
		HeapTuple	run = pin_row_lock(runs, lfirst(lc), true);
		Datum		values[RUN_COLUMNS];
		bool		nulls[RUN_COLUMNS];

		if (run == NULL)
			continue;
		pin_row_read(runs, run, values, nulls, lengthof(values));
		nulls[RUN_TARGET] = true;
		pin_row_update(runs, run, values, nulls);
	}
	table_close(runs, NoLock);
}
