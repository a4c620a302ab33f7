/*-------------------------------------------------------------------------
 *
 * spool.c
 *	  The rows of a download, on disk.
 *
 * They are written once, as they come, and their fingerprints are taken then.
 * They are read again only if there is something to write into the target, and by
 * SQL then.
 *
 * Memory and temporary files outlast the transaction, see PinRefresh.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "refresh/spool.h"

/* So often other fingerprints are tried, one of which is enough in practice. */
#define MAX_ATTEMPTS 5

/*
 * pin_spool_create
 *		A spool without rows.
 *
 * context: a child of it gets everything.  tupdesc, key: must live as long.
 */
PinSpool *
pin_spool_create(MemoryContext context, TupleDesc tupdesc, PinKey *key)
{
	MemoryContext own = AllocSetContextCreate(context, "pinterest_fdw spool",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext oldcontext = MemoryContextSwitchTo(own);
	PinSpool   *spool = palloc0(sizeof(PinSpool));

	spool->context = own;
	spool->rows = tuplestore_begin_heap(false, true, work_mem);
	spool->printer = pin_printer_create(tupdesc, key);
	spool->prints = pin_prints_create(own);
	spool->key = key;
	spool->slot = MakeSingleTupleTableSlot(tupdesc, &TTSOpsMinimalTuple);
	spool->other = MakeSingleTupleTableSlot(tupdesc, &TTSOpsMinimalTuple);
	MemoryContextSwitchTo(oldcontext);
	return spool;
}

/*
 * pin_spool_free
 *		Gives all back, also after an error.
 */
void
pin_spool_free(PinSpool *spool)
{
	if (spool == NULL)
		return;
	pin_prints_free(spool->prints);
	tuplestore_end(spool->rows);
	MemoryContextDelete(spool->context);
}

/*
 * pin_spool_put
 *		Adds a row.  Returns false if there is a null in its key.
 *
 * values, nulls: of the columns of the source.  May leave something in the current
 * memory context.
 */
bool
pin_spool_put(PinSpool *spool, Datum *values, bool *nulls)
{
	PinFingerprint print;
	bool		whole = pin_printer_take(spool->printer, values, nulls, &print);

	if (whole)
		pin_prints_add(spool->prints, print, spool->nrows);
	tuplestore_putvalues(spool->rows, spool->slot->tts_tupleDescriptor, values,
						 nulls);
	spool->nrows++;
	return whole;
}

/*
 * pin_spool_rewind
 *		Begins to read the rows.
 */
void
pin_spool_rewind(PinSpool *spool)
{
	/* SQL has read them by others, and left the last of these selected */
	tuplestore_select_read_pointer(spool->rows, 0);
	tuplestore_rescan(spool->rows);
}

/*
 * read_row
 *		Reads the next row into a slot, which frees it, whoever reads the next one
 *		where.
 */
static bool
read_row(PinSpool *spool, TupleTableSlot *slot)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(spool->context);
	bool		found = tuplestore_gettupleslot(spool->rows, true, false, slot);

	MemoryContextSwitchTo(oldcontext);
	return found;
}

/*
 * pin_spool_next
 *		Puts the next row into spool->slot; false if there is none.
 */
bool
pin_spool_next(PinSpool *spool)
{
	CHECK_FOR_INTERRUPTS();
	return read_row(spool, spool->slot);
}

/*
 * pin_spool_reseed
 *		Takes other fingerprints of all rows, since these cannot tell them apart.
 *
 * attempt: how often that has happened.  Raises 0A000 if it does again and again,
 * as with a hash function of somebody's own that is none.
 */
void
pin_spool_reseed(PinSpool *spool, int attempt)
{
	MemoryContext context;
	MemoryContext oldcontext;

	if (attempt > MAX_ATTEMPTS)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot tell rows apart by the hash functions of their natural key"),
				 errhint("Use types of PostgreSQL's own for the columns of the natural key.")));
	context = AllocSetContextCreate(CurrentMemoryContext, "pinterest_fdw row",
									ALLOCSET_DEFAULT_SIZES);
	oldcontext = MemoryContextSwitchTo(context);
	pin_prints_free(spool->prints);
	spool->prints = pin_prints_create(spool->context);
	pin_printer_reseed(spool->printer);
	pin_spool_rewind(spool);
	for (int64 row = 0; pin_spool_next(spool); row++)
	{
		PinFingerprint print;

		slot_getallattrs(spool->slot);
		if (pin_printer_take(spool->printer, spool->slot->tts_values,
							 spool->slot->tts_isnull, &print))
			pin_prints_add(spool->prints, print, row);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(oldcontext);
	MemoryContextDelete(context);
}

/*
 * have_same_key
 *		Whether two rows have the same key, by their numbers, of which the first is
 *		the lower one.
 */
static bool
have_same_key(PinSpool *spool, int64 row, int64 other)
{
	pin_spool_rewind(spool);
	if (!tuplestore_skiptuples(spool->rows, row, true) ||
		!read_row(spool, spool->other) ||
		!tuplestore_skiptuples(spool->rows, other - row - 1, true) ||
		!read_row(spool, spool->slot))
		elog(ERROR, "row of a download is missing");
	return pin_key_equal(spool->key, spool->slot, spool->other);
}

/*
 * find_repeated
 *		Finds two rows with the same hash of the key.
 */
static bool
find_repeated(PinSpool *spool, int64 *row, int64 *other)
{
	for (int pass = 0; pass < pin_prints_passes(spool->prints); pass++)
	{
		pin_prints_load(spool->prints, pass);
		if (pin_prints_repeated(spool->prints, row, other))
			return true;
	}
	return false;
}

/*
 * pin_spool_has_repeated
 *		Whether several rows have the same key.  If not, their hashes of the key
 *		all differ from here on.
 */
bool
pin_spool_has_repeated(PinSpool *spool)
{
	int64		row;
	int64		other;

	for (int attempt = 1; find_repeated(spool, &row, &other); attempt++)
	{
		if (have_same_key(spool, row, other))
			return true;
		pin_spool_reseed(spool, attempt);
	}
	return false;
}
