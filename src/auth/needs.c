/*-------------------------------------------------------------------------
 *
 * needs.c
 *	  The scopes that the foreign tables of a server need.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"

#include "auth/needs.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/scope.h"

/*
 * pin_needs
 *		The foreign tables of a server that the current user may read, by name: a
 *		List of PinNeed, palloc'ed.
 */
List *
pin_needs(Oid serverid)
{
	static const char *const sql =
		"SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), p.option_value"
		" FROM pg_catalog.pg_foreign_table AS f"
		" JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) f.ftrelid"
		" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
		" CROSS JOIN pg_catalog.pg_options_to_table(f.ftoptions) AS p"
		" WHERE f.ftserver OPERATOR(pg_catalog.=) $1"
		" AND p.option_name OPERATOR(pg_catalog.=) 'resource'"
		" AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT') ORDER BY 1";
	MemoryContext context = CurrentMemoryContext;
	Oid			types[] = {OIDOID};
	Datum		values[] = {ObjectIdGetDatum(serverid)};
	List	   *result = NIL;

	SPI_connect();
	if (SPI_execute_with_args(sql, 1, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", sql);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		const PinResource *resource =
			pin_find_resource(SPI_getvalue(row, SPI_tuptable->tupdesc, 2));
		MemoryContext old = MemoryContextSwitchTo(context);
		PinNeed    *need = palloc(sizeof(PinNeed));

		need->table = SPI_getvalue(row, SPI_tuptable->tupdesc, 1);
		need->scopes = resource == NULL ? NIL : pin_split_words(resource->scopes);
		result = lappend(result, need);
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	return result;
}

/*
 * pin_needed_scopes
 *		The scopes that these tables need all together, and the one without which
 *		there is nothing to read: a List of char *, palloc'ed.
 */
List *
pin_needed_scopes(Oid serverid)
{
	List	   *result = list_make1(PIN_SCOPE);
	ListCell   *lc;

	foreach(lc, pin_needs(serverid))
		result = pin_scopes_add(result, ((PinNeed *) lfirst(lc))->scopes);
	return result;
}
