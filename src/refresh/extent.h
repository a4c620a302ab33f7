/*-------------------------------------------------------------------------
 *
 * extent.h
 *	  Whose rows a download has, and of which days.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_EXTENT_H
#define PINTEREST_REFRESH_EXTENT_H

#include "access/tupdesc.h"
#include "utils/date.h"

#include "refresh/state.h"

/* Rows of an advertiser that came one after the other */
typedef struct PinSpan
{
	Datum		advertiser;
	bool		is_nobody;		/* it is null */
	bool		has_dates;		/* values of the date column, as integers: */
	int64		first;
	int64		last;
} PinSpan;

/* Whose rows there are, and of which days */
typedef struct PinExtent
{
	MemoryContext context;
	TupleDesc	tupdesc;		/* of the rows */
	int			advertiser;		/* columns, or -1 */
	int			date;
	List	   *spans;			/* PinSpan * */
} PinExtent;

extern PinExtent *pin_extent_create(const PinRefresh *refresh);
extern void pin_extent_add(PinExtent *extent, const Datum *values,
						   const bool *nulls);
extern bool pin_extent_is_loaded(const PinExtent *extent,
								 const PinRefresh *refresh);
extern int64 pin_date_number(const PinRefresh *refresh, Datum value);
extern DateADT pin_number_day(const PinRefresh *refresh, int64 number);
extern void pin_extent_note_days(const PinExtent *extent,
								 PinRefresh *refresh);

#endif							/* PINTEREST_REFRESH_EXTENT_H */
