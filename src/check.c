/*-------------------------------------------------------------------------
 *
 * check.c
 *	  The function check(): what must be right, and whether it is.
 *
 * Each step runs in a subtransaction, so that what is wrong becomes a row with
 * the words of the error that a query would have met, and the next step can
 * still be taken.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/call.h"
#include "api/session.h"
#include "auth/mapping.h"
#include "auth/token.h"
#include "auth/tokenstore.h"
#include "base/extension.h"
#include "base/subxact.h"
#include "base/text.h"
#include "base/version.h"
#include "base/worker.h"
#include "check.h"
#include "http/http.h"
#include "json/apierror.h"
#include "json/document.h"
#include "option/settings.h"
#include "source/list.h"
#include "source/row.h"

PG_FUNCTION_INFO_V1(pinterest_check);
PG_FUNCTION_INFO_V1(pinterest_fdw_version);

/* One of these lets a Pinterest user read reports. */
static const char *const reading_roles[] = {
	"OWNER", "ADMIN", "ANALYST", "CAMPAIGN_MANAGER"
};

typedef struct Check
{
	ReturnSetInfo *rsinfo;
	PinOptions *options;		/* of the server */
	PinMapping *mapping;		/* NULL: there is none */
	PinTokens	tokens;
	bool		have_tokens;
	PinSession *session;		/* NULL: no usable access token */
	List	   *seen;			/* ids of the advertisers that have been shown */
	ErrorData  *error;			/* of the latest step */
} Check;

/*
 * add_row
 *		Adds a row to the result.  detail and hint may be NULL.
 */
static void
add_row(Check *check, const char *item, bool ok, const char *detail,
		const char *hint)
{
	Datum		values[4] = {0};
	bool		nulls[4] = {0};

	values[0] = CStringGetTextDatum(item);
	values[1] = BoolGetDatum(ok);
	if (detail != NULL)
		values[2] = CStringGetTextDatum(detail);
	if (hint != NULL)
		values[3] = CStringGetTextDatum(hint);
	nulls[2] = detail == NULL;
	nulls[3] = hint == NULL;
	tuplestore_putvalues(check->rsinfo->setResult, check->rsinfo->setDesc,
						 values, nulls);
}

/*
 * add_error
 *		Adds a row for the error of the latest step.
 */
static void
add_error(Check *check, const char *item)
{
	ErrorData  *error = check->error;

	add_row(check, item, false,
			error->detail == NULL ? error->message :
			psprintf("%s. %s", error->message, error->detail), error->hint);
}

/*
 * attempt
 *		Takes a step; false if it raised an error, which is in check->error.
 *
 * What ends the statement as such is passed on.
 */
