/*-------------------------------------------------------------------------
 *
 * session.c
 *	  Calls of Pinterest's API with the one policy for faults and throttling.
 *
 * Every request of a scan goes through here, so that what is tried again, how
 * long that is waited for and which error the user sees in the end is decided
 * in one place: judge().
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "common/pg_prng.h"
#include "foreign/foreign.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/session.h"
#include "json/document.h"
#include "auth/token.h"

/* Pauses where the server does not name one, in milliseconds */
#define FIRST_PAUSE_MS		500
#define LONGEST_PAUSE_MS	120000

/* Of Pinterest's own message no more than this is shown, in bytes. */
#define MAX_MESSAGE_LENGTH	512

/* Without anything to wait for, look again after this time. */
#define IDLE_WAIT_MS		60000

/* Pinterest's codes that mean something other than the HTTP status does */
#define CODE_SCOPE_MISSING	3
#define CODE_TRY_AGAIN		12

typedef enum PinVerdict
{
	PIN_GOOD,
	PIN_FAULT,					/* passes, as a rule */
	PIN_THROTTLED,
	PIN_EXPIRED,				/* link of a download */
	PIN_DENIED,					/* access to the advertiser */
	PIN_UNAUTHORIZED,			/* the access token is no good */
	PIN_REFUSED
} PinVerdict;

/* What became of a request */
typedef struct PinOutcome
{
	PinVerdict	verdict;
	int			sqlstate;		/* if this is what the statement fails with */
	int64		pause_ms;		/* as the server demands; -1: it does not say */
	int			code;			/* Pinterest's; 0: none */
	char	   *message;		/* Pinterest's or libcurl's words */
	const char *hint;
} PinOutcome;

/*
 * pin_channel_init
 *		Makes a channel that has no sessions yet.
 *
 * siblings: list of the channels that it belongs to, which must all live as
 * long as any of them is used; NULL: it is alone.
 */
void
pin_channel_init(PinChannel *channel, dlist_head *siblings)
{
	dlist_init(&channel->own);
	dlist_init(&channel->sessions);
	channel->siblings = siblings != NULL ? siblings : &channel->own;
	dlist_push_tail(channel->siblings, &channel->node);
	channel->hold_until = DT_NOBEGIN;
	channel->waited_ms = 0;
	channel->blocked_until = DT_NOBEGIN;
}

/*
 * leave_channel
 *		Memory context callback: the session ends.
 */
static void
leave_channel(void *arg)
{
	dlist_delete(&((PinSession *) arg)->node);
}

/*
 * pin_session_join
 *		Lets a session share a channel with others, from its beginning on.
 *
 * The channel must live longer than the session, and be one of the same server
 * and user.
 */
void
pin_session_join(PinSession *session, PinChannel *channel)
{
	Assert(dlist_is_empty(&session->calls));
	dlist_delete(&session->node);
	session->channel = channel;
	dlist_push_tail(&channel->sessions, &session->node);
}

/*
 * pin_session_create
 *		Begins the dealings of a scan with Pinterest.
 *
 * options, relname: must live as long as the current memory context, in which
 * the session is made; its end aborts all requests.  relname: NULL if no foreign
 * table is being read.  userid: whose user mapping is used.  Raises the errors
 * of pin_access_token().
 */
PinSession *
pin_session_create(const PinOptions *options, Oid userid, const char *relname)
{
	PinSession *session = palloc0(sizeof(PinSession));
	MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));

	session->cxt = CurrentMemoryContext;
	session->options = options;
	session->relname = relname;
	session->subject = relname != NULL ?
		psprintf(_("foreign table \"%s\""), relname) :
		psprintf(_("server \"%s\""),
				 GetForeignServer(options->serverid)->servername);
	session->userid = userid;
	session->token = pin_access_token(options->serverid, userid);
	session->pool = pin_http_pool_create(session->cxt);
	dlist_init(&session->calls);
	session->channel = &session->own_channel;
	pin_channel_init(session->channel, NULL);
	dlist_push_tail(&session->channel->sessions, &session->node);
	callback->func = leave_channel;
	callback->arg = session;
	MemoryContextRegisterResetCallback(session->cxt, callback);
	return session;
}

