/*-------------------------------------------------------------------------
 *
 * pgcron.c
 *	  What we want of pg_cron: to find, put and remove jobs.
 *
 * pg_cron lives in one database of the server, the one that its setting
 * cron.database_name names, and runs jobs in any.  If that database is another
 * one, a worker goes there and acts for the caller's role.  It asks for the same
 * privileges that the role would need if it connected itself; nobody's password
 * is needed for that.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <unistd.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/worker.h"
#include "schedule/pgcron.h"

/*
 * cron_setting
 *		Value of one of pg_cron's settings, NULL if its library has
 *		not been loaded or does not know it: then only a placeholder
 *		can have that name.
 */
static const char *
cron_setting(const char *name)
{
	const char *value = GetConfigOption(name, true, false);

	if (value == NULL ||
		(GetConfigOptionFlags(name, true) & GUC_CUSTOM_PLACEHOLDER) != 0)
		return NULL;
	return value;
}

/*
 * cron_is_installed
 *		Are the files of pg_cron there?
 */
static bool
cron_is_installed(void)
{
	char		path[MAXPGPATH];

	get_share_path(my_exec_path, path);
	strlcat(path, "/extension/pg_cron.control", MAXPGPATH);
	return access(path, F_OK) == 0;
}

/*
 * pin_cron_database
 *		OID of the database that pg_cron lives in.
 *
 * Without pg_cron it is an error that says what to do, or InvalidOid if that is
 * what the caller wants.
 */
Oid
pin_cron_database(bool missing_ok)
{
	const char *name = cron_setting("cron.database_name");
	Oid			database;

	if (name == NULL && missing_ok)
		return InvalidOid;
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 cron_is_installed() ?
				 errmsg("pg_cron has not been loaded") :
				 errmsg("pg_cron is not installed"),
				 errdetail("Refreshes are scheduled with the extension pg_cron."),
				 cron_is_installed() ?
				 errhint("Set shared_preload_libraries = 'pg_cron' and cron.database_name = '%s' in postgresql.conf, restart the server, and run CREATE EXTENSION pg_cron.",
						 get_database_name(MyDatabaseId)) :
				 errhint("Install pg_cron (Debian and Ubuntu: package postgresql-%d-cron), set shared_preload_libraries = 'pg_cron' and cron.database_name = '%s' in postgresql.conf, restart the server, and run CREATE EXTENSION pg_cron.",
						 PG_VERSION_NUM / 10000,
						 get_database_name(MyDatabaseId))));
	database = get_database_oid(name, true);
	if (!OidIsValid(database) && !missing_ok)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_DATABASE),
				 errmsg("database \"%s\" of pg_cron does not exist", name),
				 errhint("Set \"cron.database_name\" in postgresql.conf and restart the server.")));
	return database;
}

/*
 * pin_cron_is_extended
 *		Is it pg_cron 1.5 or later, which brought seconds, the last
 *		day of the month and a time zone?
 */
bool
pin_cron_is_extended(void)
{
	return cron_setting("cron.timezone") != NULL;
}

/*
 * pin_cron_is_blocking
 *		Whether one job under way keeps pg_cron from starting any other: before 1.5
 *		its launcher waits for each job that it runs in a background worker.
 */
bool
pin_cron_is_blocking(void)
{
	const char *workers = cron_setting("cron.use_background_workers");

	return workers != NULL && strcmp(workers, "on") == 0 && !pin_cron_is_extended();
}

/*
 * pin_cron_zone
 *		Time zone that schedules are in.
 */
pg_tz *
pin_cron_zone(void)
{
	const char *name = cron_setting("cron.timezone");
	pg_tz	   *zone = name != NULL ? pg_tzset(name) : NULL;

	return zone != NULL ? zone : pg_tzset("GMT");
}

/*
 * open_jobs
 *		Opens pg_cron's table of jobs; NULL if pg_cron is not in this database.
 *
 * Whatever else bears the name must not be taken for it.
 */
