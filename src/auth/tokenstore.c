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
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "auth/tokenstore.h"
#include "base/extension.h"

/* The columns, in order */
enum
{
	COLUMN_IDENTITY,
	COLUMN_DIGEST = COLUMN_IDENTITY + PIN_IDENTITY_COLUMNS,
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

/* For how long an authorization that has ended is kept, to tell why */
#define KEEP_ENDED	(30 * USECS_PER_DAY)

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
find(Relation rel, const PinIdentity *identity, const char *digest,
	 SysScanDesc *scan)
{
	ScanKeyData keys[PIN_IDENTITY_COLUMNS + 1];

	pin_identity_keys(keys, COLUMN_IDENTITY, identity);
	ScanKeyInit(&keys[PIN_IDENTITY_COLUMNS], COLUMN_DIGEST + 1,
				BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(digest));
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
 *		Reads the tokens issued for a user mapping while it was as the digest
 *		says; false if there are none.
 *
 * The texts are palloc'ed.
 */
bool
pin_tokens_get(const PinIdentity *identity, const char *digest, PinTokens *tokens)
{
	Relation	rel = pin_extension_open("authorizations", AccessShareLock);
	SysScanDesc scan;
	HeapTuple	tuple = find(rel, identity, digest, &scan);
	bool		found = HeapTupleIsValid(tuple);

	if (found)
	{
		Datum		values[NCOLUMNS];
		bool		nulls[NCOLUMNS];

		pin_row_read(rel, tuple, values, nulls, lengthof(values));
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
pin_tokens_put(const PinIdentity *identity, const PinTokens *tokens)
{
	Relation	rel = pin_extension_open("authorizations", RowExclusiveLock);
	SysScanDesc scan;
	HeapTuple	old = find(rel, identity, tokens->digest, &scan);
	HeapTuple	new;
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS] = {0};

	pin_identity_put(values, COLUMN_IDENTITY, identity);
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
 * copies_of
 *		The rows that this database has been copied with from another one: all,
 *		or those of a role and a server.
 */
static List *
copies_of(Relation rel, const PinIdentity *identity)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, pin_rows_find(rel, InvalidOid, NULL, 0))
	{
		Datum		values[NCOLUMNS];
		bool		nulls[NCOLUMNS];
		PinIdentity other;

		pin_row_read(rel, lfirst(lc), values, nulls, lengthof(values));
		other = pin_identity_take(values, COLUMN_IDENTITY);
		if (other.database == MyDatabaseId)
			continue;
		other.database = MyDatabaseId;
		if (identity == NULL || pin_identity_equal(&other, identity))
			result = lappend(result, lfirst(lc));
	}
	return result;
}

/*
 * pin_tokens_copied
 *		Whether tokens were issued for the same role and server in another
 *		database, of which this one is a copy.
 *
 * digest: NULL, or only while the mapping was as it says.
 */
bool
pin_tokens_copied(const PinIdentity *identity, const char *digest)
{
	Relation	rel = pin_extension_open("authorizations", AccessShareLock);
	bool		found = false;
	ListCell   *lc;

	foreach(lc, copies_of(rel, identity))
	{
		bool		isnull;
		Datum		value = heap_getattr(lfirst(lc), COLUMN_DIGEST + 1,
										 RelationGetDescr(rel), &isnull);

		found = found || digest == NULL ||
			strcmp(TextDatumGetCString(value), digest) == 0;
	}
	table_close(rel, AccessShareLock);
	return found;
}

/*
 * pin_tokens_clear_copies
 *		A copy of a database has been authorized: it keeps no tokens of the
 *		original.
 *
 * The row of this role and server goes.  Those of others lose their tokens, and
 * stay to tell that these must not be used.
 */
void
pin_tokens_clear_copies(const PinIdentity *identity)
{
	static const int secrets[] = {
		COLUMN_ACCESS_TOKEN, COLUMN_REFRESH_TOKEN, COLUMN_FAILURE,
		COLUMN_FAILURE_DETAIL, COLUMN_FAILURE_HINT
	};
	Relation	rel = pin_extension_open("authorizations", RowExclusiveLock);
	ListCell   *lc;

	foreach(lc, copies_of(rel, identity))
	{
		HeapTuple	row = pin_row_lock(rel, lfirst(lc), true);

		if (row != NULL)
			pin_row_delete(rel, row);
	}
	foreach(lc, copies_of(rel, NULL))
	{
		HeapTuple	row = pin_row_lock(rel, lfirst(lc), true);
		Datum		values[NCOLUMNS];
		bool		nulls[NCOLUMNS];

		if (row == NULL)
			continue;
		pin_row_read(rel, row, values, nulls, lengthof(values));
		for (int i = 0; i < lengthof(secrets); i++)
			nulls[secrets[i]] = true;
		pin_row_update(rel, row, values, nulls);
	}
	table_close(rel, NoLock);
}

/*
 * is_over
 *		Whether a row is of no use any more: its authorization has ended long
 *		ago, or its user mapping is gone, or was rolled back.
 *
 * The transaction that has created the mapping may still be under way, so a day
 * is left to it.
 */
static bool
is_over(Relation rel, HeapTuple row, TimestampTz now)
{
	static const int times[] = {
		COLUMN_ISSUED_AT, COLUMN_ATTEMPTED_AT, COLUMN_FAILED_AT
	};
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS];
	PinIdentity identity;
	TimestampTz latest = DT_NOBEGIN;

	pin_row_read(rel, row, values, nulls, lengthof(values));
	if (time_of(values, nulls, COLUMN_REFRESH_EXPIRES_AT, DT_NOEND) <
		now - KEEP_ENDED)
		return true;
	identity = pin_identity_take(values, COLUMN_IDENTITY);
	for (int i = 0; i < lengthof(times); i++)
		latest = Max(latest, time_of(values, nulls, times[i], DT_NOBEGIN));
	return latest < now - USECS_PER_DAY && !pin_identity_has_mapping(&identity);
}

/*
 * pin_tokens_prune
 *		Deletes the rows that are of no use any more, unless somebody is at them.
 */
void
pin_tokens_prune(void)
{
	Relation	rel = pin_extension_open("authorizations", RowExclusiveLock);
	TimestampTz now = GetCurrentTimestamp();
	ListCell   *lc;

	foreach(lc, pin_rows_find(rel, InvalidOid, NULL, 0))
	{
		HeapTuple	row = is_over(rel, lfirst(lc), now) ?
			pin_row_lock(rel, lfirst(lc), false) : NULL;

		/* It may have been renewed before it was locked. */
		if (row != NULL && is_over(rel, row, now))
			pin_row_delete(rel, row);
	}
	table_close(rel, NoLock);
}
