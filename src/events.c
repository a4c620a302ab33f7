/*-------------------------------------------------------------------------
 *
 * events.c
 *	  What DDL of others means for what the extension keeps.
 *
 * What is dropped must not leave a row that another object could match later,
 * when its OID is used again.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_user_mapping.h"
#include "commands/event_trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "nodes/parsenodes.h"
#include "nodes/value.h"
#include "utils/acl.h"
#include "utils/memutils.h"

#include "auth/identity.h"
#include "base/extension.h"
#include "events.h"
#include "refresh/gone.h"
#include "schedule/schedule.h"
#include "source/reuse.h"

PG_FUNCTION_INFO_V1(pinterest_forget_dropped);
PG_FUNCTION_INFO_V1(pinterest_on_alter_server);

/* An object that has been dropped */
typedef struct Dropped
{
	Oid			classid;
	Oid			objid;
	char	   *name;			/* of a server; of a mapping its role's, or "public" */
	char	   *server;			/* name, of a mapping */
} Dropped;

/*
 * forget
 *		Takes an object that has been dropped out of the extension's tables.
 */
static void
forget(const Dropped *object)
{
	if (object->classid == RelationRelationId)
	{
		pin_schedules_forget(object->objid);
		pin_forget_relation(object->objid);
	}
	else if (object->name == NULL)
		return;					/* neither a server nor a mapping */
	else if (object->classid == UserMappingRelationId)
	{
		Oid			role = InvalidOid;

		if (strcmp(object->name, "public") == 0 ||
			OidIsValid(role = get_role_oid(object->name, true)))
			pin_identity_forget(role, object->server);
	}
	else if (object->classid == ForeignServerRelationId)
		pin_identity_forget_server(object->name);
}

/*
 * forget_dropped() returns void
 *
 * To be called by an event trigger on sql_drop, whose dropped objects it takes out
 * of the tables of the extension.  Anywhere else it raises an error, as there are
 * none.
 */
Datum
pinterest_forget_dropped(PG_FUNCTION_ARGS)
{
	static const char *const sql =
		"SELECT d.classid, d.objid, d.address_names[1], d.address_args[1]"
		" FROM pg_catalog.pg_event_trigger_dropped_objects() AS d"
		" WHERE d.objsubid OPERATOR(pg_catalog.=) 0"
		" AND d.object_type OPERATOR(pg_catalog.=) ANY"
		" ('{table,foreign table,user mapping,server}'::pg_catalog.text[])";
	MemoryContext oldcontext = CurrentMemoryContext;
	MemoryContext context;
	List	   *objects = NIL;
	bool		has_others = false;
	ListCell   *lc;

	SPI_connect();
	if (SPI_execute(sql, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", sql);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		TupleDesc	tupdesc = SPI_tuptable->tupdesc;
		bool		isnull;
		MemoryContext spicontext = MemoryContextSwitchTo(oldcontext);
		Dropped    *object = palloc(sizeof(Dropped));

		object->classid = DatumGetObjectId(SPI_getbinval(row, tupdesc, 1, &isnull));
		object->objid = DatumGetObjectId(SPI_getbinval(row, tupdesc, 2, &isnull));
		object->name = SPI_getvalue(row, tupdesc, 3);
		object->server = SPI_getvalue(row, tupdesc, 4);
		objects = lappend(objects, object);
		MemoryContextSwitchTo(spicontext);
	}
	SPI_finish();

	/* A command can drop many thousands of them */
	context = AllocSetContextCreate(CurrentMemoryContext,
									"pinterest_fdw dropped object",
									ALLOCSET_DEFAULT_SIZES);
	foreach(lc, objects)
	{
		MemoryContextSwitchTo(context);
		forget(lfirst(lc));
		MemoryContextSwitchTo(oldcontext);
		MemoryContextReset(context);
		has_others |= ((Dropped *) lfirst(lc))->classid != RelationRelationId;
	}
	MemoryContextDelete(context);

	/* a server or a mapping: without effect if that is rolled back, but for time */
	if (has_others)
		pin_reuse_sweep();
	PG_RETURN_VOID();
}

/*
 * on_alter_server() returns event_trigger
 *
 * On ddl_command_end: what is kept for the mappings of a server of ours follows
 * it to its new name.
 */
Datum
pinterest_on_alter_server(PG_FUNCTION_ARGS)
{
	RenameStmt *stmt;
	Oid			serverid;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by an event trigger",
						"on_alter_server")));
	stmt = (RenameStmt *) ((EventTriggerData *) fcinfo->context)->parsetree;
	if (!IsA(stmt, RenameStmt) || stmt->renameType != OBJECT_FOREIGN_SERVER)
		PG_RETURN_NULL();

	/* The command has the server locked. */
	serverid = get_foreign_server_oid(stmt->newname, true);
	if (OidIsValid(serverid) &&
		pin_is_our_wrapper(GetForeignServer(serverid)->fdwid))
		pin_identity_rename_server(serverid, strVal(stmt->object), stmt->newname);
	PG_RETURN_NULL();
}
