/*-------------------------------------------------------------------------
 *
 * partitions.c
 *	  Partitions of a target on other servers.
 *
 * Old months of a report can be on another PostgreSQL server, as foreign tables of
 * postgres_fdw.  PostgreSQL has no unique index on a table with such partitions, so
 * that the refresh sees to it by itself that no key comes twice: they must have no
 * other writer.  What could not be written is found when a table is adopted, rather
 * than by the first refresh that has to.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "executor/spi.h"
#include "foreign/fdwapi.h"
#include "foreign/foreign.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/nodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/relation.h"
#include "base/subxact.h"
#include "refresh/actor.h"
#include "refresh/partitions.h"

/* A partition that is tried */
typedef struct Trial
{
	const PinSourceTable *source;
	Oid			relid;
} Trial;

/*
 * may_be_written
 *		Whether rows of a foreign table can be inserted, updated and deleted.
 */
static bool
may_be_written(Relation rel)
{
	const int	all = (1 << CMD_INSERT) | (1 << CMD_UPDATE) | (1 << CMD_DELETE);
	FdwRoutine *routine = GetFdwRoutineForRelation(rel, false);

	if (routine->IsForeignRelUpdatable != NULL)
		return (routine->IsForeignRelUpdatable(rel) & all) == all;
	return routine->ExecForeignInsert != NULL &&
		routine->ExecForeignUpdate != NULL && routine->ExecForeignDelete != NULL;
}

/*
 * try_step
 *		Step: reads a row of a partition as an update would.  arg: a Trial.
 *
 * Its ctid tells rows apart there, which views do not have.
 */
static void
try_step(void *arg)
{
	const Trial *trial = arg;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT t.ctid");
	for (int i = 0; i < trial->source->ncolumns; i++)
		appendStringInfo(&sql, ", t.%s",
						 quote_identifier(trial->source->columns[i].name));
	appendStringInfo(&sql, " FROM %s t LIMIT 1", pin_relation_sql(trial->relid));
	SPI_connect();
	if (SPI_execute(sql.data, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", sql.data);
	SPI_finish();
}

/*
 * check_partition
 *		Refuses a foreign table as a partition that cannot be written.
 */
static void
check_partition(const PinSourceTable *source, Relation target, Oid relid)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	Trial		trial = {source, relid};
	const char *owner = GetUserNameFromId(target->rd_rel->relowner, false);
	ErrorData  *error;
	PinActor	before;

	if (!may_be_written(rel))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("partition \"%s\" of table \"%s\" cannot be written",
						pin_name_of(rel), pin_name_of(target)),
				 errdetail("Its foreign-data wrapper, or an option \"updatable\", keeps rows from being inserted, updated or deleted."),
				 errhint("Detach the partition, or have it be written: ALTER FOREIGN TABLE %s OPTIONS (SET updatable 'true').",
						 pin_relation_sql(relid))));
	before = pin_act_as(target->rd_rel->relowner);
	error = pin_try(try_step, &trial);
	pin_act_end(before);
	if (error != NULL && pin_is_cancellation(error))
		ReThrowError(error);
	if (error != NULL)
		ereport(ERROR,
				(errcode(error->sqlerrcode),
				 errmsg("partition \"%s\" of table \"%s\" cannot be used: %s",
						pin_name_of(rel), pin_name_of(target), error->message),
				 error->detail == NULL ? 0 : errdetail_internal("%s", error->detail),
				 errhint("On the other server it must be a table, and no view, with the columns of this one. Role \"%s\" needs a user mapping for a role that may read and write it there.",
						 owner)));
	relation_close(rel, NoLock);
}

/*
 * pin_check_partitions
 *		Refuses a target with partitions elsewhere that cannot be written.
 */
void
pin_check_partitions(const PinSourceTable *source, Relation target)
{
	ListCell   *lc;

	if (target->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		return;
	foreach(lc, find_all_inheritors(RelationGetRelid(target), AccessShareLock, NULL))
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
			check_partition(source, target, lfirst_oid(lc));
	}
}
