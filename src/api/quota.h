/*-------------------------------------------------------------------------
 *
 * quota.h
 *	  Counts the requests of an app, and refuses more than the server may send.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_API_QUOTA_H
#define PINTEREST_API_QUOTA_H

#include "option/settings.h"

extern void pin_quota_check(const PinOptions *options, const char *app,
							const char *subject);
extern void pin_quota_count(const char *app, const char *what);

#endif							/* PINTEREST_API_QUOTA_H */
