/*-------------------------------------------------------------------------
 *
 * reader.c
 *	  Reads the rows that a request gives.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "api/session.h"
#include "base/compat.h"
#include "base/dates.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "json/document.h"
#include "json/row.h"
#include "option/column.h"
#include "option/key.h"
#include "request/condition.h"
#include "request/estimate.h"
#include "source/analytics.h"
#include "source/label.h"
#include "source/list.h"
#include "source/loaded.h"
#include "source/reader.h"
#include "source/report.h"
#include "source/requested.h"
#include "source/row.h"
#include "source/shape.h"
#include "source/template.h"
#include "source/tuple.h"
#include "source/turn.h"
#include "source/zone.h"

struct PinReader
{
	const PinOptions *options;
	Oid			userid;
	const char *relname;
	PinTuple   *tuple;			/* that each row becomes */
	PinJsonFields *fields;		/* to pick from each row */
	PinJsonValue *values;		/* of a row that is part of a document, as many */
	List	   *requested;		/* const char *: columns to ask a report for */
	int			nused;			/* the first of them: all but those that show that
								 * there is a row */
	int			date;			/* place of the field DATE; -1: rows have none */
	int			hour;			/* likewise HOUR, and an instant in its place */
	int			instant;
	PinShape   *shape;			/* what a report's row has to be like; NULL: it is
								 * no report */
	PinProgress *progress;		/* to keep up to date, or NULL */

	PinChannel *channel;		/* to share with others; NULL: none */
	bool		tolerant;		/* see pin_reader_tolerate() */
	PinLessons	lessons;		/* of the requests so far */

	/* from start to stop */
	MemoryContext cxt;
	PinRequest *request;
	PinSession *session;
	PinReport  *report;			/* one of these three, or none if there is */
	PinEntities *entities;		/* nothing to ask for, or all has been read */
	PinAnalytics *analytics;
	PinRowsSeen *seen;			/* rows of the reports or analytics */
	List	   *zones;			/* pg_tz * of each advertiser; NIL: all are UTC */
	bool		weeks_known;	/* it has been learnt what begins a week */
	bool		answered;		/* by the analytics */
	int			nlisted;		/* advertisers to read, if all that may be read
								 * are wanted; else 0 */
	double		nrows;			/* read so far */
	PinUsage	usage;			/* of the sessions before the current one */
	int64		reused;			/* reports that were made for earlier scans, but
								 * for those of the current one */
	int64		fallbacks;		/* times that analytics were refused */
	List	   *postponed;		/* char *: advertisers whose turn comes later */
	List	   *loaded;			/* PinLoaded *, when all has been read */
	List	   *empty;			/* likewise, of what came without rows */

	/* for messages */
	PinRow		row;
	const char *current;		/* name of the field at hand, or NULL */
	int			id_place;		/* of an entity's id among the fields; -1: a
								 * report's row has it beside the fields */
};

/*
 * pin_reader_create
 *		Prepares reading some columns of a foreign table.
 *
 * options: of the table; userid: whose user mapping is used; attnums: an
 * IntList.  Made, like all that is read, in the current memory context, whose
 * end aborts all requests.  The options must live as long; the relation need
 * not stay open.
 */
