/*-------------------------------------------------------------------------
 *
 * source.h
 *	  Where rows come from: asynchronous reports and entity lists.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_H
#define PINTEREST_SOURCE_H

#include "api.h"

/* A row as Pinterest sent it, valid until the next one is asked for */
typedef struct PinRow
{
	const char *advertiser_id;	/* whose it is; NULL if the row itself says */
	const char *entity_id;		/* the key under which a report files it */
	const char *json;			/* an object, not checked yet */
	size_t		len;
	int			encoding;		/* of json */
} PinRow;

/* Days of one report, both included */
typedef struct PinRange
{
	DateADT		start;
	DateADT		end;
} PinRange;

typedef struct PinReport PinReport;
typedef struct PinEntities PinEntities;

/* in report.c */
extern List *pin_split_range(const PinOptions *options, DateADT start,
							 DateADT end);
extern void pin_widen_range(const PinOptions *options, PinRange *range);
extern char *pin_format_date(DateADT date);
extern PinReport *pin_report_begin(PinSession *session, List *advertiser_ids,
								   List *columns, List *ranges);
extern List *pin_check_template(PinSession *session, List *advertiser_ids,
								List *columns);
extern int	pin_report_request(PinReport *report);
extern bool pin_report_next(PinReport *report, PinRow *row);

/* in entity.c */
extern PinEntities *pin_entities_begin(PinSession *session,
									   const PinResource *resource,
									   List *filters, List *advertiser_ids);
extern bool pin_entities_next(PinEntities *entities, PinRow *row);
extern bool pin_entities_denied(const PinEntities *entities);
extern char *pin_entities_path(const PinResource *resource, List *filters,
							   const char *advertiser_id, const char *item);
extern List *pin_list_advertisers(PinSession *session);

#endif							/* PINTEREST_SOURCE_H */
