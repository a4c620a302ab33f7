/*-------------------------------------------------------------------------
 *
 * clause.h
 *	  Conditions of a query that narrow what is asked of Pinterest.
 *
 * What the conditions say about one thing that Pinterest can be told (the
 * days, the advertisers, a filter) is a tree of comparisons under AND and OR.
 * It is kept in the plan as an IntList in prefix notation: PIN_AND or PIN_OR
 * and the number of arms, which follow; PIN_NOTHING; or another PinTest and
 * the place of the value to compare with in fdw_exprs.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_QUAL_H
#define PINTEREST_QUAL_H

#include "pinterest_fdw.h"

typedef enum PinTest
{
	PIN_AND,
	PIN_OR,
	PIN_NOTHING,				/* no value passes */
	PIN_LESS,
	PIN_LESS_EQUAL,
	PIN_EQUAL,
	PIN_GREATER_EQUAL,
	PIN_GREATER,
	PIN_NOT_EQUAL,
	PIN_EQUAL_ANY,				/* the value is an array, as in the next one */
	PIN_NOT_EQUAL_ALL
} PinTest;

/* What conditions can be about, besides filters by their names in the API */
#define PIN_SUBJECT_DATE		"date"
#define PIN_SUBJECT_ADVERTISER	"advertiser_id"

/* A column that conditions can be about */
typedef struct PinSubject
{
	const char *name;			/* as above, or of a filter */
	AttrNumber	attnum;
	Oid			type;
	bool		is_key;			/* never null */
} PinSubject;

/*
 * Items of a list of conditions: a List of the name (String) and the tree, as
 * copyObject() and outfuncs take them.
 */
#define pin_condition_name(item) strVal(linitial((List *) (item)))
#define pin_condition_tree(item) ((List *) lsecond((List *) (item)))

extern List *pin_subjects(Relation rel, const PinOptions *options,
						  List *attributes);
extern bool pin_clause_narrows(PlannerInfo *root, RelOptInfo *baserel,
							   List *subjects, Expr *clause);
extern void pin_collect_conditions(PlannerInfo *root, RelOptInfo *baserel,
								   List *subjects, List *clauses, List **exprs,
								   List **conditions);

#endif							/* PINTEREST_QUAL_H */
