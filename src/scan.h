/*-------------------------------------------------------------------------
 *
 * scan.h
 *	  Reading a foreign table without a query plan.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SCAN_H
#define PINTEREST_SCAN_H

#include "executor/tuptable.h"

#include "http.h"
#include "pinterest_fdw.h"
#include "progress.h"

typedef struct PinScan PinScan;

extern PinScan *pin_scan_create(Relation rel, List *attnums, Oid userid,
								DateADT first_day, PinProgress *progress);
extern int	pin_scan_request(PinScan *scan);
extern bool pin_scan_next(PinScan *scan, TupleTableSlot *slot);
extern PinUsage pin_scan_end(PinScan *scan);

#endif							/* PINTEREST_SCAN_H */
