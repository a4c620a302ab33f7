/*-------------------------------------------------------------------------
 *
 * spare.h
 *	  Columns of a report that Pinterest refuses and that can be spared.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_SPARE_H
#define PINTEREST_SOURCE_SPARE_H

#include "api/call.h"
#include "request/request.h"

/* What the reports of a scan do without */
typedef struct PinSpare
{
	PinSession *session;
	const PinRequest *request;
	List	   *columns;		/* private to spare.c */
} PinSpare;

extern bool pin_spare_possible(const PinSpare *spare);
extern int	pin_spare_count(const PinSpare *spare);
extern List *pin_spare_rest(const PinSpare *spare, const char *advertiser_id);
extern bool pin_spare_refused(PinSpare *spare, PinCall *call, int known);

#endif							/* PINTEREST_SOURCE_SPARE_H */