/*
 * new_call
 *		Adds a call to the session, due at once.
 */
static PinCall *
new_call(PinSession *session, const char *method, const char *path)
{
	MemoryContext old = MemoryContextSwitchTo(session->cxt);
	PinCall    *call = palloc0(sizeof(PinCall));
	int			pathlen = strcspn(path, "?");

	call->url = psprintf("%s%s", session->options->api_url, path);
	call->what = psprintf("%s %.*s", method, pathlen, path);
	call->due = DT_NOBEGIN;
	dlist_push_tail(&session->calls, &call->node);
	MemoryContextSwitchTo(old);
	return call;
}

/*
 * pin_call_get
 *		Asks the API for something.  path: below the API's URL, with the
 *		query; copied.  The session owns the call until pin_call_free().
 */
PinCall *
pin_call_get(PinSession *session, const char *path)
{
	return new_call(session, "GET", path);
}

/*
 * pin_call_post
 *		Sends JSON to the API.  path, body: copied.
 *
 * The call may be sent more than once; so it is only for requests that may be
 * repeated, such as the one for a report.
 */
PinCall *
pin_call_post(PinSession *session, const char *path, const char *body)
{
	PinCall    *call = new_call(session, "POST", path);

	call->body = MemoryContextStrdup(session->cxt, body);
	return call;
}

/*
 * pin_call_download
 *		Fetches a document from elsewhere, without the access token.
 *
 * what: how messages call it; both copied.  The body is taken with
 * pin_call_read().
 */
PinCall *
pin_call_download(PinSession *session, const char *url, const char *what)
{
	PinCall    *call = new_call(session, "GET", "");

	pfree(call->url);
	pfree(call->what);
	call->download = true;
	call->url = MemoryContextStrdup(session->cxt, url);
	call->what = MemoryContextStrdup(session->cxt, what);
	return call;
}

/*
 * pin_call_renew
 *		Goes on with a download whose link had expired.
 */
void
pin_call_renew(PinCall *call, const char *url)
{
	Assert(call->state == PIN_CALL_LINK_EXPIRED);
	call->url = MemoryContextStrdup(GetMemoryChunkContext(call), url);
	call->state = PIN_CALL_WAITING;
	call->due = DT_NOBEGIN;
}

/*
 * drop_request
 *		Gives up the request of a call.
 */
static void
drop_request(PinCall *call)
{
	if (call->request == NULL)
		return;
	pin_http_free(call->request);
	call->request = NULL;
}

/*
 * pin_call_free
 *		Ends a call, if need be in the middle.
 */
void
pin_call_free(PinSession *session, PinCall *call)
{
	drop_request(call);
	dlist_delete(&call->node);
	pfree(call->url);
	pfree(call->what);
	if (call->body != NULL)
		pfree(call->body);
	pfree(call);
}

/*
 * send_call
 *		Sends the request of a call that is due.
 */
static void
send_call(PinSession *session, PinCall *call)
{
	PinHttpSpec spec = {0};

	spec.url = call->url;
	spec.body = call->body;
	call->token = session->token;
	spec.bearer = call->download ? NULL : call->token;
	spec.ca_file = session->options->ca_file;
	spec.proxy = session->options->proxy;
	spec.timeout = session->options->timeout;
	spec.stream = call->download;
	if (call->download)
	{
		spec.offset = call->taken;
		spec.etag = call->etag;
		call->checked = false;
	}
	call->request = pin_http_start(session->pool, &spec);
	call->sent_at = GetCurrentTimestamp();
	call->answered_at = 0;
	call->postponed = false;
	call->state = PIN_CALL_UNDER_WAY;
}

/*
 * hide_tokens
 *		Blanks what looks like one of Pinterest's tokens, which begin with
 *		"pina_", "pinr_" or "pinc_": a server may repeat what it was sent.
 */
