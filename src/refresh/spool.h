/*-------------------------------------------------------------------------
 *
 * spool.h
 *	  The rows of a download, on disk.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_SPOOL_H
#define PINTEREST_REFRESH_SPOOL_H

#include "executor/tuptable.h"
#include "storage/fd.h"
#include "utils/tuplestore.h"

#include "refresh/prints.h"

/* The rows of a download */
typedef struct PinSpool
{
	MemoryContext context;
	Tuplestorestate *rows;
	int64		nrows;
	File		reserve;		/* room on the disk for the end; 0: none yet */
	PinPrinter *printer;
	PinPrints  *prints;			/* of those without a null in their key */
	PinKey	   *key;
	TupleTableSlot *slot;		/* a row that is read back */
	TupleTableSlot *other;		/* another one */
	struct PinSpool *next;		/* whose file could not be closed, too */
} PinSpool;

extern PinSpool *pin_spool_create(MemoryContext context, TupleDesc tupdesc,
								  PinKey *key);
extern void pin_spool_free(PinSpool *spool);
extern bool pin_spool_put(PinSpool *spool, Datum *values, bool *nulls);
extern void pin_spool_rewind(PinSpool *spool);
extern bool pin_spool_next(PinSpool *spool);
extern bool pin_spool_has_repeated(PinSpool *spool);
extern void pin_spool_reseed(PinSpool *spool, int attempt);

#endif							/* PINTEREST_REFRESH_SPOOL_H */
