/*-------------------------------------------------------------------------
 *
 * ddl.c
 *	  Refuses what foreign tables and the extension cannot have.
 *
 * The validator of a wrapper sees options, one object at a time, but no columns.
 * So event triggers look at foreign tables of this wrapper after the command that
 * has changed them.  They can be off; then the planner and a refresh find the same.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "commands/comment.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "tcop/deparse_utility.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "auth/token.h"
#include "base/extension.h"
#include "base/relation.h"
#include "ddl.h"
#include "option/column.h"
#include "option/key.h"
#include "option/option.h"
#include "option/settings.h"
#include "refresh/registry.h"
#include "schedule/schedule.h"

PG_FUNCTION_INFO_V1(pinterest_check_ddl);
PG_FUNCTION_INFO_V1(pinterest_end_schedules);

/* An object that a command has made or altered */
typedef struct Altered
{
	ObjectAddress object;
	Node	   *parsetree;		/* of the command */
} Altered;

/*
 * get_altered
 *		What the command has made or altered: a List of Altered.
 */
static List *
get_altered(void)
{
	static const char *const sql =
		"SELECT c.classid, c.objid, c.command"
		" FROM pg_catalog.pg_event_trigger_ddl_commands() AS c";
	MemoryContext context = CurrentMemoryContext;
	List	   *result = NIL;

	SPI_connect();
	if (SPI_execute(sql, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", sql);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		TupleDesc	tupdesc = SPI_tuptable->tupdesc;
		MemoryContext old = MemoryContextSwitchTo(context);
		Altered    *altered = palloc0(sizeof(Altered));
		Datum		command;
		bool		isnull;

		altered->object.classId = DatumGetObjectId(SPI_getbinval(row, tupdesc, 1, &isnull));
		altered->object.objectId = DatumGetObjectId(SPI_getbinval(row, tupdesc, 2, &isnull));

		/* what the command is made of lives as long as that runs */
		command = SPI_getbinval(row, tupdesc, 3, &isnull);
		if (!isnull)
			altered->parsetree = ((CollectedCommand *) DatumGetPointer(command))->parsetree;
		result = lappend(result, altered);
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	return result;
}

/*
 * check_members
 *		Refuses to have an object of the extension renamed, moved, or taken out.
 *
 * It finds its objects by their names; and so do the jobs of pg_cron.
 */
static void
check_members(const Altered *altered)
{
	Node	   *parsetree = altered->parsetree;
	Oid			extension = get_extension_oid("pinterest_fdw", true);
	bool		is_moved;

	if (parsetree == NULL || !OidIsValid(extension))
		return;
	if (IsA(parsetree, AlterExtensionContentsStmt))
		is_moved = ((AlterExtensionContentsStmt *) parsetree)->action < 0 &&
			altered->object.objectId == extension;
	else
		is_moved = (IsA(parsetree, RenameStmt) || IsA(parsetree, AlterObjectSchemaStmt)) &&
			getExtensionOfObject(altered->object.classId,
								 altered->object.objectId) == extension;
	if (is_moved)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot rename or move objects of extension pinterest_fdw"),
				 errdetail("It finds them by their names: %s.",
						   getObjectDescription(&altered->object, false)),
				 errhint("Leave them as they are. DROP EXTENSION pinterest_fdw removes them.")));
}

/*
 * add_comment
 *		Sets the comment of a table or a column, unless it has one.
 */
static void
add_comment(Oid relid, AttrNumber attnum, const char *comment)
{
	if (GetComment(relid, RelationRelationId, attnum) == NULL)
		CreateComments(relid, RelationRelationId, attnum, comment);
}

/*
 * check_foreign_table
 *		Checks the columns of a foreign table, if it is one of this wrapper.
 *
 * is_imported: gives it and its columns the descriptions of the fixed schema as
 * comments, which tools for reports show.
 */