static Relation
open_jobs(LOCKMODE lockmode)
{
	Oid			extension = get_extension_oid("pg_cron", true);
	Oid			nspid = get_namespace_oid("cron", true);
	Oid			relid = InvalidOid;
	Relation	rel;

	if (OidIsValid(extension) && OidIsValid(nspid))
		relid = get_relname_relid("job", nspid);
	if (!OidIsValid(relid))
		return NULL;
	rel = try_relation_open(relid, lockmode);
	if (rel != NULL &&
		getExtensionOfObject(RelationRelationId, relid) != extension)
	{
		relation_close(rel, lockmode);
		rel = NULL;
	}
	return rel;
}

/*
 * need_jobs
 *		Likewise, but it is an error if there is none.
 */
static Relation
need_jobs(LOCKMODE lockmode)
{
	Relation	rel = open_jobs(lockmode);

	if (rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension pg_cron does not exist in database \"%s\"",
						get_database_name(MyDatabaseId)),
				 errhint("Run CREATE EXTENSION pg_cron there, as a superuser.")));
	return rel;
}

/*
 * job_text
 *		A text of a row of jobs; the type of some of its columns has
 *		changed.
 */
static char *
job_text(Relation rel, HeapTuple tuple, const char *column)
{
	AttrNumber	attnum = get_attnum(RelationGetRelid(rel), column);
	bool		isnull = true;
	Datum		value = 0;

	if (attnum > 0)
		value = heap_getattr(tuple, attnum, RelationGetDescr(rel), &isnull);
	if (isnull)
		return NULL;
	if (TupleDescAttr(RelationGetDescr(rel), attnum - 1)->atttypid == NAMEOID)
		return pstrdup(NameStr(*DatumGetName(value)));
	return TextDatumGetCString(value);
}

/*
 * find_jobs
 *		Jobs for a database, in pg_cron's table in the present one.
 *
 * name: of the jobs; NULL for all that have one.  Reads past the caller's
 * privileges and sees what has been committed meanwhile.
 */
static List *
find_jobs(Relation rel, Oid database, const char *name)
{
	const char *dbname = get_database_name(database);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	List	   *result = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Oid			relid = RelationGetRelid(rel);
		char	   *jobname = job_text(rel, tuple, "jobname");
		char	   *of_database = job_text(rel, tuple, "database");
		PinCronJob *job;
		bool		isnull;

		if (jobname == NULL || of_database == NULL || dbname == NULL ||
			strcmp(of_database, dbname) != 0 ||
			(name != NULL && strcmp(jobname, name) != 0))
			continue;
		job = palloc0(sizeof(PinCronJob));
		job->id = DatumGetInt64(heap_getattr(tuple, get_attnum(relid, "jobid"),
											 RelationGetDescr(rel), &isnull));
		job->name = jobname;
		job->schedule = job_text(rel, tuple, "schedule");
		job->username = job_text(rel, tuple, "username");
		job->active = DatumGetBool(heap_getattr(tuple,
												get_attnum(relid, "active"),
												RelationGetDescr(rel), &isnull));
		result = lappend(result, job);
	}
	systable_endscan(scan);
	return result;
}

/*
 * pin_cron_jobs
 *		Jobs for this database, if pg_cron is here, too.
 *
 * Returns a List of PinCronJob.
 */
List *
pin_cron_jobs(void)
{
	Relation	rel = open_jobs(AccessShareLock);
	List	   *result;

	if (rel == NULL)
		return NIL;
	result = find_jobs(rel, MyDatabaseId, NULL);
	relation_close(rel, AccessShareLock);
	return result;
}

/*
 * cron_function
 *		OID of a function of pg_cron's, InvalidOid if it has none with these
 *		arguments.  What else stands in its schema is not called.
 */
static Oid
cron_function(const char *name, int nargs, const Oid *types)
{
	Oid			function = LookupFuncName(list_make2(makeString("cron"),
													 makeString(pstrdup(name))),
										  nargs, types, true);

	if (OidIsValid(function) &&
		getExtensionOfObject(ProcedureRelationId, function) !=
		get_extension_oid("pg_cron", true))
		return InvalidOid;
	return function;
}

