/*-------------------------------------------------------------------------
 *
 * refreshall.h
 *	  Refreshes several tables, each in a transaction of its own.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_REFRESHALL_H
#define PINTEREST_REFRESH_REFRESHALL_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_refresh_all(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_REFRESH_REFRESHALL_H */
