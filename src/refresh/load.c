/*-------------------------------------------------------------------------
 *
 * load.c
 *	  Loads rows straight into an empty table.
 *
 * Rows go into it in batches, as those of COPY do, and its indexes are built
 * afterwards.  Nobody sees any of that before it is committed.
 *
 * That passes by all that can be attached to a table, so there must be nothing:
 * whoever hooks into CREATE TABLE, as event triggers and other extensions do, can
 * have attached anything.
 *
 * Readers of the table have to wait while its indexes are built.  If one is there
 * already, it is not for us to wait for him: the rows are added to the indexes one
 * by one then.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/subxact.h"
#include "refresh/load.h"
#include "refresh/match.h"
#include "refresh/rows.h"

/* Rows and bytes of a batch, as COPY has them */
#define MAX_ROWS	1000
#define MAX_BYTES	65535

/*
 * An index of a large table is built by two processes in maintenance_work_mem, if
 * that has its default, in kB.  Where one process builds it, half of that is enough,
 * too, and a load of any size stays within 64 MB: sorting on disk what does not fit
 * takes hardly longer.
 */
#define DEFAULT_MEMORY	65536
#define HALF_OF_MEMORY	"32768"

/* A load on its way */
struct PinLoad
{
	Relation	rel;
	const PinRefresh *refresh;
	AttrNumber *attnums;		/* of the target, for each column of the source */
	bool		copies;			/* they are others than these */
	Datum	   *values;			/* a row of the target */
	bool	   *nulls;
	BulkInsertState bulk;
	CommandId	command;
	int			options;		/* of table_multi_insert() */
	MemoryContext batch;		/* the rows of a batch */
	TupleTableSlot *slots[MAX_ROWS];
	int			nslots;			/* that are there */
	int			nrows;			/* in the batch */
	Size		nbytes;
};

/*
 * is_loaded_column
 *		Whether a column of a table is one that the source has, too.
 */
static bool
is_loaded_column(const PinSourceTable *source, const char *name)
{
	for (int i = 0; i < source->ncolumns; i++)
	{
		if (strcmp(source->columns[i].name, name) == 0)
			return true;
	}
	return false;
}

/*
 * has_plain_columns
 *		Whether no column of a table is filled or checked by the executor, but for
 *		the key, which must not be null.
 *
 * A column that only the table has gets the default of its type, and a domain says
 * whether that may be null.
 */
static bool
has_plain_columns(const PinRefresh *refresh, Relation rel)
{
	TupleDesc	tupdesc = RelationGetDescr(rel);
	const TupleConstr *constr = tupdesc->constr;
	int			nnotnull = 0;

	if (constr != NULL &&
		(constr->num_defval > 0 || constr->num_check > 0 ||
		 constr->has_generated_stored || constr->missing != NULL))
		return false;
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);

		if (att->attisdropped)
			continue;
		if (att->attgenerated != '\0' || att->attidentity != '\0')
			return false;
		if (!is_loaded_column(refresh->source, NameStr(att->attname)) &&
			(get_typtype(att->atttypid) == TYPTYPE_DOMAIN ||
			 get_typdefault(att->atttypid) != NULL))
			return false;
		if (att->attnotnull)
			nnotnull++;
	}
	return nnotnull <= refresh->key->ncolumns;
}

/*
 * is_plain_index
 *		Whether an index can be built afterwards without anything else happening, by
 *		its row of pg_index.  A unique one is the primary key alone, whose failure is
 *		understood.
 */
static bool
is_plain_index(HeapTuple tuple)
{
	const FormData_pg_index *form = (Form_pg_index) GETSTRUCT(tuple);

	return form->indisvalid && !form->indisexclusion &&
		(!form->indisunique || form->indisprimary) &&
		heap_attisnull(tuple, Anum_pg_index_indexprs, NULL) &&
		heap_attisnull(tuple, Anum_pg_index_indpred, NULL);
}

/*
 * has_plain_indexes
 *		Whether all indexes of a table are such.
 */
static bool
has_plain_indexes(Relation rel)
{
	bool		plain = true;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID,
											ObjectIdGetDatum(lfirst_oid(lc)));

		plain = plain && HeapTupleIsValid(tuple) && is_plain_index(tuple);
		if (HeapTupleIsValid(tuple))
			ReleaseSysCache(tuple);
	}
	return plain && OidIsValid(rel->rd_pkindex);
}

/*
 * is_empty
 *		Whether a table, which nobody else can write to, has no rows.
 *
 * What is left of rows that are gone is in nobody's way.
 */
static bool
is_empty(Relation rel)
{
	Snapshot	snapshot;
	SysScanDesc scan;
	bool		empty;

	if (RelationGetNumberOfBlocks(rel) == 0)
		return true;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	scan = systable_beginscan(rel, InvalidOid, false, snapshot, 0, NULL);
	empty = systable_getnext(scan) == NULL;
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	return empty;
}

/*
 * is_plain
 *		Whether rows can go straight into a table, which is locked.
 */
