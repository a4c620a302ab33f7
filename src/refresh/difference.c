/*-------------------------------------------------------------------------
 *
 * difference.c
 *	  How a target differs from a download.
 *
 * The target is read once, by a query like any other's, whatever kind of table it
 * is.  Each row meets its like among the fingerprints of the download.  So nothing
 * is joined or sorted but what is to be written.
 *
 * If there are more fingerprints than may be in memory, those of the target are
 * put aside with the keys, and meet those of the download in several passes.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/relation.h"
#include "refresh/difference.h"
#include "refresh/extent.h"
#include "refresh/sql.h"
#include "refresh/statement.h"

/* What becomes of a row of the download */
typedef enum Fate
{
	ROW_NEW,					/* all zero: the target has none like it */
	ROW_SAME,					/* it has the same */
	ROW_CHANGED					/* it has another one with the same key */
} Fate;

/* A row of the target */
typedef struct Row
{
	PinFingerprint print;
	bool		is_loaded;		/* it belongs to what was loaded */
	bool		is_kept;		/* it only stays as entities that are gone do */
	Datum	   *keys;			/* in the order of the source's key */
	bool	   *nulls;
} Row;

/* A comparison */
typedef struct Comparison
{
	PinRefresh *refresh;
	PinDifference *difference;
	MemoryContext row_context;
	char	   *fates;			/* Fate of each row of the download */
	TupleDesc	keydesc;		/* of keys */
	Tuplestorestate *gone;		/* keys of what the download lacks */
	Tuplestorestate *aside;		/* what is for later passes; NULL: nothing */
	TupleDesc	asidedesc;		/* of these: keys, and what follows */
	int64		first_outer;
	int64		last_outer;
	Row			row;
} Comparison;

/* What follows the keys in a row that is put aside */
enum
{
	ASIDE_KEY,
	ASIDE_IMAGE,
	ASIDE_LOADED,
	ASIDE_KEPT,
	NASIDE
};

/*
 * miss
 *		Notes a row of the target that the download lacks.
 */
static void
miss(Comparison *comparison, const Row *row)
{
	PinDifference *difference = comparison->difference;

	if (!row->is_loaded || row->is_kept)
		return;
	difference->total++;
	difference->gone++;
	for (int i = 0; i < comparison->keydesc->natts; i++)
		difference->null_gone = difference->null_gone || row->nulls[i];
	tuplestore_putvalues(comparison->gone, comparison->keydesc, row->keys,
						 row->nulls);
}

/*
 * meet
 *		Looks for a row of the target in the download.
 */
static void
meet(Comparison *comparison, const Row *row)
{
	PinDifference *difference = comparison->difference;
	const PinPrint *print = pin_prints_find(comparison->refresh->spool->prints,
											row->print);

	if (print == NULL)
	{
		miss(comparison, row);
		return;
	}
	difference->repeated = difference->repeated ||
		comparison->fates[print->row] != ROW_NEW;
	difference->matched++;
	if (row->is_loaded)
		difference->total++;
	if (print->print.image == row->print.image && !row->is_kept)
		comparison->fates[print->row] = ROW_SAME;
	else
	{
		comparison->fates[print->row] = ROW_CHANGED;
		difference->changed++;
	}
}

/*
 * put_aside
 *		Keeps a row of the target for the passes.
 */
static void
put_aside(Comparison *comparison, const Row *row)
{
	int			n = comparison->keydesc->natts;
	Datum	   *values = palloc(sizeof(Datum) * (n + NASIDE));
	bool	   *nulls = palloc0(sizeof(bool) * (n + NASIDE));

	memcpy(values, row->keys, sizeof(Datum) * n);
	values[n + ASIDE_KEY] = UInt64GetDatum(row->print.key);
	values[n + ASIDE_IMAGE] = UInt64GetDatum(row->print.image);
	values[n + ASIDE_LOADED] = BoolGetDatum(row->is_loaded);
	values[n + ASIDE_KEPT] = BoolGetDatum(row->is_kept);
	tuplestore_putvalues(comparison->aside, comparison->asidedesc, values, nulls);
}

/*
 * note_outer
 *		Notes a day outside of what was loaded.
 */
