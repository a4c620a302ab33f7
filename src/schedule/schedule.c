/*-------------------------------------------------------------------------
 *
 * schedule.c
 *	  Refreshes materialized tables on schedule, by jobs of pg_cron.
 *
 * A schedule is a row of the extension's table schedules and a job of pg_cron's.
 * The job names the schedule, and the schedule knows the table: so a job outlives
 * that its table is renamed, and a dump that is restored elsewhere, where tables
 * have other OIDs.  The job belongs to the role that made it, and runs as that.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "port/pg_crc32c.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "auth/mapping.h"
#include "base/argument.h"
#include "base/compat.h"
#include "base/extension.h"
#include "base/relation.h"
#include "base/subxact.h"
#include "refresh/gone.h"
#include "refresh/registry.h"
#include "schedule/cronexpr.h"
#include "schedule/pgcron.h"
#include "schedule/schedule.h"

PG_FUNCTION_INFO_V1(pinterest_schedule);
PG_FUNCTION_INFO_V1(pinterest_unschedule);
PG_FUNCTION_INFO_V1(pinterest_list_schedules);
PG_FUNCTION_INFO_V1(pinterest_scheduled_tables);

/* What a job runs; the procedure holds no snapshot while it waits */
#define PIN_COMMAND "CALL pinterest.refresh_all(pinterest_internal.scheduled_tables(%s))"

#define SCHEDULES "schedules"

/* Its columns, in order */
enum
{
	COLUMN_NAME,
	COLUMN_TARGET,
	COLUMN_EVERY,
	COLUMN_CRON,
	COLUMN_JOB_NAME,
	NCOLUMNS
};

/* A row of that table */
typedef struct Schedule
{
	char	   *name;
	Oid			target;
	char	   *every;			/* as the user put it */
	char	   *cron;			/* as pg_cron has it */
	char	   *job_name;
} Schedule;

/* A job that is to go when this transaction commits */
typedef struct Removal
{
	Oid			database;		/* that pg_cron is in */
	Oid			role;			/* whose job it is; InvalidOid: anyone's */
	char	   *job_name;
	int			elevel;			/* for what goes wrong with it */
} Removal;

/* of Removal; in the transaction's own memory */
static List *removals = NIL;

/*
 * get_schedules
 *		All schedules, with the caller's privileges left aside, and as
 *		they have been committed meanwhile.  Returns a List of
 *		Schedule.
 */
static List *
get_schedules(void)
{
	Relation	rel = pin_extension_open(SCHEDULES, AccessShareLock);
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, pin_rows_find(rel, InvalidOid, NULL, 0))
	{
		Schedule   *schedule = palloc(sizeof(Schedule));
		Datum		values[NCOLUMNS];
		bool		nulls[NCOLUMNS];

		heap_deform_tuple(lfirst(lc), RelationGetDescr(rel), values, nulls);
		schedule->name = TextDatumGetCString(values[COLUMN_NAME]);
		schedule->target = DatumGetObjectId(values[COLUMN_TARGET]);
		schedule->every = TextDatumGetCString(values[COLUMN_EVERY]);
		schedule->cron = TextDatumGetCString(values[COLUMN_CRON]);
		schedule->job_name = TextDatumGetCString(values[COLUMN_JOB_NAME]);
		result = lappend(result, schedule);
	}
	table_close(rel, AccessShareLock);
	return result;
}

/*
 * lock_schedules
 *		Lets one transaction at a time make and end schedules, to its
 *		end.
 *
 * That is no lock on the table itself: the event trigger, which deletes from it,
 * must not have everybody's DROP wait for a transaction that is left open.
 */
static void
lock_schedules(LOCKMODE lockmode)
{
	LockDatabaseObject(RelationRelationId, pin_extension_relid(SCHEDULES), 1,
					   lockmode);
}

/*
 * find_schedule
 *		The schedule of a table among all of them; NULL if there is
 *		none.
 */
static Schedule *
find_schedule(List *schedules, Oid target)
{
	ListCell   *lc;

	foreach(lc, schedules)
		if (((Schedule *) lfirst(lc))->target == target)
			return (Schedule *) lfirst(lc);
	return NULL;
}

/*
 * find_name
 *		The schedule of a name likewise.
 */
static Schedule *
find_name(List *schedules, const char *name)
{
	ListCell   *lc;

	foreach(lc, schedules)
		if (strcmp(((Schedule *) lfirst(lc))->name, name) == 0)
			return (Schedule *) lfirst(lc);
	return NULL;
}