static bool
is_plain(const PinRefresh *refresh, Relation rel)
{
	const FormData_pg_class *form = rel->rd_rel;
	Oid			relid = RelationGetRelid(rel);

	return form->relkind == RELKIND_RELATION &&
		rel->rd_tableam == GetHeapamTableAmRoutine() &&
		!form->relhasrules && !form->relhastriggers && !form->relhassubclass &&
		!form->relispartition && !form->relrowsecurity &&
		rel->trigdesc == NULL && rel->rd_rules == NULL &&
		!RelationIsUsedAsCatalogTable(rel) &&
		has_plain_columns(refresh, rel) && has_plain_indexes(rel) &&
		rel->rd_refcnt == 1 && !AfterTriggerPendingOnRel(relid) &&
		ExecutorCheckPerms_hook == NULL && !pin_is_distributed(relid) &&
		pg_class_aclcheck(relid, refresh->owner, ACL_INSERT) == ACLCHECK_OK &&
		is_empty(rel);
}

/*
 * find_columns
 *		Finds the columns of the source in the target.
 */
static void
find_columns(PinLoad *load)
{
	const PinSourceTable *source = load->refresh->source;
	TupleDesc	tupdesc = RelationGetDescr(load->rel);

	load->attnums = palloc(sizeof(AttrNumber) * Max(source->ncolumns, 1));
	load->values = palloc0(sizeof(Datum) * tupdesc->natts);
	load->nulls = palloc(sizeof(bool) * tupdesc->natts);
	memset(load->nulls, true, sizeof(bool) * tupdesc->natts);
	for (int i = 0; i < source->ncolumns; i++)
	{
		int			j = 0;

		while (TupleDescAttr(tupdesc, j)->attisdropped ||
			   strcmp(NameStr(TupleDescAttr(tupdesc, j)->attname),
					  source->columns[i].name) != 0)
			j++;
		load->attnums[i] = j + 1;
		load->copies = load->copies || j != i;
	}
	load->copies = load->copies || tupdesc->natts != source->ncolumns;
}

/*
 * open_target
 *		Opens the target, locked against other writers; NULL if it is gone, or
 *		somebody is just writing to it.
 *
 * A procedure has given the lock on the source back, which comes before that on
 * the target, see lock.c.  The table may have been altered since it was looked at.
 */
static Relation
open_target(PinRefresh *refresh)
{
	Oid			target = refresh->result.target;
	Relation	rel;

	if (!pin_hold_source(refresh->source->relid) ||
		!ConditionalLockRelationOid(target, ShareRowExclusiveLock))
		return NULL;
	rel = try_relation_open(target, NoLock);
	if (rel != NULL)
		pin_refresh_match(refresh, rel);
	return rel;
}

/*
 * pin_load_begin
 *		Begins to load the target of a refresh, as its owner; NULL if rows cannot go
 *		straight into it.
 *
 * Locks the target, and the source before, to the end of the transaction, whatever
 * the result.  That belongs to the refresh, and nothing need be done about it after
 * an error.  Raises 55000 if the target is no longer what it was.
 */
PinLoad *
pin_load_begin(PinRefresh *refresh)
{
	MemoryContext oldcontext;
	Relation	rel;
	PinLoad    *load;

	if (!bms_is_empty(refresh->missing) || (rel = open_target(refresh)) == NULL)
		return NULL;
	if (!is_plain(refresh, rel))
	{
		relation_close(rel, NoLock);
		return NULL;
	}

	oldcontext = MemoryContextSwitchTo(refresh->context);
	load = palloc0(sizeof(PinLoad));
	load->rel = rel;
	load->refresh = refresh;
	find_columns(load);
	load->bulk = GetBulkInsertState();
	load->command = GetCurrentCommandId(true);

	/*
	 * A table without pages has no room to look for.  Besides, rows that filled
	 * gaps in pages before would not be in the order in which they come, which
	 * most often is that of the key.
	 */
	if (RelationGetNumberOfBlocks(rel) == 0)
		load->options = TABLE_INSERT_SKIP_FSM;
	load->batch = AllocSetContextCreate(refresh->context, "pinterest_fdw batch",
										ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(oldcontext);
	return load;
}

/*
 * write_batch
 *		Writes the rows of the batch.
 */
static void
write_batch(PinLoad *load)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(load->batch);

	if (load->nrows > 0)
		table_multi_insert(load->rel, load->slots, load->nrows, load->command,
						   load->options, load->bulk);
	for (int i = 0; i < load->nrows; i++)
		ExecClearTuple(load->slots[i]);
	MemoryContextSwitchTo(oldcontext);
	MemoryContextReset(load->batch);
	load->nrows = 0;
	load->nbytes = 0;
}

/*
 * pin_load_put
 *		Adds a row.  Returns false, and does not, if there is a null in its key.
 *
 * values, nulls: of the columns of the source.
 */