/*
 * need_function
 *		Raises the error that pg_cron is too old, unless there is such a function.
 */
static void
need_function(Oid function, const char *name, const char *version)
{
	if (!OidIsValid(function))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("pg_cron in database \"%s\" has no function \"%s\" to call",
						get_database_name(MyDatabaseId), name),
				 errhint("Update pg_cron to version %s or later.", version)));
}

/*
 * call_as
 *		Calls a function of pg_cron's as a role.  A null argument is NullDatum's.
 *
 * If that is not the current one, then as REFRESH MATERIALIZED VIEW acts for an
 * owner: what the session has in its search path, or temporary tables, is none of
 * that role's business.  An error takes it all back with its transaction.
 */
static Datum
call_as(Oid role, Oid function, int nargs, const NullableDatum *args)
{
	LOCAL_FCINFO(fcinfo, 6);
	FmgrInfo	flinfo;
	Oid			user;
	int			context;
	int			nestlevel = NewGUCNestLevel();
	Datum		result;

	Assert(nargs <= 6);
	GetUserIdAndSecContext(&user, &context);
	if (role != user)
	{
		SetUserIdAndSecContext(role, context | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_RESTRICTED_OPERATION);
		(void) set_config_option("search_path", "pg_catalog, pg_temp",
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								 true, 0, false);
	}
	fmgr_info(function, &flinfo);
	InitFunctionCallInfoData(*fcinfo, &flinfo, nargs, InvalidOid, NULL, NULL);
	for (int i = 0; i < nargs; i++)
		fcinfo->args[i] = args[i];
	result = FunctionCallInvoke(fcinfo);
	if (fcinfo->isnull)
		elog(ERROR, "function %u returned null", function);
	AtEOXact_GUC(false, nestlevel);
	SetUserIdAndSecContext(user, context);
	return result;
}

/*
 * remove_jobs
 *		Removes the jobs of a name: those of all roles, but for one that is to
 *		keep its own; or with "only" those of that role.
 *
 * They belong to a table whose owner wants that, so it is done with the rights
 * of pg_cron's owner.  Returns whether there were any.
 */
static bool
remove_jobs(Relation rel, Oid database, const char *name, const char *keep,
			const char *only)
{
	static const Oid types[] = {INT8OID};
	bool		found = false;
	ListCell   *lc;

	foreach(lc, find_jobs(rel, database, name))
	{
		PinCronJob *job = (PinCronJob *) lfirst(lc);
		Oid			function = cron_function("unschedule", lengthof(types), types);
		NullableDatum id = {Int64GetDatum(job->id), false};

		if ((keep != NULL && strcmp(job->username, keep) == 0) ||
			(only != NULL && strcmp(job->username, only) != 0))
			continue;
		need_function(function, "unschedule", "1.3");
		(void) call_as(rel->rd_rel->relowner, function, 1, &id);
		found = true;
	}
	CommandCounterIncrement();
	return found;
}

/*
 * check_execute
 *		Checks whether a role may call a function of pg_cron's.
 */
static void
check_execute(Oid function, const char *name, Oid role, const char *username)
{
	const char *dbname = get_database_name(MyDatabaseId);

	if (pin_proc_aclcheck(function, role, ACL_EXECUTE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for function cron.%s in database \"%s\"",
						name, dbname),
				 errhint("Let a superuser run in database \"%s\": GRANT EXECUTE ON FUNCTION cron.%s TO %s.",
						 dbname, name, quote_identifier(username))));
}

/*
 * schedule_elsewhere
 *		Has pg_cron run a command in another database than its own.  Returns the
 *		id of the job.
 */
