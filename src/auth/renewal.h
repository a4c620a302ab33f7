/*-------------------------------------------------------------------------
 *
 * renewal.h
 *	  Renewing tokens: what a worker does for a session.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_AUTH_RENEWAL_H
#define PINTEREST_AUTH_RENEWAL_H

/* what a worker runs, see auth/token.c */
extern PGDLLEXPORT void pinterest_job_renew(Datum arg);

#endif							/* PINTEREST_AUTH_RENEWAL_H */
