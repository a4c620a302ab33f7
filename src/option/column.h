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
#include "option/settings.h"

/* A column of a foreign table, tied to Pinterest's column */
typedef struct PinAttribute
{
	AttrNumber	attnum;
	const char *name;			/* SQL name */
	const char *api_name;
	const PinColumn *column;	/* NULL: not in the catalog, kept as it comes */
} PinAttribute;

extern const PinColumn *pin_column_by_name(const PinResource *resource,
										   const char *name);
extern List *pin_get_attributes(Relation rel, const PinOptions *options);
extern PinAttribute *pin_key_attribute(const PinOptions *options,
									   List *attributes,
									   const PinColumn *key);
extern char *pin_finer_key_hint(const PinOptions *options, List *attributes,
								List *differing);

#endif							/* PINTEREST_OPTION_COLUMN_H */
