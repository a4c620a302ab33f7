/*-------------------------------------------------------------------------
 *
 * jobs.c
 *	  Names and removal of the jobs of schedules.
 *
 * A job goes along with the transaction that ends its schedule.  If pg_cron is in
 * another database, that is when it commits.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/subxact.h"
#include "schedule/jobs.h"
#include "schedule/pgcron.h"
#include "schedule/store.h"

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
 * pin_job_quoted
 *		A name in quotes, unless it has nothing but lower-case letters, letters of
 *		other scripts, digits and underscores.
 *
 * What quote_identifier() does depends on a setting, and on the keywords of the
 * version; but jobs are found by their names.
 */
char *
pin_job_quoted(const char *name)
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
 * pin_job_name
 *		Name of the job of a schedule: unique among the jobs for all
 *		databases.
 *
 * The name of the database is in quotes where it has a dot, so that it is clear
 * where it ends.  pg_cron before 1.6 keeps no more than a name's length of it;
 * then a digest tells it apart, which nobody can find another name for.
 */
char *
pin_job_name(const char *name)
{
	char	   *job_name = psprintf("pinterest_fdw %s.%s",
									pin_job_quoted(get_database_name(MyDatabaseId)), name);
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
			schedules = pin_schedules_get();
		foreach(lc, todo)
		{
			Removal    *removal = (Removal *) lfirst(lc);
			bool		kept = false;
			ListCell   *sc;

			foreach(sc, schedules)
				kept = kept || strcmp(((PinSchedule *) lfirst(sc))->job_name,
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
 * pin_job_remove_later
 *		Has a job removed when the transaction commits, unless its schedule is
 *		there still.
 */
void
pin_job_remove_later(Oid database, const char *job_name, Oid role, int elevel)
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
 * pin_job_remove
 *		Removes a job along with this transaction.
 *
 * role: whose job it is; InvalidOid: anyone's.
 */
void
pin_job_remove(const char *job_name, Oid role, int elevel)
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
		pin_job_remove_later(database, job_name, role, elevel);
}
