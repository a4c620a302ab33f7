/*-------------------------------------------------------------------------
 *
 * authrequest.c
 *	  The table pinterest_internal.authorization_requests: browsers that have
 *	  been sent to Pinterest.
 *
 * When one comes back, its state tells whom it was sent for, and that nobody has
 * made the user follow an address of somebody else's (RFC 6749, section 10.12).
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "auth/authrequest.h"
#include "base/extension.h"

#define TABLE "authorization_requests"

/* The columns, in order */
enum
{
	COLUMN_STATE_DIGEST,
	COLUMN_IDENTITY,
	COLUMN_REDIRECT_URI = COLUMN_IDENTITY + PIN_IDENTITY_COLUMNS,
	COLUMN_REQUESTED_AT,
	COLUMN_USED_AT,
	NCOLUMNS
};

/* After so long nobody needs to be told any more what became of a state. */
#define KEEP_REQUESTS USECS_PER_DAY

/*
 * form
 *		The values of a row.
 */
static void
form(const PinAuthRequest *request, Datum *values, bool *nulls)
{
	memset(nulls, 0, sizeof(bool) * NCOLUMNS);
	values[COLUMN_STATE_DIGEST] = CStringGetTextDatum(request->state_digest);
	pin_identity_put(values, COLUMN_IDENTITY, &request->identity);
	values[COLUMN_REDIRECT_URI] = CStringGetTextDatum(request->redirect_uri);
	values[COLUMN_REQUESTED_AT] = TimestampTzGetDatum(request->requested_at);
	values[COLUMN_USED_AT] = TimestampTzGetDatum(request->used_at);
	nulls[COLUMN_USED_AT] = TIMESTAMP_NOT_FINITE(request->used_at);
}

/*
 * pin_authrequest_insert
 *		Notes that a browser is being sent to Pinterest, now.
 *
 * Of the request, its identity, state_digest and redirect_uri count.
 */
void
pin_authrequest_insert(const PinAuthRequest *request)
{
	Relation	rel = pin_extension_open(TABLE, RowExclusiveLock);
	PinAuthRequest new = *request;
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS];

	new.requested_at = GetCurrentTimestamp();
	new.used_at = DT_NOBEGIN;
	form(&new, values, nulls);
	pin_row_insert(rel, values, nulls);
	table_close(rel, NoLock);
}

/*
 * pin_authrequest_lock
 *		Looks up a state, and locks it to the end of the transaction; NULL if it
 *		is unknown.
 *
 * The result is palloc'ed.
 */
PinAuthRequest *
pin_authrequest_lock(const char *state_digest)
{
	Relation	rel = pin_extension_open(TABLE, RowExclusiveLock);
	PinAuthRequest *result = NULL;
	HeapTuple	row = NULL;
	ScanKeyData key;
	List	   *rows;

	ScanKeyInit(&key, COLUMN_STATE_DIGEST + 1, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(state_digest));
	rows = pin_rows_find(rel, InvalidOid, &key, 1);
	if (rows != NIL)
		row = pin_row_lock(rel, linitial(rows), true);
	if (row != NULL)
	{
		Datum		values[NCOLUMNS];
		bool		nulls[NCOLUMNS];

		pin_row_read(rel, row, values, nulls, lengthof(values));
		result = palloc(sizeof(PinAuthRequest));
		result->state_digest = TextDatumGetCString(values[COLUMN_STATE_DIGEST]);
		result->identity = pin_identity_take(values, COLUMN_IDENTITY);
		result->redirect_uri = TextDatumGetCString(values[COLUMN_REDIRECT_URI]);
		result->requested_at = DatumGetTimestampTz(values[COLUMN_REQUESTED_AT]);
		result->used_at = nulls[COLUMN_USED_AT] ? DT_NOBEGIN :
			DatumGetTimestampTz(values[COLUMN_USED_AT]);
		result->row = row;
	}
	table_close(rel, NoLock);
	return result;
}

/*
 * pin_authrequest_use
 *		Notes that a state is used up.
 *
 * request: of pin_authrequest_lock(), in the same transaction.
 */
void
pin_authrequest_use(const PinAuthRequest *request)
{
	Relation	rel = pin_extension_open(TABLE, RowExclusiveLock);
	PinAuthRequest used = *request;
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS];

	used.used_at = GetCurrentTimestamp();
	form(&used, values, nulls);
	pin_row_update(rel, request->row, values, nulls);
	table_close(rel, NoLock);
}

/*
 * pin_authrequests_prune
 *		Deletes what is of no use any more, unless somebody is at it.
 */
void
pin_authrequests_prune(void)
{
	Relation	rel = pin_extension_open(TABLE, RowExclusiveLock);
	TimestampTz oldest = GetCurrentTimestamp() - KEEP_REQUESTS;
	ListCell   *lc;

	foreach(lc, pin_rows_find(rel, InvalidOid, NULL, 0))
	{
		bool		isnull;
		Datum		requested_at = heap_getattr(lfirst(lc), COLUMN_REQUESTED_AT + 1,
												RelationGetDescr(rel), &isnull);
		HeapTuple	row = DatumGetTimestampTz(requested_at) < oldest ?
			pin_row_lock(rel, lfirst(lc), false) : NULL;

		if (row != NULL)
			pin_row_delete(rel, row);
	}
	table_close(rel, NoLock);
}
