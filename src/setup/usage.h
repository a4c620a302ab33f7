/*-------------------------------------------------------------------------
 *
 * usage.h
 *	  Requests that have been sent to Pinterest.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SETUP_USAGE_H
#define PINTEREST_SETUP_USAGE_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_list_usage(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_SETUP_USAGE_H */
