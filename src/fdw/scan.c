/*-------------------------------------------------------------------------
 *
 * scan.c
 *	  Execution of scans.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"
#include "executor/executor.h"
#include "executor/instrument.h"
#include "jit/jit.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "base/compat.h"
#include "catalog/catalog.h"
#include "fdw/analyticsplan.h"
#include "fdw/daytest.h"
#include "fdw/plan.h"
#include "fdw/scan.h"
#include "http/http.h"
#include "request/estimate.h"
#include "request/window.h"
#include "source/analytics.h"

/* With more relations than these, expressions are not compiled. */
#define MAX_COMPILED_RELATIONS 16

/*
 * spare_compiling
 *		Has the expressions of a statement with many relations not be compiled, but
 *		for those that have been already.
 *
 * Compilation cannot be cancelled, and takes minutes for hundreds of partitions,
 * which their estimated rows can bring about.  Rows come as fast as the network
 * brings them, which no compiled expression changes.
 */
static void
spare_compiling(EState *estate)
{
	if (estate->es_range_table_size > MAX_COMPILED_RELATIONS)
		estate->es_jit_flags = PGJIT_NONE;
}

/*
 * pinBeginForeignScan
 *		Prepares a scan; the first request is sent with the first row.
 */
void
pinBeginForeignScan(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	EState	   *estate = node->ss.ps.state;
	Relation	rel = node->ss.ss_currentRelation;
	PinScan    *scan = palloc0(sizeof(PinScan));
	Oid			userid = pin_scan_user(plan, estate);
	int			place = 0;
	ListCell   *lc;

	spare_compiling(estate);
	if (!OidIsValid(userid))
		userid = GetUserId();
	scan->options = pin_get_options(RelationGetRelid(rel));
	scan->reader = pin_reader_create(rel, scan->options, userid,
									 list_nth(plan->fdw_private,
											  PinScanPrivateAttnums));
	scan->conditions = list_nth(plan->fdw_private, PinScanPrivateConditions);
	scan->limit = intVal(list_nth(plan->fdw_private, PinScanPrivateLimit));
	scan->order = intVal(list_nth(plan->fdw_private, PinScanPrivateOrder));
	scan->synchronous = pin_synchronous_enabled() &&
		boolVal(list_nth(plan->fdw_private, PinScanPrivateSynchronous));

	scan->exprs = ExecInitExprList(plan->fdw_exprs, (PlanState *) node);
	scan->values = palloc0(Max(list_length(scan->exprs), 1) * sizeof(PinValue));
	scan->desc = RelationGetDescr(rel);
	foreach(lc, plan->fdw_exprs)
		scan->values[place++].type =
			pin_is_day_test(lfirst(lc), plan->scan.scanrelid) ? DATEARRAYOID :
			exprType(lfirst(lc));
	scan->relid = plan->scan.scanrelid;

	scan->first_share = Min(1, pin_rows_that_do(estate->es_plannedstmt, &plan->scan.plan) /
							Max(plan->scan.plan.plan_rows, 1));
	scan->keeps_rows = (eflags & EXEC_FLAG_REWIND) != 0;
	node->fdw_state = scan;

	if ((eflags & EXEC_FLAG_EXPLAIN_ONLY) == 0)
	{
		scan->statement = pin_statement_add(node);
		pin_reader_join(scan->reader,
						pin_statement_channel(scan->statement,
											  scan->options->serverid, userid));
	}
}

/*
 * pin_scan_request
 *		What a scan asks for, with the current values of its conditions.
 *
 * Made, like the values, in the current memory context.  skip, called with
 * context: whether a value is not to be evaluated, and so narrows nothing;
 * NULL: none.
 */
PinRequest *
pin_scan_request(PinScan *scan, ExprContext *econtext,
				 bool (*skip) (Node *node, void *context), void *context)
{
	int			place = 0;
	PinRequest *request;
	ListCell   *lc;

	foreach(lc, scan->exprs)
	{
		ExprState  *state = lfirst(lc);
		PinValue   *value = &scan->values[place++];

		value->is_known = skip == NULL || !skip((Node *) state->expr, context);
		if (!value->is_known)
			continue;
		if (!pin_is_day_test((Node *) state->expr, scan->relid))
			value->value = ExecEvalExpr(state, econtext, &value->is_null);
		else
		{
			value->value = pin_try_days(scan->options, state,
										econtext->ecxt_estate, scan->desc);
			value->is_null = false;
		}
	}
	request = pin_request_build(scan->options, pin_reader_columns(scan->reader),
								scan->conditions, scan->values);
	if (scan->limit > 0 && request->resource->kind == PIN_ENTITY)
	{
		request->limit = scan->limit;
		request->page_size = Min(scan->limit, request->resource->page_size);
	}
	if (scan->order != 0)
		pin_request_set_order(request, scan->order < 0);
	request->nused = pin_reader_nused(scan->reader);
	request->synchronous = scan->synchronous;
	request->first_share = scan->first_share;
	return request;
}

