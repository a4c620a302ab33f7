/*-------------------------------------------------------------------------
 *
 * input.c
 *	  The foreign tables that a refresh reads.
 *
 * That is its source, or all that is below it.  Those of one server share a
 * channel, so that the option max_connections holds for them together; and all of
 * them are under way side by side, as far as the option max_reports allows, but read
 * one after the other.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "api/session.h"
#include "base/text.h"
#include "refresh/batch.h"
#include "refresh/input.h"

/* What the inputs from one server share */
typedef struct ServerChannel
{
	Oid			serverid;
	PinChannel	channel;
} ServerChannel;

/*
 * channel_of
 *		What the inputs from a server share.
 */
static PinChannel *
channel_of(PinRefresh *refresh, Oid serverid)
{
	ServerChannel *own;
	dlist_iter	iter;

	dlist_foreach(iter, &refresh->channels)
	{
		own = dlist_container(ServerChannel, channel.node, iter.cur);
		if (own->serverid == serverid)
			return &own->channel;
	}
	own = palloc0(sizeof(ServerChannel));
	own->serverid = serverid;
	pin_channel_init(&own->channel, &refresh->channels);
	return &own->channel;
}

/*
 * check_privileges
 *		Raises 42501 if the owner of the target may not read the source.
 *
 * Of a parent that is what counts, as in a query, and not its children.
 */
static void
check_privileges(const PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	Oid			userid = refresh->owner;

	for (int i = 0; i < source->ncolumns; i++)
	{
		AttrNumber	attnum = source->columns[i].attnum;

		if (pg_class_aclcheck(source->relid, userid, ACL_SELECT) != ACLCHECK_OK &&
			pg_attribute_aclcheck(source->relid, attnum, userid,
								  ACL_SELECT) != ACLCHECK_OK)
			aclcheck_error(ACLCHECK_NO_PRIV,
						   source->children != NIL ? OBJECT_TABLE : OBJECT_FOREIGN_TABLE,
						   source->relname);
	}
}

/*
 * open_input
 *		Prepares reading a foreign table.
 */
static void
open_input(PinRefresh *refresh, PinInput *input, const PinSourceTable *table)
{
	const PinSourceTable *source = refresh->source;
	Relation	rel = relation_open(table->relid, AccessShareLock);
	bool		several = source->children != NIL;
	List	   *attnums = NIL;

	input->table = table;
	input->attnums = palloc(sizeof(AttrNumber) * Max(source->ncolumns, 1));
	for (int i = 0; i < source->ncolumns; i++)
	{
		input->attnums[i] = several ?
			get_attnum(table->relid, source->columns[i].name) :
			source->columns[i].attnum;
		attnums = lappend_int(attnums, input->attnums[i]);
	}
	input->slot = MakeSingleTupleTableSlot(CreateTupleDescCopy(RelationGetDescr(rel)),
										   &TTSOpsVirtual);
	input->reader = pin_reader_create(rel, table->options, refresh->owner, attnums);
	input->progress = refresh->run->progress;
	if (several)
	{
		pin_reader_join(input->reader, channel_of(refresh, table->options->serverid));
		pin_reader_tolerate(input->reader);
		input->progress = palloc0(sizeof(PinProgress));
	}
	pin_reader_show(input->reader, input->progress);
	input->request = pin_reader_whole(input->reader, refresh->result.started_at);
	relation_close(rel, NoLock);
}

/*
 * pin_inputs_open
 *		Prepares reading the source.
 *
 * What is read is what the source is now, even if it is altered before that.
 * Raises 42501 if the owner of the target may not read the source.
 */
void
pin_inputs_open(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);
	ListCell   *lc;

	check_privileges(refresh);
	dlist_init(&refresh->channels);
	refresh->inputs = palloc0(sizeof(PinInput) * Max(list_length(source->children), 1));
	if (source->children == NIL)
		open_input(refresh, &refresh->inputs[refresh->ninputs++], source);
	foreach(lc, source->children)
		open_input(refresh, &refresh->inputs[refresh->ninputs++], lfirst(lc));
	pin_batch_choose(refresh);
	MemoryContextSwitchTo(oldcontext);
}

/*
 * ask_if_ready
 *		Finds out which days are complete, before anything is asked for: what is
 *		complete later may not have been when its report was made.
 */
static void
ask_if_ready(PinRefresh *refresh)
{
	if (refresh->source->date >= 0)
		refresh->ready = pin_reader_ready(refresh->inputs[0].reader);
	refresh->run->questions = refresh->ready.questions;
}

/*
 * start_ahead
 *		Starts the inputs up to the one that is to be read, and others after it as
 *		long as not too many reports are waiting to be read.
 *
 * Returns how many reports these are.
 */