static void
note_outer(Comparison *comparison, int64 number)
{
	PinDifference *difference = comparison->difference;

	if (!difference->has_outer || number < comparison->first_outer)
		comparison->first_outer = number;
	if (!difference->has_outer || number > comparison->last_outer)
		comparison->last_outer = number;
	difference->has_outer = true;
}

/*
 * take_row
 *		Takes a row of scan_sql().
 */
static void
take_row(TupleTableSlot *slot, void *arg)
{
	Comparison *comparison = arg;
	const PinSourceTable *source = comparison->refresh->source;
	Row		   *row = &comparison->row;
	const Datum *values = slot->tts_values;
	const bool *nulls = slot->tts_isnull;
	MemoryContext oldcontext = MemoryContextSwitchTo(comparison->row_context);
	bool		whole;
	ListCell   *lc;

	comparison->difference->all++;
	row->is_loaded = !nulls[source->ncolumns] &&
		DatumGetBool(values[source->ncolumns]);
	row->is_kept = DatumGetBool(values[source->ncolumns + 1]);
	if (source->date >= 0 && !nulls[source->date] &&
		!nulls[source->ncolumns] && !row->is_loaded)
		note_outer(comparison, pin_date_number(comparison->refresh,
											   values[source->date]));
	foreach(lc, source->key)
	{
		row->keys[foreach_current_index(lc)] = values[lfirst_int(lc)];
		row->nulls[foreach_current_index(lc)] = nulls[lfirst_int(lc)];
	}
	whole = pin_printer_take(comparison->refresh->spool->printer, values, nulls,
							 &row->print);
	if (!whole)
		miss(comparison, row);
	else if (comparison->aside != NULL)
		put_aside(comparison, row);
	else
		meet(comparison, row);
	MemoryContextReset(comparison->row_context);
	MemoryContextSwitchTo(oldcontext);
}

/*
 * scan_sql
 *		The query for the rows of the target: the columns of the source, whether a
 *		row belongs to what was loaded, and whether it only stays as entities that
 *		are gone are kept.
 *
 * A refresh of a recent stretch only is spared all that is older, and one of a
 * batch of advertisers all others.
 */
static char *
scan_sql(const PinRefresh *refresh, bool whole)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	pin_append_columns(&sql, refresh, "t.");
	appendStringInfoString(&sql, ", ");
	pin_append_parts(&sql, refresh, "t.");
	appendStringInfoString(&sql, ", ");
	pin_append_kept(&sql, refresh);
	appendStringInfoString(&sql, " FROM " PIN_ONLY_TARGET " t");
	if (!whole && refresh->postponed != NIL)
	{
		appendStringInfoString(&sql, " WHERE ");
		pin_append_parts(&sql, refresh, "t.");
	}
	else if (!whole)
		appendStringInfo(&sql, " WHERE %s OPERATOR(pg_catalog.>=) " PIN_FIRST_DAY,
						 pin_date_sql(refresh, "t."));
	return sql.data;
}

/*
 * meet_aside
 *		Has the rows that were put aside meet those of the download, pass by pass.
 */
static void
meet_aside(Comparison *comparison)
{
	PinPrints  *prints = comparison->refresh->spool->prints;
	TupleTableSlot *slot = MakeSingleTupleTableSlot(comparison->asidedesc,
													&TTSOpsMinimalTuple);
	int			n = comparison->keydesc->natts;

	for (int pass = 0; pass < pin_prints_passes(prints); pass++)
	{
		pin_prints_load(prints, pass);
		tuplestore_rescan(comparison->aside);
		while (tuplestore_gettupleslot(comparison->aside, true, false, slot))
		{
			Row			row;

			CHECK_FOR_INTERRUPTS();
			slot_getallattrs(slot);
			row.keys = slot->tts_values;
			row.nulls = slot->tts_isnull;
			row.print.key = DatumGetUInt64(slot->tts_values[n + ASIDE_KEY]);
			row.print.image = DatumGetUInt64(slot->tts_values[n + ASIDE_IMAGE]);
			row.is_loaded = DatumGetBool(slot->tts_values[n + ASIDE_LOADED]);
			row.is_kept = DatumGetBool(slot->tts_values[n + ASIDE_KEPT]);
			if (pin_prints_pass_of(prints, row.print) == pass)
				meet(comparison, &row);
		}
	}
	ExecDropSingleTupleTableSlot(slot);
}

