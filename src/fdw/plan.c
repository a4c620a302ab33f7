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
#include "catalog/pg_opfamily_d.h"
#include "catalog/pg_type_d.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "catalog/catalog.h"
#include "fdw/analyticsplan.h"
#include "fdw/clause.h"
#include "fdw/daytest.h"
#include "fdw/plan.h"
#include "option/column.h"
#include "option/option.h"
#include "option/settings.h"
#include "request/condition.h"
#include "request/estimate.h"
#include "request/request.h"
#include "source/analytics.h"

/* State of planning, in RelOptInfo.fdw_private */
typedef struct PinRelInfo
{
	PinOptions *options;
	List	   *attributes;		/* PinAttribute * */
	List	   *subjects;		/* PinSubject * */
	int			ncolumns;		/* that the query uses */
	TupleDesc	desc;			/* of the table */
	List	   *tried;			/* Node *: conditions on days, see fdw/daytest.h */
	List	   *days;			/* PinValue *: what they say, in the same order */
} PinRelInfo;

/*
 * used_attributes
 *		Numbers of the columns that a query uses, some clauses included.
 */
static List *
used_attributes(RelOptInfo *baserel, List *attributes, List *clauses)
{
	Bitmapset  *used = NULL;
	List	   *attnums = NIL;
	ListCell   *lc;

	pull_varattnos((Node *) baserel->reltarget->exprs, baserel->relid, &used);
	foreach(lc, clauses)
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
 * expected_value
 *		What a condition compares with, as far as planning can tell.
 */
static PinValue
expected_value(PlannerInfo *root, RelOptInfo *baserel, Node *expr)
{
	PinRelInfo *info = baserel->fdw_private;
	PinValue	value = {0};
	PinValue   *days;
	Node	   *node;
	ListCell   *lc,
			   *lc2;

	if (!pin_is_day_test(expr, baserel->relid))
	{
		node = estimate_expression_value(root, expr);
		value.type = exprType(node);
		value.is_known = IsA(node, Const);
		if (value.is_known)
		{
			value.value = ((Const *) node)->constvalue;
			value.is_null = ((Const *) node)->constisnull;
		}
		return value;
	}

	/* each path asks anew */
	forboth(lc, info->tried, lc2, info->days)
	{
		if (lfirst(lc) == expr)
			return *(PinValue *) lfirst(lc2);
	}
	days = palloc0(sizeof(PinValue));
	days->type = DATEARRAYOID;
	days->is_known = pin_try_days_early(root, info->options, expr, info->desc,
										&days->value);
	info->tried = lappend(info->tried, expr);
	info->days = lappend(info->days, days);
	return *days;
}

/*
 * expected_request
 *		What will be asked for, as far as planning can tell, if some clauses
 *		hold.
 */
static PinRequest *
expected_request(PlannerInfo *root, RelOptInfo *baserel, List *clauses)
{
	PinRelInfo *info = baserel->fdw_private;
	List	   *exprs;
	List	   *conditions;
	PinValue   *values;
	int			place = 0;
	ListCell   *lc;

	pin_collect_conditions(root, baserel, info->subjects, clauses, &exprs,
						   &conditions);
	values = palloc0(Max(list_length(exprs), 1) * sizeof(PinValue));
	foreach(lc, exprs)
		values[place++] = expected_value(root, baserel, lfirst(lc));
	return pin_request_build(info->options, NIL, conditions, values);
}

/*
 * other_clauses
 *		The conditions of a query but for those that the size of what will be
 *		asked for tells of already.
 */
static List *
other_clauses(PlannerInfo *root, RelOptInfo *baserel)
{
	PinRelInfo *info = baserel->fdw_private;
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, baserel->baserestrictinfo)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (!pin_clause_narrows(root, baserel, info->subjects, rinfo->clause))
			result = lappend(result, rinfo);
	}
	return result;
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
	List	   *clauses = baserel->baserestrictinfo;
	double		rows;

	info->options = pin_get_options(foreigntableid);
	info->attributes = pin_get_attributes(rel, info->options);
	info->subjects = pin_subjects(rel, info->options, info->attributes);
	info->desc = CreateTupleDescCopy(RelationGetDescr(rel));
	info->ncolumns = list_length(used_attributes(baserel, info->attributes, clauses));
	baserel->fdw_private = info;
	table_close(rel, NoLock);

	if (baserel->tuples > 0)
		rows = baserel->tuples;
	else
	{
		/* never analyzed: from what was read last, or a guess */
		baserel->tuples =
			pin_estimate_rows(info->options,
							  pin_request_build(info->options, NIL, NIL, NULL));
		rows = pin_estimate_rows(info->options,
								 expected_request(root, baserel, clauses));
		clauses = other_clauses(root, baserel);
	}
	baserel->rows = clamp_row_est(rows *
								  clauselist_selectivity(root, clauses, 0,
														 JOIN_INNER, NULL));
}

/*
 * ids_are_given
 *		Whether some clauses say which entities the rows are of, be it only at
 *		execution.
 */
