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
#include "base/limits.h"
#include "base/secret.h"
#include "base/tally.h"
#include "base/text.h"
#include "http/http.h"
#include "json/apierror.h"
#include "json/document.h"

/*
 * is_token
 *		Whether a value can be put into a header as it is.
 */
static bool
is_token(const PinJsonValue *value)
{
	if (value->type != PIN_JSON_STRING || value->text[0] == '\0' ||
		strlen(value->text) > PIN_MAX_TOKEN)
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
 *		When something ends that lives for so many seconds from now on.  Some
 *		write a number as a string.
 */
static TimestampTz
end_of_life(const PinJsonValue *seconds, TimestampTz now)
{
	double		value;
	char	   *end;

	if (seconds->text == NULL)
		return DT_NOEND;
	value = strtod(seconds->text, &end);
	if (end == seconds->text || *end != '\0' || !(value >= 0 && value < 1e9))
		return DT_NOEND;
	return now + (int64) value * USECS_PER_SEC;
}

/*
 * pin_read_tokens
 *		Takes the tokens from an answer; false if it is not what it should be.
 *
 * body: of len bytes; digest: that of the user mapping, which is kept with them.
 * Without a new refresh token the old one stays in force, as OAuth has it.
 * Memory comes from the current context.  See RFC 6749, section 5.1.
 */
bool
pin_read_tokens(const char *body, size_t len, const char *digest,
				PinTokens *tokens)
{
	PinJsonDocument *document = pin_json_try_open(body, len);
	PinJsonValue access_token,
				expires_in,
				refresh_token,
				refresh_expires_in,
				scope,
				token_type;
	const PinJsonField fields[] = {
		{"access_token", PIN_JSON_STRING, &access_token, PIN_REQUIRED},
		{"expires_in", PIN_JSON_ANY, &expires_in, PIN_OPTIONAL},
		{"refresh_token", PIN_JSON_STRING, &refresh_token, PIN_OPTIONAL},
		{"refresh_token_expires_in", PIN_JSON_ANY, &refresh_expires_in, PIN_OPTIONAL},
		{"scope", PIN_JSON_ANY, &scope, PIN_OPTIONAL},
		{"token_type", PIN_JSON_ANY, &token_type, PIN_OPTIONAL}
	};
	TimestampTz now = GetCurrentTimestamp();
	bool		good;

	/* a token must be what was sent, to the last character */
	good = document != NULL && !pin_json_was_mended(document) &&
		pin_json_try_read(pin_json_root(document), fields, lengthof(fields)) == NULL;
	pin_json_close(document);
	if (!good || !is_token(&access_token) ||
		(refresh_token.type == PIN_JSON_STRING && !is_token(&refresh_token)) ||
		(token_type.type == PIN_JSON_STRING &&
		 pg_strcasecmp(token_type.text, "bearer") != 0))
		return false;

	tokens->digest = pstrdup(digest);
	tokens->access_token = access_token.text;
	tokens->access_expires_at = end_of_life(&expires_in, now);
	if (refresh_token.type == PIN_JSON_STRING)
	{
		tokens->refresh_token = refresh_token.text;
		tokens->refresh_expires_at = end_of_life(&refresh_expires_in, now);
	}
	if (scope.type == PIN_JSON_STRING && strlen(scope.text) <= PIN_MAX_SCOPE)
	{
		/* what was sent or has just come has no place in what everyone may see */
		pin_secret_keep(CurrentMemoryContext, tokens->access_token);
		pin_secret_keep(CurrentMemoryContext, tokens->refresh_token);
		pin_secrets_hide(scope.text, strlen(scope.text));
		tokens->scope = scope.text;
	}
	tokens->issued_at = now;
	tokens->attempted_at = DT_NOEND;
	tokens->failed_at = DT_NOBEGIN;
	tokens->failure = tokens->failure_detail = tokens->failure_hint = NULL;
	return true;
}

/*
 * read_refusal
 *		Pinterest's words for not issuing tokens, with its code if there is one;
 *		palloc'ed.
 */
static char *
read_refusal(const PinHttpRequest *answer)
{
	PinApiError error = pin_read_api_error(answer->data, answer->len);

	if (error.message == NULL)
		return psprintf("HTTP status %ld", answer->status);
	return psprintf("%s (HTTP status %ld%s)", pin_shorten(error.message),
					answer->status,
					error.has_code ? psprintf(", code %d", error.code) : "");
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
	spec.secret = secret;
	spec.basic = psprintf("%s:%s", client->client_id, client->client_secret);
	spec.ca_file = client->ca_file;
	spec.proxy = client->proxy;
	spec.timeout = client->timeout;
	pin_tally_add(pin_digest("app", client->client_id), PIN_TALLY_TOKEN);
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
		if (pin_read_tokens(answer->data, answer->len, client->digest, tokens))
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
