/*-------------------------------------------------------------------------
 *
 * plan.c
 *	  Planning of scans.  Nothing here talks to Pinterest.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "nodes/makefuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"

#include "plan.h"
#include "qual.h"

/*
 * What a scan costs before its first row, in units of a sequential page read.
 * A list takes a fraction of a second, a report seconds to minutes; so the
 * planner had better not repeat either for each row of an outer relation.  Both
 * stay below the default of jit_above_cost, since waiting is not computing.
 */
#define LIST_STARTUP_COST	1000.0
#define REPORT_STARTUP_COST 50000.0

/* Entities of an account, as long as nothing better is known */
#define DEFAULT_ENTITIES	100

/* State of planning, in RelOptInfo.fdw_private */
typedef struct PinRelInfo
{
	PinOptions *options;
	List	   *attnums;		/* of the columns that the query uses */
	List	   *exprs;			/* of the conditions that narrow the request */
	List	   *conditions;
} PinRelInfo;

/*
 * used_attributes
 *		Numbers of the columns that a query uses.
 */
static List *
used_attributes(RelOptInfo *baserel, List *attributes)
{
	Bitmapset  *used = NULL;
	List	   *attnums = NIL;
	ListCell   *lc;

	pull_varattnos((Node *) baserel->reltarget->exprs, baserel->relid, &used);
	foreach(lc, baserel->baserestrictinfo)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, lc)->clause,
					   baserel->relid, &used);
	foreach(lc, attributes)
	{
		PinAttribute *attribute = lfirst(lc);

		if (bms_is_member(attribute->attnum - FirstLowInvalidHeapAttributeNumber, used) ||
			bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used))
			attnums = lappend_int(attnums, attribute->attnum);
	}
	return attnums;
}

/*
 * pinGetForeignRelSize
 *		Finds what the query needs of a table and guesses its size.
 */
void
pinGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel, Oid foreigntableid)
{
	PinRelInfo *info = palloc0(sizeof(PinRelInfo));
	Relation	rel = table_open(foreigntableid, NoLock);
	List	   *attributes;
	ListCell   *lc;
	double		tuples = DEFAULT_ENTITIES;

	info->options = pin_get_options(foreigntableid);
	attributes = pin_get_attributes(rel, info->options->resource);
	info->attnums = used_attributes(baserel, attributes);
	foreach(lc, attributes)
	{
		PinAttribute *attribute = lfirst(lc);
		Form_pg_attribute attr =
			TupleDescAttr(RelationGetDescr(rel), attribute->attnum - 1);

		if (attribute->column != NULL &&
			(attribute->column->source == PIN_FROM_DATE ||
			 attribute->column->source == PIN_FROM_ADVERTISER))
			pin_collect_conditions(root, baserel, attribute->attnum,
								   attr->atttypid, attribute->column->source,
								   &info->exprs, &info->conditions);
	}
	table_close(rel, NoLock);

	if (info->options->resource->kind == PIN_REPORT)
	{
		DateADT		today = pin_today();

		tuples *= today - pin_history_start(info->options, today) + 1;
	}
	tuples *= Max(list_length(info->options->advertiser_ids), 1);

	/* never analyzed: our guess stands for the size */
	if (baserel->tuples <= 0)
		baserel->tuples = tuples;
	baserel->rows = clamp_row_est(baserel->tuples *
								  clauselist_selectivity(root,
														 baserel->baserestrictinfo,
														 0, JOIN_INNER, NULL));
	baserel->fdw_private = info;
}

/*
 * pinGetForeignPaths
 *		The one way to scan: ask for all that is needed, then check locally.
 */
void
pinGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel, Oid foreigntableid)
{
	PinRelInfo *info = baserel->fdw_private;
	Cost		startup = info->options->resource->kind == PIN_REPORT ?
		REPORT_STARTUP_COST : LIST_STARTUP_COST;
	Cost		per_row = cpu_tuple_cost + baserel->baserestrictcost.per_tuple;

	/* what is read of Pinterest's JSON is parsed column by column */
	per_row += cpu_operator_cost * list_length(info->attnums);
	add_path(baserel, (Path *)
			 pin_create_foreignscan_path(root, baserel, baserel->rows, startup,
										 startup + per_row * baserel->tuples,
										 baserel->lateral_relids, NIL));
}

/*
 * pinGetForeignPlan
 *		Makes the plan node.
 *
 * All conditions are checked locally, whether or not they narrow what is
 * asked for: that costs nothing beside a request, and the result does not
 * depend on how Pinterest understands them.
 */
ForeignScan *
pinGetForeignPlan(PlannerInfo *root, RelOptInfo *baserel, Oid foreigntableid,
				  ForeignPath *best_path, List *tlist, List *scan_clauses,
				  Plan *outer_plan)
{
	PinRelInfo *info = baserel->fdw_private;

	return make_foreignscan(tlist,
							extract_actual_clauses(scan_clauses, false),
							baserel->relid,
							info->exprs,
							list_make2(info->attnums, info->conditions),
							NIL, NIL, outer_plan);
}
