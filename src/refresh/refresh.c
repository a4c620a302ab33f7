/*-------------------------------------------------------------------------
 *
 * refresh.c
 *	  Makes a materialized table equal to its foreign table.
 *
 * A refresh begins with a lock against a second one and a row in the record of
 * refreshes, which are the caller's doing.  Then it has three steps, in which it
 * acts as the owner of the table, see actor.c.  pin_refresh_prepare() checks all that
 * can be checked for free, pin_refresh_download() reads the foreign table, and
 * pin_refresh_apply() applies the difference in one transaction.  The steps run
 * in a subtransaction, so that an error can be recorded before it is passed on.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xact.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/argument.h"
#include "base/compat.h"
#include "base/dates.h"
#include "base/subxact.h"
#include "option/settings.h"
#include "refresh/actor.h"
#include "refresh/apply.h"
#include "refresh/busy.h"
#include "refresh/caller.h"
#include "refresh/children.h"
#include "refresh/download.h"
#include "refresh/foreign.h"
#include "refresh/gone.h"
#include "refresh/input.h"
#include "refresh/kind.h"
#include "refresh/provenance.h"
#include "refresh/refresh.h"
#include "refresh/registry.h"
#include "request/window.h"
#include "source/reuse.h"

PG_FUNCTION_INFO_V1(pinterest_refresh);

/* One in so many refreshes looks for tables that were dropped unnoticed. */
#define PIN_GONE_INTERVAL 10

/* How often to try to have a table that nobody on record has, and how far apart */
#define CLAIM_TRIES 10
#define CLAIM_PAUSE_MS 10

/* Refreshes that have begun in this session and not ended, the latest first */
static PinRefresh *under_way = NULL;

/*
 * try_claim
 *		Lets one refresh at a time have a table, as pin_refresh_lock() does; returns
 *		false if another one is under way, be it one of this session that a trigger
 *		has interrupted.
 */
static bool
try_claim(PinRefreshLock *lock, Oid target, bool session)
{
	/* The lock does not keep a trigger of the table from refreshing it again */
	for (PinRefresh *other = under_way; other != NULL; other = other->next)
	{
		if (other->result.target == target)
			return false;
	}
	return pin_refresh_lock(lock, target, session);
}

/*
 * claim
 *		Lets one refresh at a time have a table; returns false if another one is
 *		under way, and what is known of that, see pin_refresh_under_way().
 *
 * Whoever has the table without being on record yet, or any more, is about to be,
 * or about to end: a transaction that is over lets go of one lock after the other,
 * and whoever waited for the first of them may be here before it has done so.
 */
static bool
claim(PinRefreshLock *lock, Oid target, bool session, char **other)
{
	for (int tries = 1; !try_claim(lock, target, session); tries++)
	{
		*other = pin_refresh_under_way(target);
		if (*other != NULL || tries == CLAIM_TRIES)
			return false;
		CHECK_FOR_INTERRUPTS();
		pg_usleep(CLAIM_PAUSE_MS * 1000L);
	}
	return true;
}

/*
 * refuse_busy
 *		Raises the error that a table is being refreshed already.
 */
static void
refuse_busy(const char *name, const char *other)
{
	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("table \"%s\" is already being refreshed", name),
			 other == NULL ? 0 : errdetail_internal("%s", other)));
}

/*
 * pin_refresh_claim
 *		Lets one refresh at a time have a table.
 *
 * name: the table's.  Raises 55P03 if another refresh of it is under way.
 */
void
pin_refresh_claim(PinRefreshLock *lock, Oid target, const char *name,
				  bool session)
{
	char	   *other;

	if (!claim(lock, target, session, &other))
		refuse_busy(name, other);
}

/*
 * skip
 *		Leaves a table to the refresh that is under way.
 */
static void
skip(PinRefresh *refresh)
{
	Oid			target = refresh->result.target;
	char	   *detail = pin_refresh_under_way(target);
	PinRegistered registered = {0};

	(void) pin_registry_get(target, &registered);
	refresh->run = pin_run_begin(target, refresh->name, refresh->owner,
								 registered.source, NULL,
								 refresh->result.started_at);
	pin_run_skip(refresh->run, detail);
	ereport(NOTICE,
			(errmsg("skipping table \"%s\", which is already being refreshed",
					refresh->name),
			 detail == NULL ? 0 : errdetail_internal("%s", detail)));

	/* nothing has been locked, and a lock of this session may be another's */
	refresh->lock.session = false;
	pin_refresh_end(refresh);
}

