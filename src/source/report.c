/*-------------------------------------------------------------------------
 *
 * report.c
 *	  Asynchronous reports: ask for them, wait for them, read them.
 *
 * Pinterest prepares a report of at most 186 days (31 of product items, 3 by
 * the hour) in the background and then lends a link to it for five minutes,
 * and a new one on demand for an hour.  So a range of days is split into
 * windows, a report each, which are all asked for at once; each goes through
 * the states below, and whichever is ready first is read first.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/session.h"
#include "base/dates.h"
#include "base/progress.h"
#include "request/window.h"
#include "source/aside.h"
#include "source/loaded.h"
#include "source/making.h"
#include "source/order.h"
#include "source/report.h"
#include "source/state.h"

/* A link older than this is not tried; Pinterest's limit is five minutes. */
#define LINK_LIFETIME_MS	(4 * 60 * 1000)

/*
 * How many requests for reports are made before they can be sent.  Each takes some
 * kilobytes until it is answered, and there may be thousands of reports.
 */
#define REQUESTS_AHEAD		64

/*
 * A download is refused with status 403 when its link has expired, but also
 * for other reasons that a new link does not mend.
 */
#define MAX_RENEWALS		3

/*
 * start_download
 *		Begins the download of a report that is ready.
 */
static void
start_download(PinReport *report, PinWindow *window)
{
	char	   *what;

	/* one that waited long for its turn needs a new link */
	if (TimestampDifferenceExceeds(window->linked_at, GetCurrentTimestamp(),
								   LINK_LIFETIME_MS))
	{
		pin_window_renew(report, window);
		return;
	}
	what = psprintf("download of the report from %s to %s",
					pin_format_date(window->range.start),
					pin_format_date(window->range.end));
	window->call = pin_call_download(report->session, window->url, what);
	window->call->held = true;
	window->state = WINDOW_READING;
	pfree(what);
}

/*
 * start_downloads
 *		Begins as many downloads as there are connections for, but for one that is
 *		left to reports that are not ready.
 *
 * What arrives of those that are not being read is kept in memory up to a limit,
 * where they rest, or is put aside, see aside.c.  So one that is slow holds up no
 * other.
 */
static void
start_downloads(PinReport *report)
{
	int			most = report->session->options->max_connections;
	int			nopen = 0;
	int			nunder_way = 0;
	bool		unready = false;

	for (int i = 0; i < report->nwindows; i++)
	{
		PinWindow  *window = &report->windows[i];

		if (window->state == WINDOW_READING)
		{
			PinHttpRequest *request = window->call->request;

			if (window->call->state == PIN_CALL_DONE && window != report->reading)
				continue;		/* all of it has been put aside */
			nopen++;
			if (request == NULL || (!request->done && !request->paused))
				nunder_way++;
		}
		else if (window->state < WINDOW_READY)
			unready = true;
	}
	if (unready && most > 1)
		most--;

	/* if a few rows will do, the first report may well have them */
	if (report->request->limit > 0 || report->nasked < report->nwindows)
		most = 1 - nopen + nunder_way;
	for (int i = 0; i < report->nwindows && nunder_way < most &&
		 nopen < 2 * report->session->options->max_connections; i++)
	{
		if (report->windows[i].state != WINDOW_READY)
			continue;
		start_download(report, &report->windows[i]);
		nopen++;
		nunder_way++;
	}
}

/*
 * is_complete
 *		Whether all of a download has arrived.
 */
static bool
is_complete(const PinWindow *window)
{
	return window->call->state == PIN_CALL_DONE ||
		(window->call->request != NULL && window->call->request->done);
}

/*
 * begin_reading
 *		Begins to read a report of which all, or else something, has arrived.
 */
