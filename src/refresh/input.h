/*-------------------------------------------------------------------------
 *
 * input.h
 *	  The foreign tables that a refresh reads.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_INPUT_H
#define PINTEREST_REFRESH_INPUT_H

#include "refresh/state.h"

/* Takes a row, by the columns of the source */
typedef void (*PinTakeInput) (PinRefresh *refresh, Datum *values, bool *nulls);

extern void pin_inputs_open(PinRefresh *refresh);
extern int	pin_inputs_request(PinRefresh *refresh);
extern void pin_inputs_read(PinRefresh *refresh, PinTakeInput take);
extern List *pin_inputs_read_again(PinRefresh *refresh, List *empty,
								   PinTakeInput take);
extern PinUsage pin_inputs_usage(const PinRefresh *refresh);
extern void pin_inputs_stop(PinRefresh *refresh);

#endif							/* PINTEREST_REFRESH_INPUT_H */
