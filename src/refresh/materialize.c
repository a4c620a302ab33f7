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

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/comment.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/argument.h"
#include "base/relation.h"
#include "base/subxact.h"
#include "catalog/catalog.h"
#include "refresh/children.h"
#include "refresh/foreign.h"
#include "refresh/key.h"
#include "refresh/lock.h"
#include "refresh/log.h"
#include "refresh/materialize.h"
#include "refresh/partitions.h"
#include "refresh/provenance.h"
#include "refresh/refresh.h"
#include "refresh/registry.h"

PG_FUNCTION_INFO_V1(pinterest_materialize);

/* A table that is being created */
typedef struct Creation
{
	const PinSourceTable *source;
	const char *relname;
	Oid			nspoid;			/* of its schema, which is locked, but can be
								 * renamed nevertheless */
	bool		keep_deleted;
	char	   *sql;			/* the statement */
	Oid			target;			/* what comes of it */
} Creation;

/*
 * creation_sql
 *		The statement that creates the table.  nspname: what its schema is called.
 */
static char *
creation_sql(const Creation *creation, const char *nspname)
{
	const PinSourceTable *source = creation->source;
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE TABLE %s (",
					 quote_qualified_identifier(nspname, creation->relname));
	for (int i = 0; i < source->ncolumns; i++)
		appendStringInfo(&sql, "%s, ",
						 pin_column_definition(&source->columns[i]));
	if (creation->keep_deleted)
		appendStringInfoString(&sql, PIN_DELETED_AT " pg_catalog.timestamptz, ");
	appendStringInfoString(&sql, "PRIMARY KEY (");
	foreach(lc, source->key)
		appendStringInfo(&sql, "%s%s",
						 lc == list_head(source->key) ? "" : ", ",
						 quote_identifier(source->columns[lfirst_int(lc)].name));
	appendStringInfoString(&sql, "))");
	return sql.data;
}

/*
 * create_index
 *		Creates an index on the days of a report, unless that of the key begins with
 *		them: most queries are about some days of all advertisers.
 *
 * nspname: what the schema of the table is called.
 */
static void
create_index(const Creation *creation, const char *nspname)
{
	const PinSourceTable *source = creation->source;
	char	   *sql;

	if (source->date < 0 || linitial_int(source->key) == source->date)
		return;
	sql = psprintf("CREATE INDEX ON %s (%s)",
				   quote_qualified_identifier(nspname, creation->relname),
				   quote_identifier(source->columns[source->date].name));
	SPI_connect();
	if (SPI_execute(sql, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not execute: %s", sql);
	SPI_finish();
	CommandCounterIncrement();
	AcceptInvalidationMessages();
}

/*
 * create_step
 *		Step: creates the table.  arg: a Creation.
 *
 * Goes through SPI, so that the caller's privileges, default settings and event
 * triggers count as for any other CREATE TABLE.  Raises 40001 if it is not in the
 * schema that was meant.
 */
static void
create_step(void *arg)
{
	Creation   *creation = arg;
	const char *nspname = pin_schema_name(creation->nspoid);

	creation->sql = creation_sql(creation, nspname);
	SPI_connect();
	if (SPI_execute(creation->sql, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not execute: %s", creation->sql);
	SPI_finish();
	CommandCounterIncrement();

	AcceptInvalidationMessages();
	creation->target = get_relname_relid(creation->relname, creation->nspoid);
	if (OidIsValid(creation->target) && pin_relation_is_new(creation->target))
	{
		create_index(creation, nspname);
		if (get_namespace_oid(nspname, true) == creation->nspoid)
			return;
	}
	if (get_namespace_oid(nspname, true) != creation->nspoid)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("schema \"%s\" has been renamed while table \"%s\" was created in it",
						nspname, creation->relname),
				 errhint("Try again.")));
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("table \"%s.%s\" is gone as soon as it is created",
					nspname, creation->relname),
			 errhint("Look for an event trigger that drops or renames it.")));
}