static void
begin_reading(PinReport *report)
{
	PinWindow  *best = NULL;
	MemoryContext old;

	for (int i = 0; i < report->nwindows; i++)
	{
		PinWindow  *window = &report->windows[i];

		if (window->state == WINDOW_READING &&
			(is_complete(window) ||
			 (best == NULL && (pin_call_has_input(window->call) ||
							   pin_aside_has(window)))))
			best = window;
		if (best != NULL && is_complete(best))
			break;
	}
	if (best == NULL)
		return;
	best->call->held = false;
	report->reading = best;
	MemoryContextReset(report->stream_cxt);
	old = MemoryContextSwitchTo(report->stream_cxt);
	report->stream = pin_json_stream_create(report->fields);
	MemoryContextSwitchTo(old);
}

/*
 * is_empty
 *		Whether the download of a report that has no document in it is complete.
 *
 * It is if the other side has told where it ends, and if it is not shorter than
 * Pinterest says.
 */
static bool
is_empty(const PinReport *report, const PinWindow *window)
{
	const PinCall *call = window->call;

	return pin_json_stream_is_blank(report->stream) && call->skip == 0 &&
		call->request->has_end &&
		window->size <= Max(call->taken, call->request->content_length);
}

/*
 * finish_reading
 *		The download is complete: so must be the document.
 */
static void
finish_reading(PinReport *report, PinWindow *window)
{
	if (!pin_json_stream_at_end(report->stream) && !is_empty(report, window))
		pin_report_error(report, window, ERRCODE_FDW_ERROR,
					 "Pinterest sent an incomplete report",
					 "Run the statement again.");
	pin_call_free(report->session, window->call);
	window->call = NULL;
	pin_aside_free(report, window);
	pin_window_end(window);
	report->reading = NULL;

	/* other scans of the statement may go on for long */
	MemoryContextReset(report->stream_cxt);
	report->stream = NULL;
}

/*
 * give_up
 *		Ends a window whose report is not had, or not all of it.
 */
static void
give_up(PinReport *report, PinWindow *window)
{
	if (window->call != NULL)
		pin_call_free(report->session, window->call);
	if (window->download != NULL)
		pin_call_free(report->session, window->download);
	window->call = NULL;
	window->download = NULL;
	if (report->reading == window)
	{
		MemoryContextReset(report->stream_cxt);
		report->stream = NULL;
		report->reading = NULL;
	}
	pin_aside_free(report, window);
	window->left_out = true;
	pin_window_end(window);
}

/*
 * drop_advertiser
 *		Gives up the reports of an advertiser that may not be read, as the answer
 *		about one of them says.
 *
 * Where each part counts for itself, those that Pinterest has been asked for go
 * on: they have answers of their own.  Elsewhere a part of what an advertiser has
 * would look like all of it, so this raises 42501 if one of its reports has been
 * read before, be it in part.
 */
static void
drop_advertiser(PinReport *report, PinWindow *denied)
{
	const char *advertiser_id = denied->advertiser_id;
	bool		by_parts = report->request->by_parts;

	for (int i = 0; i < report->nwindows && !by_parts; i++)
	{
		PinWindow  *window = &report->windows[i];

		if (strcmp(window->advertiser_id, advertiser_id) == 0 &&
			(window->state == WINDOW_DONE || pin_window_has_begun(window)))
			pin_report_error(report, window, ERRCODE_INSUFFICIENT_PRIVILEGE,
						 "Pinterest denied some reports of an advertiser, but not all,",
						 "Run the statement again.");
	}
	pin_leave_out(report->session, denied->call);
	give_up(report, denied);
	for (int i = 0; i < report->nwindows; i++)
	{
		PinWindow  *window = &report->windows[i];

		if (strcmp(window->advertiser_id, advertiser_id) != 0 ||
			window->state == WINDOW_DONE)
			continue;
		if (!by_parts || window->state == WINDOW_NEW ||
			(window->state == WINDOW_CREATING &&
			 window->call->state == PIN_CALL_WAITING))
			give_up(report, window);
	}
}

