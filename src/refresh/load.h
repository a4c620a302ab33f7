/*-------------------------------------------------------------------------
 *
 * load.h
 *	  Loads rows straight into a table that nobody else knows yet.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_LOAD_H
#define PINTEREST_REFRESH_LOAD_H

#include "refresh/state.h"

typedef struct PinLoad PinLoad;

extern PinLoad *pin_load_begin(PinRefresh *refresh);
extern bool pin_load_put(PinLoad *load, Datum *values, bool *nulls);
extern void pin_load_end(PinLoad *load);
extern bool pin_load_build_indexes(const PinRefresh *refresh);

#endif							/* PINTEREST_REFRESH_LOAD_H */
