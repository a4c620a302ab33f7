/*-------------------------------------------------------------------------
 *
 * materialize.c
 *	  Creates, adopts and registers the ordinary tables that a refresh loads.
 *
 * A materialized table is an ordinary table of its owner's.  What makes it one
 * is a row of the registry, see registry.c.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/comment.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/varlena.h"

#include "base/relation.h"
#include "catalog/catalog.h"
#include "refresh/foreign.h"
#include "refresh/log.h"
#include "refresh/materialize.h"
#include "refresh/refresh.h"
#include "refresh/registry.h"

PG_FUNCTION_INFO_V1(pinterest_materialize);

/*
 * create_target
 *		Creates the table to materialize into.
 *
 * Goes through SPI, so that the caller's privileges, default settings and event
 * triggers count as for any other CREATE TABLE.  Returns its OID.
 */
static Oid
create_target(const PinSourceTable *source, Oid nspoid, const char *relname)
{
	const PinResource *resource = source->options->resource;
	StringInfoData sql;
	ListCell   *lc;
	Oid			target;
	const char *comment;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE TABLE %s (",
					 quote_qualified_identifier(get_namespace_name(nspoid),
												relname));
	for (int i = 0; i < source->ncolumns; i++)
		appendStringInfo(&sql, "%s, ",
						 pin_column_definition(&source->columns[i]));
	appendStringInfoString(&sql, "PRIMARY KEY (");
	foreach(lc, source->key)
		appendStringInfo(&sql, "%s%s",
						 lc == list_head(source->key) ? "" : ", ",
						 quote_identifier(source->columns[lfirst_int(lc)].name));
	appendStringInfoString(&sql, "))");

	SPI_connect();
	if (SPI_execute(sql.data, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not execute: %s", sql.data);
	SPI_finish();
	CommandCounterIncrement();

	target = get_relname_relid(relname, nspoid);
	if (!OidIsValid(target))
		elog(ERROR, "table \"%s\" was not created", relname);

	comment = GetComment(source->relid, RelationRelationId, 0);
	if (comment == NULL)
		comment = resource->description;
	if (comment != NULL)
		CreateComments(target, RelationRelationId, 0, comment);
	for (int i = 0; i < source->ncolumns; i++)
		if (source->columns[i].comment != NULL)
			CreateComments(target, RelationRelationId,
						   get_attnum(target, source->columns[i].name),
						   source->columns[i].comment);
	CommandCounterIncrement();
	return target;
}

/*
 * adopt_target
 *		Checks whether an existing table can be materialized into.
 */
static void
adopt_target(const PinSourceTable *source, Oid target)
{
	Relation	rel = table_open(target, AccessShareLock);

	if (!pin_owns_table(target))
		aclcheck_error(ACLCHECK_NOT_OWNER,
					   get_relkind_objtype(rel->rd_rel->relkind),
					   RelationGetRelationName(rel));
	if (rel->rd_rel->relkind != RELKIND_RELATION &&
		rel->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table", pin_relation_name(target)),
				 errhint("Name an ordinary or partitioned table, or one that does not exist yet.")));
	pin_match_columns(source, rel, true);
	pin_check_key_index(source, rel);

	/* A refresh checks again; see there why no lock is kept */
	table_close(rel, AccessShareLock);
}

/*
 * materialize(source regclass, target text, with_data boolean) returns regclass
 *
 * Creates an ordinary table like the foreign one, or adopts an existing one,
 * registers it and, unless told not to, loads it.  Runs as the caller, who must
 * be able to read the source, and to create the target or own it.
 */
Datum
pinterest_materialize(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	text	   *name = PG_GETARG_TEXT_PP(1);
	bool		with_data = PG_GETARG_BOOL(2);
	PinSourceTable *source;
	RangeVar   *rv;
	Oid			nspoid;
	Oid			target;

	PreventCommandIfReadOnly("pinterest.materialize()");

	source = pin_get_source_table(relid);
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FOREIGN_TABLE,
					   get_rel_name(relid));

	rv = makeRangeVarFromNameList(textToQualifiedNameList(name));
	nspoid = RangeVarGetCreationNamespace(rv);
	if (isAnyTempNamespace(nspoid))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot materialize into temporary table \"%s\"",
						rv->relname),
				 errhint("For a copy within one session, CREATE TEMPORARY TABLE ... AS SELECT does.")));

	target = get_relname_relid(rv->relname, nspoid);
	if (OidIsValid(target))
		adopt_target(source, target);
	else
		target = create_target(source, nspoid, rv->relname);

	pin_registry_put(target, source);
	if (with_data)
	{
		PinRefreshResult result;

		pin_refresh(target, NULL, &result);
	}
	PG_RETURN_OID(target);
}