/*
 * make_descriptors
 *		Describes keys, and rows that are put aside.
 */
static void
make_descriptors(Comparison *comparison)
{
	const PinRefresh *refresh = comparison->refresh;
	int			n = list_length(refresh->source->key);
	TupleDesc	keydesc = CreateTemplateTupleDesc(n);
	TupleDesc	asidedesc = CreateTemplateTupleDesc(n + NASIDE);
	ListCell   *lc;

	foreach(lc, refresh->source->key)
	{
		int			i = foreach_current_index(lc) + 1;

		TupleDescCopyEntry(keydesc, i, refresh->tupdesc, lfirst_int(lc) + 1);
		TupleDescCopyEntry(asidedesc, i, refresh->tupdesc, lfirst_int(lc) + 1);
	}
	TupleDescInitEntry(asidedesc, n + ASIDE_KEY + 1, "key", INT8OID, -1, 0);
	TupleDescInitEntry(asidedesc, n + ASIDE_IMAGE + 1, "image", INT8OID, -1, 0);
	TupleDescInitEntry(asidedesc, n + ASIDE_LOADED + 1, "loaded", BOOLOID, -1, 0);
	TupleDescInitEntry(asidedesc, n + ASIDE_KEPT + 1, "kept", BOOLOID, -1, 0);
	pin_finish_tupdesc(keydesc);
	pin_finish_tupdesc(asidedesc);
	comparison->keydesc = keydesc;
	comparison->asidedesc = asidedesc;
}

/*
 * compare
 *		Compares all rows.
 */
static void
compare(Comparison *comparison)
{
	PinRefresh *refresh = comparison->refresh;
	PinDifference *difference = comparison->difference;
	PinPrints  *prints = refresh->spool->prints;
	int			nkeys = list_length(refresh->source->key);

	comparison->fates = MemoryContextAllocExtended(CurrentMemoryContext,
												   Max(refresh->spool->nrows, 1),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	make_descriptors(comparison);
	comparison->row.keys = palloc(sizeof(Datum) * nkeys);
	comparison->row.nulls = palloc(sizeof(bool) * nkeys);
	comparison->gone = tuplestore_begin_heap(false, false, work_mem);
	if (pin_prints_passes(prints) > 1)
		comparison->aside = tuplestore_begin_heap(false, false, work_mem);
	else
		pin_prints_load(prints, 0);
	pin_refresh_each(refresh, scan_sql(refresh, difference->whole), take_row,
					 comparison);
	if (comparison->aside != NULL)
	{
		meet_aside(comparison);
		tuplestore_end(comparison->aside);
	}
	difference->first_outer = pin_number_day(refresh, comparison->first_outer);
	difference->last_outer = pin_number_day(refresh, comparison->last_outer);
}

/*
 * register_rows
 *		Makes rows known to statements.
 */
static void
register_rows(const PinRows *rows)
{
	pin_register_rows(rows->name, rows->store, rows->tupdesc, rows->count);
}

/*
 * divide
 *		Puts rows of the download that have changed, and those that are new, where
 *		statements can have them.
 */
static void
divide(const Comparison *comparison)
{
	PinSpool   *spool = comparison->refresh->spool;
	PinDifference *difference = comparison->difference;
	TupleDesc	tupdesc = comparison->refresh->tupdesc;
	Tuplestorestate *changed = tuplestore_begin_heap(false, false, work_mem);
	Tuplestorestate *new = tuplestore_begin_heap(false, false, work_mem);
	bool		rest = difference->matched < spool->nrows &&
		difference->matched > 0;

	if (rest || difference->changed > 0)
	{
		pin_spool_rewind(spool);
		for (int64 row = 0; pin_spool_next(spool); row++)
		{
			if (comparison->fates[row] == ROW_CHANGED)
				tuplestore_puttupleslot(changed, spool->slot);
			else if (comparison->fates[row] == ROW_NEW && rest)
				tuplestore_puttupleslot(new, spool->slot);
		}
	}
	difference->stores[0] = comparison->gone;
	difference->stores[1] = changed;
	difference->stores[2] = new;
	difference->gone_rows = (PinRows) {
		PIN_GONE, comparison->gone, comparison->keydesc, difference->gone
	};
	difference->changed_rows = (PinRows) {
		PIN_CHANGED, changed, tupdesc, difference->changed
	};

	/* if that is all rows, they are not copied */
	difference->new_rows = (PinRows) {
		PIN_NEW, difference->matched > 0 ? new : spool->rows, tupdesc,
			spool->nrows - difference->matched
	};
	if (!comparison->refresh->distributed)
	{
		register_rows(&difference->gone_rows);
		register_rows(&difference->changed_rows);
		register_rows(&difference->new_rows);
	}
}

/*
 * is_verified
 *		Whether the rows that have changed really have their keys in common with
 *		those of the target.
 */
static bool
is_verified(const Comparison *comparison)
{
	StringInfoData sql;

	if (comparison->difference->changed == 0)
		return true;
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT pg_catalog.count(*) FROM " PIN_ONLY_TARGET
						   " t JOIN " PIN_ROWS " ON ");
	pin_append_join(&sql, comparison->refresh);
	appendStringInfoString(&sql, " WHERE ");
	pin_append_days(&sql, comparison->refresh, "t.");
	appendStringInfoString(&sql, PIN_AND_NEAR);
	return pin_rows_count(comparison->refresh, sql.data,
						  &comparison->difference->changed_rows) ==
		comparison->difference->changed;
}

