/*-------------------------------------------------------------------------
 *
 * parent.h
 *	  Entities that have lists of their own for each of their parents.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_PARENT_H
#define PINTEREST_SOURCE_PARENT_H

#include "request/request.h"

/* What they belong to: the advertisers first */
#define PIN_PARENTS	3

/* Of lists that are below one resource alone, the place of that */
#define PIN_PARENT_ABOVE	0

typedef struct PinParent
{
	const char *resource;
	const char *ids;			/* filter by these, of their own list */
	const char *parameter;		/* which asks for what belongs to one of them */
	const char *types;			/* what the types of the parents may be called,
								 * in lower case and without underscores */
} PinParent;

extern const PinParent pin_parents[PIN_PARENTS];

extern bool pin_lists_by_parent(const PinRequest *request);
extern bool pin_asks_parent(const PinRequest *request,
							const PinParent *parent);

#endif							/* PINTEREST_SOURCE_PARENT_H */
