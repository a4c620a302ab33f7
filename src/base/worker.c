/*-------------------------------------------------------------------------
 *
 * worker.c
 *	  Jobs that are committed whatever becomes of the caller's transaction.
 *
 * What Pinterest hands out once, such as a new refresh token, must not be lost
 * to a rollback, and what a failed refresh has to say must not go with it.  So
 * such jobs run in a dynamic background worker that lives for one of them; the
 * caller waits for it, and may be canceled or killed meanwhile.  Arguments and
 * result travel in a dynamic shared memory segment, which nobody else can see.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "commands/defrem.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "base/worker.h"

/* Longest wait of a job for a lock, in milliseconds */
#define JOB_LOCK_TIMEOUT "5000"

/* Of each part of an error, so many bytes reach the caller. */
#define ERROR_TEXT_SIZE 1024

/* Longest result of a job, with its NUL */
#define RESULT_SIZE 64

typedef enum JobState
{
	JOB_BEGUN,
	JOB_DONE,
	JOB_FAILED
} JobState;

/* What caller and worker share */
typedef struct SharedJob
{
	Oid			database;

	/* the result: valid when the worker has ended */
	JobState	state;
	int			sqlstate;
	int			encoding;		/* of the following texts */
	char		message[ERROR_TEXT_SIZE];
	char		detail[ERROR_TEXT_SIZE];	/* empty: none, as the next one */
	char		hint[ERROR_TEXT_SIZE];
	char		text[RESULT_SIZE];	/* what the job has to say if it is done */

	/* of each argument the name and the value, each with its NUL */
	int			nargs;
	Size		size;
	char		args[FLEXIBLE_ARRAY_MEMBER];
} SharedJob;

/* Within a worker: its job */
static SharedJob *current_job = NULL;

/*
 * do_nothing
 *		Job: none.  That it came to an end is what the caller wants to know.
 */
static void
do_nothing(List *args)
{
}

/*
 * pinterest_job_nothing
 *		What a worker runs for pin_worker_run(PIN_JOB_NOTHING, ...).
 */
void
pinterest_job_nothing(Datum arg)
{
	pin_worker_main(arg, do_nothing);
}

/*
 * pin_job_add
 *		Adds an argument to those of a job; both strings are copied.
 *
 * An argument that is NULL is left out, and missing for the job.
 */
List *
pin_job_add(List *args, const char *name, const char *value)
{
	if (value == NULL)
		return args;
	return lappend(args, makeDefElem(pstrdup(name),
									 (Node *) makeString(pstrdup(value)), -1));
}

/*
 * pin_job_get
 *		The value of an argument; NULL if it is missing.
 */
char *
pin_job_get(List *args, const char *name)
{
	ListCell   *lc;

	foreach(lc, args)
	{
		if (strcmp(lfirst_node(DefElem, lc)->defname, name) == 0)
			return defGetString(lfirst_node(DefElem, lc));
	}
	return NULL;
}

/*
 * pin_job_get_oid
 *		Likewise of one that is an OID, and has to be there.
 */
Oid
pin_job_get_oid(List *args, const char *name)
{
	const char *value = pin_job_get(args, name);

	if (value == NULL)
		elog(ERROR, "argument \"%s\" of a job is missing", name);
	return atooid(value);
}

/*
 * share_job
 *		Puts a job into a new shared memory segment.
 *
 * The segment belongs to the current resource owner.
 */
static dsm_segment *
share_job(Oid database, List *args)
{
	Size		size = 0;
	dsm_segment *segment;
	SharedJob  *job;
	char	   *place;
	ListCell   *lc;

	foreach(lc, args)
		size += strlen(lfirst_node(DefElem, lc)->defname) + 1 +
			strlen(defGetString(lfirst_node(DefElem, lc))) + 1;

	segment = dsm_create(offsetof(SharedJob, args) + size, 0);
	job = dsm_segment_address(segment);
	memset(job, 0, offsetof(SharedJob, args));
	job->database = database;
	job->nargs = list_length(args);
	job->size = size;
	place = job->args;
	foreach(lc, args)
	{
		place = stpcpy(place, lfirst_node(DefElem, lc)->defname) + 1;
		place = stpcpy(place, defGetString(lfirst_node(DefElem, lc))) + 1;
	}
	return segment;
}