static int
start_ahead(PinRefresh *refresh, int current)
{
	int			nreports = 0;

	for (int i = current; i < refresh->nstarted; i++)
		nreports += refresh->inputs[i].nreports;
	while (refresh->nstarted < refresh->ninputs &&
		   (refresh->nstarted <= current ||
			nreports < refresh->source->options->max_reports))
	{
		PinInput   *input = &refresh->inputs[refresh->nstarted];

		pin_reader_start(input->reader, input->request);
		if (refresh->nstarted++ == 0)
			ask_if_ready(refresh);
		input->nreports = pin_reader_nreports(input->reader);
		nreports += input->nreports;
		if (refresh->ninputs == 1)
			pin_batch_begin(refresh);
		else
			pin_reader_send(input->reader);
	}
	return nreports;
}

/*
 * pin_inputs_request
 *		Asks for reports without awaiting any; returns how many these are.
 */
int
pin_inputs_request(PinRefresh *refresh)
{
	int			nreports;

	/* lists are asked for page by page */
	if (refresh->source->options->resource->kind != PIN_REPORT)
		return 0;
	nreports = start_ahead(refresh, 0);
	for (int i = 0; i < refresh->nstarted; i++)
		(void) pin_reader_request(refresh->inputs[i].reader);
	return nreports;
}

/*
 * show_progress
 *		Lets others see how far all inputs together are.
 */
static void
show_progress(PinRefresh *refresh)
{
	PinProgress *progress = refresh->run->progress;
	uint64		windows = 0;
	uint64		ready = 0;
	uint64		bytes = 0;
	uint64		total = 0;

	if (progress == NULL || refresh->ninputs == 1)
		return;
	for (int i = 0; i < refresh->nstarted; i++)
	{
		PinProgress *own = refresh->inputs[i].progress;

		windows += pg_atomic_read_u64(&own->windows);
		ready += pg_atomic_read_u64(&own->windows_ready);
		bytes += pg_atomic_read_u64(&own->bytes);
		total += pg_atomic_read_u64(&own->total_bytes);
	}
	pg_atomic_write_u64(&progress->windows, windows);
	pg_atomic_write_u64(&progress->windows_ready, ready);
	pg_atomic_write_u64(&progress->bytes, bytes);
	pg_atomic_write_u64(&progress->total_bytes, total);
}

/*
 * has_same_columns
 *		Whether a row of an input has the columns of the source in their order, and
 *		no others.
 */
static bool
has_same_columns(const PinRefresh *refresh, const PinInput *input)
{
	for (int i = 0; i < refresh->source->ncolumns; i++)
	{
		if (input->attnums[i] != i + 1)
			return false;
	}
	return true;
}

/*
 * read_input
 *		Reads what has been asked of a foreign table, to its end.
 */
static void
read_input(PinRefresh *refresh, PinInput *input, PinTakeInput take)
{
	int			ncolumns = refresh->source->ncolumns;
	TupleTableSlot *slot = input->slot;
	MemoryContext row_context = AllocSetContextCreate(refresh->context,
													  "pinterest_fdw row",
													  ALLOCSET_DEFAULT_SIZES);
	bool		copies = !has_same_columns(refresh, input);
	Datum	   *values = copies ? palloc(sizeof(Datum) * Max(ncolumns, 1)) :
		slot->tts_values;
	bool	   *nulls = copies ? palloc(sizeof(bool) * Max(ncolumns, 1)) :
		slot->tts_isnull;
	MemoryContext oldcontext = MemoryContextSwitchTo(row_context);

	while (pin_reader_next(input->reader, slot))
	{
		for (int i = 0; copies && i < ncolumns; i++)
		{
			values[i] = slot->tts_values[input->attnums[i] - 1];
			nulls[i] = slot->tts_isnull[input->attnums[i] - 1];
		}
		take(refresh, values, nulls);

		/* after each row, whether it is kept or not */
		MemoryContextReset(row_context);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(oldcontext);
	MemoryContextDelete(row_context);
}

/*
 * note_read
 *		Notes what has been read of a foreign table, and gives back what several of
 *		them need not hold until the last one has been read.
 */
static void
note_read(PinRefresh *refresh, PinInput *input)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);

	input->loaded = pin_reader_loaded(input->reader);
	input->empty = pin_reader_empty(input->reader);
	input->left_out = pin_reader_left_out(input->reader);
	input->nreports = 0;
	MemoryContextSwitchTo(oldcontext);
	if (refresh->ninputs > 1)
		pin_reader_stop(input->reader);
}

/*
 * pin_inputs_read
 *		Reads what has been asked of the source, to its end, and hands on the rows.
 */
