/*-------------------------------------------------------------------------
 *
 * clause.c
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
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "base/text.h"
#include "catalog/catalog.h"
#include "fdw/clause.h"
#include "fdw/daytest.h"
#include "option/column.h"
#include "option/option.h"
#include "request/condition.h"

/*
 * Columns whose value a filter of the API goes by.  A filter is here only if
 * it means just what the column shows: reports are filtered by the statuses
 * that result, entities by those that were set.
 */
static const struct
{
	const char *resource;		/* NULL: all reports that have the column and
								 * take the filter */
	const char *column;			/* the API's name */
	const char *filter;
}			filtered_columns[] =
{
	{"campaigns", "id", "campaign_ids"},
	{"campaigns", "status", "entity_statuses"},
	{"ad_groups", "id", "ad_group_ids"},
	{"ad_groups", "campaign_id", "campaign_ids"},
	{"ad_groups", "status", "entity_statuses"},
	{"ads", "id", "ad_ids"},
	{"ads", "ad_group_id", "ad_group_ids"},
	{"ads", "campaign_id", "campaign_ids"},
	{"ads", "status", "entity_statuses"},
	/* of these two, Pinterest is asked parent by parent */
	{"keywords", "parent_id", PIN_PARENT_IDS},
	{"keywords", "parent_type", PIN_PARENT_TYPES},
	{"product_group_promotions", "ad_group_id", "ad_group_ids"},
	{"product_group_promotions", "id", "product_group_promotion_ids"},
	{"product_group_promotions", "status", "entity_statuses"},
	{"targeting_options", "targeting_type", "targeting_types"},
	{"conversion_quality", "lookback_period", "targeting_types"},
	{"audience_insights", "type", "targeting_types"},
	{"labels", "parent_id", "campaign_ids"},
	{"labels", "id", "label_ids"},
	{"board_sections", "board_id", PIN_PARENT_IDS},
	{"board_pins", "board_id", PIN_PARENT_IDS},
	{"ad_pins", "id", PIN_PARENT_IDS},
	{"schedules", "entity_id", PIN_PARENT_IDS},
	{"business_ad_accounts", "business_id", PIN_PARENT_IDS},
	{"business_ad_accounts", "permission", "targeting_types"},
	{"pin_report", "pin_id", PIN_PARENT_IDS},
	{"feed_processing_results", "feed_id", PIN_PARENT_IDS},
	{"feed_item_issues", "processing_result_id", PIN_PARENT_IDS},
	{"product_group_counts", "product_group_id", PIN_PARENT_IDS},
	{"products", "product_group_id", PIN_PARENT_IDS},
	{"user_account_report", "split_field", "targeting_types"},
	{"top_pins", "sort_by", "targeting_types"},
	{"top_video_pins", "sort_by", "targeting_types"},
	{"audiences", "ownership_type", PIN_OWNERSHIP},
	{NULL, "CAMPAIGN_ID", "campaign_ids"},
	{NULL, "CAMPAIGN_STATUS", "campaign_statuses"},
	{NULL, "CAMPAIGN_OBJECTIVE_TYPE", "campaign_objective_types"},
	{NULL, "AD_GROUP_ID", "ad_group_ids"},
	{NULL, "AD_GROUP_STATUS", "ad_group_statuses"},
	{NULL, "AD_ID", "ad_ids"},
	{NULL, "AD_STATUS", "ad_statuses"},
	{NULL, "PIN_PROMOTION_ID", "ad_ids"},
	{NULL, "PIN_PROMOTION_STATUS", "ad_statuses"},
	{NULL, "PRODUCT_GROUP_ID", "product_group_ids"},
	{NULL, "PRODUCT_GROUP_STATUS", "product_group_statuses"},
	{NULL, "PRODUCT_ITEM_ID", "product_item_ids"},
	{NULL, "TARGETING_TYPE", "targeting_types"}
};

/* What a walk through the clauses is after, and what it has found */
typedef struct Collection
{
	PlannerInfo *root;
	RelOptInfo *baserel;
	List	   *subjects;		/* of PinSubject * */
	const char *name;			/* of the subjects in question */
	List	   *exprs;
} Collection;

