/*-------------------------------------------------------------------------
 *
 * registry.c
 *	  Knows which tables are materialized, and from where.
 *
 * The registry is the extension's table materialized_tables.  Users read it;
 * only the functions here write it, after checks of their callers.
 *
 * It names tables by a type of its own, pinterest_internal.relation: an OID like
 * regclass, so that renaming changes nothing, but written in a way that
 * survives a dump.  A name is always written with its schema, and one that does
 * not exist is read as "-" and not as an error: a dump may leave out a table,
 * and the rest of the registry must be restored nevertheless.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "base/extension.h"
#include "base/text.h"
#include "refresh/registry.h"

PG_FUNCTION_INFO_V1(pinterest_relation_in);
PG_FUNCTION_INFO_V1(pinterest_relation_out);

#define REGISTRY "materialized_tables"

/* Its columns, in order */
enum
{
	COLUMN_TARGET,
	COLUMN_SOURCE,
	COLUMN_COLUMNS,
	COLUMN_REGISTERED_AT,
	COLUMN_API_NAMES,
	COLUMN_SETTINGS,
	COLUMN_KEEP_DELETED,
	NCOLUMNS
};

/*
 * pin_registry_relid
 *		OID of the registry.
 */
Oid
pin_registry_relid(void)
{
	return pin_extension_relid(REGISTRY);
}

/*
 * find_rows
 *		Rows of the registry in which a column, one of OIDs, has a value.
 */
static List *
find_rows(Relation registry, int column, Oid value)
{
	return pin_rows_with(registry, column + 1, F_OIDEQ, ObjectIdGetDatum(value));
}

/*
 * get_texts
 *		A List of char * out of a column of texts; NIL if it is null.
 */
static List *
get_texts(const Datum *values, const bool *nulls, int column)
{
	List	   *result = NIL;
	Datum	   *texts;
	int			ntexts;

	if (nulls[column])
		return NIL;
	deconstruct_array(DatumGetArrayTypeP(values[column]), TEXTOID, -1, false,
					  TYPALIGN_INT, &texts, NULL, &ntexts);
	for (int i = 0; i < ntexts; i++)
		result = lappend(result, TextDatumGetCString(texts[i]));
	return result;
}

/*
 * set_texts
 *		Likewise the other way around.
 */
static void
set_texts(Datum *values, bool *nulls, int column, List *list)
{
	nulls[column] = list == NIL;
	if (list != NIL)
		values[column] = pin_text_array(list);
}

/*
 * get_row
 *		What a row of the registry says, palloc'd.
 */
static void
get_row(Relation registry, HeapTuple row, Datum *values, bool *nulls,
		PinRegistered *registered)
{
	Datum	   *names;
	int			nnames;

	pin_row_read(registry, row, values, nulls, NCOLUMNS);
	registered->source = DatumGetObjectId(values[COLUMN_SOURCE]);
	deconstruct_array(DatumGetArrayTypeP(values[COLUMN_COLUMNS]), NAMEOID,
					  NAMEDATALEN, false, TYPALIGN_CHAR, &names, NULL, &nnames);
	registered->columns = NIL;
	for (int i = 0; i < nnames; i++)
		registered->columns = lappend(registered->columns,
									  pstrdup(NameStr(*DatumGetName(names[i]))));
	registered->api_names = get_texts(values, nulls, COLUMN_API_NAMES);
	registered->settings = get_texts(values, nulls, COLUMN_SETTINGS);
	registered->keep_deleted = DatumGetBool(values[COLUMN_KEEP_DELETED]);

	/* somebody has written to the registry */
	if (list_length(registered->api_names) != nnames)
		registered->api_names = NIL;
}

/*
 * pin_registry_get
 *		Looks up a table in the registry.
 *
 * Returns whether it is there, and what is known of it, palloc'd.  Reads past the
 * caller's privileges on the registry, and sees what has been committed meanwhile.
 */
bool
pin_registry_get(Oid target, PinRegistered *registered)
{
	Relation	registry = pin_extension_open(REGISTRY, AccessShareLock);
	List	   *rows = find_rows(registry, COLUMN_TARGET, target);
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS];

	if (rows != NIL)
		get_row(registry, linitial(rows), values, nulls, registered);
	table_close(registry, AccessShareLock);
	return rows != NIL;
}

/*
 * pin_registered_name
 *		What a column of a table has been loaded with; NULL if it has not been, or if
 *		that is not known.
 */
const char *
pin_registered_name(const PinRegistered *registered, const char *column)
{
	ListCell   *lc,
			   *lc2;

	forboth(lc, registered->columns, lc2, registered->api_names)
	{
		const char *name = lfirst(lc2);

		if (strcmp(lfirst(lc), column) == 0)
			return name[0] != '\0' ? name : NULL;
	}
	return NULL;
}

