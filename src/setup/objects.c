/*-------------------------------------------------------------------------
 *
 * objects.c
 *	  Makes what an imported table consists of: schemas, a foreign table, a copy.
 *
 * What is there already is taken as it is.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/dbcommands.h"
#include "executor/spi.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "base/relation.h"
#include "option/option.h"
#include "refresh/materialize.h"
#include "refresh/registry.h"
#include "setup/objects.h"

/*
 * pin_run_ddl
 *		Runs a command as the current user, as if he had typed it.
 */
void
pin_run_ddl(const char *sql)
{
	SPI_connect();
	if (SPI_execute(sql, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not execute: %s", sql);
	SPI_finish();
	CommandCounterIncrement();
}

/*
 * pin_make_schema
 *		Creates a schema, unless it is there.  Raises 42501, with the GRANT that is
 *		missing, if the current user may not.
 */
void
pin_make_schema(const char *name)
{
	if (OidIsValid(get_namespace_oid(name, true)))
		return;
	if (pin_database_aclcheck(MyDatabaseId, GetUserId(), ACL_CREATE) != ACLCHECK_OK)
	{
		const char *database = quote_identifier(get_database_name(MyDatabaseId));
		const char *user = quote_identifier(GetUserNameFromId(GetUserId(), false));

		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to create schema \"%s\"", name),
				 errhint("Let the owner of the database run GRANT CREATE ON DATABASE %s TO %s, or CREATE SCHEMA %s AUTHORIZATION %s; or name a schema that is there.",
						 database, user, quote_identifier(name), user)));
	}
	pin_run_ddl(psprintf("CREATE SCHEMA %s", quote_identifier(name)));
}

/*
 * check_live_table
 *		Raises 42P07 unless a relation is a foreign table of a server and a
 *		resource.
 */
static void
check_live_table(Oid relid, Oid serverid, const PinResource *resource)
{
	const ForeignTable *table = NULL;
	const char *name = NULL;

	if (get_rel_relkind(relid) == RELKIND_FOREIGN_TABLE)
	{
		table = GetForeignTable(relid);
		name = pin_find_option(table->options, "resource");
	}
	if (table == NULL || table->serverid != serverid || name == NULL ||
		strcmp(name, resource->name) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_TABLE),
				 errmsg("relation \"%s\" is there already, and is not the foreign table \"%s\" of server \"%s\"",
						pin_relation_name(relid), resource->name,
						GetForeignServer(serverid)->servername),
				 errhint("Name another schema as \"live_schema\", or rename the relation.")));
}

/*
 * pin_make_live_table
 *		Imports a foreign table into a schema, unless it is there.  Returns its OID.
 *
 * columns: "standard" or "all".  Raises 42P07 if something else is there under its
 * name, 42501 without the privileges.
 */
Oid
pin_make_live_table(Oid serverid, const PinResource *resource, const char *schema,
					const char *columns)
{
	const char *name = resource->name;
	Oid			nspoid = get_namespace_oid(schema, false);
	Oid			relid = get_relname_relid(name, nspoid);

	if (OidIsValid(relid))
	{
		check_live_table(relid, serverid, resource);
		return relid;
	}
	pin_check_creation(nspoid);
	pin_run_ddl(psprintf("IMPORT FOREIGN SCHEMA %s LIMIT TO (%s) FROM SERVER %s INTO %s OPTIONS (columns %s)",
				 resource->schema,
				 quote_identifier(name),
				 quote_identifier(GetForeignServer(serverid)->servername),
				 quote_identifier(schema), quote_literal_cstr(columns)));
	relid = get_relname_relid(name, nspoid);
	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("foreign table \"%s.%s\" is gone as soon as it is created",
						schema, name),
				 errhint("Look for an event trigger that drops or renames it.")));
	return relid;
}

/*
 * pin_make_copy
 *		Makes the materialized table of a foreign table, without loading it, unless
 *		it is there.  Returns its OID.
 *
 * *loaded: whether it is known to have been loaded.  Raises 42501 if it is somebody
 * else's.
 */
Oid
pin_make_copy(Oid source, const char *schema, const char *name, bool *loaded)
{
	Oid			target = get_relname_relid(name, get_namespace_oid(schema, false));
	PinRegistered registered;
	ListCell   *lc;

	*loaded = false;
	if (!OidIsValid(target) || !pin_registry_get(target, &registered) ||
		registered.source != source)
		return pin_materialize(source,
							   makeRangeVar(pstrdup(schema), pstrdup(name), -1),
							   true, NULL);

	if (!pin_owns_table(target))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s", pin_relation_name(target)),
				 errhint("Name another schema.")));
	foreach(lc, registered.api_names)
		*loaded = *loaded || ((char *) lfirst(lc))[0] != '\0';
	return target;
}
