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
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
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
 * job_table
 *		OID of pg_cron's table of jobs, InvalidOid if pg_cron is not
 *		in this database.
 *
 * Whatever else bears the name must not be taken for it.
 */
static Oid
job_table(void)
{
	Oid			extension = get_extension_oid("pg_cron", true);
	Oid			nspid = get_namespace_oid("cron", true);
	Oid			relid;

	if (!OidIsValid(extension) || !OidIsValid(nspid))
		return InvalidOid;
	relid = get_relname_relid("job", nspid);
	if (!OidIsValid(relid) ||
		getExtensionOfObject(RelationRelationId, relid) != extension)
		return InvalidOid;
	return relid;
}

/*
 * need_job_table
 *		Likewise, but it is an error if there is none.
 */
static Oid
need_job_table(void)
{
	Oid			relid = job_table();

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension pg_cron does not exist in database \"%s\"",
						get_database_name(MyDatabaseId)),
				 errhint("Run CREATE EXTENSION pg_cron there, as a superuser.")));
	return relid;
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
find_jobs(Oid relid, Oid database, const char *name)
{
	const char *dbname = get_database_name(database);
	Relation	rel = table_open(relid, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	List	   *result = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
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
	table_close(rel, AccessShareLock);
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
	Oid			relid = job_table();

	return OidIsValid(relid) ? find_jobs(relid, MyDatabaseId, NULL) : NIL;
}

/*
 * run_as
 *		Runs a statement of pg_cron's as a role.  Parameters are texts.
 *
 * Returns its one value, an int8 or a bool.
 */
static Datum
run_as(Oid role, const char *sql, int nargs, Datum *values)
{
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID};
	Oid			user;
	int			context;
	Datum		result;
	bool		isnull;

	Assert(nargs <= lengthof(types));
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(role, context | SECURITY_LOCAL_USERID_CHANGE);
	SPI_connect();
	if (SPI_execute_with_args(sql, nargs, types, values, NULL, false, 0) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "could not execute: %s", sql);
	result = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
						   &isnull);
	SPI_finish();
	SetUserIdAndSecContext(user, context);
	return result;
}

/*
 * remove_jobs
 *		Removes the jobs of a name, but for those of a role that is to
 *		keep its own.
 *
 * They belong to a table whose owner wants that, so it is done with the rights
 * of pg_cron's owner.  Returns whether there were any.
 */
static bool
remove_jobs(Oid relid, Oid database, const char *name, const char *keep)
{
	Oid			owner;
	Relation	rel = table_open(relid, RowExclusiveLock);
	bool		found = false;
	ListCell   *lc;

	owner = rel->rd_rel->relowner;
	foreach(lc, find_jobs(relid, database, name))
	{
		PinCronJob *job = (PinCronJob *) lfirst(lc);
		Datum		id;

		if (keep != NULL && strcmp(job->username, keep) == 0)
			continue;
		id = CStringGetTextDatum(psprintf(INT64_FORMAT, job->id));
		run_as(owner,
			   "SELECT cron.unschedule(CAST($1 AS pg_catalog.int8))", 1, &id);
		found = true;
	}
	table_close(rel, NoLock);
	CommandCounterIncrement();
	return found;
}

/*
 * check_remote_privileges
 *		Checks whether a role may use pg_cron from outside of its
 *		database.
 */
static void
check_remote_privileges(Oid role, const char *username)
{
	const char *dbname = get_database_name(MyDatabaseId);
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, BOOLOID};
	List	   *name = list_make2(makeString("cron"),
								  makeString("schedule_in_database"));
	Oid			function = LookupFuncName(name, lengthof(types), types, true);

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
	if (pin_proc_aclcheck(function, role, ACL_EXECUTE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for function cron.schedule_in_database in database \"%s\"",
						dbname),
				 errhint("Let a superuser run in database \"%s\": GRANT EXECUTE ON FUNCTION cron.schedule_in_database TO %s.",
						 dbname, quote_identifier(username))));
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
	Oid			relid = need_job_table();
	char	   *username = GetUserNameFromId(role, false);
	Datum		values[4];

	if (pin_namespace_aclcheck(get_rel_namespace(relid), role, ACL_USAGE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for schema cron in database \"%s\"",
						get_database_name(MyDatabaseId)),
				 errhint("Let a superuser run in database \"%s\": GRANT USAGE ON SCHEMA cron TO %s.",
						 get_database_name(MyDatabaseId),
						 quote_identifier(username))));
	if (database != MyDatabaseId)
		check_remote_privileges(role, username);

	remove_jobs(relid, database, name, username);
	values[0] = CStringGetTextDatum(name);
	values[1] = CStringGetTextDatum(schedule);
	values[2] = CStringGetTextDatum(command);
	if (database == MyDatabaseId)
		return DatumGetInt64(run_as(role, "SELECT cron.schedule($1, $2, $3)",
									3, values));
	values[3] = CStringGetTextDatum(get_database_name(database));
	return DatumGetInt64(run_as(role,
								"SELECT cron.schedule_in_database($1, $2, $3, $4)",
								4, values));
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
 * The caller must have checked that the current user may want that.  In another
 * database it takes effect at once; what goes wrong there is reported at elevel.
 * Returns whether there were any.
 */
bool
pin_cron_remove(Oid database, const char *name, int elevel)
{
	List	   *args = NIL;
	char	   *result = NULL;

	if (database == MyDatabaseId)
	{
		Oid			relid = job_table();

		return OidIsValid(relid) && remove_jobs(relid, database, name, NULL);
	}
	args = pin_job_add(args, "database", psprintf("%u", MyDatabaseId));
	args = pin_job_add(args, "encoding", psprintf("%d", GetDatabaseEncoding()));
	args = pin_job_add(args, "name", name);
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
 * args: OID of the database, encoding of the text name.
 */
static void
unschedule_for_others(List *args)
{
	Oid			database = pin_job_get_oid(args, "database");
	bool		removed;
	Oid			relid;

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	relid = job_table();
	removed = OidIsValid(relid) &&
		remove_jobs(relid, database, converted(args, "name"), NULL);
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