static bool
attempt(Check *check, void (*step) (void *check))
{
	check->error = pin_try(step, check);
	if (check->error != NULL &&
		ERRCODE_TO_CATEGORY(check->error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION &&
		check->error->sqlerrcode != ERRCODE_CRASH_SHUTDOWN)
		ReThrowError(check->error);
	return check->error == NULL;
}

/*
 * versions
 *		Versions of what a bug report should name, in one line, palloc'ed.
 */
static char *
versions(void)
{
	return psprintf("pinterest_fdw %s, PostgreSQL %s, %s, %s",
					PINTEREST_FDW_VERSION, PG_VERSION, pin_http_library(),
					pin_json_library());
}

/*
 * check_versions
 *		Step: library and SQL objects belong together.
 */
static void
check_versions(void *arg)
{
	Check	   *check = arg;
	char	   *installed = NULL;

	SPI_connect();
	if (SPI_execute("SELECT e.extversion FROM pg_catalog.pg_extension AS e"
					" WHERE e.extname OPERATOR(pg_catalog.=) 'pinterest_fdw'",
					true, 1) == SPI_OK_SELECT && SPI_processed == 1)
		installed = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	if (installed == NULL)
		elog(ERROR, "extension pinterest_fdw is not in pg_extension");
	if (strcmp(installed, PINTEREST_FDW_VERSION) == 0)
		add_row(check, "versions", true,
				versions(), NULL);
	else
		add_row(check, "versions", false,
				psprintf("The library is version %s, the extension %s.",
						 PINTEREST_FDW_VERSION, installed),
				"Run ALTER EXTENSION pinterest_fdw UPDATE, and connect anew.");
	SPI_finish();
}

/*
 * find_mapping
 *		Step: there is a user mapping.
 */
static void
find_mapping(void *arg)
{
	Check	   *check = arg;

	check->mapping = pin_get_mapping(check->options->serverid, GetUserId());
}

/*
 * try_worker
 *		Step: there is a background worker for the renewal of tokens.
 */
static void
try_worker(void *arg)
{
	pin_worker_run(PIN_JOB_NOTHING, NIL, ERROR);
}

/*
 * check_reachability
 *		Step: what answers looks like Pinterest.
 *
 * No token is needed to be told that one is missing.
 */
static void
check_reachability(void *arg)
{
	Check	   *check = arg;
	PinHttpSpec spec = {0};
	PinHttpRequest *answer;
	const char *api_url = check->options->api_url;

	spec.url = psprintf("%s/ad_accounts", api_url);
	spec.ca_file = check->options->ca_file;
	spec.proxy = check->options->proxy;
	spec.timeout = check->options->timeout;
	answer = pin_http_start(pin_http_pool_create(CurrentMemoryContext), &spec);
	while (!answer->done)
		pin_http_wait(1000L);

	if (answer->fault != PIN_HTTP_NO_FAULT)
		add_row(check, "reachability", false,
				psprintf("%s: %s", api_url, pin_shorten(answer->error)),
				"Check the network and the server options \"api_url\", \"ca_file\" and \"proxy\".");
	else if (answer->status >= 500)
		add_row(check, "reachability", false,
				psprintf("%s answers with HTTP status %ld", api_url, answer->status),
				"Pinterest, or a proxy on the way, has a problem. Try again later.");
	else if (!pin_read_api_error(answer->data, answer->len).has_code)
		add_row(check, "reachability", false,
				psprintf("%s answers with HTTP status %ld, but not as Pinterest does",
						 api_url, answer->status),
				"Check the server options \"api_url\" and \"proxy\".");
	else
		add_row(check, "reachability", true, api_url, NULL);
}

/*
 * try_token
 *		Step: Pinterest takes the access token.
 */
static void
try_token(void *arg)
{
	Check	   *check = arg;
	PinSession *session = pin_session_create(check->options, GetUserId(), NULL);
	PinCall    *call = pin_call_get(session, "/ad_accounts?page_size=1");

	pin_call_wait(session, call);
	pin_json_close(pin_call_document(session, call, PIN_JSON_OBJECT));
	check->session = session;
}

/*
 * end_of_life
 *		When a token ends, in words.
 */
static char *
end_of_life(TimestampTz expires_at)
{
	return TIMESTAMP_NOT_FINITE(expires_at) ? "valid, for how long is not known" :
		psprintf("valid until %s", timestamptz_to_str(expires_at));
}

/*
 * check_tokens
 *		Rows about the tokens, the scope and the renewal.
 */
static void
check_tokens(Check *check)
{
	PinMapping *mapping = check->mapping;
	PinTokens  *tokens = &check->tokens;
	bool		good = attempt(check, try_token);
	bool		scope_missing = !good &&
		check->error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE;
	const char *reason = NULL;

	/* only now, as a renewal may have been due */
	check->have_tokens = pin_mapping_tokens(mapping, tokens);
	if (good || scope_missing)
		add_row(check, "access token", true,
				end_of_life(tokens->access_expires_at), NULL);
	else
		add_error(check, "access token");
	if (!check->have_tokens)
		return;

	if (!pin_can_renew(mapping, tokens, GetCurrentTimestamp(), &reason))
		add_row(check, "refresh token", false, reason,
				mapping->client_id == NULL || mapping->client_secret == NULL ?
				"Set the options \"client_id\" and \"client_secret\" of the user mapping." :
				RecoveryInProgress() ? "Tokens are renewed on the primary server." :
				"Authorize with pinterest.authorization_url() and pinterest.authorize().");
	else if (tokens->failure != NULL)
		add_row(check, "refresh token", false,
				psprintf("%s, but the renewal at %s failed: %s",
						 end_of_life(tokens->refresh_expires_at),
						 pstrdup(timestamptz_to_str(tokens->failed_at)),
						 tokens->failure), tokens->failure_hint);
	else if (!TIMESTAMP_NOT_FINITE(tokens->attempted_at))
		add_row(check, "refresh token", false,
				psprintf("The outcome of a renewal that began at %s is unknown.",
						 timestamptz_to_str(tokens->attempted_at)),
				"The refresh token is kept and tried again when the access token ends. If it is refused then, authorize again.");
	else
		add_row(check, "refresh token", true,
				end_of_life(tokens->refresh_expires_at), NULL);

	if (scope_missing)
		add_error(check, "scope");
	else if (good)
		add_row(check, "scope", true,
				tokens->scope != NULL ? tokens->scope : PIN_SCOPE, NULL);
}

/*
 * check_publications
 *		Step: a row if tokens are published, as they are with FOR ALL TABLES.
 */
static void
check_publications(void *arg)
{
	static const char *const sql =
		"SELECT pg_catalog.string_agg(pg_catalog.quote_ident(p.pubname), ', ' ORDER BY p.pubname)"
		" FROM pg_catalog.pg_publication_tables AS p"
		" JOIN pg_catalog.pg_namespace AS n ON n.nspname OPERATOR(pg_catalog.=) p.schemaname"
		" JOIN pg_catalog.pg_class AS c ON c.relname OPERATOR(pg_catalog.=) p.tablename"
		" AND c.relnamespace OPERATOR(pg_catalog.=) n.oid"
		" WHERE c.oid OPERATOR(pg_catalog.=) $1";
	Check	   *check = arg;
	Oid			types[] = {OIDOID};
	Datum		values[] = {ObjectIdGetDatum(pin_extension_relid("authorizations"))};
	char	   *names;

	SPI_connect();
	if (SPI_execute_with_args(sql, 1, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", sql);
	names = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	if (names != NULL)
		add_row(check, "publications", false,
				psprintf("Everyone's tokens are sent to subscribers of these: %s.", names),
				"Publish schemas or single tables in place of FOR ALL TABLES, and authorize again: tokens that others have got stay valid.");
	SPI_finish();
}

/*
 * check_owners
 *		Step: a row for each other role that owns materialized tables and is not
 *		authorized, as their refreshes act as it.
 */
static void
check_owners(void *arg)
{
	static const char *const sql =
		"SELECT DISTINCT r.rolname"
		" FROM pinterest_internal.materialized_tables AS m"
		" JOIN pg_catalog.pg_foreign_table AS f ON f.ftrelid OPERATOR(pg_catalog.=) m.source"
		" JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) m.target"
		" JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) c.relowner"
		" WHERE f.ftserver OPERATOR(pg_catalog.=) $1 AND r.oid OPERATOR(pg_catalog.<>) $2"
		" AND NOT pinterest_internal.is_authorized(f.ftserver, r.oid)"
		" ORDER BY r.rolname";
	Check	   *check = arg;
	Oid			types[] = {OIDOID, OIDOID};
	Datum		values[] = {
		ObjectIdGetDatum(check->options->serverid), ObjectIdGetDatum(GetUserId())
	};
	char	   *server = GetForeignServer(check->options->serverid)->servername;

	SPI_connect();
	if (SPI_execute_with_args(sql, 2, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", sql);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *role = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

		add_row(check, psprintf("owner %s", role), false,
				"Refreshes of its materialized tables fail, as it is not authorized.",
				psprintf("Create a user mapping for %s if there is none. Then SET ROLE %s, and call pinterest.authorization_url(%s).",
						 quote_identifier(role), quote_identifier(role),
						 quote_literal_cstr(server)));
	}
	SPI_finish();
}

/*
 * wanted_advertisers
 *		Advertisers that the options of the server and of its tables name, each
 *		once, as a List of char *; "*" may be among them.
 */
static List *
wanted_advertisers(Check *check)
{
	/* the options were validated, so that splitting them is all */
	static const char *const sql =
		"SELECT DISTINCT pg_catalog.btrim(a.id) FROM ("
		" SELECT s.srvoptions FROM pg_catalog.pg_foreign_server AS s"
		" WHERE s.oid OPERATOR(pg_catalog.=) $1"
		" UNION ALL SELECT t.ftoptions FROM pg_catalog.pg_foreign_table AS t"
		" WHERE t.ftserver OPERATOR(pg_catalog.=) $1) AS o (options),"
		" pg_catalog.pg_options_to_table(o.options) AS p,"
		" pg_catalog.string_to_table(p.option_value, ',') AS a (id)"
		" WHERE p.option_name OPERATOR(pg_catalog.=) 'advertiser_id' ORDER BY 1";
	MemoryContext context = CurrentMemoryContext;
	Oid			types[] = {OIDOID};
	Datum		values[] = {ObjectIdGetDatum(check->options->serverid)};
	List	   *result = NIL;

	SPI_connect();
	if (SPI_execute_with_args(sql, 1, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", sql);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *id = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		MemoryContext old = MemoryContextSwitchTo(context);

		result = lappend(result, pstrdup(id));
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	return result;
}

/*
 * has_id
 *		Whether an id is in a list of them.
 */
static bool
has_id(List *ids, const char *id)
{
	ListCell   *lc;

	foreach(lc, ids)
	{
		if (strcmp(lfirst(lc), id) == 0)
			return true;
	}
	return false;
}

/*
 * list_roles
 *		The roles of a user in an advertiser, for people to read, palloc'ed.
 *
 * permissions: an array, or NULL.  *may_read: whether one of them lets the user
 * read reports.
 */
static char *
list_roles(const PinJsonNode *permissions, bool *may_read)
{
	int			n = permissions == NULL ? 0 : pin_json_length(permissions);
	StringInfoData roles;

	initStringInfo(&roles);
	for (int i = 0; i < n; i++)
	{
		PinJsonValue role = pin_json_value(pin_json_element(permissions, i));

		if (role.type != PIN_JSON_STRING)
			continue;
		appendStringInfo(&roles, "%s%s", roles.len > 0 ? ", " : "", role.text);
		for (int j = 0; j < lengthof(reading_roles); j++)
			*may_read = *may_read || strcmp(role.text, reading_roles[j]) == 0;
	}
	return roles.data;
}

/*
 * check_advertisers
 *		Step: a row for each advertiser that Pinterest lists and that is wanted.
 */
static void
check_advertisers(void *arg)
{
	Check	   *check = arg;
	PinJsonValue id,
				name,
				permissions;
	const PinJsonField fields[] = {
		{"id", PIN_JSON_ID, &id, PIN_OPTIONAL},
		{"name", PIN_JSON_STRING, &name, PIN_OPTIONAL},
		{"permissions", PIN_JSON_ARRAY, &permissions, PIN_OPTIONAL}
	};
	List	   *wanted = wanted_advertisers(check);
	PinEntities *entities =
		pin_entities_begin(check->session, pin_entities_request("advertisers", NIL));
	PinRow		row;
	ListCell   *lc;

	while (pin_entities_next(entities, &row))
	{
		bool		may_read = false;
		char	   *roles;

		pin_json_read(row.node, fields, lengthof(fields), check->session->subject);
		if (id.text == NULL ||
			!(has_id(wanted, "*") || has_id(wanted, id.text)))
			continue;
		roles = list_roles(permissions.node, &may_read);
		add_row(check, psprintf("advertiser %s", id.text), may_read,
				psprintf("%s, role %s",
						 name.text != NULL ? name.text : "no name",
						 roles[0] != '\0' ? roles : "none"),
				may_read ? NULL :
				"The Pinterest user needs one of the roles Owner, Admin, Analyst or Campaign Manager on the ad account.");
		check->seen = lappend(check->seen, pstrdup(id.text));
	}
	foreach(lc, wanted)
	{
		if (strcmp(lfirst(lc), "*") != 0 && !has_id(check->seen, lfirst(lc)))
			add_row(check, psprintf("advertiser %s", (char *) lfirst(lc)), false,
					"Pinterest does not list it among the ad accounts of the user.",
					"Check the option \"advertiser_id\", and who has access to the ad account in Pinterest's Business Manager.");
	}
	if (wanted == NIL)
		add_row(check, "advertiser", false,
				"Neither the server nor one of its foreign tables has the option \"advertiser_id\".",
				psprintf("ALTER SERVER %s OPTIONS (ADD advertiser_id '...')",
						 quote_identifier(check->mapping->identity.server)));
	else if (check->seen == NIL && has_id(wanted, "*"))
		add_row(check, "advertiser *", false,
				"Pinterest lists no ad accounts of the user.",
				"Authorize as a Pinterest user who has access to an ad account.");
}

/*
 * check_user
 *		Rows about the current user's access to Pinterest.
 */
static void
check_user(Check *check)
{
	if (!attempt(check, find_mapping))
	{
		add_error(check, "user mapping");
		return;
	}
	add_row(check, "user mapping", true,
			psprintf("of user \"%s\"", check->mapping->user), NULL);
	if (attempt(check, try_worker))
		add_row(check, "background worker", true, "available", NULL);
	else
		add_error(check, "background worker");
	check_tokens(check);
	if (!attempt(check, check_publications))
		add_error(check, "publications");
	if (check->session != NULL && !attempt(check, check_advertisers))
		add_error(check, "advertisers");
}

/*
 * check(server text) returns setof record
 *
 * A row for each thing that must be right for the current user.  Nothing is
 * waited for longer than the server option "timeout".
 */
Datum
pinterest_check(PG_FUNCTION_ARGS)
{
	Check		check = {0};
	Oid			serverid = pin_get_server(text_to_cstring(PG_GETARG_TEXT_PP(0)));

	InitMaterializedSRF(fcinfo, 0);
	check.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	check.options = pin_get_server_options(serverid);
	check.options->all_advertisers = false;
	check.options->retry_timeout = 0;

	if (!attempt(&check, check_versions))
		add_error(&check, "versions");
	if (!attempt(&check, check_reachability))
		add_error(&check, "reachability");
	check_user(&check);
	if (!attempt(&check, check_owners))
		add_error(&check, "owners");
	return (Datum) 0;
}

/*
 * version() returns text
 */
Datum
pinterest_fdw_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(versions()));
}
