/*-------------------------------------------------------------------------
 *
 * import.c
 *	  IMPORT FOREIGN SCHEMA: the fixed schema as foreign tables.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_type_d.h"
#include "commands/defrem.h"
#include "foreign/fdwapi.h"
#include "foreign/foreign.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "base/dates.h"
#include "base/text.h"
#include "base/version.h"
#include "catalog/catalog.h"
#include "option/import.h"
#include "option/key.h"
#include "option/option.h"
#include "option/value.h"

static char *schema_names(void);
static bool is_importable(const PinResource *resource,
						  ImportForeignSchemaStmt *stmt);
static void check_table_names(ImportForeignSchemaStmt *stmt);
static void check_new(ImportForeignSchemaStmt *stmt, const char *name);
static bool check_import_options(ImportForeignSchemaStmt *stmt);
static PinGranularity import_granularity(ForeignServer *server,
										 List *options);
static char *create_statement(const PinResource *resource,
							  ForeignServer *server, List *options, bool all,
							  PinGranularity granularity);
static List *import_key(const PinResource *resource, List *options,
						PinGranularity granularity);
static void append_column(StringInfo buf, const PinResource *resource,
						  const PinColumn *column, bool is_key,
						  PinGranularity granularity);


/*
 * pinImportForeignSchema
 *		Makes the CREATE FOREIGN TABLE statements of the fixed schema.
 *
 * Nothing is asked of Pinterest, so that the import works without a token.
 * The values of options are checked by the validator when core executes the
 * statements; what is checked here is what the validator cannot see.
 *
 * Returns a List of palloc'd strings, in the order of the catalog.
 */
List *
pinImportForeignSchema(ImportForeignSchemaStmt *stmt, Oid serverOid)
{
	ForeignServer *server = GetForeignServer(serverOid);
	PinGranularity granularity;
	bool		all;
	List	   *result = NIL;

	pin_tell_version();
	if (!pin_is_schema(stmt->remote_schema))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_SCHEMA_NOT_FOUND),
				 errmsg("schema \"%s\" is not present on foreign server \"%s\"",
						stmt->remote_schema, server->servername),
				 errhint("There are the schemas %s.", schema_names())));

	check_table_names(stmt);
	all = check_import_options(stmt);
	granularity = import_granularity(server, stmt->options);

	for (int i = 0; i < pin_nresources; i++)
	{
		/* Core would drop the others, but why make them. */
		if (!is_importable(&pin_resources[i], stmt))
			continue;
		check_new(stmt, pin_resources[i].name);
		result = lappend(result,
						 create_statement(&pin_resources[i], server,
										  stmt->options, all, granularity));
	}
	return result;
}

/*
 * schema_names
 *		The remote schemas, for people to read, palloc'ed.
 */
static char *
schema_names(void)
{
	List	   *names = NIL;
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < pin_nresources; i++)
	{
		const char *name = pin_resources[i].schema;

		if (pin_has_string(names, name))
			continue;
		names = lappend(names, unconstify(char *, name));
		appendStringInfo(&buf, "%s%s", buf.len > 0 ? ", " : "", name);
	}
	return buf.data;
}

/*
 * is_importable
 *		Whether a statement imports a resource.
 */
static bool
is_importable(const PinResource *resource, ImportForeignSchemaStmt *stmt)
{
	return strcmp(resource->schema, stmt->remote_schema) == 0 &&
		IsImportableForeignTable(resource->name, stmt);
}

/*
 * check_new
 *		Raises 42P07, with a hint, if a table to import is there already, as CREATE
 *		FOREIGN TABLE would without one.
 */
static void
check_new(ImportForeignSchemaStmt *stmt, const char *name)
{
	Oid			nspoid = get_namespace_oid(stmt->local_schema, true);

	if (OidIsValid(nspoid) && OidIsValid(get_relname_relid(name, nspoid)))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_TABLE),
				 errmsg("relation \"%s\" already exists", name),
				 errhint("Import others with LIMIT TO, or all but this with EXCEPT (%s). CALL pinterest.import_tables() passes over tables that are there.",
						 quote_identifier(name))));
}

