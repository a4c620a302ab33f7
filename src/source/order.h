/*-------------------------------------------------------------------------
 *
 * order.h
 *	  What a report is ordered with.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_ORDER_H
#define PINTEREST_SOURCE_ORDER_H

#include "option/settings.h"
#include "request/window.h"

/* One report, beyond what the options of the table say */
typedef struct PinOrder
{
	const char *advertiser_id;
	PinRange	range;
	List	   *columns;		/* const char *: the API's names */
	List	   *filters;		/* PinFilter * */
	List	   *types;			/* targeting types, of char *; NIL: none */
} PinOrder;

extern char *pin_order_path(const PinOptions *options, const PinOrder *order);
extern char *pin_order_body(const PinOptions *options, const PinOrder *order);
extern List *pin_order_types(List *types, int max);

#endif							/* PINTEREST_SOURCE_ORDER_H */
