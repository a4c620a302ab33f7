/*-------------------------------------------------------------------------
 *
 * daytest.h
 *	  Conditions on the date of a row that have to be tried day by day.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FDW_DAYTEST_H
#define PINTEREST_FDW_DAYTEST_H

#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"

#include "fdw/subject.h"
#include "option/settings.h"

extern PinSubject *pin_day_subject(PlannerInfo *root, RelOptInfo *baserel,
								   List *subjects, Node *clause);
extern bool pin_is_day_test(Node *expr, Index relid);
extern Datum pin_try_days(const PinOptions *options, ExprState *test,
						  EState *estate, TupleDesc desc);
extern bool pin_try_days_early(PlannerInfo *root, const PinOptions *options,
							   Node *test, TupleDesc desc, Datum *days);

#endif							/* PINTEREST_FDW_DAYTEST_H */