/*
 * check_table_names
 *		Checks the names in LIMIT TO and EXCEPT, which core ignores if
 *		there is no such table.
 *
 * Who asks for a table and does not get it should know at once.  A table not
 * to be imported that does not exist does no harm, and may be one of another
 * version.
 */
static void
check_table_names(ImportForeignSchemaStmt *stmt)
{
	int			elevel = stmt->list_type == FDW_IMPORT_SCHEMA_LIMIT_TO ?
		ERROR : WARNING;
	ListCell   *lc;

	foreach(lc, stmt->table_list)
	{
		const char *name = ((RangeVar *) lfirst(lc))->relname;
		const PinResource *resource = pin_find_resource(name);
		ClosestMatchState match;

		if (resource != NULL && strcmp(resource->schema, stmt->remote_schema) == 0)
			continue;

		initClosestMatch(&match, name, PIN_HINT_DISTANCE);
		for (int i = 0; i < pin_nresources; i++)
		{
			if (strcmp(pin_resources[i].schema, stmt->remote_schema) == 0)
				updateClosestMatch(&match, pin_resources[i].name);
		}
		ereport(elevel,
				(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
				 errmsg("table \"%s\" is not present in schema \"%s\"", name,
						stmt->remote_schema),
				 resource != NULL ?
				 errhint("It is in schema \"%s\".", resource->schema) :
				 getClosestMatch(&match) != NULL ?
				 errhint("Perhaps you meant the table \"%s\".",
						 getClosestMatch(&match)) :
				 errhint("The view pinterest.resources lists all tables.")));
	}
}

/*
 * check_import_options
 *		Checks the names of the options: "columns", or an option of
 *		tables that at least one of the imported tables takes.
 *
 * Returns whether all columns are asked for.
 */
static bool
check_import_options(ImportForeignSchemaStmt *stmt)
{
	bool		all = false;
	ListCell   *lc;

	foreach(lc, stmt->options)
	{
		DefElem    *def = (DefElem *) lfirst(lc);
		bool		known = false;
		bool		used = false;
		StringInfoData takers;

		if (strcmp(def->defname, "columns") == 0)
		{
			const char *value = defGetString(def);

			if (pg_strcasecmp(value, "all") == 0)
				all = true;
			else if (pg_strcasecmp(value, "standard") != 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("invalid value for option \"%s\": \"%s\"",
								def->defname, pin_shorten(value)),
						 errhint("Valid values are: standard, all.")));
			continue;
		}
		if (strcmp(def->defname, "resource") == 0)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("invalid option \"%s\"", pin_shorten(def->defname)),
					 errhint("Choose tables with LIMIT TO or EXCEPT.")));

		initStringInfo(&takers);
		for (int i = 0; i < pin_nresources; i++)
		{
			if (pin_resource_takes(&pin_resources[i], def->defname))
			{
				known = true;
				if (is_importable(&pin_resources[i], stmt))
					used = true;
				appendStringInfo(&takers, "%s%s", takers.len > 0 ? ", " : "",
								 pin_resources[i].name);
			}
		}
		if (!known)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("invalid option \"%s\"", pin_shorten(def->defname)),
					 errhint("%s", pin_option_hint(def->defname,
												   ForeignTableRelationId,
												   "columns"))));
		if (!used)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("option \"%s\" applies to none of the imported tables",
							def->defname),
					 errhint("Tables that it applies to: %s.", takers.data)));
	}
	return all;
}

/*
 * import_granularity
 *		Granularity that the imported reports will have.  A wrong one
 *		is left to the validator.
 */
static PinGranularity
import_granularity(ForeignServer *server, List *options)
{
	PinGranularity result = PIN_DAY;
	ListCell   *lc;

	/* Options of the statement come last, since they win. */
	foreach(lc, list_concat_copy(server->options, options))
	{
		DefElem    *def = (DefElem *) lfirst(lc);

		if (strcmp(def->defname, "granularity") != 0)
			continue;
		for (int i = PIN_DAY; i <= PIN_TOTAL; i++)
		{
			if (pg_strcasecmp(defGetString(def), pin_granularity_name(i)) == 0)
				result = i;
		}
	}
	return result;
}

