/*-------------------------------------------------------------------------
 *
 * scan.h
 *	  State of a scan, for those who show it.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FDW_SCAN_H
#define PINTEREST_FDW_SCAN_H

#include "nodes/execnodes.h"
#include "portability/instr_time.h"

#include "fdw/statement.h"
#include "option/settings.h"
#include "request/condition.h"
#include "request/request.h"
#include "source/reader.h"

typedef struct PinScan
{
	PinOptions *options;
	PinReader  *reader;
	TupleDesc	desc;			/* of the table */
	Index		relid;			/* its number in the range table */
	List	   *conditions;		/* see request/condition.h */
	List	   *exprs;			/* ExprState *: what they compare with */
	PinValue   *values;			/* of these */
	int			limit;			/* rows that will do; 0: all are wanted */
	double		first_share;	/* of its reports that may do; 0: all are wanted */
	int			order;			/* number of the column that they are wanted in
								 * the order of; negative: descending; 0: any */
	bool		has_last;		/* whether there is a row before, and its id */
	int64		last_id;

	struct PinStatement *statement; /* NULL if this is only explained */
	bool		synchronous;	/* no report is needed, if it can be answered */

	bool		started;		/* since the last rescan */
	bool		begun;			/* a row has been asked for since then */
	Bitmapset  *changing;		/* parameters that rescans came with */
	double		spent;			/* what was asked so far, as the planner's cost */
	bool		asks_for_all;	/* whatever these parameters are */
	PinRequest *request;		/* that is carried out; NULL: none yet */
	MemoryContext request_cxt;

	/* of a scan that may begin anew: the rows so far, and a slot for them */
	bool		keeps_rows;
	struct Tuplestorestate *store;
	TupleTableSlot *stored;

	/* with EXPLAIN (ANALYZE, TIMING) */
	instr_time	total;			/* spent here */
	instr_time	waited;			/* the part of it that was waiting */
} PinScan;

extern void pinBeginForeignScan(ForeignScanState *node, int eflags);
extern TupleTableSlot *pinIterateForeignScan(ForeignScanState *node);
extern void pinReScanForeignScan(ForeignScanState *node);
extern void pinEndForeignScan(ForeignScanState *node);
extern PinRequest *pin_scan_request(PinScan *scan, ExprContext *econtext,
									bool (*skip) (Node *node, void *context),
									void *context);

#endif							/* PINTEREST_FDW_SCAN_H */
