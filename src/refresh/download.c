/*-------------------------------------------------------------------------
 *
 * download.c
 *	  Downloads a foreign table for a refresh.
 *
 * The rows go into a file, which may take minutes.  Meanwhile nobody is in
 * the way of anybody: there is no lock on the target, and the scan needs neither
 * a query nor a snapshot, so that a procedure can run it in a transaction that
 * holds nothing back.  Only into a table that nobody else knows or uses yet they
 * go as they come, from the first one on.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "catalog/catalog.h"
#include "http/http.h"
#include "refresh/actor.h"
#include "refresh/download.h"
#include "refresh/extent.h"
#include "refresh/foreign.h"
#include "refresh/freshness.h"
#include "refresh/guard.h"
#include "refresh/load.h"
#include "refresh/parts.h"
#include "refresh/repeated.h"
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
 *
 * Which days are complete is asked first: what is complete later may not have been
 * when its report was made.
 */
static void
start_reader(PinRefresh *refresh)
{
	if (refresh->started)
		return;
	pin_reader_start(refresh->reader, refresh->request);
	if (refresh->source->date >= 0)
		refresh->ready = pin_reader_ready(refresh->reader);
	refresh->run->questions = refresh->ready.questions;
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
	bool		whole;

	pin_extent_add(refresh->extent, values, nulls);
	whole = refresh->load != NULL ? pin_load_put(refresh->load, values, nulls) :
		pin_spool_put(refresh->spool, values, nulls);
	if (!whole && refresh->null_key == NULL)
		refresh->null_key = MemoryContextStrdup(refresh->context,
												pin_show_key(refresh, values, nulls));
	refresh->result.rows++;
	if (refresh->run->progress != NULL)
		pg_atomic_write_u64(&refresh->run->progress->rows,
							refresh->result.rows);
}

/*
 * begin_rows
 *		Begins a download without rows.
 */
static void
begin_rows(PinRefresh *refresh)
{
	refresh->extent = pin_extent_create(refresh);
	refresh->result.rows = 0;
	refresh->null_key = NULL;
	if (refresh->load == NULL)
		refresh->spool = pin_spool_create(refresh->context, refresh->tupdesc,
										  refresh->key);
}

/*
 * begin
 *		Begins the download, now that it is known whether there are rows.
 *
 * Where these go straight into the target, that is locked, and the transaction
 * holds back VACUUM.  So with tables that others see this does not come before
 * Pinterest has prepared a report, and not with lists, each page of which takes a
 * request.
 */
static void
begin(PinRefresh *refresh, bool has_rows)
{
	if (refresh->is_created ||
		(refresh->asked.importing && has_rows && refresh->source->date >= 0))
		refresh->load = pin_load_begin(refresh);
	begin_rows(refresh);
}

/*
 * has_same_columns
 *		Whether a row of the reader's has the columns of the source in their order,
 *		and no others.
 */
static bool
has_same_columns(const PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;

	for (int i = 0; i < source->ncolumns; i++)
	{
		if (source->columns[i].attnum != i + 1)
			return false;
	}
	return true;
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
	bool		copies = !has_same_columns(refresh);
	Datum	   *values = slot->tts_values;
	bool	   *nulls = slot->tts_isnull;

	if (copies)
	{
		values = MemoryContextAlloc(refresh->context,
									sizeof(Datum) * Max(source->ncolumns, 1));
		nulls = MemoryContextAlloc(refresh->context,
								   sizeof(bool) * Max(source->ncolumns, 1));
	}
	while (pin_reader_next(refresh->reader, slot))
	{
		if (refresh->extent == NULL)
			begin(refresh, true);
		for (int i = 0; copies && i < source->ncolumns; i++)
		{
			values[i] = slot->tts_values[source->columns[i].attnum - 1];
			nulls[i] = slot->tts_isnull[source->columns[i].attnum - 1];
		}
		keep_row(refresh, values, nulls);

		/* after each row, whether it is kept or not */
		MemoryContextReset(row_context);
		CHECK_FOR_INTERRUPTS();
	}
	if (refresh->extent == NULL)
		begin(refresh, false);
	MemoryContextSwitchTo(oldcontext);
	MemoryContextDelete(row_context);
}

/*
 * take_row
 *		Keeps a row of the download that belongs to what was loaded.  arg: a
 *		PinRefresh.
 */
static void
take_row(TupleTableSlot *slot, void *arg)
{
	keep_row(arg, slot->tts_values, slot->tts_isnull);
}