/*
 * pin_registry_hold_source
 *		Locks the foreign table that a table is loaded from, if there is one, to
 *		the end of the transaction: before the table itself, see lock.c.
 */
void
pin_registry_hold_source(Oid target)
{
	PinRegistered registered;

	if (pin_registry_get(target, &registered))
		(void) pin_hold_source(registered.source);
}

/*
 * set_columns
 *		Sets the columns of a row to those of a source.
 */
static void
set_columns(Datum *values, const PinSourceTable *source)
{
	Datum	   *names = palloc(sizeof(Datum) * Max(source->ncolumns, 1));

	for (int i = 0; i < source->ncolumns; i++)
		names[i] = DirectFunctionCall1(namein,
									   CStringGetDatum(source->columns[i].name));
	values[COLUMN_COLUMNS] = PointerGetDatum(construct_array(names, source->ncolumns,
															 NAMEOID, NAMEDATALEN,
															 false, TYPALIGN_CHAR));
}

/*
 * source_names
 *		What the columns of a source are loaded with: a List of char *.
 */
static List *
source_names(const PinSourceTable *source)
{
	List	   *result = NIL;

	for (int i = 0; i < source->ncolumns; i++)
		result = lappend(result, pstrdup(source->columns[i].api_name));
	return result;
}

/*
 * remembered_names
 *		What the columns of a source have been loaded with, as far as it is known;
 *		what they are loaded with now, if "renew".
 */
static List *
remembered_names(const PinRegistered *registered, const PinSourceTable *source,
				 bool renew)
{
	List	   *result = NIL;

	if (registered->api_names == NIL)
		return renew ? source_names(source) : NIL;
	for (int i = 0; i < source->ncolumns; i++)
	{
		const PinSourceColumn *column = &source->columns[i];
		const char *name = pin_registered_name(registered, column->name);

		result = lappend(result, pstrdup(name == NULL ? "" :
										 renew ? column->api_name : name));
	}
	return result;
}

/*
 * pin_registry_put
 *		Registers a table with its source, in place of what was known of it.
 *
 * settings: that its rows count as loaded with from now on, see PinRegistered; NIL:
 * what is known of them stays.  keep_deleted: entities that are gone are to stay in
 * the table, marked.  The caller must have checked that the current user
 * may do so, and have the lock on the refresh of the table.
 */
void
pin_registry_put(Oid target, const PinSourceTable *source, List *settings,
				 bool keep_deleted)
{
	Relation	registry = pin_extension_open(REGISTRY, RowExclusiveLock);
	List	   *rows = find_rows(registry, COLUMN_TARGET, target);
	HeapTuple	old = rows == NIL ? NULL : pin_row_lock(registry, linitial(rows), true);
	PinRegistered registered = {0};
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS] = {0};

	if (old != NULL)
		get_row(registry, old, values, nulls, &registered);
	else
	{
		values[COLUMN_REGISTERED_AT] = TimestampTzGetDatum(GetCurrentTimestamp());
		nulls[COLUMN_SETTINGS] = true;
	}
	values[COLUMN_TARGET] = ObjectIdGetDatum(target);
	values[COLUMN_SOURCE] = ObjectIdGetDatum(source->relid);
	values[COLUMN_KEEP_DELETED] = BoolGetDatum(keep_deleted);
	set_columns(values, source);
	set_texts(values, nulls, COLUMN_API_NAMES,
			  remembered_names(&registered, source, settings != NIL));
	if (settings != NIL)
		set_texts(values, nulls, COLUMN_SETTINGS, settings);
	if (old != NULL)
		pin_row_update(registry, old, values, nulls);
	else
		pin_row_insert(registry, values, nulls);
	table_close(registry, NoLock);
}

/*
 * pin_registry_loaded
 *		Notes what a table has been loaded with, if that is anything new.
 *
 * settings: see pin_registry_put().  Whoever has dropped the source meanwhile has
 * seen to the row himself.
 */
void
pin_registry_loaded(Oid target, const PinSourceTable *source, List *settings)
{
	Relation	registry = pin_extension_open(REGISTRY, RowExclusiveLock);
	List	   *rows = find_rows(registry, COLUMN_TARGET, target);
	List	   *names = source_names(source);
	PinRegistered registered;
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS];
	HeapTuple	row = NULL;

	if (rows != NIL)
	{
		get_row(registry, linitial(rows), values, nulls, &registered);
		if (!pin_equal_strings(registered.settings, settings) ||
			!pin_equal_strings(registered.api_names, names) ||
			list_length(registered.columns) != source->ncolumns)
			row = pin_row_lock(registry, linitial(rows), true);
	}
	if (row != NULL)
	{
		get_row(registry, row, values, nulls, &registered);
		if (registered.source == source->relid)
		{
			set_columns(values, source);
			set_texts(values, nulls, COLUMN_API_NAMES, names);
			set_texts(values, nulls, COLUMN_SETTINGS, settings);
			pin_row_update(registry, row, values, nulls);
		}
	}
	table_close(registry, NoLock);
}

