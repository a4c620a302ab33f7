/*-------------------------------------------------------------------------
 *
 * objects.h
 *	  Makes what an imported table consists of.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SETUP_OBJECTS_H
#define PINTEREST_SETUP_OBJECTS_H

#include "catalog/catalog.h"

extern void pin_run_ddl(const char *sql);
extern void pin_make_schema(const char *name);
extern Oid	pin_make_live_table(Oid serverid, const PinResource *resource,
								const char *schema, const char *columns);
extern Oid	pin_make_copy(Oid source, const char *schema, const char *name,
						  bool *loaded);

#endif							/* PINTEREST_SETUP_OBJECTS_H */