/*
 * refuse_repeated
 *		Raises the error that several rows of the target have the same key, which a
 *		unique index would have kept away.
 */
static void
refuse_repeated(const PinRefresh *refresh)
{
	StringInfoData key;

	initStringInfo(&key);
	pin_append_key(&key, refresh, "");
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("table \"%s\" has several rows of the same key (%s)",
					refresh->name, key.data),
			 errdetail("It has partitions on other servers, so that no unique index keeps them away."),
			 errhint("Delete all but one of them, and let nobody else write to the table: SELECT %s FROM %s GROUP BY %s HAVING count(*) > 1;",
					 key.data, pin_relation_sql(refresh->result.target), key.data)));
}

/*
 * pin_difference_find
 *		Compares the target with the download, whose keys are all different, within
 *		an SPI connection.
 *
 * whole: look at the whole of the target.  Afterwards pin_rows_execute() takes the
 * rows of the difference.
 */
void
pin_difference_find(PinRefresh *refresh, PinDifference *difference)
{
	bool		whole = difference->whole;

	for (int attempt = 1;; attempt++)
	{
		Comparison	comparison = {
			.refresh = refresh,.difference = difference
		};

		memset(difference, 0, sizeof(PinDifference));
		difference->whole = whole;
		comparison.row_context = AllocSetContextCreate(CurrentMemoryContext,
													   "pinterest_fdw row",
													   ALLOCSET_DEFAULT_SIZES);
		compare(&comparison);
		divide(&comparison);
		MemoryContextDelete(comparison.row_context);
		if (!difference->repeated && is_verified(&comparison))
			return;
		if (difference->repeated && attempt > 1)
			refuse_repeated(refresh);

		/* two keys have the same hash, or two rows the same key */
		if (!refresh->distributed)
		{
			(void) SPI_unregister_relation(PIN_GONE);
			(void) SPI_unregister_relation(PIN_CHANGED);
			(void) SPI_unregister_relation(PIN_NEW);
		}
		pin_difference_end(difference);
		pin_spool_reseed(refresh->spool, attempt);
		(void) pin_spool_has_repeated(refresh->spool);
	}
}

/*
 * pin_difference_end
 *		Gives back what statements knew, none of which may follow, and closes its
 *		temporary files.
 *
 * After an error the end of the transaction does so.
 */
void
pin_difference_end(PinDifference *difference)
{
	for (int i = 0; i < (int) lengthof(difference->stores); i++)
	{
		if (difference->stores[i] != NULL)
			tuplestore_end(difference->stores[i]);
		difference->stores[i] = NULL;
	}
}