static void
check_foreign_table(Relation rel, bool is_imported)
{
	Oid			relid = RelationGetRelid(rel);
	ForeignServer *server = GetForeignServer(GetForeignTable(relid)->serverid);
	const PinOptions *options;
	List	   *attributes;
	ListCell   *lc;

	if (!pin_is_our_wrapper(server->fdwid))
		return;
	options = pin_merge_options(relid);
	attributes = pin_get_attributes(rel, options);

	/* a custom report may do without the rest of the key until it is copied */
	foreach(lc, options->key)
	{
		if (!pin_is_own_key(options->resource, lfirst(lc)))
			(void) pin_key_attribute(options, attributes, lfirst(lc));
	}
	if (!is_imported)
		return;
	add_comment(relid, 0, options->resource->description);
	foreach(lc, attributes)
	{
		PinAttribute *attribute = lfirst(lc);

		if (attribute->column != NULL && attribute->column->description != NULL)
			add_comment(relid, attribute->attnum, attribute->column->description);
	}
}

/*
 * check_rename
 *		Raises HV005 if a column has got a name by which Pinterest's cannot be told.
 */
static void
check_rename(Relation rel, const RenameStmt *stmt)
{
	Oid			relid = RelationGetRelid(rel);
	AttrNumber	attnum = get_attnum(relid, stmt->newname);
	const PinResource *resource;
	const PinColumn *former;

	if (stmt->renameType != OBJECT_COLUMN || attnum == InvalidAttrNumber ||
		!pin_is_our_wrapper(GetForeignServer(GetForeignTable(relid)->serverid)->fdwid) ||
		pin_find_option(GetForeignColumnOptions(relid, attnum), "column_name") != NULL)
		return;
	resource = pin_merge_options(relid)->resource;
	former = pin_column_by_name(resource, stmt->subname);
	if (former == NULL || pin_column_by_name(resource, stmt->newname) != NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
			 errmsg("cannot rename column \"%s\" of foreign table \"%s\" to \"%s\"",
					stmt->subname, RelationGetRelationName(rel), stmt->newname),
			 errdetail("Nothing but its name says which of Pinterest's columns it is."),
			 errhint("Let an option say it first: ALTER FOREIGN TABLE %s ALTER COLUMN %s OPTIONS (ADD column_name %s);",
					 pin_relation_sql(relid), quote_identifier(stmt->subname),
					 quote_literal_cstr(former->api_name))));
}

/*
 * check_owner
 *		Warns if a materialized table has got an owner who is not let into
 *		Pinterest: refreshes act as the owner.
 *
 * The command has locked the table already, and whoever has locked the foreign table
 * may be about to lock this one: nobody is waited for.
 */
static void
check_owner(Relation rel)
{
	Oid			owner = rel->rd_rel->relowner;
	Relation	source;
	PinRegistered registered;
	Oid			sourceid;
	Oid			serverid;

	if (!pin_registry_get(RelationGetRelid(rel), &registered) ||
		!OidIsValid(registered.source))
		return;
	sourceid = registered.source;
	if (!ConditionalLockRelationOid(sourceid, AccessShareLock))
		return;
	source = try_relation_open(sourceid, NoLock);
	if (source == NULL)
		return;
	if (source->rd_rel->relkind == RELKIND_FOREIGN_TABLE)
	{
		serverid = GetForeignTable(sourceid)->serverid;
		if (!pin_is_authorized(serverid, owner))
			ereport(WARNING,
					(errcode(ERRCODE_WARNING),
					 errmsg("role \"%s\" is not authorized to use server \"%s\", so refreshes of table \"%s\" will fail",
							GetUserNameFromId(owner, false),
							GetForeignServer(serverid)->servername,
							RelationGetRelationName(rel)),
					 errdetail("A refresh acts as the owner of the table."),
					 errhint("Create a user mapping for that role, then as that role call pinterest.authorization_url() and pinterest.authorize().")));
	}
	relation_close(source, AccessShareLock);
}

/*
 * changes_owner
 *		Whether a command is ALTER TABLE ... OWNER TO.
 */
static bool
changes_owner(Node *parsetree)
{
	ListCell   *lc;

	if (parsetree == NULL || !IsA(parsetree, AlterTableStmt))
		return false;
	foreach(lc, ((AlterTableStmt *) parsetree)->cmds)
	{
		if (lfirst_node(AlterTableCmd, lc)->subtype == AT_ChangeOwner)
			return true;
	}
	return false;
}

