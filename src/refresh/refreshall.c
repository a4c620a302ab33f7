/*-------------------------------------------------------------------------
 *
 * refreshall.c
 *	  Refreshes several tables, each in a transaction of its own.
 *
 * The reports of all tables are asked for before the first is awaited, so that
 * Pinterest prepares them side by side.  While we wait there is a transaction,
 * as there always is, but one with neither a snapshot nor an id nor a lock on a
 * table: it keeps VACUUM from nothing, however long it takes.  That takes a
 * procedure, called on its own.  Only import_tables() writes into its new tables
 * while reports arrive.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/reloptions.h"
#include "access/xact.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/relation.h"
#include "base/subxact.h"
#include "refresh/apply.h"
#include "refresh/batch.h"
#include "refresh/caller.h"
#include "refresh/children.h"
#include "refresh/download.h"
#include "refresh/gone.h"
#include "refresh/log.h"
#include "refresh/refresh.h"
#include "refresh/refreshall.h"
#include "refresh/registry.h"
#include "refresh/state.h"

PG_FUNCTION_INFO_V1(pinterest_refresh_all);

/*
 * Reports that are asked for ahead, at most.  Pinterest keeps one for an hour,
 * and takes 300 requests a minute: more would be gone before they are read.
 */
#define PIN_REPORTS_AHEAD 1000

/* One of the tables */
typedef struct PinTable
{
	PinAsked	asked;
	PinBatches	batches;		/* of advertisers */
	PinRefresh *refresh;		/* NULL: not begun, or ended */
	int			nreports;		/* asked for and not read yet */
	PinTableEnd end;			/* of all batches; error: of the present one, NULL
								 * if there is none so far */
	ErrorData  *first_error;	/* of earlier batches; NULL: none */
} PinTable;

/*
 * pin_means_table
 *		Whether a table is one of those that a role means without naming any: whose
 *		owner it is a member of.
 *
 * A superuser would be a member of all, and means his own: what others have put
 * in the registry is not for him to load.
 */
bool
pin_means_table(Oid role, Oid target)
{
	Oid			owner = pin_relation_owner(target);

	if (!OidIsValid(owner))
		return false;
	return superuser_arg(role) ? owner == role : has_privs_of_role(role, owner);
}

/*
 * pin_tables_of
 *		The tables that a role means without naming any: a List of OIDs.
 */
List *
pin_tables_of(Oid role)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, pin_registry_list())
	{
		if (pin_means_table(role, lfirst_oid(lc)))
			result = lappend_oid(result, lfirst_oid(lc));
	}
	return result;
}

/*
 * pin_table_list
 *		The tables of an array, each once: a List of OIDs.  Raises 22004 if one is
 *		null.
 */
List *
pin_table_list(ArrayType *array)
{
	List	   *result = NIL;
	Datum	   *values;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, REGCLASSOID, sizeof(Oid), true, TYPALIGN_INT,
					  &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a table to refresh must not be null"),
					 errhint("Without tables, pinterest.refresh_all() refreshes all of the caller's.")));
		result = list_append_unique_oid(result, DatumGetObjectId(values[i]));
	}
	return result;
}

/*
 * is_report
 *		Whether a table is loaded from a report, as far as that can be seen without a
 *		lock: it decides on the order alone.
 */
static bool
is_report(Oid target)
{
	PinRegistered registered;
	HeapTuple	tuple;
	Datum		options;
	bool		isnull;
	bool		result = false;
	ListCell   *lc;

	if (!pin_registry_get(target, &registered))
		return false;
	tuple = SearchSysCache1(FOREIGNTABLEREL,
							ObjectIdGetDatum(pin_first_child(registered.source)));
	if (!HeapTupleIsValid(tuple))
		return false;
	options = SysCacheGetAttr(FOREIGNTABLEREL, tuple,
							  Anum_pg_foreign_table_ftoptions, &isnull);
	foreach(lc, isnull ? NIL : untransformRelOptions(options))
	{
		DefElem    *option = lfirst(lc);

		if (strcmp(option->defname, "resource") == 0)
		{
			const PinResource *resource = pin_find_resource(defGetString(option));

			result = resource != NULL && resource->kind == PIN_REPORT;
		}
	}
	ReleaseSysCache(tuple);
	return result;
}

/*
 * list_tables
 *		The tables to refresh, of their OIDs: lists first, so that they do not wait
 *		for what Pinterest prepares meanwhile.
 *
 * asked: what to refresh of them.  The result comes from the current memory context.
 */