static bool
ids_are_given(PlannerInfo *root, RelOptInfo *baserel, List *clauses)
{
	PinRelInfo *info = baserel->fdw_private;
	const char *filter = pin_analytics_filter(info->options->resource);
	ListCell   *lc,
			   *lc2;

	foreach(lc, info->subjects)
	{
		PinSubject *subject = lfirst(lc);

		if (filter == NULL || strcmp(subject->name, filter) != 0)
			continue;
		foreach(lc2, clauses)
		{
			if (pin_clause_narrows(root, baserel, list_make1(subject),
								   lfirst_node(RestrictInfo, lc2)->clause))
				return true;
		}
	}
	return false;
}

/*
 * add_synchronous_path
 *		Adds a path that gets by without a report, if there is one.
 *
 * Whether a request can be answered so is decided for good when it is made; if
 * not, such a path asks for a report, too.
 */
static void
add_synchronous_path(PlannerInfo *root, RelOptInfo *baserel, List *clauses,
					 const PinRequest *request, double rows,
					 Relids required_outer)
{
	PinRelInfo *info = baserel->fdw_private;
	int			nrequests;
	double		startup;
	double		total;

	if (!pin_analytics_suffices(info->options, baserel, info->attributes,
								used_attributes(baserel, info->attributes,
												clauses),
								clauses))
		return;
	nrequests = pin_analytics_requests(info->options, request);
	if (nrequests == 0 && request->filters == NIL &&
		ids_are_given(root, baserel, clauses))
	{
		/* as if there were one of them */
		PinFilter	filter = {pin_analytics_filter(info->options->resource),
		list_make1("0")};
		PinRequest	guess = *request;

		guess.filters = list_make1(&filter);
		nrequests = pin_analytics_requests(info->options, &guess);
	}
	if (nrequests == 0)
		return;
	pin_estimate_analytics(info->options, nrequests, rows, info->ncolumns,
						   &startup, &total);
	total += rows * baserel->baserestrictcost.per_tuple;
	add_path(baserel, (Path *)
			 pin_create_foreignscan_path(root, baserel, rows, startup, total,
										 NIL, required_outer,
										 list_make2(makeInteger(0),
													makeBoolean(true))));
}

/*
 * add_scan_path
 *		Adds a path that asks for what some clauses say: those of the query,
 *		or of a join as well; pathkeys and order, if it asks for an order.
 */
static void
add_scan_path(PlannerInfo *root, RelOptInfo *baserel, ParamPathInfo *param_info,
			  Relids required_outer, List *pathkeys, int order)
{
	PinRelInfo *info = baserel->fdw_private;
	List	   *clauses = baserel->baserestrictinfo;
	double		rows = baserel->rows;
	double		read = baserel->tuples;
	PinRequest *request;
	double		startup;
	double		total;

	if (param_info != NULL)
	{
		clauses = list_concat_copy(param_info->ppi_clauses, clauses);
		rows = param_info->ppi_rows;
	}

	/* what comes back but does not pass is not much, if Pinterest filters */
	request = expected_request(root, baserel, clauses);
	if (request->filters != NIL || param_info != NULL)
		read = rows;
	else if (pin_has_days(info->options->resource))
		read = Max(rows, pin_estimate_rows(info->options, request));
	pin_estimate_cost(info->options, request, read, info->ncolumns, &startup,
					  &total);
	total += read * baserel->baserestrictcost.per_tuple;
	add_path(baserel, (Path *)
			 pin_create_foreignscan_path(root, baserel, rows, startup, total,
										 pathkeys, required_outer,
										 list_make2(makeInteger(order),
													makeBoolean(false))));
	add_synchronous_path(root, baserel, clauses, request, rows, required_outer);
}

/* What ec_member_is_subject() looks for, and what it has found */
typedef struct MemberSearch
{
	AttrNumber	attnum;			/* of a subject */
} MemberSearch;

/*
 * ec_member_is_subject
 *		Callback of generate_implied_equalities_for_column(): whether a member
 *		of an equivalence class is the column that we look for.
 */
