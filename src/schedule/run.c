/*-------------------------------------------------------------------------
 *
 * run.c
 *	  What the job of a schedule runs, and when.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "base/relation.h"
#include "refresh/refreshall.h"
#include "schedule/cronexpr.h"
#include "schedule/jobs.h"
#include "schedule/pgcron.h"
#include "schedule/run.h"
#include "schedule/schedule.h"
#include "schedule/store.h"

PG_FUNCTION_INFO_V1(pinterest_run_schedule);
PG_FUNCTION_INFO_V1(pinterest_list_schedules);

/*
 * Columns of list_schedules(), in order
 */
enum
{
	LIST_TARGET,
	LIST_SCHEDULE,
	LIST_NEXT_RUN_AT,
	LIST_NAME,
	LIST_LAST,
	LIST_ROLE,
	LIST_LAST_RUN_AT,
	LIST_DUE_AT,
	LIST_CRON,
	LIST_COLUMNS
};

/*
 * tables_of
 *		The tables that a schedule refreshes: a List of OIDs.
 *
 * One of all tables of a role leaves out those that are scheduled otherwise, with
 * the same days.
 */
static List *
tables_of(const PinSchedule *schedule, List *schedules)
{
	Oid			role;
	List	   *result;
	ListCell   *lc;

	if (schedule->targets != NIL)
		return schedule->targets;
	role = get_role_oid(schedule->role, true);
	if (!OidIsValid(role))
		return NIL;
	result = pin_tables_of(role);
	foreach(lc, schedules)
	{
		PinSchedule *other = lfirst(lc);

		if (other->targets != NIL && pin_same_last(other->last, schedule->last))
			result = list_difference_oid(result, other->targets);
	}
	return result;
}

/*
 * find_committed
 *		The schedule of a name, NULL if there is none.
 *
 * If pg_cron is in another database, a job can begin before the transaction that
 * made it has committed: then that is waited for.
 */
static PinSchedule *
find_committed(const char *name)
{
	PinSchedule *schedule = pin_schedule_find(pin_schedules_get(), name);

	if (schedule != NULL)
		return schedule;
	pin_schedules_lock(ShareLock);
	return pin_schedule_find(pin_schedules_get(), name);
}

/*
 * note_run
 *		Notes that a schedule runs now, if it is its own job that runs it.
 */
static void
note_run(const char *name)
{
	PinSchedule *schedule = pin_schedule_lock(name);

	if (schedule == NULL ||
		strcmp(schedule->role, GetUserNameFromId(GetUserId(), false)) != 0)
		return;
	schedule->last_run_at = GetCurrentTimestamp();
	pin_schedule_put(schedule);
}

/*
 * run_schedule(name text)
 *
 * What the jobs call.  A job whose tables are gone, or that has no schedule any
 * more, would fail for ever: it removes itself, and has nothing to do.
 */
Datum
pinterest_run_schedule(PG_FUNCTION_ARGS)
{
	char	   *name;
	PinSchedule *schedule;
	PinAsked	asked = {.scheduled = true};
	List	   *targets = NIL;
	bool		gone = false;
	ListCell   *lc;

	pin_check_commits(fcinfo, "pinterest_internal.run_schedule",
					  "call pinterest.refresh() for each table");
	if (PG_ARGISNULL(0))
		PG_RETURN_VOID();
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	schedule = find_committed(name);
	foreach(lc, schedule != NULL ? tables_of(schedule, pin_schedules_get()) : NIL)
	{
		if (pin_relation_is_gone(lfirst_oid(lc)))
			gone = true;
		else
			targets = lappend_oid(targets, lfirst_oid(lc));
	}
	if (gone)
		pin_schedules_clear();
	if (schedule == NULL)
		pin_job_remove(pin_job_name(name), GetUserId(), WARNING);
	if (schedule == NULL || (gone && targets == NIL))
		ereport(WARNING,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" has been dropped or is no longer scheduled, so its job is removed",
						name)));
	else
		note_run(name);
	if (targets != NIL)
	{
		asked.has_last = schedule->last != NULL;
		if (asked.has_last)
			asked.last = *schedule->last;
		pin_refresh_tables(targets, &asked, NULL, NULL);
	}
	PG_RETURN_VOID();
}

