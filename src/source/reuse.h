/*-------------------------------------------------------------------------
 *
 * reuse.h
 *	  Memory of the reports that were made, for all sessions.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_REUSE_H
#define PINTEREST_SOURCE_REUSE_H

#include "api/call.h"
#include "option/settings.h"
#include "request/window.h"

extern void pin_reuse_init(void);
extern bool pin_reuse_allowed(const PinOptions *options, int *seconds);
extern char *pin_reuse_key(const PinSession *session, const char *path,
						   const char *body);
extern char *pin_reuse_find(const PinSession *session, const char *key,
							int seconds);
extern void pin_reuse_store(const char *key, const char *token,
							TimestampTz created_at);
extern void pin_reuse_forget(const char *key);
extern void pin_reuse_end(Oid serverid);
extern char *pin_took_key(const PinSession *session, const char *advertiser_id,
						  const PinRange *range);
extern int64 pin_took_find(const char *key);
extern void pin_took_store(const char *key, int64 took_ms);
extern void pin_reuse_sweep(void);

#endif							/* PINTEREST_SOURCE_REUSE_H */
