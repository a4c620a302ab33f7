/*-------------------------------------------------------------------------
 *
 * extension.c
 *	  The extension's own objects.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"

#include "base/extension.h"

/*
 * pin_extension_relid
 *		OID of a table of the extension.
 *
 * Raises 42P01 for a table that does not belong to the extension, whatever it
 * is called: what is in these tables is trusted, and some are written with the
 * rights of their owner.
 */
Oid
pin_extension_relid(const char *name)
{
	Oid			relid = InvalidOid;
	Oid			nspoid = get_namespace_oid("pinterest", true);

	if (OidIsValid(nspoid))
		relid = get_relname_relid(name, nspoid);
	if (!OidIsValid(relid) ||
		getExtensionOfObject(RelationRelationId, relid) !=
		get_extension_oid("pinterest_fdw", false))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"pinterest.%s\" of extension pinterest_fdw does not exist",
						name),
				 errhint("The schema \"pinterest\" must not be renamed.")));
	return relid;
}

/*
 * pin_is_our_wrapper
 *		Whether a foreign data wrapper is one of this extension.
 *
 * It is told by its handler, which has to be a member of the extension: names
 * of wrappers are the administrator's.
 */
bool
pin_is_our_wrapper(Oid fdwid)
{
	Oid			handler = GetForeignDataWrapper(fdwid)->fdwhandler;

	return OidIsValid(handler) &&
		getExtensionOfObject(ProcedureRelationId, handler) ==
		get_extension_oid("pinterest_fdw", false);
}

/*
 * pin_open_as_owner
 *		Opens a table of the extension to write it, and takes on the rights of
 *		its owner until pin_close_as_owner().
 *
 * The caller must have checked that the current user may do what he is about
 * to do.  After an error the rights are back by themselves.
 */
PinOwned
pin_open_as_owner(const char *name)
{
	PinOwned	owned;

	owned.rel = table_open(pin_extension_relid(name), RowExclusiveLock);
	GetUserIdAndSecContext(&owned.user, &owned.context);
	SetUserIdAndSecContext(owned.rel->rd_rel->relowner,
						   owned.context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_NOFORCE_RLS);
	return owned;
}

/*
 * pin_close_as_owner
 *		Gives the rights back, and makes visible what was written.
 */
void
pin_close_as_owner(PinOwned owned)
{
	SetUserIdAndSecContext(owned.user, owned.context);
	table_close(owned.rel, NoLock);
	CommandCounterIncrement();
}
