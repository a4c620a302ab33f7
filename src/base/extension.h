/*-------------------------------------------------------------------------
 *
 * extension.h
 *	  The extension's own objects.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_EXTENSION_H
#define PINTEREST_BASE_EXTENSION_H

#include "utils/rel.h"

/* A table of the extension's, written with the rights of its owner */
typedef struct PinOwned
{
	Relation	rel;
	Oid			user;			/* who he was before, and in which context */
	int			context;
} PinOwned;

extern Oid	pin_extension_relid(const char *name);
extern bool pin_is_our_wrapper(Oid fdwid);
extern PinOwned pin_open_as_owner(const char *name);
extern void pin_close_as_owner(PinOwned owned);

#endif							/* PINTEREST_BASE_EXTENSION_H */
