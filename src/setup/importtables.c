/*-------------------------------------------------------------------------
 *
 * importtables.c
 *	  Sets up many tables at once: foreign tables, copies, first load, schedule.
 *
 * Each step passes over what is there already, so that a call can be repeated, with
 * further tables or after something has failed.  Tables are made first, in one
 * transaction, and loaded side by side then, as refresh_all() does.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "auth/mapping.h"
#include "auth/scopehint.h"
#include "auth/token.h"
#include "base/argument.h"
#include "base/compat.h"
#include "base/dates.h"
#include "base/relation.h"
#include "base/subxact.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/scope.h"
#include "option/settings.h"
#include "refresh/refreshall.h"
#include "schedule/pgcron.h"
#include "schedule/schedule.h"
#include "schedule/words.h"
#include "setup/importtables.h"
#include "setup/objects.h"

PG_FUNCTION_INFO_V1(pinterest_import_tables);

#define FUNCTION "pinterest.import_tables"

/* Where copies of ads go unless the call says otherwise */
#define ADS_SCHEMA "pinterest_ads"

/* How often everything is loaded, where a schedule loads the last days */
#define EVERYTHING_EVERY "weekly"

/* Arguments, in order */
enum
{
	ARG_TABLES,
	ARG_EVERY,
	ARG_LAST,
	ARG_COLUMNS,
	ARG_LIVE_SCHEMA,
	ARG_SCHEMA,
	ARG_SERVER,
	NARGS
};

static const char *const arg_names[] = {
	"tables", "every", "last", "columns", "live_schema", "schema", "server"
};

/* What a call asks for */
typedef struct Import
{
	char	   *server;
	Oid			serverid;
	List	   *tables;			/* of Table */
	bool		named;			/* the call names them */
	char	   *every;			/* NULL: no schedule */
	Interval   *last;			/* NULL: everything */
	char	   *columns;
	char	   *live_schema;
	char	   *schema;			/* of copies, see copy_schema() */
	char	   *others;			/* arguments that are not the defaults, for a hint */
	struct Table *table;		/* that a step is about */
	List	   *failures;		/* PinTableEnd * */
} Import;

/* One of its tables */
typedef struct Table
{
	const PinResource *resource;
	bool		skipped;
	Oid			target;			/* InvalidOid: not made */
	bool		loaded;
} Table;

/*
 * add_table
 *		Adds a table to those that are to be imported, unless it is among them.
 *
 * Raises HV00R if there is none of that name.
 */
static void
add_table(Import *import, const char *name)
{
	const PinResource *resource = pin_find_resource(name);
	Table	   *table;
	ListCell   *lc;

	if (resource == NULL)
	{
		ClosestMatchState match;

		initClosestMatch(&match, name, PIN_HINT_DISTANCE);
		for (int i = 0; i < pin_nresources; i++)
			updateClosestMatch(&match, pin_resources[i].name);
		ereport(ERROR,
				(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
				 errmsg("Pinterest has no table \"%s\"", pin_shorten(name)),
				 getClosestMatch(&match) != NULL ?
				 errhint("Perhaps you meant the table \"%s\".",
						 getClosestMatch(&match)) :
				 errhint("The view pinterest.resources lists all tables.")));
	}
	foreach(lc, import->tables)
	{
		if (((Table *) lfirst(lc))->resource == resource)
			return;
	}
	table = palloc0(sizeof(Table));
	table->resource = resource;
	import->tables = lappend(import->tables, table);
}

/*
 * add_other
 *		Notes an argument for a call that is to be repeated, unless it is the default.
 */
static void
add_other(Import *import, int number, const char *value, const char *standard)
{
	if (pg_strcasecmp(value, standard) != 0)
		import->others = psprintf("%s, %s => %s", import->others, arg_names[number],
								  quote_literal_cstr(value));
}

/*
 * read_tables
 *		Notes which tables to import: those named, or all that there are.
 */
