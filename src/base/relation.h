/*-------------------------------------------------------------------------
 *
 * relation.h
 *	  Relations that are looked at, and their names.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_RELATION_H
#define PINTEREST_BASE_RELATION_H

#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "utils/acl.h"
#include "utils/rel.h"

#include "base/compat.h"

/* Does the current user own this table? */
#define pin_owns_table(relid) pin_class_ownercheck(relid, GetUserId())

extern Relation pin_relation_open(Oid relid, LOCKMODE lockmode);
extern char *pin_schema_name(Oid nspoid);
extern void pin_check_creation(Oid nspoid);
extern char *pin_name_of(Relation rel);
extern char *pin_sql_of(Relation rel);
extern char *pin_relation_name(Oid relid);
extern char *pin_relation_sql(Oid relid);
extern Oid	pin_relation_owner(Oid relid);
extern bool pin_relation_is_gone(Oid relid);
extern bool pin_relation_is_new(Oid relid);
extern RangeVar *pin_parse_relation_name(text *name);

#endif							/* PINTEREST_BASE_RELATION_H */