PinReader *
pin_reader_create(Relation rel, const PinOptions *options, Oid userid,
				  List *attnums)
{
	PinReader  *reader = palloc0(sizeof(PinReader));
	List	   *attributes = pin_get_attributes(rel, options);
	const PinResource *resource = options->resource;
	bool		is_report = resource->kind == PIN_REPORT;
	List	   *used = NIL;
	const char **names;
	int			nnames = 0;

	reader->options = options;
	reader->userid = userid;
	reader->relname = pstrdup(RelationGetRelationName(rel));
	reader->tuple = pin_tuple_create(rel, options, reader->relname, attributes,
									 attnums);
	names = palloc0((list_length(attnums) + 3) * sizeof(char *));
	reader->date = reader->hour = reader->instant = -1;
	for (int i = 0; i < reader->tuple->ncolumns; i++)
	{
		PinTupleColumn *column = &reader->tuple->columns[i];

		if (column->source != PIN_FROM_ADVERTISER &&
			column->source != PIN_FROM_ENTITY)
			column->place = pin_json_add_name(names, &nnames, column->api_name);
		if (is_report && column->source == PIN_FROM_FIELD)
			used = lappend(used, (void *) column->api_name);
	}
	reader->id_place = -1;
	if (!is_report)
	{
		const char *id = resource->keys[resource->nkeys - 1].api_name;

		/* messages name the entity, whether or not the query does */
		reader->id_place = pin_json_add_name(names, &nnames, id);
	}
	else if (options->granularity != PIN_TOTAL)
	{
		/*
		 * Whatever the query reads: sums of a part of a period are no good, and
		 * what was not asked for may come with another report as well.
		 */
		reader->date = pin_json_add_name(names, &nnames, "DATE");
		if (options->granularity == PIN_HOUR)
		{
			reader->hour = pin_json_add_name(names, &nnames, "HOUR");
			reader->instant = pin_json_add_name(names, &nnames, "DATE_AS_TIMESTAMP");
		}
	}
	reader->requested = pin_requested_columns(options, attributes, used,
											  &reader->nused);
	if (is_report)
	{
		names = repalloc(names, (nnames +
								 pin_shape_max_names(options, attributes,
													 reader->requested)) * sizeof(char *));
		reader->shape = pin_shape_create(options, reader->relname, attributes,
										 reader->requested, names, &nnames);
	}
	reader->fields = pin_json_fields(nnames, names);
	reader->values = palloc0(Max(nnames, 1) * sizeof(PinJsonValue));

	reader->lessons.cxt = CurrentMemoryContext;
	reader->cxt = AllocSetContextCreate(CurrentMemoryContext,
										"pinterest_fdw scan",
										ALLOCSET_DEFAULT_SIZES);
	return reader;
}

/*
 * pin_reader_columns
 *		The columns to ask a report for: const char *, the API's names.
 */
List *
pin_reader_columns(const PinReader *reader)
{
	return reader->requested;
}

/*
 * row_context
 *		Error context callback: which value of which row is at hand.
 */
static void
row_context(void *arg)
{
	PinReader  *reader = arg;
	const PinRow *row = &reader->row;
	const char *advertiser = row->advertiser_id;
	const char *entity = row->entity_id;
	const char *current = reader->current;

	if (row->json.text == NULL && row->node == NULL)
	{
		errcontext("scan of foreign table \"%s\"", reader->relname);
		return;
	}
	pin_shorten_error();
	if (reader->id_place >= 0)
		entity = reader->fields->cells[reader->id_place].text;
	if (advertiser == NULL)
		advertiser = "unknown";
	entity = entity == NULL ? "unknown" : pin_json_shown_text(entity);
	if (current == NULL)
		current = reader->tuple->current;
	if (current == NULL)
		current = reader->fields->current;
	if (current == NULL)
		errcontext("row of foreign table \"%s\", advertiser %s, entity \"%s\"",
				   reader->relname, advertiser, entity);
	else
	{
		if (geterrcode() == ERRCODE_UNTRANSLATABLE_CHARACTER)
			errhint("The encoding of the database lacks a character. Leave the column out of the query, or drop it from the foreign table; a database of encoding UTF8 has all characters.");
		errcontext("column \"%s\" of foreign table \"%s\", advertiser %s, entity \"%s\"",
				   current, reader->relname, advertiser, entity);
	}
}

/*
 * pin_reader_nused
 *		How many of these columns are read, the first ones.  The others show that
 *		there is a row.
 */
int
pin_reader_nused(const PinReader *reader)
{
	return reader->nused;
}

/*
 * pin_reader_join
 *		Lets a reader share a channel, which must live longer than it.
 */
void
pin_reader_join(PinReader *reader, PinChannel *channel)
{
	reader->channel = channel;
}

/*
 * pin_reader_tolerate
 *		Lets a reader leave out advertisers that are denied although they are named:
 *		it is one of many.
 */
