/*-------------------------------------------------------------------------
 *
 * authorize.c
 *	  How a user lets the server into Pinterest: through a browser.
 *
 * authorization_url() sends the browser to Pinterest with a state that nobody
 * can guess; authorize() takes the address to which Pinterest sent it back,
 * checks the state and has the code in it exchanged for tokens.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "auth/authorize.h"
#include "auth/authrequest.h"
#include "auth/client.h"
#include "auth/endpoint.h"
#include "auth/identity.h"
#include "auth/mapping.h"
#include "auth/needs.h"
#include "auth/token.h"
#include "auth/tokenstore.h"
#include "base/argument.h"
#include "base/compat.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/worker.h"
#include "catalog/catalog.h"
#include "catalog/scope.h"
#include "http/url.h"
#include "option/settings.h"

PG_FUNCTION_INFO_V1(pinterest_authorization_url);
PG_FUNCTION_INFO_V1(pinterest_authorize);

/* Random bytes in a state */
#define STATE_BYTES 32

/* How long a state is good for: as long as Pinterest's authorization codes */
#define STATE_LIFETIME	(10 * USECS_PER_MINUTE)

/*
 * check_credentials
 *		Refuses a user mapping that lacks what an authorization takes, and names it.
 */
static void
check_credentials(const PinMapping *mapping)
{
	const bool	no_id = mapping->client_id == NULL;
	const bool	no_secret = mapping->client_secret == NULL;
	const char *server = mapping->identity.server;
	const char *statement;

	if (!no_id && !no_secret)
		return;
	statement = psprintf("ALTER USER MAPPING FOR %s SERVER %s OPTIONS (%s%s%s)",
						 quote_identifier(mapping->user), quote_identifier(server),
						 no_id ? "ADD client_id '...'" : "",
						 no_id && no_secret ? ", " : "",
						 no_secret ? "ADD client_secret '...'" : "");
	ereport(ERROR,
			(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
			 no_id && no_secret ?
			 errmsg("options \"client_id\" and \"client_secret\" of the user mapping for user \"%s\" and server \"%s\" are needed",
					mapping->user, server) :
			 errmsg("option \"%s\" of the user mapping for user \"%s\" and server \"%s\" is needed",
					no_id ? "client_id" : "client_secret", mapping->user, server),
			 errhint("They are those of your app at developers.pinterest.com. Set what is missing with %s.",
					 statement)));
}

/*
 * get_client
 *		The user mapping that the current user may authorize: his own one, or
 *		the public one if the server is his.
 */
static PinMapping *
get_client(const char *server)
{
	Oid			serverid = pin_get_server(server);
	PinMapping *mapping = pin_get_mapping(serverid, GetUserId());

	if (!OidIsValid(mapping->identity.role) &&
		!pin_server_ownercheck(serverid, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of server \"%s\" to authorize its public user mapping",
						server),
				 errhint("Create a user mapping of your own with CREATE USER MAPPING FOR CURRENT_USER SERVER %s OPTIONS (client_id '...', client_secret '...').",
						 quote_identifier(server))));
	check_credentials(mapping);
	return mapping;
}

/*
 * pin_asked_scopes
 *		The scopes in an array of texts, each once: a List of char *, palloc'ed.
 *
 * Raises 22023 if they are no such thing, or not enough for what we read.
 */
List *
pin_asked_scopes(ArrayType *array)
{
	Datum	   *values;
	bool	   *nulls;
	int			count;
	List	   *scopes = NIL;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &count);
	for (int i = 0; i < count; i++)
	{
		char	   *scope = nulls[i] ? "" : TextDatumGetCString(values[i]);

		pin_check_scope(scope);
		scopes = pin_scopes_add(scopes, list_make1(scope));
	}
	if (scopes != NIL && !pin_has_string(scopes, PIN_SCOPE))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scope \"%s\" is missing", PIN_SCOPE),
				 errdetail("Pinterest shows reports and entities to no one without it."),
				 errhint("Add it to the scopes that are asked for.")));
	return scopes;
}

/*
 * pin_authorization_url
 *		Where to send the browser for the current user's mapping for a server, as a
 *		palloc'ed URL; tells the user what comes then.
 *
 * scopes: char *; NIL: those that the foreign tables of the server need.  The state
 * in the URL is good for one use by the same user for the same server, within ten
 * minutes; only its digest is kept.
 */
