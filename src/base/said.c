/*-------------------------------------------------------------------------
 *
 * said.c
 *	  What a statement says once, however often it comes up.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"

#include "base/said.h"
#include "base/text.h"

/*
 * pin_was_said
 *		Whether the same has been said in this statement, be it about another table;
 *		notes that it has been now.
 *
 * what: anything that tells one saying from another; copied.
 */
bool
pin_was_said(const char *what)
{
	static MemoryContext cxt = NULL;
	static List *said = NIL;	/* of char * */
	static TimestampTz since = 0;	/* the beginning of the statement */
	MemoryContext old;

	if (cxt == NULL)
		cxt = AllocSetContextCreate(TopMemoryContext, "pinterest_fdw said",
									ALLOCSET_SMALL_SIZES);
	if (since != GetCurrentStatementStartTimestamp())
	{
		MemoryContextReset(cxt);
		said = NIL;
		since = GetCurrentStatementStartTimestamp();
	}
	if (pin_has_string(said, what))
		return true;
	old = MemoryContextSwitchTo(cxt);
	said = lappend(said, pstrdup(what));
	MemoryContextSwitchTo(old);
	return false;
}