/*
 * filter_download
 *		Keeps those rows of the download that belong to what was loaded, within an
 *		SPI connection.
 *
 * The others were not asked for, as a row of tomorrow, or belong to something of
 * which not everything has come.
 */
static void
filter_download(PinRefresh *refresh)
{
	StringInfoData sql;
	PinSpool   *unfiltered = refresh->spool;

	if (pin_extent_is_loaded(refresh->extent, refresh))
		return;
	initStringInfo(&sql);
	if (refresh->load != NULL)
	{
		appendStringInfoString(&sql, "DELETE FROM " PIN_ONLY_TARGET " t WHERE ");
		pin_append_parts(&sql, refresh, "t.");
		appendStringInfoString(&sql, " IS NOT TRUE");
		refresh->result.rows -= pin_refresh_execute(refresh, sql.data, SPI_OK_DELETE);
		return;
	}

	appendStringInfoString(&sql, "SELECT ");
	pin_append_columns(&sql, refresh, "n.");
	appendStringInfoString(&sql, " FROM " PIN_DOWNLOAD " n WHERE ");
	pin_append_parts(&sql, refresh, "n.");
	pin_register_download(refresh);
	PG_TRY();
	{
		begin_rows(refresh);
		pin_refresh_each(refresh, sql.data, take_row, refresh);
	}
	PG_FINALLY();
	{
		pin_spool_free(unfiltered);
	}
	PG_END_TRY();
	(void) SPI_unregister_relation(PIN_DOWNLOAD);
}

/*
 * check_download
 *		Refuses a download whose rows cannot be told apart by the natural key, within
 *		an SPI connection.
 *
 * The target's unique index would refuse most of that as well, but later, under
 * a lock, and without saying where it came from.
 */
static void
check_download(PinRefresh *refresh)
{
	if (refresh->null_key != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("foreign table \"%s\" returned a row with a null in its natural key",
						refresh->source->name),
				 errdetail("Key %s.", refresh->null_key)));
	if (refresh->load != NULL ? !pin_load_build_indexes(refresh) :
		pin_spool_has_repeated(refresh->spool))
		pin_report_repeated_key(refresh);
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
 *		Notes the advertisers that a list of advertisers has, within an SPI
 *		connection.
 */
static void
note_listed(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	uint64		n;

	if (source->advertiser < 0 || refresh->advertisers != NIL)
		return;
	n = pin_refresh_execute(refresh,
							psprintf("SELECT DISTINCT n.%s FROM %s n",
									 quote_identifier(source->columns[source->advertiser].name),
									 pin_download_sql(refresh)),
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
 * look_over
 *		Checks what came, and notes whose rows these are, and of which days.
 */
static void
look_over(PinRefresh *refresh)
{
	int			nestlevel = NewGUCNestLevel();

	/* that of a table that is being loaded is empty still */
	if (refresh->load != NULL)
		pin_forbid_indexes();
	SPI_connect();
	filter_download(refresh);
	if (refresh->spool != NULL)
		pin_register_download(refresh);
	check_download(refresh);
	note_listed(refresh);
	SPI_finish();
	AtEOXact_GUC(true, nestlevel);
	pin_extent_note_days(refresh->extent, refresh);
}

/*
 * read_all
 *		Reads the source, and once more what came empty of it.
 */
static void
read_all(PinRefresh *refresh)
{
	MemoryContext oldcontext;
	List	   *empty;

	start_reader(refresh);
	read_source(refresh);
	note_loaded(refresh);
	if (refresh->load == NULL)
	{
		oldcontext = MemoryContextSwitchTo(refresh->context);
		empty = pin_reader_empty(refresh->reader);
		MemoryContextSwitchTo(oldcontext);
		empty = pin_refresh_find_empty(refresh, empty);
		if (empty != NIL)
			pin_refresh_refuse_empty(refresh, ask_again(refresh, empty));
	}
	else
		pin_load_end(refresh->load);
	note_usage(refresh);
	pin_reader_stop(refresh->reader);
	check_loaded(refresh);
}

/*
 * pin_refresh_download
 *		Reads the source into refresh->spool, or into the target if nobody else
 *		knows or uses that, as the owner of the target, and checks what came.
 *
 * The rows are kept in work_mem or else in temporary files; these outlast the
 * transaction, see PinRefresh.  An error of the source is passed on.  Of what was
 * left out, the download has no rows.
 */
void
pin_refresh_download(PinRefresh *refresh)
{
	PinActor	before = pin_act_as(refresh->owner);

	read_all(refresh);
	look_over(refresh);
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