static int64
schedule_elsewhere(Oid role, const char *username, const char *target,
				   const char *name, const char *schedule, const char *command)
{
	static const Oid types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, BOOLOID};
	const char *dbname = get_database_name(MyDatabaseId);
	Oid			function = cron_function("schedule_in_database",
										 lengthof(types), types);
	NullableDatum args[lengthof(types)] = {{0}};

	if (!OidIsValid(function))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("pg_cron in database \"%s\" cannot run jobs in other databases",
						dbname),
				 errhint("Update pg_cron to version 1.4 or later, or set \"cron.database_name\" to this database.")));
	if (pin_database_aclcheck(MyDatabaseId, role, ACL_CONNECT) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for database \"%s\" of pg_cron", dbname),
				 errhint("Let a superuser run: GRANT CONNECT ON DATABASE %s TO %s.",
						 quote_identifier(dbname), quote_identifier(username))));
	check_execute(function, "schedule_in_database", role, username);

	args[0].value = CStringGetTextDatum(name);
	args[1].value = CStringGetTextDatum(schedule);
	args[2].value = CStringGetTextDatum(command);
	args[3].value = CStringGetTextDatum(target);
	args[4].isnull = true;		/* the current user's */
	args[5].value = BoolGetDatum(true);
	return DatumGetInt64(call_as(role, function, lengthof(types), args));
}

/*
 * schedule_here
 *		Likewise in this database, which is pg_cron's.
 */
static int64
schedule_here(Oid role, const char *username, const char *name,
			  const char *schedule, const char *command)
{
	/* the name was one before pg_cron 1.4 */
	static const Oid types[][3] = {
		{TEXTOID, TEXTOID, TEXTOID}, {NAMEOID, TEXTOID, TEXTOID}
	};
	Oid			function = cron_function("schedule", 3, types[0]);
	NullableDatum args[3] = {{0}};

	args[0].value = CStringGetTextDatum(name);
	if (!OidIsValid(function))
	{
		function = cron_function("schedule", 3, types[1]);
		args[0].value = DirectFunctionCall1(namein, CStringGetDatum(name));
	}
	need_function(function, "schedule", "1.3");
	check_execute(function, "schedule", role, username);
	args[1].value = CStringGetTextDatum(schedule);
	args[2].value = CStringGetTextDatum(command);
	return DatumGetInt64(call_as(role, function, 3, args));
}

/*
 * put_job
 *		Puts a job of a role's for a database into pg_cron's table in
 *		the present one, in place of one of the same name.  Returns
 *		its id.
 */
static int64
put_job(Oid role, Oid database, const char *name, const char *schedule,
		const char *command)
{
	Relation	rel = need_jobs(RowExclusiveLock);
	char	   *username = GetUserNameFromId(role, false);
	char	   *dbname = get_database_name(database);
	int64		id;

	/* another database than the present one can be dropped meanwhile */
	if (dbname == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_DATABASE),
				 errmsg("database with OID %u does not exist", database)));
	if (pin_namespace_aclcheck(RelationGetNamespace(rel), role, ACL_USAGE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for schema cron in database \"%s\"",
						get_database_name(MyDatabaseId)),
				 errhint("Let a superuser run in database \"%s\": GRANT USAGE ON SCHEMA cron TO %s.",
						 get_database_name(MyDatabaseId),
						 quote_identifier(username))));

	remove_jobs(rel, database, name, username, NULL);
	id = database == MyDatabaseId ?
		schedule_here(role, username, name, schedule, command) :
		schedule_elsewhere(role, username, dbname, name, schedule, command);
	relation_close(rel, NoLock);
	return id;
}

/*
 * forget_job
 *		Removes the jobs of a name for a database from pg_cron's table in the
 *		present one: those of a role, or with InvalidOid all.  Returns whether
 *		there were any.
 */
static bool
forget_job(Oid database, const char *name, Oid role)
{
	Relation	rel = open_jobs(RowExclusiveLock);
	bool		found;

	if (rel == NULL)
		return false;
	found = remove_jobs(rel, database, name, NULL,
						OidIsValid(role) ? GetUserNameFromId(role, false) : NULL);
	relation_close(rel, NoLock);
	return found;
}

