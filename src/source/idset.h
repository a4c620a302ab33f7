/*-------------------------------------------------------------------------
 *
 * idset.h
 *	  Ids that have been there before.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_IDSET_H
#define PINTEREST_SOURCE_IDSET_H

typedef struct PinIdSet PinIdSet;

extern PinIdSet *pin_id_set_create(void);
extern bool pin_id_set_add(PinIdSet *set, const char *id);
extern void pin_id_set_free(PinIdSet *set);

#endif							/* PINTEREST_SOURCE_IDSET_H */
