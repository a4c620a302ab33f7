/*-------------------------------------------------------------------------
 *
 * modify.h
 *	  What cannot be done with foreign tables: clear words for it.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FDW_MODIFY_H
#define PINTEREST_FDW_MODIFY_H

#include "foreign/fdwapi.h"

extern List *pinPlanForeignModify(PlannerInfo *root, ModifyTable *plan,
								  Index resultRelation, int subplan_index);
extern void pinExecForeignTruncate(List *rels, DropBehavior behavior,
								   bool restart_seqs);
extern RowMarkType pinGetForeignRowMarkType(RangeTblEntry *rte,
											LockClauseStrength strength);

#endif							/* PINTEREST_FDW_MODIFY_H */
