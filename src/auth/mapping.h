/*-------------------------------------------------------------------------
 *
 * mapping.h
 *	  User mappings: whose access to Pinterest counts.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_AUTH_MAPPING_H
#define PINTEREST_AUTH_MAPPING_H

#include "auth/identity.h"

/* A user mapping with what stands in it, and whom it is for */
typedef struct PinMapping
{
	PinIdentity identity;		/* what is kept for it goes by this */
	Oid			umid;			/* for locks alone: pg_upgrade changes it */
	Oid			serverid;
	const char *user;			/* name, or "public" */

	/* options, NULL where not set */
	const char *client_id;
	const char *client_secret;
	const char *access_token;
	const char *refresh_token;
	const char *digest;			/* of the tokens and the client_id */
} PinMapping;

extern PinMapping *pin_get_mapping(Oid serverid, Oid userid);
extern PinMapping *pin_find_mapping(Oid serverid, Oid userid);
extern char *pin_app_digest(const PinMapping *mapping);
extern bool pin_mapping_lock(const PinMapping *mapping);
extern void pin_mapping_unlock(const PinMapping *mapping);

#endif							/* PINTEREST_AUTH_MAPPING_H */
