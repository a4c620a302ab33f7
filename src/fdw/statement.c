/*-------------------------------------------------------------------------
 *
 * statement.c
 *	  The scans of a statement: what they share, and which surely run.
 *
 * A report takes minutes to be prepared, however small it is.  So a statement
 * that reads several had better ask for all of them before it waits for the
 * first.  The executor does not tell a scan about the others; therefore each
 * registers itself with its statement, and when the first row of any of them
 * is wanted, the plan tells which of the others will run anyway.
 *
 * The scans of a statement that ask the same server as the same user share a
 * channel, so that the option max_connections holds for all of them together;
 * and all channels of a statement move on together.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/ilist.h"
#include "miscadmin.h"
#include "nodes/plannodes.h"

#include "api/session.h"
#include "base/compat.h"
#include "fdw/statement.h"

/* A channel and whose it is */
typedef struct OwnedChannel
{
	Oid			serverid;
	Oid			userid;
	PinChannel	channel;
} OwnedChannel;

struct PinStatement
{
	dlist_node	node;			/* in "statements" */
	EState	   *estate;
	MemoryContext cxt;			/* that of the query, which owns all this */
	List	   *scans;			/* ForeignScanState * */
	dlist_head	channels;		/* of OwnedChannel */
	bool		begun;			/* the first row of one of them was wanted */
};

/* What the walk through a plan carries along */
typedef struct SureScans
{
	const PinStatement *statement;
	List	   *found;			/* ForeignScanState *, in the plan's order */
} SureScans;

/* Those of this backend that have scans, be they nested or interleaved */
static dlist_head statements = DLIST_STATIC_INIT(statements);

static void find_sure(Plan *plan, bool stoppable, SureScans *sure);

/*
 * forget_statement
 *		Memory context callback: the statement ends.
 */
static void
forget_statement(void *arg)
{
	dlist_delete(&((PinStatement *) arg)->node);
}

/*
 * pin_statement_add
 *		Registers a scan with its statement, which is returned.
 *
 * The statement lives as long as the memory context of the query.
 */
PinStatement *
pin_statement_add(ForeignScanState *node)
{
	EState	   *estate = node->ss.ps.state;
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	PinStatement *statement = NULL;
	dlist_iter	iter;

	dlist_foreach(iter, &statements)
	{
		PinStatement *other = dlist_container(PinStatement, node, iter.cur);

		if (other->estate == estate)
			statement = other;
	}
	if (statement == NULL)
	{
		MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));

		statement = palloc0(sizeof(PinStatement));
		statement->estate = estate;
		statement->cxt = CurrentMemoryContext;
		dlist_init(&statement->channels);
		dlist_push_tail(&statements, &statement->node);
		callback->func = forget_statement;
		callback->arg = statement;
		MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	}
	statement->scans = lappend(statement->scans, node);
	MemoryContextSwitchTo(old);
	return statement;
}

/*
 * pin_statement_remove
 *		A scan has ended.
 */
void
pin_statement_remove(PinStatement *statement, ForeignScanState *node)
{
	statement->scans = list_delete_ptr(statement->scans, node);
}

/*
 * pin_statement_channel
 *		What the statement's scans of that server and user share.
 */
PinChannel *
pin_statement_channel(PinStatement *statement, Oid serverid, Oid userid)
{
	OwnedChannel *owned;
	dlist_iter	iter;

	dlist_foreach(iter, &statement->channels)
	{
		owned = dlist_container(OwnedChannel, channel.node, iter.cur);
		if (owned->serverid == serverid && owned->userid == userid)
			return &owned->channel;
	}
	owned = MemoryContextAllocZero(statement->cxt, sizeof(OwnedChannel));
	owned->serverid = serverid;
	owned->userid = userid;
	pin_channel_init(&owned->channel, &statement->channels);
	return &owned->channel;
}

/*
 * find_in_list
 *		Looks for scans in the plans of a node with many children.
 *
 * pruning: may leave some of them out, perhaps only while the node is executed;
 * NULL: none.  in_turn: the node reads one after the other, so that only the
 * first is sure to be begun if it may be stopped.
 */