/*
 * may_be_rescanned
 *		Whether the plan of a scan depends on what changes from one execution
 *		to the next: a parameter that is not the result of an InitPlan, which
 *		is there once and for all.
 */
static bool
may_be_rescanned(ForeignScanState *node)
{
	int			id = -1;

	while ((id = bms_next_member(node->ss.ps.plan->allParam, id)) >= 0)
	{
		if (node->ss.ps.state->es_param_exec_vals[id].execPlan == NULL)
			return true;
	}
	return false;
}

/*
 * depends_on
 *		Whether an expression depends on one of some parameters, a Bitmapset.
 */
static bool
depends_on(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXEC)
		return bms_is_member(((Param *) node)->paramid, (Bitmapset *) context);
	return expression_tree_walker(node, depends_on, context);
}

/*
 * cost_of
 *		What a request costs, as the planner counts.
 */
static double
cost_of(PinScan *scan, const PinRequest *request)
{
	double		rows = pin_estimate_rows(scan->options, request);
	int			ncolumns = list_length(request->columns);
	int			nrequests = request->synchronous ?
		pin_analytics_requests(scan->options, request) : 0;
	double		startup;
	double		total;

	if (nrequests > 0)
		pin_estimate_analytics(scan->options, nrequests, rows, ncolumns,
							   &startup, &total);
	else
		pin_estimate_cost(scan->options, request, rows, ncolumns, &startup,
						  &total);
	return total;
}

/*
 * choose_request
 *		What to ask for.
 *
 * A scan that is repeated with other parameters asks for what goes with them
 * until that has cost as much as to ask, once, for what goes with any of them;
 * which is done then, and serves all further rescans, since all conditions are
 * checked locally.  So a planner that expected fewer rows than there are cannot
 * make it cost much more than twice of what it had to.
 */
static PinRequest *
choose_request(PinScan *scan, ExprContext *econtext)
{
	PinRequest *request = NULL;
	PinRequest *all;

	if (!scan->asks_for_all)
	{
		request = pin_scan_request(scan, econtext, NULL, NULL);
		if (scan->request == NULL || request->is_empty ||
			pin_request_equal(scan->request, request))
			return request;
	}
	all = pin_scan_request(scan, econtext, depends_on, scan->changing);
	if (!scan->asks_for_all && scan->spent < cost_of(scan, all))
		return request;
	scan->asks_for_all = true;
	scan->keeps_rows = true;
	return all;
}

/*
 * start_scan
 *		Finds what to ask for and prepares asking for it.
 *
 * If a rescan asks for what was asked before, the rows are those that were
 * read then, and what is left to read.
 */
static void
start_scan(ForeignScanState *node, PinScan *scan)
{
	EState	   *estate = node->ss.ps.state;
	MemoryContext cxt = AllocSetContextCreate(estate->es_query_cxt,
											  "pinterest_fdw request",
											  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	PinRequest *request = choose_request(scan, node->ss.ps.ps_ExprContext);

	scan->started = true;
	if (scan->request != NULL && scan->store != NULL &&
		pin_request_equal(scan->request, request))
	{
		tuplestore_rescan(scan->store);
		MemoryContextSwitchTo(old);
		MemoryContextDelete(cxt);
		return;
	}

	if (scan->request != NULL)
	{
		pin_reader_stop(scan->reader);
		MemoryContextDelete(scan->request_cxt);
		scan->request = NULL;
	}
	if (scan->store != NULL)
		tuplestore_end(scan->store);
	scan->store = NULL;

	MemoryContextSwitchTo(estate->es_query_cxt);
	if (scan->keeps_rows || may_be_rescanned(node))
	{
		scan->store = tuplestore_begin_heap(false, false, work_mem);
		tuplestore_set_eflags(scan->store, EXEC_FLAG_REWIND);
		if (scan->stored == NULL)
			scan->stored = ExecInitExtraTupleSlot(estate,
												  node->ss.ss_ScanTupleSlot->tts_tupleDescriptor,
												  &TTSOpsMinimalTuple);
	}
	scan->request = request;
	scan->request_cxt = cxt;
	scan->spent += cost_of(scan, request);
	scan->has_last = false;
	pin_reader_start(scan->reader, request);
	MemoryContextSwitchTo(old);
}

/*
 * needs_others
 *		Whether an expression needs a value that other nodes make.
 */
static bool
needs_others(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXEC)
		return true;
	return expression_tree_walker(node, needs_others, context);
}

