/*-------------------------------------------------------------------------
 *
 * turn.h
 *	  Whose turn it is among many advertisers.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_TURN_H
#define PINTEREST_SOURCE_TURN_H

#include "request/request.h"

extern List *pin_take_turn(PinRequest *request);

#endif							/* PINTEREST_SOURCE_TURN_H */