/*
 * pin_registry_forget
 *		A relation has been dropped: takes it out of the registry.
 *
 * A table that was loaded from it keeps its row, without a source.
 */
void
pin_registry_forget(Oid relid)
{
	Relation	registry = pin_extension_open(REGISTRY, RowExclusiveLock);
	ListCell   *lc;

	foreach(lc, find_rows(registry, COLUMN_TARGET, relid))
	{
		HeapTuple	row = pin_row_lock(registry, lfirst(lc), true);

		if (row != NULL)
			pin_row_delete(registry, row);
	}
	foreach(lc, OidIsValid(relid) ? find_rows(registry, COLUMN_SOURCE, relid) : NIL)
	{
		HeapTuple	row = pin_row_lock(registry, lfirst(lc), true);
		Datum		values[NCOLUMNS];
		bool		nulls[NCOLUMNS];

		if (row == NULL)
			continue;
		pin_row_read(registry, row, values, nulls, lengthof(values));
		if (DatumGetObjectId(values[COLUMN_SOURCE]) != relid)
			continue;
		values[COLUMN_SOURCE] = ObjectIdGetDatum(InvalidOid);
		pin_row_update(registry, row, values, nulls);
	}
	table_close(registry, NoLock);
}

/*
 * A table in the registry, for pin_registry_list()
 */
typedef struct Registered
{
	TimestampTz at;
	Oid			target;
} Registered;

/*
 * compare_registered
 *		Order of registration.
 */
static int
compare_registered(const ListCell *a, const ListCell *b)
{
	const Registered *one = lfirst(a);
	const Registered *other = lfirst(b);

	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	return one->target < other->target ? -1 : one->target > other->target;
}

/*
 * pin_registry_list
 *		The tables in the registry, in the order of their registration: a List
 *		of OIDs.
 *
 * A table that is gone may be among them: normally the event trigger removes
 * it, but that can be disabled.
 */
List *
pin_registry_list(void)
{
	Relation	registry = pin_extension_open(REGISTRY, AccessShareLock);
	List	   *tables = NIL;
	List	   *targets = NIL;
	ListCell   *lc;

	foreach(lc, pin_rows_find(registry, InvalidOid, NULL, 0))
	{
		Registered *table = palloc(sizeof(Registered));
		Datum		values[NCOLUMNS];
		bool		nulls[NCOLUMNS];

		pin_row_read(registry, lfirst(lc), values, nulls, lengthof(values));
		table->at = DatumGetTimestampTz(values[COLUMN_REGISTERED_AT]);
		table->target = DatumGetObjectId(values[COLUMN_TARGET]);
		tables = lappend(tables, table);
	}
	table_close(registry, AccessShareLock);
	list_sort(tables, compare_registered);
	foreach(lc, tables)
		targets = lappend_oid(targets, ((Registered *) lfirst(lc))->target);
	return targets;
}

/*
 * pin_registry_relations
 *		All relations that the registry names: a List of OIDs.
 */
List *
pin_registry_relations(void)
{
	List	   *sources = pin_extension_oids(REGISTRY, COLUMN_SOURCE + 1);

	/* a table whose source is known to be gone has none */
	return list_concat_unique_oid(pin_extension_oids(REGISTRY, COLUMN_TARGET + 1),
								  list_delete_oid(sources, InvalidOid));
}

/*
 * relation_in(cstring) returns pinterest_internal.relation
 *
 * "-" for a name that does not exist.
 */
Datum
pinterest_relation_in(PG_FUNCTION_ARGS)
{
	char	   *name = PG_GETARG_CSTRING(0);
	RangeVar   *rv;

	if (strcmp(name, "-") == 0)
		PG_RETURN_OID(InvalidOid);
	rv = makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(name)));
	PG_RETURN_OID(RangeVarGetRelid(rv, NoLock, true));
}

/*
 * relation_out(pinterest_internal.relation) returns cstring
 *
 * Never the bare OID of a relation that is gone: elsewhere it could be that of
 * another one.
 */
Datum
pinterest_relation_out(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	char	   *name = OidIsValid(relid) ? get_rel_name(relid) : NULL;
	char	   *nspname = NULL;

	if (name != NULL)
		nspname = get_namespace_name(get_rel_namespace(relid));
	PG_RETURN_CSTRING(nspname != NULL ?
					  quote_qualified_identifier(nspname, name) : pstrdup("-"));
}
