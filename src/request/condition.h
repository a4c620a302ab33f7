/*-------------------------------------------------------------------------
 *
 * condition.h
 *	  Conditions of a query that narrow what is asked of Pinterest.
 *
 * What the conditions say about one thing that Pinterest can be told (the
 * days, the advertisers, a filter) is a tree of comparisons under AND and OR.
 * It is kept in the plan as an IntList in prefix notation: PIN_AND or PIN_OR
 * and the number of arms, which follow; PIN_NOTHING; or another PinTest and
 * the place of the value to compare with in fdw_exprs.  What cannot be told so
 * about days is an expression there that reads the row: its value is an array of
 * the days at which it holds, see fdw/daytest.h.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REQUEST_CONDITION_H
#define PINTEREST_REQUEST_CONDITION_H

#include "nodes/pg_list.h"
#include "nodes/value.h"

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

/* Filters that Pinterest does not have: which parents to ask for their entities */
#define PIN_PARENT_IDS			"parent_ids"
#define PIN_PARENT_TYPES		"parent_types"

/*
 * Items of a list of conditions: a List of the name (String) and the tree, as
 * copyObject() and outfuncs take them.
 */
#define pin_condition_name(item) strVal(linitial((List *) (item)))
#define pin_condition_tree(item) ((List *) lsecond((List *) (item)))

/* What a condition compares with */
typedef struct PinValue
{
	Oid			type;
	bool		is_known;		/* else the condition narrows nothing */
	bool		is_null;
	Datum		value;
} PinValue;

#endif							/* PINTEREST_REQUEST_CONDITION_H */
