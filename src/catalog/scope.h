/*-------------------------------------------------------------------------
 *
 * scope.h
 *	  Scopes of OAuth: what a token lets its bearer do.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_CATALOG_SCOPE_H
#define PINTEREST_CATALOG_SCOPE_H

#include "nodes/pg_list.h"

extern void pin_check_scope(const char *scope);
extern List *pin_read_scopes(const char *text);
extern List *pin_scopes_add(List *scopes, const List *more);
extern char *pin_scopes_join(const List *scopes, const char *separator);

#endif							/* PINTEREST_CATALOG_SCOPE_H */