/*
 * pin_cron_put
 *		Has pg_cron run a command of the current user's in this
 *		database.
 *
 * "database" is pg_cron's.  A job of the same name is replaced.  In another
 * database that takes effect at once, here with the transaction.  Returns the
 * job's id.  Errors: privileges are missing, pg_cron is not there.
 */
int64
pin_cron_put(Oid database, const char *name, const char *schedule,
			 const char *command)
{
	List	   *args = NIL;
	char	   *result;

	if (database == MyDatabaseId)
		return put_job(GetUserId(), database, name, schedule, command);

	args = pin_job_add(args, "role", psprintf("%u", GetUserId()));
	args = pin_job_add(args, "database", psprintf("%u", MyDatabaseId));
	args = pin_job_add(args, "encoding", psprintf("%d", GetDatabaseEncoding()));
	args = pin_job_add(args, "name", name);
	args = pin_job_add(args, "schedule", schedule);
	args = pin_job_add(args, "command", command);
	pin_worker_run_in(database, "pinterest_job_schedule", args, ERROR, &result);
	return strtoll(result, NULL, 10);
}

/*
 * pin_cron_remove
 *		Has pg_cron forget the jobs of a name for this database.
 *
 * role: whose jobs; InvalidOid: anyone's.
 * The caller must have checked that the current user may want that.  In another
 * database it takes effect at once; what goes wrong there is reported at elevel.
 * Returns whether there were any.
 */
bool
pin_cron_remove(Oid database, const char *name, Oid role, int elevel)
{
	List	   *args = NIL;
	char	   *result = NULL;

	if (database == MyDatabaseId)
		return forget_job(database, name, role);
	args = pin_job_add(args, "database", psprintf("%u", MyDatabaseId));
	args = pin_job_add(args, "encoding", psprintf("%d", GetDatabaseEncoding()));
	args = pin_job_add(args, "name", name);
	args = pin_job_add(args, "role", psprintf("%u", role));
	return pin_worker_run_in(database, "pinterest_job_unschedule", args,
							 elevel, &result) &&
		strcmp(result, "removed") == 0;
}

/*
 * converted
 *		An argument of a job, in the encoding of this database.
 */
static char *
converted(List *args, const char *name)
{
	const char *text = pin_job_get(args, name);

	return pg_any_to_server(text, strlen(text), atoi(pin_job_get(args, "encoding")));
}

/*
 * schedule_for_others
 *		Job: puts a job into pg_cron's table, see pin_cron_put().
 *
 * args: OIDs of role and database; encoding of the texts name, schedule and
 * command.  The result is the job's id.
 */
static void
schedule_for_others(List *args)
{
	Oid			role = pin_job_get_oid(args, "role");
	Oid			database = pin_job_get_oid(args, "database");
	char		id[32];

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	snprintf(id, sizeof(id), INT64_FORMAT,
			 put_job(role, database, converted(args, "name"),
					 converted(args, "schedule"),
					 converted(args, "command")));
	PopActiveSnapshot();
	CommitTransactionCommand();
	pin_worker_set_result(id);
}

/*
 * pinterest_job_schedule
 *		What a worker runs for that.
 */
void
pinterest_job_schedule(Datum arg)
{
	pin_worker_main(arg, schedule_for_others);
}

/*
 * unschedule_for_others
 *		Job: removes jobs from pg_cron's table, see pin_cron_remove().
 *
 * args: OIDs of the database and of the role; encoding of the text name.
 */
static void
unschedule_for_others(List *args)
{
	Oid			database = pin_job_get_oid(args, "database");
	bool		removed;

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	removed = forget_job(database, converted(args, "name"),
						 pin_job_get_oid(args, "role"));
	PopActiveSnapshot();
	CommitTransactionCommand();
	pin_worker_set_result(removed ? "removed" : "none");
}

/*
 * pinterest_job_unschedule
 *		What a worker runs for that.
 */
void
pinterest_job_unschedule(Datum arg)
{
	pin_worker_main(arg, unschedule_for_others);
}