static void
find_in_list(List *plans, PartitionPruneInfo *pruning, bool in_turn,
			 bool stoppable, SureScans *sure)
{
	ListCell   *lc;

	if (pruning != NULL)
	{
		ListCell   *lc2;

		foreach(lc, pruning->prune_infos)
		{
			foreach(lc2, (List *) lfirst(lc))
			{
				PartitionedRelPruneInfo *info = lfirst(lc2);

				if (info->exec_pruning_steps != NIL)
					return;
			}
		}
	}
	foreach(lc, plans)
	{
		find_sure(lfirst(lc), stoppable, sure);
		if (in_turn && stoppable)
			break;
	}
}

/*
 * find_scan
 *		Takes down a scan, if it has been begun and not been pruned.
 */
static void
find_scan(Plan *plan, SureScans *sure)
{
	ListCell   *lc;

	foreach(lc, sure->statement->scans)
	{
		ForeignScanState *node = lfirst(lc);

		if (node->ss.ps.plan == plan)
			sure->found = list_append_unique_ptr(sure->found, node);
	}
}

/*
 * find_sure
 *		Looks for the scans below a plan node that will be executed if the node
 *		is.
 *
 * stoppable: who reads from the node may stop before its end.  Of a join both
 * sides count, although one of them would not be read if the other turned out
 * to be empty.  Nodes that are not known here keep their secrets.
 */
static void
find_sure(Plan *plan, bool stoppable, SureScans *sure)
{
	if (plan == NULL)
		return;
	check_stack_depth();

	switch (nodeTag(plan))
	{
		case T_ForeignScan:
			find_scan(plan, sure);
			break;
		case T_Append:
			find_in_list(((Append *) plan)->appendplans,
						 pin_append_pruning(sure->statement->estate,
											(Append *) plan),
						 true, stoppable, sure);
			break;
		case T_MergeAppend:
			/* has to begin all of them to find its first row */
			find_in_list(((MergeAppend *) plan)->mergeplans,
						 pin_append_pruning(sure->statement->estate,
											(MergeAppend *) plan),
						 false, stoppable, sure);
			break;
		case T_SubqueryScan:
			find_sure(((SubqueryScan *) plan)->subplan, stoppable, sure);
			break;
		case T_CteScan:
			find_sure(list_nth(sure->statement->estate->es_plannedstmt->subplans,
							   ((CteScan *) plan)->ctePlanId - 1),
					  stoppable, sure);
			break;
		case T_Result:
			/* a condition may keep it from reading anything */
			if (((Result *) plan)->resconstantqual == NULL)
				find_sure(outerPlan(plan), stoppable, sure);
			break;
		case T_Limit:
			find_sure(outerPlan(plan), true, sure);
			break;
		case T_Sort:
		case T_Hash:
			/* reads all before it returns anything */
			find_sure(outerPlan(plan), false, sure);
			break;
		case T_Agg:
			find_sure(outerPlan(plan),
					  stoppable && ((Agg *) plan)->aggstrategy != AGG_PLAIN &&
					  ((Agg *) plan)->aggstrategy != AGG_HASHED, sure);
			break;
		case T_HashJoin:
		case T_MergeJoin:
		case T_NestLoop:
		case T_SetOp:
			find_sure(outerPlan(plan), stoppable, sure);
			find_sure(innerPlan(plan), stoppable, sure);
			break;
		case T_RecursiveUnion:
			find_sure(outerPlan(plan), stoppable, sure);
			break;
		case T_ModifyTable:
		case T_LockRows:
		case T_ProjectSet:
		case T_IncrementalSort:
		case T_Material:
		case T_Group:
		case T_WindowAgg:
		case T_Unique:
		case T_Gather:
		case T_GatherMerge:
			find_sure(outerPlan(plan), stoppable, sure);
			break;
		default:
			break;
	}
}

/* What a search for the LIMIT above a scan carries along */
typedef struct LimitSearch
{
	const PlannedStmt *stmt;
	const Plan *scan;
	double		rows;			/* of the LIMIT; 0: there is none */
} LimitSearch;

