/*-------------------------------------------------------------------------
 *
 * memory.h
 *	  How the rows of a materialized table were loaded, and whether others fit in.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_MEMORY_H
#define PINTEREST_REFRESH_MEMORY_H

#include "refresh/state.h"

extern List *pin_settings(const PinOptions *options);
extern char *pin_memory_keep_command(const PinRefresh *refresh);
extern void pin_memory_compare(PinRefresh *refresh);
extern void pin_memory_update(PinRefresh *refresh);

#endif							/* PINTEREST_REFRESH_MEMORY_H */