static void
hide_tokens(char *text)
{
	while ((text = strstr(text, "pin")) != NULL)
	{
		text += 3;
		if (*text == '\0' || strchr("arc", *text) == NULL || text[1] != '_')
			continue;
		for (text += 2; isalnum((unsigned char) *text) ||
			 (*text != '\0' && strchr("-_.=", *text) != NULL); text++)
			*text = '*';
	}
}

/*
 * pin_shorten
 *		Makes somebody else's words fit for a message: one line, bounded, in
 *		the server's encoding.
 */
char *
pin_shorten(const char *text)
{
	int			len = strlen(text);
	char	   *result = pstrdup(text);
	bool		valid = pg_verifymbstr(text, len, true);

	hide_tokens(result);
	for (char *c = result; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ')
			*c = ' ';
		else if (IS_HIGHBIT_SET(*c) && !valid)
			*c = '?';			/* a header, which has no encoding */
	}
	if (len > MAX_MESSAGE_LENGTH)
		result = psprintf("%.*s...",
						  pg_mbcliplen(result, len, MAX_MESSAGE_LENGTH), result);
	return result;
}

/*
 * seconds_in
 *		A number of seconds in an answer's header, as milliseconds; -1 if
 *		there is none.
 */
static int64
seconds_in(const char *value)
{
	char	   *end;
	double		seconds = strtod(value, &end);

	if (end == value || *end != '\0' || !(seconds >= 0 && seconds < 1e9))
		return -1;
	return (int64) (seconds * 1000);
}

/*
 * seconds_in_message
 *		N of "Retry after N seconds" in Pinterest's message, as milliseconds;
 *		-1 if it does not say so.
 */
static int64
seconds_in_message(const char *message)
{
	static const char phrase[] = "retry after ";

	for (; *message != '\0'; message++)
	{
		if (pg_strncasecmp(message, phrase, sizeof(phrase) - 1) == 0)
		{
			const char *digits = message + sizeof(phrase) - 1;
			int			len = strspn(digits, "0123456789.");

			if (len > 0 && len < 16 &&
				pg_strncasecmp(digits + len, " second", 7) == 0)
				return seconds_in(pnstrdup(digits, len));
		}
	}
	return -1;
}

/*
 * read_error
 *		Pinterest's own code and message, from an answer that is an error.
 */
static void
read_error(const PinHttpRequest *request, PinOutcome *outcome)
{
	static const char *const names[] = {"code", "message", "message_detail"};
	PinJsonFields *fields = pin_json_fields(lengthof(names), (const char **) names);
	PinJsonValue values[lengthof(names)];

	if (request->len > 0 &&
		pin_json_try_object(fields, request->data, request->len, values))
	{
		if (values[0].type == PIN_JSON_NUMBER)
			outcome->code = atoi(values[0].text);
		if (values[1].type == PIN_JSON_STRING)
			outcome->message = values[1].text;
		if (values[2].type == PIN_JSON_STRING &&
			(outcome->message == NULL ||
			 strcmp(values[1].text, values[2].text) != 0))
			outcome->message = outcome->message == NULL ? values[2].text :
				psprintf("%s %s", outcome->message, values[2].text);
	}
}

/*
 * judge
 *		What the answer to a request, or its absence, means.
 *
 * Pinterest's codes are its own and do not follow the HTTP status; the time to
 * wait stands in the message more often than in a header.
 */