/*
 * hide_columns
 *		Takes the hundreds of columns of the statement out of an error's context.
 */
static void
hide_columns(const Creation *creation, ErrorData *error)
{
	const char *sql = creation->sql;
	const char *start = sql == NULL || error->context == NULL ? NULL :
		strstr(error->context, sql);

	if (start != NULL)
		error->context = psprintf("%.*sCREATE TABLE %s (...)%s",
								  (int) (start - error->context), error->context,
								  quote_identifier(creation->relname),
								  start + strlen(sql));
}

/*
 * create_target
 *		Creates the table to materialize into, in a schema that is locked.
 *		Returns the table's OID.
 */
static Oid
create_target(const PinSourceTable *source, const char *relname, Oid nspoid,
			  bool keep_deleted)
{
	const PinResource *resource = source->options->resource;
	const PinSourceColumn deleted_at = {
		.name = PIN_DELETED_AT,
		.comment = "since when Pinterest no longer lists the entity; null: it does"
	};
	Creation	creation = {
		.source = source,.relname = relname,.nspoid = nspoid,
		.keep_deleted = keep_deleted
	};
	const char *comment;
	ErrorData  *error = pin_try_by_name(pin_schema_name, nspoid, create_step,
										&creation);

	if (error != NULL)
	{
		hide_columns(&creation, error);
		ReThrowError(error);
	}

	comment = GetComment(source->relid, RelationRelationId, 0);
	if (comment == NULL)
		comment = resource->description;
	if (comment != NULL)
		CreateComments(creation.target, RelationRelationId, 0, comment);
	for (int i = 0; i < source->ncolumns; i++)
		pin_comment_column(creation.target, &source->columns[i]);
	if (keep_deleted)
		pin_comment_column(creation.target, &deleted_at);
	CommandCounterIncrement();
	return creation.target;
}

/*
 * check_owner
 *		Callback before an existing table is locked: only who owns it may adopt
 *		it.
 */
static void
check_owner(const RangeVar *rv, Oid relid, Oid oldrelid, void *arg)
{
	if (OidIsValid(relid) && !pin_owns_table(relid))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, rv->relname);
}

/*
 * find_target
 *		Where to materialize into: OID of a table that is there, which is locked
 *		then, or InvalidOid.
 *
 * Completes the name with the schema in which a new table of that name would be
 * created, whose OID becomes "nspoid".
 */
static Oid
find_target(RangeVar *rv, Oid *nspoid)
{
	Oid			target;

	*nspoid = RangeVarGetCreationNamespace(rv);
	if (isAnyTempNamespace(*nspoid))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot materialize into temporary table \"%s\"",
						rv->relname),
				 errhint("For a copy within one session, CREATE TEMPORARY TABLE ... AS SELECT does.")));
	rv->schemaname = get_namespace_name(*nspoid);
	if (rv->schemaname == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("the schema of table \"%s\" has been dropped",
						rv->relname)));

	target = RangeVarGetRelidExtended(rv, AccessShareLock, RVR_MISSING_OK,
									  check_owner, NULL);
	if (!OidIsValid(target))
	{
		pin_check_creation(*nspoid);
		*nspoid = RangeVarGetAndCheckCreationNamespace(rv, NoLock, NULL);
	}
	return target;
}

/*
 * adopt_target
 *		Checks whether an existing table can be materialized into.
 */
static void
adopt_target(const PinSourceTable *source, Relation rel, bool keep_deleted)
{
	PinRegistered former;
	char	   *former_name;

	if (rel->rd_rel->relkind != RELKIND_RELATION &&
		rel->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table", pin_name_of(rel)),
				 errhint("Name an ordinary or partitioned table, or one that does not exist yet.")));

	/* What another foreign table has loaded would stay among the rows of this */
	if (pin_registry_get(RelationGetRelid(rel), &former) &&
		former.source != source->relid &&
		(former_name = pin_relation_name(former.source)) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("table \"%s\" is already materialized from foreign table \"%s\"",
						pin_name_of(rel), former_name),
				 errhint("Name another table, or drop the one or the other before.")));
	pin_check_types(source, rel->rd_rel->relowner);
	pin_match_columns(source, rel, true);
	(void) pin_key_of(source, rel);
	pin_check_partitions(source, rel);
	if (keep_deleted)
		pin_check_deleted_at(source, rel);
}

