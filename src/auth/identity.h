/*-------------------------------------------------------------------------
 *
 * identity.h
 *	  Whose an authorization is.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_AUTH_IDENTITY_H
#define PINTEREST_AUTH_IDENTITY_H

#include "access/skey.h"

/*
 * Whose an authorization is: the user mapping of a role for a server, told by
 * what pg_upgrade keeps.  The OID of the mapping is another one afterwards, and
 * may be that of somebody else's.  A copy of a database has the rows of the
 * original, which the database's OID tells from its own.
 */
typedef struct PinIdentity
{
	Oid			database;
	Oid			role;			/* InvalidOid: public */
	const char *server;			/* name */
} PinIdentity;

/* Columns that make up an identity, one after the other */
#define PIN_IDENTITY_COLUMNS 3

/* The two locks on renewing tokens */
typedef enum PinTokenLock
{
	PIN_LOCK_SESSION,			/* of the session that has a worker do it */
	PIN_LOCK_WORKER				/* of the worker, which may outlive that */
} PinTokenLock;

extern void pin_identity_keys(ScanKey keys, int column,
							  const PinIdentity *identity);
extern void pin_identity_put(Datum *values, int column,
							 const PinIdentity *identity);
extern PinIdentity pin_identity_take(const Datum *values, int column);
extern bool pin_identity_equal(const PinIdentity *a, const PinIdentity *b);
extern bool pin_identity_has_mapping(const PinIdentity *identity);

extern bool pin_identity_lock(const PinIdentity *identity, PinTokenLock which,
							  bool wait);
extern void pin_identity_unlock(const PinIdentity *identity, PinTokenLock which);
extern bool pin_identity_is_held(const PinIdentity *identity);

extern void pin_identity_forget(Oid role, const char *server);
extern void pin_identity_forget_server(const char *server);
extern void pin_identity_rename_server(Oid serverid, const char *from,
									   const char *to);

#endif							/* PINTEREST_AUTH_IDENTITY_H */
