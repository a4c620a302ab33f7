/*-------------------------------------------------------------------------
 *
 * foreign.c
 *	  The foreign table that a materialized one is loaded from, and whether they fit.
 *
 * A materialized table has the columns of its foreign table, which may change; and
 * a unique index on its natural key, by which the rows of both are told apart.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/comment.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

#include "base/dates.h"
#include "base/extension.h"
#include "base/relation.h"
#include "catalog/catalog.h"
#include "option/column.h"
#include "refresh/foreign.h"

/* Columns that do not fit and are named, at most */
#define MAX_MISFITS 5

/*
 * find_key
 *		Tells the columns of a source that make its natural key.
 *
 * Fills in source->key, date and advertiser.  A source that lacks a key column is
 * an error: its rows could not be told apart.
 */
static void
find_key(PinSourceTable *source)
{
	ListCell   *lc;

	source->key = NIL;
	source->date = -1;
	source->advertiser = -1;

	foreach(lc, source->options->key)
	{
		const PinColumn *key = lfirst(lc);
		PinAttribute *attribute = pin_key_attribute(source->options,
													source->attributes, key);
		int			place = 0;

		while (source->columns[place].attnum != attribute->attnum)
			place++;
		source->key = lappend_int(source->key, place);
		if (key->source == PIN_FROM_DATE)
			source->date = place;
		else if (key->source == PIN_FROM_ADVERTISER ||
				 (source->options->resource->kind == PIN_ENTITY &&
				  source->options->resource->listing == PIN_LIST_ADVERTISERS))
			source->advertiser = place;
	}
}

/*
 * pin_describe_table
 *		Describes a table to load from: a foreign one, or a parent of such, by its
 *		options and columns as Pinterest's.
 *
 * The result is palloc'd.  Errors: a key column is missing.
 */
PinSourceTable *
pin_describe_table(Relation rel, PinOptions *options, List *attributes)
{
	PinSourceTable *source = palloc0(sizeof(PinSourceTable));
	TupleDesc	tupdesc = RelationGetDescr(rel);

	source->relid = RelationGetRelid(rel);
	source->name = pin_name_of(rel);
	source->relname = pstrdup(RelationGetRelationName(rel));
	source->options = options;
	source->attributes = attributes;
	source->columns = palloc0(sizeof(PinSourceColumn) * Max(tupdesc->natts, 1));
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(tupdesc, i);
		PinSourceColumn *column;
		ListCell   *lc;

		if (att->attisdropped)
			continue;
		column = &source->columns[source->ncolumns++];
		column->name = pstrdup(NameStr(att->attname));
		column->attnum = att->attnum;
		column->type = att->atttypid;
		column->typmod = att->atttypmod;
		column->collation = att->attcollation;
		column->comment = GetComment(source->relid, RelationRelationId, att->attnum);
		foreach(lc, source->attributes)
		{
			PinAttribute *attr = (PinAttribute *) lfirst(lc);

			if (attr->attnum != att->attnum)
				continue;
			column->api_name = attr->api_name;
			if (column->comment == NULL && attr->column != NULL)
				column->comment = attr->column->description;
		}
	}
	find_key(source);
	return source;
}

/*
 * pin_hold_source
 *		Locks the foreign table that a table is loaded from against changes of
 *		its definition, to the end of the transaction; false if there is none.
 */
bool
pin_hold_source(Oid relid)
{
	Relation	rel = OidIsValid(relid) ?
		try_relation_open(relid, AccessShareLock) : NULL;

	if (rel == NULL)
		return false;
	relation_close(rel, NoLock);
	return true;
}

/*
 * pin_lock_source
 *		Likewise; raises 42P01 if the foreign table is gone.  target: what the
 *		table is called.
 */
void
pin_lock_source(Oid relid, const char *target)
{
	if (!pin_hold_source(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("the foreign table that table \"%s\" is loaded from has been dropped",
						target),
				 errhint("Call pinterest.materialize() with a new foreign table and this table.")));
}

/*
 * misfits_text
 *		What does not fit, for people to read: not all of it where that is much.
 */
static char *
misfits_text(const List *misfits)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, misfits)
	{
		int			rest = list_length(misfits) - foreach_current_index(lc);

		if (foreach_current_index(lc) == MAX_MISFITS && rest > 1)
		{
			appendStringInfo(&buf, "\nAnd %d more.", rest);
			break;
		}
		appendStringInfo(&buf, "%s%s", buf.len > 0 ? "\n" : "",
						 (char *) lfirst(lc));
	}
	return buf.data;
}

