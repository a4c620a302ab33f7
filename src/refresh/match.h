/*-------------------------------------------------------------------------
 *
 * match.h
 *	  Whether a target is still what it was when its refresh began.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_MATCH_H
#define PINTEREST_REFRESH_MATCH_H

#include "refresh/state.h"
#include "utils/relcache.h"

extern void pin_refresh_match(PinRefresh *refresh, Relation rel);

#endif							/* PINTEREST_REFRESH_MATCH_H */
