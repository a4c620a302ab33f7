/*-------------------------------------------------------------------------
 *
 * children.c
 *	  A parent of foreign tables as a source.
 *
 * Whoever has an authorization for each advertiser has a server for each of them,
 * and a foreign table on each server: partitions of one table, or tables that
 * inherit from it.  That one can be copied like a foreign table.  What counts as
 * loaded is what has been loaded of each child.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "foreign/foreign.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/extension.h"
#include "base/relation.h"
#include "base/text.h"
#include "option/column.h"
#include "option/option.h"
#include "refresh/children.h"
#include "refresh/provenance.h"

/*
 * may_have_children
 *		Whether a relation is of a kind that foreign tables can be below, and has
 *		something below it.
 */
static bool
may_have_children(Relation rel)
{
	return rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ||
		(rel->rd_rel->relkind == RELKIND_RELATION && rel->rd_rel->relhassubclass);
}

/*
 * describe_child
 *		Describes a foreign table below a parent, which is locked.
 */
static PinSourceTable *
describe_child(Relation parent, Oid relid)
{
	Relation	rel = relation_open(relid, NoLock);
	PinOptions *options;
	PinSourceTable *child;

	if (rel->rd_rel->relkind != RELKIND_FOREIGN_TABLE ||
		!pin_is_our_wrapper(GetForeignServer(GetForeignTable(relid)->serverid)->fdwid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a foreign table of pinterest_fdw",
						pin_name_of(rel)),
				 errdetail("It is below \"%s\", which can be copied if all that is below it are such tables.",
						   pin_name_of(parent)),
				 errhint("Detach it, or materialize the foreign tables one by one.")));
	options = pin_get_options(relid);
	child = pin_describe_table(rel, options, pin_get_attributes(rel, options));
	relation_close(rel, NoLock);
	return child;
}

/*
 * refuse_unlike
 *		Raises the error that two children differ in something.
 */
static void
refuse_unlike(const PinSourceTable *one, const PinSourceTable *other,
			  const char *what, const char *theirs, const char *ours)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("foreign tables \"%s\" and \"%s\" cannot be copied into one table",
					one->name, other->name),
			 errdetail("Of the first one %s is %s, and of the other one it is %s.", what,
					   theirs, ours),
			 errhint("Give them the same options, but for \"advertiser_id\" and \"historical_date\".")));
}

/*
 * check_alike
 *		Makes sure that the rows of two children mean the same.
 */
static void
check_alike(const PinSourceTable *one, const PinSourceTable *other)
{
	char	   *theirs = pin_join_list(pin_provenance_settings(one->options));
	char	   *ours = pin_join_list(pin_provenance_settings(other->options));

	if (strcmp(theirs, ours) != 0)
		refuse_unlike(one, other, "what its rows are made of", theirs, ours);
	for (int i = 0; i < one->ncolumns; i++)
	{
		const PinSourceColumn *column = &one->columns[i];

		for (int j = 0; j < other->ncolumns; j++)
		{
			const PinSourceColumn *twin = &other->columns[j];

			if (strcmp(column->name, twin->name) == 0 &&
				strcmp(column->api_name, twin->api_name) != 0)
				refuse_unlike(one, other, psprintf("column \"%s\"", column->name),
							  column->api_name, twin->api_name);
		}
	}
}

/*
 * take_advertisers
 *		Adds the advertisers of a child to those of its parent.
 *
 * What is loaded of an advertiser is what one child has of it: the rows of another
 * child would be deleted.
 */
static void
take_advertisers(PinOptions *options, const PinSourceTable *child)
{
	ListCell   *lc;

	options->all_advertisers = options->all_advertisers ||
		child->options->all_advertisers;
	foreach(lc, child->options->advertiser_ids)
	{
		if (pin_has_string(options->advertiser_ids, lfirst(lc)))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("advertiser %s belongs to foreign table \"%s\" and to another one",
							(char *) lfirst(lc), child->name),
					 errdetail("The rows of an advertiser have to come from one foreign table."),
					 errhint("Set the option \"advertiser_id\" of each foreign table to its own advertisers, with ALTER FOREIGN TABLE %s OPTIONS (%s advertiser_id '...').",
							 pin_relation_sql(child->relid),
							 pin_find_option(GetForeignTable(child->relid)->options,
											 "advertiser_id") != NULL ? "SET" : "ADD")));
		options->advertiser_ids = lappend(options->advertiser_ids, lfirst(lc));
	}
}

