/*-------------------------------------------------------------------------
 *
 * connect.c
 *	  Makes a server and a user mapping, and sends the browser to Pinterest.
 *
 * The commands are made as parse trees and go the way of all commands: privileges,
 * hooks and event triggers count as for CREATE SERVER and CREATE USER MAPPING that
 * the user types.  But the text that comes along with them has no secrets, so that
 * extensions that log or count statements see none.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_foreign_server.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "tcop/dest.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "auth/authorize.h"
#include "auth/mapping.h"
#include "auth/needs.h"
#include "auth/token.h"
#include "base/argument.h"
#include "base/compat.h"
#include "base/secret.h"
#include "base/text.h"
#include "catalog/scope.h"
#include "option/option.h"
#include "option/settings.h"
#include "setup/connect.h"

PG_FUNCTION_INFO_V1(pinterest_connect);

#define FUNCTION "pinterest.connect"
#define WRAPPER "pinterest_fdw"

/* Arguments, in order */
enum
{
	ARG_CLIENT_ID,
	ARG_CLIENT_SECRET,
	ARG_ADVERTISER_ID,
	ARG_HISTORICAL_DATE,
	ARG_SERVER,
	ARG_SCOPES,
	ARG_OPTIONS
};

/* What is to be */
typedef struct Wanted
{
	char	   *server;
	Oid			serverid;		/* InvalidOid: it has to be created */
	List	   *server_options; /* DefElem; without a value: not to be set */
	List	   *mapping_options;
	bool		has_mapping;	/* of the current user's own */
	List	   *mapping_before; /* its options */
} Wanted;

/*
 * add_option
 *		An option to be set, palloc'ed, at the end of a List of such.
 *
 * value: NULL for one that is not to be set any more.
 */
static List *
add_option(List *options, const char *name, const char *value)
{
	return lappend(options,
				   makeDefElem(pstrdup(name),
							   value == NULL ? NULL :
							   (Node *) makeString(pstrdup(value)), -1));
}

/*
 * text_argument
 *		An argument as a palloc'ed string; NULL if it is null.
 */
static char *
text_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL :
		text_to_cstring(PG_GETARG_TEXT_PP(number));
}

/*
 * option_value
 *		The value of an option as JSON has it; NULL for null.
 */
static char *
option_value(const char *name, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			return NULL;
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return DatumGetCString(DirectFunctionCall1(numeric_out,
													   NumericGetDatum(value->val.numeric)));
		case jbvBool:
			return pstrdup(value->val.boolean ? "on" : "off");
		default:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value for option \"%s\" in argument \"options\" of %s()",
							pin_shorten(name), FUNCTION),
					 errhint("Give a text, a number, true or false, or null for an option that is not to be set any more.")));
	}
	return NULL;				/* keep compiler quiet */
}

/*
 * add_json_options
 *		Adds the options of a JSON object to those of the server.
 */
static List *
add_json_options(List *options, Jsonb *object)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(object))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"options\" of %s() is not a JSON object", FUNCTION),
				 errhint("Give options of the server as '{\"max_connections\": 8}'.")));
	it = JsonbIteratorInit(&object->root);
	while ((token = JsonbIteratorNext(&it, &value, false)) != WJB_DONE)
	{
		char	   *name;
		ListCell   *lc;

		if (token != WJB_KEY)
			continue;
		name = pnstrdup(value.val.string.val, value.val.string.len);
		(void) JsonbIteratorNext(&it, &value, true);
		foreach(lc, options)
		{
			if (strcmp(((DefElem *) lfirst(lc))->defname, name) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("option \"%s\" of %s() is given twice", name, FUNCTION),
						 errhint("Give it as an argument or in \"options\".")));
		}
		if (pin_option_def(name, PIN_IN_SERVER) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("invalid option \"%s\" in argument \"options\" of %s()",
							pin_shorten(name), FUNCTION),
					 strcmp(name, "client_id") == 0 || strcmp(name, "client_secret") == 0 ?
					 errhint("Give it as an argument of its own.") :
					 errhint("%s", pin_option_hint(name, ForeignServerRelationId, NULL))));
		options = add_option(options, name, option_value(name, &value));
	}
	return options;
}

/*
 * find_mapping
 *		Notes what the current user's own mapping has, if there is one.
 */
static void
find_mapping(Wanted *wanted)
{
	PinMapping *mapping = !OidIsValid(wanted->serverid) ? NULL :
		pin_find_mapping(wanted->serverid, GetUserId());

	/* that of public is not his */
	if (mapping == NULL || mapping->identity.role != GetUserId())
		return;
	wanted->has_mapping = true;
	if (mapping->client_id != NULL)
		wanted->mapping_before = add_option(wanted->mapping_before, "client_id",
											mapping->client_id);
	if (mapping->client_secret != NULL)
		wanted->mapping_before = add_option(wanted->mapping_before, "client_secret",
											mapping->client_secret);
}

