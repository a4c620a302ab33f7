/*-------------------------------------------------------------------------
 *
 * key.h
 *	  The natural key of a table: that of its resource, and what a table adds.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_OPTION_KEY_H
#define PINTEREST_OPTION_KEY_H

#include "nodes/pg_list.h"

#include "catalog/catalog.h"

extern List *pin_natural_key(const PinResource *resource,
							 PinGranularity granularity, List *key_columns);
extern bool pin_is_own_key(const PinResource *resource,
						   const PinColumn *column);
extern bool pin_can_join_key(const PinResource *resource,
							 const PinColumn *column);
extern void pin_check_key_columns(const PinResource *resource,
								  List *key_columns);

#endif							/* PINTEREST_OPTION_KEY_H */
