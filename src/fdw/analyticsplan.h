/*-------------------------------------------------------------------------
 *
 * analyticsplan.h
 *	  Whether a query can be answered by synchronous analytics.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FDW_ANALYTICSPLAN_H
#define PINTEREST_FDW_ANALYTICSPLAN_H

#include "nodes/pathnodes.h"

#include "option/settings.h"

extern void pin_analytics_init(void);
extern bool pin_synchronous_enabled(void);
extern bool pin_analytics_suffices(const PinOptions *options,
								   RelOptInfo *baserel, List *attributes,
								   List *attnums, List *clauses);

#endif							/* PINTEREST_FDW_ANALYTICSPLAN_H */
