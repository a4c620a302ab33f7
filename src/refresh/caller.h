/*-------------------------------------------------------------------------
 *
 * caller.h
 *	  Who may call for a refresh, and what he is told of it.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_CALLER_H
#define PINTEREST_REFRESH_CALLER_H

#include "utils/rel.h"

#include "refresh/state.h"

extern void pin_refresh_check_caller(PinRefresh *refresh);
extern void pin_refresh_check_owner(const PinRefresh *refresh, Relation rel);
extern ErrorData *pin_refresh_told(const PinRefresh *refresh,
								   ErrorData *error);

#endif							/* PINTEREST_REFRESH_CALLER_H */
