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

#include "access/htup_details.h"
#include "access/reloptions.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_user_mapping.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "auth/mapping.h"
#include "auth/tokenstore.h"
#include "option/option.h"

/*
 * lock_server
 *		Locks a server to the end of the transaction, before it is looked at, so
 *		that its name stays and it is not dropped.  Raises 42704 if it is gone.
 */
static ForeignServer *
lock_server(Oid serverid)
{
	LockDatabaseObject(ForeignServerRelationId, serverid, 0, AccessShareLock);
	if (!SearchSysCacheExists1(FOREIGNSERVEROID, ObjectIdGetDatum(serverid)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("foreign server with OID %u does not exist", serverid)));
	return GetForeignServer(serverid);
}

/*
 * find_mapping
 *		The row of pg_user_mapping for a role and a server, for
 *		ReleaseSysCache().
 */
static HeapTuple
find_mapping(Oid role, Oid serverid)
{
	return SearchSysCache2(USERMAPPINGUSERSERVER, ObjectIdGetDatum(role),
						   ObjectIdGetDatum(serverid));
}

/*
 * pin_get_mapping
 *		The user mapping whose access to Pinterest a user has: his own one, else
 *		the public one.
 *
 * The digest tells with which options issued tokens count: those of another app
 * are worth nothing to this one (RFC 6749, section 6), and tokens that somebody
 * has put into the mapping win over those issued before.
 *
 * The result is palloc'ed, and the server locked to the end of the transaction.
 * Raises 28000 if there is no mapping, 42704 if there is no server or user.
 */
PinMapping *
pin_get_mapping(Oid serverid, Oid userid)
{
	ForeignServer *server = lock_server(serverid);
	PinMapping *result = palloc0(sizeof(PinMapping));
	HeapTuple	tuple = find_mapping(userid, serverid);
	List	   *options = NIL;
	Datum		datum;
	bool		isnull;

	result->serverid = serverid;
	result->identity.database = MyDatabaseId;
	result->identity.role = userid;
	result->identity.server = server->servername;
	result->user = MappingUserName(userid);
	if (!HeapTupleIsValid(tuple))
	{
		tuple = find_mapping(InvalidOid, serverid);
		if (!HeapTupleIsValid(tuple))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
					 errmsg("user \"%s\" has no user mapping for server \"%s\"",
							result->user, server->servername),
					 errhint("Create one with CREATE USER MAPPING FOR %s SERVER %s OPTIONS (client_id '...', client_secret '...').",
							 quote_identifier(result->user),
							 quote_identifier(server->servername))));
		result->identity.role = InvalidOid;
		result->user = "public";
	}

	result->umid = ((Form_pg_user_mapping) GETSTRUCT(tuple))->oid;
	datum = SysCacheGetAttr(USERMAPPINGUSERSERVER, tuple,
							Anum_pg_user_mapping_umoptions, &isnull);
	if (!isnull)
		options = untransformRelOptions(datum);
	ReleaseSysCache(tuple);

	result->client_id = pin_find_option(options, "client_id");
	result->client_secret = pin_find_option(options, "client_secret");
	result->access_token = pin_find_option(options, "access_token");
	result->refresh_token = pin_find_option(options, "refresh_token");
	result->digest = pin_digest(pin_digest(result->access_token,
										   result->refresh_token),
								result->client_id);
	return result;
}

/*
 * pin_mapping_lock
 *		Keeps a user mapping from being dropped while a worker is at work for it,
 *		whose result would be written down for nobody otherwise.
 *
 * Returns false, and locks nothing, if it has been dropped meanwhile.  A query
 * that takes hours does not keep the lock: DROP USER MAPPING is how an access is
 * taken away.
 */
bool
pin_mapping_lock(const PinMapping *mapping)
{
	LockDatabaseObject(UserMappingRelationId, mapping->umid, 0, AccessShareLock);
	if (SearchSysCacheExists1(USERMAPPINGOID, ObjectIdGetDatum(mapping->umid)))
		return true;
	pin_mapping_unlock(mapping);
	return false;
}

/*
 * pin_mapping_unlock
 *		Gives the lock back.
 */
void
pin_mapping_unlock(const PinMapping *mapping)
{
	UnlockDatabaseObject(UserMappingRelationId, mapping->umid, 0, AccessShareLock);
}
