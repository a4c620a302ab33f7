/*-------------------------------------------------------------------------
 *
 * apply.h
 *	  Applies a download to its target, as one short change.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_APPLY_H
#define PINTEREST_REFRESH_APPLY_H

#include "refresh/state.h"

extern void pin_refresh_extend(PinRefresh *refresh);
extern void pin_refresh_apply(PinRefresh *refresh);

#endif							/* PINTEREST_REFRESH_APPLY_H */