/*
 * stable_hash
 *		A hash that is the same on every machine, in every version, at
 *		any time.
 */
static uint32
stable_hash(const char *text)
{
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, text, strlen(text));
	FIN_CRC32C(crc);
	return crc;
}

/*
 * quoted
 *		A name in quotes, unless it has nothing but lower-case letters, letters of
 *		other scripts, digits and underscores.
 *
 * What quote_identifier() does depends on a setting, and on the keywords of the
 * version; but jobs are found by their names.
 */
static char *
quoted(const char *name)
{
	StringInfoData buf;
	bool		plain = true;

	for (const char *p = name; *p != '\0'; p++)
		plain = plain && (IS_HIGHBIT_SET(*p) || *p == '_' ||
						  (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'));
	if (plain)
		return pstrdup(name);
	initStringInfo(&buf);
	appendStringInfoChar(&buf, '"');
	for (const char *p = name; *p != '\0'; p++)
	{
		if (*p == '"')
			appendStringInfoChar(&buf, '"');
		appendStringInfoChar(&buf, *p);
	}
	appendStringInfoChar(&buf, '"');
	return buf.data;
}

/*
 * make_job_name
 *		Name of the job of a schedule: unique among the jobs for all
 *		databases.
 *
 * The name of the database is in quotes where it has a dot, so that it is clear
 * where it ends.  pg_cron before 1.6 keeps no more than a name's length of it;
 * then a digest tells it apart, which nobody can find another name for.
 */
static char *
make_job_name(const char *name)
{
	char	   *job_name = psprintf("pinterest_fdw %s.%s",
									quoted(get_database_name(MyDatabaseId)), name);
	int			len = strlen(job_name);
	const int	digest_len = 1 + 16;
	bytea	   *digest;
	uint64		start;

	if (len < NAMEDATALEN)
		return job_name;
	digest = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea,
												 CStringGetTextDatum(job_name)));
	memcpy(&start, VARDATA_ANY(digest), sizeof(start));
	len = pg_mbcliplen(job_name, len, NAMEDATALEN - 1 - digest_len);
	return psprintf("%.*s %016llx", len, job_name,
					(unsigned long long) pg_ntoh64(start));
}

/*
 * find_row
 *		The row of a table's schedule, locked; NULL if there is none.
 */
static HeapTuple
find_row(Relation rel, Oid target)
{
	List	   *rows = pin_rows_with(rel, COLUMN_TARGET + 1, F_OIDEQ,
									 ObjectIdGetDatum(target));

	return rows == NIL ? NULL : pin_row_lock(rel, linitial(rows), true);
}

/*
 * put_schedule
 *		Writes a schedule, in the place of one that the table may have.
 */
static void
put_schedule(const Schedule *schedule)
{
	Relation	rel = pin_extension_open(SCHEDULES, RowExclusiveLock);
	HeapTuple	old = find_row(rel, schedule->target);
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS] = {0};

	values[COLUMN_NAME] = CStringGetTextDatum(schedule->name);
	values[COLUMN_TARGET] = ObjectIdGetDatum(schedule->target);
	values[COLUMN_EVERY] = CStringGetTextDatum(schedule->every);
	values[COLUMN_CRON] = CStringGetTextDatum(schedule->cron);
	values[COLUMN_JOB_NAME] = CStringGetTextDatum(schedule->job_name);
	if (old != NULL)
		pin_row_update(rel, old, values, nulls);
	else
		pin_row_insert(rel, values, nulls);
	table_close(rel, NoLock);
}

/*
 * remove_now
 *		Step: removes the jobs of a Removal.
 */
static void
remove_now(void *arg)
{
	Removal    *removal = arg;

	(void) pin_cron_remove(removal->database, removal->job_name, removal->role,
						   removal->elevel);
}

/*
 * carry_out
 *		Removes the jobs of a Removal.  What goes wrong is reported at its elevel.
 */
