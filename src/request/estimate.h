/*-------------------------------------------------------------------------
 *
 * estimate.h
 *	  How many rows a request may give, and what it costs.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REQUEST_ESTIMATE_H
#define PINTEREST_REQUEST_ESTIMATE_H

#include "option/settings.h"
#include "request/request.h"

extern void pin_note_rows(const PinOptions *options, const PinRequest *request,
						  double nrows);
extern double pin_estimate_rows(const PinOptions *options,
								const PinRequest *request);
extern void pin_estimate_analytics(const PinOptions *options, int nrequests,
								   double nrows, int ncolumns, double *startup,
								   double *total);
extern void pin_estimate_cost(const PinOptions *options,
							  const PinRequest *request, double nrows,
							  int ncolumns, double *startup, double *total);

#endif							/* PINTEREST_REQUEST_ESTIMATE_H */
