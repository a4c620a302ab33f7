/*-------------------------------------------------------------------------
 *
 * ddl.h
 *	  Refuses what foreign tables and the extension cannot have.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_DDL_H
#define PINTEREST_DDL_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_check_ddl(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_end_schedules(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_DDL_H */
