/*-------------------------------------------------------------------------
 *
 * extension.c
 *	  The extension's own objects.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_foreign_data_wrapper.h"
#include "catalog/pg_index.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "executor/tuptable.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/extension.h"
#include "base/version.h"

/*
 * is_member
 *		Whether an object belongs to an extension.
 */
static bool
is_member(Oid classid, Oid objid, Oid extension)
{
	return OidIsValid(extension) &&
		getExtensionOfObject(classid, objid) == extension;
}

/*
 * find_member
 *		OID of a relation of the extension, or InvalidOid.
 *
 * It is known by its membership: what else bears the name of one of ours is not
 * to be trusted, and ours must be found if somebody has renamed its schema.
 */
static Oid
find_member(const char *name)
{
	Oid			extension = get_extension_oid("pinterest_fdw", true);
	Oid			nspoid = get_namespace_oid(PIN_INTERNAL_SCHEMA, true);
	Oid			relid = InvalidOid;
	Relation	depend;
	SysScanDesc scan;
	ScanKeyData keys[2];
	HeapTuple	tuple;

	if (OidIsValid(nspoid))
		relid = get_relname_relid(name, nspoid);
	if (OidIsValid(relid) && is_member(RelationRelationId, relid, extension))
		return relid;
	if (!OidIsValid(extension))
		return InvalidOid;

	relid = InvalidOid;
	depend = table_open(DependRelationId, AccessShareLock);
	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(ExtensionRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(extension));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL,
							  lengthof(keys), keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);
		char	   *relname;

		if (form->classid != RelationRelationId ||
			form->deptype != DEPENDENCY_EXTENSION)
			continue;
		relname = get_rel_name(form->objid);
		/* a view for users may have the name of the table that it shows */
		if (relname != NULL && strcmp(relname, name) == 0 &&
			get_rel_relkind(form->objid) != RELKIND_VIEW)
			relid = form->objid;
	}
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
	return relid;
}

/*
 * no_member
 *		Raises the error that a relation of the extension is not there.
 */
static void
no_member(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("table \"%s.%s\" of extension pinterest_fdw does not exist",
					PIN_INTERNAL_SCHEMA, name),
			 errhint("Run CREATE EXTENSION pinterest_fdw.")));
}

/*
 * pin_extension_relid
 *		OID of a relation of the extension.  Raises 42P01 if it is not there.
 */
Oid
pin_extension_relid(const char *name)
{
	Oid			relid = find_member(name);

	if (!OidIsValid(relid))
		no_member(name);
	return relid;
}

/*
 * pin_extension_open
 *		Opens a table of the extension, for table_close().
 *
 * Raises 42P01 if it is not there, be it that it is just being dropped.
 */
Relation
pin_extension_open(const char *name, LOCKMODE lockmode)
{
	Relation	rel = try_relation_open(pin_extension_relid(name), lockmode);

	if (rel == NULL)
		no_member(name);
	return rel;
}

/*
 * pin_is_our_wrapper
 *		Whether a foreign data wrapper is one of this extension.
 *
 * It is told by its handler, which has to be a member of the extension: names
 * of wrappers are the administrator's.
 */
bool
pin_is_our_wrapper(Oid fdwid)
{
	Oid			handler = GetForeignDataWrapper(fdwid)->fdwhandler;

	return OidIsValid(handler) &&
		getExtensionOfObject(ProcedureRelationId, handler) ==
		get_extension_oid("pinterest_fdw", false);
}

/*
 * The tables of the extension are read and written directly, and not through
 * SQL: whatever triggers, rules or policies somebody has put there do not
 * matter, no privilege is needed, and neither a statement nor its parameters
 * can be logged.  It is up to the caller to check whether the current user may
 * do what he is about to do.
 */

/*
 * pin_row_insert
 *		Inserts a row.  Raises 23505 if its key is there already, and 55000 if the
 *		table may have more columns than this library knows of.
 *
 * rel: opened with RowExclusiveLock, as below; values, nulls: of all columns.
 */
void
pin_row_insert(Relation rel, const Datum *values, const bool *nulls)
{
	pin_check_version();
	CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel),
											unconstify(Datum *, values),
											unconstify(bool *, nulls)));
	CommandCounterIncrement();
}

/*
 * pin_row_read
 *		The values of a row, in the arrays values and nulls of n columns each.
 *
 * The extension may be of another version than the library: columns that it does
 * not have yet are null, and those that this library does not know are left out.
 */