/*
 * check_complete
 *		Raises 22004 if something is missing, and names all of it.
 */
static void
check_complete(const Wanted *wanted)
{
	const char *id = pin_find_option(wanted->mapping_options, "client_id");
	const char *id_before = pin_find_option(wanted->mapping_before, "client_id");
	const bool	no_id = id == NULL && id_before == NULL;

	/* the secret of another app is of no use */
	const bool	no_secret =
		pin_find_option(wanted->mapping_options, "client_secret") == NULL &&
		(pin_find_option(wanted->mapping_before, "client_secret") == NULL ||
		 (id != NULL && id_before != NULL && strcmp(id, id_before) != 0));
	const bool	no_credentials = no_id || no_secret;
	const bool	no_advertiser = !OidIsValid(wanted->serverid) &&
		pin_find_option(wanted->server_options, "advertiser_id") == NULL;
	const char *missing;

	if (!no_credentials && !no_advertiser)
		return;
	missing = psprintf("%s%s%s%s%s", no_id ? "\"client_id\"" : "",
					   no_id && no_secret ? ", " : "",
					   no_secret ? "\"client_secret\"" : "",
					   no_credentials && no_advertiser ? ", " : "",
					   no_advertiser ? "\"advertiser_id\"" : "");
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 no_id + no_secret + no_advertiser == 1 ?
			 errmsg("argument %s of %s() is missing", missing, FUNCTION) :
			 errmsg("arguments %s of %s() are missing", missing, FUNCTION),
			 errhint("%s%s%s",
					 no_credentials ?
					 _("client_id and client_secret are those of your app at developers.pinterest.com.") : "",
					 no_credentials && no_advertiser ? " " : "",
					 no_advertiser ?
					 _("advertiser_id is that of an ad account, several separated by commas, or '*' for all that you can see at Pinterest.") : "")));
}

/*
 * changes
 *		What has to be done to options so that they are as wanted: a List of DefElem
 *		for ALTER, or for CREATE if there are none before.
 */
static List *
changes(List *wanted, List *before, bool is_new)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, wanted)
	{
		DefElem    *def = lfirst(lc);
		const char *old = pin_find_option(before, def->defname);

		if (def->arg == NULL && old == NULL)
			continue;
		if (def->arg != NULL && old != NULL && strcmp(strVal(def->arg), old) == 0)
			continue;
		if (!is_new)
			def->defaction = def->arg == NULL ? DEFELEM_DROP :
				old == NULL ? DEFELEM_ADD : DEFELEM_SET;
		result = lappend(result, def);
	}
	return result;
}

/*
 * run
 *		Runs a command that is made as a parse tree.
 *
 * text: what stands for it where statements are logged or counted.
 */
static void
run(Node *statement, const char *text)
{
	PlannedStmt *planned = makeNode(PlannedStmt);

	planned->commandType = CMD_UTILITY;
	planned->utilityStmt = statement;
	planned->stmt_location = 0;
	planned->stmt_len = strlen(text);
	ProcessUtility(planned, text, false, PROCESS_UTILITY_QUERY, NULL, NULL,
				   None_Receiver, NULL);
	CommandCounterIncrement();
}

/*
 * put_server
 *		Creates the server, or alters what is to be otherwise.
 */
static void
put_server(Wanted *wanted)
{
	const char *name = quote_identifier(wanted->server);
	const char *user = quote_identifier(GetUserNameFromId(GetUserId(), false));
	List	   *options;

	if (!OidIsValid(wanted->serverid))
	{
		CreateForeignServerStmt *create = makeNode(CreateForeignServerStmt);

		if (pin_wrapper_aclcheck(get_foreign_data_wrapper_oid(WRAPPER, false),
								 GetUserId(), ACL_USAGE) != ACLCHECK_OK)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied for foreign-data wrapper %s", WRAPPER),
					 errdetail("There is no server \"%s\" yet.", wanted->server),
					 errhint("Let a superuser run GRANT USAGE ON FOREIGN DATA WRAPPER %s TO %s; or create the server and run GRANT USAGE ON FOREIGN SERVER %s TO %s.",
							 WRAPPER, user, name, user)));
		create->servername = wanted->server;
		create->fdwname = WRAPPER;
		create->options = changes(wanted->server_options, NIL, true);
		run((Node *) create,
			psprintf("CREATE SERVER %s FOREIGN DATA WRAPPER %s", name, WRAPPER));
		wanted->serverid = get_foreign_server_oid(wanted->server, false);
		return;
	}

	options = changes(wanted->server_options,
					  GetForeignServer(wanted->serverid)->options, false);
	if (options != NIL)
	{
		AlterForeignServerStmt *alter = makeNode(AlterForeignServerStmt);

		if (!pin_server_ownercheck(wanted->serverid, GetUserId()))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("must be owner of foreign server %s", wanted->server),
					 errdetail("Its option \"%s\" is not as asked for.",
							   ((DefElem *) linitial(options))->defname),
					 errhint("Leave that out to use the server as it is, or name a server of your own.")));
		alter->servername = wanted->server;
		alter->options = options;
		run((Node *) alter, psprintf("ALTER SERVER %s", name));
	}
}

