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

#include "utils/datetime.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/link.h"
#include "api/session.h"
#include "base/dates.h"
#include "base/progress.h"
#include "base/limits.h"
#include "base/text.h"
#include "http/url.h"
#include "json/document.h"
#include "json/row.h"
#include "option/settings.h"
#include "request/window.h"
#include "source/loaded.h"
#include "source/order.h"
#include "source/refusal.h"
#include "source/report.h"
#include "source/reuse.h"
#include "source/spare.h"

/*
 * Pauses between the polls of a report.  Each is a quarter longer than the one
 * before: a report is noticed late by about a quarter of the time that it took,
 * and the polls of a whole minute are two dozen.  They spend the same quota as
 * reports, 300 requests a minute.
 */
#define FIRST_POLL_MS		100
#define LONGEST_POLL_MS		30000

/* A link older than this is not tried; Pinterest's limit is five minutes. */
#define LINK_LIFETIME_MS	(4 * 60 * 1000)

/*
 * A download is refused with status 403 when its link has expired, but also
 * for other reasons that a new link does not mend.
 */
#define MAX_RENEWALS		3

typedef enum WindowState
{
	WINDOW_NEW,
	WINDOW_CREATING,			/* the request for the report is under way */
	WINDOW_POLLING,				/* so is the question whether it is ready */
	WINDOW_READY,
	WINDOW_READING,
	WINDOW_DONE					/* read to its end, or left out */
} WindowState;

typedef struct Window
{
	WindowState state;
	const char *advertiser_id;
	PinRange	range;			/* days that are asked for */
	pg_tz	   *zone;			/* whose days these are; NULL: UTC's */
	bool		end_refused;	/* it was asked for with one more day */
	int			pair;			/* number of the advertiser and the range */
	List	   *filters;		/* PinFilter * */
	List	   *types;			/* targeting types, of char * */
	PinCall    *call;			/* creation, poll or download */
	char	   *token;			/* of the report */
	char	   *url;
	TimestampTz linked_at;		/* when we got the link */
	TimestampTz created_at;
	int			poll_ms;		/* pause before the next poll */
	bool		recreated;		/* a lost report is created anew only once */
	char	   *reuse_key;		/* under which it is remembered; NULL: it is
								 * not */
	bool		reused;			/* made for an earlier scan */
	bool		was_gone;		/* one that was to be reused */
	int64		size;			/* in bytes, as Pinterest says; -1: it does not */
	PinCall    *download;		/* waits for a new link */
	int			renewals;		/* without a byte in between */
	int			nspared;		/* pin_spare_count() when it was asked for */
	bool		left_out;		/* it was not read to its end */
	int64		rows;			/* read */
} Window;

struct PinReport
{
	PinSession *session;
	const PinRequest *request;
	int			nreused;
	Window	   *windows;
	int			nwindows;
	int			npairs;			/* of an advertiser and a range */
	Window	   *reading;		/* the one that is being read, or NULL */
	PinJsonStream *stream;		/* of that one */
	MemoryContext stream_cxt;
};

/*
 * poll_report
 *		Asks, after a pause, whether the report of a window is ready.
 */
static void
poll_report(PinReport *report, Window *window, int pause_ms)
{
	StringInfoData path;

	initStringInfo(&path);
	appendStringInfo(&path, "/ad_accounts/%s/reports?token=",
					 pin_url_escaped(window->advertiser_id));
	pin_url_append_escaped(&path, window->token);
	window->call = pin_call_get(report->session, path.data);
	window->call->advertiser_id = window->advertiser_id;
	window->call->one_of_many = report->session->options->all_advertisers;
	window->call->missing_hint = "Run the statement again.";
	window->call->tentative = true;
	window->call->due = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													pause_ms);
	window->state = WINDOW_POLLING;
	pfree(path.data);
}

/*
 * reuse_report
 *		Takes a report that was made for the same request not long ago; false if
 *		there is none.
 */
static bool
reuse_report(PinReport *report, Window *window, const char *path,
			 const char *body)
{
	MemoryContext old = MemoryContextSwitchTo(report->session->cxt);
	int			seconds;

	window->token = NULL;
	if (pin_reuse_allowed(report->session->options, &seconds))
		window->reuse_key = pin_reuse_key(report->session, path, body);
	if (window->reuse_key != NULL && !report->request->anew &&
		!window->recreated && !window->was_gone)
		window->token = pin_reuse_find(report->session, window->reuse_key,
									   seconds);
	MemoryContextSwitchTo(old);
	if (window->token == NULL)
		return false;

	window->reused = true;
	window->created_at = GetCurrentTimestamp();
	window->poll_ms = FIRST_POLL_MS;
	report->nreused++;
	poll_report(report, window, 0);
	return true;
}

