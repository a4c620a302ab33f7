/*-------------------------------------------------------------------------
 *
 * schedule.c
 *	  Has pg_cron refresh materialized tables.
 *
 * A schedule is a row of the extension's table schedules and a job of pg_cron's.
 * The job names the schedule, and the schedule knows the tables: so a job outlives
 * that a table is renamed, and a dump that is restored elsewhere, where tables
 * have other OIDs.  The job belongs to the role that made it, and runs as that.
 *
 * A table can have several schedules, which differ in the days that they load: a
 * pair of table and days is in one schedule at most, the one that was asked for
 * last.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "auth/mapping.h"
#include "base/argument.h"
#include "base/compat.h"
#include "base/relation.h"
#include "refresh/children.h"
#include "refresh/asked.h"
#include "refresh/gone.h"
#include "refresh/kind.h"
#include "refresh/refreshall.h"
#include "refresh/registry.h"
#include "schedule/jobs.h"
#include "schedule/pgcron.h"
#include "schedule/schedule.h"
#include "schedule/store.h"
#include "schedule/words.h"

PG_FUNCTION_INFO_V1(pinterest_schedule);
PG_FUNCTION_INFO_V1(pinterest_schedule_all);
PG_FUNCTION_INFO_V1(pinterest_unschedule);
PG_FUNCTION_INFO_V1(pinterest_unschedule_last);
PG_FUNCTION_INFO_V1(pinterest_unschedule_all);
PG_FUNCTION_INFO_V1(pinterest_unschedule_all_last);

/* What a job runs; the procedure holds no snapshot while it waits */
#define PIN_COMMAND "CALL pinterest_internal.run_schedule(%s)"

/*
 * A job of the last days keeps half an hour away from one of everything, of the
 * same tables: whichever comes second would be skipped.
 */
#define SHIFT_OF_LAST 30

/*
 * end_schedule
 *		Deletes a schedule, and its job along with this transaction.
 *
 * elevel: how to report that the job cannot be removed.
 */
static void
end_schedule(const PinSchedule *schedule, int elevel)
{
	pin_schedule_delete(schedule->name);
	pin_job_remove(schedule->job_name, InvalidOid, elevel);
}

/*
 * take_out
 *		Takes a table out of a schedule, which ends if there are no others in it.
 *		Returns whether the table was in it.
 */
static bool
take_out(const char *name, Oid target, int elevel)
{
	PinSchedule *schedule = pin_schedule_lock(name);

	if (schedule == NULL || !list_member_oid(schedule->targets, target))
		return false;
	schedule->targets = list_delete_oid(schedule->targets, target);
	if (schedule->targets == NIL)
		end_schedule(schedule, elevel);
	else
		pin_schedule_put(schedule);
	return true;
}

/*
 * has_target
 *		Whether a table has a schedule of its own, or together with others.
 */
static bool
has_target(Oid target)
{
	ListCell   *lc;

	foreach(lc, pin_schedules_get())
	{
		if (list_member_oid(((PinSchedule *) lfirst(lc))->targets, target))
			return true;
	}
	return false;
}

/*
 * open_owned
 *		Opens a relation, whose lock keeps it from being dropped or renamed until
 *		the end of the transaction.
 *
 * Raises 42P01 if there is none, and 42501 if the current user has not the
 * privileges of its owner.
 */
static Relation
open_owned(Oid relid)
{
	Relation	rel = pin_relation_open(relid, AccessShareLock);

	if (!has_privs_of_role(GetUserId(), rel->rd_rel->relowner))
		aclcheck_error(ACLCHECK_NOT_OWNER,
					   get_relkind_objtype(rel->rd_rel->relkind),
					   RelationGetRelationName(rel));
	return rel;
}

/*
 * schedule_name
 *		What a table is called in a job, with its schema.
 */
static char *
schedule_name(Relation rel)
{
	char	   *nspname = get_namespace_name(RelationGetNamespace(rel));

	if (nspname == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("schema of table \"%s\" does not exist",
						RelationGetRelationName(rel))));
	return psprintf("%s.%s", pin_job_quoted(nspname), pin_job_quoted(RelationGetRelationName(rel)));
}

