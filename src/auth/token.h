/*-------------------------------------------------------------------------
 *
 * token.h
 *	  The access token that a request is sent with.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_AUTH_TOKEN_H
#define PINTEREST_AUTH_TOKEN_H

#include "fmgr.h"

#include "auth/mapping.h"
#include "auth/tokenstore.h"

extern bool pin_mapping_tokens(const PinMapping *mapping, PinTokens *tokens);
extern bool pin_can_renew(const PinMapping *mapping, const PinTokens *tokens,
						  TimestampTz now, const char **reason);
extern bool pin_needs_renewal(const PinTokens *tokens, const char *rejected,
							  TimestampTz now);
extern bool pin_is_authorized(Oid serverid, Oid userid);
extern char *pin_access_token(Oid serverid, Oid userid);
extern char *pin_replace_access_token(Oid serverid, Oid userid,
									  const char *rejected);

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_is_authorized(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_authorization_ends(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_AUTH_TOKEN_H */
