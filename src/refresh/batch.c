/*-------------------------------------------------------------------------
 *
 * batch.c
 *	  Batches of advertisers, each of which is a refresh by itself.
 *
 * Reports live an hour, in which a quota lets a few thousand of them be asked for
 * and read.  A table that takes more than that is refreshed by a procedure batch by
 * batch: each is a change by itself, which stays whatever becomes of the others.
 * The next call begins with those whose turn did not come.
 *
 * Until it comes they count as left out, so that whoever looks sees how far it is.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/text.h"
#include "refresh/batch.h"
#include "refresh/freshness.h"

/*
 * pin_batch_choose
 *		Has the request be for a batch, if the call is for batches and the table
 *		can be refreshed so.
 *
 * Rows that were loaded in another way must all go at once; and foreign tables below
 * a parent are as many as their owner likes.
 */
void
pin_batch_choose(PinRefresh *refresh)
{
	const PinBatches *batches = refresh->asked.batches;
	PinRequest *request = refresh->inputs[0].request;

	if (batches == NULL || refresh->ninputs > 1 ||
		request->resource->kind != PIN_REPORT ||
		refresh->source->advertiser < 0 || refresh->differences != NULL)
		return;
	request->most_reports = refresh->source->options->max_reports;
	request->done = batches->done;
	request->turns = pin_freshness_turns(refresh->result.target);
}

/*
 * pin_batch_begin
 *		Notes whose turn it is, and whose comes later, once the reader has started.
 */
void
pin_batch_begin(PinRefresh *refresh)
{
	MemoryContext oldcontext;

	if (refresh->inputs[0].request->most_reports == 0)
		return;
	oldcontext = MemoryContextSwitchTo(refresh->context);
	refresh->turn = pin_reader_advertisers(refresh->inputs[0].reader);
	refresh->postponed = pin_reader_postponed(refresh->inputs[0].reader);
	MemoryContextSwitchTo(oldcontext);
}

/*
 * pin_batch_is_part
 *		Whether a refresh is about some advertisers, and there are others.
 */
bool
pin_batch_is_part(const PinRefresh *refresh)
{
	return refresh->postponed != NIL ||
		(refresh->asked.batches != NULL && refresh->asked.batches->done != NIL);
}

/*
 * pin_batch_note
 *		Adds to those who are left out whom earlier batches have left out, and whose
 *		turn comes later.
 */
void
pin_batch_note(PinRefresh *refresh)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);
	ListCell   *lc;

	if (refresh->asked.batches != NULL)
		refresh->left_out = list_concat(refresh->left_out,
										refresh->asked.batches->left_out);
	foreach(lc, refresh->postponed)
	{
		PinLeftOut *left_out = palloc(sizeof(PinLeftOut));

		left_out->advertiser_id = lfirst(lc);
		left_out->sqlstate = ERRCODE_CONFIGURATION_LIMIT_EXCEEDED;
		left_out->message = _("its turn comes with a later batch of advertisers");
		refresh->left_out = lappend(refresh->left_out, left_out);
	}
	MemoryContextSwitchTo(oldcontext);
}

/*
 * is_about_batch
 *		Whether an error has to do with what was asked for, so that other batches
 *		need not meet it.
 */
static bool
is_about_batch(const ErrorData *error)
{
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case MAKE_SQLSTATE('2', '2', '0', '0', '0'):
		case MAKE_SQLSTATE('2', '3', '0', '0', '0'):
			return true;
		case MAKE_SQLSTATE('H', 'V', '0', '0', '0'):
			return error->sqlerrcode != ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
		default:
			return error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE ||
				error->sqlerrcode == ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
	}
}

/*
 * note_left_out
 *		Adds an advertiser to those whom a batch has left out, unless it is among
 *		them.
 */
static void
note_left_out(PinBatches *batches, const char *advertiser_id, int sqlstate,
			  const char *message)
{
	PinLeftOut *copy;
	ListCell   *lc;

	foreach(lc, batches->left_out)
	{
		if (strcmp(((PinLeftOut *) lfirst(lc))->advertiser_id, advertiser_id) == 0)
			return;
	}
	copy = palloc(sizeof(PinLeftOut));
	copy->advertiser_id = pstrdup(advertiser_id);
	copy->sqlstate = sqlstate;
	copy->message = pstrdup(message);
	batches->left_out = lappend(batches->left_out, copy);
}

/*
 * pin_batch_end
 *		A batch has ended: notes in the current memory context, which outlives the
 *		refresh, whose turn is over, and whether there are others.
 *
 * error: what it has failed with; NULL: it has not.  One batch that fails, as the
 * rows of an advertiser can make it do, does not keep the others from their turn.
 */
void
pin_batch_end(const PinRefresh *refresh, const ErrorData *error)
{
	PinBatches *batches = refresh->asked.batches;
	ListCell   *lc;

	if (batches == NULL)
		return;
	foreach(lc, refresh->left_out)
	{
		const PinLeftOut *one = lfirst(lc);

		if (!pin_has_string(refresh->postponed, one->advertiser_id))
			note_left_out(batches, one->advertiser_id, one->sqlstate, one->message);
	}
	foreach(lc, refresh->turn)
	{
		batches->done = lappend(batches->done, pstrdup(lfirst(lc)));
		if (error != NULL)
			note_left_out(batches, lfirst(lc), error->sqlerrcode,
						  pin_shorten(error->message));
	}
	batches->more = refresh->postponed != NIL && refresh->turn != NIL &&
		(error == NULL || is_about_batch(error));
}
