/*-------------------------------------------------------------------------
 *
 * refreshall.c
 *	  Refreshes several tables, each in a transaction of its own.
 *
 * The reports of all tables are asked for before the first is awaited, so that
 * Pinterest prepares them side by side.  While we wait there is a transaction,
 * as there always is, but one with neither a snapshot nor an id nor a lock on a
 * table: it keeps VACUUM from nothing, however long it takes.  That takes a
 * procedure, called on its own.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/relation.h"
#include "base/subxact.h"
#include "refresh/apply.h"
#include "refresh/caller.h"
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
	Oid			target;
	char	   *name;
	const PinAsked *asked;
	PinRefresh *refresh;		/* NULL: not begun, or ended */
	int			nreports;		/* asked for and not read yet */
	ErrorData  *error;			/* NULL: none so far */
} PinTable;

/*
 * is_callers
 *		Whether a table is one of those that the caller means without naming
 *		any: whose owner he is a member of.
 *
 * A superuser would be a member of all, and means his own: what others have put
 * in the registry is not for him to load.
 */
static bool
is_callers(Oid target)
{
	Oid			owner = pin_relation_owner(target);

	if (!OidIsValid(owner))
		return false;
	return superuser() ? owner == GetUserId() :
		has_privs_of_role(GetUserId(), owner);
}

/*
 * list_tables
 *		The tables to refresh: those given, each once; with NULL all of the
 *		caller's.
 *
 * asked: what to refresh of them; it must live as long as the result, which comes
 * from the current memory context.
 */
static PinTable *
list_tables(ArrayType *array, const PinAsked *asked, int *ntables)
{
	List	   *targets = NIL;
	PinTable   *tables;
	ListCell   *lc;

	if (array != NULL)
	{
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
			targets = list_append_unique_oid(targets,
											 DatumGetObjectId(values[i]));
		}
	}
	else
	{
		foreach(lc, pin_registry_list())
		{
			if (is_callers(lfirst_oid(lc)))
				targets = lappend_oid(targets, lfirst_oid(lc));
		}
	}

	tables = palloc0(sizeof(PinTable) * Max(list_length(targets), 1));
	*ntables = 0;
	foreach(lc, targets)
	{
		PinTable   *table = &tables[(*ntables)++];

		table->target = lfirst_oid(lc);
		table->asked = asked;
		table->name = pin_relation_name(table->target);
		if (table->name == NULL)
			table->name = psprintf("%u", table->target);
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
	table->refresh = pin_refresh_begin(CurrentMemoryContext, table->target,
									   table->asked, true);
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
 */
static void
download_table(void *arg)
{
	pin_refresh_download(((PinTable *) arg)->refresh);
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
 * end_table
 *		Ends the refresh of a table, if it has begun, and record its
 *		error, if any.
 */
static void
end_table(PinTable *table)
{
	PinRefresh *refresh = table->refresh;

	if (refresh == NULL)
		return;
	if (table->error != NULL)
	{
		pin_refresh_fail(refresh, table->error);
		table->error = pin_refresh_told(refresh, table->error);
	}
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
	table->error = pin_try(begin_table, table);
	if (table->error == NULL)
		table->error = pin_try(prepare_table, table);

	/* release the locks of that before anything is waited for */
	if (table->error == NULL)
		table->error = try_commit();
	if (table->error == NULL)
		table->error = pin_try(request_table, table);
}

/*
 * finish_table
 *		Waits for a table's reports, and apply them.
 */
static void
finish_table(PinTable *table)
{
	if (table->error == NULL)
		table->error = pin_try(download_table, table);

	/* new columns lock readers out, so not for as long as the rows take */
	if (table->error == NULL && !bms_is_empty(table->refresh->missing))
	{
		table->error = pin_try(extend_table, table);
		if (table->error == NULL)
			table->error = try_commit();
	}
	if (table->error == NULL)
		table->error = pin_try(apply_table, table);
	if (table->error == NULL)
		table->error = try_commit();
	table->nreports = 0;
	end_table(table);
}

/*
 * check_canceled
 *		A cancellation is meant for the whole statement: end all, and
 *		raise it.
 */
static void
check_canceled(PinTable *tables, int ntables, PinTable *failed)
{
	ErrorData  *error = failed->error;

	if (error == NULL || !pin_is_cancellation(error))
		return;
	for (int i = 0; i < ntables; i++)
	{
		if (tables[i].refresh == NULL)
			continue;
		tables[i].error = error;
		end_table(&tables[i]);
	}
	ReThrowError(failed->error);
}

/*
 * refresh_tables
 *		Refreshes all tables.
 */
static void
refresh_tables(PinTable *tables, int ntables)
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
			if (tables[next].error != NULL)
				end_table(&tables[next]);
			nreports += tables[next].nreports;
		}

		nreports -= tables[i].nreports;
		if (tables[i].error == NULL)
		{
			finish_table(&tables[i]);
			check_canceled(tables, ntables, &tables[i]);
		}
	}
}

