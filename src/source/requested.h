/*-------------------------------------------------------------------------
 *
 * requested.h
 *	  Which columns a report is asked for.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_REQUESTED_H
#define PINTEREST_SOURCE_REQUESTED_H

#include "nodes/pg_list.h"

#include "option/settings.h"

extern List *pin_requested_columns(const PinOptions *options, List *attributes,
								   List *used, int *nused);

#endif							/* PINTEREST_SOURCE_REQUESTED_H */
