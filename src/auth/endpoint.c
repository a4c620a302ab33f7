/*-------------------------------------------------------------------------
 *
 * endpoint.c
 *	  The token endpoint: an authorization code, or a refresh token, for new
 *	  tokens.
 *
 * All of this runs in a worker, see base/worker.c, since the answer holds what
 * nobody can ask for a second time: it is committed before anyone uses it.  For
 * the same reason a request is sent once.  Whether an answer that did not come
 * was on its way cannot be known; then the old refresh token stays, and the row
 * of the mapping says since when the outcome is unknown.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "auth/endpoint.h"
#include "base/text.h"
#include "http/http.h"
#include "json/document.h"

/* A longer token is none of Pinterest's. */
#define MAX_TOKEN_LENGTH 4096

/*
 * is_token
 *		Whether a value can be put into a header as it is.
 */
static bool
is_token(const PinJsonValue *value)
{
	if (value->type != PIN_JSON_STRING || value->text[0] == '\0' ||
		strlen(value->text) > MAX_TOKEN_LENGTH)
		return false;
	for (const char *c = value->text; *c != '\0'; c++)
	{
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7f)
			return false;
	}
	return true;
}

/*
 * end_of_life
 *		When something ends that lives for so many seconds from now on.
 */
static TimestampTz
end_of_life(const PinJsonValue *seconds, TimestampTz now)
{
	double		value;

	if (seconds->type != PIN_JSON_NUMBER)
		return DT_NOEND;
	value = strtod(seconds->text, NULL);
	if (!(value >= 0 && value < 1e9))
		return DT_NOEND;
	return now + (int64) value * USECS_PER_SEC;
}

/*
 * read_tokens
 *		Takes the tokens from an answer; false if it is not what it should be.
 *
 * Without a new refresh token the old one stays in force, as OAuth has it.
 */
static bool
read_tokens(const PinHttpRequest *answer, const char *digest, PinTokens *tokens)
{
	static const char *const names[] = {
		"access_token", "expires_in", "refresh_token",
		"refresh_token_expires_in", "scope", "token_type"
	};
	PinJsonFields *fields = pin_json_fields(lengthof(names), (const char **) names);
	PinJsonValue values[lengthof(names)];
	TimestampTz now = GetCurrentTimestamp();

	if (answer->len == 0 ||
		!pin_json_try_object(fields, answer->data, answer->len, values) ||
		!is_token(&values[0]) ||
		(values[2].type != PIN_JSON_MISSING && values[2].type != PIN_JSON_NULL &&
		 !is_token(&values[2])) ||
		(values[5].type == PIN_JSON_STRING &&
		 pg_strcasecmp(values[5].text, "bearer") != 0))
		return false;

	tokens->digest = pstrdup(digest);
	tokens->access_token = values[0].text;
	tokens->access_expires_at = end_of_life(&values[1], now);
	if (values[2].type == PIN_JSON_STRING)
	{
		tokens->refresh_token = values[2].text;
		tokens->refresh_expires_at = end_of_life(&values[3], now);
	}
	if (values[4].type == PIN_JSON_STRING)
		tokens->scope = values[4].text;
	tokens->issued_at = now;
	tokens->attempted_at = DT_NOEND;
	tokens->failed_at = DT_NOBEGIN;
	tokens->failure = tokens->failure_detail = tokens->failure_hint = NULL;
	return true;
}

/*
 * without
 *		A message without a secret that it repeats.
 */
static char *
without(char *message, const char *secret)
{
	char	   *place;

	while (secret != NULL && secret[0] != '\0' &&
		   (place = strstr(message, secret)) != NULL)
		memset(place, '*', strlen(secret));
	return message;
}

/*
 * read_refusal
 *		Pinterest's words for not issuing tokens, with its code if there is one;
 *		palloc'ed.
 */
static char *
read_refusal(const PinHttpRequest *answer)
{
	static const char *const names[] = {
		"message", "error_description", "error", "code"
	};
	PinJsonFields *fields = pin_json_fields(lengthof(names), (const char **) names);
	PinJsonValue values[lengthof(names)];

	if (answer->len > 0 &&
		pin_json_try_object(fields, answer->data, answer->len, values))
	{
		for (int i = 0; i < 3; i++)
		{
			if (values[i].type == PIN_JSON_STRING)
				return psprintf("%s (HTTP status %ld%s%s)",
								pin_shorten(values[i].text), answer->status,
								values[3].type == PIN_JSON_NUMBER ? ", code " : "",
								values[3].type == PIN_JSON_NUMBER ? pin_shorten(values[3].text) : "");
		}
	}
	return psprintf("HTTP status %ld", answer->status);
}

/*
 * pin_ask_endpoint
 *		Sends a request to the token endpoint and tells what became of it.
 *
 * form: the grant, percent-encoded; secret: the code or refresh token in it,
 * which no message shows.  On PIN_GRANT_ISSUED *tokens has them, on
 * anything else *problem says what went wrong.  Interrupts are held off from
 * here on until the caller has committed: there is no giving up in between.
 */
PinGrantOutcome
pin_ask_endpoint(const PinClient *client, const char *form, const char *secret,
	PinTokens *tokens, PinProblem *problem)
{
	PinHttpSpec spec = {0};
	PinHttpRequest *answer;
	PinGrantOutcome outcome;
	char	   *words;

	spec.url = client->url;
	spec.form = form;
	spec.basic = psprintf("%s:%s", client->client_id, client->client_secret);
	spec.ca_file = client->ca_file;
	spec.proxy = client->proxy;
	spec.timeout = client->timeout;
	answer = pin_http_start(pin_http_pool_create(CurrentMemoryContext), &spec);

	HOLD_INTERRUPTS();
	while (!answer->done)
		pin_http_wait(1000L);

	memset(problem, 0, sizeof(PinProblem));
	if (answer->fault != PIN_HTTP_NO_FAULT)
	{
		outcome = answer->sent ? PIN_GRANT_UNKNOWN : PIN_GRANT_NOT_SPENT;
		problem->sqlstate = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
		words = pin_shorten(answer->error);
	}
	else if (answer->status >= 200 && answer->status < 300)
	{
		if (read_tokens(answer, client->digest, tokens))
			return PIN_GRANT_ISSUED;
		outcome = PIN_GRANT_UNKNOWN;
		words = "the answer is not one of a token endpoint";
	}
	else
	{
		words = read_refusal(answer);
		if (answer->status == 429)
		{
			outcome = PIN_GRANT_NOT_SPENT;
			problem->sqlstate = ERRCODE_CONFIGURATION_LIMIT_EXCEEDED;
		}
		else if (answer->status < 400)
		{
			/* we follow no redirect, least of all with credentials */
			outcome = PIN_GRANT_NOT_SPENT;
			problem->sqlstate = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
		}
		else if (answer->status >= 500 || answer->status == 408)
			outcome = PIN_GRANT_UNKNOWN;
		else
		{
			outcome = PIN_GRANT_REFUSED;
			problem->sqlstate = ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION;
		}
	}
	if (outcome == PIN_GRANT_UNKNOWN)
		problem->sqlstate = ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN;
	words = without(without(pstrdup(words), secret), client->client_secret);
	problem->message = words;
	return outcome;
}

/*
 * pin_raise_problem
 *		Raises the error that a problem stands for.
 */
void
pin_raise_problem(const PinProblem *problem)
{
	ereport(ERROR,
			(errcode(problem->sqlstate),
			 errmsg_internal("%s", problem->message),
			 problem->detail != NULL ? errdetail_internal("%s", problem->detail) : 0,
			 problem->hint != NULL ? errhint("%s", problem->hint) : 0));
}