/*
 * compare_windows
 *		qsort_arg() comparator of numbers of a report's windows: the newest first.
 */
static int
compare_windows(const void *a, const void *b, void *arg)
{
	const PinReport *report = arg;
	int			one = *(const int *) a;
	int			other = *(const int *) b;
	DateADT		one_end = report->windows[one].range.end;
	DateADT		other_end = report->windows[other].range.end;

	if (one_end != other_end)
		return one_end > other_end ? -1 : 1;
	return one < other ? -1 : 1;
}

/*
 * give_turns
 *		Decides which windows are asked for when.
 *
 * If few rows will do, the newest windows are the first, as many of them as may
 * have these rows.
 */
static void
give_turns(PinReport *report)
{
	double		share = report->request->first_share;
	int		   *order;

	report->nasked = report->nwindows;
	if (share <= 0 || share >= 1 || report->nwindows < 2)
		return;
	report->nasked = Max((int) ceil(share * report->nwindows), 1);
	order = palloc(report->nwindows * sizeof(int));
	for (int i = 0; i < report->nwindows; i++)
		order[i] = i;
	qsort_arg(order, report->nwindows, sizeof(int), compare_windows, report);
	for (int i = 0; i < report->nwindows; i++)
		report->windows[order[i]].turn = i;
	pfree(order);
}

/*
 * ask_for_more
 *		If all windows that were asked for have been read, it is the turn of others:
 *		twice as many, since whoever waits for one after the other waits long.
 */
static void
ask_for_more(PinReport *report)
{
	if (report->nasked >= report->nwindows)
		return;
	for (int i = 0; i < report->nwindows; i++)
	{
		if (report->windows[i].turn < report->nasked &&
			report->windows[i].state != WINDOW_DONE)
			return;
	}
	report->nasked += Min(2 * report->nasked, report->nwindows - report->nasked);
}

/*
 * create_next
 *		Asks for the next reports, as far as there are not too many requests, nor
 *		too many reports that have not been read.  Returns whether there are others
 *		that can be asked for as soon as there are fewer requests.
 *
 * Reports live an hour.  As many as a quota lets be asked for in that time would be
 * gone before they are read.
 */
static bool
create_next(PinReport *report)
{
	int			count = 0;
	int			unread = 0;

	for (int i = 0; i < report->nwindows; i++)
	{
		PinWindowState state = report->windows[i].state;

		/* those that are used again have been asked about instead */
		if (state == WINDOW_CREATING || state == WINDOW_POLLING)
			count++;
		if (state != WINDOW_NEW && state != WINDOW_DONE)
			unread++;
	}
	for (int i = 0; i < report->nwindows; i++)
	{
		if (report->windows[i].state != WINDOW_NEW ||
			report->windows[i].turn >= report->nasked)
			continue;
		if (unread >= report->session->options->max_reports)
			return false;
		if (count >= REQUESTS_AHEAD)
			return true;
		pin_window_create(report, &report->windows[i]);
		count++;
		unread++;
	}
	return false;
}

/*
 * advance
 *		Lets each window take its next step.
 *
 * Returns false when all have been read.
 */
