/*-------------------------------------------------------------------------
 *
 * difference.h
 *	  How a target differs from a download.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_DIFFERENCE_H
#define PINTEREST_REFRESH_DIFFERENCE_H

#include "utils/tuplestore.h"

#include "refresh/rows.h"

/* How a target differs from a download */
typedef struct PinDifference
{
	bool		whole;			/* all rows of the target have been looked at;
								 * else those from the first loaded day on */
	int64		all;			/* rows that were looked at */
	int64		total;			/* of these, in what was loaded */
	int64		gone;			/* of these, not in the download */
	int64		matched;		/* of all, in the download, too */
	int64		changed;		/* of these, not just like there */
	bool		has_outer;		/* there are days outside of what was loaded: */
	DateADT		first_outer;
	DateADT		last_outer;
	bool		null_gone;		/* a key that is gone has a null */
	bool		repeated;		/* several rows have the key of the same row of the
								 * download, or its hash */
	PinRows		gone_rows;		/* keys of what is gone from the download */
	PinRows		changed_rows;	/* rows of it that have changed */
	PinRows		new_rows;		/* rows of it that the target lacks */
	Tuplestorestate *stores[3]; /* to be given back; private */
} PinDifference;

extern void pin_difference_find(PinRefresh *refresh, PinDifference *difference);
extern void pin_difference_end(PinDifference *difference);

#endif							/* PINTEREST_REFRESH_DIFFERENCE_H */