/*
 * pin_match_columns
 *		Compares the columns of a materialized table with those of its
 *		source.
 *
 * Returns the indexes of source columns that the target lacks; with "complete"
 * none may be missing.  What does not fit is reported in one error.
 * Columns that only the target has are its owner's business.
 */
Bitmapset *
pin_match_columns(const PinSourceTable *source, Relation target, bool complete)
{
	TupleDesc	tupdesc = RelationGetDescr(target);
	Bitmapset  *missing = NULL;
	List	   *misfits = NIL;

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
				misfits = lappend(misfits,
								  psprintf("Column \"%s\" of type %s is missing.",
										   column->name,
										   format_type_with_typemod(column->type,
																	column->typmod)));
		}
		else if (att->atttypid != column->type ||
				 att->atttypmod != column->typmod)
			misfits = lappend(misfits,
							  psprintf("Column \"%s\" is of type %s instead of %s.",
									   column->name,
									   format_type_with_typemod(att->atttypid,
																att->atttypmod),
									   format_type_with_typemod(column->type,
																column->typmod)));
		else if (att->attgenerated != '\0' ||
				 att->attidentity == ATTRIBUTE_IDENTITY_ALWAYS)
			misfits = lappend(misfits,
							  psprintf("Column \"%s\" is always generated.",
									   column->name));
	}

	if (misfits != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("columns of table \"%s\" do not fit foreign table \"%s\"",
						pin_name_of(target), source->name),
				 errdetail_internal("%s", misfits_text(misfits)),
				 errhint("Change the columns with ALTER TABLE, or materialize into a table that does not exist yet.")));
	return missing;
}

/*
 * count_key_columns
 *		How many columns of the natural key a unique index of a target has; 0 if it
 *		has others, too, or does not hold for every row at once.
 */
static int
count_key_columns(const PinSourceTable *source, TupleDesc tupdesc,
				  HeapTuple tuple)
{
	Form_pg_index index = (Form_pg_index) GETSTRUCT(tuple);

	if (!index->indisunique || !index->indimmediate || !index->indisvalid ||
		!heap_attisnull(tuple, Anum_pg_index_indpred, NULL))
		return 0;
	for (int i = 0; i < index->indnkeyatts; i++)
	{
		AttrNumber	attnum = index->indkey.values[i];
		bool		found = false;
		ListCell   *lc;

		/* Expressions have attribute number zero */
		foreach(lc, source->key)
			found = found ||
				(attnum > 0 &&
				 strcmp(NameStr(TupleDescAttr(tupdesc, attnum - 1)->attname),
						source->columns[lfirst_int(lc)].name) == 0);
		if (!found)
			return 0;
	}
	return index->indnkeyatts;
}

/*
 * append_new_key
 *		Appends the statements that give a target a unique index on the natural key,
 *		its primary key unless it has another one: in the place of the index "former"
 *		that it has on part of the key, if any.
 *
 * Rows that were loaded before a column has joined the key have no value of it: an
 * empty text stands for none, as it does for what Pinterest leaves out.
 */
static void
append_new_key(StringInfo sql, const PinSourceTable *source, Relation target,
			   Oid former, bool has_primary, const char *key)
{
	Oid			constraint = OidIsValid(former) ? get_index_constraint(former) :
		InvalidOid;
	const char *name = pin_sql_of(target);
	StringInfoData actions;
	ListCell   *lc,
			   *lc2;

	initStringInfo(&actions);
	forboth(lc, source->key, lc2, source->options->key)
	{
		const PinSourceColumn *column = &source->columns[lfirst_int(lc)];
		const PinColumn *known = lfirst(lc2);
		AttrNumber	attnum = get_attnum(RelationGetRelid(target), column->name);

		if (known->source != PIN_FROM_FIELD || column->type != TEXTOID ||
			source->options->resource->kind != PIN_REPORT)
			continue;
		if (attnum == InvalidAttrNumber)
			appendStringInfo(&actions, "ADD COLUMN %s DEFAULT '', ",
							 pin_column_definition(column));
		else if (!TupleDescAttr(RelationGetDescr(target), attnum - 1)->attnotnull)
			appendStringInfo(sql, "UPDATE %s SET %s = '' WHERE %s IS NULL; ", name,
							 quote_identifier(column->name),
							 quote_identifier(column->name));
	}
	if (OidIsValid(constraint))
		appendStringInfo(&actions, "DROP CONSTRAINT %s, ",
						 quote_identifier(get_constraint_name(constraint)));
	else if (OidIsValid(former))
		appendStringInfo(sql, "DROP INDEX %s; ", pin_relation_sql(former));
	appendStringInfo(sql, "ALTER TABLE %s %sADD %s (%s);", name, actions.data,
					 has_primary ? "UNIQUE" : "PRIMARY KEY", key);
}

