/*-------------------------------------------------------------------------
 *
 * identity.c
 *	  Whose an authorization is, and what becomes of it when that changes.
 *
 * Two tables have rows that belong to user mappings: pinterest_internal's
 * authorizations and authorization_requests.  What is done to both when a
 * server is renamed, or a mapping dropped, is here.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_user_mapping.h"
#include "common/hashfn.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "auth/identity.h"
#include "base/compat.h"
#include "base/extension.h"

/* The tables, and the number of the first of the columns in each, from 0 */
static const struct
{
	const char *name;
	int			column;
}			tables[] =
{
	{"authorizations", 0},
	{"authorization_requests", 1},
};

/*
 * name_datum
 *		A name as a palloc'ed value of type name.
 */
static Datum
name_datum(const char *name)
{
	return DirectFunctionCall1(namein, CStringGetDatum(name));
}

/*
 * role_key, server_key
 *		Scan keys for one of the columns.  column: number of the first of them in
 *		the table, from 0.
 */
static void
role_key(ScanKey key, int column, Oid role)
{
	ScanKeyInit(key, column + 2, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
}

static void
server_key(ScanKey key, int column, const char *server)
{
	ScanKeyInit(key, column + 3, BTEqualStrategyNumber, F_NAMEEQ,
				name_datum(server));
}

/*
 * pin_identity_keys
 *		Scan keys for the rows of an identity.
 *
 * keys: PIN_IDENTITY_COLUMNS of them.  column: as above.  What the keys point to
 * is palloc'ed.
 */
void
pin_identity_keys(ScanKey keys, int column, const PinIdentity *identity)
{
	ScanKeyInit(&keys[0], column + 1, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(identity->database));
	role_key(&keys[1], column, identity->role);
	server_key(&keys[2], column, identity->server);
}

/*
 * pin_identity_put
 *		Sets the columns of an identity in the values of a row.
 *
 * column: index of the first of them.  What they point to is palloc'ed.
 */
void
pin_identity_put(Datum *values, int column, const PinIdentity *identity)
{
	values[column] = ObjectIdGetDatum(identity->database);
	values[column + 1] = ObjectIdGetDatum(identity->role);
	values[column + 2] = name_datum(identity->server);
}

/*
 * pin_identity_take
 *		The identity in the values of a row; the name is palloc'ed.
 */
PinIdentity
pin_identity_take(const Datum *values, int column)
{
	PinIdentity result;

	result.database = DatumGetObjectId(values[column]);
	result.role = DatumGetObjectId(values[column + 1]);
	result.server = pstrdup(NameStr(*DatumGetName(values[column + 2])));
	return result;
}

/*
 * pin_identity_equal
 *		Whether two identities are the same.
 */
bool
pin_identity_equal(const PinIdentity *a, const PinIdentity *b)
{
	return a->database == b->database && a->role == b->role &&
		strcmp(a->server, b->server) == 0;
}

/*
 * pin_identity_has_mapping
 *		Whether there is a user mapping for a role and a server in this database.
 */
bool
pin_identity_has_mapping(const PinIdentity *identity)
{
	Oid			serverid = get_foreign_server_oid(identity->server, true);

	return OidIsValid(serverid) &&
		SearchSysCacheExists2(USERMAPPINGUSERSERVER,
							  ObjectIdGetDatum(identity->role),
							  ObjectIdGetDatum(serverid));
}

/*
 * set_tag
 *		The lock on renewing the tokens of an identity: one on an object of
 *		our table's, which no SQL command can take.
 *
 * Two servers whose names have the same hash value share it, which costs time at
 * most.
 */
static void
set_tag(LOCKTAG *tag, const PinIdentity *identity, PinTokenLock which)
{
	uint32		hash = DatumGetUInt32(hash_any((const unsigned char *) identity->server,
											   strlen(identity->server)));

	SET_LOCKTAG_OBJECT(*tag, identity->database,
					   pin_extension_relid("authorizations"), identity->role,
					   (hash << 1 | which) & 0xffff);
}

/*
 * pin_identity_lock
 *		Locks the renewal of tokens, until pin_identity_unlock() or, for a
 *		session, the end of its transaction.
 *
 * Returns false if someone else has the lock and "wait" is not set.
 */
bool
pin_identity_lock(const PinIdentity *identity, PinTokenLock which, bool wait)
{
	LOCKTAG		tag;

	set_tag(&tag, identity, which);
	return LockAcquire(&tag, ExclusiveLock, which == PIN_LOCK_WORKER,
					   !wait) != LOCKACQUIRE_NOT_AVAIL;
}

/*
 * pin_identity_unlock
 *		Gives the lock back.
 */
void
pin_identity_unlock(const PinIdentity *identity, PinTokenLock which)
{
	LOCKTAG		tag;

	set_tag(&tag, identity, which);
	LockRelease(&tag, ExclusiveLock, which == PIN_LOCK_WORKER);
}

/*
 * hold
 *		Keeps workers off an identity to the end of the transaction, after the
 *		one that may be at work has ended.
 *
 * A session waits for its worker with a lock on the server or the mapping, so
 * that this finds workers only that a canceled session has left behind.
 */
static void
hold(Oid role, const char *server)
{
	PinIdentity identity = {.database = MyDatabaseId, .role = role,.server = server};
	LOCKTAG		tag;

	set_tag(&tag, &identity, PIN_LOCK_WORKER);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

/*
 * pin_identity_is_held
 *		Whether this transaction itself keeps workers off, since it has renamed
 *		the server or dropped the mapping: to wait for a worker would never end.
 */
bool
pin_identity_is_held(const PinIdentity *identity)
{
	LOCKTAG		tag;

	set_tag(&tag, identity, PIN_LOCK_WORKER);
	return pin_lock_held(&tag, ExclusiveLock);
}

/*
 * forget
 *		Deletes the rows of a server, or of one of its mappings if a role is
 *		given, from a table.
 *
 * Those go, too, that a copy of a database still has of the original.
 */
static void
forget(int table, const Oid *role, const char *server)
{
	Relation	rel = pin_extension_open(tables[table].name, RowExclusiveLock);
	ScanKeyData keys[2];
	ListCell   *lc;

	server_key(&keys[0], tables[table].column, server);
	if (role != NULL)
		role_key(&keys[1], tables[table].column, *role);
	foreach(lc, pin_rows_find(rel, InvalidOid, keys, role != NULL ? 2 : 1))
	{
		HeapTuple	row = pin_row_lock(rel, lfirst(lc), true);

		if (row != NULL)
			pin_row_delete(rel, row);
	}
	table_close(rel, NoLock);
}

/*
 * pin_identity_forget
 *		A user mapping has been dropped: so is what belongs to it.
 *
 * Waits for a worker that is at it.
 */
void
pin_identity_forget(Oid role, const char *server)
{
	hold(role, server);
	for (int i = 0; i < lengthof(tables); i++)
		forget(i, &role, server);
}

/*
 * pin_identity_forget_server
 *		A server has been dropped, with all its mappings.
 */
void
pin_identity_forget_server(const char *server)
{
	for (int i = 0; i < lengthof(tables); i++)
		forget(i, NULL, server);
}

/*
 * roles_of
 *		The roles for which a server has mappings, or names of it have rows: a
 *		List of OIDs in their order, so that all take their locks in the same one.
 */
static List *
roles_of(Oid serverid, const char *from, const char *to)
{
	Relation	mappings = table_open(UserMappingRelationId, AccessShareLock);
	const char *names[] = {from, to};
	List	   *roles = NIL;
	ScanKeyData key;
	ListCell   *lc;

	ScanKeyInit(&key, Anum_pg_user_mapping_umserver, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(serverid));
	foreach(lc, pin_rows_find(mappings, InvalidOid, &key, 1))
		roles = list_append_unique_oid(roles,
									   ((Form_pg_user_mapping) GETSTRUCT((HeapTuple) lfirst(lc)))->umuser);
	table_close(mappings, AccessShareLock);

	for (int i = 0; i < lengthof(tables) * lengthof(names); i++)
	{
		int			table = i / lengthof(names);
		Relation	rel = pin_extension_open(tables[table].name, AccessShareLock);

		server_key(&key, tables[table].column, names[i % lengthof(names)]);
		foreach(lc, pin_rows_find(rel, InvalidOid, &key, 1))
		{
			bool		isnull;
			Datum		role = heap_getattr(lfirst(lc), tables[table].column + 2,
											RelationGetDescr(rel), &isnull);

			roles = list_append_unique_oid(roles, DatumGetObjectId(role));
		}
		table_close(rel, AccessShareLock);
	}
	list_sort(roles, list_oid_cmp);
	return roles;
}

/*
 * pin_identity_rename_server
 *		A server has got another name: so does what belongs to its mappings.
 *
 * Waits for workers that are at it: one that found its row renamed could not
 * write down what it has got from Pinterest.
 */
void
pin_identity_rename_server(Oid serverid, const char *from, const char *to)
{
	ListCell   *lc;

	foreach(lc, roles_of(serverid, from, to))
	{
		hold(lfirst_oid(lc), from);
		hold(lfirst_oid(lc), to);
	}

	for (int i = 0; i < lengthof(tables); i++)
	{
		Relation	rel = pin_extension_open(tables[i].name, RowExclusiveLock);
		int			natts = RelationGetNumberOfAttributes(rel);
		Datum	   *values = palloc(sizeof(Datum) * natts);
		bool	   *nulls = palloc(sizeof(bool) * natts);
		ScanKeyData key;

		/* No other server has the name: what is there is of one that is gone. */
		forget(i, NULL, to);
		server_key(&key, tables[i].column, from);
		foreach(lc, pin_rows_find(rel, InvalidOid, &key, 1))
		{
			HeapTuple	row = pin_row_lock(rel, lfirst(lc), true);

			if (row == NULL)
				continue;
			heap_deform_tuple(row, RelationGetDescr(rel), values, nulls);
			values[tables[i].column + 2] = name_datum(to);
			pin_row_update(rel, row, values, nulls);
		}
		table_close(rel, NoLock);
	}
}