/*
 * find_cron
 *		What a schedule's job is due by, NULL if it is known to be gone or inactive;
 *		and the schedule as it is to be shown, as pg_cron can be told another.
 */
static const char *
find_cron(const PinSchedule *schedule, Oid database, List *jobs, const char **shown)
{
	ListCell   *lc;

	*shown = schedule->every;
	if (OidIsValid(database) && database != MyDatabaseId &&
		strcmp(schedule->job_name, pin_job_name(schedule->name)) == 0)
		return schedule->cron;
	foreach(lc, jobs)
	{
		PinCronJob *job = (PinCronJob *) lfirst(lc);

		if (strcmp(job->name, schedule->job_name) != 0)
			continue;
		if (strcmp(job->schedule, schedule->cron) != 0)
			*shown = job->schedule;
		return job->active ? job->schedule : NULL;
	}
	return NULL;
}

/*
 * next_run
 *		When a cron expression is due first after a moment; returns false if that is
 *		not known.
 */
static bool
next_run(const char *cron, TimestampTz after, TimestampTz *next)
{
	PinCron		parsed;
	char	   *problem;

	return cron != NULL &&
		pin_cron_parse(cron, pin_cron_is_extended(), &parsed, NULL, &problem) &&
		pin_cron_next(&parsed, pin_cron_zone(), after, next);
}

/*
 * list_schedules()
 *
 * Scheduled tables, each as often as it is scheduled.  If pg_cron is in this
 * database, then so are its jobs: the schedule is the one that they have, and
 * next_run_at is null for a job that has been removed or made inactive.  It is null
 * as well in a copy of the database under another name, whose schedules still are
 * those of the original.  due_at is when it should have run since it did.
 */
Datum
pinterest_list_schedules(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			database = pin_cron_database(true);
	List	   *jobs = database == MyDatabaseId ? pin_cron_jobs() : NIL;
	List	   *schedules = pin_schedules_get();
	TimestampTz now = GetCurrentTimestamp();
	bool		elsewhere = OidIsValid(database) && database != MyDatabaseId;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, schedules)
	{
		PinSchedule *schedule = lfirst(lc);
		List	   *targets = tables_of(schedule, schedules);
		const char *shown;
		const char *cron = find_cron(schedule, database, jobs, &shown);
		TimestampTz began = Max(schedule->scheduled_at, schedule->last_run_at);
		TimestampTz time;
		Datum		values[LIST_COLUMNS] = {0};
		bool		nulls[LIST_COLUMNS] = {0};
		ListCell   *tc;

		values[LIST_SCHEDULE] = CStringGetTextDatum(shown);
		nulls[LIST_NEXT_RUN_AT] = !next_run(cron, now, &time);
		if (!nulls[LIST_NEXT_RUN_AT])
			values[LIST_NEXT_RUN_AT] = TimestampTzGetDatum(time);
		values[LIST_NAME] = CStringGetTextDatum(schedule->name);
		nulls[LIST_LAST] = schedule->last == NULL;
		values[LIST_LAST] = IntervalPGetDatum(schedule->last);
		values[LIST_ROLE] = CStringGetTextDatum(schedule->role);
		nulls[LIST_LAST_RUN_AT] = TIMESTAMP_IS_NOBEGIN(schedule->last_run_at);
		values[LIST_LAST_RUN_AT] = TimestampTzGetDatum(schedule->last_run_at);
		nulls[LIST_DUE_AT] = !next_run(cron == NULL && !elsewhere ? schedule->cron : cron,
									   began, &time);
		if (!nulls[LIST_DUE_AT])
			values[LIST_DUE_AT] = TimestampTzGetDatum(time);
		values[LIST_CRON] = CStringGetTextDatum(schedule->cron);

		/* one that has no table at the moment is there nevertheless */
		nulls[LIST_TARGET] = targets == NIL;
		if (targets == NIL)
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		foreach(tc, targets)
		{
			values[LIST_TARGET] = ObjectIdGetDatum(lfirst_oid(tc));
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}
