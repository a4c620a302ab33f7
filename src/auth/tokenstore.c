/*-------------------------------------------------------------------------
 *
 * tokenstore.c
 *	  The table pinterest_internal.authorizations, in which issued tokens are kept.
 *
 * It is read and written directly and not through SQL: a statement's
 * parameters can be logged, by auto_explain for one, and its constants shown
 * by the debugging options of the planner.  Nobody but superusers has access
 * to it; the code here looks past that.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "auth/tokenstore.h"
#include "base/extension.h"

/* The columns, in order */
enum
{
	COLUMN_USER_MAPPING,
	COLUMN_DIGEST,
	COLUMN_ACCESS_TOKEN,
	COLUMN_ACCESS_EXPIRES_AT,
	COLUMN_REFRESH_TOKEN,
	COLUMN_REFRESH_EXPIRES_AT,
	COLUMN_SCOPE,
	COLUMN_ISSUED_AT,
	COLUMN_ATTEMPTED_AT,
	COLUMN_FAILED_AT,
	COLUMN_FAILURE_SQLSTATE,
	COLUMN_FAILURE,
	COLUMN_FAILURE_DETAIL,
	COLUMN_FAILURE_HINT,
	NCOLUMNS
};

/*
 * pin_digest
 *		SHA-256 of one or two strings, either of which may be NULL, in hex: tells
 *		secrets apart without keeping them.  The result is palloc'ed.
 */
char *
pin_digest(const char *first, const char *second)
{
	const char *parts[] = {first, second};
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	char	   *result = palloc0(sizeof(digest) * 2 + 1);
	bool		good = context != NULL && pg_cryptohash_init(context) >= 0;

	for (int i = 0; good && i < lengthof(parts); i++)
	{
		/* with its final NUL, and a mark for NULL, so that parts stay apart */
		const char *part = parts[i] != NULL ? parts[i] : "\001";

		good = pg_cryptohash_update(context, (const uint8 *) part,
									strlen(part) + 1) >= 0;
	}
	good = good && pg_cryptohash_final(context, digest, sizeof(digest)) >= 0;
	pg_cryptohash_free(context);
	if (!good)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute a SHA-256 hash")));
	hex_encode((const char *) digest, sizeof(digest), result);
	return result;
}

/*
 * find
 *		Begins a scan for a row; it sees what has been committed up to now,
 *		whatever the transaction's snapshot is.
 */
static HeapTuple
find(Relation rel, Oid umid, const char *digest, SysScanDesc *scan)
{
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], COLUMN_USER_MAPPING + 1, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(umid));
	ScanKeyInit(&keys[1], COLUMN_DIGEST + 1, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(digest));
	*scan = systable_beginscan(rel, InvalidOid, false, NULL, lengthof(keys), keys);
	return systable_getnext(*scan);
}

/*
 * text_of, time_of
 *		Values of a row: a palloc'ed copy or NULL, and a time or "missing".
 */
static char *
text_of(const Datum *values, const bool *nulls, int column)
{
	return nulls[column] ? NULL : TextDatumGetCString(values[column]);
}

static TimestampTz
time_of(const Datum *values, const bool *nulls, int column, TimestampTz missing)
{
	return nulls[column] ? missing : DatumGetTimestampTz(values[column]);
}

/*
 * pin_tokens_get
 *		Reads the tokens issued for a user mapping when the tokens in it were
 *		those of the digest; false if there are none.
 *
 * The texts are palloc'ed.
 */
