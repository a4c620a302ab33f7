/*-------------------------------------------------------------------------
 *
 * zone.h
 *	  The time zones of ad accounts.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_ZONE_H
#define PINTEREST_SOURCE_ZONE_H

#include "api/call.h"

extern List *pin_find_zones(PinSession *session, List *advertiser_ids);

#endif							/* PINTEREST_SOURCE_ZONE_H */
