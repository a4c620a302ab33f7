/*-------------------------------------------------------------------------
 *
 * plan.h
 *	  What a refresh would ask of Pinterest.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SETUP_PLAN_H
#define PINTEREST_SETUP_PLAN_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_plan_refreshes(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_SETUP_PLAN_H */