/*
 * send_creation
 *		Sends the request for a report, unless there is one.
 */
static void
send_creation(PinReport *report, Window *window, const char *path,
			  const char *body)
{
	if (reuse_report(report, window, path, body))
		return;
	window->call = pin_call_post(report->session, path, body);
	window->call->advertiser_id = window->advertiser_id;
	window->call->one_of_many = report->session->options->all_advertisers;
	if (report->session->options->template_id != NULL)
		window->call->missing_hint = "Check the option \"template_id\": the table \"report_templates\" lists the templates.";
	window->call->tentative = true;
	window->nspared = pin_spare_count(report->session);
	window->state = WINDOW_CREATING;
}

/*
 * create_report
 *		Asks for the report of a window.
 */
static void
create_report(PinReport *report, Window *window)
{
	const PinOptions *options = report->session->options;
	PinOrder	order = {
		.advertiser_id = window->advertiser_id,
		.range = window->range,
		.columns = pin_spare_rest(report->session, report->request,
								  window->advertiser_id),
		.filters = window->filters,
		.types = window->types
	};
	char	   *path = pin_order_path(options, &order);
	char	   *body = pin_order_body(options, &order);

	send_creation(report, window, path, body);
	pfree(path);
	pfree(body);
}

/*
 * report_error
 *		Raises an error that says which report it is about.
 */
static void
report_error(PinReport *report, Window *window, int sqlstate,
			 const char *problem, const char *hint)
{
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("%s for foreign table \"%s\"", problem,
					report->session->relname),
			 errdetail("The report is of advertiser %s from %s to %s.",
					   window->advertiser_id,
					   pin_format_date(window->range.start),
					   pin_format_date(window->range.end)),
			 errhint("%s", hint)));
}

/*
 * recreate_report
 *		A report is gone: asks for it anew, once.  That of an earlier scan may
 *		well be, and does not count.
 *
 * Not in the middle of reading it, since the new one need not have the same
 * rows in the same order.
 */
static void
recreate_report(PinReport *report, Window *window, const char *status)
{
	PinCall    *download = window->download;

	if (window->reused)
		pin_reuse_forget(window->reuse_key);
	if (window->recreated || (download != NULL && download->taken > 0))
		report_error(report, window, ERRCODE_FDW_UNABLE_TO_CREATE_REPLY,
					 psprintf("Pinterest lost a report (status %s)", status),
					 "Run the statement again.");
	if (download != NULL)
	{
		pin_call_free(report->session, download);
		window->download = NULL;
		report->reading = NULL;
	}
	if (window->reused)
	{
		window->reused = false;
		window->was_gone = true;
		report->nreused--;
	}
	else
		window->recreated = true;
	create_report(report, window);
}

/*
 * take_refusal
 *		Deals with a report that Pinterest refuses to create: asks for it one day
 *		shorter, once, if its end is the reason; or without the columns that are,
 *		if the query does not use these.
 *
 * Raises the error otherwise.
 */
static void
take_refusal(PinReport *report, Window *window)
{
	char	   *words = pin_call_refusal(window->call);

	if (!window->end_refused && words != NULL &&
		pin_refusal_is_about_end(words, window->range.end))
	{
		/* what is not asked for is not loaded, see pin_report_loaded() */
		window->end_refused = true;
		window->range.end--;
		pin_call_free(report->session, window->call);
		window->call = NULL;
		if (window->range.start <= window->range.end)
			create_report(report, window);
		else
			window->state = WINDOW_DONE;
		return;
	}
	if (!pin_spare_possible(report->session, report->request) ||
		!pin_spare_refused(report->session, report->request, window->call,
						   window->nspared))
		pin_call_raise(report->session, window->call);

	/* others that have not been sent yet need not be refused first */
	for (int i = 0; i < report->nwindows; i++)
	{
		Window	   *other = &report->windows[i];

		if (other->state != WINDOW_CREATING ||
			strcmp(other->advertiser_id, window->advertiser_id) != 0 ||
			(other != window &&
			 (other->call->state != PIN_CALL_WAITING || other->call->faults > 0)))
			continue;
		pin_call_free(report->session, other->call);
		other->call = NULL;
		create_report(report, other);
	}
}

