/*-------------------------------------------------------------------------
 *
 * verdict.c
 *	  What the answer to a request, or its absence, means.
 *
 * What is tried again, how long that is waited for and which error the user sees
 * in the end is decided in one place: pin_judge().
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "api/verdict.h"
#include "auth/scopehint.h"
#include "base/dates.h"
#include "base/text.h"
#include "http/answer.h"
#include "http/http.h"
#include "json/apierror.h"

/* Pinterest's codes that mean something other than the HTTP status does */
#define CODE_SCOPE_MISSING	3
#define CODE_TRY_AGAIN		12

/* No longer pause is told from this one, which nobody waits for, in seconds */
#define LONGEST_PAUSE_S		1000000000

/*
 * seconds_in
 *		A number of seconds in an answer's header, as milliseconds; -1 if
 *		there is none.
 */
static int64
seconds_in(const char *value)
{
	size_t		len = strspn(value, "0123456789.");

	if (len == 0 || value[len] != '\0')
		return -1;
	return (int64) (Min(atof(value), LONGEST_PAUSE_S) * 1000);
}

/*
 * retry_after
 *		How long the header Retry-After asks to wait, in milliseconds; -1 if it is
 *		not there, or is a time that has passed.
 *
 * A time is one of the other side's clock, which it says itself.
 */
