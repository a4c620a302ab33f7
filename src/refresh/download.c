/*-------------------------------------------------------------------------
 *
 * download.c
 *	  Downloads a foreign table for a refresh.
 *
 * The rows go into a tuplestore, which may take minutes.  Meanwhile nobody is in
 * the way of anybody: there is no lock on the target, and the scan needs neither
 * a query nor a snapshot, so that a procedure can run it in a transaction that
 * holds nothing back.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "catalog/catalog.h"
#include "http/http.h"
#include "option/column.h"
#include "option/key.h"
#include "refresh/actor.h"
#include "refresh/download.h"
#include "refresh/foreign.h"
#include "refresh/freshness.h"
#include "refresh/guard.h"
#include "refresh/parts.h"
#include "refresh/sql.h"
#include "refresh/statement.h"
#include "source/reader.h"

/*
 * pin_refresh_open_source
 *		Prepares reading the source.
 *
 * What is read is what the source is now, even if it is altered before that.
 * Raises 42501 if the owner of the target may not read the source.
 */
void
pin_refresh_open_source(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);
	Relation	rel = table_open(source->relid, AccessShareLock);
	Oid			userid = refresh->owner;
	List	   *attnums = NIL;

	for (int i = 0; i < source->ncolumns; i++)
	{
		AttrNumber	attnum = source->columns[i].attnum;

		if (pg_class_aclcheck(source->relid, userid, ACL_SELECT) != ACLCHECK_OK &&
			pg_attribute_aclcheck(source->relid, attnum, userid,
								  ACL_SELECT) != ACLCHECK_OK)
			aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FOREIGN_TABLE,
						   source->relname);
		attnums = lappend_int(attnums, attnum);
	}

	refresh->slot =
		MakeSingleTupleTableSlot(CreateTupleDescCopy(RelationGetDescr(rel)),
								 &TTSOpsVirtual);
	refresh->reader = pin_reader_create(rel, source->options, userid, attnums);
	pin_reader_show(refresh->reader, refresh->run->progress);
	refresh->request = pin_reader_whole(refresh->reader,
										refresh->result.started_at);
	table_close(rel, NoLock);
	MemoryContextSwitchTo(oldcontext);
}

/*
 * start_reader
 *		Starts reading the source, unless that is done.
 */
static void
start_reader(PinRefresh *refresh)
{
	if (!refresh->started)
		pin_reader_start(refresh->reader, refresh->request);
	refresh->started = true;
}

/*
 * pin_refresh_request
 *		Asks for the reports of a refresh without awaiting any, as the owner of
 *		the target; returns how many these are.
 */
