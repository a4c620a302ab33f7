/*-------------------------------------------------------------------------
 *
 * listpath.h
 *	  What entity lists are asked for with.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_LISTPATH_H
#define PINTEREST_SOURCE_LISTPATH_H

#include "request/request.h"

/* What a list is of */
typedef struct PinNextList
{
	const char *advertiser_id;	/* NULL: nobody's */
	const char *item;			/* targeting type or parent, or several of these
								 * separated by commas, or NULL */
	const char *parameter;		/* that says which parents, or NULL: the path does */
	const char *choice;			/* value of the resource's parameter, or NULL */
	List	   *filters;		/* PinFilter *, a batch of those of the request */
	const PinRange *range;		/* days, or NULL */
	int			range_place;	/* of these, among the request's */
} PinNextList;

extern char *pin_list_endpoint(const PinRequest *request);
extern char *pin_list_first_page(const PinRequest *request,
								 const PinNextList *list);
extern bool pin_list_names_ids(const PinRequest *request, const char *path);

#endif							/* PINTEREST_SOURCE_LISTPATH_H */