static PinOutcome
judge(PinCall *call)
{
	PinHttpRequest *request = call->request;
	PinOutcome	outcome = {PIN_REFUSED, ERRCODE_FDW_ERROR, -1, 0, NULL, NULL};

	if (request->fault != PIN_HTTP_NO_FAULT)
	{
		outcome.message = request->error;
		switch (request->fault)
		{
			case PIN_HTTP_UNREACHABLE:
				outcome.verdict = PIN_FAULT;
				outcome.sqlstate = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
				outcome.hint = "Check the network and the server options \"api_url\" and \"proxy\".";
				break;
			case PIN_HTTP_UNTRUSTED:
				outcome.sqlstate = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
				outcome.hint = "Check the server options \"api_url\" and \"ca_file\".";
				break;
			case PIN_HTTP_TIMEOUT:
			case PIN_HTTP_LOST:
				outcome.verdict = PIN_FAULT;
				outcome.sqlstate = ERRCODE_CONNECTION_FAILURE;
				break;
			case PIN_HTTP_TOO_LARGE:
				outcome.sqlstate = ERRCODE_PROGRAM_LIMIT_EXCEEDED;
				outcome.message = "the answer is too large";
				break;
			default:
				outcome.sqlstate = ERRCODE_OUT_OF_MEMORY;
				outcome.message = "out of memory";
				break;
		}
		return outcome;
	}

	if (request->status >= 200 && request->status < 300)
	{
		outcome.verdict = PIN_GOOD;
		return outcome;
	}

	read_error(request, &outcome);
	if (outcome.message != NULL)
		outcome.pause_ms = seconds_in_message(outcome.message);
	if (outcome.pause_ms < 0)
		outcome.pause_ms = seconds_in(request->retry_after);

	if (request->status == 429 ||
		(request->status == 400 && outcome.pause_ms >= 0))
	{
		outcome.verdict = PIN_THROTTLED;
		outcome.sqlstate = ERRCODE_CONFIGURATION_LIMIT_EXCEEDED;
		if (outcome.pause_ms < 0)
			outcome.pause_ms = seconds_in(request->rate_limit_reset);
	}
	else if (request->status >= 500 || request->status == 408 ||
			 (request->status == 400 && outcome.code == CODE_TRY_AGAIN))
	{
		outcome.verdict = PIN_FAULT;
		outcome.sqlstate = ERRCODE_CONNECTION_FAILURE;
	}
	else if (call->download)
	{
		/* the storage answers 403 to an expired link, and to any bad one */
		if (request->status == 403)
			outcome.verdict = PIN_EXPIRED;
	}
	else if (request->status == 401 && outcome.code == CODE_SCOPE_MISSING)
	{
		outcome.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE;
		outcome.hint = "The access token needs the scope \"ads:read\".";
	}
	else if (request->status == 401)
	{
		outcome.verdict = PIN_UNAUTHORIZED;
		outcome.sqlstate = ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION;
		outcome.hint = "The access token is wrong, expired or revoked. Authorize again with pinterest.authorization_url(), or set a valid \"access_token\" in the user mapping.";
	}
	else if (request->status == 403)
	{
		if (call->one_of_many)
			outcome.verdict = PIN_DENIED;
		outcome.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE;
		outcome.hint = "The Pinterest user needs one of the roles Owner, Admin, Analyst or Campaign Manager on the ad account.";
	}
	else if (request->status == 404 ||
			 (outcome.message != NULL &&
			  strstr(outcome.message, "ad account id") != NULL))
	{
		outcome.sqlstate = ERRCODE_FDW_TABLE_NOT_FOUND;
		outcome.hint = "Check the option \"advertiser_id\".";
	}
	return outcome;
}

/*
 * fail
 *		Raises the error that an outcome stands for.
 */
