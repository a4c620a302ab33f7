/*-------------------------------------------------------------------------
 *
 * column.h
 *	  Columns of a foreign table, tied to Pinterest's.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_OPTION_COLUMN_H
#define PINTEREST_OPTION_COLUMN_H

#include "utils/rel.h"

#include "catalog/catalog.h"

/* A column of a foreign table, tied to Pinterest's column */
typedef struct PinAttribute
{
	AttrNumber	attnum;
	const char *name;			/* SQL name */
	const char *api_name;
	const PinColumn *column;	/* NULL: not in the catalog, kept as it comes */
} PinAttribute;

extern List *pin_get_attributes(Relation rel, const PinResource *resource);

#endif							/* PINTEREST_OPTION_COLUMN_H */