bool
pin_tokens_get(Oid umid, const char *digest, PinTokens *tokens)
{
	Relation	rel = pin_extension_open("authorizations", AccessShareLock);
	SysScanDesc scan;
	HeapTuple	tuple = find(rel, umid, digest, &scan);
	bool		found = HeapTupleIsValid(tuple);

	if (found)
	{
		Datum		values[NCOLUMNS];
		bool		nulls[NCOLUMNS];

		heap_deform_tuple(tuple, RelationGetDescr(rel), values, nulls);
		tokens->digest = text_of(values, nulls, COLUMN_DIGEST);
		tokens->access_token = text_of(values, nulls, COLUMN_ACCESS_TOKEN);
		tokens->access_expires_at = time_of(values, nulls, COLUMN_ACCESS_EXPIRES_AT,
											DT_NOEND);
		tokens->refresh_token = text_of(values, nulls, COLUMN_REFRESH_TOKEN);
		tokens->refresh_expires_at = time_of(values, nulls, COLUMN_REFRESH_EXPIRES_AT,
											 DT_NOEND);
		tokens->scope = text_of(values, nulls, COLUMN_SCOPE);
		tokens->issued_at = time_of(values, nulls, COLUMN_ISSUED_AT, DT_NOBEGIN);
		tokens->attempted_at = time_of(values, nulls, COLUMN_ATTEMPTED_AT, DT_NOEND);
		tokens->failed_at = time_of(values, nulls, COLUMN_FAILED_AT, DT_NOBEGIN);
		tokens->failure_sqlstate = nulls[COLUMN_FAILURE_SQLSTATE] ? 0 :
			DatumGetInt32(values[COLUMN_FAILURE_SQLSTATE]);
		tokens->failure = text_of(values, nulls, COLUMN_FAILURE);
		tokens->failure_detail = text_of(values, nulls, COLUMN_FAILURE_DETAIL);
		tokens->failure_hint = text_of(values, nulls, COLUMN_FAILURE_HINT);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

/*
 * put_text, put_time
 *		Set a value of a row; NULL, or a time that is infinite, is null.
 */
static void
put_text(Datum *values, bool *nulls, int column, const char *value)
{
	nulls[column] = value == NULL;
	values[column] = value == NULL ? (Datum) 0 : CStringGetTextDatum(value);
}

static void
put_time(Datum *values, bool *nulls, int column, TimestampTz value)
{
	nulls[column] = TIMESTAMP_NOT_FINITE(value);
	values[column] = TimestampTzGetDatum(value);
}

/*
 * pin_tokens_put
 *		Writes the tokens of a user mapping, in place of what was there.
 *
 * To be called by a worker that has the lock of the mapping.  The row stays
 * locked to the end of the transaction.
 */
void
pin_tokens_put(Oid umid, const PinTokens *tokens)
{
	Relation	rel = pin_extension_open("authorizations", RowExclusiveLock);
	SysScanDesc scan;
	HeapTuple	old = find(rel, umid, tokens->digest, &scan);
	HeapTuple	new;
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS] = {0};

	values[COLUMN_USER_MAPPING] = ObjectIdGetDatum(umid);
	put_text(values, nulls, COLUMN_DIGEST, tokens->digest);
	put_text(values, nulls, COLUMN_ACCESS_TOKEN, tokens->access_token);
	put_time(values, nulls, COLUMN_ACCESS_EXPIRES_AT, tokens->access_expires_at);
	put_text(values, nulls, COLUMN_REFRESH_TOKEN, tokens->refresh_token);
	put_time(values, nulls, COLUMN_REFRESH_EXPIRES_AT, tokens->refresh_expires_at);
	put_text(values, nulls, COLUMN_SCOPE, tokens->scope);
	put_time(values, nulls, COLUMN_ISSUED_AT, tokens->issued_at);
	put_time(values, nulls, COLUMN_ATTEMPTED_AT, tokens->attempted_at);
	put_time(values, nulls, COLUMN_FAILED_AT, tokens->failed_at);
	values[COLUMN_FAILURE_SQLSTATE] = Int32GetDatum(tokens->failure_sqlstate);
	nulls[COLUMN_FAILURE_SQLSTATE] = tokens->failure == NULL;
	put_text(values, nulls, COLUMN_FAILURE, tokens->failure);
	put_text(values, nulls, COLUMN_FAILURE_DETAIL, tokens->failure_detail);
	put_text(values, nulls, COLUMN_FAILURE_HINT, tokens->failure_hint);

	new = heap_form_tuple(RelationGetDescr(rel), values, nulls);
	if (HeapTupleIsValid(old))
		CatalogTupleUpdate(rel, &old->t_self, new);
	else
		CatalogTupleInsert(rel, new);
	systable_endscan(scan);
	table_close(rel, NoLock);
	CommandCounterIncrement();
}

/*
 * pin_tokens_forget
 *		A user mapping has been dropped: so are the tokens issued for it.
 */
void
pin_tokens_forget(Oid umid)
{
	Relation	rel = pin_extension_open("authorizations", RowExclusiveLock);
	ScanKeyData key;
	ListCell   *lc;

	ScanKeyInit(&key, COLUMN_USER_MAPPING + 1, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(umid));
	foreach(lc, pin_rows_find(rel, InvalidOid, &key, 1))
	{
		HeapTuple	row = pin_row_lock(rel, lfirst(lc), true);

		if (row != NULL)
			pin_row_delete(rel, row);
	}
	table_close(rel, NoLock);
}

/*
 * set_tag
 *		The lock on renewing the tokens of a user mapping: one on an object of
 *		our table's, which no SQL command can take.
 */
static void
set_tag(LOCKTAG *tag, Oid umid, PinTokenLock which)
{
	SET_LOCKTAG_OBJECT(*tag, MyDatabaseId,
					   pin_extension_relid("authorizations"), umid, which);
}

/*
 * pin_tokens_lock
 *		Locks the renewal of the tokens of a user mapping, until
 *		pin_tokens_unlock() or, for a session, the end of its transaction.
 *
 * Returns false if someone else has the lock and "wait" is not set.
 */
bool
pin_tokens_lock(Oid umid, PinTokenLock which, bool wait)
{
	LOCKTAG		tag;

	set_tag(&tag, umid, which);
	return LockAcquire(&tag, ExclusiveLock, which == PIN_LOCK_WORKER,
					   !wait) != LOCKACQUIRE_NOT_AVAIL;
}

/*
 * pin_tokens_unlock
 *		Gives the lock back.
 */
void
pin_tokens_unlock(Oid umid, PinTokenLock which)
{
	LOCKTAG		tag;

	set_tag(&tag, umid, which);
	LockRelease(&tag, ExclusiveLock, which == PIN_LOCK_WORKER);
}