/*
 * check_login
 *		Refuses a role that pg_cron could not start a session for.
 */
static void
check_login(void)
{
	HeapTuple	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(GetUserId()));

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for role %u", GetUserId());
	if (!((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("jobs of role \"%s\" could not run, as it cannot log in",
						GetUserNameFromId(GetUserId(), false)),
				 errhint("Schedule the table as a role that can.")));
	ReleaseSysCache(tuple);
}

/*
 * check_refreshable
 *		Refuses to schedule what would fail at each run.
 *
 * The refresh acts as the owner of the table, who needs the privilege on the foreign
 * table and the user mapping.
 */
static void
check_refreshable(Relation target)
{
	const char *name = RelationGetRelationName(target);
	Oid			owner = target->rd_rel->relowner;
	Relation	source = NULL;
	Oid			sourceid;
	List	   *servers = NIL;
	ListCell   *lc;
	PinRegistered registered;

	if (!pin_registry_get(RelationGetRelid(target), &registered))
		pin_not_materialized(RelationGetRelid(target));
	sourceid = registered.source;
	if (OidIsValid(sourceid))
		source = try_relation_open(sourceid, AccessShareLock);
	if (source == NULL || (servers = pin_source_servers(sourceid)) == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("the foreign table that table \"%s\" is loaded from has been dropped",
						pin_relation_name(RelationGetRelid(target))),
				 errhint("Call pinterest.materialize() with a new foreign table and this table.")));
	if (pg_class_aclcheck(sourceid, owner, ACL_SELECT) != ACLCHECK_OK)
	{
		const char *username = GetUserNameFromId(owner, false);

		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for foreign table %s",
						RelationGetRelationName(source)),
				 errdetail("Refreshes of table \"%s\" act as its owner, \"%s\".",
						   name, username),
				 errhint("GRANT SELECT ON %s TO %s.",
						 pin_relation_sql(sourceid), quote_identifier(username))));
	}
	foreach(lc, servers)
		(void) pin_get_mapping(lfirst_oid(lc), owner);
	relation_close(source, NoLock);
}

/*
 * pin_schedules_clear
 *		Ends the schedules of tables that are gone, which the event trigger has not
 *		noticed, and forgets the tables: if the transaction may write.
 *
 * They are nobody's any more, so anyone may cause that.
 */
void
pin_schedules_clear(void)
{
	List	   *gone = NIL;
	ListCell   *lc;

	if (RecoveryInProgress() || XactReadOnly)
		return;
	foreach(lc, pin_schedules_get())
	{
		ListCell   *tc;

		foreach(tc, ((PinSchedule *) lfirst(lc))->targets)
		{
			if (pin_relation_is_gone(lfirst_oid(tc)))
				gone = list_append_unique_oid(gone, lfirst_oid(tc));
		}
	}
	if (gone != NIL)
		pin_schedules_lock(ExclusiveLock);
	foreach(lc, gone)
		pin_schedules_forget(lfirst_oid(lc));
	pin_forget_gone();
}

/*
 * find_old
 *		The schedule that a new one replaces, and whose job it keeps; NULL if there
 *		is none.
 *
 * new: has its targets, days and role.  add: its tables join those of an old one
 * that is as frequent.
 */
static PinSchedule *
find_old(List *schedules, const PinSchedule *new, bool add)
{
	PinSchedule *old = NULL;
	ListCell   *lc;

	foreach(lc, schedules)
	{
		PinSchedule *schedule = lfirst(lc);

		if (!pin_same_last(schedule->last, new->last) ||
			schedule->several != new->several ||
			(schedule->targets == NIL) != (new->targets == NIL))
			continue;
		if (new->targets == NIL || add)
		{
			if (strcmp(schedule->role, new->role) == 0 &&
				(new->targets == NIL ||
				 pg_strcasecmp(schedule->every, new->every) == 0))
				return schedule;
		}

		/* all of its tables are in the new one */
		else if (list_difference_oid(schedule->targets, new->targets) == NIL &&
				 (old == NULL ||
				  list_length(schedule->targets) > list_length(old->targets)))
			old = schedule;
	}
	return old;
}

/*
 * take_pairs
 *		Takes the tables of a new schedule out of the others that load the same
 *		days.
 */
