/*-------------------------------------------------------------------------
 *
 * report.h
 *	  Asynchronous reports: ask for them, wait for them, read them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_REPORT_H
#define PINTEREST_SOURCE_REPORT_H

#include "api/call.h"
#include "request/request.h"
#include "source/row.h"
#include "source/state.h"

extern PinReport *pin_report_begin(PinSession *session,
								   const PinRequest *request,
								   PinJsonFields *fields);
extern int	pin_report_ahead(const PinReport *report);
extern int	pin_report_request(PinReport *report);
extern void pin_report_start(PinReport *report);
extern void pin_report_get_ready(PinReport *report);
extern int	pin_report_reused(const PinReport *report);
extern List *pin_report_loaded(const PinReport *report);
extern List *pin_report_empty(const PinReport *report);
extern bool pin_report_next(PinReport *report, PinRow *row);
extern void pin_report_pass_over(PinReport *report);
extern void pin_report_end(PinReport *report);

#endif							/* PINTEREST_SOURCE_REPORT_H */