int
pin_refresh_request(PinRefresh *refresh)
{
	PinActor	before = pin_act_as(refresh->owner);
	MemoryContext context = AllocSetContextCreate(refresh->context,
												  "pinterest_fdw request",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext oldcontext = MemoryContextSwitchTo(context);
	int			nreports = 0;

	/* lists are asked for page by page */
	if (refresh->source->options->resource->kind == PIN_REPORT)
	{
		start_reader(refresh);
		nreports = pin_reader_request(refresh->reader);
	}
	MemoryContextSwitchTo(oldcontext);
	MemoryContextDelete(context);
	pin_act_end(before);
	return nreports;
}

/*
 * keep_row
 *		Adds a row to the download.
 *
 * values, nulls: as many as the source has columns.
 */
static void
keep_row(PinRefresh *refresh, Datum *values, bool *nulls)
{
	tuplestore_putvalues(refresh->store, refresh->tupdesc, values, nulls);
	refresh->result.rows++;
	if (refresh->run->progress != NULL)
		pg_atomic_write_u64(&refresh->run->progress->rows,
							refresh->result.rows);
}

/*
 * read_source
 *		Reads what has been asked of the source, to its end.
 */
static void
read_source(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	TupleTableSlot *slot = refresh->slot;
	MemoryContext row_context = AllocSetContextCreate(refresh->context,
													  "pinterest_fdw row",
													  ALLOCSET_DEFAULT_SIZES);
	MemoryContext oldcontext = MemoryContextSwitchTo(row_context);
	Datum	   *values = MemoryContextAlloc(refresh->context,
											sizeof(Datum) * Max(source->ncolumns, 1));
	bool	   *nulls = MemoryContextAlloc(refresh->context,
										   sizeof(bool) * Max(source->ncolumns, 1));

	while (pin_reader_next(refresh->reader, slot))
	{
		for (int i = 0; i < source->ncolumns; i++)
		{
			values[i] = slot->tts_values[source->columns[i].attnum - 1];
			nulls[i] = slot->tts_isnull[source->columns[i].attnum - 1];
		}
		keep_row(refresh, values, nulls);

		/* after each row, whether it is kept or not */
		MemoryContextReset(row_context);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(oldcontext);
	MemoryContextDelete(row_context);
}

/*
 * filter_download
 *		Keeps those rows of the download that belong to what was loaded.
 *
 * The others were not asked for, as a row of tomorrow, or belong to something of
 * which not everything has come.
 */
static void
filter_download(PinRefresh *refresh)
{
	StringInfoData sql;
	MemoryContext oldcontext;
	Tuplestorestate *store;
	DestReceiver *dest;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT FROM " PIN_DOWNLOAD " n WHERE NOT ");
	pin_append_parts(&sql, refresh, "n.");
	appendStringInfoString(&sql, " LIMIT 1");
	if (pin_refresh_execute(refresh, sql.data, SPI_OK_SELECT) == 0)
		return;

	oldcontext = MemoryContextSwitchTo(refresh->context);
	store = tuplestore_begin_heap(true, true, work_mem);
	MemoryContextSwitchTo(oldcontext);
	dest = CreateDestReceiver(DestTuplestore);
	SetTuplestoreDestReceiverParams(dest, store, refresh->context, false, NULL,
									NULL);
	resetStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	pin_append_columns(&sql, refresh, "n.");
	appendStringInfoString(&sql, " FROM " PIN_DOWNLOAD " n WHERE ");
	pin_append_parts(&sql, refresh, "n.");
	PG_TRY();
	{
		refresh->result.rows =
			pin_refresh_execute_with(refresh, sql.data, SPI_OK_SELECT,
									 pin_refresh_params(refresh), dest);
	}
	PG_CATCH();
	{
		tuplestore_end(store);
		PG_RE_THROW();
	}
	PG_END_TRY();
	dest->rDestroy(dest);

	(void) SPI_unregister_relation(PIN_DOWNLOAD);
	tuplestore_end(refresh->store);
	refresh->store = store;
	pin_register_download(refresh);
}

/*
 * show_key
 *		Shows the key of the first row that SPI has returned, for an
 *		error's detail.
 */
static char *
show_key(const PinRefresh *refresh)
{
	StringInfoData buf;
	int			nkeys = list_length(refresh->source->key);

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '(');
	pin_append_key(&buf, refresh, "");
	appendStringInfoString(&buf, ")=(");
	for (int i = 1; i <= nkeys; i++)
	{
		char	   *value = SPI_getvalue(SPI_tuptable->vals[0],
										 SPI_tuptable->tupdesc, i);

		appendStringInfo(&buf, "%s%s", i > 1 ? ", " : "",
						 value != NULL ? value : "null");
	}
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

/*
 * append_repeated_keys
 *		Appends the query for a key of which the download has several rows.
 */
static void
append_repeated_keys(StringInfo sql, const PinRefresh *refresh)
{
	appendStringInfoString(sql, "SELECT ");
	pin_append_key(sql, refresh, "n.");
	appendStringInfoString(sql, " FROM " PIN_DOWNLOAD " n GROUP BY ");
	pin_append_key(sql, refresh, "n.");
	appendStringInfoString(sql, " HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1 LIMIT 1");
}

/*
 * choose_differing
 *		Of the columns that differ in rows of one key, those to add to the key: ids
 *		if there are any, since names and statuses follow from them.
 */
static List *
choose_differing(List *differing)
{
	List	   *ids = NIL;
	ListCell   *lc;

	foreach(lc, differing)
	{
		if (((PinAttribute *) lfirst(lc))->column->kind == PIN_ID)
			ids = lappend(ids, lfirst(lc));
	}
	return ids != NIL ? ids : differing;
}

/*
 * report_repeated_key
 *		Raises the error that the download has several rows of a key, with a hint
 *		at the columns that tell them apart.
 */
static void
report_repeated_key(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	List	   *candidates = NIL;
	List	   *differing = NIL;
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	pin_append_key(&sql, refresh, "n.");
	foreach(lc, source->attributes)
	{
		PinAttribute *attribute = lfirst(lc);

		if (attribute->column == NULL ||
			!pin_can_join_key(source->options->resource, attribute->column))
			continue;
		candidates = lappend(candidates, attribute);

		/* any type has a text, and null another one than all else */
		appendStringInfo(&sql, ", pg_catalog.count(DISTINCT pg_catalog.concat('=', n.%s)) OPERATOR(pg_catalog.>) 1",
						 quote_identifier(attribute->name));
	}
	appendStringInfoString(&sql, " FROM " PIN_DOWNLOAD " n JOIN (");
	append_repeated_keys(&sql, refresh);
	appendStringInfoString(&sql, ") t ON ");
	pin_append_join(&sql, refresh);
	appendStringInfoString(&sql, " GROUP BY ");
	pin_append_key(&sql, refresh, "n.");
	(void) pin_refresh_execute(refresh, sql.data, SPI_OK_SELECT);

	foreach(lc, candidates)
	{
		bool		isnull;
		Datum		differs =
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
						  list_length(source->key) +
						  foreach_current_index(lc) + 1, &isnull);

		if (DatumGetBool(differs) &&
			!pin_is_key(source->options, ((PinAttribute *) lfirst(lc))->column))
			differing = lappend(differing, lfirst(lc));
	}
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("foreign table \"%s\" returned more than one row of the same key",
					source->name),
			 errdetail("Key %s occurs more than once.", show_key(refresh)),
			 source->options->resource->kind != PIN_REPORT ? 0 :
			 errhint("%s", pin_finer_key_hint(source->options, source->attributes,
											  choose_differing(differing)))));
}

