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

extern char *pin_list_endpoint(const PinRequest *request);
extern char *pin_list_first_page(const PinRequest *request, List *filters,
								 const char *advertiser_id, const char *item,
								 const char *parameter,
								 const PinRange *range);
extern bool pin_list_names_ids(const PinRequest *request, const char *path);

#endif							/* PINTEREST_SOURCE_LISTPATH_H */
