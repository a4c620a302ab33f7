/*-------------------------------------------------------------------------
 *
 * endpoint.c
 *	  The token endpoint: an authorization code, or a refresh token, for new
 *	  tokens.
 *
 * All of this runs in a worker, see worker.c, since the answer holds what
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

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "api/session.h"
#include "auth/token.h"

/* How long a state is good for: as long as Pinterest's authorization codes */
#define STATE_LIFETIME	(10 * USECS_PER_MINUTE)

/* A longer token is none of Pinterest's. */
#define MAX_TOKEN_LENGTH 4096

/* Whom a worker asks for, and where */
typedef struct Client
{
	Oid			umid;
	const char *digest;			/* of the mapping's tokens */
	const char *server;			/* names, for messages */
	const char *user;
	const char *url;			/* of the token endpoint */
	const char *ca_file;
	const char *proxy;
	int			timeout;		/* seconds */
	const char *client_id;
	const char *client_secret;
} Client;

typedef enum Outcome
{
	ISSUED,
	NOT_SPENT,					/* the code or refresh token is as it was */
	REFUSED,					/* it is worth nothing */
	UNKNOWN
} Outcome;

/* An error to raise, once all has been written down */
typedef struct Problem
{
	int			sqlstate;
	char	   *message;
	char	   *detail;			/* NULL: none, as the next one */
	char	   *hint;
} Problem;

/*
 * pin_client_args
 *		The first arguments of the jobs below: what they need to know of a user
 *		mapping and its server.
 *
 * Handed over rather than looked up, since the caller's transaction may have
 * just created them.
 */
List *
pin_client_args(const PinMapping *mapping)
{
	PinOptions *options = pin_get_server_options(mapping->serverid);
	List	   *args;

	args = list_make5(psprintf("%u", mapping->umid), (void *) mapping->digest,
					  (void *) mapping->server, (void *) mapping->user,
					  psprintf("%s/oauth/token", options->api_url));
	return list_concat(args,
					   list_make5(options->ca_file, options->proxy,
								  psprintf("%d", options->timeout),
								  (void *) mapping->client_id,
								  (void *) mapping->client_secret));
}

/*
 * take_client
 *		The counterpart; returns the place of the first of the other arguments.
 */
static int
take_client(List *args, Client *client)
{
	int			i = 0;

	client->umid = atooid(list_nth(args, i++));
	client->digest = list_nth(args, i++);
	client->server = list_nth(args, i++);
	client->user = list_nth(args, i++);
	client->url = list_nth(args, i++);
	client->ca_file = list_nth(args, i++);
	client->proxy = list_nth(args, i++);
	client->timeout = atoi(list_nth(args, i++));
	client->client_id = list_nth(args, i++);
	client->client_secret = list_nth(args, i++);
	return i;
}

/*
 * lock_mapping
 *		Keeps other workers off the user mapping.
 *
 * One that a canceled session has left behind ends within its time.
 */
static void
lock_mapping(const Client *client)
{
	char	   *before = pstrdup(GetConfigOption("lock_timeout", false, false));

	SetConfigOption("lock_timeout", psprintf("%ds", client->timeout + 5),
					PGC_SUSET, PGC_S_OVERRIDE);
	pin_tokens_lock(client->umid, PIN_LOCK_WORKER, true);
	SetConfigOption("lock_timeout", before, PGC_SUSET, PGC_S_OVERRIDE);
}

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
 * ask
 *		Sends a request to the token endpoint and tells what became of it.
 *
 * form: the grant, percent-encoded; secret: the code or refresh token in it,
 * which no message shows.  On ISSUED *tokens has them, on
 * anything else *problem says what went wrong.  Interrupts are held off from
 * here on until the caller has committed: there is no giving up in between.
 */
