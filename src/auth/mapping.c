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
 * read_mapping
 *		The user mapping of a user, or of public, for a server; NULL if there is
 *		none.
 *
 * user: his name.
 */
static PinMapping *
read_mapping(const ForeignServer *server, Oid userid, const char *user)
{
	PinMapping *result;
	HeapTuple	tuple = find_mapping(userid, server->serverid);
	Oid			role = userid;
	List	   *options = NIL;
	Datum		datum;
	bool		isnull;

	if (!HeapTupleIsValid(tuple))
	{
		role = InvalidOid;
		user = "public";
		tuple = find_mapping(role, server->serverid);
		if (!HeapTupleIsValid(tuple))
			return NULL;
	}

	result = palloc0(sizeof(PinMapping));
	result->identity.database = MyDatabaseId;
	result->identity.role = role;
	result->identity.server = server->servername;
	result->umid = ((Form_pg_user_mapping) GETSTRUCT(tuple))->oid;
	result->serverid = server->serverid;
	result->user = user;
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
	const char *user = MappingUserName(userid);
	PinMapping *result = read_mapping(server, userid, user);

	if (result == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("user \"%s\" has no user mapping for server \"%s\"",
						user, server->servername),
				 errhint("Create one with CREATE USER MAPPING FOR %s SERVER %s OPTIONS (client_id '...', client_secret '...').",
						 quote_identifier(user),
						 quote_identifier(server->servername))));
	return result;
}

/*
 * pin_find_mapping
 *		The same for whoever only looks: NULL if there is no user mapping, server
 *		or user, and nothing is locked.
 */
PinMapping *
pin_find_mapping(Oid serverid, Oid userid)
{
	ForeignServer *server = GetForeignServerExtended(serverid, FSV_MISSING_OK);
	const char *user = GetUserNameFromId(userid, true);

	return server == NULL || user == NULL ? NULL :
		read_mapping(server, userid, user);
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

/*
 * pin_app_digest
 *		What stands for the app of a user mapping, whose requests Pinterest counts,
 *		palloc'd.
 *
 * A mapping that does not name the app counts for itself.
 */
char *
pin_app_digest(const PinMapping *mapping)
{
	if (mapping->client_id != NULL)
		return pin_digest("app", mapping->client_id);
	return pin_digest("mapping", psprintf("%u %u %s", mapping->identity.database,
										  mapping->identity.role,
										  mapping->identity.server));
}
