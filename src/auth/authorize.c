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

#include "catalog/pg_foreign_server.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "foreign/fdwapi.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/session.h"
#include "pinterest_fdw.h"
#include "auth/token.h"
#include "base/worker.h"

PG_FUNCTION_INFO_V1(pinterest_authorization_url);
PG_FUNCTION_INFO_V1(pinterest_authorize);

/* Random bytes in a state */
#define STATE_BYTES 32

/*
 * pin_get_server
 *		OID of a server of this wrapper that the current user may use.
 *
 * Raises 42704 if there is no such server, 42809 if it is another wrapper's,
 * 42501 without USAGE.
 */
Oid
pin_get_server(const char *name)
{
	ForeignServer *server = GetForeignServerByName(name, false);
	AclResult	result = pin_server_aclcheck(server->serverid, GetUserId(), ACL_USAGE);
	ForeignDataWrapper *wrapper = GetForeignDataWrapper(server->fdwid);

	if (!OidIsValid(wrapper->fdwhandler) ||
		GetFdwRoutine(wrapper->fdwhandler)->GetForeignRelSize != pinGetForeignRelSize)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a server of pinterest_fdw", name)));
	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_FOREIGN_SERVER, name);
	return server->serverid;
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

	if (mapping->is_public &&
		!pin_server_ownercheck(serverid, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of server \"%s\" to authorize its public user mapping",
						server),
				 errhint("Create a user mapping of your own with CREATE USER MAPPING FOR CURRENT_USER SERVER %s OPTIONS (client_id '...', client_secret '...').",
						 quote_identifier(server))));
	if (mapping->client_id == NULL || mapping->client_secret == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				 errmsg("options \"client_id\" and \"client_secret\" of the user mapping for user \"%s\" and server \"%s\" are needed",
						mapping->user, server),
				 errhint("They are those of your app at developers.pinterest.com. Set them with ALTER USER MAPPING FOR %s SERVER %s OPTIONS (ADD client_id '...', ADD client_secret '...').",
						 quote_identifier(mapping->user),
						 quote_identifier(server))));
	return mapping;
}

/*
 * append_scopes
 *		Appends the scopes as a parameter, after a check that they are such and
 *		enough for what we read.
 */
static void
append_scopes(StringInfo url, ArrayType *array)
{
	Datum	   *values;
	bool	   *nulls;
	int			count;
	bool		enough = false;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &count);
	for (int i = 0; i < count; i++)
	{
		char	   *scope = nulls[i] ? "" : TextDatumGetCString(values[i]);
		char	   *colon = strchr(scope, ':');
		static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";

		if (colon == NULL || colon == scope || colon[1] == '\0' ||
			strspn(scope, letters) != colon - scope ||
			strspn(colon + 1, letters) != strlen(colon + 1))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid scope: \"%s\"", scope),
					 errhint("Scopes of Pinterest are written like \"%s\".",
							 PIN_SCOPE)));
		enough = enough || strcmp(scope, PIN_SCOPE) == 0;
		appendStringInfo(url, "%s%s", i > 0 ? "," : "", scope);
	}
	if (!enough)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scope \"%s\" is missing", PIN_SCOPE),
				 errdetail("Pinterest shows reports and entities to no one without it.")));
}

/*
 * authorization_url(server name, scopes text[]) returns text
 *
 * Where to send the browser.  The state in it is good for one use by the same
 * user for the same server, within ten minutes; only its digest is kept.
 */
Datum
pinterest_authorization_url(PG_FUNCTION_ARGS)
{
	const char *server = NameStr(*PG_GETARG_NAME(0));
	PinMapping *mapping = get_client(server);
	PinOptions *options = pin_get_server_options(mapping->serverid);
	char		bytes[STATE_BYTES];
	char		state[2 * STATE_BYTES + 1];
	StringInfoData url;

	if (!pg_strong_random(bytes, sizeof(bytes)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random state")));
	state[hex_encode(bytes, sizeof(bytes), state)] = '\0';

	initStringInfo(&url);
	appendStringInfo(&url, "%s?client_id=", options->authorization_url);
	pin_http_append_escaped(&url, mapping->client_id);
	appendStringInfoString(&url, "&redirect_uri=");
	pin_http_append_escaped(&url, options->redirect_uri);
	appendStringInfoString(&url, "&response_type=code&scope=");
	append_scopes(&url, PG_GETARG_ARRAYTYPE_P(1));
	appendStringInfo(&url, "&state=%s", state);

	pin_worker_run(PIN_JOB_REQUEST_AUTHORIZATION,
				   list_make3(pin_digest(state, NULL),
							  psprintf("%u", mapping->umid),
							  options->redirect_uri), ERROR);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(url.data, url.len));
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
			char	   *value = pin_http_unescape(query + namelen + 1,
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
 * authorize(server name, redirected_url text) returns text
 *
 * Stores what Pinterest issues for the code in the URL.  No message shows the
 * URL, since the code is as good as a password until it is used.
 */
Datum
pinterest_authorize(PG_FUNCTION_ARGS)
{
	const char *server = NameStr(*PG_GETARG_NAME(0));
	char	   *url = text_to_cstring(PG_GETARG_TEXT_PP(1));
	PinMapping *mapping = get_client(server);
	char	   *query = strchr(url, '?');
	char	   *code;
	char	   *state;
	char	   *error;
	PinTokens	tokens;

	if (query == NULL || strstr(url, "://") == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this is not the URL that Pinterest sent the browser to"),
				 errdetail("It has to hold the code and the state; the code alone cannot be trusted."),
				 errhint("Copy the whole address from the browser, even if its page could not be shown.")));
	query++;

	error = get_parameter(query, "error");
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
				 errhint("Call pinterest.authorization_url('%s') and allow access this time.",
						 server)));
	}
	code = get_parameter(query, "code");
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
				 errhint("Start with the URL that pinterest.authorization_url('%s') returns.",
						 server)));

	pin_worker_run(PIN_JOB_AUTHORIZE,
				   list_concat(pin_client_args(mapping),
							   list_make2(pin_digest(state, NULL), code)),
				   ERROR);

	if (!pin_tokens_get(mapping->umid, mapping->digest, &tokens))
		elog(ERROR, "the tokens of user mapping %u are gone", mapping->umid);
	if (tokens.refresh_token == NULL)
		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg("Pinterest issued no refresh token"),
				 errdetail("The access token cannot be renewed.")));
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("user \"%s\" is authorized at server \"%s\" with scope %s",
											  mapping->user, mapping->server,
											  tokens.scope != NULL ? tokens.scope : "unknown")));
}