/*
 * pin_refresh_keep_locks
 *		Has all refreshes under way keep their locks, when a transaction ends:
 *		see pin_refresh_keep_lock().
 */
void
pin_refresh_keep_locks(void)
{
	for (PinRefresh *refresh = under_way; refresh != NULL; refresh = refresh->next)
		pin_refresh_keep_lock(&refresh->lock);
}

/*
 * pin_refresh_begin
 *		Begins a refresh: locks it against a second one.
 *
 * session_lock: the lock is to outlive the transaction.
 * The result's memory is a child of "parent", which is to outlive the refresh.  NULL
 * if another refresh is under way, and the call is to skip the table then.
 * Errors, which are not recorded: no privileges, a refresh is under way, not a
 * materialized table.
 */
PinRefresh *
pin_refresh_begin(MemoryContext parent, Oid target, const PinAsked *asked,
				  bool session_lock)
{
	MemoryContext context = AllocSetContextCreate(parent, "pinterest_fdw refresh",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext oldcontext = MemoryContextSwitchTo(context);
	PinRefresh *refresh = palloc0(sizeof(PinRefresh));
	char	   *other;

	refresh->context = context;
	refresh->asked = *asked;
	refresh->result.target = target;
	refresh->result.started_at = GetCurrentTimestamp();
	refresh->has_since = pin_asked_since(asked,
										 pin_day_of(refresh->result.started_at, NULL),
										 &refresh->since);

	pin_refresh_check_caller(refresh);

	/* whoever alters it may be about to materialize, and must not find us first */
	pin_registry_hold_source(target);
	if (!claim(&refresh->lock, target, session_lock, &other))
	{
		if (!asked->scheduled)
			refuse_busy(refresh->name, other);
		skip(refresh);
		MemoryContextSwitchTo(oldcontext);
		return NULL;
	}
	refresh->next = under_way;
	under_way = refresh;

	PG_TRY();
	{
		if (!pin_registry_get(target, &refresh->registered))
			pin_not_materialized(target);
		refresh->run = pin_run_begin(target, refresh->name, refresh->owner,
									 refresh->registered.source,
									 refresh->has_since ? &refresh->since : NULL,
									 refresh->result.started_at);
	}
	PG_CATCH();
	{
		pin_refresh_end(refresh);
		PG_RE_THROW();
	}
	PG_END_TRY();

	MemoryContextSwitchTo(oldcontext);
	return refresh;
}

/*
 * set_start
 *		Finds the first day to load.
 */
static void
set_start(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;

	if (source->date >= 0)
	{
		PinCalendar calendar = pin_calendar(refresh->result.started_at);
		DateADT		latest = pin_day_of(calendar.now, NULL);
		ListCell   *lc;

		/* in the east tomorrow may have begun */
		if (pin_days_are_local(source->options))
			latest++;
		if (refresh->has_since && refresh->since > latest)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"since\" must not be later than today"),
					 errdetail("\"since\" is %s, and today is %s.",
							   pin_format_date(refresh->since),
							   pin_format_date(pin_day_of(calendar.now, NULL)))));
		pin_asked_apply(&refresh->asked, source->options);
		refresh->start = pin_covered_days(source->options, &calendar).start;
		foreach(lc, source->children)
		{
			PinOptions *options = ((PinSourceTable *) lfirst(lc))->options;

			pin_asked_apply(&refresh->asked, options);
			refresh->start = Min(refresh->start,
								 pin_covered_days(options, &calendar).start);
		}
		if (refresh->has_since && !DATE_NOT_FINITE(refresh->since) &&
			refresh->since < refresh->start)
			ereport(NOTICE,
					(errmsg("Pinterest has nothing of foreign table \"%s\" that is as old as was asked for",
							source->name),
					 errdetail("Table \"%s\" is loaded from the oldest day that there is.",
							   refresh->name)));
	}
	else if (refresh->asked.reports_only)
		refresh->has_since = false;
	else if (refresh->has_since)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("foreign table \"%s\" has no dates to load from a day on",
						source->name),
				 errhint("Call pinterest.refresh() without \"since\" and \"last\".")));
}

