/*-------------------------------------------------------------------------
 *
 * worker.h
 *	  Jobs that are committed whatever becomes of the caller's transaction.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_WORKER_H
#define PINTEREST_WORKER_H

#include "nodes/pg_list.h"

/* The jobs, in the order of the table in worker.c */
typedef enum PinJobKind
{
	PIN_JOB_NOTHING,			/* shows that a worker can be had */
	PIN_JOB_REQUEST_AUTHORIZATION,
	PIN_JOB_AUTHORIZE,
	PIN_JOB_RENEW,
	PIN_JOB_BEGIN_RUN,			/* records the beginning of a refresh */
	PIN_JOB_FAIL_RUN,			/* records its failure */
	PIN_JOB_SCHEDULE,			/* puts a job into pg_cron's table */
	PIN_JOB_UNSCHEDULE			/* removes it */
} PinJobKind;

/*
 * A job: runs in a worker, outside of any transaction, as a superuser; it may
 * begin and end transactions.  args: char *, NULL where the caller gave NULL.
 */
typedef void (*PinJob) (List *args);

extern bool pin_worker_run(PinJobKind kind, List *args, int elevel);
extern bool pin_worker_run_in(Oid database, PinJobKind kind, List *args,
							  int elevel, char **result);
extern void pin_worker_set_result(const char *result);

#endif							/* PINTEREST_WORKER_H */
