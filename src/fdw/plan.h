/*-------------------------------------------------------------------------
 *
 * plan.h
 *	  What planning hands to the execution of a scan.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FDW_PLAN_H
#define PINTEREST_FDW_PLAN_H

#include "nodes/pathnodes.h"

/* Items of ForeignScan.fdw_private */
typedef enum PinScanPrivateIndex
{
	/* Numbers of the columns that the query uses, as an IntList */
	PinScanPrivateAttnums,

	/*
	 * Conditions that narrow what is asked for, see request/condition.h; the values that
	 * they compare with stand in fdw_exprs
	 */
	PinScanPrivateConditions,

	/* Rows that will do, as an Integer; 0: all are wanted */
	PinScanPrivateLimit,

	/*
	 * Number of the column of ids in whose order the rows are wanted, as an
	 * Integer, negative for the descending one; 0: in any order
	 */
	PinScanPrivateOrder,

	/* Whether synchronous analytics will do, as a Boolean */
	PinScanPrivateSynchronous
} PinScanPrivateIndex;

extern void pinGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel,
								 Oid foreigntableid);
extern void pinGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel,
							   Oid foreigntableid);
extern ForeignScan *pinGetForeignPlan(PlannerInfo *root, RelOptInfo *baserel,
									  Oid foreigntableid,
									  ForeignPath *best_path, List *tlist,
									  List *scan_clauses, Plan *outer_plan);

#endif							/* PINTEREST_FDW_PLAN_H */
