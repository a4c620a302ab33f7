/*-------------------------------------------------------------------------
 *
 * row.h
 *	  Where rows come from: asynchronous reports and entity lists.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_H
#define PINTEREST_SOURCE_H

#include "api/session.h"

/* A row as Pinterest sent it, valid until the next one is asked for */
typedef struct PinRow
{
	const char *advertiser_id;	/* whose it is; NULL if the row itself says */
	const char *entity_id;		/* the key under which a report files it */
	const char *json;			/* an object, not checked yet */
	size_t		len;
	int			encoding;		/* of json */
	bool		writes_zeros;	/* a ratio that is zero stands for none */
} PinRow;

/* Days of one report, both included */
typedef struct PinRange
{
	DateADT		start;
	DateADT		end;
} PinRange;

typedef struct PinValueSet PinValueSet; /* see valueset.h */

/*
 * What is asked of Pinterest for one scan, once the values of its conditions
 * are known: the table's options narrowed by what the query wants.  It does
 * not change while it is carried out.
 */
typedef struct PinRequest
{
	const PinResource *resource;
	bool		is_empty;		/* no row can fulfill the conditions */

	/*
	 * Advertisers to ask for, char *; NIL: the resource does not belong to
	 * any, or the advertisers themselves are listed.
	 */
	List	   *advertiser_ids;
	bool		list_advertisers;	/* they have to be listed first, see
									 * pin_request_advertisers() */
	PinValueSet *advertisers;	/* those that the conditions allow; NULL: all */
	List	   *filters;		/* PinFilter *: each row's entity has to have
								 * one of the values of each; as many values
								 * as it may be, see pin_filter_batches() */
	List	   *types;			/* char *: targeting types to ask for */

	/* of reports */
	List	   *ranges;			/* PinRange *: windows, in the order of time */
	List	   *columns;		/* const char *: the API's names */
	int			nused;			/* the first of them, which the query uses; the
								 * others show that there is a row */
	bool		synchronous;	/* it may be answered without a report */
	bool		anew;			/* no report of an earlier scan will do */

	/* of entity lists */
	double		limit;			/* rows that will do; 0: all are wanted */
	int			page_size;		/* entities that one page is to have */
	const char *order;			/* value of the parameter; NULL: any order */
} PinRequest;

typedef struct PinReport PinReport;
typedef struct PinEntities PinEntities;

/* in report.c */
extern List *pin_split_days(const PinOptions *options, List *days);
extern void pin_widen_range(const PinOptions *options, PinRange *range);
extern char *pin_format_date(DateADT date);
extern PinReport *pin_report_begin(PinSession *session,
								   const PinRequest *request);
extern List *pin_check_template(PinSession *session, List *advertiser_ids,
								List *columns);
extern int	pin_report_request(PinReport *report);
extern void pin_report_start(PinReport *report);
extern int	pin_report_reused(const PinReport *report);
extern bool pin_report_next(PinReport *report, PinRow *row);

/* in entity.c */
extern PinRequest *pin_entities_request(const char *resource,
										List *advertiser_ids);
extern PinEntities *pin_entities_begin(PinSession *session,
									   const PinRequest *request);
extern void pin_entities_start(PinEntities *entities);
extern bool pin_entities_next(PinEntities *entities, PinRow *row);
extern bool pin_entities_denied(const PinEntities *entities);
extern char *pin_entities_endpoint(const PinRequest *request);
extern List *pin_list_advertisers(PinSession *session);

#endif							/* PINTEREST_SOURCE_H */
