/*-------------------------------------------------------------------------
 *
 * client.h
 *	  Whom a worker asks Pinterest for tokens for, and where.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_AUTH_CLIENT_H
#define PINTEREST_AUTH_CLIENT_H

#include "nodes/pg_list.h"

#include "auth/identity.h"
#include "auth/mapping.h"

/* Whom a worker asks for, and where */
typedef struct PinClient
{
	PinIdentity identity;
	const char *digest;			/* of what stands in the mapping */
	const char *user;			/* name, for messages */
	const char *url;			/* of the token endpoint */
	const char *ca_file;
	const char *proxy;
	int			timeout;		/* seconds */
	const char *client_id;
	const char *client_secret;
} PinClient;

extern List *pin_identity_args(const PinIdentity *identity);
extern PinIdentity pin_take_identity(List *args);
extern List *pin_client_args(const PinMapping *mapping);
extern void pin_take_client(List *args, PinClient *client);
extern void pin_lock_client(const PinClient *client);

#endif							/* PINTEREST_AUTH_CLIENT_H */