static void
fail(PinSession *session, PinCall *call, const PinOutcome *outcome)
{
	PinHttpRequest *request = call->request;
	StringInfoData detail;
	int			wait_s = (outcome->pause_ms + 999) / 1000;
	int			timeout = session->options->retry_timeout;

	initStringInfo(&detail);
	if (request->fault != PIN_HTTP_NO_FAULT)
		appendStringInfo(&detail, _("%s got no complete answer"), call->what);
	else
	{
		appendStringInfo(&detail, _("%s was answered with HTTP status %ld"),
						 call->what, request->status);
		if (outcome->code != 0)
			appendStringInfo(&detail, _(", code %d"), outcome->code);
	}
	if (call->faults > 0)
		appendStringInfo(&detail, _(", at attempt %d"), call->faults + 1);
	appendStringInfoChar(&detail, '.');
	if (request->request_id[0] != '\0')
		appendStringInfo(&detail, _(" Pinterest's id of the request is %s."),
						 pin_shorten(request->request_id));

	switch (outcome->verdict)
	{
		case PIN_THROTTLED:
			ereport(ERROR,
					(errcode(outcome->sqlstate),
					 errmsg("too many requests to Pinterest for %s: %s",
							session->subject,
							outcome->message != NULL ? pin_shorten(outcome->message) :
							_("no message")),
					 errdetail_internal("%s", detail.data),
					 outcome->pause_ms >= 0 ?
					 errhint("Pinterest asks to wait %d seconds, longer than what is left of \"retry_timeout\" (%d seconds). Try again later, or raise that server option.",
							 wait_s, timeout) :
					 errhint("Try again later, or raise the server option \"retry_timeout\" (%d seconds).",
							 timeout)));
			break;
		case PIN_FAULT:
			ereport(ERROR,
					(errcode(outcome->sqlstate),
					 errmsg("could not reach Pinterest for %s: %s",
							session->subject,
							outcome->message != NULL ? pin_shorten(outcome->message) :
							psprintf(_("HTTP status %ld"), request->status)),
					 errdetail_internal("%s", detail.data),
					 outcome->hint != NULL ? errhint("%s", outcome->hint) :
					 errhint("Try again later, or raise the server option \"retry_timeout\" (%d seconds).",
							 timeout)));
			break;
		default:
			ereport(ERROR,
					(errcode(outcome->sqlstate),
					 errmsg("Pinterest refused a request for %s: %s",
							session->subject,
							outcome->message != NULL ? pin_shorten(outcome->message) :
							psprintf(_("HTTP status %ld"), request->status)),
					 errdetail_internal("%s", detail.data),
					 outcome->hint != NULL ? errhint("%s", outcome->hint) : 0));
			break;
	}
}

/*
 * count_wait
 *		Counts a wait, as far as it has not been counted for another call.
 */
static void
count_wait(PinChannel *channel, TimestampTz from, TimestampTz until)
{
	from = Max(from, channel->blocked_until);
	if (until <= from)
		return;
	channel->waited_ms += TimestampDifferenceMilliseconds(from, until);
	channel->blocked_until = until;
}

/*
 * schedule_retry
 *		Puts a call off after a fault.
 *
 * If that would take longer than the option retry_timeout allows, raises the
 * error, or returns false unless it is "ours" to raise.
 */
static bool
schedule_retry(PinSession *session, PinCall *call, const PinOutcome *outcome,
			   bool ours)
{
	PinChannel *channel = session->channel;
	TimestampTz now = GetCurrentTimestamp();
	int64		left_ms;
	int64		pause_ms = outcome->pause_ms;
	TimestampTz until;

	/*
	 * A request that failed in the end was a wait itself, but not the part of
	 * a download that went well.
	 */
	if (!call->download)
		count_wait(channel, call->sent_at, call->answered_at);
	else if (call->request->fault == PIN_HTTP_TIMEOUT)
		count_wait(channel,
				   TimestampTzPlusMilliseconds(call->answered_at,
											   -session->options->timeout * INT64CONST(1000)),
				   call->answered_at);
	left_ms = session->options->retry_timeout * INT64CONST(1000) -
		channel->waited_ms;

	/* time that is waited for another call anyway is free */
	if (channel->blocked_until > now)
		left_ms += TimestampDifferenceMilliseconds(now, channel->blocked_until);

	if (pause_ms < 0)
	{
		/* with a jitter, so that many sessions do not come back together */
		pause_ms = FIRST_PAUSE_MS * (INT64CONST(1) << Min(call->faults, 20));
		pause_ms = Min(pause_ms, LONGEST_PAUSE_MS);
		pause_ms = pause_ms * (0.75 + 0.5 * pg_prng_double(&pg_global_prng_state));
		if (left_ms > 0)
			pause_ms = Min(pause_ms, left_ms);
	}
	if (pause_ms > left_ms || left_ms <= 0)
	{
		if (!ours)
			return false;
		fail(session, call, outcome);
	}

	until = TimestampTzPlusMilliseconds(now, pause_ms);
	count_wait(channel, now, until);
	if (outcome->verdict == PIN_THROTTLED && until > channel->hold_until)
		channel->hold_until = until;

	ereport(DEBUG1,
			(errmsg_internal("%s: HTTP status %ld, %s; trying again in " INT64_FORMAT " ms",
							 call->what, call->request->status,
							 outcome->message != NULL ? pin_shorten(outcome->message) : "",
							 pause_ms)));
	call->faults++;
	call->due = until;
	call->state = PIN_CALL_WAITING;
	session->pool->usage.retries++;
	pin_usage.retries++;
	return true;
}

