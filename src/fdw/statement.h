/*-------------------------------------------------------------------------
 *
 * statement.h
 *	  The scans of a statement: what they share, and which surely run.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FDW_STATEMENT_H
#define PINTEREST_FDW_STATEMENT_H

#include "nodes/execnodes.h"

#include "api/call.h"

typedef struct PinStatement PinStatement;

extern PinStatement *pin_statement_add(ForeignScanState *node);
extern void pin_statement_remove(PinStatement *statement,
								 ForeignScanState *node);
extern double pin_rows_that_do(const PlannedStmt *stmt, const Plan *scan);
extern PinChannel *pin_statement_channel(PinStatement *statement,
										 Oid serverid, Oid userid);
extern List *pin_statement_begin(PinStatement *statement);

#endif							/* PINTEREST_FDW_STATEMENT_H */