static Outcome
ask(const Client *client, const char *form, const char *secret,
	PinTokens *tokens, Problem *problem)
{
	PinHttpSpec spec = {0};
	PinHttpRequest *answer;
	Outcome		outcome;
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

	memset(problem, 0, sizeof(Problem));
	if (answer->fault != PIN_HTTP_NO_FAULT)
	{
		outcome = answer->sent ? UNKNOWN : NOT_SPENT;
		problem->sqlstate = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
		words = pin_shorten(answer->error);
	}
	else if (answer->status >= 200 && answer->status < 300)
	{
		if (read_tokens(answer, client->digest, tokens))
			return ISSUED;
		outcome = UNKNOWN;
		words = "the answer is not one of a token endpoint";
	}
	else
	{
		words = read_refusal(answer);
		if (answer->status == 429)
		{
			outcome = NOT_SPENT;
			problem->sqlstate = ERRCODE_CONFIGURATION_LIMIT_EXCEEDED;
		}
		else if (answer->status < 400)
		{
			/* we follow no redirect, least of all with credentials */
			outcome = NOT_SPENT;
			problem->sqlstate = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
		}
		else if (answer->status >= 500 || answer->status == 408)
			outcome = UNKNOWN;
		else
		{
			outcome = REFUSED;
			problem->sqlstate = ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION;
		}
	}
	if (outcome == UNKNOWN)
		problem->sqlstate = ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN;
	words = without(without(pstrdup(words), secret), client->client_secret);
	problem->message = words;
	return outcome;
}

/*
 * raise_problem
 *		Raises the error that a problem stands for.
 */
static void
raise_problem(const Problem *problem)
{
	ereport(ERROR,
			(errcode(problem->sqlstate),
			 errmsg_internal("%s", problem->message),
			 problem->detail != NULL ? errdetail_internal("%s", problem->detail) : 0,
			 problem->hint != NULL ? errhint("%s", problem->hint) : 0));
}

/*
 * describe_renewal
 *		Completes the description of a renewal that failed.
 *
 * unknown_since: when one began of which nobody knows the outcome, DT_NOEND
 * if there was none.
 */
static void
describe_renewal(const Client *client, Outcome outcome,
				 TimestampTz unknown_since, Problem *problem)
{
	const char *words = problem->message;

	switch (outcome)
	{
		case NOT_SPENT:
			problem->message =
				psprintf(_("could not renew the access token of user \"%s\" at server \"%s\": %s"),
						 client->user, client->server, words);
			problem->detail = _("The refresh token has not been used.");
			problem->hint = problem->sqlstate == ERRCODE_CONFIGURATION_LIMIT_EXCEEDED ?
				_("Try again later.") :
				_("Check the network and the server options \"api_url\" and \"proxy\", then try again.");
			break;
		case UNKNOWN:
			problem->message =
				psprintf(_("the outcome of renewing the access token of user \"%s\" at server \"%s\" is unknown: %s"),
						 client->user, client->server, words);
			problem->detail = _("Pinterest may have replaced the refresh token. The old one is kept, and tried when the next query needs it.");
			problem->hint = _("If that is refused, authorize again with pinterest.authorization_url() and pinterest.authorize().");
			break;
		default:
			problem->message =
				psprintf(_("Pinterest refused to renew the access token of user \"%s\" at server \"%s\": %s"),
						 client->user, client->server, words);
			if (!TIMESTAMP_NOT_FINITE(unknown_since))
				problem->detail =
					psprintf(_("The outcome of a renewal at %s is unknown: Pinterest may have issued tokens then that did not arrive."),
							 timestamptz_to_str(unknown_since));
			problem->hint = _("Check \"client_id\" and \"client_secret\" of the user mapping. If they are right, authorize again with pinterest.authorization_url() and pinterest.authorize().");
			break;
	}
}

/*
 * pin_job_renew
 *		Job: renews the tokens of a user mapping, unless that has been done.
 *
 * args: those of pin_client_args(), access and refresh token of the mapping
 * itself, digest of an access token that was rejected, and when the caller
 * began.  Whoever waited for another one's attempt gets its result, be it an
 * error.
 */
