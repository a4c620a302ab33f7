/*-------------------------------------------------------------------------
 *
 * authorize.h
 *	  How a user lets the server into Pinterest: through a browser.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_AUTH_AUTHORIZE_H
#define PINTEREST_AUTH_AUTHORIZE_H

#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/array.h"

extern List *pin_asked_scopes(ArrayType *array);
extern char *pin_authorization_url(const char *server, List *scopes);

/* what a worker runs */
extern PGDLLEXPORT void pinterest_job_request_authorization(Datum arg);
extern PGDLLEXPORT void pinterest_job_authorize(Datum arg);

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_authorization_url(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum pinterest_authorize(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_AUTH_AUTHORIZE_H */
