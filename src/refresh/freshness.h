/*-------------------------------------------------------------------------
 *
 * freshness.h
 *	  How current a table is, for each advertiser.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_FRESHNESS_H
#define PINTEREST_REFRESH_FRESHNESS_H

#include "refresh/state.h"

extern void pin_freshness_find_unlisted(PinRefresh *refresh);
extern void pin_freshness_note(const PinRefresh *refresh);
extern List *pin_freshness_targets(void);
extern List *pin_freshness_advertisers(Oid target);
extern List *pin_freshness_turns(Oid target);
extern void pin_freshness_forget(Oid target);

#endif							/* PINTEREST_REFRESH_FRESHNESS_H */
