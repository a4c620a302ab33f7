/*-------------------------------------------------------------------------
 *
 * link.h
 *	  Where a download may lead.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_API_LINK_H
#define PINTEREST_API_LINK_H

#include "api/call.h"

extern bool pin_link_is_safe(const PinOptions *options, const char *url);
extern bool pin_link_follow(PinSession *session, PinCall *call,
							const char **problem);

#endif							/* PINTEREST_API_LINK_H */
