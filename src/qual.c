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
#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/builtins.h"
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
 *		Whether an expression has one value for a whole scan.
 */
static bool
is_fixed(PlannerInfo *root, Node *node)
{
	return bms_is_empty(pull_varnos(root, node)) &&
		!contain_volatile_functions(node) &&
		!contain_subplans(node);
}

/*
 * date_condition
 *		The condition that an operator between a date or timestamp on the left
 *		and a value on the right stands for; false if none.
 *
 * The operator must be a member of the btree operator family of these types; a
 * user's own operator of the same name is none of our business.
 */
static bool
date_condition(Oid opno, Node *value, PinCondition *condition)
{
	Oid			type = exprType(value);

	if (type != DATEOID && type != TIMESTAMPOID && type != TIMESTAMPTZOID)
		return false;
	switch (get_op_opfamily_strategy(opno,
									 lookup_type_cache(DATEOID,
													   TYPECACHE_BTREE_OPFAMILY)->btree_opf))
	{
		case BTLessStrategyNumber:
			*condition = PIN_DATE_LESS;
			return true;
		case BTLessEqualStrategyNumber:
			*condition = PIN_DATE_LESS_EQUAL;
			return true;
		case BTEqualStrategyNumber:
			*condition = PIN_DATE_EQUAL;
			return true;
		case BTGreaterEqualStrategyNumber:
			*condition = PIN_DATE_GREATER_EQUAL;
			return true;
		case BTGreaterStrategyNumber:
			*condition = PIN_DATE_GREATER;
			return true;
		default:
			return false;
	}
}

/*
 * pin_collect_conditions
 *		Finds the conditions on a column that narrow what to ask for.
 *
 * attnum, type: the column, which holds the date or the advertiser of a row, as
 * source says.  Appends the values to *exprs and what they are compared by to
 * *conditions, as an IntList in the same order.
 */
void
pin_collect_conditions(PlannerInfo *root, RelOptInfo *baserel,
					   AttrNumber attnum, Oid type, PinSource source,
					   List **exprs, List **conditions)
{
	ListCell   *lc;

	if (source == PIN_FROM_DATE ?
		type != DATEOID && type != TIMESTAMPTZOID : type != TEXTOID)
		return;

	foreach(lc, baserel->baserestrictinfo)
	{
		Node	   *clause = (Node *) lfirst_node(RestrictInfo, lc)->clause;
		PinCondition condition;
		Node	   *value = NULL;

		if (IsA(clause, OpExpr) && list_length(((OpExpr *) clause)->args) == 2)
		{
			OpExpr	   *op = (OpExpr *) clause;
			Oid			opno = op->opno;

			if (is_column(linitial(op->args), baserel->relid, attnum))
				value = lsecond(op->args);
			else if (is_column(lsecond(op->args), baserel->relid, attnum))
			{
				value = linitial(op->args);
				opno = get_commutator(opno);
			}
			if (value == NULL || !OidIsValid(opno))
				continue;
			if (source == PIN_FROM_DATE)
			{
				if (!date_condition(opno, value, &condition))
					continue;
			}
			else if (opno == TextEqualOperator && exprType(value) == TEXTOID &&
					 get_collation_isdeterministic(op->inputcollid))
				condition = PIN_ADVERTISER_EQUAL;
			else
				continue;
		}
		else if (IsA(clause, ScalarArrayOpExpr) && source == PIN_FROM_ADVERTISER)
		{
			ScalarArrayOpExpr *op = (ScalarArrayOpExpr *) clause;

			value = lsecond(op->args);
			if (!op->useOr || op->opno != TextEqualOperator ||
				!is_column(linitial(op->args), baserel->relid, attnum) ||
				exprType(value) != TEXTARRAYOID ||
				!get_collation_isdeterministic(op->inputcollid))
				continue;
			condition = PIN_ADVERTISER_IN;
		}
		else
			continue;

		if (!is_fixed(root, value))
			continue;
		*exprs = lappend(*exprs, value);
		*conditions = lappend_int(*conditions, condition);
	}
}

