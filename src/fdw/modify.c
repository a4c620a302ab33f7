/*-------------------------------------------------------------------------
 *
 * modify.c
 *	  What cannot be done with foreign tables: clear words for it.
 *
 * Without these callbacks the executor would refuse it, too, but after the
 * rows have been asked for, and without saying what to do instead.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "fdw/modify.h"

/*
 * refuse
 *		Raises the error that a table can only be read.
 */
static void
refuse(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot change foreign table \"%s\"", name),
			 errdetail("Tables of pinterest_fdw show what Pinterest has, and can only be read."),
			 errhint("Make the change in Pinterest Ads Manager, or change a copy: pinterest.materialize() makes one.")));
}

/*
 * pinPlanForeignModify
 *		Refuses INSERT, UPDATE and DELETE.
 */
List *
pinPlanForeignModify(PlannerInfo *root, ModifyTable *plan,
					 Index resultRelation, int subplan_index)
{
	refuse(get_rel_name(planner_rt_fetch(resultRelation, root)->relid));
	return NIL;					/* keep compiler quiet */
}

/*
 * pinExecForeignTruncate
 *		Refuses TRUNCATE.
 */
void
pinExecForeignTruncate(List *rels, DropBehavior behavior, bool restart_seqs)
{
	refuse(RelationGetRelationName((Relation) linitial(rels)));
}

/*
 * pinGetForeignRowMarkType
 *		Refuses FOR UPDATE and the like; a plain row of a statement that locks
 *		rows of other tables is kept as a copy.
 */
RowMarkType
pinGetForeignRowMarkType(RangeTblEntry *rte, LockClauseStrength strength)
{
	if (strength != LCS_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot lock rows of foreign table \"%s\"",
						get_rel_name(rte->relid)),
				 errdetail("Pinterest has no locks."),
				 errhint("Name the tables to lock, as in FOR UPDATE OF table_name.")));
	return ROW_MARK_COPY;
}
