/*-------------------------------------------------------------------------
 *
 * request.h
 *	  What a scan asks of Pinterest: options narrowed by conditions.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REQUEST_REQUEST_H
#define PINTEREST_REQUEST_REQUEST_H

#include "catalog/catalog.h"
#include "option/settings.h"
#include "request/condition.h"
#include "request/valueset.h"
#include "request/window.h"

/* Days of an advertiser that are not UTC's */
typedef struct PinLocalDays
{
	pg_tz	   *zone;			/* NULL: it is not known */
	List	   *ranges;			/* PinRange *: windows, in the order of time */
} PinLocalDays;

/*
 * What is asked of Pinterest for one scan, once the values of its conditions
 * are known: the table's options narrowed by what the query wants.  It does
 * not change while it is carried out.
 */
typedef struct PinRequest
{
	const PinResource *resource;
	bool		is_empty;		/* no row can fulfill the conditions */
	bool		by_parts;		/* what is read to its end counts, whatever
								 * becomes of the rest: see source/loaded.h */
	List	   *pairs;			/* PinLoaded *: nothing but these; NIL: all */

	/*
	 * Advertisers to ask for, char *; NIL: the resource does not belong to
	 * any, or the advertisers themselves are listed.
	 */
	List	   *advertiser_ids;
	bool		list_advertisers;	/* they have to be listed first, see
									 * pin_request_advertisers() */
	PinValueSet *advertisers;	/* those that the conditions allow; NULL: all */
	List	   *filters;		/* PinFilter *: each row's entity has to have
								 * one of the values of each */
	List	   *batches;		/* Lists of PinFilter *: these split into what
								 * one request each can have; at least one, which
								 * may be empty */
	List	   *types;			/* char *: targeting types to ask for */

	/* of reports: what the days depend on, and windows, in the order of time */
	const PinOptions *options;
	PinCalendar calendar;		/* where advertisers have none of their own */
	List	   *date_tree;		/* conditions on days; NIL: none */
	PinValue   *date_values;	/* what they compare with */
	List	   *ranges;			/* PinRange *: by UTC */
	List	   *local;			/* PinLocalDays *, of each advertiser; NIL: these
								 * days are UTC's, or it is not known yet */

	/* likewise */
	List	   *columns;		/* const char *: the API's names */
	int			nused;			/* the first of them, which the query uses; the
								 * others show that there is a row */
	bool		synchronous;	/* it may be answered without a report */
	bool		anew;			/* no report of an earlier scan will do */
	int			most_reports;	/* a batch of advertisers will do that takes no more
								 * reports, but one of them at least; 0: all are
								 * wanted */
	List	   *done;			/* char *: advertisers of earlier batches */
	List	   *turns;			/* char *: those who have been loaded, the one first
								 * that has waited longest; others come before */
	double		first_share;	/* the share of the reports, the newest, that may
								 * do; others are asked for only if they do not;
								 * 0: all are wanted */

	/* of entity lists */
	double		limit;			/* rows that will do; 0: all are wanted */
	int			page_size;		/* entities that one page is to have */
	const char *order;			/* value of the parameter; NULL: any order */
} PinRequest;

extern PinRequest *pin_request_build(const PinOptions *options, List *columns,
									 List *conditions, const PinValue *values);
extern List *pin_request_advertisers(const PinRequest *request, List *listed);
extern void pin_request_split(PinRequest *request);
extern PinFilter *pin_request_filter(const PinRequest *request,
									 const char *name);
extern void pin_request_set_days(PinRequest *request, List *zones);
extern void pin_request_set_order(PinRequest *request, bool descending);
extern bool pin_request_equal(const PinRequest *a, const PinRequest *b);
extern int	pin_request_place(const PinRequest *request,
							  const char *advertiser_id);

#endif							/* PINTEREST_REQUEST_REQUEST_H */