/*
 * start_worker
 *		Has the postmaster start a worker for a job; NULL if there is no slot.
 */
static BackgroundWorkerHandle *
start_worker(const char *job, dsm_segment *segment)
{
	BackgroundWorker worker = {0};
	BackgroundWorkerHandle *handle;

	worker.bgw_flags = BGWORKER_SHMEM_ACCESS |
		BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	worker.bgw_notify_pid = MyProcPid;
	worker.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(segment));
	strlcpy(worker.bgw_library_name, "$libdir/pinterest_fdw", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, job, BGW_MAXLEN);
	strlcpy(worker.bgw_name, "pinterest_fdw worker", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "pinterest_fdw worker", BGW_MAXLEN);

	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
		return NULL;
	return handle;
}

/*
 * result_text
 *		Part of an error, in the encoding of this database.
 */
static char *
result_text(const SharedJob *job, const char *text)
{
	return pg_any_to_server(text, strlen(text), job->encoding);
}

/*
 * pin_worker_run
 *		Runs a job in a worker and waits for its end.
 *
 * job: name of the function that the worker runs, which has to be exported by
 * this library and call pin_worker_main().  args: see pin_job_add().  What goes wrong is reported at elevel: the
 * job's own error with its SQLSTATE, 53400 if no worker can be had, 25006 on a
 * standby, 57P02 if the worker died, which leaves open how far it came.
 * Returns whether the job is done.  A caller that is canceled while it waits
 * leaves the worker to finish by itself.
 *
 * Must not be called while an error is being handled that has not been rolled
 * back, nor with a lock that the job wants.
 */
bool
pin_worker_run(const char *job, List *args, int elevel)
{
	return pin_worker_run_in(MyDatabaseId, job, args, elevel, NULL);
}

/*
 * pin_worker_run_in
 *		Likewise in any database.
 *
 * The extension need not have been created there.  The worker is a superuser
 * in a database that the caller may have no right to enter: it is up to the job
 * to check.  If the job is done and result is not NULL, that is set to what the
 * job has passed to pin_worker_set_result() (palloc'd), "" by default.
 */
bool
pin_worker_run_in(Oid database, const char *job, List *args, int elevel,
				  char **result)
{
	dsm_segment *segment;
	SharedJob  *shared;
	BackgroundWorkerHandle *handle;
	BgwHandleStatus status = BGWH_STOPPED;
	pid_t		pid;
	bool		done;

	if (RecoveryInProgress())
	{
		ereport(elevel,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot do this during recovery"),
				 errhint("Connect to the primary server.")));
		return false;
	}

	segment = share_job(database, args);
	shared = dsm_segment_address(segment);
	handle = start_worker(job, segment);
	if (handle != NULL)
	{
		status = WaitForBackgroundWorkerStartup(handle, &pid);
		if (status == BGWH_STARTED)
			status = WaitForBackgroundWorkerShutdown(handle);
	}

	explicit_bzero(shared->args, shared->size);
	done = shared->state == JOB_DONE;
	if (handle == NULL)
		ereport(elevel,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("could not start a background worker"),
				 errdetail("All of the server's slots for background workers are in use."),
				 errhint("Try again later, or raise \"max_worker_processes\".")));
	else if (shared->state == JOB_FAILED)
		ereport(elevel,
				(errcode(shared->sqlstate),
				 errmsg_internal("%s", result_text(shared, shared->message)),
				 shared->detail[0] != '\0' ?
				 errdetail_internal("%s", result_text(shared, shared->detail)) : 0,
				 shared->hint[0] != '\0' ?
				 errhint("%s", result_text(shared, shared->hint)) : 0));
	else if (done && result != NULL)
		*result = pstrdup(shared->text);
	else if (!done)
		ereport(elevel,
				(errcode(ERRCODE_CRASH_SHUTDOWN),
				 errmsg("a background worker ended before its job was done"),
				 status == BGWH_POSTMASTER_DIED ?
				 errdetail("The server is shutting down.") : 0,
				 errhint("The server log may say why.")));
	dsm_detach(segment);
	return done;
}

