/*-------------------------------------------------------------------------
 *
 * aside.h
 *	  Downloads that are put aside while another one is being read.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_ASIDE_H
#define PINTEREST_SOURCE_ASIDE_H

#include "lib/stringinfo.h"

#include "source/state.h"

extern void pin_aside_run(PinReport *report);
extern bool pin_aside_take(PinReport *report, PinWindow *window, StringInfo buf);
extern bool pin_aside_has(const PinWindow *window);
extern void pin_aside_free(PinReport *report, PinWindow *window);

#endif							/* PINTEREST_SOURCE_ASIDE_H */
