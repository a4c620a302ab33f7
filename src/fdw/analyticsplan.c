/*-------------------------------------------------------------------------
 *
 * analyticsplan.c
 *	  Whether a query can be answered by synchronous analytics.
 *
 * Their rows differ from those of a report, see analytics.c; here it is found
 * out whether a query could notice.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"
#include "fmgr.h"
#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "catalog/catalog.h"
#include "fdw/analyticsplan.h"
#include "option/column.h"
#include "source/analytics.h"

/* Setting pinterest_fdw.enable_synchronous */
static bool enable_synchronous = true;

/*
 * pin_analytics_init
 *		Defines the module's settings.
 */
void
pin_analytics_init(void)
{
	DefineCustomBoolVariable("pinterest_fdw.enable_synchronous",
							 "Lets queries use Pinterest's synchronous analytics in the place of a report.",
							 "As far as the option \"synchronous\" allows it.",
							 &enable_synchronous,
							 true,
							 PGC_USERSET,
							 GUC_EXPLAIN,
							 NULL, NULL, NULL);
}

/*
 * pin_synchronous_enabled
 *		Whether the setting lets synchronous analytics take the place of a report.
 *
 * For the execution of plans, which are kept for longer than settings.
 */
bool
pin_synchronous_enabled(void)
{
	return enable_synchronous;
}

/*
 * find_metric
 *		The metric that an expression is, or NULL.
 */
static const PinColumn *
find_metric(Node *node, Index relid, List *attributes)
{
	ListCell   *lc;

	/* a domain compares as what it is over */
	while (IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	if (!IsA(node, Var) || ((Var *) node)->varno != relid ||
		((Var *) node)->varlevelsup != 0)
		return NULL;
	foreach(lc, attributes)
	{
		PinAttribute *attribute = lfirst(lc);
		const PinColumn *column = attribute->column;

		if (attribute->attnum == ((Var *) node)->varattno && column != NULL &&
			column->source == PIN_FROM_FIELD &&
			(column->kind == PIN_RATIO || pin_kind_zero_fills(column->kind)))
			return column;
	}
	return NULL;
}

/*
 * zero_of
 *		Zero as a value of a type; false if that is not a type of numbers.
 */
static bool
zero_of(Oid type, Datum *zero)
{
	switch (type)
	{
		case INT2OID:
			*zero = Int16GetDatum(0);
			return true;
		case INT4OID:
			*zero = Int32GetDatum(0);
			return true;
		case INT8OID:
			*zero = Int64GetDatum(0);
			return true;
		case FLOAT4OID:
			*zero = Float4GetDatum(0);
			return true;
		case FLOAT8OID:
			*zero = Float8GetDatum(0);
			return true;
		case NUMERICOID:
			*zero = DirectFunctionCall1(int4_numeric, Int32GetDatum(0));
			return true;
		default:
			return false;
	}
}

/*
 * comparison_rejects
 *		Whether a comparison of a metric with a constant is not true if the
 *		metric is missing: zero, or null if it is a ratio.
 *
 * Only the operators of btree families of numbers are asked, which are known
 * to do nothing else and not to fail.
 */
static bool
comparison_rejects(OpExpr *op, Index relid, List *attributes)
{
	Node	   *left = linitial(op->args);
	Node	   *right = lsecond(op->args);
	const PinColumn *column = find_metric(left, relid, attributes);
	Node	   *other = right;
	Datum		zero;

	if (column == NULL)
	{
		column = find_metric(right, relid, attributes);
		other = left;
	}
	if (column == NULL || get_op_btree_interpretation(op->opno) == NIL)
		return false;
	if (!pin_kind_zero_fills(column->kind))
		return op_strict(op->opno);
	if (!IsA(other, Const) || !zero_of(exprType(other == right ? left : right), &zero))
		return false;
	if (((Const *) other)->constisnull)
		return op_strict(op->opno);
	return !DatumGetBool(OidFunctionCall2Coll(get_opcode(op->opno),
											  op->inputcollid,
											  other == right ? zero : ((Const *) other)->constvalue,
											  other == right ? ((Const *) other)->constvalue : zero));
}

/*
 * rejects_nothing
 *		Whether a condition rejects the rows in which there is no metric.
 */
static bool
rejects_nothing(Node *node, Index relid, List *attributes)
{
	ListCell   *lc;

	if (IsA(node, OpExpr) && list_length(((OpExpr *) node)->args) == 2)
		return comparison_rejects((OpExpr *) node, relid, attributes);
	if (IsA(node, NullTest) && ((NullTest *) node)->nulltesttype == IS_NOT_NULL)
	{
		const PinColumn *column =
			find_metric((Node *) ((NullTest *) node)->arg, relid, attributes);

		return column != NULL && !pin_kind_zero_fills(column->kind);
	}
	if (is_andclause(node))
	{
		foreach(lc, ((BoolExpr *) node)->args)
		{
			if (rejects_nothing(lfirst(lc), relid, attributes))
				return true;
		}
		return false;
	}
	if (is_orclause(node))
	{
		foreach(lc, ((BoolExpr *) node)->args)
		{
			if (!rejects_nothing(lfirst(lc), relid, attributes))
				return false;
		}
		return true;
	}
	return false;
}

/*
 * pin_analytics_suffices
 *		Whether a scan has the same result with the rows of synchronous
 *		analytics.
 *
 * attributes: PinAttribute, of the table; attnums: of the columns that are
 * used; clauses: RestrictInfo, the conditions that are checked locally.  Whether
 * a request can be answered is another matter.
 */
bool
pin_analytics_suffices(const PinOptions *options, RelOptInfo *baserel,
					   List *attributes, List *attnums, List *clauses)
{
	ListCell   *lc;

	if (!enable_synchronous || !pin_analytics_possible(options))
		return false;
	foreach(lc, attributes)
	{
		PinAttribute *attribute = lfirst(lc);

		if ((list_member_int(attnums, attribute->attnum) ||
			 pin_is_always_asked_for(options, attribute->column)) &&
			(attribute->column == NULL ||
			 !pin_analytics_has(attribute->column)))
			return false;
	}
	foreach(lc, clauses)
	{
		if (rejects_nothing((Node *) lfirst_node(RestrictInfo, lc)->clause,
							baserel->relid, attributes))
			return true;
	}
	return false;
}
