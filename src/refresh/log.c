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
 * rolled back: whoever looks sees that, and the next refresh of the table puts
 * it on record.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/wait_event.h"

#include "base/dates.h"
#include "base/extension.h"
#include "base/relation.h"
#include "base/worker.h"
#include "refresh/log.h"

/*
 * Refreshes of a table that are kept on record, besides its last success; and
 * how long those of tables that are gone are kept.
 */
#define PIN_RUNS_KEPT "500"
#define PIN_DAYS_KEPT "90 days"

/* Pause before the next attempt to have a worker, in milliseconds */
#define PIN_WORKER_PAUSE 100

static const char *const insert_run =
	"INSERT INTO pinterest.refresh_runs"
	" (id, target, target_name, source, source_name, started_at, role, pid,"
	" since, progress)"
	" VALUES (CAST($1 AS pg_catalog.int8), CAST($2 AS pg_catalog.oid), $3,"
	" CAST($4 AS pg_catalog.oid), $5, CAST($6 AS pg_catalog.timestamptz),"
	" CAST($7 AS pg_catalog.oid), CAST($8 AS pg_catalog.int4),"
	" CAST($9 AS pg_catalog.date), CAST($10 AS pg_catalog.int8))"
	" ON CONFLICT (id) DO NOTHING";

static const char *const insert_success =
	"INSERT INTO pinterest.refresh_ends"
	" (id, finished_at, rows, inserted, updated, deleted, unchanged, api_calls,"
	" bytes, table_rows, data_from, data_to)"
	" VALUES (CAST($1 AS pg_catalog.int8), CAST($2 AS pg_catalog.timestamptz),"
	" CAST($3 AS pg_catalog.int8), CAST($4 AS pg_catalog.int8),"
	" CAST($5 AS pg_catalog.int8), CAST($6 AS pg_catalog.int8),"
	" CAST($7 AS pg_catalog.int8), CAST($8 AS pg_catalog.int8),"
	" CAST($9 AS pg_catalog.int8), CAST($10 AS pg_catalog.int8),"
	" CAST($11 AS pg_catalog.date), CAST($12 AS pg_catalog.date))";

static const char *const insert_failure =
	"INSERT INTO pinterest.refresh_ends"
	" (id, finished_at, sqlstate, message, detail, hint)"
	" VALUES (CAST($1 AS pg_catalog.int8), CAST($2 AS pg_catalog.timestamptz),"
	" $3, $4, $5, $6)"
	" ON CONFLICT (id) DO NOTHING";

/*
 * What follows is for the worker, whose search path is fixed.
 *
 * Earlier runs of the table cannot be under way, since ours is.  But one of the
 * same backend can be done within a transaction that is still open.
 */
static const char *const settle_runs =
	"INSERT INTO pinterest.refresh_ends (id, sqlstate, message)"
	" SELECT r.id, i.sqlstate, i.message"
	" FROM (SELECT r.* FROM pinterest.refresh_runs r"
	" WHERE r.target = CAST($2 AS oid) AND r.id < CAST($1 AS int8)"
	" AND r.pid <> CAST($3 AS int4)"
	" AND NOT EXISTS (SELECT FROM pinterest.refresh_ends e WHERE e.id = r.id)"
	" OFFSET 0) r,"
	" LATERAL pinterest.inspect_refresh(r.id, r.target, r.pid, 0) i"
	" WHERE NOT i.running"
	" ON CONFLICT (id) DO NOTHING";

/*
 * Rows that an open transaction has locked go another time.  The last success
 * is kept, however long ago, since it tells what the table holds.
 */
static const char *const prune_runs =
	"WITH old AS (SELECT r.id FROM pinterest.refresh_runs r"
	" WHERE r.target = CAST($1 AS oid)"
	" AND r.id <= (SELECT k.id FROM pinterest.refresh_runs k"
	" WHERE k.target = CAST($1 AS oid)"
	" ORDER BY k.id DESC OFFSET " PIN_RUNS_KEPT " LIMIT 1)"
	" AND r.id IS DISTINCT FROM (SELECT max(e.id)"
	" FROM pinterest.refresh_ends e JOIN pinterest.refresh_runs s USING (id)"
	" WHERE s.target = CAST($1 AS oid) AND e.sqlstate IS NULL)"
	" FOR UPDATE SKIP LOCKED),"
	" gone AS (DELETE FROM pinterest.refresh_runs r USING old"
	" WHERE r.id = old.id RETURNING r.id)"
	" DELETE FROM pinterest.refresh_ends e USING gone WHERE e.id = gone.id";

