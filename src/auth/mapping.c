/*-------------------------------------------------------------------------
 *
 * mapping.c
 *	  User mappings: whose access to Pinterest counts.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "auth/mapping.h"
#include "auth/tokenstore.h"
#include "option/option.h"

/*
 * pin_get_mapping
 *		The user mapping whose access to Pinterest a user has: his own one, else
 *		the public one.
 *
 * The result is palloc'ed.  Raises 28000 if there is none.
 */
PinMapping *
pin_get_mapping(Oid serverid, Oid userid)
{
	ForeignServer *server = GetForeignServer(serverid);
	PinMapping *result = palloc0(sizeof(PinMapping));
	UserMapping *mapping;

	result->serverid = serverid;
	result->server = server->servername;
	result->user = MappingUserName(userid);

	/* GetUserMapping() has an error of its own, without our hint. */
	if (!SearchSysCacheExists2(USERMAPPINGUSERSERVER,
							   ObjectIdGetDatum(userid),
							   ObjectIdGetDatum(serverid)))
	{
		if (!SearchSysCacheExists2(USERMAPPINGUSERSERVER,
								   ObjectIdGetDatum(InvalidOid),
								   ObjectIdGetDatum(serverid)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
					 errmsg("user \"%s\" has no user mapping for server \"%s\"",
							result->user, result->server),
					 errhint("Create one with CREATE USER MAPPING FOR %s SERVER %s OPTIONS (client_id '...', client_secret '...').",
							 quote_identifier(result->user),
							 quote_identifier(result->server))));
		result->is_public = true;
		result->user = "public";
	}

	mapping = GetUserMapping(userid, serverid);
	result->umid = mapping->umid;
	result->client_id = pin_find_option(mapping->options, "client_id");
	result->client_secret = pin_find_option(mapping->options, "client_secret");
	result->access_token = pin_find_option(mapping->options, "access_token");
	result->refresh_token = pin_find_option(mapping->options, "refresh_token");
	result->digest = pin_digest(result->access_token, result->refresh_token);
	return result;
}