void
pin_reader_tolerate(PinReader *reader)
{
	reader->tolerant = true;
}

/*
 * nobody_readable
 *		Raises the error for a scan of all advertisers that can be read, of which
 *		there is none.
 *
 * No rows would look like advertisers that have nothing.
 */
static void
nobody_readable(PinReader *reader)
{
	PinLeftOut *last = reader->session->left_out == NIL ? NULL :
		llast(reader->session->left_out);

	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("no advertiser may be read for foreign table \"%s\"",
					reader->relname),
			 last == NULL ?
			 errdetail("Pinterest lists no ad account for this access token.") :
			 errdetail_plural("Pinterest lists %d ad account, and denies it: %s",
							  "Pinterest lists %d ad accounts, and denies all of them, the last one with the words: %s",
							  reader->nlisted, reader->nlisted, last->message),
			 errhint("Give the Pinterest user one of the roles Owner, Admin, Analyst or Campaign Manager on an ad account, or authorize as another one.")));
}

/*
 * check_anybody
 *		Refuses to end a scan of all advertisers that has read nobody.
 *
 * Where the query itself narrows the advertisers there is the warning, since
 * the rows of a query must not depend on what of it narrows the requests.
 */
static void
check_anybody(PinReader *reader)
{
	const PinRequest *request = reader->request;
	bool		is_list = request->resource->kind == PIN_ENTITY &&
		request->resource->listing == PIN_LIST_ADVERTISERS &&
		request->advertiser_ids == NIL;

	if (request->is_empty || (reader->loaded != NIL && !is_list))
		return;
	if (is_list ? reader->nrows == 0 :
		reader->nlisted > 0 && request->advertisers == NULL &&
		request->pairs == NIL &&
		list_length(reader->session->left_out) >= reader->nlisted)
		nobody_readable(reader);
}

/*
 * set_days
 *		Finds the windows of the reports: what a week is, and the time zones of the
 *		advertisers, is known only now.
 */
static void
set_days(PinReader *reader)
{
	PinRequest *request = reader->request;

	request->calendar = pin_calendar(request->calendar.now);
	if (pin_days_are_local(reader->options))
		reader->zones = pin_find_zones(reader->session, request->advertiser_ids);
	pin_request_set_days(request, reader->zones);
}

/*
 * pin_reader_start
 *		Starts asking for something: logs in, and finds out what has to be known
 *		before the first row can be asked for.
 *
 * asked: must live until the reader is stopped.  Its advertisers are listed
 * and narrowed here, if that has to be, a template is looked at, and the time
 * zones of the advertisers are asked for.
 */
void
pin_reader_start(PinReader *reader, const PinRequest *asked)
{
	MemoryContext old = MemoryContextSwitchTo(reader->cxt);
	PinRequest *request = palloc(sizeof(PinRequest));
	ErrorContextCallback callback;

	reader->row.json.text = NULL;
	reader->row.node = NULL;
	callback.callback = row_context;
	callback.arg = reader;
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	*request = *asked;
	reader->request = request;
	reader->nlisted = 0;
	reader->nrows = 0;
	reader->seen = reader->shape == NULL ? NULL : pin_rows_seen_create();
	reader->weeks_known = false;
	if (!request->is_empty)
	{
		reader->session = pin_session_create(reader->options, reader->userid,
											 reader->relname);
		reader->session->progress = reader->progress;
		reader->session->lessons = &reader->lessons;
		reader->session->one_of_many = reader->tolerant ||
			reader->options->all_advertisers;
		if (reader->channel != NULL)
			pin_session_join(reader->session, reader->channel);
		if (request->list_advertisers)
		{
			List	   *listed = pin_list_advertisers(reader->session);

			if (listed == NIL)
				nobody_readable(reader);
			request->advertiser_ids = pin_request_advertisers(request, listed);
			request->is_empty = request->advertiser_ids == NIL;
			reader->nlisted = list_length(request->advertiser_ids);
		}
		if (request->most_reports > 0)
		{
			reader->postponed = pin_take_turn(request);
			request->is_empty = request->advertiser_ids == NIL;
		}
	}
	if (!request->is_empty)
	{
		if (request->resource->kind == PIN_ENTITY)
			reader->entities = pin_entities_begin(reader->session, request);
		else if (request->synchronous &&
				 pin_analytics_requests(reader->options, request) > 0)
			reader->analytics = pin_analytics_begin(reader->session, request);
		else
		{
			if (reader->options->template_id != NULL)
				request->advertiser_ids =
					pin_check_template(reader->session, request->advertiser_ids,
									   request->columns);
			set_days(reader);
			reader->report = pin_report_begin(reader->session, request,
											  reader->fields);
		}
	}

	error_context_stack = callback.previous;
	MemoryContextSwitchTo(old);
}

