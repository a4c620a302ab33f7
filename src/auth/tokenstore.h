/*-------------------------------------------------------------------------
 *
 * tokenstore.h
 *	  The table in which issued tokens are kept.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_AUTH_TOKENSTORE_H
#define PINTEREST_AUTH_TOKENSTORE_H

#include "datatype/timestamp.h"

#include "auth/identity.h"

/*
 * What Pinterest has issued for a user mapping, and how the latest attempt at
 * renewing it went: a row of the table pinterest_internal.authorizations.  It counts
 * while the mapping is as its digest says, see pin_get_mapping().
 */
typedef struct PinTokens
{
	char	   *digest;			/* of what stands in the mapping */
	char	   *access_token;	/* NULL: none yet */
	TimestampTz access_expires_at;	/* DT_NOEND: not known, as the next one */
	char	   *refresh_token;	/* NULL: none */
	TimestampTz refresh_expires_at;
	char	   *scope;			/* NULL: not known */
	TimestampTz issued_at;		/* DT_NOBEGIN: not by us */
	TimestampTz attempted_at;	/* a renewal began and its outcome is not
								 * known; DT_NOEND: none */

	/* of the latest attempt, if it failed; message is NULL otherwise */
	TimestampTz failed_at;
	int			failure_sqlstate;
	char	   *failure;
	char	   *failure_detail;
	char	   *failure_hint;
} PinTokens;

extern char *pin_digest(const char *first, const char *second);
extern bool pin_tokens_get(const PinIdentity *identity, const char *digest,
						   PinTokens *tokens);
extern bool pin_tokens_copied(const PinIdentity *identity, const char *digest);
extern void pin_tokens_put(const PinIdentity *identity, const PinTokens *tokens);
extern void pin_tokens_clear_copies(const PinIdentity *identity);
extern void pin_tokens_prune(void);

#endif							/* PINTEREST_AUTH_TOKENSTORE_H */