char *
pin_authorization_url(const char *server, List *scopes)
{
	PinMapping *mapping = get_client(server);
	PinOptions *options = pin_get_server_options(mapping->serverid);
	List	   *args = pin_identity_args(&mapping->identity);
	char		bytes[STATE_BYTES];
	char		state[2 * STATE_BYTES + 1];
	StringInfoData url;

	if (scopes == NIL)
		scopes = pin_needed_scopes(mapping->serverid);
	if (!pg_strong_random(bytes, sizeof(bytes)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random state")));
	state[hex_encode(bytes, sizeof(bytes), state)] = '\0';

	initStringInfo(&url);
	appendStringInfo(&url, "%s?client_id=", options->authorization_url);
	pin_url_append_escaped(&url, mapping->client_id);
	appendStringInfoString(&url, "&redirect_uri=");
	pin_url_append_escaped(&url, options->redirect_uri);
	appendStringInfo(&url, "&response_type=code&scope=%s&state=%s",
					 pin_scopes_join(scopes, ","), state);

	args = pin_job_add(args, "state_digest", pin_digest(state, NULL));
	args = pin_job_add(args, "redirect_uri", options->redirect_uri);
	pin_worker_run("pinterest_job_request_authorization", args, ERROR);

	ereport(NOTICE,
			(errmsg("open the URL in a browser, and allow access"),
			 errdetail("Pinterest sends the browser on to %s. That page may fail to load: its address is what counts.",
					   options->redirect_uri),
			 errhint("Copy the whole address from the browser, and call pinterest.authorize(%s, '...') with it within ten minutes.",
					 quote_literal_cstr(server))));
	return url.data;
}

/*
 * authorization_url(server text, scopes text[]) returns text
 */
Datum
pinterest_authorization_url(PG_FUNCTION_ARGS)
{
	pin_check_argument(fcinfo, 0, "pinterest.authorization_url", "server");
	pin_check_argument(fcinfo, 1, "pinterest.authorization_url", "scopes");
	PG_RETURN_TEXT_P(cstring_to_text(
		pin_authorization_url(text_to_cstring(PG_GETARG_TEXT_PP(0)),
							  pin_asked_scopes(PG_GETARG_ARRAYTYPE_P(1)))));
}

/*
 * find_query
 *		The query of a URL that was copied from a browser, palloc'ed; NULL if there is
 *		none.
 *
 * What comes along when one copies does no harm: white space, line breaks of a
 * terminal, quotes.  The query alone is enough.
 */
static char *
find_query(const char *pasted)
{
	char	   *text = palloc(strlen(pasted) + 1);
	char	   *end = text;
	char	   *query;

	for (const char *p = pasted; *p != '\0'; p++)
	{
		if (!isspace((unsigned char) *p) && strchr("\"'`<>", *p) == NULL)
			*end++ = *p;
	}
	*end = '\0';
	query = strchr(text, '?');
	if (query != NULL)
		return query + 1;
	return strstr(text, "://") == NULL && strchr(text, '=') != NULL ? text : NULL;
}

/*
 * get_parameter
 *		A parameter of a URL's query, decoded and palloc'ed; NULL if it is not
 *		there.  Raises 22023 if it is there twice, or cannot be decoded.
 */
static char *
get_parameter(const char *query, const char *name)
{
	size_t		namelen = strlen(name);
	char	   *result = NULL;

	while (*query != '\0')
	{
		size_t		len = strcspn(query, "&#");

		if (len > namelen && query[namelen] == '=' &&
			strncmp(query, name, namelen) == 0)
		{
			char	   *value = pin_url_unescape(query + namelen + 1,
												  len - namelen - 1);

			if (result != NULL || value == NULL)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("invalid URL: bad or repeated parameter \"%s\"", name),
						 errhint("Copy the whole address from the browser as it is, once.")));
			result = value;
		}
		query += len;
		if (*query != '&')
			break;				/* what follows is a fragment */
		query++;
	}
	return result;
}

/*
 * lock_mapping
 *		Keeps the user mapping while a worker authorizes it.
 */
static void
lock_mapping(const PinMapping *mapping)
{
	if (pin_identity_is_held(&mapping->identity))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("cannot authorize user \"%s\" at server \"%s\" in this transaction",
						mapping->user, mapping->identity.server),
				 errdetail("It has renamed the server, or dropped the user mapping."),
				 errhint("Commit it first, then call pinterest.authorize() again.")));
	if (!pin_mapping_lock(mapping))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the user mapping for user \"%s\" and server \"%s\" has been dropped",
						mapping->user, mapping->identity.server)));
}

/*
 * authorize(server text, redirected_url text) returns text
 *
 * Stores what Pinterest issues for the code in the URL.  No message shows the
 * URL, since the code is as good as a password until it is used.
 */