static void
carry_out(Removal *removal)
{
	ErrorData  *error = NULL;

	if (removal->elevel >= ERROR)
		remove_now(removal);
	else
		error = pin_try(remove_now, removal);
	if (error == NULL)
		return;
	if (ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
		ReThrowError(error);
	ereport(removal->elevel,
			(errcode(error->sqlerrcode),
			 errmsg("could not remove job \"%s\" of pg_cron: %s",
					removal->job_name, error->message),
			 errhint("Remove it in the database of pg_cron with SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = %s.",
					 quote_literal_cstr(removal->job_name))));
}

/*
 * remove_at_commit
 *		Removes jobs, now that the transaction is about to commit.
 *
 * A savepoint that was rolled back has brought its schedule back; and without the
 * extension there is none.  What is done in another database cannot wait for
 * COMMIT PREPARED, nor be taken back by ROLLBACK PREPARED.
 */
static void
remove_at_commit(XactEvent event, void *arg)
{
	List	   *todo = removals;
	ListCell   *lc;

	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE)
	{
		List	   *schedules = NIL;

		removals = NIL;
		if (todo != NIL && OidIsValid(get_extension_oid("pinterest_fdw", true)))
			schedules = get_schedules();
		foreach(lc, todo)
		{
			Removal    *removal = (Removal *) lfirst(lc);
			bool		kept = false;
			ListCell   *sc;

			foreach(sc, schedules)
				kept = kept || strcmp(((Schedule *) lfirst(sc))->job_name,
									  removal->job_name) == 0;
			if (kept)
				continue;
			if (event == XACT_EVENT_PRE_PREPARE &&
				removal->database != MyDatabaseId)
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("cannot PREPARE a transaction that ends the schedule of a table"),
						 errdetail("Job \"%s\" is in another database, that of pg_cron.",
								   removal->job_name),
						 errhint("Call pinterest.unschedule() in a transaction of its own before.")));
			carry_out(removal);
		}
	}
	else if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		removals = NIL;
}

/*
 * add_removal
 *		Has a job removed when the transaction commits, unless its schedule is
 *		there still.
 */
static void
add_removal(Oid database, const char *job_name, Oid role, int elevel)
{
	static bool registered = false;
	MemoryContext oldcontext;
	Removal    *removal;

	if (!registered)
	{
		RegisterXactCallback(remove_at_commit, NULL);
		registered = true;
	}
	oldcontext = MemoryContextSwitchTo(TopTransactionContext);
	removal = palloc(sizeof(Removal));
	removal->database = database;
	removal->job_name = pstrdup(job_name);
	removal->role = role;
	removal->elevel = elevel;
	removals = lappend(removals, removal);
	MemoryContextSwitchTo(oldcontext);
}

/*
 * remove_job
 *		Removes a job along with this transaction.
 *
 * role: whose job it is; InvalidOid: anyone's.
 */
static void
remove_job(const char *job_name, Oid role, int elevel)
{
	Oid			database = pin_cron_database(true);
	Removal		removal = {
		.database = database,.job_name = unconstify(char *, job_name),
		.role = role,.elevel = elevel
	};

	if (!OidIsValid(database))
		return;
	if (database == MyDatabaseId)
		carry_out(&removal);
	else
		add_removal(database, job_name, role, elevel);
}

/*
 * end_schedule
 *		Deletes the schedule of a table, and its job along with this transaction.
 *
 * elevel: how to report that the job cannot be removed.  Returns false if the
 * table has no schedule.
 */
static bool
end_schedule(Oid target, int elevel)
{
	Relation	rel = pin_extension_open(SCHEDULES, RowExclusiveLock);
	HeapTuple	row = find_row(rel, target);

	if (row != NULL)
	{
		Datum		values[NCOLUMNS];
		bool		nulls[NCOLUMNS];

		heap_deform_tuple(row, RelationGetDescr(rel), values, nulls);
		pin_row_delete(rel, row);
		remove_job(TextDatumGetCString(values[COLUMN_JOB_NAME]), InvalidOid, elevel);
	}
	table_close(rel, NoLock);
	return row != NULL;
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
	return psprintf("%s.%s", quoted(nspname), quoted(RelationGetRelationName(rel)));
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
 * The job is the current user's, who has to log in.  The refresh acts as the owner
 * of the table, who needs the privilege on the foreign table and the user mapping.
 */
static void
check_refreshable(Relation target)
{
	const char *name = RelationGetRelationName(target);
	Oid			owner = target->rd_rel->relowner;
	Relation	source = NULL;
	Oid			sourceid;
	PinRegistered registered;

	if (!pin_registry_get(RelationGetRelid(target), &registered))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a materialized table",
						pin_relation_name(RelationGetRelid(target))),
				 errhint("Call pinterest.materialize() with the foreign table and this one.")));
	sourceid = registered.source;
	if (OidIsValid(sourceid))
		source = try_relation_open(sourceid, AccessShareLock);
	if (source == NULL ||
		source->rd_rel->relkind != RELKIND_FOREIGN_TABLE)
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
	check_login();
	(void) pin_get_mapping(GetForeignTable(sourceid)->serverid, owner);
	relation_close(source, NoLock);
}

