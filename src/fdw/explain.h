/*-------------------------------------------------------------------------
 *
 * explain.h
 *	  EXPLAIN: what is asked of Pinterest, and what that took.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FDW_EXPLAIN_H
#define PINTEREST_FDW_EXPLAIN_H

#include "nodes/execnodes.h"

struct ExplainState;

extern void pinExplainForeignScan(ForeignScanState *node,
								  struct ExplainState *es);

#endif							/* PINTEREST_FDW_EXPLAIN_H */
