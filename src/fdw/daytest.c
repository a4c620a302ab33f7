/*-------------------------------------------------------------------------
 *
 * daytest.c
 *	  Conditions on the date of a row that have to be tried day by day.
 *
 * There are many ways to say which days are wanted, such as
 *
 *		date_trunc('month', date) = '2026-10-01'
 *		extract(year FROM date) = 2026
 *		date + interval '1 month' > now()
 *		'[2026-10-01,2026-10-08)'::daterange @> date
 *
 * and a report has few days, 914 at most.  So what such a condition says is
 * found by trying: it is evaluated for each day that there can be.  The days
 * that pass are an array of dates, as if the condition were "date = ANY (...)".
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "executor/executor.h"
#include "executor/nodeSubplan.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "base/subxact.h"
#include "fdw/daytest.h"
#include "request/window.h"

/*
 * Rows may be of days that lie outside of those that a table covers: those of
 * other time zones, and the first days of weeks and months.
 */
#define MORE_DAYS	40

/* What try_all() does, and what it finds */
typedef struct Trial
{
	ExprState  *test;
	ExprContext *econtext;
	TupleTableSlot *slot;
	AttrNumber	attnum;			/* of the date in it */
	Oid			type;			/* likewise */
	PinRange	range;			/* days to try */
	Datum	   *passed;			/* DateADT */
	int			npassed;
} Trial;

/*
 * is_foreign_function
 *		Callback of check_functions_in_node(): whether a function is not one of
 *		PostgreSQL's own, so that calling it for more than the rows may do
 *		anything.
 */
static bool
is_foreign_function(Oid funcid, void *context)
{
	return funcid >= FirstUnpinnedObjectId;
}

/*
 * does_more
 *		Whether evaluating an expression does more than compute a value.
 */
static bool
does_more(Node *node, void *context)
{
	if (node == NULL)
		return false;
	/* constraints of domains are the user's */
	if (IsA(node, CoerceToDomain) || IsA(node, SubPlan) ||
		IsA(node, AlternativeSubPlan) ||
		check_functions_in_node(node, is_foreign_function, NULL))
		return true;
	return expression_tree_walker(node, does_more, context);
}

/*
 * pin_day_subject
 *		The column, one of some subjects, whose days a condition can be tried
 *		for; NULL if it is about anything else.
 */
PinSubject *
pin_day_subject(PlannerInfo *root, RelOptInfo *baserel, List *subjects, Node *clause)
{
	Bitmapset  *attnums = NULL;
	int			attnum;
	ListCell   *lc;

	if (!bms_equal(pull_varnos(root, clause), baserel->relids))
		return NULL;
	pull_varattnos(clause, baserel->relid, &attnums);
	if (!bms_get_singleton_member(attnums, &attnum))
		return NULL;
	foreach(lc, subjects)
	{
		PinSubject *subject = lfirst(lc);

		if (subject->attnum == attnum + FirstLowInvalidHeapAttributeNumber &&
			subject->is_day && !contain_volatile_functions(clause) &&
			!does_more(clause, NULL))
			return subject;
	}
	return NULL;
}

/*
 * reads_row
 *		Whether an expression reads a row of a relation.
 */
static bool
reads_row(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
		return ((Var *) node)->varno == *(Index *) context;
	return expression_tree_walker(node, reads_row, context);
}

/*
 * pin_is_day_test
 *		Whether an expression of a scan is a condition to be tried, and not a
 *		value to compare with: only those read the row, that of relation relid.
 */
bool
pin_is_day_test(Node *expr, Index relid)
{
	return reads_row(expr, &relid);
}

/*
 * try_all
 *		Step of pin_try(): tries all days of a Trial.
 */
