/*-------------------------------------------------------------------------
 *
 * materialize.h
 *	  Creates, adopts and registers the tables that a refresh loads.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_MATERIALIZE_H
#define PINTEREST_REFRESH_MATERIALIZE_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_materialize(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_REFRESH_MATERIALIZE_H */
