/*-------------------------------------------------------------------------
 *
 * provenance.h
 *	  How the rows of a materialized table were loaded, and whether others fit in.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_PROVENANCE_H
#define PINTEREST_REFRESH_PROVENANCE_H

#include "refresh/state.h"

extern List *pin_provenance_settings(const PinOptions *options);
extern char *pin_provenance_keep_command(const PinRefresh *refresh);
extern void pin_provenance_compare(PinRefresh *refresh);
extern void pin_provenance_update(PinRefresh *refresh);

#endif							/* PINTEREST_REFRESH_PROVENANCE_H */
