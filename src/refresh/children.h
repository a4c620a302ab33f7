/*-------------------------------------------------------------------------
 *
 * children.h
 *	  A parent of foreign tables as a source.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_CHILDREN_H
#define PINTEREST_REFRESH_CHILDREN_H

#include "refresh/foreign.h"

extern PinSourceTable *pin_get_source_table(Oid relid);
extern Oid	pin_first_child(Oid relid);
extern List *pin_source_servers(Oid relid);

#endif							/* PINTEREST_REFRESH_CHILDREN_H */
