/*-------------------------------------------------------------------------
 *
 * scopehint.h
 *	  What to do about a scope that an access token lacks.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_AUTH_SCOPEHINT_H
#define PINTEREST_AUTH_SCOPEHINT_H

#include "nodes/pg_list.h"

#include "auth/mapping.h"

extern char *pin_add_scopes_hint(const PinMapping *mapping, const List *scopes);
extern char *pin_table_scopes_hint(Oid serverid, Oid userid, const char *scopes);

#endif							/* PINTEREST_AUTH_SCOPEHINT_H */