/*
 * check_download
 *		Refuses a download whose rows cannot be told apart by the
 *		natural key.
 *
 * The target's unique index would refuse most of that as well, but later, under
 * a lock, and without saying where it came from.
 */
static void
check_download(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	pin_append_key(&sql, refresh, "n.");
	appendStringInfoString(&sql, " FROM " PIN_DOWNLOAD " n WHERE ");
	foreach(lc, source->key)
		appendStringInfo(&sql, "%sn.%s IS NULL",
						 lc == list_head(source->key) ? "" : " OR ",
						 quote_identifier(source->columns[lfirst_int(lc)].name));
	appendStringInfoString(&sql, " LIMIT 1");
	if (pin_refresh_execute(refresh, sql.data, SPI_OK_SELECT) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("foreign table \"%s\" returned a row with a null in its natural key",
						source->name),
				 errdetail("Key %s.", show_key(refresh))));

	resetStringInfo(&sql);
	append_repeated_keys(&sql, refresh);
	if (pin_refresh_execute(refresh, sql.data, SPI_OK_SELECT) > 0)
		report_repeated_key(refresh);
}

/*
 * note_usage
 *		Notes what has been asked and answered so far.
 */
static void
note_usage(PinRefresh *refresh)
{
	PinUsage	usage = pin_reader_usage(refresh->reader);

	refresh->result.api_calls = usage.requests;
	refresh->result.bytes = usage.bytes;
}

/*
 * note_loaded
 *		Notes what has been read to its end, and who was left out.
 */
static void
note_loaded(PinRefresh *refresh)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);

	pin_refresh_note_loaded(refresh, pin_reader_loaded(refresh->reader));
	refresh->left_out = pin_reader_left_out(refresh->reader);
	MemoryContextSwitchTo(oldcontext);
}

/*
 * ask_again
 *		Asks once more for what has come empty.
 *
 * empty: PinLoaded *, each a report or a list.  Adds the rows that come now to the
 * download.  Who is left out this time, is left out.  Returns what is empty still.
 */
static List *
ask_again(PinRefresh *refresh, List *empty)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);
	PinRequest *request = palloc(sizeof(PinRequest));
	List	   *loaded = NIL;
	List	   *still = NIL;
	List	   *again;
	ListCell   *lc;

	*request = *refresh->request;
	request->pairs = empty;
	request->list_advertisers = false;
	request->advertiser_ids = NIL;
	foreach(lc, empty)
	{
		char	   *id = unconstify(char *, ((PinLoaded *) lfirst(lc))->advertiser_id);

		/* those of an advertiser come one after the other */
		if (id != NULL && (request->advertiser_ids == NIL ||
						   strcmp(llast(request->advertiser_ids), id) != 0))
			request->advertiser_ids = lappend(request->advertiser_ids, id);
	}
	MemoryContextSwitchTo(oldcontext);
	pin_reader_stop(refresh->reader);
	pin_reader_start(refresh->reader, request);
	read_source(refresh);

	oldcontext = MemoryContextSwitchTo(refresh->context);
	refresh->left_out = list_concat(refresh->left_out,
									pin_reader_left_out(refresh->reader));
	again = pin_reader_empty(refresh->reader);
	foreach(lc, empty)
	{
		PinLoaded  *one = lfirst(lc);

		if (pin_loaded_find_report(again, one->advertiser_id, &one->range,
								   one->types) != NULL)
			still = lappend(still, one);
	}
	again = pin_reader_loaded(refresh->reader);
	foreach(lc, refresh->loaded)
	{
		PinLoaded  *pair = lfirst(lc);
		PinLoaded  *answer = pin_loaded_find(again, pair->advertiser_id,
											 &pair->range);

		if (answer != NULL)
			pair->range.end = Min(pair->range.end, answer->range.end);
		else if (pin_loaded_find(empty, pair->advertiser_id,
								 &pair->range) != NULL)
			continue;
		loaded = lappend(loaded, pair);
	}
	pin_refresh_note_loaded(refresh, loaded);
	MemoryContextSwitchTo(oldcontext);
	return still;
}