static void
take_pairs(List *schedules, const PinSchedule *new)
{
	List	   *targets = new->targets != NIL ? new->targets : pin_tables_of(GetUserId());
	ListCell   *lc;

	foreach(lc, schedules)
	{
		PinSchedule *schedule = lfirst(lc);
		ListCell   *tc;

		if (strcmp(schedule->name, new->name) == 0 ||
			!pin_same_last(schedule->last, new->last))
			continue;
		foreach(tc, schedule->targets)
		{
			if (list_member_oid(targets, lfirst_oid(tc)))
				(void) take_out(schedule->name, lfirst_oid(tc), ERROR);
		}
	}
}

/*
 * new_name
 *		What a job is to call a schedule: the name of its table, or whose tables
 *		they are, and which days.
 *
 * A schedule keeps its name although the table may have a new one by now.  Another
 * one may have ours: then a number tells them apart.
 */
static char *
new_name(List *schedules, const char *relname, const PinSchedule *new)
{
	const char *base = relname;
	char	   *name;

	if (new->several)
		base = psprintf(new->targets == NIL ? "all tables of %s" : "tables of %s",
						pin_job_quoted(new->role));
	if (new->last != NULL)
		base = psprintf("%s (last %s)", base, pin_last_text(new->last));
	name = pstrdup(base);
	for (int i = 2; pin_schedule_find(schedules, name) != NULL; i++)
		name = psprintf("%s %d", base, i);
	return name;
}

/*
 * warn_of_launcher
 *		Tells that one job of this pg_cron holds up all others, as it is set up.
 */
static void
warn_of_launcher(void)
{
	if (pin_cron_is_blocking())
		ereport(NOTICE,
				(errmsg("a running job keeps pg_cron from starting any other"),
				 errdetail("Before version 1.5, pg_cron with \"cron.use_background_workers\" waits for each job."),
				 errhint("Set cron.use_background_workers = off and restart the server, or update pg_cron.")));
}

/*
 * hold_tables
 *		Locks tables that are to be scheduled, to the end of the transaction, and
 *		checks whether they can be.
 *
 * Foreign tables come first, see refresh/lock.c.  Returns the name of the table if
 * there is one alone.
 */
static char *
hold_tables(List *targets)
{
	char	   *name = NULL;
	ListCell   *lc;

	/* nobody locks anything of a table that is none of his business */
	foreach(lc, targets)
	{
		if (has_privs_of_role(GetUserId(), pin_relation_owner(lfirst_oid(lc))))
			pin_registry_hold_source(lfirst_oid(lc));
	}
	foreach(lc, targets)
	{
		Relation	target = open_owned(lfirst_oid(lc));

		check_refreshable(target);
		name = schedule_name(target);
		relation_close(target, NoLock);
	}
	return name;
}

/*
 * schedule_tables
 *		Has pg_cron refresh tables by one job: see pin_schedule_tables().
 *
 * several: it is a job for several tables, even if there is one for now.
 */
static int64
schedule_tables(List *targets, bool several, const char *every, const Interval *last,
				bool add)
{
	PinSchedule new = {
		.targets = targets,.several = several,.every = unconstify(char *, every),
		.last = unconstify(Interval *, last),
		.role = GetUserNameFromId(GetUserId(), false),
		.scheduled_at = GetCurrentTimestamp(),.last_run_at = DT_NOBEGIN
	};
	char	   *relname;
	List	   *schedules;
	PinSchedule *old;
	Oid			database;
	int64		id;

	pin_check_last(last);
	relname = hold_tables(targets);
	check_login();
	database = pin_cron_database(false);
	new.cron = pin_cron_expression(every,
								   psprintf("%s.%s", get_database_name(MyDatabaseId),
											several ? new.role : relname),
								   last != NULL ? SHIFT_OF_LAST : 0);

	pin_schedules_lock(ExclusiveLock);
	pin_schedules_clear();
	schedules = pin_schedules_get();
	old = find_old(schedules, &new, add);
	if (old != NULL && add)
		new.targets = list_union_oid(old->targets, targets);
	new.name = old != NULL ? old->name : new_name(schedules, relname, &new);
	new.job_name = pin_job_name(new.name);

	id = pin_cron_put(database, new.job_name, new.cron,
					  psprintf(PIN_COMMAND, quote_literal_cstr(new.name)));
	pin_schedule_put(&new);
	take_pairs(schedules, &new);
	warn_of_launcher();
	return id;
}

