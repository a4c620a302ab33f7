/*-------------------------------------------------------------------------
 *
 * jobs.h
 *	  Names and removal of the jobs of schedules.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SCHEDULE_JOBS_H
#define PINTEREST_SCHEDULE_JOBS_H

extern char *pin_job_quoted(const char *name);
extern char *pin_job_name(const char *name);
extern void pin_job_remove(const char *job_name, Oid role, int elevel);
extern void pin_job_remove_later(Oid database, const char *job_name, Oid role,
								 int elevel);

#endif							/* PINTEREST_SCHEDULE_JOBS_H */
