/*-------------------------------------------------------------------------
 *
 * batch.h
 *	  Batches of advertisers, each of which is a refresh by itself.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_BATCH_H
#define PINTEREST_REFRESH_BATCH_H

#include "refresh/state.h"

extern void pin_batch_choose(PinRefresh *refresh);
extern void pin_batch_begin(PinRefresh *refresh);
extern void pin_batch_note(PinRefresh *refresh);
extern bool pin_batch_is_part(const PinRefresh *refresh);
extern void pin_batch_end(const PinRefresh *refresh, const ErrorData *error);

#endif							/* PINTEREST_REFRESH_BATCH_H */