/*
 * get_ready
 *		Takes the next steps while another reader runs.  arg: a PinReader.
 */
static void
get_ready(void *arg)
{
	PinReader  *reader = arg;
	ErrorContextCallback *previous = error_context_stack;
	ErrorContextCallback callback;

	/* what there is to say is not about the row of the other one */
	callback.callback = row_context;
	callback.arg = reader;
	callback.previous = NULL;
	error_context_stack = &callback;
	pin_report_get_ready(reader->report);
	error_context_stack = previous;
}

/*
 * pin_reader_send
 *		Asks for what comes first, before a row is wanted.
 *
 * It is sent when any reader runs that shares the channel, and goes on then as far
 * as it can without anybody.
 */
void
pin_reader_send(PinReader *reader)
{
	if (reader->report != NULL)
	{
		pin_report_start(reader->report);
		reader->session->advance = get_ready;
		reader->session->advance_arg = reader;
	}
	else if (reader->entities != NULL)
		pin_entities_start(reader->entities);
	else if (reader->analytics != NULL)
		pin_analytics_start(reader->analytics);
}

/*
 * begin_weeks_anew
 *		Asks for all reports anew, by weeks that begin with another day.
 */
static void
begin_weeks_anew(PinReader *reader)
{
	PinRequest *request = reader->request;
	MemoryContext old = MemoryContextSwitchTo(reader->cxt);

	pin_note_weeks(request->calendar.week_start == PIN_MONDAY ?
				   PIN_SUNDAY : PIN_MONDAY);
	request->calendar = pin_calendar(request->calendar.now);
	pin_request_set_days(request, reader->zones);
	reader->reused = pin_reader_reused(reader);
	pin_report_end(reader->report);
	reader->report = pin_report_begin(reader->session, request, reader->fields);
	MemoryContextSwitchTo(old);
}

/*
 * check_label
 *		Checks that a row is of a whole week or month, as its label says.
 *
 * Whether weeks begin on Monday or Sunday is learnt from the first row.  False if
 * it is another day than was taken for granted: what was asked for cuts weeks
 * then.
 */
static bool
check_label(PinReader *reader)
{
	PinGranularity granularity = reader->options->granularity;
	PinCell    *cell = &reader->fields->cells[reader->date];
	PinJsonValue label = pin_cell_value(cell);
	PinLabel	verdict = pin_judge_label(granularity,
										  reader->request->calendar.week_start,
										  reader->row.range, &label);

	if (verdict == PIN_LABEL_BAD ||
		(verdict == PIN_LABEL_OTHER_WEEK && reader->weeks_known))
		pin_bad_label(granularity, reader->row.range, &label);
	*cell = pin_value_cell(&label);
	if (verdict == PIN_LABEL_GOOD && granularity == PIN_WEEK && !reader->weeks_known)
		pin_note_weeks(reader->request->calendar.week_start);
	reader->weeks_known = true;
	return verdict == PIN_LABEL_GOOD;
}

/* What becomes of a row */
typedef enum Fate
{
	ROW_STORED,
	ROW_PASSED_OVER,			/* it was not asked for */
	ROW_ASKS_ANEW				/* it shows that all has to be asked for anew */
} Fate;

/*
 * read_hour
 *		The hour that a row is about.
 */