static bool collect_tree(Collection *collection, Node *clause, List **tree);
static bool is_date_type(Oid type);

/*
 * subject_name
 *		What conditions on a column are about; NULL if Pinterest cannot be told.
 */
static const char *
subject_name(const PinOptions *options, const PinAttribute *attribute)
{
	const PinResource *resource = options->resource;
	const PinColumn *column = attribute->column;

	if (column == NULL)
		return NULL;
	if (column->source == PIN_FROM_DATE)
		return PIN_SUBJECT_DATE;
	if (column->source == PIN_FROM_ADVERTISER ||
		strcmp(column->api_name, "AD_ACCOUNT_ID") == 0 ||
		(resource->listing == PIN_LIST_ADVERTISERS &&
		 resource->kind == PIN_ENTITY && strcmp(column->api_name, "id") == 0))
		return PIN_SUBJECT_ADVERTISER;

	/* a template has its own filters, and no others are taken with it */
	if (options->template_id != NULL)
		return NULL;
	for (int i = 0; i < (int) lengthof(filtered_columns); i++)
	{
		const char *name = filtered_columns[i].resource;

		if (strcmp(filtered_columns[i].column, column->api_name) != 0)
			continue;
		if (name != NULL ? strcmp(name, resource->name) == 0 :
			resource->kind == PIN_REPORT &&
			pin_resource_takes(resource, filtered_columns[i].filter))
			return filtered_columns[i].filter;
	}
	return NULL;
}

/*
 * pin_subjects
 *		The columns of a table that conditions can be about, as a List of
 *		PinSubject *.
 *
 * attributes: of pin_get_attributes().
 */
List *
pin_subjects(Relation rel, const PinOptions *options, List *attributes)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, attributes)
	{
		PinAttribute *attribute = lfirst(lc);
		const char *name = subject_name(options, attribute);
		PinSubject *subject;
		Oid			type = getBaseType(TupleDescAttr(RelationGetDescr(rel),
													  attribute->attnum - 1)->atttypid);

		/*
		 * Hours without a time zone compare by the session's zone with times
		 * that have one.  There are few days of them, so all are asked for.
		 */
		if (name == NULL ||
			(strcmp(name, PIN_SUBJECT_DATE) == 0 && type == TIMESTAMPOID &&
			 options->granularity == PIN_HOUR))
			continue;
		subject = palloc0(sizeof(PinSubject));
		subject->name = name;
		subject->attnum = attribute->attnum;
		subject->type = type;
		subject->is_key = pin_is_key(options, attribute->column);
		subject->is_day = strcmp(name, PIN_SUBJECT_DATE) == 0 &&
			options->granularity != PIN_HOUR &&
			is_date_type(type);
		result = lappend(result, subject);
	}
	return result;
}

/*
 * find_subject
 *		The subject in question that an expression is, or NULL.
 *
 * A date cast to a timestamp counts as one: it compares like the date itself.
 */
