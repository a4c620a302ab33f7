/*-------------------------------------------------------------------------
 *
 * settings.c
 *	  Options as they take effect.
 *
 * The options of a foreign table win over those of its server, and these over the
 * defaults.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/reloptions.h"
#include "catalog/pg_foreign_server.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/extension.h"
#include "base/text.h"
#include "base/version.h"
#include "option/key.h"
#include "option/option.h"
#include "option/settings.h"

/* Where the values of options go that have a field of their own */
static const struct
{
	const char *name;
	size_t		offset;
}			fields[] =
{
	{"resource", offsetof(PinOptions, resource)},
	{"api_url", offsetof(PinOptions, api_url)},
	{"authorization_url", offsetof(PinOptions, authorization_url)},
	{"ca_file", offsetof(PinOptions, ca_file)},
	{"proxy", offsetof(PinOptions, proxy)},
	{"redirect_uri", offsetof(PinOptions, redirect_uri)},
	{"max_connections", offsetof(PinOptions, max_connections)},
	{"max_reports", offsetof(PinOptions, max_reports)},
	{"timeout", offsetof(PinOptions, timeout)},
	{"low_speed_limit", offsetof(PinOptions, low_speed_limit)},
	{"low_speed_time", offsetof(PinOptions, low_speed_time)},
	{"max_requests_per_day", offsetof(PinOptions, max_requests_per_day)},
	{"report_timeout", offsetof(PinOptions, report_timeout)},
	{"retry_timeout", offsetof(PinOptions, retry_timeout)},
	{"advertiser_id", offsetof(PinOptions, advertiser_ids)},
	{"historical_date", offsetof(PinOptions, historical_date)},
	{"granularity", offsetof(PinOptions, granularity)},
	{"key_columns", offsetof(PinOptions, key_columns)},
	{"click_window_days", offsetof(PinOptions, click_window_days)},
	{"engagement_window_days", offsetof(PinOptions, engagement_window_days)},
	{"view_window_days", offsetof(PinOptions, view_window_days)},
	{"conversion_report_time", offsetof(PinOptions, conversion_report_time)},
	{"attribution_types", offsetof(PinOptions, attribution_types)},
	{"reporting_timezone", offsetof(PinOptions, reporting_timezone)},
	{"template_id", offsetof(PinOptions, template_id)},
	{"report_reuse", offsetof(PinOptions, report_reuse)},
	{"synchronous", offsetof(PinOptions, synchronous)},
};

StaticAssertDecl(sizeof(PinGranularity) == sizeof(int),
				 "the option \"granularity\" is read as an int");

/*
 * apply_option
 *		Takes an option of a server or a table over.
 */
static void
apply_option(PinOptions *result, const PinOptionDef *option, const char *value)
{
	if (option->flags & PIN_FILTER)
	{
		PinFilter  *filter = palloc(sizeof(PinFilter));

		filter->name = option->name;
		pin_read_value(option, value, &filter->values);
		result->filters = lappend(result->filters, filter);
		return;
	}
	for (int i = 0; i < lengthof(fields); i++)
	{
		if (strcmp(fields[i].name, option->name) == 0)
		{
			pin_read_value(option, value, (char *) result + fields[i].offset);
			break;
		}
	}
	if (option->type == PIN_OPTION_ADVERTISERS)
		result->all_advertisers = result->advertiser_ids == NIL;
}

/*
 * apply_options
 *		Takes the options of a server or a table over, a List of DefElem.
 */
static void
apply_options(PinOptions *result, List *options)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *def = lfirst_node(DefElem, lc);
		const PinOptionDef *option = pin_option_def(def->defname, PIN_IN_BOTH);

		if (option == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("invalid option \"%s\"", pin_shorten(def->defname))));
		apply_option(result, option, defGetString(def));
	}
	for (size_t len = strlen(result->api_url); result->api_url[len - 1] == '/'; len--)
		result->api_url[len - 1] = '\0';
}

/*
 * server_options
 *		Options of a server as far as they are set, else the defaults.
 */