/*
 * changes_columns
 *		Whether a command can have changed columns that others inherit.
 */
static bool
changes_columns(Node *parsetree)
{
	ListCell   *lc;

	if (parsetree == NULL)
		return false;
	if (IsA(parsetree, RenameStmt))
		return ((RenameStmt *) parsetree)->renameType == OBJECT_COLUMN;
	if (!IsA(parsetree, AlterTableStmt))
		return false;
	foreach(lc, ((AlterTableStmt *) parsetree)->cmds)
	{
		AlterTableType subtype = lfirst_node(AlterTableCmd, lc)->subtype;

		if (subtype == AT_AddColumn || subtype == AT_DropColumn ||
			subtype == AT_AlterColumnType)
			return true;
	}
	return false;
}

/*
 * check_children
 *		Looks at the foreign tables that inherit from a relation.
 *
 * The command has locked those that it has altered.  Nobody is waited for on
 * account of the others, and only foreign tables are locked here: a parent can
 * have more children than there is room for locks.
 */
static void
check_children(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		Oid			childid = lfirst_oid(lc);
		Relation	child;

		if (childid == relid ||
			get_rel_relkind(childid) != RELKIND_FOREIGN_TABLE ||
			!ConditionalLockRelationOid(childid, AccessShareLock))
			continue;
		child = try_relation_open(childid, NoLock);
		if (child != NULL)
		{
			check_foreign_table(child, false);
			relation_close(child, NoLock);
		}
	}
}

/*
 * check_relation
 *		Looks at a relation that a command has made or altered, and at what inherits
 *		its columns.
 */
static void
check_relation(const Altered *altered, bool is_imported)
{
	Oid			relid = altered->object.objectId;
	Relation	rel = try_relation_open(relid, AccessShareLock);

	if (rel == NULL)
		return;
	if (changes_owner(altered->parsetree))
		check_owner(rel);
	if (rel->rd_rel->relkind == RELKIND_FOREIGN_TABLE)
	{
		if (altered->parsetree != NULL && IsA(altered->parsetree, RenameStmt))
			check_rename(rel, (RenameStmt *) altered->parsetree);
		check_foreign_table(rel, is_imported);
	}
	if (rel->rd_rel->relhassubclass && changes_columns(altered->parsetree))
		check_children(relid);
	relation_close(rel, AccessShareLock);
}

/*
 * check_ddl(tag text) returns void
 *
 * To be called by an event trigger on ddl_command_end with the command's tag.
 * Raises an error if the command is to be refused.
 *
 * Extensions do with their objects as they like.  A restore gives a column its
 * options only after its table; it is told by check_function_bodies, which pg_dump
 * turns off, as what is checked there may not be complete yet.
 */
Datum
pinterest_check_ddl(PG_FUNCTION_ARGS)
{
	char	   *tag = text_to_cstring(PG_GETARG_TEXT_PP(0));
	bool		is_import = strcmp(tag, "IMPORT FOREIGN SCHEMA") == 0;
	List	   *seen = NIL;
	ListCell   *lc;

	if (creating_extension || IsBinaryUpgrade)
		PG_RETURN_VOID();
	foreach(lc, get_altered())
	{
		Altered    *altered = lfirst(lc);
		Oid			relid = altered->object.objectId;

		check_members(altered);
		if (altered->object.classId != RelationRelationId ||
			!check_function_bodies || list_member_oid(seen, relid))
			continue;

		/* a command of several steps names its table as often */
		seen = lappend_oid(seen, relid);
		check_relation(altered, is_import);
	}
	PG_RETURN_VOID();
}

/*
 * end_schedules() returns void
 *
 * To be called by an event trigger on ddl_command_start of what can drop the
 * extension: then its jobs go as well.
 */
Datum
pinterest_end_schedules(PG_FUNCTION_ARGS)
{
	pin_schedules_end();
	PG_RETURN_VOID();
}