void
pin_inputs_read(PinRefresh *refresh, PinTakeInput take)
{
	for (int i = 0; i < refresh->ninputs; i++)
	{
		(void) start_ahead(refresh, i);
		show_progress(refresh);
		read_input(refresh, &refresh->inputs[i], take);
		note_read(refresh, &refresh->inputs[i]);
	}
	show_progress(refresh);
}

/*
 * request_again
 *		A request for those parts of an input, PinLoaded *, alone.
 */
static PinRequest *
request_again(const PinInput *input, List *parts)
{
	PinRequest *request = palloc(sizeof(PinRequest));
	ListCell   *lc;

	*request = *input->request;
	request->pairs = parts;
	request->most_reports = 0;
	request->list_advertisers = false;
	request->advertiser_ids = NIL;
	foreach(lc, parts)
	{
		char	   *id = unconstify(char *, ((PinLoaded *) lfirst(lc))->advertiser_id);

		/* those of an advertiser come one after the other */
		if (id != NULL && (request->advertiser_ids == NIL ||
						   strcmp(llast(request->advertiser_ids), id) != 0))
			request->advertiser_ids = lappend(request->advertiser_ids, id);
	}
	return request;
}

/*
 * narrow_loaded
 *		What has been read of an input, now that some parts have been asked for
 *		again: who is left out this time, is left out.
 */
static List *
narrow_loaded(List *former, List *parts, List *again)
{
	List	   *loaded = NIL;
	ListCell   *lc;

	foreach(lc, former)
	{
		PinLoaded  *pair = lfirst(lc);
		PinLoaded  *answer = pin_loaded_find(again, pair->advertiser_id,
											 &pair->range);

		if (answer != NULL)
			pair->range.end = Min(pair->range.end, answer->range.end);
		else if (pin_loaded_find(parts, pair->advertiser_id, &pair->range) != NULL)
			continue;
		loaded = lappend(loaded, pair);
	}
	return loaded;
}

/*
 * read_input_again
 *		Asks once more for parts of an input that have come empty, PinLoaded *;
 *		returns those that are empty still.
 */
static List *
read_input_again(PinRefresh *refresh, PinInput *input, List *parts,
				 PinTakeInput take)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);
	PinRequest *request = request_again(input, parts);
	List	   *former_left_out = input->left_out;
	List	   *former = input->loaded;
	List	   *still = NIL;
	ListCell   *lc;

	MemoryContextSwitchTo(oldcontext);
	pin_reader_stop(input->reader);
	pin_reader_start(input->reader, request);
	read_input(refresh, input, take);
	note_read(refresh, input);

	oldcontext = MemoryContextSwitchTo(refresh->context);
	input->left_out = list_concat(former_left_out, input->left_out);
	foreach(lc, parts)
	{
		PinLoaded  *one = lfirst(lc);

		if (pin_loaded_find_report(input->empty, one->advertiser_id, &one->range,
								   one->types) != NULL)
			still = lappend(still, one);
	}
	input->loaded = narrow_loaded(former, parts, input->loaded);
	MemoryContextSwitchTo(oldcontext);
	return still;
}

/*
 * pin_inputs_read_again
 *		Asks once more for what has come empty.
 *
 * empty: PinLoaded * of the inputs, each a report or a list.  Hands on the rows
 * that come now.  Returns what is empty still.
 */
List *
pin_inputs_read_again(PinRefresh *refresh, List *empty, PinTakeInput take)
{
	List	   *still = NIL;

	for (int i = 0; i < refresh->ninputs; i++)
	{
		PinInput   *input = &refresh->inputs[i];
		List	   *parts = NIL;
		ListCell   *lc;
		MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);

		foreach(lc, input->empty)
		{
			if (list_member_ptr(empty, lfirst(lc)))
				parts = lappend(parts, lfirst(lc));
		}
		MemoryContextSwitchTo(oldcontext);
		if (parts != NIL)
			still = list_concat(still,
								read_input_again(refresh, input, parts, take));
	}
	return still;
}

/*
 * pin_inputs_usage
 *		What has been asked and answered so far.
 */
PinUsage
pin_inputs_usage(const PinRefresh *refresh)
{
	PinUsage	sum = {0};

	for (int i = 0; i < refresh->ninputs; i++)
	{
		PinUsage	usage = pin_reader_usage(refresh->inputs[i].reader);

		sum.requests += usage.requests;
		sum.retries += usage.retries;
		sum.bytes += usage.bytes;
	}
	return sum;
}

/*
 * pin_inputs_stop
 *		Ends all requests.
 */
void
pin_inputs_stop(PinRefresh *refresh)
{
	for (int i = 0; i < refresh->ninputs; i++)
		pin_reader_stop(refresh->inputs[i].reader);
}
