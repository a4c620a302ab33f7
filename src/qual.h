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

extern void pin_collect_date_bounds(PlannerInfo *root, RelOptInfo *baserel,
									AttrNumber attnum, List **exprs,
									List **strategies);
extern bool pin_apply_date_bounds(List *exprstates, List *strategies,
								  ExprContext *econtext, PinRange *range);

#endif							/* PINTEREST_QUAL_H */
