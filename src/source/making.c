/*-------------------------------------------------------------------------
 *
 * making.c
 *	  Has reports made: asks for them, and whether they are ready.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "api/link.h"
#include "api/session.h"
#include "base/dates.h"
#include "base/limits.h"
#include "base/text.h"
#include "http/url.h"
#include "json/document.h"
#include "option/settings.h"
#include "source/making.h"
#include "source/order.h"
#include "source/poll.h"
#include "source/refusal.h"
#include "source/reuse.h"
#include "source/spare.h"

/* Links do not last, so there are not to be more of them than can be used soon. */
#define LINKS_AHEAD			32

/*
 * poll_report
 *		Asks whether the report of a window is ready, once it is time.
 */
static void
poll_report(PinReport *report, PinWindow *window, TimestampTz due)
{
	StringInfoData path;

	initStringInfo(&path);
	appendStringInfo(&path, "/ad_accounts/%s/reports?token=",
					 pin_url_escaped(window->advertiser_id));
	pin_url_append_escaped(&path, window->token);
	window->call = pin_call_get(report->session, path.data);
	window->call->advertiser_id = window->advertiser_id;
	window->call->one_of_many = report->session->one_of_many;
	window->call->missing_hint = "Run the statement again.";
	window->call->tentative = true;
	window->call->due = due;
	window->state = WINDOW_POLLING;
	pfree(path.data);
}

/*
 * pin_window_renew
 *		Asks at once for a link to a report that has been ready.
 */
void
pin_window_renew(PinReport *report, PinWindow *window)
{
	poll_report(report, window, DT_NOBEGIN);
}

/*
 * pin_report_poll
 *		Asks about reports that are under way, as far as it is time to: those first
 *		that have not been asked about for the longest time.
 */
void
pin_report_poll(PinReport *report)
{
	int			npolling = 0;
	int			nready = 0;

	for (int i = 0; i < report->nwindows; i++)
	{
		if (report->windows[i].state == WINDOW_POLLING)
			npolling++;
		if (report->windows[i].state == WINDOW_READY)
			nready++;
	}
	while (npolling < report->polls.width && npolling + nready < LINKS_AHEAD)
	{
		PinWindow  *next = NULL;
		TimestampTz first = DT_NOEND;

		for (int i = 0; i < report->nwindows; i++)
		{
			PinWindow  *window = &report->windows[i];
			TimestampTz since = Max(window->poll.created_at, window->poll.asked_at);

			if (window->state == WINDOW_WAITING && since < first)
			{
				next = window;
				first = since;
			}
		}
		if (next == NULL)
			break;
		poll_report(report, next, pin_poll_due(&report->polls, &next->poll));
		npolling++;
	}
}

/*
 * reuse_report
 *		Takes a report that was made for the same request not long ago; false if
 *		there is none.
 */
static bool
reuse_report(PinReport *report, PinWindow *window, const char *path,
			 const char *body)
{
	MemoryContext old = MemoryContextSwitchTo(report->session->cxt);
	int			seconds;

	if (window->token != NULL)
		pfree(window->token);
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
	pin_poll_begin(&window->poll, GetCurrentTimestamp());
	report->nreused++;
	pin_window_renew(report, window);
	return true;
}

/*
 * send_creation
 *		Sends the request for a report, unless there is one.
 */
static void
send_creation(PinReport *report, PinWindow *window, const char *path,
			  const char *body)
{
	if (reuse_report(report, window, path, body))
		return;
	window->call = pin_call_post(report->session, path, body);
	window->call->advertiser_id = window->advertiser_id;
	window->call->one_of_many = report->session->one_of_many;
	if (report->session->options->template_id != NULL)
		window->call->missing_hint = "Check the option \"template_id\": the table \"report_templates\" lists the templates.";
	window->call->tentative = true;
	window->nspared = pin_spare_count(report->session);
	window->state = WINDOW_CREATING;
}

/*
 * pin_window_create
 *		Asks for the report of a window.
 */
void
pin_window_create(PinReport *report, PinWindow *window)
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
 * pin_report_error
 *		Raises an error that says which report it is about.
 */