void
pin_job_renew(List *args)
{
	Client		client;
	int			i = take_client(args, &client);
	char	   *given_access_token = list_nth(args, i++);
	char	   *given_refresh_token = list_nth(args, i++);
	char	   *rejected = list_nth(args, i++);
	TimestampTz begun = strtoi64(list_nth(args, i++), NULL, 10);
	TimestampTz unknown_since;
	MemoryContext context = CurrentMemoryContext;
	PinMapping	mapping = {0};
	PinTokens	tokens;
	Problem		problem = {0};
	StringInfoData form;
	Outcome		outcome;

	StartTransactionCommand();
	lock_mapping(&client);

	MemoryContextSwitchTo(context);
	mapping.umid = client.umid;
	mapping.digest = client.digest;
	mapping.access_token = given_access_token;
	mapping.refresh_token = given_refresh_token;
	pin_mapping_tokens(&mapping, &tokens);
	if (tokens.failure != NULL && tokens.failed_at >= begun)
	{
		problem.sqlstate = tokens.failure_sqlstate;
		problem.message = tokens.failure;
		problem.detail = tokens.failure_detail;
		problem.hint = tokens.failure_hint;
	}
	else if (pin_needs_renewal(&tokens, rejected, GetCurrentTimestamp()))
	{
		/*
		 * Should the server crash between the request and the end, this is
		 * what tells of it.
		 */
		unknown_since = tokens.attempted_at;
		if (TIMESTAMP_NOT_FINITE(unknown_since))
			tokens.attempted_at = GetCurrentTimestamp();
		pin_tokens_put(client.umid, &tokens);
		CommitTransactionCommand();

		/* Whatever could keep us from writing shows now, and not afterwards. */
		StartTransactionCommand();
		MemoryContextSwitchTo(context);
		pin_tokens_put(client.umid, &tokens);

		initStringInfo(&form);
		appendStringInfoString(&form, "grant_type=refresh_token&refresh_token=");
		pin_http_append_escaped(&form, tokens.refresh_token);
		outcome = ask(&client, form.data, tokens.refresh_token, &tokens, &problem);
		if (outcome != ISSUED)
		{
			describe_renewal(&client, outcome, unknown_since, &problem);
			if (outcome != UNKNOWN)
				tokens.attempted_at = unknown_since;
			tokens.failed_at = GetCurrentTimestamp();
			tokens.failure_sqlstate = problem.sqlstate;
			tokens.failure = problem.message;
			tokens.failure_detail = problem.detail;
			tokens.failure_hint = problem.hint;
		}
		pin_tokens_put(client.umid, &tokens);
		CommitTransactionCommand();
		RESUME_INTERRUPTS();
		StartTransactionCommand();
	}
	pin_tokens_unlock(client.umid, PIN_LOCK_WORKER);
	CommitTransactionCommand();
	if (problem.message != NULL)
		raise_problem(&problem);
}

/*
 * run
 *		Runs a statement on the requests for authorization; returns the number
 *		of rows.  The worker's search path is pg_catalog.
 */
static uint64
run(const char *sql, int nargs, Oid *types, Datum *values)
{
	if (SPI_execute_with_args(sql, nargs, types, values, NULL, false, 0) < 0)
		elog(ERROR, "could not execute: %s", sql);
	return SPI_processed;
}

/*
 * pin_job_request_authorization
 *		Job: notes that a browser is being sent to Pinterest.
 *
 * args: digest of the state, OID of the user mapping, redirect URI.
 */
void
pin_job_request_authorization(List *args)
{
	Oid			types[] = {TEXTOID, OIDOID, TEXTOID};
	Datum		values[3];

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	SPI_connect();
	values[0] = CStringGetTextDatum(list_nth(args, 0));
	values[1] = ObjectIdGetDatum(atooid(list_nth(args, 1)));
	values[2] = CStringGetTextDatum(list_nth(args, 2));
	(void) pin_extension_relid("authorization_requests");
	run("INSERT INTO pinterest.authorization_requests (state_digest, user_mapping, redirect_uri)"
		" VALUES ($1, $2, $3)", 3, types, values);

	/* Once they are of no use, they need not be told apart any more. */
	run("DELETE FROM pinterest.authorization_requests"
		" WHERE requested_at < now() - interval '1 day'", 0, NULL, NULL);
	/* Nor what has ended, or belongs to a mapping that was rolled back. */
	run("DELETE FROM pinterest.authorizations AS a"
		" WHERE a.refresh_expires_at < now() - interval '30 days'"
		" OR a.issued_at < now() - interval '1 day'"
		" AND NOT EXISTS (SELECT FROM pg_user_mapping AS m"
		" WHERE m.oid = a.user_mapping)", 0, NULL, NULL);
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
}

/*
 * check_state
 *		Checks what a state belongs to, and locks it; returns the redirect URI
 *		that the browser was sent with.  Within an SPI connection.
 */