/*
 * cron_expression
 *		Cron expression for what the user wants.
 *
 * "hash_of" spreads the jobs of different tables.
 */
static char *
cron_expression(const char *every, const char *hash_of)
{
	static const char *const keywords[] = {"hourly", "daily", "weekly", "monthly"};
	char	   *cron = pin_cron_every(every, stable_hash(hash_of));
	ClosestMatchState match;
	PinCron		parsed;
	char	   *problem;
	TimestampTz next;

	if (cron != NULL)
		return cron;
	initClosestMatch(&match, every, 4);
	for (int i = 0; i < lengthof(keywords); i++)
		updateClosestMatch(&match, keywords[i]);
	if (getClosestMatch(&match) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid schedule \"%s\"", every),
				 errhint("Perhaps you meant \"%s\".", getClosestMatch(&match))));
	if (!pin_cron_parse(every, pin_cron_is_extended(), &parsed, &cron, &problem))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid schedule \"%s\"", every),
				 errdetail_internal("%s", problem),
				 errhint("A schedule is hourly, daily, weekly, monthly, or a cron expression such as \"30 6 * * mon-fri\".")));
	if (!parsed.reboot &&
		!pin_cron_next(&parsed, pin_cron_zone(), GetCurrentTimestamp(), &next))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("schedule \"%s\" never comes about", every),
				 errdetail("There is no such day.")));
	return cron;
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
	foreach(lc, get_schedules())
	{
		Oid			target = ((Schedule *) lfirst(lc))->target;

		if (pin_relation_is_gone(target))
			gone = lappend_oid(gone, target);
	}
	if (gone != NIL)
		lock_schedules(ExclusiveLock);
	foreach(lc, gone)
		(void) end_schedule(lfirst_oid(lc), WARNING);
	pin_forget_gone();
}

/*
 * schedule(target regclass, every text) returns bigint
 *
 * Has pg_cron refresh a table, in place of what was scheduled for it before.
 * Returns the id of pg_cron's job.
 */
Datum
pinterest_schedule(PG_FUNCTION_ARGS)
{
	char	   *every;
	Relation	target;
	Schedule	schedule;
	List	   *schedules;
	Schedule   *old;
	Oid			database;
	char	   *relname;
	char	   *name;
	char	   *cron;
	char	   *job_name;
	int64		id;

	pin_check_argument(fcinfo, 0, "pinterest.schedule", "target");
	pin_check_argument(fcinfo, 1, "pinterest.schedule", "every");
	every = text_to_cstring(PG_GETARG_TEXT_PP(1));
	PreventCommandIfReadOnly("pinterest.schedule()");

	/* nobody locks anything of a table that is none of his business */
	if (has_privs_of_role(GetUserId(), pin_relation_owner(PG_GETARG_OID(0))))
		pin_registry_hold_source(PG_GETARG_OID(0));
	target = open_owned(PG_GETARG_OID(0));
	check_refreshable(target);
	database = pin_cron_database(false);
	relname = schedule_name(target);
	cron = cron_expression(every, psprintf("%s.%s", get_database_name(MyDatabaseId),
										   relname));

	lock_schedules(ExclusiveLock);
	pin_schedules_clear();
	schedules = get_schedules();
	old = find_schedule(schedules, RelationGetRelid(target));

	/*
	 * A schedule keeps its name, and with it its job, although the table may
	 * have a new one by now.  Another table may have our name: then a number
	 * tells them apart.
	 */
	name = old != NULL ? old->name : relname;
	for (int i = 2; old == NULL && find_name(schedules, name) != NULL; i++)
		name = psprintf("%s %d", relname, i);
	job_name = make_job_name(name);

	id = pin_cron_put(database, job_name, cron,
					  psprintf(PIN_COMMAND, quote_literal_cstr(name)));

	schedule.name = name;
	schedule.target = RelationGetRelid(target);
	schedule.every = every;
	schedule.cron = cron;
	schedule.job_name = job_name;
	put_schedule(&schedule);
	relation_close(target, NoLock);
	PG_RETURN_INT64(id);
}

/*
 * unschedule(target regclass) returns boolean
 *
 * Ends the schedule of a table; returns whether it had one.  Ends those of tables
 * that are gone, too, which can be named by their OIDs alone.
 */