/*
 * replace_token
 *		Gets another access token in place of one that was rejected; false if
 *		there is none, or the other one was rejected, too.
 */
static bool
replace_token(PinSession *session, PinCall *call)
{
	MemoryContext old;
	char	   *token;

	/* another call may have been rejected before */
	if (call->token != session->token)
		return true;
	if (session->token_is_new)
		return false;
	old = MemoryContextSwitchTo(session->cxt);
	token = pin_replace_access_token(session->options->serverid, session->userid,
									 session->token);
	MemoryContextSwitchTo(old);
	if (token == NULL)
		return false;
	session->token = token;
	session->token_is_new = true;
	return true;
}

/*
 * finish_call
 *		Deals with the answer to a call.
 *
 * ours: whether the session is the one that runs.  If not, what is to be
 * raised is left to it.
 */
static void
finish_call(PinSession *session, PinCall *call, bool ours)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "pinterest_fdw answer",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	PinOutcome	outcome = judge(call);

	if (call->answered_at == 0)
	{
		call->answered_at = GetCurrentTimestamp();
		ereport(DEBUG1,
				(errmsg_internal("%s: HTTP status %ld, " INT64_FORMAT " bytes",
								 call->what, call->request->status,
								 call->request->received)));
	}
	call->postponed = false;
	switch (outcome.verdict)
	{
		case PIN_GOOD:
			call->state = PIN_CALL_DONE;
			call->faults = 0;
			break;
		case PIN_FAULT:
		case PIN_THROTTLED:
			if (schedule_retry(session, call, &outcome, ours))
				drop_request(call);
			else
				call->postponed = true;
			break;
		case PIN_EXPIRED:
			call->state = PIN_CALL_LINK_EXPIRED;
			drop_request(call);
			break;
		case PIN_DENIED:
			if (!ours)
			{
				call->postponed = true;
				break;
			}
			ereport(WARNING,
					(errcode(outcome.sqlstate),
					 errmsg("leaving out what Pinterest denies for %s: %s",
							session->subject,
							outcome.message != NULL ? pin_shorten(outcome.message) :
							_("no message")),
					 errdetail("%s was answered with HTTP status %ld.",
							   call->what, call->request->status),
					 errhint("%s", outcome.hint)));
			call->state = PIN_CALL_DENIED;
			drop_request(call);
			break;
		case PIN_UNAUTHORIZED:
			if (!ours)
			{
				call->postponed = true;
				break;
			}
			if (!replace_token(session, call))
				fail(session, call, &outcome);
			call->state = PIN_CALL_WAITING;
			call->due = DT_NOBEGIN;
			drop_request(call);
			session->pool->usage.retries++;
			pin_usage.retries++;
			break;
		case PIN_REFUSED:
			if (call->tentative && call->request->fault == PIN_HTTP_NO_FAULT &&
				(call->request->status == 400 || call->request->status == 404))
			{
				ereport(DEBUG1,
						(errmsg_internal("%s: refused: %s", call->what,
										 outcome.message != NULL ?
										 pin_shorten(outcome.message) : "")));
				call->state = PIN_CALL_REFUSED;
				drop_request(call);
			}
			else if (!ours)
				call->postponed = true;
			else
				fail(session, call, &outcome);
			break;
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}