/*
 * put_mapping
 *		Creates the current user's mapping, or alters what is to be otherwise.
 */
static void
put_mapping(Wanted *wanted)
{
	RoleSpec   *user = makeNode(RoleSpec);
	List	   *options = changes(wanted->mapping_options, wanted->mapping_before,
								  !wanted->has_mapping);
	const char *text = psprintf("%s USER MAPPING FOR CURRENT_USER SERVER %s",
								wanted->has_mapping ? "ALTER" : "CREATE",
								quote_identifier(wanted->server));

	user->roletype = ROLESPEC_CURRENT_USER;
	user->location = -1;
	if (!wanted->has_mapping)
	{
		CreateUserMappingStmt *create = makeNode(CreateUserMappingStmt);

		create->user = user;
		create->servername = wanted->server;
		create->options = options;
		run((Node *) create, text);
	}
	else if (options != NIL)
	{
		AlterUserMappingStmt *alter = makeNode(AlterUserMappingStmt);

		alter->user = user;
		alter->servername = wanted->server;
		alter->options = options;
		run((Node *) alter, text);
	}
}

/*
 * connect(client_id text, client_secret text, advertiser_id text,
 *		historical_date text, server text, scopes text[], options jsonb) returns text
 *
 * What is not given stays as it is.  Tokens stay, unless the app is another one:
 * they are those of an app, see pin_get_mapping().  Returns the URL to open.
 */
Datum
pinterest_connect(PG_FUNCTION_ARGS)
{
	Wanted		wanted = {0};
	char	   *secret = text_argument(fcinfo, ARG_CLIENT_SECRET);
	char	   *value;
	List	   *scopes;
	PinMapping *mapping;
	PinTokens	tokens;

	pin_check_argument(fcinfo, ARG_SERVER, FUNCTION, "server");
	pin_check_argument(fcinfo, ARG_SCOPES, FUNCTION, "scopes");
	pin_check_argument(fcinfo, ARG_OPTIONS, FUNCTION, "options");
	PreventCommandIfReadOnly("pinterest.connect()");
	scopes = pin_asked_scopes(PG_GETARG_ARRAYTYPE_P(ARG_SCOPES));

	if (secret != NULL)
	{
		pin_secret_keep(CurrentMemoryContext, secret);
		wanted.mapping_options = add_option(NIL, "client_secret", secret);
	}
	if ((value = text_argument(fcinfo, ARG_CLIENT_ID)) != NULL)
		wanted.mapping_options = add_option(wanted.mapping_options, "client_id", value);
	if ((value = text_argument(fcinfo, ARG_ADVERTISER_ID)) != NULL)
		wanted.server_options = add_option(NIL, "advertiser_id", value);
	if ((value = text_argument(fcinfo, ARG_HISTORICAL_DATE)) != NULL)
		wanted.server_options = add_option(wanted.server_options, "historical_date",
										   value);
	wanted.server_options = add_json_options(wanted.server_options,
											 PG_GETARG_JSONB_P(ARG_OPTIONS));

	wanted.server = text_argument(fcinfo, ARG_SERVER);
	pin_check_server_name(wanted.server);
	if (OidIsValid(get_foreign_server_oid(wanted.server, true)))
		wanted.serverid = pin_get_server(wanted.server);
	find_mapping(&wanted);
	check_complete(&wanted);
	put_server(&wanted);
	put_mapping(&wanted);

	/* a new token has those scopes alone that it is asked for with */
	scopes = pin_scopes_add(scopes, pin_needed_scopes(wanted.serverid));
	mapping = pin_get_mapping(wanted.serverid, GetUserId());
	if (pin_mapping_tokens(mapping, &tokens))
		scopes = pin_scopes_add(scopes, pin_read_scopes(tokens.scope));
	if (pin_is_authorized(wanted.serverid, GetUserId()))
		ereport(NOTICE,
				(errmsg("user \"%s\" is authorized at server \"%s\" already",
						mapping->user, wanted.server),
				 errdetail("The URL is for authorizing anew, with other scopes for example.")));
	PG_RETURN_TEXT_P(cstring_to_text(pin_authorization_url(wanted.server, scopes)));
}