Datum
pinterest_unschedule(PG_FUNCTION_ARGS)
{
	Relation	target;
	bool		ended;

	pin_check_argument(fcinfo, 0, "pinterest.unschedule", "target");
	PreventCommandIfReadOnly("pinterest.unschedule()");

	ended = find_schedule(get_schedules(), PG_GETARG_OID(0)) != NULL;
	if (ended && pin_relation_is_gone(PG_GETARG_OID(0)))
	{
		pin_schedules_clear();
		PG_RETURN_BOOL(true);
	}
	target = open_owned(PG_GETARG_OID(0));
	ended = find_schedule(get_schedules(), RelationGetRelid(target)) != NULL;
	if (ended)
	{
		/* another transaction may have done it while this one waited */
		lock_schedules(ExclusiveLock);
		ended = end_schedule(RelationGetRelid(target), ERROR);
	}
	pin_schedules_clear();
	relation_close(target, NoLock);
	PG_RETURN_BOOL(ended);
}

/*
 * list_schedules(OUT target regclass, OUT schedule text,
 *				  OUT next_run_at timestamptz)
 *
 * Scheduled tables.  If pg_cron is in this database, then so are its jobs: the
 * schedule is the one that they have, and next_run_at is null for a job that has
 * been removed or made inactive.  It is null as well in a copy of the database
 * under another name, whose schedules still are those of the original.
 */
Datum
pinterest_list_schedules(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			database = pin_cron_database(true);
	List	   *jobs = database == MyDatabaseId ? pin_cron_jobs() : NIL;
	bool		extended = pin_cron_is_extended();
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);

	foreach(lc, get_schedules())
	{
		Schedule   *schedule = (Schedule *) lfirst(lc);
		const char *cron = NULL;
		const char *shown = schedule->every;
		Datum		values[3];
		bool		nulls[3] = {0};
		PinCron		parsed;
		char	   *problem;
		TimestampTz next;

		if (OidIsValid(database) && database != MyDatabaseId &&
			strcmp(schedule->job_name, make_job_name(schedule->name)) == 0)
			cron = schedule->cron;
		else
		{
			ListCell   *jc;

			foreach(jc, jobs)
			{
				PinCronJob *job = (PinCronJob *) lfirst(jc);

				if (strcmp(job->name, schedule->job_name) != 0)
					continue;
				if (strcmp(job->schedule, schedule->cron) != 0)
					shown = job->schedule;
				if (job->active)
					cron = job->schedule;
			}
		}

		values[0] = ObjectIdGetDatum(schedule->target);
		values[1] = CStringGetTextDatum(shown);
		nulls[2] = cron == NULL ||
			!pin_cron_parse(cron, extended, &parsed, NULL, &problem) ||
			!pin_cron_next(&parsed, pin_cron_zone(), GetCurrentTimestamp(), &next);
		if (!nulls[2])
			values[2] = TimestampTzGetDatum(next);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * scheduled_tables(name text) returns regclass[]
 *
 * What the jobs call: the table of a schedule.  A job whose table is gone, or that
 * has no schedule any more, would fail for ever: it removes itself, and has
 * nothing to do.
 */
Datum
pinterest_scheduled_tables(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Schedule   *schedule = find_name(get_schedules(), name);
	Datum		target;

	PreventCommandIfReadOnly("pinterest_internal.scheduled_tables()");
	if (schedule == NULL)
	{
		/*
		 * If pg_cron is in another database, a job can begin before the
		 * transaction that made it has committed.
		 */
		lock_schedules(ShareLock);
		schedule = find_name(get_schedules(), name);
	}
	if (schedule != NULL && !pin_relation_is_gone(schedule->target))
	{
		target = ObjectIdGetDatum(schedule->target);
		PG_RETURN_ARRAYTYPE_P(construct_array(&target, 1, REGCLASSOID, sizeof(Oid),
											  true, TYPALIGN_INT));
	}
	if (schedule != NULL)
		pin_schedules_clear();
	else
		remove_job(make_job_name(name), GetUserId(), WARNING);
	ereport(WARNING,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("table \"%s\" has been dropped or is no longer scheduled, so its job is removed",
					name)));
	PG_RETURN_ARRAYTYPE_P(construct_empty_array(REGCLASSOID));
}

/*
 * pin_schedules_forget
 *		A table has been dropped: so are its schedule and the job.
 *
 * What goes wrong with the job is a warning, as it must not keep anyone from
 * dropping.
 */
void
pin_schedules_forget(Oid target)
{
	(void) end_schedule(target, WARNING);
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
	foreach(lc, get_schedules())
		add_removal(database, ((Schedule *) lfirst(lc))->job_name, InvalidOid, WARNING);
}
