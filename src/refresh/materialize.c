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

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "commands/comment.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "refresh/refresh.h"

PG_FUNCTION_INFO_V1(pinterest_materialize);

/*
 * Name of a relation with its schema, for messages.
 *
 * The schema is there because a foreign table and its materialized table mostly
 * bear the same name.  The result is palloc'd; NULL if there is no such
 * relation.
 */
char *
pin_relation_name(Oid relid)
{
	char	   *name = get_rel_name(relid);
	char	   *nspname = NULL;

	if (name != NULL)
		nspname = get_namespace_name(get_rel_namespace(relid));
	return nspname != NULL ? psprintf("%s.%s", nspname, name) : NULL;
}

/*
 * Likewise, for statements: quoted where that is needed.
 */
char *
pin_relation_sql(Oid relid)
{
	char	   *name = get_rel_name(relid);

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  name);
}

/*
 * Tell the columns of a source that make its natural key.
 *
 * "attributes" says which of Pinterest's columns stands behind each column of
 * the source.  Fills in source->key, date and advertiser.  A source that lacks
 * a key column is an error: its rows could not be told apart.
 */
static void
find_key(PinSourceTable *source, List *attributes)
{
	const PinResource *resource = source->options->resource;

	source->key = NIL;
	source->date = -1;
	source->advertiser = -1;

	for (int i = 0; i < resource->nkeys; i++)
	{
		const PinColumn *key = &resource->keys[i];
		int			found = -1;
		ListCell   *lc;

		/* A total over the whole range has no date */
		if (key->source == PIN_FROM_DATE &&
			source->options->granularity == PIN_TOTAL)
			continue;

		foreach(lc, attributes)
		{
			PinAttribute *attr = (PinAttribute *) lfirst(lc);

			if (attr->column != NULL &&
				strcmp(attr->column->api_name, key->api_name) == 0)
			{
				for (int j = 0; j < source->ncolumns && found < 0; j++)
					if (strcmp(source->columns[j].name, attr->name) == 0)
						found = j;
				break;
			}
		}

		if (found < 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("foreign table \"%s\" lacks key column \"%s\"",
							source->name, key->name),
					 errhint("Add it with ALTER FOREIGN TABLE %s ADD COLUMN %s %s.",
							 pin_relation_sql(source->relid),
							 quote_identifier(key->name),
							 pin_kind_type(key->kind))));

		source->key = lappend_int(source->key, found);
		if (key->source == PIN_FROM_DATE)
			source->date = found;
		else if (key->source == PIN_FROM_ADVERTISER)
			source->advertiser = found;
	}
}

/*
 * Describe a foreign table to load from.
 *
 * The result is palloc'd.  The table stays locked against changes of its
 * definition to the end of the transaction.  Errors: not a foreign table of
 * this wrapper, a key column is missing, wrong options.
 */
PinSourceTable *
pin_get_source_table(Oid relid)
{
	PinSourceTable *source;
	Relation	rel;
	TupleDesc	tupdesc;
	List	   *attributes;

	rel = try_relation_open(relid, AccessShareLock);
	if (rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));

	/*
	 * The wrapper is told by its code: names of wrappers and handlers are the
	 * administrator's.
	 */
	if (rel->rd_rel->relkind != RELKIND_FOREIGN_TABLE ||
		GetFdwRoutineForRelation(rel, false)->GetForeignRelSize != pinGetForeignRelSize)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a foreign table of pinterest_fdw",
						pin_relation_name(relid)),
				 errhint("IMPORT FOREIGN SCHEMA ads creates such tables.")));

	source = palloc0(sizeof(PinSourceTable));
	source->relid = relid;
	source->name = pin_relation_name(relid);
	source->options = pin_get_options(relid);

	attributes = pin_get_attributes(rel, source->options->resource);
	tupdesc = RelationGetDescr(rel);
	source->columns = palloc0(sizeof(PinSourceColumn) * Max(tupdesc->natts, 1));
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);
		PinSourceColumn *column;
		ListCell   *lc;

		/* generated ones have no values in a foreign table that is only read */
		if (att->attisdropped || att->attgenerated != '\0')
			continue;
		column = &source->columns[source->ncolumns++];
		column->name = pstrdup(NameStr(att->attname));
		column->attnum = att->attnum;
		column->type = att->atttypid;
		column->typmod = att->atttypmod;
		column->collation = att->attcollation;
		column->comment = GetComment(relid, RelationRelationId, att->attnum);
		if (column->comment != NULL)
			continue;
		foreach(lc, attributes)
		{
			PinAttribute *attr = (PinAttribute *) lfirst(lc);

			if (attr->attnum == att->attnum && attr->column != NULL)
				column->comment = attr->column->description;
		}
	}
	table_close(rel, NoLock);

	find_key(source, attributes);
	return source;
}

/*
 * Compare the columns of a materialized table with those of its source.
 *
 * Returns the indexes of source columns that the target lacks; with "complete"
 * none may be missing.  All that does not fit is reported in one error.
 * Columns that only the target has are its owner's business.
 */
