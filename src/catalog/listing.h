/*-------------------------------------------------------------------------
 *
 * listing.h
 *	  The catalog as SQL sees it.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_CATALOG_LISTING_H
#define PINTEREST_CATALOG_LISTING_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_resources(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_resource_columns(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_CATALOG_LISTING_H */