Datum
pinterest_authorize(PG_FUNCTION_ARGS)
{
	const char *server;
	PinMapping *mapping;
	char	   *query;
	char	   *code;
	char	   *state;
	char	   *error;
	PinTokens	tokens;
	List	   *args;

	pin_check_argument(fcinfo, 0, "pinterest.authorize", "server");
	pin_check_argument(fcinfo, 1, "pinterest.authorize", "redirected_url");
	server = text_to_cstring(PG_GETARG_TEXT_PP(0));
	mapping = get_client(server);
	query = find_query(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	if (query == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this is not the URL that Pinterest sent the browser to"),
				 errdetail("It has to hold the code and the state; the code alone cannot be trusted."),
				 errhint("Copy the whole address from the browser, even if its page could not be shown.")));

	error = get_parameter(query, "error");
	code = get_parameter(query, "code");
	if (code != NULL && strlen(code) > PIN_MAX_TOKEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the code in the URL is longer than %d bytes", PIN_MAX_TOKEN),
				 errhint("Copy the whole address from the browser as it is, once.")));
	pin_secret_keep(CurrentMemoryContext, code);
	pin_secret_keep(CurrentMemoryContext, mapping->client_secret);
	if (error != NULL)
	{
		char	   *description = get_parameter(query, "error_description");

		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 strcmp(error, "access_denied") == 0 ?
				 errmsg("access was denied in the browser") :
				 errmsg("Pinterest did not authorize: %s", pin_shorten(error)),
				 description != NULL ?
				 errdetail("Pinterest says: %s", pin_shorten(description)) : 0,
				 errhint("Call pinterest.authorization_url(%s) and allow access this time.",
						 quote_literal_cstr(server))));
	}
	if (code == NULL || code[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no code in the URL"),
				 get_parameter(query, "client_id") != NULL ?
				 errhint("This is the URL to open in a browser. Wanted is the one where the browser arrives after access has been allowed.") :
				 errhint("Copy the whole address from the browser after access has been allowed.")));
	state = get_parameter(query, "state");
	if (state == NULL || state[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no state in the URL"),
				 errdetail("Without it nobody knows who asked for this authorization."),
				 errhint("Start with the URL that pinterest.authorization_url(%s) returns.",
						 quote_literal_cstr(server))));

	args = pin_job_add(pin_client_args(mapping), "state_digest",
					   pin_digest(state, NULL));
	args = pin_job_add(args, "code", code);
	lock_mapping(mapping);
	pin_worker_run("pinterest_job_authorize", args, ERROR);
	pin_mapping_unlock(mapping);

	if (!pin_tokens_get(&mapping->identity, mapping->digest, &tokens))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the authorization of user \"%s\" at server \"%s\" is gone again",
						mapping->user, server),
				 errdetail("The user mapping or the server was altered or dropped meanwhile."),
				 errhint("Call pinterest.authorization_url(%s) and start again with the URL that it returns.",
						 quote_literal_cstr(server))));
	if (tokens.refresh_token == NULL)
		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg("Pinterest issued no refresh token"),
				 errdetail("The access token cannot be renewed.")));
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("user \"%s\" is authorized at server \"%s\" with scope %s",
											  mapping->user, server,
											  tokens.scope != NULL ? pin_shorten(tokens.scope) : "unknown")));
}

/*
 * check_request
 *		Checks what a state belongs to: request is what was noted of it, or NULL.
 */
static void
check_request(const PinClient *client, const PinAuthRequest *request)
{
	const char *server = quote_literal_cstr(client->identity.server);

	if (request == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the state in the URL is unknown"),
				 errdetail("No authorization URL of this database has it, or it is older than a day."),
				 errhint("Call pinterest.authorization_url(%s) and start again with the URL that it returns.",
						 server)));
	if (!pin_identity_equal(&request->identity, &client->identity))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the state in the URL belongs to another user or server"),
				 errhint("Whoever called pinterest.authorization_url() has to call pinterest.authorize(), for the same server.")));
	if (!TIMESTAMP_NOT_FINITE(request->used_at))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the state in the URL has been used already"),
				 errhint("Call pinterest.authorization_url(%s) and start again with the URL that it returns.",
						 server)));
	if (request->requested_at < GetCurrentTimestamp() - STATE_LIFETIME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the state in the URL has expired"),
				 errdetail("It was good for ten minutes."),
				 errhint("Call pinterest.authorization_url(%s) and start again with the URL that it returns.",
						 server)));
}

/*
 * describe_authorization
 *		Completes the description of an exchange that failed.
 */