/*
 * pin_schedule_tables
 *		Has pg_cron refresh several tables by one job.  Returns the job's id.
 *
 * targets: OIDs; NIL: the tables that refresh_all() takes without names, also those
 * that come later.  every: in words or as a cron expression.  last: days to load of
 * reports; NULL: all.  add: the tables join those of a job that the caller has for
 * several tables, as frequent and of the same days.
 * Errors: pg_cron is not there or not for the caller, a table cannot be refreshed.
 */
int64
pin_schedule_tables(List *targets, const char *every, const Interval *last, bool add)
{
	return schedule_tables(targets, true, every, last, add);
}

/*
 * interval_argument
 *		An argument that is an interval; NULL if it is null.
 */
static const Interval *
interval_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : PG_GETARG_INTERVAL_P(n);
}

/*
 * schedule(target regclass, every text, last interval) returns bigint
 *
 * Has pg_cron refresh a table, in place of what was scheduled for it and for the
 * same days before.  Returns the id of pg_cron's job.
 */
Datum
pinterest_schedule(PG_FUNCTION_ARGS)
{
	pin_check_argument(fcinfo, 0, "pinterest.schedule", "target");
	pin_check_argument(fcinfo, 1, "pinterest.schedule", "every");
	PreventCommandIfReadOnly("pinterest.schedule()");
	PG_RETURN_INT64(schedule_tables(list_make1_oid(PG_GETARG_OID(0)),
									false, text_to_cstring(PG_GETARG_TEXT_PP(1)),
									interval_argument(fcinfo, 2), false));
}

/*
 * schedule_all(every text, last interval, targets regclass[]) returns bigint
 *
 * Likewise several tables by one job, or without an array all of the caller's.
 */
Datum
pinterest_schedule_all(PG_FUNCTION_ARGS)
{
	List	   *targets = NIL;

	pin_check_argument(fcinfo, 0, "pinterest.schedule_all", "every");
	PreventCommandIfReadOnly("pinterest.schedule_all()");
	if (!PG_ARGISNULL(2))
	{
		targets = pin_table_list(PG_GETARG_ARRAYTYPE_P(2));
		if (targets == NIL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("there is no table to schedule"),
					 errhint("Without an array, pinterest.schedule_all() is about all tables of the caller's.")));
	}
	PG_RETURN_INT64(pin_schedule_tables(targets, text_to_cstring(PG_GETARG_TEXT_PP(0)),
										interval_argument(fcinfo, 1), false));
}

/*
 * note_others
 *		Tells that a table that has been taken out is refreshed nevertheless.
 */
static void
note_others(Oid target)
{
	ListCell   *lc;

	foreach(lc, pin_schedules_get())
	{
		PinSchedule *schedule = lfirst(lc);
		Oid			role = get_role_oid(schedule->role, true);

		if (schedule->targets == NIL && OidIsValid(role) &&
			pin_means_table(role, target))
		{
			ereport(NOTICE,
					(errmsg("table \"%s\" is refreshed along with all tables of role \"%s\"",
							pin_relation_name(target), schedule->role),
					 errhint("pinterest.unschedule_all() ends that, too.")));
			return;
		}
	}
}

/*
 * unschedule
 *		Ends the schedules of a table.
 *
 * any: all of them, else that of the same last days.  Returns how many there were.
 */
static int
unschedule(Oid target, bool any, const Interval *last)
{
	int			ended = 0;
	Relation	rel;
	ListCell   *lc;

	/* a table that is gone can be named by its OID alone */
	if (has_target(target) && pin_relation_is_gone(target))
	{
		pin_schedules_clear();
		return 1;
	}
	rel = open_owned(target);
	if (has_target(target))
	{
		/* another transaction may have done it while this one waited */
		pin_schedules_lock(ExclusiveLock);
		foreach(lc, pin_schedules_get())
		{
			PinSchedule *schedule = lfirst(lc);

			if ((any || pin_same_last(schedule->last, last)) &&
				take_out(schedule->name, target, ERROR))
				ended++;
		}
	}
	pin_schedules_clear();
	relation_close(rel, NoLock);
	return ended;
}

