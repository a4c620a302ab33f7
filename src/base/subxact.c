/*-------------------------------------------------------------------------
 *
 * subxact.c
 *	  Steps that may fail without the transaction failing along with them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/resowner.h"

#include "base/subxact.h"

/*
 * pin_is_cancellation
 *		Whether an error is that somebody has canceled the statement, or that its
 *		time was up.
 *
 * Its SQLSTATE alone does not tell: code of a user's can raise any.
 */
bool
pin_is_cancellation(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_QUERY_CANCELED &&
		error->funcname != NULL &&
		strcmp(error->funcname, "ProcessInterrupts") == 0;
}

/*
 * pin_try
 *		Runs a step in a subtransaction.
 *
 * Returns NULL, or the error after it has been rolled back, palloc'd in the
 * current memory context.
 */
ErrorData *
pin_try(void (*step) (void *arg), void *arg)
{
	MemoryContext oldcontext = CurrentMemoryContext;
	ResourceOwner oldowner = CurrentResourceOwner;
	ErrorData  *error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(oldcontext);
	PG_TRY();
	{
		step(arg);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(oldcontext);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(oldcontext);
	CurrentResourceOwner = oldowner;
	return error;
}