static char *
check_state(const Client *client, Datum state)
{
	Oid			types[] = {TEXTOID};
	uint64		found;
	bool		isnull;
	bool		used;
	Oid			umid;
	TimestampTz requested_at;

	(void) pin_extension_relid("authorization_requests");
	found = run("SELECT user_mapping, requested_at, used_at, redirect_uri"
				" FROM pinterest.authorization_requests"
				" WHERE state_digest = $1 FOR UPDATE", 1, types, &state);
	if (found == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the state in the URL is unknown"),
				 errdetail("No authorization URL of this database has it, or it is older than a day."),
				 errhint("Call pinterest.authorization_url('%s') and start again with the URL that it returns.",
						 client->server)));

	umid = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0],
										  SPI_tuptable->tupdesc, 1, &isnull));
	requested_at = DatumGetTimestampTz(SPI_getbinval(SPI_tuptable->vals[0],
													 SPI_tuptable->tupdesc, 2, &isnull));
	(void) SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3, &isnull);
	used = !isnull;
	if (umid != client->umid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the state in the URL belongs to another user or server"),
				 errhint("Whoever called pinterest.authorization_url() has to call pinterest.authorize(), for the same server.")));
	if (used)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the state in the URL has been used already"),
				 errhint("Call pinterest.authorization_url('%s') and start again with the URL that it returns.",
						 client->server)));
	if (requested_at < GetCurrentTimestamp() - STATE_LIFETIME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the state in the URL has expired"),
				 errdetail("It was good for ten minutes."),
				 errhint("Call pinterest.authorization_url('%s') and start again with the URL that it returns.",
						 client->server)));
	return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 4);
}

/*
 * describe_authorization
 *		Completes the description of an exchange that failed.
 */
static void
describe_authorization(const Client *client, Outcome outcome, Problem *problem)
{
	const char *words = problem->message;
	char	   *again =
		psprintf(_("Call pinterest.authorization_url('%s') and start again with the URL that it returns."),
				 client->server);

	switch (outcome)
	{
		case NOT_SPENT:
			problem->message =
				psprintf(_("could not exchange the authorization code at server \"%s\": %s"),
						 client->server, words);
			problem->detail = _("The code has not been used.");
			problem->hint = _("Check the network and the server options \"api_url\" and \"proxy\", then call pinterest.authorize() once more.");
			break;
		case UNKNOWN:
			problem->message =
				psprintf(_("the outcome of exchanging the authorization code at server \"%s\" is unknown: %s"),
						 client->server, words);
			problem->detail = _("Tokens that were valid before are kept.");
			problem->hint = again;
			break;
		default:
			problem->message =
				psprintf(_("Pinterest refused the authorization code at server \"%s\": %s"),
						 client->server, words);
			problem->detail = _("A code is good for one use within ten minutes, by the app and with the redirect URI that it was issued for.");
			problem->hint = psprintf(_("Check \"client_id\" and \"client_secret\" of the user mapping. %s"),
									 again);
			break;
	}
}

/*
 * pin_job_authorize
 *		Job: exchanges an authorization code for tokens.
 *
 * args: those of pin_client_args(), digest of the state, code.
 */
void
pin_job_authorize(List *args)
{
	Client		client;
	int			i = take_client(args, &client);
	char	   *state = list_nth(args, i++);
	char	   *code = list_nth(args, i++);
	MemoryContext context = CurrentMemoryContext;
	Oid			types[] = {TEXTOID};
	Datum		values[1];
	PinTokens	tokens;
	PinTokens	before;
	Problem		problem = {0};
	StringInfoData form;
	Outcome		outcome;

	StartTransactionCommand();
	lock_mapping(&client);
	PushActiveSnapshot(GetTransactionSnapshot());
	SPI_connect();
	values[0] = CStringGetTextDatum(state);

	initStringInfo(&form);
	appendStringInfoString(&form, "grant_type=authorization_code&continuous_refresh=true&redirect_uri=");
	pin_http_append_escaped(&form, check_state(&client, values[0]));
	appendStringInfoString(&form, "&code=");
	pin_http_append_escaped(&form, code);

	/* Whatever could keep us from writing shows now, and not afterwards. */
	if (pin_tokens_get(client.umid, client.digest, &before))
		pin_tokens_put(client.umid, &before);

	memset(&tokens, 0, sizeof(tokens));
	tokens.refresh_expires_at = DT_NOEND;
	MemoryContextSwitchTo(context);
	outcome = ask(&client, form.data, code, &tokens, &problem);
	if (outcome == ISSUED)
		pin_tokens_put(client.umid, &tokens);
	else
		describe_authorization(&client, outcome, &problem);
	if (outcome != NOT_SPENT)
		run("UPDATE pinterest.authorization_requests SET used_at = now()"
			" WHERE state_digest = $1", 1, types, values);
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
	RESUME_INTERRUPTS();

	StartTransactionCommand();
	pin_tokens_unlock(client.umid, PIN_LOCK_WORKER);
	CommitTransactionCommand();
	if (outcome != ISSUED)
		raise_problem(&problem);
}