/*
 * take_creation
 *		Deals with the answer to the request for a report.
 */
static void
take_creation(PinReport *report, Window *window)
{
	PinJsonValue status,
				token,
				message;
	const PinJsonField fields[] = {
		{"report_status", PIN_JSON_STRING, &status, PIN_OPTIONAL},
		{"token", PIN_JSON_STRING, &token, PIN_OPTIONAL},
		{"message", PIN_JSON_ANY, &message, PIN_OPTIONAL}
	};
	long		since_ms;

	pin_json_close(pin_call_object(report->session, window->call, fields,
								   lengthof(fields)));
	if (status.text != NULL && strcmp(status.text, "FAILED") == 0)
		report_error(report, window, ERRCODE_FDW_UNABLE_TO_CREATE_REPLY,
					 message.type == PIN_JSON_STRING && message.text[0] != '\0' ?
					 psprintf("Pinterest could not create a report (%s)",
							  pin_shorten(message.text)) :
					 "Pinterest could not create a report",
					 "Run the statement again later, or ask for fewer columns or days.");
	if (token.text == NULL || token.text[0] == '\0')
		report_error(report, window, ERRCODE_FDW_ERROR,
					 "Pinterest accepted a report without naming a token",
					 "Check the server option \"api_url\".");
	if (strlen(token.text) > PIN_MAX_TOKEN)
		report_error(report, window, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
					 psprintf("Pinterest named a report by a token of more than %d bytes",
							  PIN_MAX_TOKEN),
					 "Check the server option \"api_url\".");

	/* the answer may have come while another scan was running */
	window->token = MemoryContextStrdup(report->session->cxt, token.text);
	window->created_at = window->call->answered_at;
	window->poll_ms = FIRST_POLL_MS;
	since_ms = TimestampDifferenceMilliseconds(window->created_at,
											   GetCurrentTimestamp());
	if (window->reuse_key != NULL)
		pin_reuse_store(window->reuse_key, window->token,
						window->call->sent_at);
	pin_call_free(report->session, window->call);
	poll_report(report, window, Max(window->poll_ms - since_ms, 0));
}

/*
 * has_begun
 *		Whether a part of a report has been downloaded.
 */
static bool
has_begun(const Window *window)
{
	const PinCall *download = window->state == WINDOW_READING ?
		window->call : window->download;

	return download != NULL && download->taken > 0;
}

/*
 * take_link
 *		Takes the link to a report that is ready: the first one, or another one
 *		for a download that had begun.
 *
 * url: NULL or empty if there is none, which is right for a report without rows,
 * if Pinterest says that its size is zero.
 */
static void
take_link(PinReport *report, Window *window, const char *url)
{
	PinSession *session = report->session;

	if (url == NULL || url[0] == '\0')
	{
		if (window->size != 0 || has_begun(window))
			report_error(report, window, ERRCODE_FDW_ERROR,
						 "Pinterest finished a report without naming a link",
						 "Run the statement again.");
		if (window->download != NULL)
			pin_call_free(session, window->download);
		window->download = NULL;
		if (report->reading == window)
			report->reading = NULL;
		window->state = WINDOW_DONE;
		return;
	}
	if (strlen(url) > PIN_MAX_LINK)
		report_error(report, window, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
					 psprintf("Pinterest answered with a link of more than %d bytes",
							  PIN_MAX_LINK),
					 "Check the server option \"api_url\".");
	if (!pin_link_is_safe(session->options, url))
		report_error(report, window, ERRCODE_FDW_ERROR,
					 "Pinterest answered with a link that must not be followed",
					 "A link leads to another machine by https. Only if the server option \"api_url\" leads to this machine, a link may do so, too.");
	window->url = MemoryContextStrdup(session->cxt, url);
	window->linked_at = GetCurrentTimestamp();
	window->state = WINDOW_READY;
	if (window->download != NULL)
	{
		pin_call_renew(window->download, window->url);
		window->call = window->download;
		window->download = NULL;
		window->state = WINDOW_READING;
	}
}

/*
 * take_poll
 *		Deals with the answer whether a report is ready.
 */
