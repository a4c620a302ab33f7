/*-------------------------------------------------------------------------
 *
 * metrics.h
 *	  Analytics of users and Pins as rows.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_METRICS_H
#define PINTEREST_SOURCE_METRICS_H

#include "catalog/catalog.h"
#include "json/document.h"
#include "request/window.h"

extern PinJsonDocument *pin_metrics_rows(const PinResource *resource,
										 const PinJsonNode *answer,
										 const PinRange *range,
										 const char *subject);

#endif							/* PINTEREST_SOURCE_METRICS_H */