/*
 * fix_settings
 *		Makes the worker independent of settings of the database, which are
 *		meant for its users' transactions.
 */
static void
fix_settings(void)
{
	static const char *const settings[][2] = {
		{"role", "none"},
		{"search_path", "pg_catalog, pg_temp"},
		{"row_security", "on"},
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_deferrable", "off"},
		{"session_replication_role", "origin"},
		{"exit_on_error", "off"},
		{"transaction_timeout", "0"},	/* of PostgreSQL 17 and newer */
		{"lock_timeout", JOB_LOCK_TIMEOUT},
	};

	for (int i = 0; i < lengthof(settings); i++)
	{
		if (GetConfigOption(settings[i][0], true, false) != NULL)
			SetConfigOption(settings[i][0], settings[i][1], PGC_SUSET,
							PGC_S_OVERRIDE);
	}

	/* what a job commits must outlive a crash that follows at once */
	if (synchronous_commit == SYNCHRONOUS_COMMIT_OFF)
		SetConfigOption("synchronous_commit", "local", PGC_SUSET,
						PGC_S_OVERRIDE);
}

/*
 * copy_text
 *		Copies a part of an error, clipped at a character's end.
 */
static void
copy_text(char *target, const char *text)
{
	int			len;

	if (text == NULL)
		return;
	len = pg_mbcliplen(text, strlen(text), ERROR_TEXT_SIZE - 1);
	memcpy(target, text, len);
	target[len] = '\0';
}

/*
 * pin_worker_set_result
 *		Within a job: leaves a short text for the caller.
 */
void
pin_worker_set_result(const char *result)
{
	strlcpy(current_job->text, result, RESULT_SIZE);
}

/*
 * pin_worker_main
 *		What a worker's entry point calls with its argument, to run one job.
 *
 * Each job has an entry point of its own, in the module that it belongs to, so
 * that this one need not know any.
 *
 * An error of the job goes to the caller and not to the log, which would have
 * it twice.
 */
void
pin_worker_main(Datum arg, PinJob run)
{
	dsm_segment *segment;
	SharedJob  *job;
	List	   *args = NIL;
	const char *place;

	/* the default handler of SIGTERM would raise an error out of anything */
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();

	CurrentResourceOwner = ResourceOwnerCreate(NULL, "pinterest_fdw worker");
	CurrentMemoryContext = AllocSetContextCreate(TopMemoryContext,
												 "pinterest_fdw worker",
												 ALLOCSET_DEFAULT_SIZES);
	segment = dsm_attach(DatumGetUInt32(arg));
	if (segment == NULL)
		return;					/* the caller has left before we came */
	dsm_pin_mapping(segment);
	current_job = job = dsm_segment_address(segment);

	/* from here on the caller may leave */
	place = job->args;
	for (int i = 0; i < job->nargs; i++)
	{
		const char *value = place + strlen(place) + 1;

		args = pin_job_add(args, place, value);
		place = value + strlen(value) + 1;
	}
	explicit_bzero(job->args, job->size);

	/* as the bootstrap superuser: the caller's role need not be able to log in */
	BackgroundWorkerInitializeConnectionByOid(job->database, InvalidOid, 0);
	fix_settings();
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, 0);

	PG_TRY();
	{
		run(args);
		job->state = JOB_DONE;
	}
	PG_CATCH();
	{
		MemoryContext context = AllocSetContextCreate(TopMemoryContext,
													  "pinterest_fdw error",
													  ALLOCSET_DEFAULT_SIZES);
		ErrorData  *edata;

		MemoryContextSwitchTo(context);
		edata = CopyErrorData();
		FlushErrorState();
		AbortCurrentTransaction();

		job->sqlstate = edata->sqlerrcode;
		job->encoding = GetDatabaseEncoding();
		copy_text(job->message, edata->message);
		copy_text(job->detail, edata->detail);
		copy_text(job->hint, edata->hint);
		job->state = JOB_FAILED;
	}
	PG_END_TRY();
	dsm_detach(segment);
}