static PinTable *
list_tables(List *targets, const PinAsked *asked, int *ntables)
{
	PinTable   *tables = palloc0(sizeof(PinTable) * Max(list_length(targets), 1));
	List	   *lists = NIL;
	List	   *reports = NIL;
	ListCell   *lc;

	foreach(lc, targets)
	{
		if (is_report(lfirst_oid(lc)))
			reports = lappend_oid(reports, lfirst_oid(lc));
		else
			lists = lappend_oid(lists, lfirst_oid(lc));
	}
	*ntables = 0;
	foreach(lc, list_concat(lists, reports))
	{
		PinTable   *table = &tables[(*ntables)++];

		table->end.target = lfirst_oid(lc);
		table->asked = *asked;
		table->asked.batches = &table->batches;
		table->end.name = pin_relation_name(table->end.target);
		if (table->end.name == NULL)
			table->end.name = psprintf("%u", table->end.target);
	}
	return tables;
}

/*
 * set_up_transaction
 *		Sets up a transaction of ours, whatever the session's defaults
 *		are.
 *
 * It must not hold its first snapshot until its end, and is there to write:
 * outside of a transaction block, a transaction is read-only by default only,
 * which whoever begins one may override.  If the one before was rolled back, the
 * refreshes under way have lost a part of their locks.
 */
static void
set_up_transaction(void)
{
	XactIsoLevel = XACT_READ_COMMITTED;
	XactReadOnly = false;
	pin_refresh_keep_locks();
}

/*
 * next_transaction
 *		Commit, and begin the next transaction.
 *
 * It belongs to the caller, not to the owner of a table: each step has ceased to
 * act as that by its end.
 */
static void
next_transaction(void)
{
	Assert(!InSecurityRestrictedOperation());
	pin_refresh_keep_locks();
	SPI_commit();
	set_up_transaction();
}

/*
 * try_commit
 *		Commits what has been done for a table; returns the error if
 *		that fails.  Then it has been rolled back.
 */
static ErrorData *
try_commit(void)
{
	MemoryContext oldcontext = CurrentMemoryContext;
	ErrorData  *error = NULL;

	Assert(!InSecurityRestrictedOperation());
	pin_refresh_keep_locks();
	PG_TRY();
	{
		SPI_commit();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(oldcontext);
		error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	set_up_transaction();
	return error;
}

/*
 * begin_table
 *		Step: begin the refresh of a table.
 */
static void
begin_table(void *arg)
{
	PinTable   *table = arg;

	PushActiveSnapshot(GetTransactionSnapshot());
	table->refresh = pin_refresh_begin(CurrentMemoryContext, table->end.target,
									   &table->asked, true);
	table->end.skipped = table->refresh == NULL && table->batches.done == NIL;
	PopActiveSnapshot();
}

/*
 * prepare_table
 *		Step: check a table.
 */
static void
prepare_table(void *arg)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	pin_refresh_prepare(((PinTable *) arg)->refresh);
	PopActiveSnapshot();
}

/*
 * request_table
 *		Step: ask for a table's reports.
 */
static void
request_table(void *arg)
{
	PinTable   *table = arg;

	table->nreports = pin_refresh_request(table->refresh);
}

/*
 * download_table
 *		Step: download what has been asked for.
 *
 * What is in the target by that goes again if the rest fails.
 */
static void
download_table(void *arg)
{
	PinRefresh *refresh = ((PinTable *) arg)->refresh;

	pin_refresh_download(refresh);
	if (refresh->load != NULL)
		pin_refresh_finish(refresh);
}

/*
 * extend_table
 *		Step: add the columns that are new in the source.
 */
static void
extend_table(void *arg)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	pin_refresh_extend(((PinTable *) arg)->refresh);
	PopActiveSnapshot();
}

/*
 * apply_table
 *		Step: apply what has been downloaded.
 */
static void
apply_table(void *arg)
{
	pin_refresh_finish(((PinTable *) arg)->refresh);
}

/*
 * add_result
 *		Adds what a batch has come to, to that of the earlier ones.
 */
static void
add_result(PinRefreshResult *sum, const PinRefreshResult *result)
{
	TimestampTz started_at = sum->finished_at != 0 ? sum->started_at :
		result->started_at;

	sum->target = result->target;
	sum->rows += result->rows;
	sum->inserted += result->inserted;
	sum->updated += result->updated;
	sum->deleted += result->deleted;
	sum->unchanged += result->unchanged;
	sum->api_calls += result->api_calls;
	sum->bytes += result->bytes;
	sum->started_at = started_at;
	sum->finished_at = result->finished_at;
}

/*
 * end_table
 *		Ends the refresh of a table, or of a batch of its advertisers, if it has
 *		begun, and records its error, if any.
 */
