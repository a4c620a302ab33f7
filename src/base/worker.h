/*-------------------------------------------------------------------------
 *
 * worker.h
 *	  Jobs that are committed whatever becomes of the caller's transaction.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_WORKER_H
#define PINTEREST_BASE_WORKER_H

#include "nodes/pg_list.h"

/* A job that shows that a worker can be had */
#define PIN_JOB_NOTHING "pinterest_job_nothing"

/*
 * A job: runs in a worker, outside of any transaction, as a superuser; it may
 * begin and end transactions.  args: see pin_job_add().
 */
typedef void (*PinJob) (List *args);

extern List *pin_job_add(List *args, const char *name, const char *value);
extern char *pin_job_get(List *args, const char *name);
extern Oid	pin_job_get_oid(List *args, const char *name);
extern bool pin_worker_run(const char *job, List *args, int elevel);
extern bool pin_worker_run_in(Oid database, const char *job, List *args,
							  int elevel, char **result);
extern void pin_worker_set_result(const char *result);
extern void pin_worker_main(Datum arg, PinJob run);

/* what a worker runs */
extern PGDLLEXPORT void pinterest_job_nothing(Datum arg);

#endif							/* PINTEREST_BASE_WORKER_H */