static int64
retry_after(const PinHttpRequest *request)
{
	TimestampTz until;
	TimestampTz now;

	if (!pin_parse_http_date(request->retry_after, &until))
		return seconds_in(request->retry_after);
	if (!pin_parse_http_date(request->date, &now))
		now = GetCurrentTimestamp();
	if (until <= now)
		return -1;
	return Min((until - now) / 1000, LONGEST_PAUSE_S * INT64CONST(1000));
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
 * has_words
 *		Whether a message has one of some phrases in it, in any case of letters.
 */
static bool
has_words(const char *message, const char *const *phrases, int nphrases)
{
	if (message == NULL)
		return false;
	for (; *message != '\0'; message++)
	{
		for (int i = 0; i < nphrases; i++)
		{
			if (pg_strncasecmp(message, phrases[i], strlen(phrases[i])) == 0)
				return true;
		}
	}
	return false;
}

/*
 * passes
 *		Whether what Pinterest answers with a status below 500 passes as those
 *		above do.
 *
 * One code is documented for that; others have been seen with the same words.
 */
static bool
passes(long status, const PinApiError *error)
{
	static const char *const words[] = {
		"something went wrong", "went wrong on our", "internal server error",
		"internal error", "temporarily unavailable", "try again later"
	};

	if (status == 408)
		return true;
	if (status != 400 && status != 404 && status != 409 && status != 422)
		return false;
	return (status == 400 && error->code == CODE_TRY_AGAIN) ||
		has_words(error->message, words, lengthof(words));
}

/*
 * is_about_advertiser
 *		Whether a refusal is about the advertiser of a call, and nothing else
 *		that the call names.
 *
 * A column's name, such as AD_ACCOUNT_ID, is none of these phrases.
 */
static bool
is_about_advertiser(const PinCall *call, long status, const char *message)
{
	static const char *const words[] = {
		"ad account id", "advertiser id", "invalid ad account",
		"invalid advertiser", "ad account not found", "advertiser not found",
		"ad account does not exist", "advertiser does not exist"
	};

	if (call->advertiser_id == NULL || call->is_item)
		return false;
	if (status == 403 || (status == 404 && call->missing_hint == NULL))
		return true;
	return (status == 400 || status == 404) &&
		has_words(message, words, lengthof(words));
}

/*
 * judge_fault
 *		What it means that there is no answer, or not all of it.
 *
 * Where a download leads no option of the server says.
 */
static PinOutcome
judge_fault(const PinCall *call)
{
	PinHttpRequest *request = call->request;
	PinOutcome	outcome = {.verdict = PIN_REFUSED,.sqlstate = ERRCODE_FDW_ERROR,.pause_ms = -1};

	outcome.message = request->error;
	switch (request->fault)
	{
		case PIN_HTTP_UNREACHABLE:
			outcome.verdict = PIN_FAULT;
			outcome.sqlstate = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
			outcome.hint = call->download ?
				"Check the network and the server option \"proxy\"." :
				"Check the network and the server options \"api_url\" and \"proxy\".";
			break;
		case PIN_HTTP_UNTRUSTED:
			outcome.sqlstate = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
			outcome.hint = call->download ?
				"Check the server options \"ca_file\" and \"proxy\"." :
				"Check the server options \"api_url\" and \"ca_file\".";
			break;
		case PIN_HTTP_UNUSABLE:
			outcome.sqlstate = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
			outcome.hint = call->download ?
				"Check the server option \"proxy\"." :
				"Check the server options \"api_url\" and \"proxy\".";
			break;
		case PIN_HTTP_GARBLED:
			outcome.sqlstate = ERRCODE_PROTOCOL_VIOLATION;
			outcome.hint = call->download ?
				"Check the server option \"proxy\", or run the statement again." :
				"Check that the server option \"api_url\" leads to Pinterest, and \"proxy\" to a proxy.";
			break;
		case PIN_HTTP_TIMEOUT:
		case PIN_HTTP_LOST:
			outcome.verdict = PIN_FAULT;
			outcome.sqlstate = ERRCODE_CONNECTION_FAILURE;
			break;
		case PIN_HTTP_SLOW:
			outcome.verdict = PIN_FAULT;
			outcome.sqlstate = ERRCODE_CONNECTION_FAILURE;
			outcome.hint = "Try again later, or lower the server option \"low_speed_limit\".";
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

/*
 * judge_refusal
 *		What it means that Pinterest refuses what was asked for, and neither the
 *		token nor the moment is the reason.
 *
 * *outcome: has Pinterest's words already.
 */
static void
judge_refusal(const PinCall *call, PinOutcome *outcome)
{
	long		status = call->request->status;

	outcome->about_advertiser = is_about_advertiser(call, status, outcome->message);
	if (outcome->about_advertiser && call->one_of_many)
		outcome->verdict = PIN_DENIED;
	if (status == 403)
	{
		/* a call may read an ad account that is not its advertiser, as checks do */
		outcome->sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE;
		outcome->hint = call->advertiser_id != NULL ||
			strstr(call->what, " /ad_accounts/") != NULL ?
			"The Pinterest user needs one of the roles Owner, Admin, Analyst or Campaign Manager on the ad account." :
			"The Pinterest user needs access to what the request names.";
	}
	else if (outcome->about_advertiser)
	{
		outcome->sqlstate = ERRCODE_FDW_TABLE_NOT_FOUND;
		outcome->hint = "Check the option \"advertiser_id\".";
	}
	else if (status == 404)
	{
		outcome->sqlstate = ERRCODE_FDW_TABLE_NOT_FOUND;
		outcome->hint = call->missing_hint;
	}
}

/*
 * pin_judge
 *		What the answer to a request, or its absence, means.
 *
 * Pinterest's codes are its own and do not follow the HTTP status; the time to
 * wait stands in the message more often than in a header.
 */
PinOutcome
pin_judge(PinCall *call)
{
	PinHttpRequest *request = call->request;
	PinOutcome	outcome = {.verdict = PIN_REFUSED,.sqlstate = ERRCODE_FDW_ERROR,.pause_ms = -1};
	PinApiError error;

	if (call->download && call->ranged && request->status == 206 &&
		pin_answer_is_encoded(request))
	{
		/* the rest of an encoded document cannot be decoded by itself */
		outcome.verdict = PIN_FAULT;
		outcome.sqlstate = ERRCODE_CONNECTION_FAILURE;
		return outcome;
	}
	if (request->fault != PIN_HTTP_NO_FAULT)
		return judge_fault(call);
	if (request->status == 206 && !(call->download && call->ranged))
	{
		/* whatever else there may be, it is missing */
		outcome.message = "a part was sent, although all was asked for";
		outcome.hint = "Check the server option \"proxy\", or run the statement again.";
		return outcome;
	}
	if (request->status >= 200 && request->status < 300)
	{
		outcome.verdict = PIN_GOOD;
		return outcome;
	}

	error = pin_read_api_error(request->data, request->len);
	outcome.code = error.code;
	outcome.message = error.message;
	if (outcome.message != NULL)
		outcome.pause_ms = seconds_in_message(outcome.message);
	if (outcome.pause_ms < 0)
		outcome.pause_ms = retry_after(request);

	if (request->status == 429 ||
		(request->status == 400 && outcome.pause_ms >= 0))
	{
		outcome.verdict = PIN_THROTTLED;
		outcome.sqlstate = ERRCODE_CONFIGURATION_LIMIT_EXCEEDED;
		if (outcome.pause_ms < 0)
			outcome.pause_ms = seconds_in(request->rate_limit_reset);
	}
	else if (request->status >= 500 || passes(request->status, &error))
	{
		outcome.verdict = PIN_FAULT;
		outcome.sqlstate = ERRCODE_CONNECTION_FAILURE;
	}
	else if (call->download)
	{
		/* the storage answers 403 to an expired link, and to any bad one */
		if (request->status == 403)
			outcome.verdict = PIN_EXPIRED;
		if (request->status >= 300 && request->status < 400 &&
			request->location != NULL)
			outcome.verdict = PIN_MOVED;
	}
	else if (request->status >= 300 && request->status < 400)
		outcome.hint = "Requests with an access token are not redirected. Check the server options \"api_url\" and \"proxy\".";
	else if (request->status == 401 && outcome.code == CODE_SCOPE_MISSING)
	{
		outcome.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE;
		outcome.scope_missing = true;
	}
	else if (request->status == 401)
	{
		outcome.verdict = PIN_UNAUTHORIZED;
		outcome.sqlstate = ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION;
		outcome.hint = "The access token is wrong, expired or revoked. Authorize again with pinterest.authorization_url(), or set a valid \"access_token\" in the user mapping.";
	}
	else
		judge_refusal(call, &outcome);
	return outcome;
}

/*
 * throttled_hint
 *		What to do about throttling that lasts longer than it may be waited for.
 *
 * Pinterest's other limits are by the second or minute: so a pause of hours means
 * the one by the day.  A longer one than that makes no sense, and is told as it is.
 */
static int
throttled_hint(const PinOutcome *outcome, int timeout)
{
	int			wait_s = (outcome->pause_ms + 999) / 1000;

	if (outcome->pause_ms < 0)
		return errhint("Try again later, or raise the server option \"retry_timeout\" (%d seconds).",
					   timeout);
	if (wait_s < 2 * SECS_PER_HOUR || wait_s > SECS_PER_DAY)
		return errhint("Pinterest asks to wait %d seconds, longer than what is left of \"retry_timeout\" (%d seconds). Try again later, or raise that server option.",
					   wait_s, timeout);
	return errhint("Pinterest asks to wait %d h %d min. That is the daily limit of an app with Trial access, 1,000 requests. Load fewer tables, the last days only (\"last\"), or less often; or apply for Standard access at developers.pinterest.com.",
				   wait_s / SECS_PER_HOUR,
				   wait_s % SECS_PER_HOUR / SECS_PER_MINUTE);
}

/*
 * pin_fail
 *		Raises the error that an outcome stands for.
 */
void
pin_fail(PinSession *session, PinCall *call, const PinOutcome *outcome)
{
	PinHttpRequest *request = call->request;
	const PinResource *resource = session->options->resource;
	const char *hint = outcome->hint;
	StringInfoData detail;
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
	if (outcome->scope_missing)
		hint = pin_table_scopes_hint(session->options->serverid, session->userid,
									 resource != NULL ? resource->scopes : PIN_SCOPE);

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
					 throttled_hint(outcome, timeout)));
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
					 request->fault == PIN_HTTP_UNTRUSTED ||
					 request->fault == PIN_HTTP_UNUSABLE ?
					 errmsg("could not reach Pinterest for %s: %s",
							session->subject, pin_shorten(request->error)) :
					 request->fault != PIN_HTTP_NO_FAULT ?
					 errmsg("could not read what Pinterest answered for %s: %s",
							session->subject, pin_shorten(outcome->message)) :
					 errmsg("Pinterest refused a request for %s: %s",
							session->subject,
							outcome->message != NULL ? pin_shorten(outcome->message) :
							psprintf(_("HTTP status %ld"), request->status)),
					 errdetail_internal("%s", detail.data),
					 hint != NULL ? errhint("%s", hint) : 0));
			break;
	}
}