static void
end_table(PinTable *table)
{
	PinRefresh *refresh = table->refresh;

	if (refresh == NULL)
		return;
	if (table->end.error != NULL)
	{
		pin_refresh_fail(refresh, table->end.error);
		table->end.error = pin_refresh_told(refresh, table->end.error);
	}
	else
		pin_run_log(refresh->run, &refresh->result, 0);
	pin_batch_end(refresh, table->end.error);
	add_result(&table->end.result, &refresh->result);
	table->refresh = NULL;
	pin_refresh_end(refresh);
}

/*
 * start_table
 *		Begins a table: everything up to the requests for its reports.
 */
static void
start_table(PinTable *table)
{
	table->end.error = pin_try(begin_table, table);
	if (table->end.error == NULL && table->refresh == NULL)
	{
		/* another one is under way */
		table->end.error = try_commit();
		return;
	}
	if (table->end.error == NULL)
		table->end.error = pin_try(prepare_table, table);

	/* release the locks of that before anything is waited for */
	if (table->end.error == NULL)
		table->end.error = try_commit();
	if (table->end.error == NULL)
		table->end.error = pin_try(request_table, table);
}

/*
 * finish_batch
 *		Waits for the reports that a table has asked for, and applies them.
 */
static void
finish_batch(PinTable *table)
{
	if (table->end.error == NULL)
		table->end.error = pin_try(download_table, table);

	/* new columns lock readers out, so not for as long as the rows take */
	if (table->end.error == NULL && !bms_is_empty(table->refresh->missing))
	{
		table->end.error = pin_try(extend_table, table);
		if (table->end.error == NULL)
			table->end.error = try_commit();
	}
	if (table->end.error == NULL && table->refresh->load == NULL)
		table->end.error = pin_try(apply_table, table);
	if (table->end.error == NULL)
		table->end.error = try_commit();
	end_table(table);
}

/*
 * finish_table
 *		Waits for a table's reports and applies them, and goes on with the batches of
 *		advertisers whose turn has not come.
 */
static void
finish_table(PinTable *table)
{
	if (table->end.error == NULL)
		finish_batch(table);
	while (table->batches.more &&
		   (table->end.error == NULL || !pin_is_cancellation(table->end.error)))
	{
		if (table->first_error == NULL)
			table->first_error = table->end.error;
		table->end.error = NULL;
		table->batches.more = false;
		start_table(table);
		if (table->end.error != NULL)
			end_table(table);
		else if (table->refresh != NULL)
			finish_batch(table);
	}
	table->nreports = 0;
	if (table->first_error != NULL &&
		(table->end.error == NULL || !pin_is_cancellation(table->end.error)))
		table->end.error = table->first_error;
}

/*
 * check_canceled
 *		A cancellation is meant for the whole statement: end all, and
 *		raise it.
 */
static void
check_canceled(PinTable *tables, int ntables, PinTable *failed)
{
	ErrorData  *error = failed->end.error;

	if (error == NULL || !pin_is_cancellation(error))
		return;
	for (int i = 0; i < ntables; i++)
	{
		if (tables[i].refresh == NULL)
			continue;
		tables[i].end.error = error;
		end_table(&tables[i]);
	}
	ReThrowError(failed->end.error);
}

/*
 * refresh_tables
 *		Refreshes all tables, and tells of each when it has ended.
 */
static void
refresh_tables(PinTable *tables, int ntables, PinTableEnded ended, void *arg)
{
	int			next = 0;
	int			nreports = 0;

	next_transaction();
	for (int i = 0; i < ntables; i++)
	{
		for (; next < ntables && (next <= i || nreports < PIN_REPORTS_AHEAD); next++)
		{
			start_table(&tables[next]);
			check_canceled(tables, ntables, &tables[next]);
			if (tables[next].end.error != NULL)
				end_table(&tables[next]);
			nreports += tables[next].nreports;
		}

		nreports -= tables[i].nreports;
		if (!tables[i].end.skipped)
		{
			finish_table(&tables[i]);
			check_canceled(tables, ntables, &tables[i]);

			/* what has been rolled back may have got the transaction an id */
			if (tables[i].end.error != NULL)
				next_transaction();
		}
		if (ended != NULL)
			ended(&tables[i].end, arg);
	}
}

/*
 * pin_raise_failures
 *		Raises what has failed, if anything, as one error.
 *
 * failures: PinTableEnd *, which have errors.  ntables: how many tables there were.
 * verb: what was to be done with them.  hint: where to read on if there are several.
 */