/*
 * check_loaded
 *		Refuses a download if there is nobody of whom anything could be read.
 */
static void
check_loaded(const PinRefresh *refresh)
{
	const PinLeftOut *first;

	if (refresh->loaded != NIL)
		return;
	if (refresh->left_out == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
				 errmsg("foreign table \"%s\" has no advertiser to load",
						refresh->source->name)));
	first = linitial(refresh->left_out);
	ereport(ERROR,
			(errcode(first->sqlstate),
			 errmsg("no advertiser of foreign table \"%s\" could be read",
					refresh->source->name),
			 errdetail("The first one of %d is %s: %s",
					   list_length(refresh->left_out), first->advertiser_id,
					   first->message)));
}

/*
 * note_listed
 *		Notes the advertisers that a list of advertisers has.
 */
static void
note_listed(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	uint64		n;

	if (source->advertiser < 0 || refresh->advertisers != NIL)
		return;
	n = pin_refresh_execute(refresh,
							psprintf("SELECT DISTINCT n.%s FROM " PIN_DOWNLOAD " n",
									 quote_identifier(source->columns[source->advertiser].name)),
							SPI_OK_SELECT);
	for (uint64 i = 0; i < n; i++)
	{
		char	   *id = SPI_getvalue(SPI_tuptable->vals[i],
									  SPI_tuptable->tupdesc, 1);
		MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);

		refresh->advertisers = lappend(refresh->advertisers, pstrdup(id));
		MemoryContextSwitchTo(oldcontext);
	}
}

/*
 * note_days
 *		Notes the first and the last day of the download.
 */
static void
note_days(PinRefresh *refresh)
{
	const char *day;
	bool		isnull;

	if (refresh->source->date < 0)
		return;
	day = pin_date_sql(refresh, "n.");
	pin_refresh_execute(refresh,
						psprintf("SELECT %s, %s FROM " PIN_DOWNLOAD " n",
								 pin_day_sql(refresh, psprintf("pg_catalog.min(%s)", day)),
								 pin_day_sql(refresh, psprintf("pg_catalog.max(%s)", day))),
						SPI_OK_SELECT);
	refresh->first_day = DatumGetDateADT(SPI_getbinval(SPI_tuptable->vals[0],
													   SPI_tuptable->tupdesc, 1,
													   &isnull));
	refresh->has_days = !isnull;
	refresh->last_day = DatumGetDateADT(SPI_getbinval(SPI_tuptable->vals[0],
													  SPI_tuptable->tupdesc, 2,
													  &isnull));
}

/*
 * pin_refresh_download
 *		Reads the source into refresh->store, as the owner of the target, and
 *		checks what came.
 *
 * The rows are kept in work_mem or else in temporary files; these outlast the
 * transaction, see PinRefresh.  An error of the source is passed on.  Of what was
 * left out, the download has no rows.
 */
void
pin_refresh_download(PinRefresh *refresh)
{
	PinActor	before = pin_act_as(refresh->owner);
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);
	List	   *empty;

	refresh->store = tuplestore_begin_heap(true, true, work_mem);
	MemoryContextSwitchTo(oldcontext);

	start_reader(refresh);
	read_source(refresh);
	note_loaded(refresh);
	MemoryContextSwitchTo(refresh->context);
	empty = pin_reader_empty(refresh->reader);
	MemoryContextSwitchTo(oldcontext);
	empty = pin_refresh_find_empty(refresh, empty);
	if (empty != NIL)
		pin_refresh_refuse_empty(refresh, ask_again(refresh, empty));
	note_usage(refresh);
	pin_reader_stop(refresh->reader);
	check_loaded(refresh);

	SPI_connect();
	pin_register_download(refresh);
	filter_download(refresh);
	check_download(refresh);
	note_listed(refresh);
	note_days(refresh);
	SPI_finish();
	pin_freshness_find_unlisted(refresh);
	pin_act_end(before);
}

/*
 * pin_refresh_fail
 *		Records that a refresh has failed, with what it has asked for and got up
 *		to then.
 *
 * What it did must have been rolled back already.
 */
void
pin_refresh_fail(PinRefresh *refresh, const ErrorData *error)
{
	if (refresh->reader != NULL)
		note_usage(refresh);
	pin_run_fail(refresh->run, error, &refresh->result);
}
