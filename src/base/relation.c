/*-------------------------------------------------------------------------
 *
 * relation.c
 *	  Names of relations, and whose they are.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/relation.h"

/*
 * pin_relation_name
 *		Name of a relation with its schema, for messages.
 *
 * The schema is there because a foreign table and its materialized table mostly
 * bear the same name.  The result is palloc'd; NULL if there is no such
 * relation.
 */
char *
pin_relation_name(Oid relid)
{
	char	   *name = get_rel_name(relid);
	char	   *nspname = NULL;

	if (name != NULL)
		nspname = get_namespace_name(get_rel_namespace(relid));
	return nspname != NULL ? psprintf("%s.%s", nspname, name) : NULL;
}

/*
 * pin_relation_sql
 *		Likewise, for statements: quoted where that is needed.
 */
char *
pin_relation_sql(Oid relid)
{
	char	   *name = get_rel_name(relid);

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  name);
}
