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
#include "miscadmin.h"
#include "utils/inval.h"
#include "utils/resowner.h"

#include "base/subxact.h"

/* How often a step is tried, while what it is about gets other names */
#define PIN_ATTEMPTS 10

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
 * run_step
 *		Runs a step in a subtransaction, which is rolled back after an error, and
 *		otherwise too unless it is to be kept.
 *
 * Returns NULL, or the error, palloc'd in the current memory context.
 */
static ErrorData *
run_step(void (*step) (void *arg), void *arg, bool keep)
{
	MemoryContext oldcontext = CurrentMemoryContext;
	ResourceOwner oldowner = CurrentResourceOwner;
	ErrorData  *error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(oldcontext);
	PG_TRY();
	{
		step(arg);
		if (keep)
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
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
	return run_step(step, arg, true);
}

/*
 * pin_peek
 *		Runs a step that only looks at tables, and gives up the locks on them.
 *
 * Nothing that it does to tables or settings lasts; what it finds out, it has to
 * put into memory of the caller's.  Raises the error of the step.
 */
void
pin_peek(void (*step) (void *arg), void *arg)
{
	ErrorData  *error = run_step(step, arg, false);

	if (error != NULL)
		ReThrowError(error);
}

/*
 * pin_try_by_name
 *		Runs a step that finds an object by its name, again if that has changed
 *		meanwhile.
 *
 * name: a function that tells the object's present one, palloc'd.  The step is
 * rolled back if it fails, with the locks on what it has found; it raises 40001 if
 * that is another object.  Returns NULL, or the last error, as pin_try() does.
 */
ErrorData *
pin_try_by_name(char *(*name) (Oid object), Oid object, void (*step) (void *arg),
				void *arg)
{
	for (int attempt = 1;; attempt++)
	{
		char	   *before;
		ErrorData  *error;

		CHECK_FOR_INTERRUPTS();
		AcceptInvalidationMessages();
		before = name(object);
		error = pin_try(step, arg);
		if (error == NULL || pin_is_cancellation(error) ||
			attempt == PIN_ATTEMPTS)
			return error;
		AcceptInvalidationMessages();
		if (error->sqlerrcode != ERRCODE_T_R_SERIALIZATION_FAILURE &&
			strcmp(before, name(object)) == 0)
			return error;
	}
}