/*
 * unschedule_one
 *		Ends the schedules of a table for an SQL function.
 */
static Datum
unschedule_one(FunctionCallInfo fcinfo, bool any, const Interval *last)
{
	int			ended;

	pin_check_argument(fcinfo, 0, "pinterest.unschedule", "target");
	PreventCommandIfReadOnly("pinterest.unschedule()");
	ended = unschedule(PG_GETARG_OID(0), any, last);
	note_others(PG_GETARG_OID(0));
	PG_RETURN_BOOL(ended > 0);
}

/*
 * unschedule(target regclass) returns boolean
 *
 * Ends the schedules of a table; returns whether it had any.  Ends those of tables
 * that are gone, too.
 */
Datum
pinterest_unschedule(PG_FUNCTION_ARGS)
{
	return unschedule_one(fcinfo, true, NULL);
}

/*
 * unschedule(target regclass, last interval) returns boolean
 *
 * Ends the one that loads these last days; null: everything.
 */
Datum
pinterest_unschedule_last(PG_FUNCTION_ARGS)
{
	return unschedule_one(fcinfo, false, interval_argument(fcinfo, 1));
}

/*
 * unschedule_all
 *		Ends the schedules of tables, or with a null array all of the caller's, for
 *		an SQL function.  Returns how many of a table there were; one of all tables
 *		counts once.
 */
static Datum
unschedule_all(FunctionCallInfo fcinfo, bool any, const Interval *last)
{
	List	   *targets;
	int			ended = 0;
	ListCell   *lc;

	PreventCommandIfReadOnly("pinterest.unschedule_all()");
	targets = PG_ARGISNULL(0) ? pin_tables_of(GetUserId()) :
		pin_table_list(PG_GETARG_ARRAYTYPE_P(0));
	foreach(lc, targets)
		ended += unschedule(lfirst_oid(lc), any, last);
	if (PG_ARGISNULL(0))
	{
		char	   *role = GetUserNameFromId(GetUserId(), false);

		pin_schedules_lock(ExclusiveLock);
		foreach(lc, pin_schedules_get())
		{
			PinSchedule *schedule = lfirst(lc);

			if (schedule->targets != NIL || strcmp(schedule->role, role) != 0 ||
				!(any || pin_same_last(schedule->last, last)))
				continue;
			end_schedule(schedule, ERROR);
			ended++;
		}
	}
	PG_RETURN_INT32(ended);
}

/*
 * unschedule_all(targets regclass[]) returns integer
 */
Datum
pinterest_unschedule_all(PG_FUNCTION_ARGS)
{
	return unschedule_all(fcinfo, true, NULL);
}

/*
 * unschedule_all(targets regclass[], last interval) returns integer
 */
Datum
pinterest_unschedule_all_last(PG_FUNCTION_ARGS)
{
	return unschedule_all(fcinfo, false, interval_argument(fcinfo, 1));
}

/*
 * pin_schedules_forget
 *		A table has been dropped: so is it out of its schedules, and a job that has
 *		no other table goes.
 *
 * What goes wrong with the job is a warning, as it must not keep anyone from
 * dropping.
 */
void
pin_schedules_forget(Oid target)
{
	ListCell   *lc;

	foreach(lc, pin_schedules_get())
	{
		PinSchedule *schedule = lfirst(lc);

		if (list_member_oid(schedule->targets, target))
			(void) take_out(schedule->name, target, WARNING);
	}
}

/*
 * pin_schedules_end
 *		The extension is about to be dropped, perhaps: then all jobs go with it
 *		when that is committed.
 */
void
pin_schedules_end(void)
{
	Oid			database = pin_cron_database(true);
	ListCell   *lc;

	if (!OidIsValid(database))
		return;
	foreach(lc, pin_schedules_get())
		pin_job_remove_later(database, ((PinSchedule *) lfirst(lc))->job_name,
							 InvalidOid, WARNING);
}