static bool
advance(PinReport *report)
{
	bool		left = false;

	for (int i = 0; i < report->nwindows; i++)
	{
		PinWindow  *window = &report->windows[i];

		switch (window->state)
		{
			case WINDOW_CREATING:
				if (window->call->state == PIN_CALL_DONE)
					pin_window_take_creation(report, window);
				else if (window->call->state == PIN_CALL_REFUSED)
					pin_window_take_refusal(report, window);
				else if (window->call->state == PIN_CALL_DENIED)
					drop_advertiser(report, window);
				break;
			case WINDOW_POLLING:
				if (window->call->state == PIN_CALL_DONE)
					pin_window_take_poll(report, window);
				else if (window->call->state == PIN_CALL_REFUSED)
				{
					/* it may not know the token any more, of which 404 tells */
					if (!window->reused && window->call->request->status != 404)
						pin_call_raise(report->session, window->call);
					pin_call_free(report->session, window->call);
					window->call = NULL;
					pin_window_recreate(report, window, "unknown");
				}
				else if (window->call->state == PIN_CALL_DENIED)
					drop_advertiser(report, window);
				break;
			case WINDOW_READING:
				if (window->call->state == PIN_CALL_DONE)
				{
					if (report->reading == window && !pin_aside_has(window))
						finish_reading(report, window);
				}
				else if (window->call->state == PIN_CALL_LINK_EXPIRED)
				{
					if (++window->renewals > MAX_RENEWALS)
						pin_report_error(report, window, ERRCODE_INSUFFICIENT_PRIVILEGE,
									 "the download of a report was refused",
									 "Run the statement again.");
					window->download = window->call;
					pin_window_renew(report, window);
				}
				break;
			case WINDOW_NEW:
			case WINDOW_WAITING:
			case WINDOW_READY:
			case WINDOW_DONE:
				break;
		}
		if (window->state != WINDOW_DONE)
			left = true;
	}

	ask_for_more(report);
	(void) create_next(report);
	pin_report_poll(report);

	/* only now, since the reading of a later one may just have ended */
	start_downloads(report);
	if (report->reading == NULL)
		begin_reading(report);
	return left;
}

/*
 * show_progress
 *		Lets others see how many reports are ready, and how large these are.
 */
static void
show_progress(const PinReport *report)
{
	PinProgress *progress = report->session->progress;
	int			ready = 0;
	int64		size = 0;

	if (progress == NULL)
		return;
	for (int i = 0; i < report->nwindows; i++)
	{
		if (report->windows[i].state >= WINDOW_READY)
			ready++;
		size += Max(report->windows[i].size, 0);
	}
	pg_atomic_write_u64(&progress->windows, report->nwindows);
	pg_atomic_write_u64(&progress->windows_ready, ready);
	pg_atomic_write_u64(&progress->total_bytes, size);
}

/*
 * count_ranges
 *		How many ranges of days a request has of all its advertisers.
 */
static int
count_ranges(const PinRequest *request)
{
	int			count = 0;
	ListCell   *lc;

	if (request->local == NIL)
		return list_length(request->advertiser_ids) * list_length(request->ranges);
	foreach(lc, request->local)
		count += list_length(((PinLocalDays *) lfirst(lc))->ranges);
	return count;
}

/*
 * pin_report_begin
 *		Prepares the reports that a request takes: one for each advertiser,
 *		window, batch of filters and batch of targeting types.
 *
 * The request and the fields, which are to be picked from each row, must live as
 * long as the session, in whose memory context the result is made.  Nothing is sent
 * yet.
 */
