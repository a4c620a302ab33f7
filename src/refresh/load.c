/*-------------------------------------------------------------------------
 *
 * load.c
 *	  Loads rows straight into a table that nobody else knows yet.
 *
 * A table that the same transaction has created is nobody's to read, so that
 * nothing is won by having all rows before the first one is written.  They go into
 * it in batches, as those of COPY do, and its indexes are built afterwards.
 *
 * That passes by all that can be attached to a table, so there must be nothing:
 * whoever hooks into CREATE TABLE, as event triggers and other extensions do, can
 * have attached anything.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/subxact.h"
#include "refresh/load.h"

/* Rows and bytes of a batch, as COPY has them */
#define MAX_ROWS	1000
#define MAX_BYTES	65535

/* A load on its way */
struct PinLoad
{
	Relation	rel;
	const PinRefresh *refresh;
	AttrNumber *attnums;		/* of the target, for each column of the source */
	Datum	   *values;			/* a row of the target */
	bool	   *nulls;
	BulkInsertState bulk;
	CommandId	command;
	MemoryContext batch;		/* the rows of a batch */
	TupleTableSlot *slots[MAX_ROWS];
	int			nslots;			/* that are there */
	int			nrows;			/* in the batch */
	Size		nbytes;
};

/*
 * has_plain_columns
 *		Whether no column of a table is filled or checked by the executor, but for
 *		the key, which must not be null.
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

		if (att->attgenerated != '\0' || att->attidentity != '\0')
			return false;
		if (att->attnotnull && !att->attisdropped)
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
 * is_plain
 *		Whether rows can go straight into a table, which is locked.
 */
static bool
is_plain(const PinRefresh *refresh, Relation rel)
{
	const FormData_pg_class *form = rel->rd_rel;
	Oid			relid = RelationGetRelid(rel);

	return rel->rd_createSubid != InvalidSubTransactionId &&
		form->relkind == RELKIND_RELATION &&
		rel->rd_tableam == GetHeapamTableAmRoutine() &&
		!form->relhasrules && !form->relhastriggers && !form->relhassubclass &&
		!form->relispartition && !form->relrowsecurity &&
		rel->trigdesc == NULL && rel->rd_rules == NULL &&
		!RelationIsUsedAsCatalogTable(rel) &&
		has_plain_columns(refresh, rel) && has_plain_indexes(rel) &&
		rel->rd_refcnt == 1 && !AfterTriggerPendingOnRel(relid) &&
		RelationGetNumberOfBlocks(rel) == 0 &&
		ExecutorCheckPerms_hook == NULL &&
		pg_class_aclcheck(relid, refresh->owner, ACL_INSERT) == ACLCHECK_OK;
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
	}
}

/*
 * pin_load_begin
 *		Begins to load the target of a refresh, as its owner; NULL if rows cannot go
 *		straight into it.
 *
 * The result belongs to the refresh.  Nothing need be done about it after an
 * error.
 */
PinLoad *
pin_load_begin(const PinRefresh *refresh)
{
	MemoryContext oldcontext;
	Relation	rel;
	PinLoad    *load;

	/* nobody else can have a lock on a table of ours */
	if (!bms_is_empty(refresh->missing) || !refresh->is_created)
		return NULL;
	rel = try_relation_open(refresh->result.target, RowExclusiveLock);
	if (rel == NULL)
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
		table_multi_insert(load->rel, load->slots, load->nrows, load->command, 0,
						   load->bulk);
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
pin_load_put(PinLoad *load, const Datum *values, const bool *nulls)
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
	for (int i = 0; i < refresh->source->ncolumns; i++)
	{
		load->values[load->attnums[i] - 1] = values[i];
		load->nulls[load->attnums[i] - 1] = nulls[i];
	}
	if (load->nrows == load->nslots)
	{
		oldcontext = MemoryContextSwitchTo(refresh->context);
		load->slots[load->nslots++] = MakeSingleTupleTableSlot(tupdesc,
															   &TTSOpsHeapTuple);
		MemoryContextSwitchTo(oldcontext);
	}
	oldcontext = MemoryContextSwitchTo(load->batch);
	tuple = heap_form_tuple(tupdesc, load->values, load->nulls);
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
	table_finish_bulk_insert(load->rel, 0);
	for (int i = 0; i < load->nslots; i++)
		ExecDropSingleTupleTableSlot(load->slots[i]);
	MemoryContextDelete(load->batch);
	relation_close(load->rel, NoLock);
	CommandCounterIncrement();
}

/*
 * build_step
 *		Step: builds the indexes of a table.  arg: its OID.
 */
static void
build_step(void *arg)
{
	ReindexParams params = {0};

	(void) pin_reindex_relation(*(const Oid *) arg, &params);
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