static void
read_tables(Import *import, FunctionCallInfo fcinfo)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;

	import->named = !PG_ARGISNULL(ARG_TABLES);
	if (!import->named)
	{
		for (int i = 0; i < pin_nresources; i++)
		{
			if (!pin_resources[i].beta)
				add_table(import, pin_resources[i].name);
		}
		return;
	}
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(ARG_TABLES), TEXTOID, -1, false,
					  TYPALIGN_INT, &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a table to import must not be null"),
					 errhint("Without tables, %s() imports all that there are.", FUNCTION)));
		add_table(import, TextDatumGetCString(values[i]));
	}
	if (n == 0)
		ereport(NOTICE,
				(errmsg("there is no table to import"),
				 errhint("Without tables, %s() imports all that there are.", FUNCTION)));
}

/*
 * check_schedule
 *		Refuses a schedule that could not be made once the tables have been loaded.
 */
static void
check_schedule(const Import *import)
{
	if (import->every == NULL && import->last != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"last\" without \"every\""),
				 errdetail("The first load begins with the historical date. \"last\" is what the schedule loads."),
				 errhint("Give \"every\" as well, such as every => 'hourly'. Set the option \"historical_date\" of the server for a shorter history.")));
	if (import->last != NULL && pin_interval_days(import->last) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"last\" must be at least one day"),
				 errhint("Give an interval counted back from today, such as '30 days'.")));
	if (import->every != NULL)
		(void) pin_cron_expression(import->every, "", 0);
}

/*
 * copy_schema
 *		The schema of the copy of a table, palloc'ed.
 *
 * Unless the call names another one, tables of other remote schemas go to schemas of
 * their own.
 */
static char *
copy_schema(const Import *import, const Table *table)
{
	return strcmp(import->schema, ADS_SCHEMA) != 0 ? import->schema :
		psprintf("pinterest_%s", table->resource->schema);
}

/*
 * check_schemas
 *		Refuses to have foreign tables and copies in one schema.
 */
static void
check_schemas(const Import *import)
{
	ListCell   *lc;

	foreach(lc, import->tables)
	{
		if (strcmp(import->live_schema, copy_schema(import, lfirst(lc))) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"live_schema\" and \"schema\" must differ"),
					 errdetail("A foreign table and its copy have the same name.")));
	}
}

/*
 * read_arguments
 *		What the call asks for; raises an error if it is no such thing.
 */
static void
read_arguments(Import *import, FunctionCallInfo fcinfo)
{
	for (int i = ARG_COLUMNS; i < NARGS; i++)
		pin_check_argument(fcinfo, i, FUNCTION, arg_names[i]);
	read_tables(import, fcinfo);
	if (!PG_ARGISNULL(ARG_EVERY))
		import->every = text_to_cstring(PG_GETARG_TEXT_PP(ARG_EVERY));
	if (!PG_ARGISNULL(ARG_LAST))
	{
		import->last = palloc(sizeof(Interval));
		*import->last = *PG_GETARG_INTERVAL_P(ARG_LAST);
	}
	check_schedule(import);
	import->columns = text_to_cstring(PG_GETARG_TEXT_PP(ARG_COLUMNS));
	if (pg_strcasecmp(import->columns, "standard") != 0 &&
		pg_strcasecmp(import->columns, "all") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for argument \"columns\" of %s(): \"%s\"",
						FUNCTION, pin_shorten(import->columns)),
				 errhint("Valid values are: standard, all. Others can be added with ALTER FOREIGN TABLE ... ADD COLUMN.")));
	import->live_schema = text_to_cstring(PG_GETARG_TEXT_PP(ARG_LIVE_SCHEMA));
	import->schema = text_to_cstring(PG_GETARG_TEXT_PP(ARG_SCHEMA));
	check_schemas(import);

	import->server = text_to_cstring(PG_GETARG_TEXT_PP(ARG_SERVER));
	import->serverid = pin_get_server(import->server);

	import->others = pstrdup("");
	if (import->every != NULL)
		add_other(import, ARG_EVERY, import->every, "");
	if (import->last != NULL)
		add_other(import, ARG_LAST,
				  DatumGetCString(DirectFunctionCall1(interval_out,
													  IntervalPGetDatum(import->last))),
				  "");
	add_other(import, ARG_COLUMNS, import->columns, "standard");
	add_other(import, ARG_LIVE_SCHEMA, import->live_schema, "pinterest_live");
	add_other(import, ARG_SCHEMA, import->schema, ADS_SCHEMA);
	add_other(import, ARG_SERVER, import->server, "pinterest");
}

