/*-------------------------------------------------------------------------
 *
 * match.c
 *	  Whether a target is still what it was when its refresh began.
 *
 * It is looked at without a lock at first, and much may happen to it before rows
 * are written.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/bitmapset.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "refresh/foreign.h"
#include "refresh/key.h"
#include "refresh/match.h"

/*
 * pin_refresh_match
 *		Whether the target, which is locked, still fits the source; notes new
 *		columns.
 *
 * More of them than it was locked for are an error: a stronger lock could not be
 * had without a deadlock with whoever waits for this one.
 */
void
pin_refresh_match(PinRefresh *refresh, Relation rel)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);
	Bitmapset  *before = refresh->missing;

	refresh->missing = pin_match_tables(refresh->source, rel,
										refresh->registered.columns);
	if (bms_is_empty(before) && !bms_is_empty(refresh->missing))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("columns of table \"%s\" have changed during its refresh",
						refresh->name),
				 errhint("Refresh again.")));
	if (!pin_key_is_same(refresh->key, pin_key_of(refresh->source, rel)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the unique index of table \"%s\" has changed during its refresh",
						refresh->name),
				 errhint("Refresh again.")));
	if (refresh->registered.keep_deleted)
		pin_check_deleted_at(refresh->source, rel);
	MemoryContextSwitchTo(oldcontext);
}
