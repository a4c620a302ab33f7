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

#include "access/genam.h"
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
	ScanKeyData key;

	ScanKeyInit(&key, column + 1, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(value));
	return pin_rows_find(registry, pin_index_on(registry, column + 1), &key, 1);
}

/*
 * pin_registry_get
 *		Looks up a table in the registry.
 *
 * Returns whether it is there, its source, and the names of the columns that
 * it takes from there (palloc'd).  Reads past the caller's privileges on the
 * registry, and sees what has been committed meanwhile.
 */
bool
pin_registry_get(Oid target, Oid *source, List **columns)
{
	Relation	registry = pin_extension_open(REGISTRY, AccessShareLock);
	List	   *rows = find_rows(registry, COLUMN_TARGET, target);

	if (rows != NIL)
	{
		Datum		values[NCOLUMNS];
		bool		nulls[NCOLUMNS];
		Datum	   *names;
		int			nnames;

		heap_deform_tuple(linitial(rows), RelationGetDescr(registry), values, nulls);
		*source = DatumGetObjectId(values[COLUMN_SOURCE]);
		deconstruct_array(DatumGetArrayTypeP(values[COLUMN_COLUMNS]), NAMEOID,
						  NAMEDATALEN, false, TYPALIGN_CHAR, &names, NULL, &nnames);
		*columns = NIL;
		for (int i = 0; i < nnames; i++)
			*columns = lappend(*columns, pstrdup(NameStr(*DatumGetName(names[i]))));
	}
	table_close(registry, AccessShareLock);
	return rows != NIL;
}

/*
 * pin_registry_put
 *		Registers a table with its source, in place of what was known of it.
 *
 * The caller must have checked that the current user may do so, and have the
 * lock on the refresh of the table.
 */
void
pin_registry_put(Oid target, const PinSourceTable *source)
{
	Relation	registry = pin_extension_open(REGISTRY, RowExclusiveLock);
	List	   *rows = find_rows(registry, COLUMN_TARGET, target);
	HeapTuple	old = rows == NIL ? NULL : pin_row_lock(registry, linitial(rows), true);
	Datum	   *names = palloc(sizeof(Datum) * Max(source->ncolumns, 1));
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS] = {0};

	for (int i = 0; i < source->ncolumns; i++)
		names[i] = DirectFunctionCall1(namein,
									   CStringGetDatum(source->columns[i].name));
	if (old != NULL)
		heap_deform_tuple(old, RelationGetDescr(registry), values, nulls);
	else
		values[COLUMN_REGISTERED_AT] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[COLUMN_TARGET] = ObjectIdGetDatum(target);
	values[COLUMN_SOURCE] = ObjectIdGetDatum(source->relid);
	values[COLUMN_COLUMNS] = PointerGetDatum(construct_array(names, source->ncolumns,
															 NAMEOID, NAMEDATALEN,
															 false, TYPALIGN_CHAR));
	if (old != NULL)
		pin_row_update(registry, old, values, nulls);
	else
		pin_row_insert(registry, values, nulls);
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
	foreach(lc, find_rows(registry, COLUMN_SOURCE, relid))
	{
		HeapTuple	row = pin_row_lock(registry, lfirst(lc), true);
		Datum		values[NCOLUMNS];
		bool		nulls[NCOLUMNS];

		if (row == NULL)
			continue;
		heap_deform_tuple(row, RelationGetDescr(registry), values, nulls);
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

		heap_deform_tuple(lfirst(lc), RelationGetDescr(registry), values, nulls);
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