static void
take_poll(PinReport *report, Window *window)
{
	PinJsonValue report_status,
				url,
				size;
	const PinJsonField fields[] = {
		{"report_status", PIN_JSON_STRING, &report_status, PIN_REQUIRED},
		{"url", PIN_JSON_STRING, &url, PIN_OPTIONAL},
		{"size", PIN_JSON_ANY, &size, PIN_OPTIONAL}
	};
	const char *status;

	pin_json_close(pin_call_object(report->session, window->call, fields,
								   lengthof(fields)));
	status = report_status.text;
	pin_call_free(report->session, window->call);
	window->call = NULL;

	if (strcmp(status, "FINISHED") == 0)
	{
		window->size = pin_json_size(&size);
		take_link(report, window, url.text);
	}
	else if (strcmp(status, "IN_PROGRESS") == 0)
	{
		if (TimestampDifferenceExceeds(window->created_at, GetCurrentTimestamp(),
									   report->session->options->report_timeout * 1000))
			report_error(report, window, ERRCODE_FDW_UNABLE_TO_CREATE_REPLY,
						 psprintf("Pinterest did not finish a report within %d seconds",
								  report->session->options->report_timeout),
						 "Raise the server option \"report_timeout\", or ask for fewer columns or days.");
		window->poll_ms = Min(window->poll_ms + window->poll_ms / 4,
							  LONGEST_POLL_MS);
		poll_report(report, window, window->poll_ms);
	}
	else if (strcmp(status, "EXPIRED") == 0 ||
			 strcmp(status, "DOES_NOT_EXIST") == 0 ||
			 strcmp(status, "CANCELLED") == 0 || window->reused)
		recreate_report(report, window, status);
	else
		report_error(report, window, ERRCODE_FDW_UNABLE_TO_CREATE_REPLY,
					 strcmp(status, "FAILED") == 0 ?
					 "Pinterest could not create a report" :
					 "Pinterest answered with an unknown report status",
					 "Run the statement again later, or ask for fewer columns or days.");
}

/*
 * start_reading
 *		Begins the download of a report that is ready.
 */