void
pin_raise_failures(const List *failures, int ntables, const char *verb,
				   const char *hint)
{
	StringInfoData names;
	StringInfoData details;
	int			sqlstate = 0;
	ListCell   *lc;

	if (failures == NIL)
		return;
	if (list_length(failures) == 1)
		ReThrowError(((PinTableEnd *) linitial(failures))->error);

	initStringInfo(&names);
	initStringInfo(&details);
	foreach(lc, failures)
	{
		const PinTableEnd *end = lfirst(lc);
		bool		first = foreach_current_index(lc) == 0;

		if (first)
			sqlstate = end->error->sqlerrcode;
		else if (end->error->sqlerrcode != sqlstate)
			sqlstate = ERRCODE_FDW_ERROR;
		appendStringInfo(&names, "%s\"%s\"", first ? "" : ", ", end->name);
		appendStringInfo(&details, "%s%s: %s (SQLSTATE %s)", first ? "" : "\n",
						 end->name, end->error->message,
						 unpack_sql_state(end->error->sqlerrcode));
	}
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("could not %s %d of %d tables: %s", verb,
					list_length(failures), ntables, names.data),
			 errdetail_internal("%s", details.data),
			 errhint("%s", hint)));
}

/*
 * raise_errors
 *		Raises what has failed of some tables, if anything.
 */
static void
raise_errors(PinTable *tables, int ntables)
{
	List	   *failures = NIL;

	for (int i = 0; i < ntables; i++)
	{
		if (tables[i].end.error != NULL)
			failures = lappend(failures, &tables[i].end);
	}
	pin_raise_failures(failures, ntables, "refresh",
					   "The view pinterest.refresh_log has details and hints.");
}

/*
 * pin_check_commits
 *		Refuses to run a procedure that commits where it cannot.
 *
 * function: its name, for the message.  instead: what can be done within a
 * transaction block.  Raises 25001 inside a transaction block, and
 * 25006 on a standby.
 */
void
pin_check_commits(FunctionCallInfo fcinfo, const char *function,
				  const char *instead)
{
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s() cannot be called inside a transaction block", function),
				 errdetail("It commits after each table."),
				 errhint("Call it on its own, or %s.", instead)));
	PreventCommandDuringRecovery(psprintf("%s()", function));
}

/*
 * pin_refresh_tables
 *		Refreshes tables, each in a transaction of its own.
 *
 * For a procedure that pin_check_commits() has let pass.  targets: OIDs.
 * ended: called as each table has ended, outside of any snapshot, with arg; what it
 * is told lives as long as the procedure's call.  If it is NULL, what has failed is
 * raised at the end, as one error.
 */
void
pin_refresh_tables(List *targets, const PinAsked *given, PinTableEnded ended,
				   void *arg)
{
	MemoryContext context;
	MemoryContext oldcontext;
	PinAsked	asked = *given;
	PinTable   *tables;
	int			ntables;

	SPI_connect_ext(SPI_OPT_NONATOMIC);
	context = AllocSetContextCreate(PortalContext, "pinterest_fdw refresh_all",
									ALLOCSET_DEFAULT_SIZES);
	oldcontext = MemoryContextSwitchTo(context);
	asked.reports_only = true;
	tables = list_tables(targets, &asked, &ntables);

	PG_TRY();
	{
		refresh_tables(tables, ntables, ended, arg);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();

		/* the locks are the session's: nobody else would release them */
		for (int i = 0; i < ntables; i++)
		{
			if (tables[i].refresh != NULL)
				pin_refresh_end(tables[i].refresh);
		}
		ReThrowError(error);
	}
	PG_END_TRY();

	if (ended == NULL)
		raise_errors(tables, ntables);
	MemoryContextSwitchTo(oldcontext);
	SPI_finish();
	if (ended == NULL)
		MemoryContextDelete(context);
}

/*
 * refresh_all(targets regclass[], since date, last interval,
 *			   allow_deletion boolean)
 *
 * An empty array is what a query that finds no table comes to: nothing is done.
 */
Datum
pinterest_refresh_all(PG_FUNCTION_ARGS)
{
	PinAsked	asked = pin_asked(fcinfo, "pinterest.refresh_all");

	List	   *targets;

	pin_check_commits(fcinfo, "pinterest.refresh_all",
					  "call pinterest.refresh() for each table");
	pin_forget_gone();
	targets = PG_ARGISNULL(0) ? pin_tables_of(GetUserId()) :
		pin_table_list(PG_GETARG_ARRAYTYPE_P(0));
	if (targets == NIL)
		ereport(NOTICE,
				(errmsg("there is no table to refresh"),
				 errhint("CALL pinterest.import_tables() or SELECT pinterest.materialize(...) makes one.")));
	pin_refresh_tables(targets, &asked, NULL, NULL);
	PG_RETURN_VOID();
}