/*
 * raise_errors
 *		Raises what has failed, if anything, as one error.
 */
static void
raise_errors(PinTable *tables, int ntables)
{
	StringInfoData names;
	StringInfoData details;
	ErrorData  *first = NULL;
	int			nfailed = 0;
	int			sqlstate = 0;

	initStringInfo(&names);
	initStringInfo(&details);
	for (int i = 0; i < ntables; i++)
	{
		ErrorData  *error = tables[i].error;

		if (error == NULL)
			continue;
		if (nfailed++ == 0)
		{
			first = error;
			sqlstate = error->sqlerrcode;
		}
		else if (error->sqlerrcode != sqlstate)
			sqlstate = ERRCODE_FDW_ERROR;
		appendStringInfo(&names, "%s\"%s\"", nfailed > 1 ? ", " : "",
						 tables[i].name);
		appendStringInfo(&details, "%s%s: %s (SQLSTATE %s)",
						 nfailed > 1 ? "\n" : "", tables[i].name,
						 error->message, unpack_sql_state(error->sqlerrcode));
	}

	if (nfailed == 1)
		ReThrowError(first);
	if (nfailed > 1)
		ereport(ERROR,
				(errcode(sqlstate),
				 errmsg("could not refresh %d of %d tables: %s",
						nfailed, ntables, names.data),
				 errdetail_internal("%s", details.data),
				 errhint("The view pinterest.refresh_log has details and hints.")));
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
	MemoryContext context;
	MemoryContext oldcontext;
	PinAsked	asked = pin_asked(fcinfo, "pinterest.refresh_all");
	PinTable   *tables;
	int			ntables;

	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("pinterest.refresh_all() cannot be called inside a transaction block"),
				 errdetail("It commits after each table."),
				 errhint("Call it on its own, or call pinterest.refresh() for each table.")));
	PreventCommandDuringRecovery("pinterest.refresh_all()");

	SPI_connect_ext(SPI_OPT_NONATOMIC);
	context = AllocSetContextCreate(PortalContext, "pinterest_fdw refresh_all",
									ALLOCSET_DEFAULT_SIZES);
	oldcontext = MemoryContextSwitchTo(context);
	asked.reports_only = true;
	pin_forget_gone();
	tables = list_tables(PG_ARGISNULL(0) ? NULL : PG_GETARG_ARRAYTYPE_P(0),
						 &asked, &ntables);

	PG_TRY();
	{
		refresh_tables(tables, ntables);
	}
	PG_CATCH();
	{
		/* the locks are the session's: nobody else would release them */
		for (int i = 0; i < ntables; i++)
		{
			if (tables[i].refresh != NULL)
				pin_refresh_end(tables[i].refresh);
		}
		PG_RE_THROW();
	}
	PG_END_TRY();

	raise_errors(tables, ntables);
	MemoryContextSwitchTo(oldcontext);
	SPI_finish();
	MemoryContextDelete(context);
	PG_RETURN_VOID();
}
