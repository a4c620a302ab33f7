/*-------------------------------------------------------------------------
 *
 * loaded.h
 *	  What has been read to its end.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_LOADED_H
#define PINTEREST_SOURCE_LOADED_H

#include "pgtime.h"

#include "request/request.h"

/*
 * An advertiser, and days of its reports, of which everything that Pinterest has
 * was read.  What is not among the rows is not there, then.
 */
typedef struct PinLoaded
{
	const char *advertiser_id;	/* NULL: the table is nobody's in particular, or
								 * lists the advertisers */
	bool		has_range;		/* a report; else a list of entities */
	PinRange	range;			/* days that were asked for */
	pg_tz	   *zone;			/* whose days these are; NULL: UTC */
	bool		follows;		/* all days before these that were asked for
								 * have been read, too */
	int64		rows;			/* that came, of all reports about it */

	List	   *types;			/* char *: of one of several reports about it, the
								 * targeting types; NIL: all of them */
} PinLoaded;

extern PinLoaded *pin_loaded_find(List *all, const char *advertiser_id,
								  const PinRange *range);
extern PinLoaded *pin_loaded_find_report(List *all, const char *advertiser_id,
										 const PinRange *range, List *types);
extern List *pin_loaded_copy(List *all);

#endif							/* PINTEREST_SOURCE_LOADED_H */
