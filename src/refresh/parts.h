/*-------------------------------------------------------------------------
 *
 * parts.h
 *	  The parts of a table that a refresh has loaded.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_PARTS_H
#define PINTEREST_REFRESH_PARTS_H

#include "refresh/state.h"

extern void pin_refresh_note_loaded(PinRefresh *refresh, List *loaded);

#endif							/* PINTEREST_REFRESH_PARTS_H */
