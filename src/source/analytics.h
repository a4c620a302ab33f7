/*-------------------------------------------------------------------------
 *
 * analytics.h
 *	  Synchronous analytics: rows of a report without one.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_ANALYTICS_H
#define PINTEREST_SOURCE_ANALYTICS_H

#include "api/call.h"
#include "catalog/catalog.h"
#include "option/settings.h"
#include "request/request.h"
#include "source/row.h"

typedef struct PinAnalytics PinAnalytics;

extern bool pin_analytics_possible(const PinOptions *options);
extern bool pin_analytics_has(const PinColumn *column);
extern const char *pin_analytics_filter(const PinResource *resource);
extern int	pin_analytics_requests(const PinOptions *options,
								   const PinRequest *request);
extern char *pin_analytics_endpoint(const PinResource *resource);
extern List *pin_analytics_columns(const PinRequest *request);
extern PinAnalytics *pin_analytics_begin(PinSession *session,
										 const PinRequest *request);
extern void pin_analytics_start(PinAnalytics *analytics);
extern bool pin_analytics_wait(PinAnalytics *analytics);
extern bool pin_analytics_next(PinAnalytics *analytics, PinRow *row);

#endif							/* PINTEREST_SOURCE_ANALYTICS_H */