void
pin_report_error(PinReport *report, PinWindow *window, int sqlstate,
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
 * pin_window_recreate
 *		A report is gone: asks for it anew, once.  That of an earlier scan may
 *		well be, and does not count.
 *
 * Not in the middle of reading it, since the new one need not have the same
 * rows in the same order.
 */
void
pin_window_recreate(PinReport *report, PinWindow *window, const char *status)
{
	PinCall    *download = window->download;

	if (window->reused)
		pin_reuse_forget(window->reuse_key);
	if (window->recreated || (download != NULL && download->taken > 0))
		pin_report_error(report, window, ERRCODE_FDW_UNABLE_TO_CREATE_REPLY,
					 psprintf("Pinterest lost a report (status %s)", status),
					 "Run the statement again.");
	if (download != NULL)
	{
		pin_call_free(report->session, download);
		window->download = NULL;
		if (report->reading == window)
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
	pin_window_create(report, window);
}

/*
 * pin_window_take_refusal
 *		Deals with a report that Pinterest refuses to create: asks for it one day
 *		shorter, once, if its end is the reason; or without the columns that are,
 *		if the query does not use these.
 *
 * Raises the error otherwise.
 */
void
pin_window_take_refusal(PinReport *report, PinWindow *window)
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
			pin_window_create(report, window);
		else
			pin_window_end(window);
		return;
	}
	if (!pin_spare_possible(report->session, report->request) ||
		!pin_spare_refused(report->session, report->request, window->call,
						   window->nspared))
		pin_call_raise(report->session, window->call);

	/* others that have not been sent yet need not be refused first */
	for (int i = 0; i < report->nwindows; i++)
	{
		PinWindow  *other = &report->windows[i];

		if (other->state != WINDOW_CREATING ||
			strcmp(other->advertiser_id, window->advertiser_id) != 0 ||
			(other != window &&
			 (other->call->state != PIN_CALL_WAITING || other->call->faults > 0)))
			continue;
		pin_call_free(report->session, other->call);
		other->call = NULL;
		pin_window_create(report, other);
	}
}

/*
 * begin_polls
 *		Begins to poll, with the first report that is under way: recalls how long
 *		one of its kind took.
 */
static void
begin_polls(PinReport *report, const PinWindow *window)
{
	MemoryContext old;

	if (report->took_key != NULL)
		return;
	old = MemoryContextSwitchTo(report->session->cxt);
	report->took_key = pin_took_key(report->session, window->advertiser_id,
									&window->range);
	MemoryContextSwitchTo(old);
	pin_polls_init(&report->polls, pin_took_find(report->took_key));
}

/*
 * end_polls
 *		A report is ready: asks about the others sooner, and remembers how long it
 *		took, if it is the first of those that were made for this scan.
 */
static void
end_polls(PinReport *report, const PinWindow *window, TimestampTz at)
{
	int64		took_ms;

	if (window->reused || window->linked_at != 0)
		return;
	took_ms = pin_poll_ready(&report->polls, &window->poll, at,
							 report->session->options->max_connections);
	if (!report->took_stored && took_ms > 0)
		pin_took_store(report->took_key, took_ms);
	report->took_stored = true;
}

/*
 * pin_window_take_creation
 *		Deals with the answer to the request for a report.
 */
void
pin_window_take_creation(PinReport *report, PinWindow *window)
{
	PinJsonValue status,
				token,
				message;
	const PinJsonField fields[] = {
		{"report_status", PIN_JSON_STRING, &status, PIN_OPTIONAL},
		{"token", PIN_JSON_STRING, &token, PIN_OPTIONAL},
		{"message", PIN_JSON_ANY, &message, PIN_OPTIONAL}
	};

	pin_json_close(pin_call_object(report->session, window->call, fields,
								   lengthof(fields)));
	if (status.text != NULL && strcmp(status.text, "FAILED") == 0)
		pin_report_error(report, window, ERRCODE_FDW_UNABLE_TO_CREATE_REPLY,
					 message.type == PIN_JSON_STRING && message.text[0] != '\0' ?
					 psprintf("Pinterest could not create a report (%s)",
							  pin_shorten(message.text)) :
					 "Pinterest could not create a report",
					 "Run the statement again later, or ask for fewer columns or days.");
	if (token.text == NULL || token.text[0] == '\0')
		pin_report_error(report, window, ERRCODE_FDW_ERROR,
					 "Pinterest accepted a report without naming a token",
					 "Check the server option \"api_url\".");
	if (strlen(token.text) > PIN_MAX_TOKEN)
		pin_report_error(report, window, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
					 psprintf("Pinterest named a report by a token of more than %d bytes",
							  PIN_MAX_TOKEN),
					 "Check the server option \"api_url\".");

	/* the answer may have come while another scan was running */
	window->token = MemoryContextStrdup(report->session->cxt, token.text);
	pin_poll_begin(&window->poll, window->call->answered_at);
	begin_polls(report, window);
	if (window->reuse_key != NULL)
		pin_reuse_store(window->reuse_key, window->token,
						window->call->sent_at);
	pin_call_free(report->session, window->call);
	window->call = NULL;
	window->state = WINDOW_WAITING;
}