/*
 * has_input
 *		Whether pin_call_read() would return something.
 */
static bool
has_input(const PinCall *call)
{
	return call->download && call->request != NULL && call->request->len > 0 &&
		call->request->status >= 200 && call->request->status < 300;
}

/*
 * send_due
 *		Sends the calls of a session that are due, as far as the option
 *		max_connections allows.
 *
 * left: how many more may be under way.  Returns when the first of the others
 * is due that can be sent.
 */
static TimestampTz
send_due(PinSession *session, TimestampTz now, int *left)
{
	TimestampTz next = DT_NOEND;
	dlist_iter	iter;

	dlist_foreach(iter, &session->calls)
	{
		PinCall    *call = dlist_container(PinCall, node, iter.cur);
		TimestampTz due = Max(call->due, session->channel->hold_until);

		if (*left <= 0)
			break;
		if (call->state != PIN_CALL_WAITING)
			continue;
		if (due <= now)
		{
			send_call(session, call);
			(*left)--;
		}
		else
			next = Min(next, due);
	}
	return next;
}

/*
 * prepare_channel
 *		Sends what is due in a channel, first of the session that runs, and finds
 *		out what there is to wait for.
 *
 * wake: lowered to when something else is due; ready: set if an answer is there
 * already that can be dealt with.
 */
static void
prepare_channel(PinChannel *channel, PinSession *running, TimestampTz now,
				TimestampTz *wake, bool *ready)
{
	int			left = 0;
	dlist_iter	iter,
				iter2;

	/*
	 * A download of another session that is not taken does not count, or it
	 * could keep this one from ever getting its turn.
	 */
	dlist_foreach(iter, &channel->sessions)
	{
		PinSession *session = dlist_container(PinSession, node, iter.cur);

		if (iter.cur == dlist_head_node(&channel->sessions))
			left += session->options->max_connections;
		dlist_foreach(iter2, &session->calls)
		{
			PinCall    *call = dlist_container(PinCall, node, iter2.cur);

			if (call->state != PIN_CALL_UNDER_WAY)
				continue;
			if (!call->request->done && (session == running || !has_input(call)))
				left--;
			if (session == running ?
				call->request->done || has_input(call) :
				call->request->done && !has_input(call) && !call->postponed)
				*ready = true;
		}
	}

	if (running->channel == channel)
		*wake = Min(*wake, send_due(running, now, &left));
	dlist_foreach(iter, &channel->sessions)
	{
		PinSession *session = dlist_container(PinSession, node, iter.cur);

		if (session != running)
			*wake = Min(*wake, send_due(session, now, &left));
	}
}

/*
 * pin_session_run
 *		Makes one step: sends what is due, within max_connections, waits until
 *		something happens and deals with the answers that are complete.
 *
 * The other sessions of the channel and of its siblings take part in it, so that
 * what they have asked for is under way meanwhile; but what there is to raise,
 * or to decide, waits until they run themselves.
 *
 * A completed download counts as an answer only when its bytes were taken, so
 * that a caller sees them first.  Raises the error of a call that cannot
 * succeed, and the errors of CHECK_FOR_INTERRUPTS().
 */
void
pin_session_run(PinSession *session)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz wake = TimestampTzPlusMilliseconds(now, IDLE_WAIT_MS);
	bool		ready = false;
	dlist_iter	iter,
				iter2,
				iter3;

	dlist_foreach(iter, session->channel->siblings)
		prepare_channel(dlist_container(PinChannel, node, iter.cur), session, now,
						&wake, &ready);

	pin_http_wait(ready ? 0 : TimestampDifferenceMilliseconds(now, wake));
	if (session->progress != NULL)
		pg_atomic_write_u64(&session->progress->bytes,
							session->pool->usage.bytes);

	dlist_foreach(iter, session->channel->siblings)
	{
		PinChannel *channel = dlist_container(PinChannel, node, iter.cur);

		dlist_foreach(iter2, &channel->sessions)
		{
			PinSession *other = dlist_container(PinSession, node, iter2.cur);

			dlist_foreach(iter3, &other->calls)
			{
				PinCall    *call = dlist_container(PinCall, node, iter3.cur);

				if (call->state == PIN_CALL_UNDER_WAY && call->request->done &&
					!has_input(call) && (other == session || !call->postponed))
					finish_call(other, call, other == session);
			}
		}
	}
}

