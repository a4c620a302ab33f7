/*-------------------------------------------------------------------------
 *
 * making.h
 *	  Has reports made: asks for them, and whether they are ready.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_MAKING_H
#define PINTEREST_SOURCE_MAKING_H

#include "source/state.h"

extern void pin_window_create(PinReport *report, PinWindow *window);
extern void pin_window_renew(PinReport *report, PinWindow *window);
extern void pin_window_recreate(PinReport *report, PinWindow *window,
								const char *status);
extern void pin_window_take_creation(PinReport *report, PinWindow *window);
extern void pin_window_take_refusal(PinReport *report, PinWindow *window);
extern void pin_window_take_poll(PinReport *report, PinWindow *window);
extern void pin_window_end(PinWindow *window);
extern bool pin_window_has_begun(const PinWindow *window);
extern void pin_report_poll(PinReport *report);
extern void pin_report_error(PinReport *report, PinWindow *window, int sqlstate,
							 const char *problem, const char *hint);

#endif							/* PINTEREST_SOURCE_MAKING_H */