static PinSubject *
find_subject(Collection *collection, Node *node)
{
	bool		is_cast = false;
	ListCell   *lc;

	if (IsA(node, FuncExpr) &&
		(((FuncExpr *) node)->funcid == F_TIMESTAMP_DATE ||
		 ((FuncExpr *) node)->funcid == F_TIMESTAMPTZ_DATE))
	{
		node = linitial(((FuncExpr *) node)->args);
		is_cast = true;
	}
	while (IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	if (!IsA(node, Var) ||
		((Var *) node)->varno != collection->baserel->relid ||
		((Var *) node)->varlevelsup != 0)
		return NULL;

	foreach(lc, collection->subjects)
	{
		PinSubject *subject = lfirst(lc);

		if (subject->attnum == ((Var *) node)->varattno &&
			strcmp(subject->name, collection->name) == 0 &&
			(!is_cast || subject->type == DATEOID))
			return subject;
	}
	return NULL;
}

/*
 * is_fixed
 *		Whether an expression has one value while a scan goes on.
 */
static bool
is_fixed(Collection *collection, Node *node)
{
	return !bms_is_member(collection->baserel->relid,
						  pull_varnos(collection->root, node)) &&
		!contain_volatile_functions(node) &&
		!contain_subplans(node);
}

/*
 * is_date_type
 *		Whether values of a type compare with a date.
 */
static bool
is_date_type(Oid type)
{
	return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

/*
 * find_test
 *		How an operator compares a subject on its left with a value; false if
 *		that is of no use.
 *
 * Operators are known by their operator family; a user's own operator of the
 * same name is none of our business.
 */
static bool
find_test(const PinSubject *subject, Oid opno, Oid collation, Oid type,
		  PinTest *test)
{
	bool		negated = false;
	Oid			family_of;
	int			strategy;

	if (strcmp(subject->name, PIN_SUBJECT_DATE) == 0)
	{
		if (!is_date_type(subject->type) || !is_date_type(type))
			return false;
		family_of = DATEOID;
	}
	else if (subject->type == INT8OID || subject->type == INT4OID)
	{
		if (type != INT8OID && type != INT4OID && type != INT2OID)
			return false;
		family_of = INT8OID;
	}
	else
	{
		if ((subject->type != TEXTOID && subject->type != VARCHAROID) ||
			type != TEXTOID || !get_collation_isdeterministic(collation))
			return false;
		family_of = TEXTOID;
	}

	family_of = lookup_type_cache(family_of, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
	strategy = get_op_opfamily_strategy(opno, family_of);
	if (strategy == 0)
	{
		strategy = get_op_opfamily_strategy(get_negator(opno), family_of);
		if (strategy != BTEqualStrategyNumber)
			return false;
		negated = true;
	}
	if (strcmp(subject->name, PIN_SUBJECT_DATE) != 0 &&
		strategy != BTEqualStrategyNumber)
		return false;
	switch (strategy)
	{
		case BTLessStrategyNumber:
			*test = PIN_LESS;
			break;
		case BTLessEqualStrategyNumber:
			*test = PIN_LESS_EQUAL;
			break;
		case BTEqualStrategyNumber:
			*test = negated ? PIN_NOT_EQUAL : PIN_EQUAL;
			break;
		case BTGreaterEqualStrategyNumber:
			*test = PIN_GREATER_EQUAL;
			break;
		default:
			*test = PIN_GREATER;
			break;
	}
	return true;
}

/*
 * add_test
 *		Makes the tree of one comparison.
 */
static List *
add_test(Collection *collection, PinTest test, Node *value)
{
	collection->exprs = lappend(collection->exprs, value);
	return list_make2_int(test, list_length(collection->exprs) - 1);
}

/*
 * collect_arms
 *		Makes the tree of an AND or OR; false if it does not narrow anything.
 *
 * Of an AND, arms that do not narrow can be left out, of an OR they cannot.
 */
static bool
collect_arms(Collection *collection, PinTest test, List *args, List **tree)
{
	int			nexprs = list_length(collection->exprs);
	int			narms = 0;
	List	   *arms = NIL;
	ListCell   *lc;

	foreach(lc, args)
	{
		List	   *arm;

		if (collect_tree(collection, lfirst(lc), &arm))
		{
			arms = list_concat(arms, arm);
			narms++;
		}
		else if (test == PIN_OR)
		{
			collection->exprs = list_truncate(collection->exprs, nexprs);
			return false;
		}
	}
	if (narms == 0)
		return false;
	*tree = narms == 1 ? arms : list_concat(list_make2_int(test, narms), arms);
	return true;
}

/*
 * collect_comparison
 *		Makes the tree of a clause that compares a subject with values; false if
 *		it does not.
 */
static bool
collect_comparison(Collection *collection, Node *clause, List **tree)
{
	PinSubject *subject;
	PinTest		test;

	if (IsA(clause, OpExpr) && list_length(((OpExpr *) clause)->args) == 2)
	{
		OpExpr	   *op = (OpExpr *) clause;
		Node	   *value = lsecond(op->args);
		Oid			opno = op->opno;

		subject = find_subject(collection, linitial(op->args));
		if (subject == NULL)
		{
			subject = find_subject(collection, value);
			value = linitial(op->args);
			opno = get_commutator(opno);
		}
		if (subject == NULL || !OidIsValid(opno) ||
			!find_test(subject, opno, op->inputcollid, exprType(value), &test) ||
			!is_fixed(collection, value))
			return false;
		*tree = add_test(collection, test, value);
		return true;
	}

	if (IsA(clause, ScalarArrayOpExpr))
	{
		ScalarArrayOpExpr *op = (ScalarArrayOpExpr *) clause;
		Node	   *value = lsecond(op->args);

		subject = find_subject(collection, linitial(op->args));
		if (subject == NULL ||
			!find_test(subject, op->opno, op->inputcollid,
					   get_element_type(exprType(value)), &test) ||
			test != (op->useOr ? PIN_EQUAL : PIN_NOT_EQUAL) ||
			!is_fixed(collection, value))
			return false;
		*tree = add_test(collection,
						 op->useOr ? PIN_EQUAL_ANY : PIN_NOT_EQUAL_ALL, value);
		return true;
	}

	if (IsA(clause, NullTest) && ((NullTest *) clause)->nulltesttype == IS_NULL &&
		!((NullTest *) clause)->argisrow)
	{
		subject = find_subject(collection, (Node *) ((NullTest *) clause)->arg);
		if (subject == NULL || !subject->is_key)
			return false;
		*tree = list_make1_int(PIN_NOTHING);
		return true;
	}
	return false;
}

/*
 * collect_tree
 *		Finds what a clause says about the subjects in question; false if
 *		nothing.
 */
static bool
collect_tree(Collection *collection, Node *clause, List **tree)
{
	if (IsA(clause, RestrictInfo))
		clause = (Node *) ((RestrictInfo *) clause)->clause;
	if (is_andclause(clause))
		return collect_arms(collection, PIN_AND, ((BoolExpr *) clause)->args, tree);
	if (is_orclause(clause) &&
		collect_arms(collection, PIN_OR, ((BoolExpr *) clause)->args, tree))
		return true;
	if (collect_comparison(collection, clause, tree))
		return true;
	if (strcmp(collection->name, PIN_SUBJECT_DATE) != 0 ||
		pin_day_subject(collection->root, collection->baserel,
						collection->subjects, clause) == NULL)
		return false;
	*tree = add_test(collection, PIN_EQUAL_ANY, clause);
	return true;
}

/*
 * pin_clause_narrows
 *		Whether a clause says anything that Pinterest can be told.
 *
 * The clause may compare with columns of other relations.
 */
bool
pin_clause_narrows(PlannerInfo *root, RelOptInfo *baserel, List *subjects,
				   Expr *clause)
{
	Collection	collection = {root, baserel, subjects, NULL, NIL};
	ListCell   *lc;

	foreach(lc, subjects)
	{
		List	   *tree;

		collection.name = ((PinSubject *) lfirst(lc))->name;
		if (collect_tree(&collection, (Node *) clause, &tree))
			return true;
	}
	return false;
}

/*
 * pin_collect_conditions
 *		Finds what clauses say that Pinterest can be told.
 *
 * clauses: expressions or RestrictInfos, all of which hold for every row.  For
 * each subject of which they say something, *conditions gets an item; *exprs
 * gets the values to compare with.  What an OR says of several subjects at
 * once is said of each of them alone, which is less, but not wrong.
 */
void
pin_collect_conditions(PlannerInfo *root, RelOptInfo *baserel, List *subjects,
					   List *clauses, List **exprs, List **conditions)
{
	Collection	collection = {root, baserel, subjects, NULL, NIL};
	List	   *names = NIL;
	ListCell   *lc;

	*conditions = NIL;
	foreach(lc, subjects)
	{
		const char *name = ((PinSubject *) lfirst(lc))->name;
		List	   *tree;

		/* two columns may show the same thing */
		if (pin_has_string(names, name))
			continue;
		names = lappend(names, (void *) name);

		collection.name = name;
		if (collect_arms(&collection, PIN_AND, clauses, &tree))
			*conditions = lappend(*conditions,
								  list_make2(makeString(pstrdup(name)), tree));
	}
	*exprs = collection.exprs;
}