/*
 * pin_window_end
 *		A window is done with.  What is kept of thousands of them is what they were
 *		about, and how many rows came.
 */
void
pin_window_end(PinWindow *window)
{
	window->state = WINDOW_DONE;
	if (window->token != NULL)
		pfree(window->token);
	if (window->url != NULL)
		pfree(window->url);
	if (window->reuse_key != NULL)
		pfree(window->reuse_key);
	window->token = window->url = window->reuse_key = NULL;
}

/*
 * pin_window_has_begun
 *		Whether a part of a report has been downloaded.
 */
bool
pin_window_has_begun(const PinWindow *window)
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
take_link(PinReport *report, PinWindow *window, const char *url)
{
	PinSession *session = report->session;

	if (url == NULL || url[0] == '\0')
	{
		if (window->size != 0 || pin_window_has_begun(window))
			pin_report_error(report, window, ERRCODE_FDW_ERROR,
						 "Pinterest finished a report without naming a link",
						 "Run the statement again.");
		if (window->download != NULL)
			pin_call_free(session, window->download);
		window->download = NULL;
		if (report->reading == window)
			report->reading = NULL;
		pin_window_end(window);
		return;
	}
	if (strlen(url) > PIN_MAX_LINK)
		pin_report_error(report, window, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
					 psprintf("Pinterest answered with a link of more than %d bytes",
							  PIN_MAX_LINK),
					 "Check the server option \"api_url\".");
	if (!pin_link_is_safe(session->options, url))
		pin_report_error(report, window, ERRCODE_FDW_ERROR,
					 "Pinterest answered with a link that must not be followed",
					 "A link leads to another machine by https. Only if the server option \"api_url\" leads to this machine, a link may do so, too.");
	if (window->url != NULL)
		pfree(window->url);
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
 * pin_window_take_poll
 *		Deals with the answer whether a report is ready.
 */
void
pin_window_take_poll(PinReport *report, PinWindow *window)
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
	TimestampTz answered_at;

	pin_json_close(pin_call_object(report->session, window->call, fields,
								   lengthof(fields)));
	status = report_status.text;
	answered_at = window->call->answered_at;
	pin_call_free(report->session, window->call);
	window->call = NULL;

	if (strcmp(status, "FINISHED") == 0)
	{
		window->size = pin_json_size(&size);
		end_polls(report, window, answered_at);
		take_link(report, window, url.text);
	}
	else if (strcmp(status, "IN_PROGRESS") == 0)
	{
		if (TimestampDifferenceExceeds(window->poll.created_at, GetCurrentTimestamp(),
									   report->session->options->report_timeout * 1000))
			pin_report_error(report, window, ERRCODE_FDW_UNABLE_TO_CREATE_REPLY,
						 psprintf("Pinterest did not finish a report within %d seconds",
								  report->session->options->report_timeout),
						 "Raise the server option \"report_timeout\", or ask for fewer columns or days.");
		pin_poll_early(&report->polls, &window->poll, answered_at);
		window->state = WINDOW_WAITING;
		ereport(DEBUG1,
				(errmsg_internal("report of advertiser %s from %s to %s is not ready; asking again after " INT64_FORMAT " ms, about any after " INT64_FORMAT " ms",
								 window->advertiser_id,
								 pin_format_date(window->range.start),
								 pin_format_date(window->range.end),
								 window->poll.pause_ms, report->polls.pause_ms)));
	}
	else if (strcmp(status, "EXPIRED") == 0 ||
			 strcmp(status, "DOES_NOT_EXIST") == 0 ||
			 strcmp(status, "CANCELLED") == 0 || window->reused)
		pin_window_recreate(report, window, status);
	else
		pin_report_error(report, window, ERRCODE_FDW_UNABLE_TO_CREATE_REPLY,
					 strcmp(status, "FAILED") == 0 ?
					 "Pinterest could not create a report" :
					 "Pinterest answered with an unknown report status",
					 "Run the statement again later, or ask for fewer columns or days.");
}

