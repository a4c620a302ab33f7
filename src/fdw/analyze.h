/*-------------------------------------------------------------------------
 *
 * analyze.h
 *	  ANALYZE of foreign tables.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FDW_ANALYZE_H
#define PINTEREST_FDW_ANALYZE_H

#include "foreign/fdwapi.h"

extern bool pinAnalyzeForeignTable(Relation rel, AcquireSampleRowsFunc *func,
								   BlockNumber *totalpages);

#endif							/* PINTEREST_FDW_ANALYZE_H */