static PinHour
read_hour(const PinReader *reader)
{
	const PinCell *cells = reader->fields->cells;
	PinJsonValue date = pin_cell_value(&cells[reader->date]);
	PinJsonValue hour = pin_cell_value(&cells[reader->hour]);
	PinJsonValue instant = pin_cell_value(&cells[reader->instant]);

	return pin_read_hour(&date, &hour, &instant, reader->row.zone);
}

/*
 * judge_date
 *		What becomes of a row of a report, by its date.
 *
 * A row of a day that was not asked for, as of tomorrow, is none of the table.
 * What cannot be read is left to whoever converts it.  hour: is set by the hour.
 */
static Fate
judge_date(PinReader *reader, PinHour *hour)
{
	const PinCell *date = &reader->fields->cells[reader->date];
	const PinRange *asked = reader->row.range;
	DateADT		day;

	switch (reader->options->granularity)
	{
		case PIN_DAY:
			if (!pin_read_day(date->text, date->len, &day))
				return ROW_STORED;
			break;
		case PIN_HOUR:
			*hour = read_hour(reader);
			if (hour->problem != NULL)
				return ROW_STORED;

			/* one that says its zone may be of another day than its date */
			day = pin_day_of(hour->time, reader->row.zone);
			break;
		default:
			return check_label(reader) ? ROW_STORED : ROW_ASKS_ANEW;
	}

	/* nobody knows whose days those of a template are; analytics are one answer */
	if (reader->options->template_id != NULL || reader->row.node != NULL)
		return ROW_STORED;
	return day < asked->start || day > asked->end ? ROW_PASSED_OVER : ROW_STORED;
}

/*
 * read_fields
 *		Finds the wanted fields of a row, unless they were read when it was found.
 */
static void
read_fields(PinReader *reader)
{
	PinJsonFields *fields = reader->fields;
	const PinJsonRow *json = &reader->row.json;

	if (reader->row.node != NULL)
	{
		/* the texts of the row before have gone */
		memset(fields->cells, 0, fields->count * sizeof(PinCell));
		pin_json_pick(reader->row.node, fields->count, fields->names, reader->values);
		for (int i = 0; i < fields->count; i++)
			fields->cells[i] = pin_value_cell(&reader->values[i]);
	}
	else if (!json->is_read)
		pin_json_read_broken_row(fields, json->text, json->len);
}

/*
 * fill_slot
 *		Converts a row's values and stores them in the scan's slot, unless
 *		something else becomes of it.
 */
static Fate
fill_slot(PinReader *reader, TupleTableSlot *slot)
{
	PinHour		hour = {0};

	read_fields(reader);
	if (reader->date >= 0)
	{
		Fate		fate;

		reader->current = "DATE";
		fate = judge_date(reader, &hour);
		if (fate != ROW_STORED)
			return fate;
		reader->current = NULL;
	}
	if (reader->shape != NULL)
		pin_shape_check(reader->shape, reader->seen, &reader->row,
						reader->fields->cells);
	pin_tuple_fill(reader->tuple, &reader->row, reader->fields->cells,
				   reader->hour >= 0 ? &hour : NULL, slot);
	return ROW_STORED;
}

/*
 * await_analytics
 *		Gets the answers of synchronous analytics, or else falls back to a
 *		report.
 */
static void
await_analytics(PinReader *reader)
{
	pin_analytics_start(reader->analytics);
	reader->answered = pin_analytics_wait(reader->analytics);
	if (!reader->answered)
	{
		MemoryContext old = MemoryContextSwitchTo(reader->cxt);

		reader->fallbacks++;
		reader->analytics = NULL;
		reader->report = pin_report_begin(reader->session, reader->request,
										  reader->fields);
		MemoryContextSwitchTo(old);
	}
}

/*
 * pin_reader_next
 *		Stores the next row in a slot, as a virtual tuple whose values are in
 *		the current memory context; leaves it empty, and returns false, when
 *		all have been read.
 */
