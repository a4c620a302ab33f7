/*-------------------------------------------------------------------------
 *
 * guard.h
 *	  Keeps a refresh from deleting most of a table by mistake.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_GUARD_H
#define PINTEREST_REFRESH_GUARD_H

#include "refresh/state.h"

extern List *pin_refresh_find_empty(PinRefresh *refresh, List *empty);
extern void pin_refresh_refuse_empty(PinRefresh *refresh, List *empty);
extern void pin_refresh_check_deletion(const PinRefresh *refresh,
									   const char *name, int64 total,
									   int64 gone);

#endif							/* PINTEREST_REFRESH_GUARD_H */
