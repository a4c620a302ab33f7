/*-------------------------------------------------------------------------
 *
 * registry.c
 *	  Knows which tables are materialized, and from where.
 *
 * The registry is the extension's table materialized_tables.  Users read it;
 * only the functions here write it, after checks of their callers and as its
 * owner.
 *
 * It names tables by a type of its own, pinterest.relation: an OID like
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
#include "utils/varlena.h"

#include "base/extension.h"
#include "refresh/registry.h"

PG_FUNCTION_INFO_V1(pinterest_relation_in);
PG_FUNCTION_INFO_V1(pinterest_relation_out);

/* Columns of the registry that are read here */
#define PIN_REGISTRY_TARGET		1
#define PIN_REGISTRY_SOURCE		2
#define PIN_REGISTRY_COLUMNS	3

/*
 * pin_registry_relid
 *		OID of the registry.
 */
Oid
pin_registry_relid(void)
{
	return pin_extension_relid("materialized_tables");
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
	Relation	registry = table_open(pin_registry_relid(), AccessShareLock);
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;
	bool		found;

	ScanKeyInit(&key, PIN_REGISTRY_TARGET, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(target));
	scan = systable_beginscan(registry, InvalidOid, false, NULL, 1, &key);
	tuple = systable_getnext(scan);
	found = HeapTupleIsValid(tuple);
	if (found)
	{
		TupleDesc	tupdesc = RelationGetDescr(registry);
		Datum	   *names;
		int			nnames;
		Datum		value;
		bool		isnull;

		value = heap_getattr(tuple, PIN_REGISTRY_SOURCE, tupdesc, &isnull);
		*source = DatumGetObjectId(value);
		value = heap_getattr(tuple, PIN_REGISTRY_COLUMNS, tupdesc, &isnull);
		deconstruct_array(DatumGetArrayTypeP(value), NAMEOID, NAMEDATALEN,
						  false, TYPALIGN_CHAR, &names, NULL, &nnames);
		*columns = NIL;
		for (int i = 0; i < nnames; i++)
			*columns = lappend(*columns, pstrdup(NameStr(*DatumGetName(names[i]))));
	}
	systable_endscan(scan);
	table_close(registry, AccessShareLock);
	return found;
}

/*
 * pin_registry_put
 *		Registers a table with its source, in place of what was known
 *		of it.
 *
 * The caller must have checked that the current user may do so.  Rows of tables
 * that are gone are removed on the way: normally the event trigger has done
 * that already, but it can be disabled.
 */
void
pin_registry_put(Oid target, const PinSourceTable *source)
{
	static const char *const prune =
		"DELETE FROM pinterest.materialized_tables m"
		" WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c"
		" WHERE c.oid OPERATOR(pg_catalog.=) m.target)";
	static const char *const put =
		"INSERT INTO pinterest.materialized_tables (target, source, columns)"
		" VALUES ($1, $2, $3)"
		" ON CONFLICT (target) DO UPDATE"
		" SET source = EXCLUDED.source, columns = EXCLUDED.columns";
	Oid			types[] = {OIDOID, OIDOID, NAMEARRAYOID};
	Datum		values[3];
	Datum	   *names = palloc(sizeof(Datum) * Max(source->ncolumns, 1));
	PinOwned	owned;

	for (int i = 0; i < source->ncolumns; i++)
		names[i] = DirectFunctionCall1(namein,
									   CStringGetDatum(source->columns[i].name));
	values[0] = ObjectIdGetDatum(target);
	values[1] = ObjectIdGetDatum(source->relid);
	values[2] = PointerGetDatum(construct_array(names, source->ncolumns,
												NAMEOID, NAMEDATALEN, false,
												TYPALIGN_CHAR));

	owned = pin_open_as_owner("materialized_tables");
	SPI_connect();
	if (SPI_execute(prune, false, 0) != SPI_OK_DELETE ||
		SPI_execute_with_args(put, lengthof(types), types, values, NULL,
							  false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not write the registry of materialized tables");
	SPI_finish();
	pin_close_as_owner(owned);
}

/*
 * pin_registry_list
 *		The tables in the registry, in the order of their
 *		registration: a List of OIDs.
 */
List *
pin_registry_list(void)
{
	static const char *const list =
		"SELECT CAST(m.target AS pg_catalog.oid)"
		" FROM pinterest.materialized_tables m, pg_catalog.pg_class c"
		" WHERE c.oid OPERATOR(pg_catalog.=) m.target"
		" ORDER BY m.registered_at, m.target";
	MemoryContext oldcontext = CurrentMemoryContext;
	List	   *targets = NIL;

	SPI_connect();
	if (SPI_execute(list, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the registry of materialized tables");
	MemoryContextSwitchTo(oldcontext);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;

		targets = lappend_oid(targets,
							  DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i],
															 SPI_tuptable->tupdesc,
															 1, &isnull)));
	}
	SPI_finish();
	return targets;
}

/*
 * relation_in(cstring) returns pinterest.relation
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
 * relation_out(pinterest.relation) returns cstring
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