/* Tables that are gone: dropped, or created in a transaction that failed. */
static const char *const prune_tables =
	"WITH old AS (SELECT r.id FROM pinterest.refresh_runs r"
	" WHERE r.started_at < now() - interval '" PIN_DAYS_KEPT "'"
	" AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = r.target)"
	" FOR UPDATE SKIP LOCKED),"
	" gone AS (DELETE FROM pinterest.refresh_runs r USING old"
	" WHERE r.id = old.id RETURNING r.id)"
	" DELETE FROM pinterest.refresh_ends e USING gone WHERE e.id = gone.id";

static char *
number(int64 value)
{
	return psprintf(INT64_FORMAT, value);
}

/*
 * execute
 *		Executes a statement whose parameters are texts, NULL for null,
 *		as the owner of the record.
 *
 * Returns the number of rows.  With "row", the values of the first one are put
 * there, as texts in the current memory context.
 */
static uint64
execute(const char *sql, List *args, int expected, char **row)
{
	MemoryContext oldcontext = CurrentMemoryContext;
	int			nargs = list_length(args);
	Oid		   *types = palloc(sizeof(Oid) * nargs);
	Datum	   *values = palloc0(sizeof(Datum) * nargs);
	char	   *nulls = palloc(nargs);
	uint64		processed;
	PinOwned	owned;
	ListCell   *lc;
	int			i = 0;

	foreach(lc, args)
	{
		const char *value = lfirst(lc);

		types[i] = TEXTOID;
		nulls[i] = value == NULL ? 'n' : ' ';
		if (value != NULL)
			values[i] = CStringGetTextDatum(value);
		i++;
	}

	owned = pin_open_as_owner("refresh_runs");
	SPI_connect();
	if (SPI_execute_with_args(sql, nargs, types, values, nulls, false, 0) != expected)
		elog(ERROR, "could not write the record of refreshes");
	processed = SPI_processed;
	if (row != NULL && processed > 0)
	{
		for (i = 0; i < SPI_tuptable->tupdesc->natts; i++)
		{
			char	   *value = SPI_getvalue(SPI_tuptable->vals[0],
											 SPI_tuptable->tupdesc, i + 1);

			row[i] = value == NULL ? NULL :
				MemoryContextStrdup(oldcontext, value);
		}
	}
	SPI_finish();
	pin_close_as_owner(owned);
	return processed;
}

/*
 * run_args
 *		Arguments of a job that stand for a run, named like the
 *		columns of insert_run.
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
	args = pin_job_add(args, "role", number(run->role));
	args = pin_job_add(args, "pid", number(MyProcPid));
	if (run->has_since)
		args = pin_job_add(args, "since", pin_iso_date(run->since));
	if (run->segment != NULL)
		args = pin_job_add(args, "progress",
						   number(dsm_segment_handle(run->segment)));
	return args;
}

/*
 * insert_run_of
 *		Records that a run has begun, as these arguments have it.
 */
static void
insert_run_of(List *args)
{
	static const char *const names[] = {
		"id", "target", "target_name", "source", "source_name", "started_at",
		"role", "pid", "since", "progress"
	};
	List	   *values = NIL;

	for (int i = 0; i < lengthof(names); i++)
		values = lappend(values, pin_job_get(args, names[i]));
	execute(insert_run, values, SPI_OK_INSERT, NULL);
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
 * is_ours_alone
 *		Whether the present transaction has created the extension:
 *		then nobody else can see the record.
 */
static bool
is_ours_alone(void)
{
	HeapTuple	tuple = SearchSysCache1(RELOID,
										ObjectIdGetDatum(pin_extension_relid("refresh_runs")));
	bool		result;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for the record of refreshes");
	result = TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data));
	ReleaseSysCache(tuple);
	return result;
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

	if (is_ours_alone())
		return false;

	callback.callback = record_context;
	callback.arg = unconstify(PinRun *, run);
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	while (!(done = pin_worker_run(job, args, attempts > 1 ? DEBUG1 : WARNING)) &&
		   --attempts > 0)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 PIN_WORKER_PAUSE, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	error_context_stack = callback.previous;
	return done;
}

/*
 * pin_run_begin
 *		Records that a refresh has begun.
 *
 * The caller holds the lock on the refresh and has been found to have the
 * privileges for it.  since: may be NULL.  The result is palloc'd, and has to be
 * ended with pin_run_end().  If there is no worker to record it, that is a
 * warning.
 */
