/*-------------------------------------------------------------------------
 *
 * clause.h
 *	  Finds conditions in the clauses of a query.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FDW_CLAUSE_H
#define PINTEREST_FDW_CLAUSE_H

#include "nodes/pathnodes.h"
#include "utils/rel.h"

#include "fdw/subject.h"
#include "option/settings.h"

extern List *pin_subjects(Relation rel, const PinOptions *options,
						  List *attributes);
extern bool pin_clause_narrows(PlannerInfo *root, RelOptInfo *baserel,
							   List *subjects, Expr *clause);
extern void pin_collect_conditions(PlannerInfo *root, RelOptInfo *baserel,
								   List *subjects, List *clauses, List **exprs,
								   List **conditions);

#endif							/* PINTEREST_FDW_CLAUSE_H */
