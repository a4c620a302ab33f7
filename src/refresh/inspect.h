/*-------------------------------------------------------------------------
 *
 * inspect.h
 *	  Whether a refresh on record is under way, and how far it is.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_INSPECT_H
#define PINTEREST_REFRESH_INSPECT_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_inspect_refresh(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_REFRESH_INSPECT_H */
