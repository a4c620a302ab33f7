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
#include "nodes/primnodes.h"

extern Oid	pin_materialize(Oid sourceid, RangeVar *rv, bool with_data,
							const bool *keep_deleted);

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_materialize(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_REFRESH_MATERIALIZE_H */
