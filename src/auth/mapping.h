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

extern PinMapping *pin_get_mapping(Oid serverid, Oid userid);

#endif							/* PINTEREST_AUTH_MAPPING_H */
