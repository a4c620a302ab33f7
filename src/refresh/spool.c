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
#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/tempfile.h"
#include "refresh/spool.h"

/* So often other fingerprints are tried, one of which is enough in practice. */
#define MAX_ATTEMPTS 5

/* Bytes to keep for what has to be written when the file of the rows is closed */
#define RESERVE (4 * BLCKSZ)

/* Those whose file could not be closed, the latest first */
static PinSpool *unclosed = NULL;

/*
 * close_rows
 *		Closes the file of the rows; returns false if that fails.  Not to be called
 *		while an error is being handled.
 *
 * What is in a buffer of the file still is written first.  A limit must not keep it
 * from that, nor a disk that is full of it; one that others have filled can.
 */
static bool
close_rows(PinSpool *spool)
{
	MemoryContext oldcontext = CurrentMemoryContext;
	int			limit = temp_file_limit;
	volatile bool closed = false;

	if (spool->reserve != PIN_NO_FILE)
		FileClose(spool->reserve);
	spool->reserve = PIN_NO_FILE;
	temp_file_limit = -1;
	PG_TRY();
	{
		tuplestore_end(spool->rows);
		closed = true;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(oldcontext);
		FlushErrorState();
	}
	PG_END_TRY();
	temp_file_limit = limit;
	return closed;
}

/*
 * close_others
 *		Closes the files that could not be closed before, as far as that works now.
 */
static void
close_others(void)
{
	PinSpool  **place = &unclosed;

	while (*place != NULL)
	{
		PinSpool   *spool = *place;

		if (close_rows(spool))
		{
			*place = spool->next;
			MemoryContextDelete(spool->context);
		}
		else
			place = &spool->next;
	}
}

/*
 * make_reserve
 *		Keeps room on the disk for closing the file of the rows.
 */
static void
make_reserve(PinSpool *spool)
{
	char	   *zeros = palloc0(RESERVE);

	spool->reserve = pin_file_create();
	pin_file_write(spool->reserve, 0, zeros, RESERVE);
	pfree(zeros);
}

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

	close_others();
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
 *		Gives all back, also after an error, but not while it is being handled.
 *
 * If the disk is so full that the file cannot even be closed, that is tried again
 * when the session begins with the next one.
 */
void
pin_spool_free(PinSpool *spool)
{
	if (spool == NULL)
		return;
	if (spool->prints != NULL)
		pin_prints_free(spool->prints);
	spool->prints = NULL;
	if (close_rows(spool))
	{
		MemoryContextDelete(spool->context);
		return;
	}
	MemoryContextSetParent(spool->context, TopMemoryContext);
	spool->next = unclosed;
	unclosed = spool;
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
	if (spool->reserve == PIN_NO_FILE && !tuplestore_in_memory(spool->rows))
		make_reserve(spool);
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
	spool->prints = NULL;		/* in case of an error: it must not be freed again */
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
