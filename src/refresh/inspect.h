/*-------------------------------------------------------------------------
 *
 * inspect.h
 *	  Whether a refresh on record is under way, and how far it is.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_INSPECT_H
#define PINTEREST_REFRESH_INSPECT_H

#include "fmgr.h"

/* What is known of a run without an end on record */
typedef struct PinRunState
{
	bool		running;
	int			sqlstate;		/* else what became of it */
	const char *message;
} PinRunState;

extern void pin_inspect_run(int64 id, Oid target, int pid, PinRunState *state);

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_inspect_refresh(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_REFRESH_INSPECT_H */
