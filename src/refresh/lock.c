/*-------------------------------------------------------------------------
 *
 * lock.c
 *	  The lock that keeps a table from being refreshed twice at a time.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "refresh/lock.h"
#include "refresh/registry.h"

/*
 * pin_refresh_locktag
 *		What a refresh locks against a second one of the same table.
 *
 * It is an object of the registry's, which no SQL command can lock: users'
 * advisory locks cannot get in the way.  But like these the lock may outlive a
 * transaction that is rolled back: PostgreSQL's own method gives up even locks
 * of the session then.
 */
void
pin_refresh_locktag(LOCKTAG *tag, Oid target)
{
	memset(tag, 0, sizeof(LOCKTAG));
	SET_LOCKTAG_OBJECT(*tag, MyDatabaseId, pin_registry_relid(), target, 0);
	tag->locktag_lockmethodid = USER_LOCKMETHOD;
}
