/*-------------------------------------------------------------------------
 *
 * lock.c
 *	  The lock that keeps a table from being refreshed twice at a time.
 *
 * A procedure holds it over several transactions, in which code of the table's
 * owner runs.  No method of locking is made for that.  A session's lock of
 * PostgreSQL's own method goes when a transaction is rolled back.  One of the
 * method of advisory locks stays then, but pg_advisory_unlock_all() in a trigger
 * takes it.  So there are two, one of each method: while one is being taken
 * again, the other keeps everybody out.
 *
 * All that a transaction locks, here and elsewhere in the extension, it locks in
 * this order, so that two of them do not wait for each other:
 *
 * 1. The foreign table.  DDL of users that concerns both tables begins with it,
 *    too.  A procedure gives it back for the download and takes it again.
 * 2. The lock on the refresh, which nobody waits for.
 * 3. The materialized table, with its partitions, at once in the mode that is
 *    needed in the end.
 * 4. The lock on making and ending schedules, see schedule.c.
 * 5. Rows of the extension's tables: schedules, refresh_runs, refresh_ends,
 *    freshness, materialized_tables.  Event triggers, which run under the locks of
 *    a DROP, begin here.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/lock.h"

#include "base/compat.h"
#include "refresh/lock.h"
#include "refresh/registry.h"

/*
 * pin_refresh_locktags
 *		What a refresh locks against a second one of the same table:
 *		PIN_LOCK_METHODS tags, in the order in which they are locked.
 *
 * It is an object of the registry's, which no SQL command can lock: users'
 * advisory locks cannot get in the way.  Raises 42P01 if the extension is gone.
 */
void
pin_refresh_locktags(LOCKTAG *tags, Oid target)
{
	memset(tags, 0, sizeof(LOCKTAG) * PIN_LOCK_METHODS);
	SET_LOCKTAG_OBJECT(tags[0], MyDatabaseId, pin_registry_relid(), target, 0);
	tags[1] = tags[0];
	tags[1].locktag_lockmethodid = USER_LOCKMETHOD;
}

/*
 * pin_refresh_lock
 *		Lets one refresh at a time have a table: to the end of the transaction,
 *		or with "session" until pin_refresh_unlock().
 *
 * Fills in the lock.  Returns false, and holds nothing, if another session has
 * it; does not wait.
 */
bool
pin_refresh_lock(PinRefreshLock *lock, Oid target, bool session)
{
	pin_refresh_locktags(lock->tags, target);
	lock->session = session;
	if (LockAcquire(&lock->tags[0], PIN_REFRESH_LOCK, session, true) ==
		LOCKACQUIRE_NOT_AVAIL)
		return false;
	if (LockAcquire(&lock->tags[1], PIN_REFRESH_LOCK, session, true) !=
		LOCKACQUIRE_NOT_AVAIL)
		return true;

	/* whoever has the second one may be about to take the first one again */
	LockRelease(&lock->tags[0], PIN_REFRESH_LOCK, session);
	return false;
}

/*
 * pin_refresh_keep_lock
 *		Takes again what a session has lost of its lock.
 *
 * To be called before a transaction is committed, as code of others has run; and
 * when one has been rolled back.  Raises 55P03 if that is too late, which only
 * happens if both were lost.
 */
void
pin_refresh_keep_lock(const PinRefreshLock *lock)
{
	if (!lock->session)
		return;
	for (int i = 0; i < PIN_LOCK_METHODS; i++)
	{
		/* Others take the first one for the moment in which they try */
		if (!pin_holds_lock(&lock->tags[i], PIN_REFRESH_LOCK) &&
			LockAcquire(&lock->tags[i], PIN_REFRESH_LOCK, true, i > 0) ==
			LOCKACQUIRE_NOT_AVAIL)
			ereport(ERROR,
					(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
					 errmsg("lost the lock on a refresh"),
					 errdetail("Another session is refreshing the table.")));
	}
}

/*
 * pin_refresh_unlock
 *		Releases a lock of the session's, also on the way out of an error.  One
 *		of the transaction's stays to its end.
 */
void
pin_refresh_unlock(const PinRefreshLock *lock)
{
	if (!lock->session)
		return;
	for (int i = 0; i < PIN_LOCK_METHODS; i++)
	{
		if (pin_holds_lock(&lock->tags[i], PIN_REFRESH_LOCK))
			LockRelease(&lock->tags[i], PIN_REFRESH_LOCK, true);
	}
}
