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
#include "miscadmin.h"
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
#include "refresh/sql.h"
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
 * day_of
 *		Day of a value of a report's date column: UTC, as all of
 *		Pinterest's days.
 */
static DateADT
day_of(Oid type, Datum value)
{
	Timestamp	time;
	DateADT		day;

	if (type != TIMESTAMPOID && type != TIMESTAMPTZOID)
		return DatumGetDateADT(value);
	time = DatumGetTimestamp(value);
	day = time / USECS_PER_DAY;
	return time % USECS_PER_DAY < 0 ? day - 1 : day;
}

/*
 * keep_row
 *		Adds a row to the download, unless it is of a day before the first.
 *
 * values, nulls: as many as the source has columns.
 */
static void
keep_row(PinRefresh *refresh, Datum *values, bool *nulls)
{
	const PinSourceTable *source = refresh->source;

	if (source->date >= 0)
	{
		DateADT		day = day_of(source->columns[source->date].type,
								 values[source->date]);

		/* what was not asked for is not to be applied, either */
		if (day < refresh->start)
			return;
		if (!refresh->has_days || day < refresh->first_day)
			refresh->first_day = day;
		if (!refresh->has_days || day > refresh->last_day)
			refresh->last_day = day;
		refresh->has_days = true;
	}

	tuplestore_putvalues(refresh->store, refresh->tupdesc, values, nulls);
	refresh->result.rows++;
	if (refresh->run->progress != NULL)
		pg_atomic_write_u64(&refresh->run->progress->rows,
							refresh->result.rows);
}

/*
 * read_source
 *		Reads the source to its end.
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

	start_reader(refresh);
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
 * note_advertisers
 *		Finds out whose rows have been loaded.
 *
 * Where the source asks for every advertiser it can see, nobody knows why one
 * of them is not among the rows: it may have none, or have become invisible.
 * So the rows of such an advertiser are left alone.
 */
static void
note_advertisers(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	const char *name;
	StringInfoData sql;
	uint64		n;

	if (source->advertiser < 0)
		return;
	if (!source->options->all_advertisers)
	{
		refresh->advertisers = source->options->advertiser_ids;
		return;
	}

	name = quote_identifier(source->columns[source->advertiser].name);
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT DISTINCT n.%s FROM " PIN_DOWNLOAD " n", name);
	n = pin_refresh_execute(refresh, sql.data, SPI_OK_SELECT);
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
 * pin_refresh_download
 *		Reads the source into refresh->store, as the owner of the target, and
 *		checks what came.
 *
 * The rows are kept in work_mem or else in temporary files; these outlast the
 * transaction, see PinRefresh.  An error of the source is passed on: what was
 * downloaded up to then is of no use, as what is missing would be deleted.
 */
void
pin_refresh_download(PinRefresh *refresh)
{
	PinActor	before = pin_act_as(refresh->owner);
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);
	PinUsage	usage;

	refresh->store = tuplestore_begin_heap(true, true, work_mem);
	MemoryContextSwitchTo(oldcontext);

	read_source(refresh);
	usage = pin_reader_stop(refresh->reader);
	refresh->result.api_calls = usage.requests;
	refresh->result.bytes = usage.bytes;

	SPI_connect();
	pin_register_download(refresh);
	check_download(refresh);
	note_advertisers(refresh);
	SPI_finish();
	pin_act_end(before);
}