/*
 * narrow_range
 *		Takes one condition on the date into account; false if no day can
 *		fulfill it.
 *
 * hourly: the column is a timestamp, and days are those of UTC; else a value
 * that is a timestamp is compared with the midnights of the session's zone.
 */
static bool
narrow_range(PinCondition condition, Oid type, Datum value, bool hourly,
			 PinRange *range)
{
	bool		exact = type == DATEOID && !hourly; /* else the day it falls on */
	DateADT		date;

	if (hourly)
	{
		TimestampTz instant;

		if (type == DATEOID)
			value = DirectFunctionCall1(date_timestamptz, value);
		else if (type == TIMESTAMPOID)
			value = DirectFunctionCall1(timestamp_timestamptz, value);
		instant = DatumGetTimestampTz(value);
		if (TIMESTAMP_IS_NOBEGIN(instant))
			date = DATEVAL_NOBEGIN;
		else if (TIMESTAMP_IS_NOEND(instant))
			date = DATEVAL_NOEND;
		else
			date = instant / USECS_PER_DAY - (instant % USECS_PER_DAY < 0 ? 1 : 0);
	}
	else
	{
		if (type == TIMESTAMPOID)
			value = DirectFunctionCall1(timestamp_date, value);
		else if (type == TIMESTAMPTZOID)
			value = DirectFunctionCall1(timestamptz_date, value);
		date = DatumGetDateADT(value);
	}

	if (condition <= PIN_DATE_EQUAL)
	{
		if (DATE_IS_NOBEGIN(date))
			return false;
		if (!DATE_IS_NOEND(date))
			range->end = Min(range->end,
							 exact && condition == PIN_DATE_LESS ? date - 1 : date);
	}
	if (condition >= PIN_DATE_EQUAL)
	{
		if (DATE_IS_NOEND(date))
			return false;
		if (!DATE_IS_NOBEGIN(date))
			range->start = Max(range->start,
							   exact && condition == PIN_DATE_GREATER ? date + 1 : date);
	}
	return range->start <= range->end;
}

/*
 * narrow_advertisers
 *		Those of the advertisers that are equal to one of the values.
 */
static List *
narrow_advertisers(List *advertiser_ids, Datum *values, bool *nulls, int count)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, advertiser_ids)
	{
		for (int i = 0; i < count; i++)
		{
			if (!nulls[i] && strcmp(lfirst(lc), TextDatumGetCString(values[i])) == 0)
			{
				result = lappend(result, lfirst(lc));
				break;
			}
		}
	}
	return result;
}

/*
 * pin_apply_conditions
 *		Narrows a range of days and a list of advertisers by the values of the
 *		conditions.
 *
 * exprstates: of the expressions collected above; range or advertiser_ids may
 * be NULL where they do not matter.  Returns false if no row can fulfill them.
 */
bool
pin_apply_conditions(List *exprstates, List *conditions, ExprContext *econtext,
					 bool hourly, PinRange *range, List **advertiser_ids)
{
	ListCell   *lc,
			   *lc2;

	forboth(lc, exprstates, lc2, conditions)
	{
		ExprState  *state = lfirst(lc);
		PinCondition condition = lfirst_int(lc2);
		bool		isnull;
		Datum		value = ExecEvalExprSwitchContext(state, econtext, &isnull);

		if (isnull)
			return false;		/* the operators are strict */
		if (condition == PIN_ADVERTISER_EQUAL || condition == PIN_ADVERTISER_IN)
		{
			Datum	   *values = &value;
			bool	   *nulls = &isnull;
			int			count = 1;

			if (advertiser_ids == NULL)
				continue;
			if (condition == PIN_ADVERTISER_IN)
				deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false,
								  TYPALIGN_INT, &values, &nulls, &count);
			*advertiser_ids = narrow_advertisers(*advertiser_ids, values, nulls,
												 count);
			if (*advertiser_ids == NIL)
				return false;
		}
		else if (range != NULL &&
				 !narrow_range(condition, exprType((Node *) state->expr), value,
							   hourly, range))
			return false;
	}
	return true;
}
