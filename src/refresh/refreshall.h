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

extern bool pin_means_table(Oid role, Oid target);
extern List *pin_tables_of(Oid role);
extern List *pin_table_list(ArrayType *array);
extern void pin_check_commits(FunctionCallInfo fcinfo, const char *function);
extern void pin_refresh_tables(List *targets, const PinAsked *given);

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_refresh_all(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_REFRESH_REFRESHALL_H */
