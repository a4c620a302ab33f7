/*-------------------------------------------------------------------------
 *
 * connect.h
 *	  Makes a server and a user mapping, and sends the browser to Pinterest.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SETUP_CONNECT_H
#define PINTEREST_SETUP_CONNECT_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_connect(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_SETUP_CONNECT_H */