bool
pin_reader_next(PinReader *reader, TupleTableSlot *slot)
{
	ErrorContextCallback callback;
	bool		found;
	Fate		fate;

	ExecClearTuple(slot);
	callback.callback = row_context;
	callback.arg = reader;
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	reader->row.json.text = NULL;
	reader->row.node = NULL;
	if (reader->session != NULL)
		reader->session->advance = NULL;
	if (reader->analytics != NULL && !reader->answered)
		await_analytics(reader);
	do
	{
		found = false;
		fate = ROW_STORED;
		reader->row.json.text = NULL;
		reader->row.node = NULL;
		reader->row.writes_zeros = false;
		if (reader->id_place >= 0)
			reader->fields->cells[reader->id_place].text = NULL;	/* it is gone */
		if (reader->report != NULL)
			found = pin_report_next(reader->report, &reader->row);
		else if (reader->entities != NULL)
			found = pin_entities_next(reader->entities, &reader->row);
		else if (reader->analytics != NULL)
			found = pin_analytics_next(reader->analytics, &reader->row);
		if (found)
		{
			/* without a query there is none, which a type's functions may need */
			bool		push = !ActiveSnapshotSet();

			if (push)
				PushActiveSnapshot(GetTransactionSnapshot());
			fate = fill_slot(reader, slot);
			if (push)
				PopActiveSnapshot();
			if (fate == ROW_ASKS_ANEW)
				begin_weeks_anew(reader);
			else if (fate == ROW_PASSED_OVER)
				pin_report_pass_over(reader->report);
			CHECK_FOR_INTERRUPTS();
		}
	} while (fate != ROW_STORED);
	if (found)
	{
		if (!reader->request->by_parts)
			pin_note_shown(reader->session, reader->row.advertiser_id);
		reader->nrows++;
	}
	else if (reader->report != NULL || reader->entities != NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(reader->cxt);

		pin_note_rows(reader->options, reader->request, reader->nrows);
		if (reader->entities != NULL && reader->nrows > 0 &&
			reader->request->limit <= 0)
			pin_tuple_warn_of_unknown(reader->tuple, reader->options->resource);
		reader->reused = pin_reader_reused(reader);
		reader->loaded = reader->report != NULL ?
			pin_report_loaded(reader->report) :
			pin_entities_loaded(reader->entities);
		reader->empty = reader->report != NULL ?
			pin_report_empty(reader->report) :
			pin_entities_empty(reader->entities);
		MemoryContextSwitchTo(old);
		reader->report = NULL;
		reader->entities = NULL;
	}
	if (!found && reader->session != NULL)
		check_anybody(reader);

	error_context_stack = callback.previous;
	return found;
}

/*
 * pin_reader_ready
 *		Up to which day Pinterest calls what a reader is about complete, for one of
 *		a report that has been started and asked for nothing yet.
 */
PinReady
pin_reader_ready(PinReader *reader)
{
	PinReady	nothing = {0};

	return reader->session == NULL ? nothing :
		pin_ready_days(reader->session, reader->request);
}

/*
 * pin_reader_usage
 *		What has been asked and answered since the reader was made.
 */
PinUsage
pin_reader_usage(const PinReader *reader)
{
	PinUsage	usage = reader->usage;

	if (reader->session != NULL)
	{
		usage.requests += reader->session->pool->usage.requests;
		usage.retries += reader->session->pool->usage.retries;
		usage.bytes += reader->session->pool->usage.bytes;
	}
	return usage;
}

/*
 * pin_reader_reused
 *		How many reports were there from earlier scans, likewise.
 */
int64
pin_reader_reused(const PinReader *reader)
{
	return reader->reused +
		(reader->report == NULL ? 0 : pin_report_reused(reader->report));
}

/*
 * pin_reader_fallbacks
 *		How often synchronous analytics were refused, likewise.
 */
int64
pin_reader_fallbacks(const PinReader *reader)
{
	return reader->fallbacks;
}

/*
 * pin_reader_loaded
 *		What has been read to its end, once there are no more rows: a copy, as a
 *		List of PinLoaded in the current memory context.
 *
 * Whatever else was asked for has been left out.
 */
List *
pin_reader_loaded(const PinReader *reader)
{
	return pin_loaded_copy(reader->loaded);
}