/*
 * skip_tables
 *		Passes over tables whose scopes the access token lacks, as far as these are
 *		known, and says how to get them.
 */
static void
skip_tables(Import *import)
{
	PinMapping *mapping = pin_get_mapping(import->serverid, GetUserId());
	PinTokens	tokens;
	List	   *granted;
	ListCell   *lc;

	if (!pin_mapping_tokens(mapping, &tokens) || tokens.scope == NULL)
		return;
	granted = pin_read_scopes(tokens.scope);
	foreach(lc, import->tables)
	{
		Table	   *table = lfirst(lc);
		const char *name = table->resource->name;
		List	   *missing = NIL;
		ListCell   *lc2;

		foreach(lc2, pin_split_words(table->resource->scopes))
		{
			if (!pin_has_string(granted, lfirst(lc2)))
				missing = lappend(missing, lfirst(lc2));
		}
		if (missing == NIL)
			continue;
		table->skipped = true;
		ereport(import->named ? WARNING : NOTICE,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("table \"%s\" is skipped", name),
				 errdetail("The access token does not have %s.",
						   pin_scopes_join(missing, ", ")),
				 errhint("%s Then CALL %s('{%s}'%s).",
						 pin_add_scopes_hint(mapping, missing), FUNCTION, name,
						 import->others)));
	}
}

/*
 * make_schemas
 *		Step: makes the schemas.
 */
static void
make_schemas(void *arg)
{
	Import	   *import = arg;
	List	   *made = NIL;
	ListCell   *lc;

	pin_make_schema(import->live_schema);
	foreach(lc, import->tables)
	{
		Table	   *table = lfirst(lc);
		char	   *schema = copy_schema(import, table);

		if (table->skipped || pin_has_string(made, schema))
			continue;
		pin_make_schema(schema);
		made = lappend(made, schema);
	}
}

/*
 * make_table
 *		Step: makes a foreign table and its copy.
 */
static void
make_table(void *arg)
{
	Import	   *import = arg;
	Table	   *table = import->table;
	const char *name = table->resource->name;
	Oid			source = pin_make_live_table(import->serverid, table->resource,
											 import->live_schema, import->columns);

	table->target = pin_make_copy(source, copy_schema(import, table), name,
								  &table->loaded);
}

/*
 * note_failure
 *		A table could not be imported: says so, and remembers it for the end.
 */
static void
note_failure(Import *import, const PinTableEnd *end)
{
	import->failures = lappend(import->failures, (void *) end);
	ereport(NOTICE,
			(errmsg("table \"%s\" could not be loaded", end->name),
			 errdetail("%s", end->error->message)));
}

/*
 * make_tables
 *		Makes all tables.  Returns the OIDs of those that are to be loaded.
 */
static List *
make_tables(Import *import)
{
	List	   *targets = NIL;
	ListCell   *lc;

	foreach(lc, import->tables)
	{
		Table	   *table = lfirst(lc);
		ErrorData  *error;
		char	   *name = psprintf("%s.%s", copy_schema(import, table),
									table->resource->name);

		if (table->skipped)
			continue;
		import->table = table;
		error = pin_try(make_table, import);
		if (error != NULL && pin_is_cancellation(error))
			ReThrowError(error);
		if (error != NULL)
		{
			PinTableEnd *end = palloc0(sizeof(PinTableEnd));

			table->target = InvalidOid;
			end->name = name;
			end->error = error;
			note_failure(import, end);
		}
		else if (table->loaded)
			ereport(NOTICE, (errmsg("table \"%s\" is there already", name)));
		else
			targets = lappend_oid(targets, table->target);
	}
	return targets;
}

