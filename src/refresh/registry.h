/*-------------------------------------------------------------------------
 *
 * registry.h
 *	  Knows which tables are materialized, and from where.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_REGISTRY_H
#define PINTEREST_REFRESH_REGISTRY_H

#include "fmgr.h"
#include "nodes/pg_list.h"

#include "refresh/foreign.h"

/* What is known of a materialized table */
typedef struct PinRegistered
{
	Oid			source;			/* InvalidOid: dropped */
	List	   *columns;		/* of char *: those that it takes from there */
	List	   *api_names;		/* of char *: what each of these has been loaded
								 * with, "" if it has not been; NIL: not known */
	List	   *settings;		/* of char *, "name=value": how its rows were
								 * loaded; NIL: not known */
	bool		keep_deleted;	/* entities that are gone stay, marked */
} PinRegistered;

extern Oid	pin_registry_relid(void);
extern bool pin_registry_get(Oid target, PinRegistered *registered);
extern const char *pin_registered_name(const PinRegistered *registered,
									   const char *column);
extern void pin_registry_hold_source(Oid target);
extern void pin_registry_put(Oid target, const PinSourceTable *source,
							 List *settings, bool keep_deleted);
extern void pin_registry_loaded(Oid target, const PinSourceTable *source,
								List *settings);
extern void pin_registry_forget(Oid relid);
extern List *pin_registry_relations(void);
extern List *pin_registry_list(void);

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_relation_in(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_relation_out(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_REFRESH_REGISTRY_H */
