/*-------------------------------------------------------------------------
 *
 * needs.h
 *	  The scopes that the foreign tables of a server need.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_AUTH_NEEDS_H
#define PINTEREST_AUTH_NEEDS_H

#include "nodes/pg_list.h"

/* A foreign table that the current user may read */
typedef struct PinNeed
{
	char	   *table;			/* name with its schema, quoted */
	List	   *scopes;			/* char *: that it needs */
} PinNeed;

extern List *pin_needs(Oid serverid);
extern List *pin_needed_scopes(Oid serverid);

#endif							/* PINTEREST_AUTH_NEEDS_H */