/*
 * pin_call_wait
 *		Runs the session until a call has its answer; false if that is that
 *		the advertiser may not be read.
 */
bool
pin_call_wait(PinSession *session, PinCall *call)
{
	while (call->state != PIN_CALL_DONE && call->state != PIN_CALL_DENIED)
		pin_session_run(session);
	return call->state == PIN_CALL_DONE;
}

/*
 * answer_context
 *		Error context callback: which answer is being parsed.
 */
static void
answer_context(void *arg)
{
	errcontext("answer to %s", ((PinCall *) arg)->what);
}

/*
 * pin_call_object
 *		Picks fields from the answer to a call, which must be an object.
 *
 * names: count of them, as many values.  Memory comes from the current
 * context.  Raises HV000 for something else than an object, such as the login
 * page of a network, and the errors of pin_json_object().
 */
void
pin_call_object(PinSession *session, PinCall *call, int count,
				const char *const *names, PinJsonValue *values)
{
	PinHttpRequest *request = call->request;
	size_t		start = 0;
	ErrorContextCallback callback;

	Assert(call->state == PIN_CALL_DONE);
	while (start < request->len && strchr(" \t\r\n", request->data[start]) != NULL)
		start++;
	if (start == request->len || request->data[start] != '{')
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("invalid answer from Pinterest for %s",
						session->subject),
				 errdetail("%s was answered with HTTP status %ld and content of type \"%s\" that is no JSON object.",
						   call->what, request->status,
						   pin_shorten(request->content_type)),
				 errhint("Check the server options \"api_url\" and \"proxy\".")));

	callback.callback = answer_context;
	callback.arg = call;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	pin_json_object(pin_json_fields(count, (const char **) names),
					request->data, request->len, PG_UTF8, values, NULL);
	error_context_stack = callback.previous;
}

/*
 * pin_call_read
 *		Takes what has arrived of a download; false if nothing has.
 *
 * After a break a download goes on where it was.  A storage that does not
 * know ranges begins anew; then what was handed out before is skipped.
 */
bool
pin_call_read(PinCall *call, StringInfo buf)
{
	PinHttpRequest *request = call->request;
	int			before = buf->len;
	int64		got;

	if (!has_input(call))
		return false;

	if (!call->checked)
	{
		int64		first = 0;

		if (request->status == 206 &&
			(sscanf(request->content_range, "bytes " INT64_FORMAT "-", &first) != 1 ||
			 first != call->taken))
			ereport(ERROR,
					(errcode(ERRCODE_FDW_ERROR),
					 errmsg("the wrong part of a report of Pinterest was sent"),
					 errdetail("%s was to go on at byte " INT64_FORMAT ", but not at \"%s\".",
							   call->what, call->taken,
							   pin_shorten(request->content_range)),
					 errhint("Run the statement again.")));
		if (call->taken > 0 && strcmp(request->etag, call->etag) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_ERROR),
					 errmsg("a report of Pinterest changed while it was being read"),
					 errdetail("%s was cut short, and another document stood there afterwards.",
							   call->what),
					 errhint("Run the statement again.")));
		strlcpy(call->etag, request->etag, sizeof(call->etag));
		call->skip = request->status == 206 ? 0 : call->taken;
		call->checked = true;
	}

	got = pin_http_read(request, buf);
	if (call->skip > 0)
	{
		int			drop = Min(call->skip, got);

		memmove(buf->data + before, buf->data + before + drop, got - drop + 1);
		buf->len -= drop;
		call->skip -= drop;
		got -= drop;
	}
	call->taken += got;
	call->faults = 0;
	return true;
}
