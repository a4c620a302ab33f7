/*-------------------------------------------------------------------------
 *
 * plan.c
 *	  What a refresh would ask of Pinterest.
 *
 * Nothing is asked to find that out: the reports follow from the options and from
 * today's date.  How many advertisers there are where all are meant is what the
 * last refresh has seen.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "base/compat.h"
#include "base/relation.h"
#include "refresh/asked.h"
#include "refresh/children.h"
#include "refresh/foreign.h"
#include "refresh/freshness.h"
#include "refresh/refreshall.h"
#include "refresh/registry.h"
#include "request/request.h"
#include "setup/plan.h"
#include "source/order.h"

PG_FUNCTION_INFO_V1(pinterest_plan_refreshes);

/* Columns of plan_refreshes(), in order */
enum
{
	PLAN_TARGET,
	PLAN_REPORTS,
	PLAN_DAYS,
	PLAN_ADVERTISERS,
	PLAN_QUESTIONS,
	PLAN_COLUMNS
};

/*
 * check_caller
 *		Refuses whoever may not refresh a table.
 */
static void
check_caller(Oid target)
{
	Oid			owner = pin_relation_owner(target);

	if (!OidIsValid(owner))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", target)));
	if (!has_privs_of_role(GetUserId(), owner) && !pin_may_maintain(target, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, pin_relation_name(target));
}

/*
 * count_advertisers
 *		How many advertisers a request is about.
 */
static int
count_advertisers(const PinRequest *request, Oid target)
{
	if (request->advertiser_ids != NIL)
		return list_length(request->advertiser_ids);
	if (!request->list_advertisers)
		return 1;
	return Max(list_length(pin_freshness_advertisers(target)), 1);
}

/*
 * count_types
 *		In how many parts the same days are asked for.
 */
static int
count_types(const PinRequest *request)
{
	if (request->resource->kind == PIN_REPORT)
		return list_length(pin_order_types(request->types,
										   request->resource->max_types));
	return Max(list_length(request->types), 1);
}

/*
 * count_questions
 *		How many requests a table adds that are about which days are complete: these
 *		are asked once for all tables of a server and owner.
 *
 * known: a List of both, by turns, that is added to.
 */
static int
count_questions(Oid server, Oid owner, List **known)
{
	for (int i = 0; i < list_length(*known); i += 2)
	{
		if (list_nth_oid(*known, i) == server && list_nth_oid(*known, i + 1) == owner)
			return 0;
	}
	*known = lappend_oid(lappend_oid(*known, server), owner);
	return 1;
}

/*
 * plan_table
 *		Fills in what the refresh of a table would take; all but the table is null
 *		if its source has been dropped.
 *
 * known: see count_questions(); it lives in "context".
 */
static void
plan_table(Oid target, const PinAsked *asked, List **known, MemoryContext context,
		   Datum *values, bool *nulls)
{
	MemoryContext oldcontext;
	PinRegistered registered;
	PinSourceTable *source;
	PinRequest *request;
	int			advertisers;
	int			days = 0;
	ListCell   *lc;

	check_caller(target);
	if (!pin_registry_get(target, &registered))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a materialized table", pin_relation_name(target)),
				 errhint("Call pinterest.materialize() with the foreign table and this one.")));
	memset(nulls, true, sizeof(bool) * PLAN_COLUMNS);
	values[PLAN_TARGET] = ObjectIdGetDatum(target);
	nulls[PLAN_TARGET] = false;
	if (!OidIsValid(registered.source) || !pin_hold_source(registered.source))
		return;

	source = pin_get_source_table(registered.source);
	if (source->date >= 0)
		pin_asked_apply(asked, source->options);
	request = pin_request_build(source->options, NIL, NIL, NULL);
	advertisers = count_advertisers(request, target);
	values[PLAN_ADVERTISERS] = Int32GetDatum(advertisers);
	nulls[PLAN_ADVERTISERS] = false;
	values[PLAN_REPORTS] = Int32GetDatum(0);
	nulls[PLAN_REPORTS] = false;
	values[PLAN_QUESTIONS] = Int32GetDatum(0);
	nulls[PLAN_QUESTIONS] = false;
	if (source->date >= 0)
	{
		oldcontext = MemoryContextSwitchTo(context);
		values[PLAN_QUESTIONS] =
			Int32GetDatum(count_questions(source->options->serverid,
										  pin_relation_owner(target), known));
		MemoryContextSwitchTo(oldcontext);
	}
	if (!pin_has_days(request->resource))
		return;
	foreach(lc, request->ranges)
	{
		const PinRange *range = lfirst(lc);

		days += range->end - range->start + 1;
	}
	values[PLAN_REPORTS] =
		Int32GetDatum(advertisers * list_length(request->ranges) *
					  list_length(request->batches) *
					  count_types(request));
	values[PLAN_DAYS] = Int32GetDatum(days);
	nulls[PLAN_DAYS] = false;
}

/*
 * plan_refreshes(targets regclass[], since date, last interval, OUT target regclass,
 *				  OUT reports integer, OUT days integer, OUT advertisers integer,
 *				  OUT questions integer)
 *
 * Of each table, or with a null array of each that refresh_all() takes.
 */
Datum
pinterest_plan_refreshes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	PinAsked	asked = pin_asked_days(fcinfo);
	MemoryContext context;
	MemoryContext oldcontext;
	List	   *targets;
	List	   *known = NIL;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	targets = PG_ARGISNULL(0) ? pin_tables_of(GetUserId()) :
		pin_table_list(PG_GETARG_ARRAYTYPE_P(0));
	context = AllocSetContextCreate(CurrentMemoryContext, "pinterest_fdw plan",
									ALLOCSET_DEFAULT_SIZES);
	foreach(lc, targets)
	{
		Datum		values[PLAN_COLUMNS] = {0};
		bool		nulls[PLAN_COLUMNS];

		oldcontext = MemoryContextSwitchTo(context);
		plan_table(lfirst_oid(lc), &asked, &known, oldcontext, values, nulls);
		MemoryContextSwitchTo(oldcontext);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
	return (Datum) 0;
}