static bool find_limit(Plan *plan, double limit, LimitSearch *search);

/*
 * limited_rows
 *		How many rows of what is below a LIMIT will do; 1 if only execution tells.
 *
 * limit: of what is above it.
 */
static double
limited_rows(const Limit *plan, double limit)
{
	const Const *count = (const Const *) plan->limitCount;
	const Const *offset = (const Const *) plan->limitOffset;
	double		rows = 0;

	if (count == NULL || (IsA(count, Const) && count->constisnull) ||
		plan->limitOption != LIMIT_OPTION_COUNT)
		return limit;
	if (!IsA(count, Const) || (offset != NULL && !IsA(offset, Const)))
		return 1;
	rows = (double) DatumGetInt64(count->constvalue);
	if (offset != NULL && !offset->constisnull)
		rows += (double) DatumGetInt64(offset->constvalue);
	return Max(rows, 1);
}

/*
 * find_limit_in_list
 *		find_limit() in any of some plans.
 */
static bool
find_limit_in_list(List *plans, double limit, LimitSearch *search)
{
	ListCell   *lc;

	foreach(lc, plans)
	{
		if (find_limit(lfirst(lc), limit, search))
			return true;
	}
	return false;
}

/*
 * find_limit
 *		Looks for a scan below a plan node; whether it is there.
 *
 * limit: how many rows of the node will do; 0: all are wanted.  Nodes that hand on
 * each row as it comes leave that to what is below them; others, and those that
 * are not known here, want all rows of it.
 */
static bool
find_limit(Plan *plan, double limit, LimitSearch *search)
{
	double		outer = 0;
	ListCell   *lc;

	if (plan == NULL)
		return false;
	check_stack_depth();

	/* EXISTS wants one row */
	foreach(lc, plan->initPlan)
	{
		SubPlan    *subplan = lfirst_node(SubPlan, lc);

		if (find_limit(list_nth(search->stmt->subplans, subplan->plan_id - 1),
					   subplan->subLinkType == EXISTS_SUBLINK ? 1 : 0, search))
			return true;
	}

	switch (nodeTag(plan))
	{
		case T_ForeignScan:
			if (plan != search->scan)
				break;
			search->rows = limit;
			return true;
		case T_Append:
			return find_limit_in_list(((Append *) plan)->appendplans, limit, search);
		case T_MergeAppend:
			return find_limit_in_list(((MergeAppend *) plan)->mergeplans, 0, search);
		case T_SubqueryScan:
			return find_limit(((SubqueryScan *) plan)->subplan, limit, search);
		case T_Limit:
			outer = limited_rows((Limit *) plan, limit);
			break;
		case T_Result:
		case T_ProjectSet:
		case T_LockRows:
		case T_NestLoop:
		case T_HashJoin:
			outer = limit;
			break;
		default:
			break;
	}
	return find_limit(outerPlan(plan), outer, search) ||
		find_limit(innerPlan(plan), 0, search);
}

/*
 * pin_rows_that_do
 *		How many rows of a scan its statement can do with, as far as its plan tells;
 *		0: all of them.
 *
 * The executor stops by itself: this is about what is worth asking for at first.
 */
double
pin_rows_that_do(const PlannedStmt *stmt, const Plan *scan)
{
	LimitSearch search = {stmt, scan, 0};

	if (stmt != NULL)
		(void) find_limit(stmt->planTree, 0, &search);
	return search.rows;
}

/*
 * pin_statement_begin
 *		The first row of a scan is wanted: which others are sure to run?
 *
 * Returns them as a List of ForeignScanState *, in the plan's order, that one
 * perhaps among them; later on nothing.  Whether a scan needs values that only
 * other nodes have is for the caller to check.
 */
List *
pin_statement_begin(PinStatement *statement)
{
	SureScans	sure = {statement, NIL};

	if (statement->begun)
		return NIL;
	statement->begun = true;
	if (list_length(statement->scans) > 1 &&
		statement->estate->es_plannedstmt != NULL)
		find_sure(statement->estate->es_plannedstmt->planTree, false, &sure);
	return sure.found;
}
