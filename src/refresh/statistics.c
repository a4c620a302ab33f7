/*-------------------------------------------------------------------------
 *
 * statistics.c
 *	  Gives the planner statistics of a table that was just filled.
 *
 * Autovacuum comes by a minute later at best, and never to the parent of
 * partitions.  As it does come by, those of the first minute need not be as fine as
 * its own: of a wide table these take as long as half of the load.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "commands/vacuum.h"
#include "nodes/makefuncs.h"
#include "parser/parse_node.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "refresh/statistics.h"

/* Statistics target, at most; PostgreSQL's own default is 100. */
#define FIRST_TARGET 10

/*
 * Each point of the target has 300 rows looked at, which takes as long as loading
 * some 1,000: so many rows are there for a point, for this to be a tenth of the load.
 */
#define ROWS_PER_TARGET 10000

/*
 * has_own_targets
 *		Whether the user has set the statistics target of a column of a table.
 */
static bool
has_own_targets(Oid relid)
{
	bool		found = false;
	HeapTuple	tuple;

	for (AttrNumber i = 1; !found; i++)
	{
		tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relid), Int16GetDatum(i));
		if (!HeapTupleIsValid(tuple))
			break;
		found = pin_statistics_target(tuple) > 0;
		ReleaseSysCache(tuple);
	}
	return found;
}

/*
 * pin_analyze_filled
 *		Analyzes a table, and its partitions, that was just filled with rows.
 */
void
pin_analyze_filled(Oid target, int64 nrows)
{
	int			most = Max(Min(nrows / ROWS_PER_TARGET, FIRST_TARGET), 1);
	VacuumStmt *stmt = makeNode(VacuumStmt);
	List	   *tables = list_make1_oid(target);
	bool		has_own = false;
	int			nestlevel = NewGUCNestLevel();
	ListCell   *lc;

	if (get_rel_relkind(target) == RELKIND_PARTITIONED_TABLE)
		tables = find_all_inheritors(target, NoLock, NULL);
	foreach(lc, tables)
	{
		stmt->rels = lappend(stmt->rels,
							 makeVacuumRelation(NULL, lfirst_oid(lc), NIL));
		has_own = has_own || has_own_targets(lfirst_oid(lc));
	}
	if (!has_own && default_statistics_target > most)
		(void) set_config_option("default_statistics_target",
								 psprintf("%d", most), PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	ExecVacuum(make_parsestate(NULL), stmt, false);
	PopActiveSnapshot();
	AtEOXact_GUC(true, nestlevel);
}
