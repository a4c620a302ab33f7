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
#include "refresh/batch.h"
#include "refresh/download.h"
#include "refresh/extent.h"
#include "refresh/foreign.h"
#include "refresh/freshness.h"
#include "refresh/guard.h"
#include "refresh/input.h"
#include "refresh/load.h"
#include "refresh/parts.h"
#include "refresh/repeated.h"
#include "refresh/sql.h"
#include "refresh/statement.h"
#include "source/reader.h"

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
	int			nreports = pin_inputs_request(refresh);

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
	refresh->unfiltered = refresh->spool;
	refresh->spool = NULL;
	begin_rows(refresh);
	pin_refresh_each(refresh, sql.data, take_row, refresh);
	(void) SPI_unregister_relation(PIN_DOWNLOAD);
	pin_spool_free(refresh->unfiltered);
	refresh->unfiltered = NULL;
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
	PinUsage	usage = pin_inputs_usage(refresh);

	refresh->result.api_calls = usage.requests;
	refresh->result.bytes = usage.bytes;
}

/*
 * note_loaded
 *		Notes what has been read to its end, and who was left out.
 *
 * Who is left out of one foreign table is left out, even if another one has had
 * something of it.
 */
static void
note_loaded(PinRefresh *refresh)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);
	List	   *loaded = NIL;

	refresh->left_out = NIL;
	for (int i = 0; i < refresh->ninputs; i++)
	{
		loaded = list_concat(loaded, refresh->inputs[i].loaded);
		refresh->left_out = list_concat(refresh->left_out,
										refresh->inputs[i].left_out);
	}
	if (refresh->ninputs > 1)
	{
		ListCell   *lc,
				   *lc2;

		foreach(lc, loaded)
		{
			const char *id = ((PinLoaded *) lfirst(lc))->advertiser_id;

			foreach(lc2, id == NULL ? NIL : refresh->left_out)
			{
				if (strcmp(((PinLeftOut *) lfirst(lc2))->advertiser_id, id) == 0)
					break;
			}
			if (lc2 != NULL)
				loaded = foreach_delete_current(loaded, lc);
		}
	}
	pin_refresh_note_loaded(refresh, loaded);
	pin_batch_note(refresh);
	MemoryContextSwitchTo(oldcontext);
}

/*
 * check_loaded
 *		Refuses a download if there is nobody of whom anything could be read.
 */
static void
check_loaded(const PinRefresh *refresh)
{
	const PinLeftOut *first;

	if (refresh->loaded != NIL || pin_batch_is_part(refresh))
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
 * all_empty
 *		What has come without rows of all that was read, a List of PinLoaded.
 */
static List *
all_empty(const PinRefresh *refresh)
{
	List	   *empty = NIL;

	for (int i = 0; i < refresh->ninputs; i++)
		empty = list_concat(empty, refresh->inputs[i].empty);
	return empty;
}

/*
 * take_input
 *		Keeps a row that has been read of the source.
 */
static void
take_input(PinRefresh *refresh, Datum *values, bool *nulls)
{
	if (refresh->extent == NULL)
		begin(refresh, true);
	keep_row(refresh, values, nulls);
}

/*
 * read_all
 *		Reads the source, and once more what came empty of it.
 */
static void
read_all(PinRefresh *refresh)
{
	pin_inputs_read(refresh, take_input);
	if (refresh->extent == NULL)
		begin(refresh, false);
	note_loaded(refresh);
	if (refresh->load == NULL)
	{
		List	   *empty = pin_refresh_find_empty(refresh, all_empty(refresh));

		if (empty != NIL)
		{
			empty = pin_inputs_read_again(refresh, empty, take_input);
			note_loaded(refresh);
			pin_refresh_refuse_empty(refresh, empty);
		}
	}
	else
		pin_load_end(refresh->load);
	note_usage(refresh);
	pin_inputs_stop(refresh);
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
	note_usage(refresh);
	pin_run_fail(refresh->run, error, &refresh->result);
}
