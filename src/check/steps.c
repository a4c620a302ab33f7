/*-------------------------------------------------------------------------
 *
 * steps.c
 *	  What the parts of check() share: its steps, and the rows that tell of them.
 *
 * Each step runs in a subtransaction, so that what is wrong becomes a row with
 * the words of the error that a query would have met, and the next step can
 * still be taken.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "base/subxact.h"
#include "check/steps.h"

/*
 * pin_check_row
 *		Adds a row to the result.  detail and hint may be NULL.
 */
void
pin_check_row(PinCheck *check, const char *item, bool ok, const char *detail,
			  const char *hint)
{
	Datum		values[4] = {0};
	bool		nulls[4] = {0};

	values[0] = CStringGetTextDatum(item);
	values[1] = BoolGetDatum(ok);
	if (detail != NULL)
		values[2] = CStringGetTextDatum(detail);
	if (hint != NULL)
		values[3] = CStringGetTextDatum(hint);
	nulls[2] = detail == NULL;
	nulls[3] = hint == NULL;
	tuplestore_putvalues(check->rsinfo->setResult, check->rsinfo->setDesc,
						 values, nulls);
}

/*
 * pin_check_words
 *		What the error of the latest step says, in one line, palloc'ed.
 */
char *
pin_check_words(const PinCheck *check)
{
	const char *message = check->error->message;
	size_t		len = strlen(message);

	if (check->error->detail == NULL)
		return pstrdup(message);
	return psprintf("%s%s %s", message,
					len > 0 && message[len - 1] == '.' ? "" : ".",
					check->error->detail);
}

/*
 * pin_check_error
 *		Adds a row for the error of the latest step.
 */
void
pin_check_error(PinCheck *check, const char *item)
{
	pin_check_row(check, item, false, pin_check_words(check), check->error->hint);
}

/*
 * pin_check_try
 *		Takes a step; false if it raised an error, which is in check->error.
 *
 * What ends the statement as such is passed on.
 */
bool
pin_check_try(PinCheck *check, void (*step) (void *arg), void *arg)
{
	check->error = pin_try(step, arg);
	if (check->error != NULL &&
		ERRCODE_TO_CATEGORY(check->error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION &&
		check->error->sqlerrcode != ERRCODE_CRASH_SHUTDOWN)
		ReThrowError(check->error);
	return check->error == NULL;
}

/*
 * pin_check_select
 *		Connects to SPI, and runs a query whose parameters are OIDs, two at most.
 *
 * Its rows are in SPI_tuptable.  The caller calls SPI_finish().
 */
void
pin_check_select(const char *sql, const Oid *args, int nargs)
{
	Oid			types[] = {OIDOID, OIDOID};
	Datum		values[lengthof(types)];

	Assert(nargs <= lengthof(types));
	for (int i = 0; i < nargs; i++)
		values[i] = ObjectIdGetDatum(args[i]);
	SPI_connect();
	if (SPI_execute_with_args(sql, nargs, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", sql);
}