/*
 * register_target
 *		Registers a table with its source.
 *
 * On behalf of its owner, who will load it and so must be able to read the
 * source, and who need not be the caller: superusers adopt tables of others.
 * Without data, rows that are there are kept on purpose, and count as loaded as
 * the source is now.
 */
static void
register_target(const PinSourceTable *source, Oid target, bool adopt,
				bool with_data, bool keep_deleted)
{
	Relation	rel = pin_relation_open(target, AccessShareLock);
	PinRefreshLock lock;

	pin_refresh_claim(&lock, target, pin_name_of(rel), false);
	if (adopt)
		adopt_target(source, rel, keep_deleted);
	else
		(void) pin_key_of(source, rel);
	if (pg_class_aclcheck(source->relid, rel->rd_rel->relowner,
						  ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FOREIGN_TABLE, source->relname);
	pin_registry_put(target, source,
					 with_data ? NIL : pin_provenance_settings(source->options),
					 keep_deleted);

	/* whoever drops the table is to find what was registered, committed */
	relation_close(rel, NoLock);
}

/*
 * pin_materialize
 *		Creates an ordinary table like a foreign one, or adopts an existing one, and
 *		registers it.  Returns its OID.
 *
 * rv: where to; its schema is filled in if there is none.  with_data: it will be
 * loaded; else rows that are there are kept on purpose.  keep_deleted: NULL for what
 * is registered already.  The current user must be able to read the source, and to
 * create the target or own it.
 */
Oid
pin_materialize(Oid sourceid, RangeVar *rv, bool with_data, const bool *keep_deleted)
{
	PinSourceTable *source = pin_get_source_table(sourceid);
	PinRegistered former;
	Oid			nspoid;
	Oid			target;
	bool		adopt;
	bool		keep;

	if (pg_class_aclcheck(sourceid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FOREIGN_TABLE, source->relname);
	target = find_target(rv, &nspoid);
	adopt = OidIsValid(target);

	/* what has been kept must not go because a later call does not mention it */
	keep = keep_deleted != NULL ? *keep_deleted :
		adopt && pin_registry_get(target, &former) && former.keep_deleted;
	if (keep)
		pin_check_keep_deleted(source);
	if (!adopt)
	{
		pin_check_types(source, GetUserId());
		target = create_target(source, rv->relname, nspoid, keep);
	}
	register_target(source, target, adopt, with_data, keep);
	return target;
}

/*
 * materialize(source regclass, target text, with_data boolean,
 *		keep_deleted boolean) returns regclass
 *
 * Creates or adopts a table and, unless told not to, loads it.
 */
Datum
pinterest_materialize(PG_FUNCTION_ARGS)
{
	bool		with_data;
	bool		keep_deleted = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
	Oid			target;

	pin_check_argument(fcinfo, 0, "pinterest.materialize", "source");
	pin_check_argument(fcinfo, 1, "pinterest.materialize", "target");
	pin_check_argument(fcinfo, 2, "pinterest.materialize", "with_data");
	with_data = PG_GETARG_BOOL(2);
	PreventCommandIfReadOnly("pinterest.materialize()");
	if (with_data)
		pin_refresh_check_snapshot("pinterest.materialize");
	target = pin_materialize(PG_GETARG_OID(0),
							 pin_parse_relation_name(PG_GETARG_TEXT_PP(1)),
							 with_data, PG_ARGISNULL(3) ? NULL : &keep_deleted);
	if (with_data)
	{
		PinAsked	everything = {.registering = true};
		PinRefreshResult result;

		pin_refresh(target, &everything, &result);
	}
	PG_RETURN_OID(target);
}
