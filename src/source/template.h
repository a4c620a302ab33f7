/*-------------------------------------------------------------------------
 *
 * template.h
 *	  Report templates of Ads Manager.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_TEMPLATE_H
#define PINTEREST_SOURCE_TEMPLATE_H

#include "api/call.h"

/* A report template, as Pinterest lists it; its texts are NULL if they are missing */
typedef struct PinTemplate
{
	char	   *level;			/* "CAMPAIGN" */
	char	   *format;			/* "JSON" */
	char	   *granularity;	/* "DAY" */
	List	   *columns;		/* char *, as the API calls them */
} PinTemplate;

extern PinTemplate *pin_find_template(PinSession *session,
									  const char *advertiser_id,
									  const char *template_id);
extern void pin_check_template_format(const PinTemplate *template,
									  const char *template_id);
extern List *pin_check_template(PinSession *session, List *advertiser_ids,
								List *columns);

#endif							/* PINTEREST_SOURCE_TEMPLATE_H */
