/*-------------------------------------------------------------------------
 *
 * relation.c
 *	  Relations that are looked at, and their names.
 *
 * What is looked at is locked before, so that it stays what it is: a relation
 * that others drop or rename meanwhile has no name, another one or another
 * schema.  Where no lock is wanted, what may be gone is known to be NULL.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
#include "parser/scansup.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "base/relation.h"

/*
 * no_relation
 *		Raises the error that there is no relation of that OID.
 */
static void
no_relation(Oid relid)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("relation with OID %u does not exist", relid)));
}

/*
 * pin_relation_open
 *		Locks a relation, and opens it for relation_close().
 *
 * Raises 42P01 if there is none, be it that it is just being dropped: unlike
 * relation_open(), which takes that for an internal error.
 */
Relation
pin_relation_open(Oid relid, LOCKMODE lockmode)
{
	Relation	rel = try_relation_open(relid, lockmode);

	if (rel == NULL)
		no_relation(relid);
	return rel;
}

/*
 * pin_schema_name
 *		Name of a schema, palloc'd.
 *
 * It is there as long as a relation in it is locked.  Without it, a statement would
 * name another relation of the same name, so one that is gone is an error.
 */
char *
pin_schema_name(Oid nspoid)
{
	char	   *name = get_namespace_name(nspoid);

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("schema with OID %u does not exist", nspoid)));
	return name;
}

/*
 * pin_check_creation
 *		Raises 42501, with the GRANT that is missing, unless the current user may
 *		create something in a schema.
 */
void
pin_check_creation(Oid nspoid)
{
	char	   *name = pin_schema_name(nspoid);

	if (pin_namespace_aclcheck(nspoid, GetUserId(), ACL_CREATE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for schema %s", name),
				 errhint("Let its owner run GRANT USAGE, CREATE ON SCHEMA %s TO %s, or name another schema.",
						 quote_identifier(name),
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
}

/*
 * pin_name_of
 *		Name of an open relation with its schema, for messages.
 *
 * The schema is there because a foreign table and its materialized table mostly
 * bear the same name.  The result is palloc'd.  Raises 3F000 if the schema is
 * gone.
 */
char *
pin_name_of(Relation rel)
{
	return psprintf("%s.%s", pin_schema_name(RelationGetNamespace(rel)),
					RelationGetRelationName(rel));
}

/*
 * pin_sql_of
 *		Likewise, for statements: quoted where that is needed.
 */
char *
pin_sql_of(Relation rel)
{
	return quote_qualified_identifier(pin_schema_name(RelationGetNamespace(rel)),
									  RelationGetRelationName(rel));
}

/*
 * pin_relation_name
 *		Name of a relation with its schema, for messages.
 *
 * The result is palloc'd; NULL if there is no such relation.  For one that need
 * not be locked: what it is called may be another name by now.
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
 *		Likewise, for statements: quoted where that is needed.  Raises 42P01 or
 *		3F000 if the relation or its schema is gone.
 */
char *
pin_relation_sql(Oid relid)
{
	char	   *name = get_rel_name(relid);

	if (name == NULL)
		no_relation(relid);
	return quote_qualified_identifier(pin_schema_name(get_rel_namespace(relid)), name);
}

/*
 * pin_relation_owner
 *		Owner of a relation, which need not be locked; InvalidOid if there is
 *		no such relation.
 */
Oid
pin_relation_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * pin_relation_is_gone
 *		Whether there is no relation of that OID any more, nor one that is about to
 *		be there.
 *
 * A transaction that has not committed yet, whose relation nobody else sees, has it
 * locked.
 */
bool
pin_relation_is_gone(Oid relid)
{
	bool		gone;

	if (!OidIsValid(relid))
		return true;
	if (!ConditionalLockRelationOid(relid, AccessShareLock))
		return false;
	gone = !SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid));
	UnlockRelationOid(relid, AccessShareLock);
	return gone;
}

/*
 * pin_relation_is_new
 *		Whether the present transaction has created a relation.
 */
bool
pin_relation_is_new(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	result = TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data));
	ReleaseSysCache(tuple);
	return result;
}

/*
 * pin_parse_relation_name
 *		What a text says as the name of a relation, with or without its schema.
 *
 * The result is palloc'd.  Raises 42602 for what is no name, as a cast to regclass
 * does; and 42622 for a name that is too long, which PostgreSQL would cut, so that
 * two long names could become one.
 */
RangeVar *
pin_parse_relation_name(text *name)
{
	const char *p = text_to_cstring(name);
	bool		quoted = false;
	int			len = 0;

	/* A quote within quotes is written twice, and counts once */
	for (; *p != '\0'; p++)
	{
		if (*p == '"' && quoted && p[1] == '"')
			p++;
		else if (*p == '"')
		{
			quoted = !quoted;
			continue;
		}
		else if (!quoted && *p == '.')
		{
			len = 0;
			continue;
		}
		else if (!quoted && scanner_isspace(*p))
			continue;
		if (++len >= NAMEDATALEN)
			ereport(ERROR,
					(errcode(ERRCODE_NAME_TOO_LONG),
					 errmsg("identifier too long in the name of a relation"),
					 errdetail("Identifiers have %d bytes at most.",
							   NAMEDATALEN - 1)));
	}
	return makeRangeVarFromNameList(textToQualifiedNameList(name));
}
