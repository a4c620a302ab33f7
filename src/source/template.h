/*-------------------------------------------------------------------------
 *
 * template.h
 *	  Report templates of Ads Manager.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_TEMPLATE_H
#define PINTEREST_SOURCE_TEMPLATE_H

#include "api/call.h"

extern List *pin_check_template(PinSession *session, List *advertiser_ids,
								List *columns);

#endif							/* PINTEREST_SOURCE_TEMPLATE_H */
