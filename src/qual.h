/*-------------------------------------------------------------------------
 *
 * qual.h
 *	  Conditions of a query that narrow what is asked of Pinterest.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_QUAL_H
#define PINTEREST_QUAL_H

#include "nodes/execnodes.h"

#include "source.h"

/* A condition "column op value" that the API can be told about */
typedef enum PinCondition
{
	PIN_DATE_LESS,				/* btree strategies of a date or timestamp */
	PIN_DATE_LESS_EQUAL,
	PIN_DATE_EQUAL,
	PIN_DATE_GREATER_EQUAL,
	PIN_DATE_GREATER,
	PIN_ADVERTISER_EQUAL,		/* the value is a text, */
	PIN_ADVERTISER_IN			/* or an array of these */
} PinCondition;

extern void pin_collect_conditions(PlannerInfo *root, RelOptInfo *baserel,
								   AttrNumber attnum, Oid type,
								   PinSource source, List **exprs,
								   List **conditions);
extern bool pin_apply_conditions(List *exprstates, List *conditions,
								 ExprContext *econtext, bool hourly,
								 PinRange *range, List **advertiser_ids);

#endif							/* PINTEREST_QUAL_H */
