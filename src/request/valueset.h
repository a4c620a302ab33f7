/*-------------------------------------------------------------------------
 *
 * valueset.h
 *	  The values and days that fulfill conditions.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REQUEST_VALUESET_H
#define PINTEREST_REQUEST_VALUESET_H

#include "request/condition.h"
#include "request/window.h"

/* Some texts, or all but some */
typedef struct PinValueSet
{
	bool		is_negated;
	List	   *values;			/* of char *, each once */
} PinValueSet;

extern PinValueSet *pin_value_set(List *tree, const PinValue *values);
extern bool pin_value_set_has(const PinValueSet *set, const char *value);
extern List *pin_days(List *tree, const PinValue *values, PinRange all,
					  bool hourly, pg_tz *zone);

#endif							/* PINTEREST_REQUEST_VALUESET_H */
