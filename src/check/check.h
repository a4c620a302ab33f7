/*-------------------------------------------------------------------------
 *
 * check.h
 *	  The functions check() and version(): what must be right, and whether it is.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_CHECK_CHECK_H
#define PINTEREST_CHECK_CHECK_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_check(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_fdw_version(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_CHECK_CHECK_H */
