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

/*
 * What Pinterest has issued for a user mapping, and how the latest attempt at
 * renewing it went: a row of the table pinterest_internal.authorizations.  It counts
 * while the tokens in the mapping are those of its digest.
 */
typedef struct PinTokens
{
	char	   *digest;			/* of the mapping's tokens */
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

/* The two locks on renewing the tokens of a user mapping */
typedef enum PinTokenLock
{
	PIN_LOCK_SESSION,			/* of the session that has a worker do it */
	PIN_LOCK_WORKER				/* of the worker, which may outlive that */
} PinTokenLock;

extern char *pin_digest(const char *first, const char *second);
extern bool pin_tokens_get(Oid umid, const char *digest, PinTokens *tokens);
extern void pin_tokens_put(Oid umid, const PinTokens *tokens);
extern void pin_tokens_forget(Oid umid);
extern bool pin_tokens_lock(Oid umid, PinTokenLock which, bool wait);
extern void pin_tokens_unlock(Oid umid, PinTokenLock which);

#endif							/* PINTEREST_AUTH_TOKENSTORE_H */
