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

/* The lock that a refresh holds, on pin_refresh_locktag() */
#define PIN_REFRESH_LOCK ExclusiveLock

extern void pin_refresh_locktag(LOCKTAG *tag, Oid target);

#endif							/* PINTEREST_REFRESH_LOCK_H */
