/*-------------------------------------------------------------------------
 *
 * analyze.c
 *	  ANALYZE of foreign tables.
 *
 * Pinterest has no samples, so that all of a table is read once; which is what
 * the message of ANALYZE VERBOSE tells.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/sampling.h"

#include "fdw/analyze.h"
#include "http/http.h"
#include "option/column.h"
#include "option/settings.h"
#include "request/estimate.h"
#include "request/request.h"
#include "source/reader.h"

/* Bytes that a value takes, as far as there have to be pages */
#define VALUE_WIDTH 16

/*
 * acquire_sample
 *		Reads a table and picks random rows of it, by Vitter's algorithm.
 *
 * As core's own function of that kind: fills in rows, up to targrows of them,
 * and returns their number; *totalrows gets the number of all that there are.
 */
static int
acquire_sample(Relation rel, int elevel, HeapTuple *rows, int targrows,
			   double *totalrows, double *totaldeadrows)
{
	PinOptions *options = pin_get_options(RelationGetRelid(rel));
	List	   *attributes = pin_get_attributes(rel, options);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(rel),
													&TTSOpsHeapTuple);
	MemoryContext row_cxt = AllocSetContextCreate(CurrentMemoryContext,
												  "pinterest_fdw analyze",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = CurrentMemoryContext;
	ReservoirStateData reservoir;
	double		to_skip = -1;
	List	   *attnums = NIL;
	PinReader  *reader;
	PinUsage	usage;
	int			nrows = 0;
	ListCell   *lc;

	foreach(lc, attributes)
		attnums = lappend_int(attnums, ((PinAttribute *) lfirst(lc))->attnum);
	reader = pin_reader_create(rel, options, GetUserId(), attnums);
	pin_reader_start(reader,
					 pin_request_build(options, pin_reader_columns(reader), NIL,
									   NULL));
	reservoir_init_selection_state(&reservoir, targrows);
	*totalrows = 0;
	*totaldeadrows = 0;

	for (;;)
	{
		bool		found;
		int			place = -1;

		MemoryContextReset(row_cxt);
		MemoryContextSwitchTo(row_cxt);
		found = pin_reader_next(reader, slot);
		MemoryContextSwitchTo(old);
		if (!found)
			break;

		if (nrows < targrows)
			place = nrows++;
		else
		{
			if (to_skip < 0)
				to_skip = reservoir_get_next_S(&reservoir, *totalrows, targrows);
			if (to_skip-- <= 0)
			{
				place = (int) (targrows * sampler_random_fract(&reservoir.randstate));
				heap_freetuple(rows[place]);
			}
		}
		if (place >= 0)
			rows[place] = ExecCopySlotHeapTuple(slot);
		*totalrows += 1;
	}

	usage = pin_reader_usage(reader);
	pin_reader_stop(reader);
	ExecDropSingleTupleTableSlot(slot);
	MemoryContextDelete(row_cxt);
	ereport(elevel,
			(errmsg("\"%s\": read %.0f rows with " INT64_FORMAT " requests to Pinterest, " INT64_FORMAT " bytes; %d rows in sample",
					RelationGetRelationName(rel), *totalrows, usage.requests,
					usage.bytes, nrows)));
	return nrows;
}

/*
 * pinAnalyzeForeignTable
 *		Every table can be analyzed.
 */
bool
pinAnalyzeForeignTable(Relation rel, AcquireSampleRowsFunc *func,
					   BlockNumber *totalpages)
{
	PinOptions *options = pin_get_options(RelationGetRelid(rel));
	double		rows = pin_estimate_rows(options,
										 pin_request_build(options, NIL, NIL, NULL));

	/* there are none, but zero would mean an empty table */
	*totalpages = 1 + (BlockNumber) Min(rows * VALUE_WIDTH *
										RelationGetDescr(rel)->natts / BLCKSZ,
										MaxBlockNumber - 1.0);
	*func = acquire_sample;
	return true;
}