/*
 * parent_attributes
 *		The columns of a parent as those of Pinterest's: those of a child.
 */
static List *
parent_attributes(Relation rel, const PinSourceTable *child)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, child->attributes)
	{
		PinAttribute *attribute = palloc(sizeof(PinAttribute));

		*attribute = *(PinAttribute *) lfirst(lc);
		attribute->attnum = get_attnum(RelationGetRelid(rel), attribute->name);

		/* a child may have more columns than it inherits */
		if (attribute->attnum != InvalidAttrNumber)
			result = lappend(result, attribute);
	}
	return result;
}

/*
 * get_parent_table
 *		Describes a parent of foreign tables, which is open; its children become
 *		locked against changes of their definition to the end of the transaction.
 *
 * The result is palloc'd.  Its options are those of its first child, and the
 * advertisers those of all.  Errors: something else is below it, or foreign tables
 * that do not go together.
 */
static PinSourceTable *
get_parent_table(Relation rel)
{
	Oid			relid = RelationGetRelid(rel);
	PinSourceTable *parent;
	PinSourceTable *first;
	PinOptions *options;
	List	   *children = NIL;
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, AccessShareLock, NULL))
	{
		if (lfirst_oid(lc) != relid &&
			get_rel_relkind(lfirst_oid(lc)) != RELKIND_PARTITIONED_TABLE)
			children = lappend(children, describe_child(rel, lfirst_oid(lc)));
	}
	if (children == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" has no foreign tables of pinterest_fdw below it",
						pin_name_of(rel)),
				 errhint("Create them as its partitions, with CREATE FOREIGN TABLE ... PARTITION OF.")));

	first = linitial(children);
	options = palloc(sizeof(PinOptions));
	*options = *first->options;
	options->relid = relid;
	options->advertiser_ids = NIL;
	options->all_advertisers = false;
	foreach(lc, children)
	{
		check_alike(first, lfirst(lc));
		take_advertisers(options, lfirst(lc));
	}
	parent = pin_describe_table(rel, options, parent_attributes(rel, first));
	parent->children = children;
	if (parent->advertiser < 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot copy \"%s\": rows of resource \"%s\" belong to no advertiser",
						parent->name, options->resource->name),
				 errhint("Materialize one of the foreign tables below it.")));
	return parent;
}

/*
 * pin_get_source_table
 *		Describes a foreign table to load from, or a parent of foreign tables.
 *
 * The result is palloc'd.  The table stays locked against changes of its
 * definition to the end of the transaction.  Errors: not a foreign table of
 * this wrapper, a key column is missing, wrong options, and those of
 * get_parent_table().
 */
PinSourceTable *
pin_get_source_table(Oid relid)
{
	PinSourceTable *source;
	Relation	rel;

	rel = pin_relation_open(relid, AccessShareLock);
	if (may_have_children(rel))
		source = get_parent_table(rel);
	else if (rel->rd_rel->relkind == RELKIND_FOREIGN_TABLE &&
			 pin_is_our_wrapper(GetForeignServer(GetForeignTable(relid)->serverid)->fdwid))
	{
		PinOptions *options = pin_get_options(relid);

		source = pin_describe_table(rel, options, pin_get_attributes(rel, options));
	}
	else
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a foreign table of pinterest_fdw",
						pin_name_of(rel)),
				 errhint("IMPORT FOREIGN SCHEMA ads creates such tables.")));
	relation_close(rel, NoLock);
	return source;
}

/*
 * find_below
 *		A relation, if it is there, and all that is below it: a List of OIDs.
 */
static List *
find_below(Oid relid)
{
	return get_rel_relkind(relid) == '\0' ? NIL :
		find_all_inheritors(relid, NoLock, NULL);
}

/*
 * pin_first_child
 *		OID of a source that is a foreign table, or of the first of those below it;
 *		InvalidOid if there is none.  Nothing is locked.
 */
Oid
pin_first_child(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_below(relid))
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
			return lfirst_oid(lc);
	}
	return InvalidOid;
}

/*
 * pin_source_servers
 *		OIDs of the servers of a source, or of all that is below it; NIL if it has
 *		none.  Nothing is locked.
 */
List *
pin_source_servers(Oid relid)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, find_below(relid))
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
			result = list_append_unique_oid(result,
											GetForeignTable(lfirst_oid(lc))->serverid);
	}
	return result;
}