/*
 * pin_reader_empty
 *		Reports and lists of that which have come without rows, likewise; each of
 *		several reports of the same advertiser and days by itself.
 */
List *
pin_reader_empty(const PinReader *reader)
{
	return pin_loaded_copy(reader->empty);
}

/*
 * pin_reader_left_out
 *		The advertisers that have been left out since the start, and why: a copy,
 *		as a List of PinLeftOut in the current memory context.
 */
List *
pin_reader_left_out(const PinReader *reader)
{
	List	   *copy = NIL;
	ListCell   *lc;

	if (reader->session == NULL)
		return NIL;
	foreach(lc, reader->session->left_out)
	{
		const PinLeftOut *one = lfirst(lc);
		PinLeftOut *left_out = palloc(sizeof(PinLeftOut));

		left_out->advertiser_id = pstrdup(one->advertiser_id);
		left_out->sqlstate = one->sqlstate;
		left_out->message = pstrdup(one->message);
		copy = lappend(copy, left_out);
	}
	return copy;
}

/*
 * copy_strings
 *		A copy of a List of char *.
 */
static List *
copy_strings(const List *strings)
{
	List	   *copy = NIL;
	ListCell   *lc;

	foreach(lc, strings)
		copy = lappend(copy, pstrdup(lfirst(lc)));
	return copy;
}

/*
 * pin_reader_advertisers
 *		The advertisers that are asked for, as is known once the reader has started;
 *		likewise a copy.
 */
List *
pin_reader_advertisers(const PinReader *reader)
{
	return copy_strings(reader->request->advertiser_ids);
}

/*
 * pin_reader_postponed
 *		The advertisers whose turn comes with a later batch: a copy, as a List of
 *		char * in the current memory context.
 */
List *
pin_reader_postponed(const PinReader *reader)
{
	return copy_strings(reader->postponed);
}

/*
 * pin_reader_stop
 *		Ends all requests; returns what has been asked and answered so far.
 */
PinUsage
pin_reader_stop(PinReader *reader)
{
	reader->usage = pin_reader_usage(reader);
	reader->reused = pin_reader_reused(reader);
	reader->request = NULL;
	reader->session = NULL;
	reader->report = NULL;
	reader->entities = NULL;
	reader->analytics = NULL;
	reader->answered = false;
	reader->zones = NIL;
	reader->postponed = NIL;
	reader->loaded = NIL;
	reader->empty = NIL;
	MemoryContextReset(reader->cxt);
	return reader->usage;
}

/*
 * pin_reader_whole
 *		What a reader asks for that has no query: everything.
 *
 * now: when that is, as today depends on it; pin_covered_days() says which days of
 * a report these are.  It is made in the current memory context.  Nothing of an
 * earlier scan is used again.
 */
PinRequest *
pin_reader_whole(const PinReader *reader, TimestampTz now)
{
	PinRequest *request = pin_request_build(reader->options, reader->requested,
											NIL, NULL);

	request->nused = reader->nused;
	request->anew = true;
	request->by_parts = true;
	if (pin_has_days(request->resource))
	{
		request->calendar.now = now;
		pin_request_set_days(request, NIL);
	}
	return request;
}

/*
 * pin_reader_show
 *		Keeps others informed of how far the reader is, from its start on.
 */
void
pin_reader_show(PinReader *reader, PinProgress *progress)
{
	reader->progress = progress;
}

/*
 * pin_reader_nreports
 *		How many reports a reader that has been started may have asked for and not
 *		read yet, at most; 0 for anything else.
 */
int
pin_reader_nreports(const PinReader *reader)
{
	return reader->report != NULL ? pin_report_ahead(reader->report) : 0;
}

/*
 * pin_reader_request
 *		Asks for the reports of a reader that has been started, without awaiting
 *		any.
 *
 * Returns how many there are; 0 for a list of entities, whose pages are asked
 * for as they are read.
 */
int
pin_reader_request(PinReader *reader)
{
	return reader->report != NULL ? pin_report_request(reader->report) : 0;
}
