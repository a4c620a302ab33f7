/*-------------------------------------------------------------------------
 *
 * argument.c
 *	  Arguments of functions that users call.
 *
 * A function that does something is not STRICT in SQL: whoever calls it with a
 * null that a query has brought along would take it for done.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/argument.h"

/*
 * pin_check_argument
 *		Refuses a null as an argument.
 *
 * number: of the argument, from 0.  function, name: as users know them.  Raises
 * 22004.
 */
void
pin_check_argument(FunctionCallInfo fcinfo, int number, const char *function,
				   const char *name)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" of %s() must not be null", name,
						function)));
}