static void
start_reading(PinReport *report, Window *window)
{
	MemoryContext old;
	char	   *what;

	/* one that waited long for its turn needs a new link */
	if (TimestampDifferenceExceeds(window->linked_at, GetCurrentTimestamp(),
								   LINK_LIFETIME_MS))
	{
		poll_report(report, window, 0);
		return;
	}
	what = psprintf("download of the report from %s to %s",
					pin_format_date(window->range.start),
					pin_format_date(window->range.end));
	window->call = pin_call_download(report->session, window->url, what);
	window->state = WINDOW_READING;
	report->reading = window;
	pfree(what);

	MemoryContextReset(report->stream_cxt);
	old = MemoryContextSwitchTo(report->stream_cxt);
	report->stream = pin_json_stream_create();
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
is_empty(const PinReport *report, const Window *window)
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
finish_reading(PinReport *report, Window *window)
{
	if (!pin_json_stream_at_end(report->stream) && !is_empty(report, window))
		report_error(report, window, ERRCODE_FDW_ERROR,
					 "Pinterest sent an incomplete report",
					 "Run the statement again.");
	pin_call_free(report->session, window->call);
	window->call = NULL;
	window->state = WINDOW_DONE;
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
give_up(PinReport *report, Window *window)
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
	window->left_out = true;
	window->state = WINDOW_DONE;
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
drop_advertiser(PinReport *report, Window *denied)
{
	const char *advertiser_id = denied->advertiser_id;
	bool		by_parts = report->request->by_parts;

	for (int i = 0; i < report->nwindows && !by_parts; i++)
	{
		Window	   *window = &report->windows[i];

		if (strcmp(window->advertiser_id, advertiser_id) == 0 &&
			(window->state == WINDOW_DONE || has_begun(window)))
			report_error(report, window, ERRCODE_INSUFFICIENT_PRIVILEGE,
						 "Pinterest denied some reports of an advertiser, but not all,",
						 "Run the statement again.");
	}
	pin_leave_out(report->session, denied->call);
	give_up(report, denied);
	for (int i = 0; i < report->nwindows; i++)
	{
		Window	   *window = &report->windows[i];

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
		Window	   *window = &report->windows[i];

		switch (window->state)
		{
			case WINDOW_NEW:
				create_report(report, window);
				break;
			case WINDOW_CREATING:
				if (window->call->state == PIN_CALL_DONE)
					take_creation(report, window);
				else if (window->call->state == PIN_CALL_REFUSED)
					take_refusal(report, window);
				else if (window->call->state == PIN_CALL_DENIED)
					drop_advertiser(report, window);
				break;
			case WINDOW_POLLING:
				if (window->call->state == PIN_CALL_DONE)
					take_poll(report, window);
				else if (window->call->state == PIN_CALL_REFUSED)
				{
					/* it may not know the token any more, of which 404 tells */
					if (!window->reused && window->call->request->status != 404)
						pin_call_raise(report->session, window->call);
					pin_call_free(report->session, window->call);
					window->call = NULL;
					recreate_report(report, window, "unknown");
				}
				else if (window->call->state == PIN_CALL_DENIED)
					drop_advertiser(report, window);
				break;
			case WINDOW_READING:
				if (window->call->state == PIN_CALL_DONE)
					finish_reading(report, window);
				else if (window->call->state == PIN_CALL_LINK_EXPIRED)
				{
					if (++window->renewals > MAX_RENEWALS)
						report_error(report, window, ERRCODE_INSUFFICIENT_PRIVILEGE,
									 "the download of a report was refused",
									 "Run the statement again.");
					window->download = window->call;
					poll_report(report, window, 0);
				}
				break;
			case WINDOW_READY:
			case WINDOW_DONE:
				break;
		}
		if (window->state != WINDOW_DONE)
			left = true;
	}

	/* only now, since the reading of a later one may just have ended */
	for (int i = 0; i < report->nwindows && report->reading == NULL; i++)
	{
		if (report->windows[i].state == WINDOW_READY)
			start_reading(report, &report->windows[i]);
	}
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
 * The request must live as long as the session, in whose memory context the
 * result is made.  Nothing is sent yet.
 */
PinReport *
pin_report_begin(PinSession *session, const PinRequest *request)
{
	MemoryContext old = MemoryContextSwitchTo(session->cxt);
	PinReport  *report = palloc0(sizeof(PinReport));
	List	   *batches = pin_order_types(request->types,
										   request->resource->max_types);
	ListCell   *advertiser;

	report->session = session;
	report->request = request;
	report->windows = palloc0(Max(count_ranges(request) *
								  list_length(request->batches) *
								  list_length(batches), 1) * sizeof(Window));
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
					Window	   *window = &report->windows[report->nwindows];

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
	report->stream_cxt = AllocSetContextCreate(session->cxt,
											   "pinterest_fdw report",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(old);
	return report;
}

/*
 * pin_report_request
 *		Asks for all reports and returns how many these are.
 *
 * Waits until Pinterest has answered to each request, but not until any report
 * is ready.  What the answers say is left to pin_report_next().
 */
int
pin_report_request(PinReport *report)
{
	bool		waiting = true;

	show_progress(report);
	while (waiting)
	{
		waiting = false;
		for (int i = 0; i < report->nwindows; i++)
		{
			Window	   *window = &report->windows[i];

			if (window->state == WINDOW_NEW)
				create_report(report, window);
			if (window->state == WINDOW_CREATING &&
				window->call->state == PIN_CALL_REFUSED)
				take_refusal(report, window);
			if (window->state == WINDOW_CREATING &&
				(window->call->state == PIN_CALL_WAITING ||
				 window->call->state == PIN_CALL_UNDER_WAY))
				waiting = true;
		}
		if (waiting)
			pin_session_run(report->session);
	}
	return report->nwindows;
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
		const Window *window = &report->windows[i];
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
		const Window *window = &report->windows[i];
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
		Window	   *window = report->reading;
		PinCall    *call = window != NULL ? window->call : NULL;
		bool		left;

		if (window != NULL && window->state == WINDOW_READING)
		{
			if (pin_json_stream_next(report->stream, &row->json, &row->len,
									 &row->entity_id))
			{
				row->advertiser_id = window->advertiser_id;
				row->outer_key = pin_json_stream_outer_key(report->stream);
				row->raw_key = pin_json_stream_raw_key(report->stream);
				row->types = report->session->options->template_id == NULL ?
					window->types : NIL;
				row->range = &window->range;
				row->zone = window->zone;
				row->node = NULL;
				window->rows++;
				return true;
			}
			if (pin_call_read(call, pin_json_stream_input(report->stream)))
			{
				window->renewals = 0;
				continue;
			}
		}
		left = advance(report);
		show_progress(report);
		if (!left)
			return false;
		pin_session_run(report->session);
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