static PinOptions *
server_options(const ForeignServer *server)
{
	PinOptions *result = palloc0(sizeof(PinOptions));

	result->serverid = server->serverid;
	result->api_url = pstrdup("https://api.pinterest.com/v5");
	result->authorization_url = pstrdup("https://www.pinterest.com/oauth/");
	result->redirect_uri = pstrdup("http://localhost:8085/");
	result->max_connections = 4;
	result->max_reports = 1000;
	result->timeout = 60;
	result->low_speed_limit = 1000;
	result->low_speed_time = 60;
	result->report_timeout = 1800;
	result->retry_timeout = 300;
	result->report_reuse = 600;
	result->synchronous = true;
	result->granularity = PIN_DAY;
	result->historical_date.span.month = MONTHS_PER_YEAR;
	result->click_window_days = -1;
	result->engagement_window_days = -1;
	result->view_window_days = -1;
	apply_options(result, server->options);
	return result;
}

/*
 * check_guards
 *		Refuses to use a server that has an option that says where credentials go,
 *		unless a superuser owns it.
 *
 * Such an option is as trustworthy as whoever can set and drop it, and that is
 * the owner.  Others put their tokens into his server.
 */
static void
check_guards(const ForeignServer *server)
{
	ListCell   *lc;

	foreach(lc, server->options)
	{
		DefElem    *def = lfirst_node(DefElem, lc);
		const PinOptionDef *option = pin_option_def(def->defname, PIN_IN_SERVER);

		if (option != NULL && (option->flags & PIN_GUARDED) &&
			!superuser_arg(server->owner))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied for option \"%s\" of server \"%s\"",
							option->name, server->servername),
					 errdetail("It decides where credentials are sent, so it counts only on a server that a superuser owns."),
					 errhint("Let a superuser run ALTER SERVER %s OWNER TO CURRENT_USER, or drop the option with ALTER SERVER %s OPTIONS (DROP %s).",
							 quote_identifier(server->servername),
							 quote_identifier(server->servername), option->name)));
	}
}

/*
 * pin_get_server_options
 *		Options of a server as they take effect, with defaults for those that
 *		are not set.
 *
 * Returns a palloc'd structure that points to nothing outside the current
 * memory context.  It has no resource, unless a foreign table's options are
 * applied on top.  Raises 42501 if an option does not count there, 55000 if the
 * extension is newer than the library.
 */
PinOptions *
pin_get_server_options(Oid serverid)
{
	ForeignServer *server = GetForeignServer(serverid);

	pin_tell_version();
	check_guards(server);
	return server_options(server);
}

/*
 * add_ownership
 *		Adds the filter by owners to the options, if the resource takes it and none
 *		is set: all of them, since Pinterest leaves out what others share.
 */
static void
add_ownership(PinOptions *options)
{
	PinFilter  *filter;
	ListCell   *lc;
	int			max;

	if (!pin_resource_takes(options->resource, PIN_OWNERSHIP))
		return;
	foreach(lc, options->filters)
	{
		if (strcmp(((PinFilter *) lfirst(lc))->name, PIN_OWNERSHIP) == 0)
			return;
	}
	filter = palloc(sizeof(PinFilter));
	filter->name = PIN_OWNERSHIP;
	filter->values = pin_option_values(PIN_OWNERSHIP, &max);
	options->filters = lappend(options->filters, filter);
}

/*
 * pin_merge_options
 *		Options of a foreign table as far as they are set: those of
 *		its server, then its own over them.  Not for sending requests.
 */
PinOptions *
pin_merge_options(Oid relid)
{
	ForeignTable *table = GetForeignTable(relid);
	PinOptions *result = server_options(GetForeignServer(table->serverid));

	result->relid = relid;
	apply_options(result, table->options);

	if (result->resource == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				 errmsg("option \"resource\" of foreign table \"%s\" is not set",
						get_rel_name(relid))));

	add_ownership(result);

	/* whatever the server has for reports */
	if (result->resource->kind != PIN_REPORT)
	{
		result->granularity = PIN_DAY;
		result->reporting_timezone = NULL;
	}

	/* the wrapper may have been without its validator when they were set */
	pin_check_key_columns(result->resource, result->key_columns);
	result->key = pin_natural_key(result->resource, result->granularity,
								  result->key_columns);
	return result;
}