/*
 * start_others
 *		The first row of a statement is wanted: starts the other scans that
 *		will run anyway, unless they depend on what is not known yet.
 */
static void
start_others(PinScan *scan)
{
	List	   *others = pin_statement_begin(scan->statement);
	ListCell   *lc;

	/* those that have to ask something else first, and wait, come last */
	for (int pass = 0; pass < 2; pass++)
	{
		foreach(lc, others)
		{
			ForeignScanState *other = lfirst(lc);
			PinScan    *its = other->fdw_state;
			bool		asks_first = its->options->all_advertisers ||
				its->options->template_id != NULL ||
				pin_days_are_local(its->options);

			if (its->started || asks_first != (pass == 1) ||
				needs_others((Node *) ((ForeignScan *) other->ss.ps.plan)->fdw_exprs,
							 NULL))
				continue;
			start_scan(other, its);
			pin_reader_send(its->reader);
		}
	}
}

/*
 * next_stored
 *		Next of the rows that were kept; false after the last of them.
 */
static bool
next_stored(PinScan *scan, TupleTableSlot *slot)
{
	int			natts = slot->tts_tupleDescriptor->natts;

	if (scan->store == NULL ||
		!tuplestore_gettupleslot(scan->store, true, false, scan->stored))
		return false;
	slot_getallattrs(scan->stored);
	ExecClearTuple(slot);
	memcpy(slot->tts_values, scan->stored->tts_values, natts * sizeof(Datum));
	memcpy(slot->tts_isnull, scan->stored->tts_isnull, natts * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	return true;
}

/*
 * check_order
 *		Raises an error if a row is not in the order that was asked for, which
 *		the plan relies on.
 */
static void
check_order(PinScan *scan, TupleTableSlot *slot)
{
	int64		id = DatumGetInt64(slot->tts_values[abs(scan->order) - 1]);

	if (scan->has_last &&
		(scan->order > 0 ? id < scan->last_id : id > scan->last_id))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("Pinterest did not list foreign table \"%s\" in the order of its ids",
						get_rel_name(scan->options->relid)),
				 errhint("Order by an expression instead, such as the id plus 0.")));
	scan->last_id = id;
	scan->has_last = true;
}

/*
 * pinIterateForeignScan
 *		Next row, in the per-tuple memory context; an empty slot at the end.
 */
TupleTableSlot *
pinIterateForeignScan(ForeignScanState *node)
{
	PinScan    *scan = node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;
	bool		timed = node->ss.ps.instrument != NULL &&
		pin_is_timed(node->ss.ps.instrument);
	instr_time	start,
				stop,
				waited = pin_waited;

	if (timed)
		INSTR_TIME_SET_CURRENT(start);
	if (!scan->started)
		start_scan(node, scan);
	if (!scan->begun)
		start_others(scan);
	scan->begun = true;
	if (!next_stored(scan, slot) && pin_reader_next(scan->reader, slot))
	{
		if (scan->order != 0)
			check_order(scan, slot);
		if (scan->store != NULL)
			tuplestore_puttupleslot(scan->store, slot);
	}
	if (timed)
	{
		INSTR_TIME_SET_CURRENT(stop);
		INSTR_TIME_ACCUM_DIFF(scan->total, stop, start);
		INSTR_TIME_ACCUM_DIFF(scan->waited, pin_waited, waited);
	}
	return slot;
}

/*
 * pinReScanForeignScan
 *		Begins anew, with the current values of parameters.
 */
void
pinReScanForeignScan(ForeignScanState *node)
{
	PinScan    *scan = node->fdw_state;

	if (node->ss.ps.chgParam != NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(node->ss.ps.state->es_query_cxt);

		scan->changing = bms_add_members(scan->changing, node->ss.ps.chgParam);
		MemoryContextSwitchTo(old);
	}

	/* one that was started early has asked for what it needs now */
	if (!scan->begun)
		return;

	/* whatever we were told: there will be more of these */
	scan->keeps_rows = true;
	scan->started = scan->begun = false;
}

/*
 * pinEndForeignScan
 *		Ends a scan.
 */
void
pinEndForeignScan(ForeignScanState *node)
{
	PinScan    *scan = node->fdw_state;

	if (scan == NULL)
		return;
	if (scan->statement != NULL)
		pin_statement_remove(scan->statement, node);
	pin_reader_stop(scan->reader);
	if (scan->store != NULL)
		tuplestore_end(scan->store);
	scan->store = NULL;
}