/*
 * has_foreign_partitions
 *		Whether a table has partitions that are foreign tables.
 */
static bool
has_foreign_partitions(Relation target)
{
	ListCell   *lc;

	if (target->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		return false;
	foreach(lc, find_all_inheritors(RelationGetRelid(target), NoLock, NULL))
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
			return true;
	}
	return false;
}

/*
 * pin_check_key_index
 *		Makes sure that a unique index of the target covers the natural
 *		key; see pin_key_of().
 *
 * Without one, neither rows that were there before nor those of other writers
 * would be known to be unique.  The index must have just the key's columns, in
 * any order, and hold for every row at once.  The key may have changed since the
 * target was made, see the option key_columns.  Returns the index, of several the
 * first; InvalidOid if the target can have none, as it has partitions elsewhere.
 */
Oid
pin_check_key_index(const PinSourceTable *source, Relation target)
{
	List	   *indexes = RelationGetIndexList(target);
	Oid			former = InvalidOid;
	StringInfoData names;
	StringInfoData sql;
	ListCell   *lc;
	Oid			usable = InvalidOid;
	bool		has_primary = false;

	foreach(lc, indexes)
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID,
											ObjectIdGetDatum(lfirst_oid(lc)));
		int			ncolumns;

		/* DROP INDEX CONCURRENTLY does not care for our lock */
		if (!HeapTupleIsValid(tuple))
			continue;
		ncolumns = count_key_columns(source, RelationGetDescr(target), tuple);
		if (ncolumns == list_length(source->key))
			usable = lfirst_oid(lc);
		else if (ncolumns > 0)
			former = lfirst_oid(lc);
		else if (((Form_pg_index) GETSTRUCT(tuple))->indisprimary)
			has_primary = true;
		ReleaseSysCache(tuple);
		if (OidIsValid(usable))
			break;
	}
	list_free(indexes);
	if (OidIsValid(usable) || has_foreign_partitions(target))
		return usable;

	initStringInfo(&names);
	foreach(lc, source->key)
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
						 quote_identifier(source->columns[lfirst_int(lc)].name));
	initStringInfo(&sql);
	append_new_key(&sql, source, target, former, has_primary, names.data);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table \"%s\" has no usable unique index on the natural key (%s)",
					pin_name_of(target), names.data),
			 errdetail("The index must have these columns alone, in any order, and be neither partial nor deferrable nor invalid."),
			 errhint("%s", sql.data)));
}

/*
 * pin_check_keep_deleted
 *		Makes sure that entities of a source can stay when they are gone.
 *
 * Raises 22023 for a report, which has no entities, and 42701 if the source has a
 * column of the name of the mark.
 */
void
pin_check_keep_deleted(const PinSourceTable *source)
{
	if (pin_has_days(source->options->resource))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rows of a report cannot be kept when they are gone"),
				 errdetail("Foreign table \"%s\" is a report, whose rows Pinterest corrects; it has no entities that are deleted.",
						   source->name),
				 errhint("Materialize it without keep_deleted.")));
	for (int i = 0; i < source->ncolumns; i++)
	{
		if (strcmp(source->columns[i].name, PIN_DELETED_AT) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_COLUMN),
					 errmsg("foreign table \"%s\" has a column \"%s\" of its own",
							source->name, PIN_DELETED_AT),
					 errhint("Rename it with ALTER FOREIGN TABLE %s RENAME COLUMN %s TO ..., or materialize without keep_deleted.",
							 pin_relation_sql(source->relid), PIN_DELETED_AT)));
	}
}

/*
 * pin_check_deleted_at
 *		Makes sure that a target has the column in which entities that are gone are
 *		marked, besides what pin_check_keep_deleted() checks.
 *
 * Raises 42703 or 42804.
 */
void
pin_check_deleted_at(const PinSourceTable *source, Relation target)
{
	AttrNumber	attnum = get_attnum(RelationGetRelid(target), PIN_DELETED_AT);
	Form_pg_attribute att;

	pin_check_keep_deleted(source);
	if (attnum == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table \"%s\" has no column \"%s\" to keep deleted entities",
						pin_name_of(target), PIN_DELETED_AT),
				 errhint("ALTER TABLE %s ADD COLUMN %s timestamptz;",
						 pin_sql_of(target), PIN_DELETED_AT)));
	att = TupleDescAttr(RelationGetDescr(target), attnum - 1);
	if (att->atttypid != TIMESTAMPTZOID || att->attgenerated != '\0' ||
		att->attnotnull)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of table \"%s\" cannot mark deleted entities",
						PIN_DELETED_AT, pin_name_of(target)),
				 errdetail("It has to be an ordinary column of type %s that may be null.",
						   format_type_be(TIMESTAMPTZOID))));
}