static bool
ec_member_is_subject(PlannerInfo *root, RelOptInfo *rel, EquivalenceClass *ec,
					 EquivalenceMember *em, void *arg)
{
	Node	   *node = (Node *) em->em_expr;

	while (IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	return IsA(node, Var) &&
		((Var *) node)->varno == rel->relid &&
		((Var *) node)->varattno == ((MemberSearch *) arg)->attnum;
}

/*
 * note_param_info
 *		Adds what a path needs that a join clause parameterizes, unless it is
 *		of no use, or known.
 */
static List *
note_param_info(PlannerInfo *root, RelOptInfo *baserel, List *known,
				RestrictInfo *rinfo)
{
	PinRelInfo *info = baserel->fdw_private;
	Relids		required_outer;

	if (!join_clause_is_movable_to(rinfo, baserel) ||
		!pin_clause_narrows(root, baserel, info->subjects, rinfo->clause))
		return known;
	required_outer = bms_union(rinfo->clause_relids, baserel->lateral_relids);
	required_outer = bms_del_member(required_outer, baserel->relid);
	if (bms_is_empty(required_outer))
		return known;
	return list_append_unique_ptr(known,
								  get_baserel_parampathinfo(root, baserel,
															required_outer));
}

/*
 * add_ordered_path
 *		Adds a path for the order of ids that the query wants, if Pinterest
 *		has it.
 *
 * Pinterest lists the entities of one advertiser in the order of their ids as
 * numbers, but for those that others share with it.  Ids are digits of varying
 * length, so that their order as text, which the columns of the fixed schema
 * are of, is another one, in any collation.  What remains are columns that a
 * user made numbers of.
 */
static void
add_ordered_path(PlannerInfo *root, RelOptInfo *baserel)
{
	PinRelInfo *info = baserel->fdw_private;
	const PinResource *resource = info->options->resource;
	PathKey    *pathkey;
	ListCell   *lc;

	if (resource->kind != PIN_ENTITY || resource->listing != PIN_LIST_PAGES ||
		resource->unordered || resource->base != PIN_BASE_ACCOUNT ||
		info->options->all_advertisers ||
		list_length(info->options->advertiser_ids) != 1 ||
		list_length(root->query_pathkeys) != 1 ||
		pin_resource_takes(resource, PIN_OWNERSHIP))
		return;

	pathkey = linitial(root->query_pathkeys);
	foreach(lc, info->attributes)
	{
		PinAttribute *attribute = lfirst(lc);
		ListCell   *lc2;

		if (attribute->column != &resource->keys[resource->nkeys - 1])
			continue;
		foreach(lc2, pathkey->pk_eclass->ec_members)
		{
			Node	   *node = (Node *) ((EquivalenceMember *) lfirst(lc2))->em_expr;

			/* a domain compares as what it is over */
			while (IsA(node, RelabelType))
				node = (Node *) ((RelabelType *) node)->arg;
			if (IsA(node, Var) && ((Var *) node)->varno == baserel->relid &&
				((Var *) node)->varattno == attribute->attnum &&
				getBaseType(((Var *) node)->vartype) == INT8OID &&
				pathkey->pk_opfamily == INTEGER_BTREE_FAM_OID)
			{
				add_scan_path(root, baserel, NULL, baserel->lateral_relids,
							  root->query_pathkeys,
							  pin_pathkey_descends(pathkey) ?
							  -attribute->attnum : attribute->attnum);
				return;
			}
		}
	}
}

/*
 * pinGetForeignPaths
 *		Ways to scan: ask for all that the query needs, or, for each row of
 *		other relations, for what goes with it.
 *
 * The latter takes a request for each such row, or a report even, and wins
 * where there are few.
 */
void
pinGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel, Oid foreigntableid)
{
	PinRelInfo *info = baserel->fdw_private;
	List	   *param_infos = NIL;
	ListCell   *lc;

	add_scan_path(root, baserel, NULL, baserel->lateral_relids, NIL, 0);
	add_ordered_path(root, baserel);

	foreach(lc, baserel->joininfo)
		param_infos = note_param_info(root, baserel, param_infos, lfirst(lc));
	if (baserel->has_eclass_joins)
	{
		foreach(lc, info->subjects)
		{
			MemberSearch search = {((PinSubject *) lfirst(lc))->attnum};
			List	   *clauses =
				generate_implied_equalities_for_column(root, baserel,
													   ec_member_is_subject,
													   &search,
													   baserel->lateral_referencers);
			ListCell   *lc2;

			foreach(lc2, clauses)
				param_infos = note_param_info(root, baserel, param_infos,
											  lfirst(lc2));
		}
	}
	foreach(lc, param_infos)
	{
		ParamPathInfo *param_info = lfirst(lc);

		add_scan_path(root, baserel, param_info, param_info->ppi_req_outer, NIL, 0);
	}
}

/*
 * rows_that_do
 *		How many rows of a table the whole query can do with; 0: all of them.
 *
 * page_size: of the largest page.  This is a hint for the size of pages; the
 * executor stops by itself.
 */
static int
rows_that_do(PlannerInfo *root, ForeignPath *path, List *clauses, int page_size)
{
	if (root->limit_tuples <= 0 || root->limit_tuples > page_size ||
		clauses != NIL ||
		!pathkeys_contained_in(root->sort_pathkeys, path->path.pathkeys) ||
		bms_membership(root->all_baserels) != BMS_SINGLETON)
		return 0;
	return (int) root->limit_tuples;
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
	List	   *attnums = used_attributes(baserel, info->attributes, scan_clauses);
	List	   *clauses = extract_actual_clauses(scan_clauses, false);
	List	   *exprs;
	List	   *conditions;

	pin_collect_conditions(root, baserel, info->subjects, clauses, &exprs,
						   &conditions);
	return make_foreignscan(tlist, clauses, baserel->relid, exprs,
							list_make5(attnums, conditions,
									   makeInteger(rows_that_do(root, best_path, clauses,
															info->options->resource->page_size)),
									   copyObject(linitial(best_path->fdw_private)),
									   copyObject(lsecond(best_path->fdw_private))),
							NIL, NIL, outer_plan);
}
