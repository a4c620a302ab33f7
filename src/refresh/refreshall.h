/*-------------------------------------------------------------------------
 *
 * refreshall.h
 *	  Refreshes several tables, each in a transaction of its own.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_REFRESHALL_H
#define PINTEREST_REFRESH_REFRESHALL_H

#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/array.h"

#include "refresh/asked.h"
#include "refresh/log.h"

/* How the refresh of one of several tables has ended */
typedef struct PinTableEnd
{
	Oid			target;
	const char *name;
	bool		skipped;		/* another refresh of it is under way */
	ErrorData  *error;			/* NULL: none */
	PinRefreshResult result;	/* if it was neither */
} PinTableEnd;

typedef void (*PinTableEnded) (const PinTableEnd *end, void *arg);

extern bool pin_means_table(Oid role, Oid target);
extern List *pin_tables_of(Oid role);
extern List *pin_table_list(ArrayType *array);
extern void pin_check_commits(FunctionCallInfo fcinfo, const char *function,
							  const char *instead);
extern void pin_refresh_tables(List *targets, const PinAsked *given,
							   PinTableEnded ended, void *arg);
extern void pin_raise_failures(const List *failures, int ntables,
							   const char *verb, const char *hint);

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_refresh_all(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_REFRESH_REFRESHALL_H */