static void
describe_authorization(const PinClient *client, PinGrantOutcome outcome, PinProblem *problem)
{
	const char *words = problem->message;
	char	   *again =
		psprintf(_("Call pinterest.authorization_url(%s) and start again with the URL that it returns."),
				 quote_literal_cstr(client->identity.server));

	switch (outcome)
	{
		case PIN_GRANT_NOT_SPENT:
			problem->message =
				psprintf(_("could not exchange the authorization code at server \"%s\": %s"),
						 client->identity.server, words);
			problem->detail = _("The code has not been used.");
			problem->hint = _("Check the network and the server options \"api_url\", \"ca_file\" and \"proxy\", then call pinterest.authorize() once more.");
			break;
		case PIN_GRANT_UNKNOWN:
			problem->message =
				psprintf(_("the outcome of exchanging the authorization code at server \"%s\" is unknown: %s"),
						 client->identity.server, words);
			problem->detail = _("Tokens that were valid before are kept.");
			problem->hint = again;
			break;
		default:
			problem->message =
				psprintf(_("Pinterest refused the authorization code at server \"%s\": %s"),
						 client->identity.server, words);
			problem->detail = _("A code is good for one use within ten minutes, by the app and with the redirect URI that it was issued for.");
			problem->hint = psprintf(_("Check \"client_id\" and \"client_secret\" of the user mapping. %s"),
									 again);
			break;
	}
}

/*
 * request_authorization
 *		Job: notes that a browser is being sent to Pinterest.
 *
 * args: those of pin_identity_args(); state_digest, redirect_uri.
 */
static void
request_authorization(List *args)
{
	PinAuthRequest request = {0};

	request.identity = pin_take_identity(args);
	request.state_digest = pin_job_get(args, "state_digest");
	request.redirect_uri = pin_job_get(args, "redirect_uri");
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	pin_authrequest_insert(&request);
	pin_authrequests_prune();
	pin_tokens_prune();
	PopActiveSnapshot();
	CommitTransactionCommand();
}

/*
 * pinterest_job_request_authorization
 *		What a worker runs for that.
 */
void
pinterest_job_request_authorization(Datum arg)
{
	pin_worker_main(arg, request_authorization);
}

/*
 * exchange_code
 *		Job: exchanges an authorization code for tokens.
 *
 * args: those of pin_client_args(); state_digest, code.
 */
static void
exchange_code(List *args)
{
	PinClient	client;
	MemoryContext context = CurrentMemoryContext;
	PinAuthRequest *request;
	PinTokens	tokens;
	PinTokens	before;
	PinProblem	problem = {0};
	StringInfoData form;
	PinGrantOutcome outcome;
	char	   *code = pin_job_get(args, "code");

	pin_take_client(args, &client);
	StartTransactionCommand();
	pin_lock_client(&client);
	PushActiveSnapshot(GetTransactionSnapshot());
	MemoryContextSwitchTo(context);
	request = pin_authrequest_lock(pin_job_get(args, "state_digest"));
	check_request(&client, request);

	initStringInfo(&form);
	appendStringInfoString(&form, "grant_type=authorization_code&continuous_refresh=true&redirect_uri=");
	pin_url_append_escaped(&form, request->redirect_uri);
	appendStringInfoString(&form, "&code=");
	pin_url_append_escaped(&form, code);

	/* Whatever could keep us from writing shows now, and not afterwards. */
	if (pin_tokens_get(&client.identity, client.digest, &before))
		pin_tokens_put(&client.identity, &before);

	memset(&tokens, 0, sizeof(tokens));
	tokens.refresh_expires_at = DT_NOEND;
	outcome = pin_ask_endpoint(&client, form.data, code, &tokens, &problem);
	if (outcome == PIN_GRANT_ISSUED)
	{
		pin_tokens_put(&client.identity, &tokens);
		pin_tokens_clear_copies(&client.identity);
	}
	else
		describe_authorization(&client, outcome, &problem);
	if (outcome != PIN_GRANT_NOT_SPENT)
		pin_authrequest_use(request);
	PopActiveSnapshot();
	CommitTransactionCommand();
	RESUME_INTERRUPTS();

	StartTransactionCommand();
	pin_identity_unlock(&client.identity, PIN_LOCK_WORKER);
	CommitTransactionCommand();
	if (outcome != PIN_GRANT_ISSUED)
		pin_raise_problem(&problem);
}

/*
 * pinterest_job_authorize
 *		What a worker runs for that.
 */
void
pinterest_job_authorize(Datum arg)
{
	pin_worker_main(arg, exchange_code);
}
