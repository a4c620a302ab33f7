/*-------------------------------------------------------------------------
 *
 * rows.h
 *	  Rows that are to be written into a target, or out of it.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_ROWS_H
#define PINTEREST_REFRESH_ROWS_H

#include "refresh/state.h"

/* Rows that a statement is about, as "n" */
typedef struct PinRows
{
	const char *name;			/* under which statements can know them */
	Tuplestorestate *store;
	TupleDesc	tupdesc;
	int64		count;
} PinRows;

extern bool pin_is_distributed(Oid target);
extern int64 pin_rows_execute(const PinRefresh *refresh, const char *sql,
							  int expected, const PinRows *rows);
extern int64 pin_rows_count(const PinRefresh *refresh, const char *sql,
							const PinRows *rows);

#endif							/* PINTEREST_REFRESH_ROWS_H */