/*
 * table_ended
 *		A table has been loaded, or could not be.
 */
static void
table_ended(const PinTableEnd *end, void *arg)
{
	Import	   *import = arg;
	ListCell   *lc;

	if (end->error != NULL)
	{
		note_failure(import, end);
		return;
	}
	foreach(lc, import->tables)
	{
		Table	   *table = lfirst(lc);

		if (table->target == end->target)
			table->loaded = true;
	}
	ereport(NOTICE,
			(errmsg_plural("table \"%s\" has been loaded: %lld row",
						   "table \"%s\" has been loaded: %lld rows",
						   end->result.rows, end->name,
						   (long long) end->result.rows)));
}

/*
 * make_schedule
 *		Step: schedules what has been loaded.
 *
 * The last days are loaded as often as was asked for; so that what Pinterest corrects
 * of older days arrives as well, everything is loaded now and then.
 */
static void
make_schedule(void *arg)
{
	Import	   *import = arg;
	List	   *targets = NIL;
	List	   *reports = NIL;
	ListCell   *lc;

	foreach(lc, import->tables)
	{
		Table	   *table = lfirst(lc);

		if (!table->loaded)
			continue;
		targets = lappend_oid(targets, table->target);
		if (pin_has_days(table->resource))
			reports = lappend_oid(reports, table->target);
	}
	if (targets == NIL)
		return;
	PushActiveSnapshot(GetTransactionSnapshot());
	(void) pin_cron_database(false);
	(void) pin_schedule_tables(targets, import->every, import->last, true);
	if (import->last != NULL && reports != NIL)
		(void) pin_schedule_tables(reports, EVERYTHING_EVERY, NULL, true);
	PopActiveSnapshot();
}

/*
 * schedule
 *		Schedules what has been loaded, and commits that.
 *
 * Without pg_cron the tables are of use nevertheless: that is a warning.
 */
static void
schedule(Import *import)
{
	ErrorData  *error = pin_try(make_schedule, import);

	if (error == NULL)
	{
		SPI_commit();
		return;
	}
	if (error->sqlerrcode != ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE)
		ReThrowError(error);
	ereport(WARNING,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the tables are not refreshed on schedule: %s", error->message),
			 error->detail != NULL ? errdetail("%s", error->detail) : 0,
			 errhint("%s Then run the same CALL again: it schedules the tables, and loads none again.",
					 error->hint != NULL ? error->hint : "")));
}

/*
 * import_tables(tables text[], every text, last interval, columns text,
 *		live_schema text, schema text, server text)
 */
Datum
pinterest_import_tables(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	MemoryContext oldcontext;
	Import	   *import;
	PinAsked	everything = {.importing = true};
	List	   *targets;

	pin_check_commits(fcinfo, FUNCTION, "call pinterest.materialize() for each table");
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	context = AllocSetContextCreate(PortalContext, "pinterest_fdw import_tables",
									ALLOCSET_DEFAULT_SIZES);
	oldcontext = MemoryContextSwitchTo(context);
	import = palloc0(sizeof(Import));
	read_arguments(import, fcinfo);
	(void) pin_access_token(import->serverid, GetUserId());
	skip_tables(import);

	make_schemas(import);
	targets = make_tables(import);
	pin_refresh_tables(targets, &everything, table_ended, import);
	if (import->every != NULL)
		schedule(import);
	pin_raise_failures(import->failures, list_length(import->tables), "import",
					   "Those that are loaded stay. Call it again for the others; the view pinterest.refresh_log has details and hints.");

	MemoryContextSwitchTo(oldcontext);
	SPI_finish();
	MemoryContextDelete(context);
	PG_RETURN_VOID();
}
