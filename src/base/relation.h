/*-------------------------------------------------------------------------
 *
 * relation.h
 *	  Names of relations, and whose they are.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_RELATION_H
#define PINTEREST_BASE_RELATION_H

#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/acl.h"

/* Does the current user own this table?  The check has a new name since 16. */
#if PG_VERSION_NUM >= 160000
#define pin_owns_table(relid) \
	object_ownercheck(RelationRelationId, relid, GetUserId())
#else
#define pin_owns_table(relid) pg_class_ownercheck(relid, GetUserId())
#endif

extern char *pin_relation_name(Oid relid);
extern char *pin_relation_sql(Oid relid);

#endif							/* PINTEREST_BASE_RELATION_H */
