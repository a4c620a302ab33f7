/*-------------------------------------------------------------------------
 *
 * spare.h
 *	  Columns of a report that Pinterest refuses and that can be spared.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_SPARE_H
#define PINTEREST_SOURCE_SPARE_H

#include "api/call.h"
#include "request/request.h"

extern bool pin_spare_possible(const PinSession *session,
							   const PinRequest *request);
extern int	pin_spare_count(const PinSession *session);
extern List *pin_spare_rest(const PinSession *session,
							const PinRequest *request,
							const char *advertiser_id);
extern bool pin_spare_refused(PinSession *session, const PinRequest *request,
							  PinCall *call, int known);

#endif							/* PINTEREST_SOURCE_SPARE_H */