void
pin_row_read(Relation rel, HeapTuple tuple, Datum *values, bool *nulls, int n)
{
	int			natts = RelationGetDescr(rel)->natts;
	Datum	   *all_values = palloc(sizeof(Datum) * Max(n, natts));
	bool	   *all_nulls = palloc(sizeof(bool) * Max(n, natts));

	heap_deform_tuple(tuple, RelationGetDescr(rel), all_values, all_nulls);
	for (int i = natts; i < n; i++)
	{
		all_values[i] = (Datum) 0;
		all_nulls[i] = true;
	}
	memcpy(values, all_values, sizeof(Datum) * n);
	memcpy(nulls, all_nulls, sizeof(bool) * n);
	pfree(all_values);
	pfree(all_nulls);
}

/*
 * pin_row_lock
 *		Locks a row that a scan has found, to the end of the transaction.
 *
 * wait: whether to wait for who has it locked.  Returns its latest version,
 * palloc'ed; NULL if it is gone, or locked and not to be waited for.
 */
HeapTuple
pin_row_lock(Relation rel, HeapTuple tuple, bool wait)
{
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	ItemPointerData tid = tuple->t_self;
	TM_FailureData failure;
	HeapTuple	result = NULL;
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());

	if (table_tuple_lock(rel, &tid, snapshot, slot, GetCurrentCommandId(true),
						 LockTupleExclusive,
						 wait ? LockWaitBlock : LockWaitSkip,
						 TUPLE_LOCK_FLAG_FIND_LAST_VERSION, &failure) == TM_Ok)
		result = ExecCopySlotHeapTuple(slot);
	if (result != NULL)
		result->t_self = slot->tts_tid;
	UnregisterSnapshot(snapshot);
	ExecDropSingleTupleTableSlot(slot);
	return result;
}

/*
 * pin_row_update
 *		Puts other values in the place of a row that pin_row_lock() returned.
 *		Raises 55000 as pin_row_insert() does.
 */
void
pin_row_update(Relation rel, HeapTuple tuple, const Datum *values,
			   const bool *nulls)
{
	pin_check_version();
	CatalogTupleUpdate(rel, &tuple->t_self,
					   heap_form_tuple(RelationGetDescr(rel),
									   unconstify(Datum *, values),
									   unconstify(bool *, nulls)));
	CommandCounterIncrement();
}

/*
 * pin_row_delete
 *		Deletes a row that pin_row_lock() returned.
 */
void
pin_row_delete(Relation rel, HeapTuple tuple)
{
	CatalogTupleDelete(rel, &tuple->t_self);
	CommandCounterIncrement();
}

/*
 * pin_rows_find
 *		The rows whose columns have given values: a List of HeapTuple in the
 *		current memory context.
 *
 * keys: of the columns' numbers in the table, nkeys of them, 0: all rows.  index:
 * InvalidOid for none, which is as well for a small table.  It sees what has
 * been committed up to now, whatever the transaction's snapshot is.
 */
List *
pin_rows_find(Relation rel, Oid index, ScanKey keys, int nkeys)
{
	SysScanDesc scan = systable_beginscan(rel, index, OidIsValid(index), NULL,
										  nkeys, keys);
	List	   *rows = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		rows = lappend(rows, heap_copytuple(tuple));
	systable_endscan(scan);
	return rows;
}

/*
 * index_on
 *		An index of a table that begins with a column, by its number; InvalidOid
 *		if there is none.
 */
static Oid
index_on(Relation rel, AttrNumber attnum)
{
	Oid			result = InvalidOid;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID,
											ObjectIdGetDatum(lfirst_oid(lc)));
		Form_pg_index index;

		if (!HeapTupleIsValid(tuple))
			continue;
		index = (Form_pg_index) GETSTRUCT(tuple);
		if (index->indisvalid && index->indkey.values[0] == attnum)
			result = lfirst_oid(lc);
		ReleaseSysCache(tuple);
	}
	return result;
}

/*
 * pin_rows_with
 *		Likewise, the rows that have a value in one column, by its number.
 *
 * equal: the operator's function that compares it.  An index on the column is used
 * if there is one.
 */
List *
pin_rows_with(Relation rel, AttrNumber attnum, RegProcedure equal, Datum value)
{
	ScanKeyData key;

	ScanKeyInit(&key, attnum, BTEqualStrategyNumber, equal, value);
	return pin_rows_find(rel, index_on(rel, attnum), &key, 1);
}

/*
 * pin_extension_oids
 *		What is in a column of OIDs of a table of the extension, but nulls: a List
 *		of OIDs, each once.
 */
List *
pin_extension_oids(const char *name, AttrNumber attnum)
{
	Relation	rel = pin_extension_open(name, AccessShareLock);
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, pin_rows_find(rel, InvalidOid, NULL, 0))
	{
		bool		isnull;
		Datum		value = heap_getattr(lfirst(lc), attnum, RelationGetDescr(rel),
										 &isnull);

		if (!isnull)
			result = list_append_unique_oid(result, DatumGetObjectId(value));
	}
	table_close(rel, AccessShareLock);
	return result;
}
