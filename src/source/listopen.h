/*-------------------------------------------------------------------------
 *
 * listopen.h
 *	  One list: how it is opened, asked for page by page, and dropped.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_LISTOPEN_H
#define PINTEREST_SOURCE_LISTOPEN_H

#include "source/listpage.h"
#include "source/listpath.h"

extern int	pin_list_ranges(const PinRequest *request);
extern int	pin_list_parts(const PinRequest *request);
extern bool pin_list_is_asked(const PinRequest *request,
							  const char *advertiser_id,
							  const PinRange *range);
extern void pin_list_open(PinEntities *entities, const PinNextList *next);
extern bool pin_list_is_of_several(const PinEntities *entities,
								   const PinList *list);
extern void pin_list_ask(PinEntities *entities, PinList *list);
extern void pin_list_drop(PinEntities *entities, PinList *list);

#endif							/* PINTEREST_SOURCE_LISTOPEN_H */
