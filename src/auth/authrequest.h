/*-------------------------------------------------------------------------
 *
 * authrequest.h
 *	  The table of browsers that have been sent to Pinterest.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_AUTH_AUTHREQUEST_H
#define PINTEREST_AUTH_AUTHREQUEST_H

#include "access/htup.h"
#include "datatype/timestamp.h"

#include "auth/identity.h"

/* A row of the table pinterest_internal.authorization_requests */
typedef struct PinAuthRequest
{
	char	   *state_digest;	/* of the state in the URL, see pin_digest() */
	PinIdentity identity;		/* for whom */
	char	   *redirect_uri;	/* where the browser is sent back to */
	TimestampTz requested_at;
	TimestampTz used_at;		/* DT_NOBEGIN: not yet */
	HeapTuple	row;			/* NULL: not from the table */
} PinAuthRequest;

extern void pin_authrequest_insert(const PinAuthRequest *request);
extern PinAuthRequest *pin_authrequest_lock(const char *state_digest);
extern void pin_authrequest_use(const PinAuthRequest *request);
extern void pin_authrequests_prune(void);

#endif							/* PINTEREST_AUTH_AUTHREQUEST_H */