PinRun *
pin_run_begin(Oid target, Oid source, const DateADT *since,
			  TimestampTz started_at)
{
	PinRun	   *run = palloc0(sizeof(PinRun));

	run->id = nextval_internal(pin_extension_relid("refresh_ids"), false);
	run->target = target;
	run->target_name = pin_relation_name(target);
	run->source = source;
	run->source_name = pin_relation_name(source);
	run->started_at = started_at;
	run->role = GetUserId();
	run->has_since = since != NULL;
	if (since != NULL)
		run->since = *since;
	run->progress = pin_progress_create(run->id, &run->segment);
	run->begun = run_job("pinterest_job_begin_run", run, run_args(run), 2);
	return run;
}

/*
 * pin_run_succeed
 *		Records, as part of the present transaction, what a refresh has done.
 */
void
pin_run_succeed(PinRun *run, const PinRefreshResult *result,
				const PinContents *contents)
{
	List	   *args = NIL;

	if (!run->begun)
		insert_run_of(run_args(run));

	args = lappend(args, number(run->id));
	args = lappend(args, pin_iso_time(result->finished_at));
	args = lappend(args, number(result->rows));
	args = lappend(args, number(result->inserted));
	args = lappend(args, number(result->updated));
	args = lappend(args, number(result->deleted));
	args = lappend(args, number(result->unchanged));
	args = lappend(args, number(result->api_calls));
	args = lappend(args, number(result->bytes));
	args = lappend(args, number(contents->rows));
	args = lappend(args, contents->has_days ? pin_iso_date(contents->first_day) : NULL);
	args = lappend(args, contents->has_days ? pin_iso_date(contents->last_day) : NULL);
	execute(insert_success, args, SPI_OK_INSERT, NULL);
}

/*
 * pin_run_fail
 *		Records that a refresh has failed, whatever becomes of the present
 *		transaction.
 *
 * What the refresh did must have been rolled back already.
 */
void
pin_run_fail(PinRun *run, const ErrorData *error)
{
	List	   *args = run_args(run);

	args = pin_job_add(args, "finished_at", pin_iso_time(GetCurrentTimestamp()));
	args = pin_job_add(args, "sqlstate", unpack_sql_state(error->sqlerrcode));
	args = pin_job_add(args, "message", error->message);
	args = pin_job_add(args, "detail", error->detail);
	args = pin_job_add(args, "hint", error->hint);
	run_job("pinterest_job_fail_run", run, args, 10);
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
 * record_begin
 *		Job: record that a refresh has begun.  args: see run_args().
 *
 * Tidies the record of that table up.
 */
static void
record_begin(List *args)
{
	char	   *id = pin_job_get(args, "id");
	char	   *target = pin_job_get(args, "target");
	char	   *pid = pin_job_get(args, "pid");

	begin_job();
	insert_run_of(args);
	execute(settle_runs, list_make3(id, target, pid), SPI_OK_INSERT, NULL);
	execute(prune_runs, list_make1(target), SPI_OK_DELETE, NULL);
	if (id[strlen(id) - 1] == '0')
		execute(prune_tables, NIL, SPI_OK_DELETE, NULL);
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
 *		finished_at, sqlstate, message, detail, hint.
 */
static void
record_failure(List *args)
{
	List	   *end = list_make2(pin_job_get(args, "id"),
								 pin_job_get(args, "finished_at"));

	end = lappend(end, pin_job_get(args, "sqlstate"));
	end = lappend(end, pin_job_get(args, "message"));
	end = lappend(end, pin_job_get(args, "detail"));
	end = lappend(end, pin_job_get(args, "hint"));

	begin_job();
	insert_run_of(args);
	execute(insert_failure, end, SPI_OK_INSERT, NULL);
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
 * pin_last_contents
 *		What a table held after its last successful refresh; false if none is
 *		on record.
 */
bool
pin_last_contents(Oid target, PinContents *contents)
{
	static const char *const last_contents =
		"SELECT e.table_rows,"
		" e.data_from OPERATOR(pg_catalog.-) DATE '2000-01-01',"
		" e.data_to OPERATOR(pg_catalog.-) DATE '2000-01-01'"
		" FROM pinterest.refresh_runs r, pinterest.refresh_ends e"
		" WHERE r.target OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.oid)"
		" AND e.id OPERATOR(pg_catalog.=) r.id AND e.sqlstate IS NULL"
		" ORDER BY r.id DESC LIMIT 1";
	char	   *row[3];

	if (execute(last_contents, list_make1(number(target)), SPI_OK_SELECT, row) == 0)
		return false;
	contents->rows = strtoll(row[0], NULL, 10);
	contents->has_days = row[1] != NULL && row[2] != NULL;
	if (contents->has_days)
	{
		contents->first_day = atoi(row[1]);
		contents->last_day = atoi(row[2]);
	}
	return true;
}
