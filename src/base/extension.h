/*-------------------------------------------------------------------------
 *
 * extension.h
 *	  The extension's own objects.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_EXTENSION_H
#define PINTEREST_BASE_EXTENSION_H

#include "access/htup.h"
#include "access/skey.h"
#include "storage/lockdefs.h"
#include "utils/rel.h"

/* Schema of what is nobody's business; that of what users see is "pinterest" */
#define PIN_INTERNAL_SCHEMA "pinterest_internal"

extern Oid	pin_extension_relid(const char *name);
extern Relation pin_extension_open(const char *name, LOCKMODE lockmode);
extern bool pin_is_our_wrapper(Oid fdwid);
extern void pin_row_insert(Relation rel, const Datum *values,
						   const bool *nulls);
extern void pin_row_read(Relation rel, HeapTuple tuple, Datum *values,
						 bool *nulls, int n);
extern HeapTuple pin_row_lock(Relation rel, HeapTuple tuple, bool wait);
extern void pin_row_update(Relation rel, HeapTuple tuple, const Datum *values,
						   const bool *nulls);
extern void pin_row_delete(Relation rel, HeapTuple tuple);
extern List *pin_rows_find(Relation rel, Oid index, ScanKey keys, int nkeys);
extern List *pin_rows_with(Relation rel, AttrNumber attnum, RegProcedure equal,
						   Datum value);
extern List *pin_extension_oids(const char *name, AttrNumber attnum);

#endif							/* PINTEREST_BASE_EXTENSION_H */
