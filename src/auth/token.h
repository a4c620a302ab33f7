/*-------------------------------------------------------------------------
 *
 * token.h
 *	  Access to Pinterest: user mappings, the tokens issued for them, and how
 *	  they are got and renewed.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_TOKEN_H
#define PINTEREST_TOKEN_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

/* The scope without which Pinterest answers nothing that we ask */
#define PIN_SCOPE "ads:read"

/* A user mapping with what stands in it, and whom it is for */
typedef struct PinMapping
{
	Oid			umid;
	Oid			serverid;
	const char *server;			/* name */
	const char *user;			/* name, or "public" */
	bool		is_public;

	/* options, NULL where not set */
	const char *client_id;
	const char *client_secret;
	const char *access_token;
	const char *refresh_token;
	const char *digest;			/* of the two tokens */
} PinMapping;

/*
 * What Pinterest has issued for a user mapping, and how the latest attempt at
 * renewing it went: a row of the table pinterest.authorizations.  It counts
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

/* in tokenstore.c */
extern char *pin_digest(const char *first, const char *second);
extern bool pin_tokens_get(Oid umid, const char *digest, PinTokens *tokens);
extern void pin_tokens_put(Oid umid, const PinTokens *tokens);
extern bool pin_tokens_lock(Oid umid, PinTokenLock which, bool wait);
extern void pin_tokens_unlock(Oid umid, PinTokenLock which);

/* in token.c */
extern PinMapping *pin_get_mapping(Oid serverid, Oid userid);
extern bool pin_mapping_tokens(const PinMapping *mapping, PinTokens *tokens);
extern bool pin_can_renew(const PinMapping *mapping, const PinTokens *tokens,
						  TimestampTz now, const char **reason);
extern bool pin_needs_renewal(const PinTokens *tokens, const char *rejected,
							  TimestampTz now);
extern char *pin_access_token(Oid serverid, Oid userid);
extern char *pin_replace_access_token(Oid serverid, Oid userid,
									  const char *rejected);

/* in oauth.c: jobs of the worker, and their arguments */
extern void pin_job_request_authorization(List *args);
extern void pin_job_authorize(List *args);
extern void pin_job_renew(List *args);
extern List *pin_client_args(const PinMapping *mapping);

#endif							/* PINTEREST_TOKEN_H */