/*
 * set_columns
 *		Describes the rows of the download.
 *
 * They get the target's collations, as its unique index is what they have to
 * agree with.
 */
static void
set_columns(PinRefresh *refresh, Relation target)
{
	const PinSourceTable *source = refresh->source;

	refresh->tupdesc = CreateTemplateTupleDesc(source->ncolumns);
	for (int i = 0; i < source->ncolumns; i++)
	{
		const PinSourceColumn *column = &source->columns[i];
		Oid			collation = column->collation;

		for (int j = 0; j < RelationGetDescr(target)->natts; j++)
		{
			Form_pg_attribute att = TupleDescAttr(RelationGetDescr(target), j);

			if (!att->attisdropped &&
				strcmp(NameStr(att->attname), column->name) == 0)
				collation = att->attcollation;
		}
		TupleDescInitEntry(refresh->tupdesc, i + 1, column->name,
						   column->type, column->typmod, 0);
		TupleDescInitEntryCollation(refresh->tupdesc, i + 1, collation);
	}
	pin_finish_tupdesc(refresh->tupdesc);
}

/*
 * pin_refresh_prepare
 *		Puts a refresh on record, and checks all of it that does not take a download.
 *
 * A lock on the source stays to the end of the transaction, none on the target.
 */
void
pin_refresh_prepare(PinRefresh *refresh)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);
	Relation	rel;
	PinActor	before;

	pin_run_record(refresh->run);
	pin_lock_source(refresh->registered.source, refresh->name);
	rel = try_relation_open(refresh->result.target, AccessShareLock);
	if (rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" was dropped during its refresh",
						refresh->name)));
	pin_refresh_check_owner(refresh, rel);

	before = pin_act_as(refresh->owner);
	refresh->source = pin_get_source_table(refresh->registered.source);
	refresh->missing = pin_match_tables(refresh->source, rel,
										refresh->registered.columns);
	if (refresh->registered.keep_deleted)
		pin_check_deleted_at(refresh->source, rel);
	set_start(refresh);
	set_columns(refresh, rel);
	refresh->key = pin_key_of(refresh->source, rel);
	refresh->is_created = rel->rd_createSubid != InvalidSubTransactionId;

	/*
	 * Whoever waits to alter the table would make all its readers wait behind
	 * him, so he must not have to wait for a download.  pin_refresh_apply()
	 * checks again.
	 */
	relation_close(rel, AccessShareLock);

	pin_provenance_compare(refresh);
	pin_inputs_open(refresh);
	pin_act_end(before);
	refresh->prepared = true;
	MemoryContextSwitchTo(oldcontext);
}

/*
 * count_days
 *		How many days have been loaded, of each advertiser.
 */
static int64
count_days(List *loaded)
{
	int64		days = 0;
	ListCell   *lc;

	foreach(lc, loaded)
	{
		const PinLoaded *pair = lfirst(lc);

		if (pair->has_range && pair->types == NIL)
			days += pair->range.end - pair->range.start + 1;
	}
	return days;
}

/*
 * pin_refresh_finish
 *		Applies the download, remembers how it was loaded, and lets no live query
 *		of a report that begins later be older than that.  Now and then clears
 *		what is left of other tables.
 */
void
pin_refresh_finish(PinRefresh *refresh)
{
	const PinOptions *options = refresh->source->options;
	PinActor	before;

	if (refresh->run->progress != NULL)
		pg_atomic_write_u64(&refresh->run->progress->applying, 1);
	if (refresh->source->date >= 0)
		refresh->run->days = count_days(refresh->loaded);
	pin_refresh_apply(refresh);
	before = pin_act_as(refresh->owner);
	pin_provenance_update(refresh);
	pin_act_end(before);
	for (int i = 0; i < refresh->ninputs && options->resource->kind == PIN_REPORT; i++)
		pin_reuse_end(refresh->inputs[i].table->options->serverid);
	if (refresh->run->id % PIN_GONE_INTERVAL == 0)
		pin_forget_gone();
}