/*
 * pin_column_definition
 *		Definition of a source's column, as CREATE TABLE and ADD
 *		COLUMN want it.
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
 * pin_comment_column
 *		Gives a new column of a materialized table the comment of its source's.
 *
 * An event trigger may have dropped it again: then there is nothing to do.
 */
void
pin_comment_column(Oid target, const PinSourceColumn *column)
{
	AttrNumber	attnum = get_attnum(target, column->name);

	if (column->comment != NULL && attnum != InvalidAttrNumber)
		CreateComments(target, RelationRelationId, attnum, column->comment);
}

/*
 * is_trusted_type
 *		Whether values of a type bring no code along but PostgreSQL's own, and
 *		that of those who have the rights of a role anyway.
 *
 * The checks of a domain and the functions of a type run as whoever reads or
 * writes a value.  Composite types and ranges are taken for untrusted without
 * looking at what they consist of, since no column of Pinterest's is one.
 */
static bool
is_trusted_type(Oid type, Oid role)
{
	while (type >= FirstNormalObjectId)
	{
		HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
		Form_pg_type form;
		bool		trusted;
		Oid			inner = InvalidOid;

		if (!HeapTupleIsValid(tuple))
			return false;
		form = (Form_pg_type) GETSTRUCT(tuple);
		trusted = has_privs_of_role(form->typowner, role) &&
			(form->typtype == TYPTYPE_BASE || form->typtype == TYPTYPE_ENUM ||
			 form->typtype == TYPTYPE_DOMAIN);
		if (form->typtype == TYPTYPE_DOMAIN)
			inner = form->typbasetype;
		else if (IsTrueArrayType(form))
			inner = form->typelem;
		ReleaseSysCache(tuple);
		if (!trusted)
			return false;
		if (!OidIsValid(inner))
			return true;
		type = inner;
	}
	return true;
}

/*
 * pin_check_types
 *		Refuses a source with columns whose types would bring code of others along
 *		into what a role does, the owner of the target.
 *
 * Whoever owns a source can give it new columns, which are added to the target by
 * themselves; and whoever owns a domain, another check.
 */
void
pin_check_types(const PinSourceTable *source, Oid role)
{
	for (int i = 0; i < source->ncolumns; i++)
	{
		const PinSourceColumn *column = &source->columns[i];

		if (!is_trusted_type(column->type, role))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("type %s of column \"%s\" of foreign table \"%s\" brings along somebody else's code",
							format_type_be(column->type), column->name,
							source->name),
					 errdetail("Its checks and functions would run with the rights of role \"%s\", who owns the materialized table.",
							   GetUserNameFromId(role, false)),
					 errhint("Use a type of PostgreSQL's own, or one that belongs to that role or to a superuser.")));
	}
}

/*
 * pin_match_tables
 *		Checks whether source and target still fit, and note new columns.
 *
 * A column that was loaded before and is gone on one side is an error, since
 * only its owner knows whether its data are to go as well.  One that is new in
 * the source will be added.
 */
Bitmapset *
pin_match_tables(const PinSourceTable *source, Relation target,
				 List *registered)
{
	const char *name = pin_name_of(target);
	Bitmapset  *missing = pin_match_columns(source, target, false);
	Bitmapset  *places = NULL;
	ListCell   *lc;
	int			i = -1;

	pin_check_types(source, target->rd_rel->relowner);
	for (int r = 0; target->rd_rules != NULL && r < target->rd_rules->numLocks; r++)
		if (target->rd_rules->rules[r]->isInstead)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot refresh table \"%s\", which has an INSTEAD rule",
							name),
					 errhint("Drop the rule, or have a trigger do its work.")));

	/* What of the source is registered, and what is registered and gone? */
	foreach(lc, registered)
	{
		const char *column = (const char *) lfirst(lc);
		int			place = 0;

		while (place < source->ncolumns &&
			   strcmp(source->columns[place].name, column) != 0)
			place++;
		if (place == source->ncolumns)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" of table \"%s\" is no longer in foreign table \"%s\"",
							column, name, source->name),
					 errhint("Call pinterest.materialize() again to keep the column without loading it any more, or after dropping it from the table.")));
		places = bms_add_member(places, place);
	}

	while ((i = bms_next_member(missing, i)) >= 0)
	{
		const char *column = source->columns[i].name;

		if (bms_is_member(i, places))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" of table \"%s\" is missing",
							column, name),
					 errdetail("It has been loaded from foreign table \"%s\" before.",
							   source->name),
					 errhint("Restore the column, or drop it from the foreign table and call pinterest.materialize() again.")));
	}
	return missing;
}
