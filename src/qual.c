/*-------------------------------------------------------------------------
 *
 * qual.c
 *	  Conditions of a query that narrow what is asked of Pinterest.
 *
 * All conditions stay in the plan and are checked again locally; so what is
 * found here may ask for too much, but never for too little.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_type_d.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "qual.h"

/*
 * is_column
 *		Whether an expression is a column of the relation.
 */
static bool
is_column(Node *node, int relid, AttrNumber attnum)
{
	return IsA(node, Var) &&
		((Var *) node)->varno == relid &&
		((Var *) node)->varattno == attnum &&
		((Var *) node)->varlevelsup == 0;
}

/*
 * is_fixed
 *		Whether an expression has one value for a whole scan, and of a type
 *		that we know how to turn into a date.
 */
static bool
is_fixed(PlannerInfo *root, Node *node)
{
	Oid			type = exprType(node);

	return (type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID) &&
		bms_is_empty(pull_varnos(root, node)) &&
		!contain_volatile_functions(node) &&
		!contain_subplans(node);
}

/*
 * pin_collect_date_bounds
 *		Finds the conditions "date op value" of a relation.
 *
 * attnum: the column of type date.  Returns the values as expressions and, in
 * the same order, the btree strategies of their operators with the column on
 * the left.  The operators must be members of the btree operator family of
 * date; a user's own operator of the same name is none of our business.
 */
void
pin_collect_date_bounds(PlannerInfo *root, RelOptInfo *baserel,
						AttrNumber attnum, List **exprs, List **strategies)
{
	Oid			opfamily =
		lookup_type_cache(DATEOID, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
	ListCell   *lc;

	*exprs = NIL;
	*strategies = NIL;
	foreach(lc, baserel->baserestrictinfo)
	{
		OpExpr	   *op = (OpExpr *) lfirst_node(RestrictInfo, lc)->clause;
		Oid			opno;
		Node	   *value;
		int			strategy;

		if (!IsA(op, OpExpr) || list_length(op->args) != 2)
			continue;
		opno = op->opno;
		if (is_column(linitial(op->args), baserel->relid, attnum))
			value = lsecond(op->args);
		else if (is_column(lsecond(op->args), baserel->relid, attnum))
		{
			value = linitial(op->args);
			opno = get_commutator(opno);
		}
		else
			continue;
		if (!OidIsValid(opno) || !is_fixed(root, value))
			continue;
		strategy = get_op_opfamily_strategy(opno, opfamily);
		if (strategy == InvalidStrategy)
			continue;
		*exprs = lappend(*exprs, value);
		*strategies = lappend_int(*strategies, strategy);
	}
}

/*
 * pin_apply_date_bounds
 *		Narrows a range of days by the values of the conditions.
 *
 * exprstates: of the expressions collected above.  Returns false if no day can
 * fulfill them.
 */
bool
pin_apply_date_bounds(List *exprstates, List *strategies,
					  ExprContext *econtext, PinRange *range)
{
	ListCell   *lc,
			   *lc2;

	forboth(lc, exprstates, lc2, strategies)
	{
		ExprState  *state = lfirst(lc);
		int			strategy = lfirst_int(lc2);
		Oid			type = exprType((Node *) state->expr);
		bool		isnull;
		Datum		value = ExecEvalExprSwitchContext(state, econtext, &isnull);
		DateADT		date;
		bool		exact = type == DATEOID;	/* else the day it falls on */

		if (isnull)
			return false;		/* the operators are strict */
		if (type == TIMESTAMPOID)
			value = DirectFunctionCall1(timestamp_date, value);
		else if (type == TIMESTAMPTZOID)
			value = DirectFunctionCall1(timestamptz_date, value);
		date = DatumGetDateADT(value);

		if (strategy == BTLessStrategyNumber ||
			strategy == BTLessEqualStrategyNumber ||
			strategy == BTEqualStrategyNumber)
		{
			if (DATE_IS_NOBEGIN(date))
				return false;
			if (!DATE_IS_NOEND(date))
				range->end = Min(range->end,
								 exact && strategy == BTLessStrategyNumber ?
								 date - 1 : date);
		}
		if (strategy == BTGreaterStrategyNumber ||
			strategy == BTGreaterEqualStrategyNumber ||
			strategy == BTEqualStrategyNumber)
		{
			if (DATE_IS_NOEND(date))
				return false;
			if (!DATE_IS_NOBEGIN(date))
				range->start = Max(range->start,
								   exact && strategy == BTGreaterStrategyNumber ?
								   date + 1 : date);
		}
	}
	return range->start <= range->end;
}