static void
try_all(void *arg)
{
	Trial	   *trial = arg;
	TupleTableSlot *slot = trial->slot;
	MemoryContext old = MemoryContextSwitchTo(trial->econtext->ecxt_per_tuple_memory);

	for (DateADT day = trial->range.start; day <= trial->range.end; day++)
	{
		Datum		value = DateADTGetDatum(day);
		bool		is_null;

		/* text of the day read as such a value would be the same */
		if (trial->type == TIMESTAMPOID)
			value = DirectFunctionCall1(date_timestamp, value);
		else if (trial->type == TIMESTAMPTZOID)
			value = DirectFunctionCall1(date_timestamptz, value);
		ExecClearTuple(slot);
		slot->tts_values[trial->attnum - 1] = value;
		slot->tts_isnull[trial->attnum - 1] = false;
		ExecStoreVirtualTuple(slot);
		value = ExecEvalExpr(trial->test, trial->econtext, &is_null);
		if (!is_null && DatumGetBool(value))
			trial->passed[trial->npassed++] = DateADTGetDatum(day);
		MemoryContextReset(trial->econtext->ecxt_per_tuple_memory);
	}
	MemoryContextSwitchTo(old);
}

/* What find_column() has found */
typedef struct TestedColumn
{
	AttrNumber	attnum;
	Oid			type;			/* below a domain */
	Bitmapset  *params;			/* that the test depends on */
} TestedColumn;

/*
 * find_column
 *		Finds the column that a test reads, and its parameters.
 */
static bool
find_column(Node *node, void *context)
{
	TestedColumn *column = context;

	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		column->attnum = ((Var *) node)->varattno;
		column->type = getBaseType(((Var *) node)->vartype);
	}
	else if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXEC)
		column->params = bms_add_member(column->params, ((Param *) node)->paramid);
	return expression_tree_walker(node, find_column, context);
}

/*
 * pin_try_days
 *		Finds the days at which a condition holds.
 *
 * options: of the table, whose rows have the descriptor; test: initialized for
 * execution.  Returns an array of dates in the current memory context.  It has all
 * days if the condition cannot be evaluated for each of them: one without rows may
 * fail where the query does not.
 */
Datum
pin_try_days(const PinOptions *options, ExprState *test, EState *estate,
			 TupleDesc desc)
{
	TestedColumn column = {0};
	PinCalendar calendar = pin_calendar(GetCurrentStatementStartTimestamp());
	Trial		trial = {0};
	ErrorData  *error = NULL;
	int			ndays;
	find_column((Node *) test->expr, &column);
	trial.test = test;
	trial.range = pin_covered_days(options, &calendar);
	trial.range.start -= MORE_DAYS;
	trial.range.end += MORE_DAYS;
	trial.attnum = column.attnum;
	trial.type = column.type;
	ndays = trial.range.end - trial.range.start + 1;
	trial.passed = palloc(ndays * sizeof(Datum));
	trial.slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	memset(trial.slot->tts_isnull, true, desc->natts * sizeof(bool));
	trial.econtext = CreateExprContext(estate);
	trial.econtext->ecxt_scantuple = trial.slot;

	/* what other nodes compute must outlive the subtransaction */
	if (column.params != NULL)
		ExecSetParamPlanMulti(column.params, trial.econtext);
	/* there are no subtransactions beside parallel workers */
	if (!IsInParallelMode())
		error = pin_try(try_all, &trial);
	FreeExprContext(trial.econtext, true);
	ExecDropSingleTupleTableSlot(trial.slot);
	if (error != NULL && pin_is_cancellation(error))
		ReThrowError(error);
	if (error != NULL || IsInParallelMode())
	{
		for (int i = 0; i < ndays; i++)
			trial.passed[i] = DateADTGetDatum(trial.range.start + i);
		trial.npassed = ndays;
	}
	return PointerGetDatum(construct_array(trial.passed, trial.npassed, DATEOID,
										   sizeof(DateADT), true, TYPALIGN_INT));
}

/*
 * has_param
 *		Whether an expression has a value only at execution.
 */
static bool
has_param(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param))
		return true;
	return expression_tree_walker(node, has_param, context);
}

/*
 * pin_try_days_early
 *		Likewise, while a query is planned; false, too, if the condition depends
 *		on what is not known then.
 */
bool
pin_try_days_early(PlannerInfo *root, const PinOptions *options, Node *test,
				   TupleDesc desc, Datum *days)
{
	Node	   *node = estimate_expression_value(root, test);
	EState	   *estate;

	/* the column may have gone with what it is compared with */
	if (has_param(node, NULL) || !contain_var_clause(node))
		return false;
	estate = CreateExecutorState();
	*days = pin_try_days(options, ExecPrepareExpr((Expr *) node, estate), estate,
						 desc);
	FreeExecutorState(estate);
	return true;
}
