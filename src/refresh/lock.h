/*-------------------------------------------------------------------------
 *
 * lock.h
 *	  The lock that keeps a table from being refreshed twice at a time.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_LOCK_H
#define PINTEREST_REFRESH_LOCK_H

#include "storage/lock.h"

/* The mode in which a refresh holds both of its locks */
#define PIN_REFRESH_LOCK ExclusiveLock

/* PostgreSQL's own method of locking, and that of advisory locks */
#define PIN_LOCK_METHODS 2

/* A lock on the refresh of a table */
typedef struct PinRefreshLock
{
	LOCKTAG		tags[PIN_LOCK_METHODS];
	bool		session;		/* it outlives the transaction */
} PinRefreshLock;

extern void pin_refresh_locktags(LOCKTAG *tags, Oid target);
extern bool pin_refresh_lock(PinRefreshLock *lock, Oid target, bool session);
extern void pin_refresh_keep_lock(const PinRefreshLock *lock);
extern void pin_refresh_unlock(const PinRefreshLock *lock);

#endif							/* PINTEREST_REFRESH_LOCK_H */
