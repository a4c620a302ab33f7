/*-------------------------------------------------------------------------
 *
 * ready.h
 *	  Up to which day Pinterest calls its metrics complete.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_READY_H
#define PINTEREST_SOURCE_READY_H

#include "api/call.h"
#include "request/request.h"

/* What Pinterest says of the last days, by UTC */
typedef struct PinReady
{
	bool		is_known;		/* it says anything; else nothing below counts */
	bool		has_day;
	DateADT		day;			/* the last one that is complete, if has_day */
	DateADT		open;			/* the first one that is known not to be */
	int			questions;		/* requests that it took to find out */
} PinReady;

extern PinReady pin_ready_days(PinSession *session, const PinRequest *request);

#endif							/* PINTEREST_SOURCE_READY_H */