/*
 * pin_is_key
 *		Whether a column, or NULL, belongs to the natural key of a table.
 */
bool
pin_is_key(const PinOptions *options, const PinColumn *column)
{
	return list_member_ptr(options->key, column);
}

/*
 * pin_is_always_asked_for
 *		Whether a report is asked for a column, or NULL, even by queries that do
 *		not read it, if the table has it: whether it decides which rows there are.
 *
 * The rows of a template are always the same.
 */
bool
pin_is_always_asked_for(const PinOptions *options, const PinColumn *column)
{
	return column != NULL && options->template_id == NULL &&
		(pin_is_key(options, column) ||
		 pin_column_is_finer(options->resource, column));
}

/*
 * pin_get_options
 *		Options of a foreign table as they take effect.
 *
 * Returns a palloc'd structure that points to nothing outside the current
 * memory context.  It is an error if the options of table and server together
 * make no sense, or leave open which advertiser to ask for; 42501 if one of them
 * does not count on that server; 55000 if the extension is newer than the library.
 */
PinOptions *
pin_get_options(Oid relid)
{
	PinOptions *result = pin_merge_options(relid);
	const PinResource *resource = result->resource;

	pin_tell_version();
	check_guards(GetForeignServer(result->serverid));

	/* Either object may be right by itself, and both together not. */
	if (resource->kind == PIN_REPORT)
		pin_check_windows(result->click_window_days,
					  result->engagement_window_days,
					  result->view_window_days, relid);

	if (!result->all_advertisers && result->advertiser_ids == NIL &&
		pin_has_advertiser(resource))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				 errmsg("option \"advertiser_id\" is needed for foreign table \"%s\"",
						get_rel_name(relid)),
				 errhint("Set it for all tables with ALTER SERVER %s OPTIONS (ADD advertiser_id '...'), or for this table with ALTER FOREIGN TABLE.",
						 quote_identifier(GetForeignServer(result->serverid)->servername))));
	return result;
}

/*
 * pin_check_server_name
 *		Raises 42622 if a name is longer than that of a server can be, which
 *		PostgreSQL would cut.
 */
void
pin_check_server_name(const char *name)
{
	if (strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("name of a server is too long: \"%s\"", pin_shorten(name)),
				 errdetail("Names have at most %d bytes.", NAMEDATALEN - 1)));
}

/*
 * pin_get_server
 *		OID of a server of this wrapper that the current user may use, locked to
 *		the end of the transaction.
 *
 * The name has to be that of the server as it is, however long.  Raises 42622 if
 * it is longer than names can be, 42704 if there is no such server, 42809 if it
 * is another wrapper's, 42501 without USAGE.
 */
Oid
pin_get_server(const char *name)
{
	ForeignServer *server;
	Oid			serverid = InvalidOid;
	AclResult	result;

	pin_check_server_name(name);

	/* Before the lock is had, the name may come to be another server's. */
	for (;;)
	{
		Oid			locked = serverid;

		serverid = get_foreign_server_oid(name, true);
		if (!OidIsValid(serverid))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("server \"%s\" does not exist", name),
					 errhint("SELECT pinterest.connect(...) makes one.")));
		if (serverid == locked)
			break;
		if (OidIsValid(locked))
			UnlockDatabaseObject(ForeignServerRelationId, locked, 0, AccessShareLock);
		LockDatabaseObject(ForeignServerRelationId, serverid, 0, AccessShareLock);
	}

	server = GetForeignServer(serverid);
	if (!pin_is_our_wrapper(server->fdwid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a server of pinterest_fdw", name)));
	result = pin_server_aclcheck(serverid, GetUserId(), ACL_USAGE);
	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_FOREIGN_SERVER, name);
	return serverid;
}
