/*-------------------------------------------------------------------------
 *
 * refresh.h
 *	  Makes a materialized table equal to its foreign table.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_REFRESH_H
#define PINTEREST_REFRESH_REFRESH_H

#include "fmgr.h"

#include "refresh/lock.h"
#include "refresh/log.h"
#include "refresh/state.h"

extern void pin_refresh_claim(PinRefreshLock *lock, Oid target,
							  const char *name, bool session);
extern void pin_refresh_keep_locks(void);
extern void pin_refresh_check_snapshot(const char *function);
extern PinRefresh *pin_refresh_begin(MemoryContext parent, Oid target,
									 const PinAsked *asked,
									 bool session_lock);
extern void pin_refresh_prepare(PinRefresh *refresh);
extern void pin_refresh_finish(PinRefresh *refresh);
extern void pin_refresh_end(PinRefresh *refresh);
extern void pin_refresh(Oid target, const PinAsked *asked,
						PinRefreshResult *result);

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_refresh(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_REFRESH_REFRESH_H */