/*
 * pin_refresh_end
 *		Gives back what a refresh holds, also after an error, but not while it is
 *		being handled if there has been a download.
 */
void
pin_refresh_end(PinRefresh *refresh)
{
	PinRefresh **place = &under_way;

	while (*place != NULL && *place != refresh)
		place = &(*place)->next;
	if (*place != NULL)
		*place = refresh->next;
	pin_spool_free(refresh->unfiltered);
	pin_spool_free(refresh->spool);
	if (refresh->run != NULL)
		pin_run_end(refresh->run);
	pin_refresh_unlock(&refresh->lock);
	MemoryContextDelete(refresh->context);
}

/*
 * pin_refresh_check_snapshot
 *		Refuses to refresh in a transaction that has one snapshot for all.
 *
 * It would compare the download with rows that are older than its lock on the
 * table, and take for unchanged what others have changed since.  function: what
 * was called, for the message.  Raises 0A000.
 */
void
pin_refresh_check_snapshot(const char *function)
{
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot call %s() in a transaction of isolation level %s",
						function,
						IsolationIsSerializable() ? "serializable" : "repeatable read"),
				 errdetail("It could not see what others have written to the table since the transaction began."),
				 errhint("CALL pinterest.refresh_all() on its own, which works with any isolation level, or BEGIN ISOLATION LEVEL READ COMMITTED.")));
}

/*
 * refresh_at_once
 *		All of a refresh within one transaction.
 */
static void
refresh_at_once(void *arg)
{
	PinRefresh *refresh = arg;

	pin_refresh_prepare(refresh);
	pin_refresh_download(refresh);
	pin_refresh_finish(refresh);
}

/*
 * pin_refresh
 *		Refreshes a table within the present transaction.
 */
void
pin_refresh(Oid target, const PinAsked *asked, PinRefreshResult *result)
{
	MemoryContext oldcontext = CurrentMemoryContext;
	PinRefresh *refresh = pin_refresh_begin(CurrentMemoryContext, target, asked,
											false);
	ErrorData  *error;

	PG_TRY();
	{
		error = pin_try(refresh_at_once, refresh);
		if (error != NULL)
		{
			pin_refresh_fail(refresh, error);
			ReThrowError(pin_refresh_told(refresh, error));
		}
		pin_run_log(refresh->run, &refresh->result, 0);
		*result = refresh->result;
	}
	PG_CATCH();
	{
		/* closing the download's file may raise another one, which is handled */
		MemoryContextSwitchTo(oldcontext);
		error = CopyErrorData();
		FlushErrorState();
		pin_refresh_end(refresh);
		ReThrowError(error);
	}
	PG_END_TRY();
	pin_refresh_end(refresh);
}

/*
 * refresh(target regclass, since date, last interval, allow_deletion boolean)
 *		returns pinterest.refresh_result
 */
Datum
pinterest_refresh(PG_FUNCTION_ARGS)
{
	TupleDesc	tupdesc;
	PinAsked	asked;
	PinRefreshResult result;
	Datum		values[10];
	bool		nulls[10] = {0};

	pin_check_argument(fcinfo, 0, "pinterest.refresh", "target");
	asked = pin_asked(fcinfo, "pinterest.refresh");
	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	PreventCommandIfReadOnly("pinterest.refresh()");
	pin_refresh_check_snapshot("pinterest.refresh");

	pin_refresh(PG_GETARG_OID(0), &asked, &result);

	values[0] = ObjectIdGetDatum(result.target);
	values[1] = Int64GetDatum(result.rows);
	values[2] = Int64GetDatum(result.inserted);
	values[3] = Int64GetDatum(result.updated);
	values[4] = Int64GetDatum(result.deleted);
	values[5] = Int64GetDatum(result.unchanged);
	values[6] = Int64GetDatum(result.api_calls);
	values[7] = Int64GetDatum(result.bytes);
	values[8] = TimestampTzGetDatum(result.started_at);
	values[9] = TimestampTzGetDatum(result.finished_at);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc),
													  values, nulls)));
}
