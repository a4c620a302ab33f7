/*-------------------------------------------------------------------------
 *
 * events.h
 *	  What DDL of others means for what the extension keeps.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_EVENTS_H
#define PINTEREST_EVENTS_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_forget_dropped(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_on_alter_server(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_EVENTS_H */
