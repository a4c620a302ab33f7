/*-------------------------------------------------------------------------
 *
 * list.h
 *	  Entity lists.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_LIST_H
#define PINTEREST_SOURCE_LIST_H

#include "api/call.h"
#include "request/request.h"
#include "source/row.h"

typedef struct PinEntities PinEntities;

extern PinRequest *pin_entities_request(const char *resource,
										List *advertiser_ids);
extern PinEntities *pin_entities_begin(PinSession *session,
									   const PinRequest *request);
extern void pin_entities_start(PinEntities *entities);
extern bool pin_entities_next(PinEntities *entities, PinRow *row);
extern List *pin_entities_loaded(const PinEntities *entities);
extern List *pin_entities_empty(const PinEntities *entities);
extern List *pin_list_advertisers(PinSession *session);

#endif							/* PINTEREST_SOURCE_LIST_H */
