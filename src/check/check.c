/*-------------------------------------------------------------------------
 *
 * check.c
 *	  The function check(): what must be right, and whether it is.
 *
 * What has parts of its own has a file of its own in this folder.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "auth/mapping.h"
#include "base/argument.h"
#include "base/extension.h"
#include "base/text.h"
#include "base/version.h"
#include "base/worker.h"
#include "check/advertisers.h"
#include "check/check.h"
#include "check/steps.h"
#include "check/tokens.h"
#include "http/http.h"
#include "json/apierror.h"
#include "json/document.h"
#include "option/settings.h"
#include "schedule/pgcron.h"
#include "schedule/schedule.h"

PG_FUNCTION_INFO_V1(pinterest_check);
PG_FUNCTION_INFO_V1(pinterest_fdw_version);

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
	PinCheck   *check = arg;
	char	   *installed = pin_installed_version();
	int			order;

	if (installed == NULL)
		elog(ERROR, "extension pinterest_fdw is not in pg_extension");
	order = pin_compare_versions(installed, PINTEREST_FDW_VERSION);
	if (order == 0)
		pin_check_row(check, "versions", true, versions(), NULL);
	else
		pin_check_row(check, "versions", false,
					  psprintf("The library is version %s, the extension %s.",
							   PINTEREST_FDW_VERSION, installed),
					  order < 0 ? "Run ALTER EXTENSION pinterest_fdw UPDATE, and connect anew." :
					  psprintf("Connect anew. If that does not help, install pinterest_fdw %s on this machine.",
							   installed));
}

/*
 * read_options
 *		Step: the options of the server may be used.
 */
static void
read_options(void *arg)
{
	PinCheck   *check = arg;
	PinOptions *options = pin_get_server_options(check->serverid);

	/* nothing is tried again, and a denied advertiser is what we look for */
	options->all_advertisers = false;
	options->retry_timeout = 0;
	check->options = options;
}

/*
 * find_mapping
 *		Step: there is a user mapping.
 */
static void
find_mapping(void *arg)
{
	PinCheck   *check = arg;

	check->mapping = pin_get_mapping(check->serverid, GetUserId());
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
	PinCheck   *check = arg;
	PinHttpSpec spec = {0};
	PinHttpRequest *answer;
	const char *api_url = check->options->api_url;

	spec.url = psprintf("%s/ad_accounts", api_url);
	spec.ca_file = check->options->ca_file;
	spec.proxy = check->options->proxy;
	spec.timeout = check->options->timeout;
	spec.low_speed_limit = check->options->low_speed_limit;
	spec.low_speed_time = check->options->low_speed_time;
	answer = pin_http_start(pin_http_pool_create(CurrentMemoryContext), &spec);
	while (!answer->done)
		pin_http_wait(1000L);

	if (answer->fault != PIN_HTTP_NO_FAULT)
		pin_check_row(check, "reachability", false,
					  psprintf("%s: %s", api_url, pin_shorten(answer->error)),
					  "Check the network and the server options \"api_url\", \"ca_file\" and \"proxy\".");
	else if (answer->status >= 500)
		pin_check_row(check, "reachability", false,
					  psprintf("%s answers with HTTP status %ld", api_url, answer->status),
					  "Pinterest, or a proxy on the way, has a problem. Try again later.");
	else if (!pin_read_api_error(answer->data, answer->len).has_code)
		pin_check_row(check, "reachability", false,
					  psprintf("%s answers with HTTP status %ld, but not as Pinterest does",
							   api_url, answer->status),
					  "Check the server options \"api_url\" and \"proxy\".");
	else
		pin_check_row(check, "reachability", true, api_url, NULL);
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
	PinCheck   *check = arg;
	Oid			relid = pin_extension_relid("authorizations");
	char	   *names;

	pin_check_select(sql, &relid, 1);
	names = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	if (names != NULL)
		pin_check_row(check, "publications", false,
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
	PinCheck   *check = arg;
	Oid			args[] = {check->serverid, GetUserId()};
	char	   *server = GetForeignServer(check->serverid)->servername;

	pin_check_select(sql, args, lengthof(args));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *role = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

		pin_check_row(check, psprintf("owner %s", role), false,
					  "Refreshes of its materialized tables fail, as it is not authorized.",
					  psprintf("Create a user mapping for %s if there is none. Then SET ROLE %s, and call pinterest.authorization_url(%s).",
							   quote_identifier(role), quote_identifier(role),
							   quote_literal_cstr(server)));
	}
	SPI_finish();
}

/*
 * clear_gone
 *		Step: forgets tables that were dropped without an event trigger.
 */
static void
clear_gone(void *arg)
{
	pin_schedules_clear();
}

/*
 * check_cron
 *		A row if one job of pg_cron under way keeps it from starting any other.
 */
static void
check_cron(PinCheck *check)
{
	if (pin_cron_is_blocking())
		pin_check_row(check, "pg_cron", false,
					  "Before version 1.5, pg_cron with \"cron.use_background_workers\" starts no job while another one runs.",
					  "Set cron.use_background_workers = off in postgresql.conf and restart the server, or update pg_cron.");
}

/*
 * check_user
 *		Rows about the current user's access to Pinterest.
 */
static void
check_user(PinCheck *check)
{
	if (!pin_check_try(check, find_mapping, check))
	{
		pin_check_error(check, "user mapping");
		return;
	}
	pin_check_row(check, "user mapping", true,
				  psprintf("of user \"%s\"", check->mapping->user), NULL);
	if (pin_check_try(check, try_worker, check))
		pin_check_row(check, "background worker", true, "available", NULL);
	else
		pin_check_error(check, "background worker");
	if (check->options != NULL)
		pin_check_tokens(check);
	if (!pin_check_try(check, check_publications, check))
		pin_check_error(check, "publications");
	if (check->session != NULL)
		pin_check_advertisers(check);
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
	PinCheck	check = {0};

	pin_check_argument(fcinfo, 0, "pinterest.check", "server");
	check.serverid = pin_get_server(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	InitMaterializedSRF(fcinfo, 0);
	check.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	if (!pin_check_try(&check, check_versions, &check))
		pin_check_error(&check, "versions");
	if (!pin_check_try(&check, read_options, &check))
		pin_check_error(&check, "server options");
	else if (!pin_check_try(&check, check_reachability, &check))
		pin_check_error(&check, "reachability");
	check_user(&check);
	if (!pin_check_try(&check, clear_gone, &check))
		pin_check_error(&check, "dropped tables");
	if (!pin_check_try(&check, check_owners, &check))
		pin_check_error(&check, "owners");
	check_cron(&check);
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