PinReport *
pin_report_begin(PinSession *session, const PinRequest *request,
				 PinJsonFields *fields)
{
	MemoryContext old = MemoryContextSwitchTo(session->cxt);
	PinReport  *report = palloc0(sizeof(PinReport));
	List	   *batches = pin_order_types(request->types,
										   request->resource->max_types);
	ListCell   *advertiser;

	report->session = session;
	report->request = request;
	report->fields = fields;
	pin_polls_init(&report->polls, 0);
	report->windows = palloc0(Max(count_ranges(request) *
								  list_length(request->batches) *
								  list_length(batches), 1) * sizeof(PinWindow));
	foreach(advertiser, request->advertiser_ids)
	{
		PinLocalDays *local = request->local == NIL ? NULL :
			list_nth(request->local, foreach_current_index(advertiser));
		ListCell   *lc;

		foreach(lc, local != NULL ? local->ranges : request->ranges)
		{
			const PinRange *range = lfirst(lc);
			PinLoaded  *wanted = pin_loaded_find(request->pairs,
												 lfirst(advertiser), range);
			int			pair = report->npairs;
			ListCell   *filters;

			if (request->pairs != NIL && wanted == NULL)
				continue;
			report->npairs++;
			foreach(filters, request->batches)
			{
				ListCell   *types;

				foreach(types, batches)
				{
					PinWindow  *window = &report->windows[report->nwindows];

					if (wanted != NULL &&
						pin_loaded_find_report(request->pairs, lfirst(advertiser),
											   range, lfirst(types)) == NULL)
						continue;
					report->nwindows++;
					window->advertiser_id = lfirst(advertiser);
					window->range = wanted != NULL ? wanted->range : *range;
					window->zone = local != NULL ? local->zone : NULL;
					window->pair = pair;
					window->filters = lfirst(filters);
					window->types = lfirst(types);
				}
			}
		}
	}
	give_turns(report);
	report->stream_cxt = AllocSetContextCreate(session->cxt,
											   "pinterest_fdw report",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(old);
	return report;
}

/*
 * pin_report_ahead
 *		How many reports may have been asked for and not been read, at most.
 */
int
pin_report_ahead(const PinReport *report)
{
	return Min(report->nwindows, report->session->options->max_reports);
}

/*
 * pin_report_request
 *		Asks for all reports, as far as so many may be asked for before any is read,
 *		and returns how many these are.
 *
 * Waits until Pinterest has answered to each request, but not until any report
 * is ready.  What other answers than good ones say is left to pin_report_next().
 */
int
pin_report_request(PinReport *report)
{
	bool		waiting = true;

	show_progress(report);
	while (waiting)
	{
		waiting = create_next(report);
		for (int i = 0; i < report->nwindows; i++)
		{
			PinWindow  *window = &report->windows[i];

			if (window->state == WINDOW_CREATING &&
				window->call->state == PIN_CALL_DONE)
				pin_window_take_creation(report, window);
			if (window->state == WINDOW_CREATING &&
				window->call->state == PIN_CALL_REFUSED)
				pin_window_take_refusal(report, window);
			if (window->state == WINDOW_CREATING &&
				(window->call->state == PIN_CALL_WAITING ||
				 window->call->state == PIN_CALL_UNDER_WAY))
				waiting = true;
		}
		if (waiting)
			pin_session_run(report->session);
	}
	return pin_report_ahead(report);
}

/*
 * pin_report_start
 *		Asks for the reports, which is sent when any session runs that shares
 *		the channel.
 */
void
pin_report_start(PinReport *report)
{
	advance(report);
}

/*
 * pin_report_get_ready
 *		Goes on with reports while others are read: asks whether they are ready, and
 *		begins to download them.
 *
 * What is to be decided waits for pin_report_next().
 */
void
pin_report_get_ready(PinReport *report)
{
	for (int i = 0; i < report->nwindows; i++)
	{
		PinWindow  *window = &report->windows[i];

		if (window->state == WINDOW_CREATING &&
			window->call->state == PIN_CALL_DONE)
			pin_window_take_creation(report, window);
		else if (window->state == WINDOW_POLLING &&
				 window->call->state == PIN_CALL_DONE)
			pin_window_take_poll(report, window);
	}
	pin_report_poll(report);
	start_downloads(report);
}

/*
 * pin_report_reused
 *		How many of the reports were made for earlier scans.
 */
int
pin_report_reused(const PinReport *report)
{
	return report->nreused;
}

/*
 * pin_report_loaded
 *		What has been read to its end, of reports that have all been read: a List
 *		of PinLoaded in the current memory context, an entry for each pair of an
 *		advertiser and days that all reports about it have come of.
 *
 * The advertisers are those of the request.
 */
List *
pin_report_loaded(const PinReport *report)
{
	PinLoaded  *pairs = palloc0(Max(report->npairs, 1) * sizeof(PinLoaded));
	bool	   *left_out = palloc0(Max(report->npairs, 1) * sizeof(bool));
	List	   *loaded = NIL;

	for (int i = 0; i < report->nwindows; i++)
	{
		const PinWindow *window = &report->windows[i];
		PinLoaded  *pair = &pairs[window->pair];

		if (pair->advertiser_id == NULL)
		{
			pair->advertiser_id = window->advertiser_id;
			pair->has_range = true;
			pair->range = window->range;
			pair->zone = window->zone;
		}
		pair->range.start = Max(pair->range.start, window->range.start);
		pair->range.end = Min(pair->range.end, window->range.end);
		pair->rows += window->rows;
		left_out[window->pair] = left_out[window->pair] || window->left_out;
	}
	for (int i = 0; i < report->npairs; i++)
	{
		bool		is_first = i == 0 ||
			pairs[i].advertiser_id != pairs[i - 1].advertiser_id;

		/* the ranges of an advertiser are in the order of time */
		pairs[i].follows = is_first ||
			(pairs[i - 1].follows && !left_out[i - 1]);
		if (!left_out[i] && pairs[i].range.start <= pairs[i].range.end)
			loaded = lappend(loaded, &pairs[i]);
	}
	return loaded;
}

/*
 * pin_report_empty
 *		Those reports that have come without rows, likewise: each by itself, with
 *		what it is about, and how many rows all about the same have.
 */
List *
pin_report_empty(const PinReport *report)
{
	List	   *loaded = pin_report_loaded(report);
	List	   *empty = NIL;

	for (int i = 0; i < report->nwindows; i++)
	{
		const PinWindow *window = &report->windows[i];
		PinLoaded  *pair = pin_loaded_find(loaded, window->advertiser_id,
										   &window->range);
		PinLoaded  *one;

		if (window->rows > 0 || pair == NULL)
			continue;
		one = palloc(sizeof(PinLoaded));
		*one = *pair;
		one->types = window->types;
		empty = lappend(empty, one);
	}
	return empty;
}

/*
 * can_go_on
 *		Whether there is something to read, or to finish, of what is being read.
 */
static bool
can_go_on(const PinWindow *window)
{
	return window != NULL && window->state == WINDOW_READING &&
		(window->call->state == PIN_CALL_DONE || pin_call_has_input(window->call) ||
		 pin_aside_has(window));
}

/*
 * pin_report_next
 *		Next row of the reports, or false when all have been read.
 *
 * Raises an error unless every report was read to its end; where each part
 * counts for itself, reports that are denied are passed over.
 */
bool
pin_report_next(PinReport *report, PinRow *row)
{
	for (;;)
	{
		PinWindow  *window = report->reading;
		PinCall    *call = window != NULL ? window->call : NULL;
		bool		left;

		if (window != NULL && window->state == WINDOW_READING)
		{
			if (pin_json_stream_next(report->stream, &row->json))
			{
				row->advertiser_id = window->advertiser_id;
				row->entity_id = row->json.key;
				row->types = report->session->options->template_id == NULL ?
					window->types : NIL;
				row->range = &window->range;
				row->zone = window->zone;
				row->node = NULL;
				window->rows++;
				return true;
			}
			if (pin_aside_take(report, window, pin_json_stream_input(report->stream)) ||
				pin_call_read(call, pin_json_stream_input(report->stream)))
			{
				window->renewals = 0;
				continue;
			}
		}
		left = advance(report);
		show_progress(report);
		if (!left)
			return false;
		if (!can_go_on(report->reading))
			pin_aside_run(report);
	}
}

/*
 * pin_report_pass_over
 *		The row that has just come does not count, as it was not asked for.
 */
void
pin_report_pass_over(PinReport *report)
{
	report->reading->rows--;
}

/*
 * pin_report_end
 *		Gives up what has been asked for.
 */
void
pin_report_end(PinReport *report)
{
	for (int i = 0; i < report->nwindows; i++)
		give_up(report, &report->windows[i]);
	MemoryContextDelete(report->stream_cxt);
}
