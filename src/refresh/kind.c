/*-------------------------------------------------------------------------
 *
 * kind.c
 *	  Tells what a relation is that cannot be refreshed.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/extension.h"
#include "base/relation.h"
#include "refresh/kind.h"
#include "refresh/registry.h"

/* What to do where nothing better is known */
#define SEE_STATUS \
	"The view pinterest.status lists the tables that can be refreshed."

/*
 * find_copy
 *		A materialized table of a foreign table that the current user may refresh;
 *		InvalidOid if there is none.
 */
static Oid
find_copy(Oid source)
{
	ListCell   *lc;

	foreach(lc, pin_registry_list())
	{
		Oid			target = lfirst_oid(lc);
		Oid			owner = pin_relation_owner(target);
		PinRegistered registered;

		if (OidIsValid(owner) && has_privs_of_role(GetUserId(), owner) &&
			pin_registry_get(target, &registered) && registered.source == source)
			return target;
	}
	return InvalidOid;
}

/*
 * foreign_hint
 *		What to do with a foreign table; palloc'ed.
 */
static char *
foreign_hint(Oid relid)
{
	Oid			copy;
	char	   *copy_name;

	if (!pin_is_our_wrapper(GetForeignServer(GetForeignTable(relid)->serverid)->fdwid))
		return pstrdup(SEE_STATUS);
	copy = find_copy(relid);
	if (OidIsValid(copy))
		return psprintf("Refresh its copy: SELECT pinterest.refresh(%s);",
						quote_literal_cstr(pin_relation_sql(copy)));
	copy_name = quote_qualified_identifier(pin_schema_name(get_rel_namespace(relid)),
										   psprintf("%.*s_copy",
													NAMEDATALEN - 6,
													get_rel_name(relid)));
	return psprintf("Copy it into an ordinary table, which can be refreshed: SELECT pinterest.materialize(%s, %s);",
					quote_literal_cstr(pin_relation_sql(relid)),
					quote_literal_cstr(copy_name));
}

/*
 * table_hint
 *		What to do with an ordinary table; palloc'ed.
 */
static char *
table_hint(Oid relid)
{
	PinRegistered registered;
	Oid			root = InvalidOid;

	if (get_rel_relispartition(relid))
	{
		List	   *ancestors = get_partition_ancestors(relid);

		root = ancestors == NIL ? InvalidOid : llast_oid(ancestors);
	}
	if (OidIsValid(root) && pin_registry_get(root, &registered))
		return psprintf("Refresh the table that it is a partition of: SELECT pinterest.refresh(%s);",
						quote_literal_cstr(pin_relation_sql(root)));
	if (relid < FirstNormalObjectId)
		return pstrdup(SEE_STATUS);
	return pstrdup("Call pinterest.materialize() with the foreign table and this one.");
}

/*
 * pin_not_materialized
 *		Raises 42809 about a relation that is not a materialized table: what it is
 *		instead, and what to call.
 *
 * The relation need not be locked; one that is gone is told as the rest is.
 */
void
pin_not_materialized(Oid relid)
{
	char	   *name = pin_relation_name(relid);
	const char *detail = NULL;
	char	   *hint = pstrdup(SEE_STATUS);

	switch (get_rel_relkind(relid))
	{
		case RELKIND_FOREIGN_TABLE:
			detail = "It is a foreign table, which is read whenever it is queried.";
			hint = foreign_hint(relid);
			break;
		case RELKIND_VIEW:
			detail = "It is a view, which is as current as the tables that it reads.";
			break;
		case RELKIND_MATVIEW:
			detail = "It is a materialized view, which is made of a query within the database.";
			hint = psprintf("REFRESH MATERIALIZED VIEW %s;", pin_relation_sql(relid));
			break;
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
			hint = table_hint(relid);
			break;
		default:
			break;
	}
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("\"%s\" is not a materialized table",
					name != NULL ? name : psprintf("%u", relid)),
			 detail != NULL ? errdetail("%s", detail) : 0,
			 errhint("%s", hint)));
}
