/*-------------------------------------------------------------------------
 *
 * importtables.h
 *	  Sets up many tables at once: foreign tables, copies, first load, schedule.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SETUP_IMPORTTABLES_H
#define PINTEREST_SETUP_IMPORTTABLES_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_import_tables(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_SETUP_IMPORTTABLES_H */
