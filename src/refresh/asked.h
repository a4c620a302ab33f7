/*-------------------------------------------------------------------------
 *
 * asked.h
 *	  What a call asks of a refresh.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_ASKED_H
#define PINTEREST_REFRESH_ASKED_H

#include "fmgr.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "option/settings.h"

/* What has become of the batches of a table so far */
typedef struct PinBatches
{
	List	   *done;			/* char *: advertisers whose turn is over */
	List	   *left_out;		/* PinLeftOut *: those of them who are left out */
	bool		more;			/* there are others */
} PinBatches;

/* What a call asks of the refresh of one table or more; all zero: everything */
typedef struct PinAsked
{
	bool		has_since;		/* else the historical date counts */
	DateADT		since;
	bool		has_last;		/* not along with the one above */
	Interval	last;			/* counted back from today */
	bool		reports_only;	/* tables without days are loaded whole */
	bool		scheduled;		/* a table that is being refreshed already is
								 * skipped */
	bool		allow_deletion; /* of most rows of a table */
	bool		registering;	/* by materialize(): a failure undoes that the
								 * table is registered */
	bool		importing;		/* by import_tables(): nobody else uses the table
								 * yet, so it can be locked for the download */
	PinBatches *batches;	/* advertisers may be loaded in several batches, see
								 * batch.c; NULL: all at once */
} PinAsked;

extern void pin_check_last(const Interval *last);
extern PinAsked pin_asked_days(FunctionCallInfo fcinfo);
extern PinAsked pin_asked(FunctionCallInfo fcinfo, const char *function);
extern bool pin_asked_since(const PinAsked *asked, DateADT today,
							DateADT *since);
extern void pin_asked_apply(const PinAsked *asked, PinOptions *options);

#endif							/* PINTEREST_REFRESH_ASKED_H */