bool
pin_load_put(PinLoad *load, Datum *values, bool *nulls)
{
	const PinRefresh *refresh = load->refresh;
	TupleDesc	tupdesc = RelationGetDescr(load->rel);
	MemoryContext oldcontext;
	HeapTuple	tuple;

	for (int i = 0; i < refresh->key->ncolumns; i++)
	{
		if (nulls[refresh->key->columns[i].place])
			return false;
	}
	if (load->copies)
	{
		for (int i = 0; i < refresh->source->ncolumns; i++)
		{
			load->values[load->attnums[i] - 1] = values[i];
			load->nulls[load->attnums[i] - 1] = nulls[i];
		}
		values = load->values;
		nulls = load->nulls;
	}
	if (load->nrows == load->nslots)
	{
		oldcontext = MemoryContextSwitchTo(refresh->context);
		load->slots[load->nslots++] = MakeSingleTupleTableSlot(tupdesc,
															   &TTSOpsHeapTuple);
		MemoryContextSwitchTo(oldcontext);
	}
	oldcontext = MemoryContextSwitchTo(load->batch);
	tuple = heap_form_tuple(tupdesc, values, nulls);
	MemoryContextSwitchTo(oldcontext);
	load->nbytes += tuple->t_len;

	/* not to be copied, it has to be the slot's */
	(void) ExecStoreHeapTuple(tuple, load->slots[load->nrows++], true);
	if (load->nrows == MAX_ROWS || load->nbytes > MAX_BYTES)
		write_batch(load);
	return true;
}

/*
 * pin_load_end
 *		Writes what is left, and ends the load.
 *
 * The indexes of the target are empty still.
 */
void
pin_load_end(PinLoad *load)
{
	write_batch(load);
	FreeBulkInsertState(load->bulk);
	table_finish_bulk_insert(load->rel, load->options);
	for (int i = 0; i < load->nslots; i++)
		ExecDropSingleTupleTableSlot(load->slots[i]);
	MemoryContextDelete(load->batch);
	relation_close(load->rel, NoLock);
	CommandCounterIncrement();
}

/*
 * lock_indexes
 *		Locks indexes against everybody, if nobody has one of them locked; else
 *		returns false.
 */
static bool
lock_indexes(const List *indexes)
{
	for (int i = 0; i < list_length(indexes); i++)
	{
		if (ConditionalLockRelationOid(list_nth_oid(indexes, i), AccessExclusiveLock))
			continue;
		while (--i >= 0)
			UnlockRelationOid(list_nth_oid(indexes, i), AccessExclusiveLock);
		return false;
	}
	return true;
}

/*
 * fill_index
 *		Adds all rows of a table to an index, one by one.
 */
static void
fill_index(Relation rel, Oid indexid)
{
	Relation	index = index_open(indexid, RowExclusiveLock);
	IndexInfo  *info = BuildIndexInfo(index);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(rel),
													&TTSOpsHeapTuple);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false,
										  GetActiveSnapshot(), 0, NULL);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "pinterest_fdw row",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext oldcontext = MemoryContextSwitchTo(context);
	HeapTuple	tuple;

	while ((tuple = systable_getnext(scan)) != NULL)
	{
		Datum		values[INDEX_MAX_KEYS];
		bool		nulls[INDEX_MAX_KEYS];

		CHECK_FOR_INTERRUPTS();
		ExecStoreHeapTuple(tuple, slot, false);
		FormIndexDatum(info, slot, NULL, values, nulls);
		(void) index_insert(index, values, nulls, &tuple->t_self, rel,
							info->ii_Unique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO,
							false, info);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(oldcontext);
	MemoryContextDelete(context);
	systable_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	pin_index_insert_cleanup(index, info);
	index_close(index, NoLock);
}

/*
 * build_step
 *		Step: builds the indexes of a table.  arg: its OID.
 */
static void
build_step(void *arg)
{
	Oid			target = *(const Oid *) arg;
	Relation	rel = relation_open(target, NoLock);
	List	   *indexes = RelationGetIndexList(rel);
	ReindexParams params = {0};
	int			nestlevel = NewGUCNestLevel();
	ListCell   *lc;

	if (maintenance_work_mem == DEFAULT_MEMORY && max_parallel_maintenance_workers == 0)
		(void) set_config_option("maintenance_work_mem", HALF_OF_MEMORY,
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								 true, 0, false);
	PushActiveSnapshot(GetLatestSnapshot());
	if (lock_indexes(indexes))
	{
		relation_close(rel, NoLock);
		(void) pin_reindex_relation(target, &params);
	}
	else
	{
		foreach(lc, indexes)
			fill_index(rel, lfirst_oid(lc));
		relation_close(rel, NoLock);
	}
	PopActiveSnapshot();
	AtEOXact_GUC(true, nestlevel);
	CommandCounterIncrement();
}

/*
 * pin_load_build_indexes
 *		Builds the indexes of the target, which has been loaded.  Returns false if
 *		it has several rows of a key.
 */
bool
pin_load_build_indexes(const PinRefresh *refresh)
{
	Oid			target = refresh->result.target;
	ErrorData  *error = pin_try(build_step, &target);

	if (error == NULL)
		return true;
	if (error->sqlerrcode != ERRCODE_UNIQUE_VIOLATION)
		ReThrowError(error);
	return false;
}
