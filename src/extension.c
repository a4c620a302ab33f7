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

#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "utils/lsyscache.h"

#include "pinterest_fdw.h"

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
