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
#include "catalog/pg_user_mapping.h"
#include "executor/spi.h"
#include "fmgr.h"

#include "auth/tokenstore.h"
#include "events.h"
#include "refresh/log.h"
#include "refresh/registry.h"
#include "schedule/schedule.h"

PG_FUNCTION_INFO_V1(pinterest_forget_dropped);

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
	static const char *const dropped =
		"SELECT d.classid, d.objid FROM pg_catalog.pg_event_trigger_dropped_objects() AS d"
		" WHERE d.objsubid OPERATOR(pg_catalog.=) 0";
	MemoryContext oldcontext = CurrentMemoryContext;
	List	   *relids = NIL;
	List	   *umids = NIL;
	ListCell   *lc;

	SPI_connect();
	if (SPI_execute(dropped, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", dropped);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		TupleDesc	tupdesc = SPI_tuptable->tupdesc;
		bool		isnull;
		Oid			classid = DatumGetObjectId(SPI_getbinval(row, tupdesc, 1, &isnull));
		Oid			objid = DatumGetObjectId(SPI_getbinval(row, tupdesc, 2, &isnull));
		MemoryContext spicontext = MemoryContextSwitchTo(oldcontext);

		if (classid == RelationRelationId)
			relids = lappend_oid(relids, objid);
		else if (classid == UserMappingRelationId)
			umids = lappend_oid(umids, objid);
		MemoryContextSwitchTo(spicontext);
	}
	SPI_finish();

	foreach(lc, relids)
	{
		pin_schedules_forget(lfirst_oid(lc));
		pin_runs_forget(lfirst_oid(lc));
		pin_registry_forget(lfirst_oid(lc));
	}
	foreach(lc, umids)
		pin_tokens_forget(lfirst_oid(lc));
	PG_RETURN_VOID();
}