Bitmapset *
pin_match_columns(const PinSourceTable *source, Relation target, bool complete)
{
	TupleDesc	tupdesc = RelationGetDescr(target);
	Bitmapset  *missing = NULL;
	StringInfoData misfits;

	initStringInfo(&misfits);
	for (int i = 0; i < source->ncolumns; i++)
	{
		const PinSourceColumn *column = &source->columns[i];
		Form_pg_attribute att = NULL;

		for (int j = 0; j < tupdesc->natts && att == NULL; j++)
			if (!TupleDescAttr(tupdesc, j)->attisdropped &&
				strcmp(NameStr(TupleDescAttr(tupdesc, j)->attname),
					   column->name) == 0)
				att = TupleDescAttr(tupdesc, j);

		if (att == NULL)
		{
			missing = bms_add_member(missing, i);
			if (complete)
				appendStringInfo(&misfits, "%sColumn \"%s\" of type %s is missing.",
								 misfits.len > 0 ? "\n" : "", column->name,
								 format_type_with_typemod(column->type,
														  column->typmod));
		}
		else if (att->atttypid != column->type ||
				 att->atttypmod != column->typmod)
			appendStringInfo(&misfits, "%sColumn \"%s\" is of type %s instead of %s.",
							 misfits.len > 0 ? "\n" : "", column->name,
							 format_type_with_typemod(att->atttypid,
													  att->atttypmod),
							 format_type_with_typemod(column->type,
													  column->typmod));
		else if (att->attgenerated != '\0' ||
				 att->attidentity == ATTRIBUTE_IDENTITY_ALWAYS)
			appendStringInfo(&misfits, "%sColumn \"%s\" is always generated.",
							 misfits.len > 0 ? "\n" : "", column->name);
	}

	if (misfits.len > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("columns of table \"%s\" do not fit foreign table \"%s\"",
						pin_relation_name(RelationGetRelid(target)),
						source->name),
				 errdetail_internal("%s", misfits.data),
				 errhint("Change the columns with ALTER TABLE, or materialize into a table that does not exist yet.")));
	return missing;
}

/*
 * Make sure that a unique index of the target covers the natural key.
 *
 * Without one, neither rows that were there before nor those of other writers
 * would be known to be unique.  The index must have just the key's columns, in
 * any order, and hold for every row at once.
 */
void
pin_check_key_index(const PinSourceTable *source, Relation target)
{
	TupleDesc	tupdesc = RelationGetDescr(target);
	List	   *indexes = RelationGetIndexList(target);
	StringInfoData names;
	ListCell   *lc;
	bool		usable = false;

	foreach(lc, indexes)
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID,
											ObjectIdGetDatum(lfirst_oid(lc)));
		Form_pg_index index;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for index %u", lfirst_oid(lc));
		index = (Form_pg_index) GETSTRUCT(tuple);

		if (index->indisunique && index->indimmediate && index->indisvalid &&
			index->indnkeyatts == list_length(source->key) &&
			heap_attisnull(tuple, Anum_pg_index_indpred, NULL))
		{
			ListCell   *kc;

			usable = true;
			foreach(kc, source->key)
			{
				const char *name = source->columns[lfirst_int(kc)].name;
				bool		found = false;

				/* Expressions have attribute number zero */
				for (int i = 0; i < index->indnkeyatts && !found; i++)
				{
					AttrNumber	attnum = index->indkey.values[i];

					found = attnum > 0 &&
						strcmp(NameStr(TupleDescAttr(tupdesc, attnum - 1)->attname),
							   name) == 0;
				}
				usable = usable && found;
			}
		}
		ReleaseSysCache(tuple);
		if (usable)
			break;
	}
	list_free(indexes);
	if (usable)
		return;

	initStringInfo(&names);
	foreach(lc, source->key)
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
						 quote_identifier(source->columns[lfirst_int(lc)].name));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table \"%s\" has no usable unique index on the natural key (%s)",
					pin_relation_name(RelationGetRelid(target)), names.data),
			 errdetail("The index must have these columns alone, in any order, and be neither partial nor deferrable nor invalid."),
			 errhint("ALTER TABLE %s ADD PRIMARY KEY (%s);",
					 pin_relation_sql(RelationGetRelid(target)), names.data)));
}

/*
 * Definition of a source's column, as CREATE TABLE and ADD COLUMN want it.
 *
 * Types are written with their schema, collations only if they are not the
 * type's own.  The result is palloc'd.
 */
char *
pin_column_definition(const PinSourceColumn *column)
{
	StringInfoData def;

	initStringInfo(&def);
	appendStringInfo(&def, "%s %s", quote_identifier(column->name),
					 format_type_extended(column->type, column->typmod,
										  FORMAT_TYPE_TYPEMOD_GIVEN |
										  FORMAT_TYPE_FORCE_QUALIFY));
	if (OidIsValid(column->collation) &&
		column->collation != get_typcollation(column->type))
		appendStringInfo(&def, " COLLATE %s",
						 generate_collation_name(column->collation));
	return def.data;
}

/*
 * Create the table to materialize into.
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
 * Check whether an existing table can be materialized into.
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