/*
 * pin_foreign_table_sql
 *		CREATE FOREIGN TABLE statement of a resource, palloc'ed.
 *
 * name: of the table, quoted where that is needed, maybe with a schema.  columns:
 * const PinColumn *, of which those in "key" are not null.  options: DefElem, besides
 * the resource; those that it does not take are left out.
 */
char *
pin_foreign_table_sql(const char *name, const PinResource *resource,
					  const ForeignServer *server, List *key, List *columns,
					  List *options, PinGranularity granularity)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	appendStringInfo(&buf, "CREATE FOREIGN TABLE %s (", name);
	foreach(lc, columns)
		append_column(&buf, resource, lfirst(lc), list_member_ptr(key, lfirst(lc)),
					  granularity);
	appendStringInfo(&buf, "\n) SERVER %s OPTIONS (resource %s",
					 quote_identifier(server->servername),
					 quote_literal_cstr(resource->name));
	foreach(lc, options)
	{
		DefElem    *def = (DefElem *) lfirst(lc);

		if (pin_resource_takes(resource, def->defname))
			appendStringInfo(&buf, ", %s %s", quote_identifier(def->defname),
							 quote_literal_cstr(defGetString(def)));
	}
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

/*
 * create_statement
 *		CREATE FOREIGN TABLE statement of an imported table.
 */
static char *
create_statement(const PinResource *resource, ForeignServer *server,
				 List *options, bool all, PinGranularity granularity)
{
	List	   *key;
	List	   *columns;

	if (resource->kind != PIN_REPORT)
		granularity = PIN_DAY;
	key = import_key(resource, options, granularity);
	columns = list_copy(key);

	for (int i = 0; i < resource->ncolumns; i++)
	{
		const PinColumn *column = &resource->columns[i];

		if ((all || pin_column_is_standard(resource, column)) &&
			!list_member_ptr(key, column))
			columns = lappend(columns, (void *) column);
	}
	return pin_foreign_table_sql(quote_identifier(resource->name), resource, server,
								 key, columns, options, granularity);
}

/*
 * import_key
 *		Natural key that an imported table will have, as pin_natural_key() has it.
 *
 * Raises 22023 if the statement's options add what cannot be part of it.
 */
static List *
import_key(const PinResource *resource, List *options,
		   PinGranularity granularity)
{
	static const char *const name = "key_columns";
	List	   *key_columns = NIL;
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *def = (DefElem *) lfirst(lc);

		if (strcmp(def->defname, name) == 0 && pin_resource_takes(resource, name))
			pin_read_value(pin_option_def(name, PIN_IN_TABLE), defGetString(def),
						   &key_columns);
	}
	pin_check_key_columns(resource, key_columns);
	return pin_natural_key(resource, granularity, key_columns);
}

/*
 * append_column
 *		Appends the definition of a column, unless the resource does
 *		not have it at this granularity.
 *
 * A column gets the option column_name where its name does not lead to Pinterest's:
 * there are up to hundreds of columns, which would drown in options that repeat their
 * names.  A column without one that is renamed is an error that says how to do it, not
 * another column or null.
 */
static void
append_column(StringInfo buf, const PinResource *resource,
			  const PinColumn *column, bool is_key, PinGranularity granularity)
{
	Oid			type = column->source == PIN_FROM_DATE && granularity == PIN_HOUR ?
		TIMESTAMPTZOID : pin_kind_oid(column->kind);

	if (!pin_column_is_valid(resource, column, granularity, NULL))
		return;

	/* core parses this with the caller's search path */
	appendStringInfo(buf, "%s\n\t%s %s",
					 buf->data[buf->len - 1] == '(' ? "" : ",",
					 quote_identifier(column->name),
					 format_type_extended(type, -1, FORMAT_TYPE_FORCE_QUALIFY));

	/*
	 * A name that two columns share cannot tell which one is meant; such a
	 * column is found by its own name.
	 */
	if (pg_strcasecmp(column->name, column->api_name) != 0 &&
		pin_find_column(resource, column->api_name) == column)
		appendStringInfo(buf, " OPTIONS (column_name %s)",
						 quote_literal_cstr(column->api_name));
	if (is_key)
		appendStringInfoString(buf, " NOT NULL");
}
