/*-------------------------------------------------------------------------
 *
 * request.h
 *	  What a scan asks of Pinterest: options narrowed by conditions.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REQUEST_H
#define PINTEREST_REQUEST_H

#include "source/row.h"

/* The largest page that Pinterest gives */
#define PIN_LARGEST_PAGE	250

/* What a condition compares with */
typedef struct PinValue
{
	Oid			type;
	bool		is_known;		/* else the condition narrows nothing */
	bool		is_null;
	Datum		value;
} PinValue;

extern PinRequest *pin_request_build(const PinOptions *options, List *columns,
									 List *conditions, const PinValue *values);
extern List *pin_request_advertisers(const PinRequest *request, List *listed);
extern List *pin_filter_batches(const PinResource *resource, List *filters);
extern PinFilter *pin_request_filter(const PinRequest *request,
									 const char *name);
extern void pin_request_set_order(PinRequest *request, bool descending);
extern bool pin_request_equal(const PinRequest *a, const PinRequest *b);

#endif							/* PINTEREST_REQUEST_H */
