/*-------------------------------------------------------------------------
 *
 * reuse.c
 *	  Memory of the reports that were made, for all sessions.
 *
 * Pinterest keeps a report for an hour, so that a dashboard that repeats its
 * queries need not wait for a new one each time.  Dashboards use many sessions,
 * hence what is remembered is kept in files, one for each report, beside those
 * of pg_stat_statements: without shared_preload_libraries there is no shared
 * memory to find again, and a table could only be written by a worker, and not
 * at all on a standby.  Base backups leave the directory out.
 *
 * A file holds when the report was asked for and the token with which Pinterest
 * names it.  Its own name is that of the user mapping, by which it goes when that
 * is dropped, and a digest of the whole request and of whose it is, the access
 * token included: whoever has not got all of that does not find it.  To SQL the
 * files are as little visible as all others of the server.
 *
 * One more file for each server says when a table was refreshed last from it:
 * live queries are not to be older than what a refresh has loaded.  And one for
 * each kind of report says how long the last one took, so that the next is not
 * asked about too early.
 *
 * This is a cache.  What cannot be read or written does no harm, and Pinterest
 * says whether a report still exists.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "miscadmin.h"
#include "pgstat.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "auth/identity.h"
#include "auth/mapping.h"
#include "auth/tokenstore.h"
#include "base/limits.h"
#include "source/reuse.h"

/*
 * What the files' names begin with.  Then come the OIDs of database, server and,
 * for a report, the mapping's role, each with a point; then a digest or a word.
 */
#define FILE_PREFIX "pinterest_fdw."

/*
 * The end of a report's hour in the middle of its download would be an error,
 * as another one need not have the same rows in the same order; so the last
 * minutes are left out.
 */
#define LONGEST_REUSE_S		(55 * 60)

/* Nobody needs a file any more that is older than this. */
#define FILE_LIFETIME_S		(60 * 60)

/*
 * But for those that say how long reports take, which are as many as there are
 * kinds of them: a table may be refreshed once a week.
 */
#define TOOK_WORD "took."
#define TOOK_LIFETIME_S		(15 * 24 * 60 * 60)

/* What took less than this is soon asked about anyway. */
#define SHORTEST_TOOK_MS	1000
#define LONGEST_TOOK_MS		(24 * 60 * 60 * 1000)

/* How often a session looks for such files */
#define SWEEP_INTERVAL_MS	(10 * 60 * 1000)

/* Setting pinterest_fdw.report_reuse: over the option; -1: as the option says */
static int	reuse_setting = -1;

/*
 * pin_reuse_init
 *		Defines the module's settings.
 */
void
pin_reuse_init(void)
{
	DefineCustomIntVariable("pinterest_fdw.report_reuse",
							"For how long a report is reused, whatever the option \"report_reuse\" says.",
							"0 asks for new reports; -1 leaves it to the option.",
							&reuse_setting,
							-1, -1, 3600,
							PGC_USERSET,
							GUC_UNIT_S,
							NULL, NULL, NULL);
}

/*
 * pin_reuse_allowed
 *		Whether reports of a table are remembered.
 *
 * seconds: set to how old a report may be that is used again now; 0: none is.
 * A template may be edited between two of its reports, which have other columns
 * then, and so these are always new.
 */
bool
pin_reuse_allowed(const PinOptions *options, int *seconds)
{
	*seconds = Min(reuse_setting >= 0 ? reuse_setting : options->report_reuse,
				   LONGEST_REUSE_S);
	return options->template_id == NULL &&
		Max(reuse_setting, options->report_reuse) > 0;
}

/*
 * pin_reuse_key
 *		What stands for a request in its session's name.
 *
 * path, body: of the request that creates the report.  The result is palloc'ed.
 */
char *
pin_reuse_key(const PinSession *session, const char *path, const char *body)
{
	const PinOptions *options = session->options;
	PinMapping *mapping = pin_get_mapping(options->serverid, session->userid);
	const PinIdentity *identity = &mapping->identity;
	char	   *request = psprintf("%u %u %s %s%s %s", identity->database,
								   identity->role,
								   quote_identifier(identity->server),
								   options->api_url, path, body);
	char	   *digest = pin_digest(session->token, request);
	char	   *key = psprintf("%u.%u.%u.%s", identity->database,
							   mapping->serverid, identity->role, digest);

	pfree(request);
	pfree(digest);
	return key;
}

/*
 * file_path
 *		Where a report is remembered.  name: after the prefix.
 */
static void
file_path(char *path, const char *name)
{
	snprintf(path, MAXPGPATH, "%s/%s%s", PG_STAT_TMP_DIR, FILE_PREFIX, name);
}

/*
 * end_name
 *		Name of the file that says since when reports of a server are used again.
 *		The result is palloc'ed.
 */
static char *
end_name(Oid serverid)
{
	return psprintf("%u.%u.end", MyDatabaseId, serverid);
}

/*
 * read_file
 *		Reads what a file says: a time and a word; false if there is no such
 *		file.
 *
 * word: palloc'ed; NULL if the file is no good, and the time is not set.
 */
static bool
read_file(const char *name, TimestampTz *at, char **word)
{
	char		path[MAXPGPATH];
	char		text[PIN_MAX_TOKEN + 64];
	char	   *start;
	char	   *end;
	int			fd;
	int			len;

	*word = NULL;
	file_path(path, name);
	fd = OpenTransientFile(path, O_RDONLY | PG_BINARY);
	if (fd < 0)
		return false;
	len = read(fd, text, sizeof(text) - 1);
	CloseTransientFile(fd);
	if (len <= 0)
		return true;
	text[len] = '\0';

	/* time, space, word, and a line feed that shows that this is all of it */
	*at = strtoll(text, &start, 10);
	if (*start != ' ')
		return true;
	start++;
	end = strchr(start, '\n');
	if (end == NULL || end == start)
		return true;
	*end = '\0';
	*word = pstrdup(start);
	return true;
}

/*
 * pin_reuse_find
 *		Token of a report that was asked for within the last seconds, and since
 *		the last refresh of a table of that server, palloc'ed; NULL if there is
 *		none.
 */
char *
pin_reuse_find(const PinSession *session, const char *key, int seconds)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz created_at;
	TimestampTz ended_at;
	char	   *token;
	char	   *word;

	if (seconds == 0 || !read_file(key, &created_at, &token) || token == NULL ||
		created_at > now ||
		TimestampDifferenceExceeds(created_at, now, seconds * 1000))
		return NULL;
	if (read_file(end_name(session->options->serverid), &ended_at, &word) &&
		(word == NULL || created_at <= ended_at))
		return NULL;
	return token;
}

/*
 * is_orphan
 *		Whether a file is of a database, a server or a user mapping that is gone.
 *
 * What a transaction has created that is still under way looks the same to
 * others; then a report more is made.
 */
static bool
is_orphan(const char *name)
{
	unsigned int database;
	unsigned int serverid;
	unsigned int role;
	int			nparts = sscanf(name, "%u.%u.%u.", &database, &serverid, &role);

	if (nparts < 2)
		return false;
	if (database != MyDatabaseId)
		return !SearchSysCacheExists1(DATABASEOID, ObjectIdGetDatum(database));
	if (nparts == 2)
		return !SearchSysCacheExists1(FOREIGNSERVEROID, ObjectIdGetDatum(serverid));
	return !SearchSysCacheExists2(USERMAPPINGUSERSERVER, ObjectIdGetDatum(role),
								  ObjectIdGetDatum(serverid));
}

/*
 * pin_reuse_sweep
 *		Removes the files that nobody needs any more.
 */
void
pin_reuse_sweep(void)
{
	time_t		oldest = time(NULL) - FILE_LIFETIME_S;
	time_t		oldest_took = time(NULL) - TOOK_LIFETIME_S;
	DIR		   *dir = AllocateDir(PG_STAT_TMP_DIR);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = ReadDirExtended(dir, PG_STAT_TMP_DIR, DEBUG1)) != NULL)
	{
		const char *name = entry->d_name + strlen(FILE_PREFIX);
		char		path[MAXPGPATH];
		struct stat status;

		if (strncmp(entry->d_name, FILE_PREFIX, strlen(FILE_PREFIX)) != 0)
			continue;
		file_path(path, name);
		if (is_orphan(name) ||
			(stat(path, &status) == 0 &&
			 status.st_mtime < (strstr(name, "." TOOK_WORD) != NULL ? oldest_took : oldest)))
			unlink(path);
	}
	FreeDir(dir);
}

/*
 * sweep
 *		Does so now and then.
 */
static void
sweep(void)
{
	static TimestampTz swept_at = 0;
	TimestampTz now = GetCurrentTimestamp();

	if (swept_at != 0 &&
		!TimestampDifferenceExceeds(swept_at, now, SWEEP_INTERVAL_MS))
		return;
	swept_at = now;
	pin_reuse_sweep();
}

/*
 * write_file
 *		Writes what a file says, see read_file(); false, with errno set, if that
 *		is not possible.  path: its own, filled in.
 */
static bool
write_file(char *path, const char *name, TimestampTz at, const char *word)
{
	char		partial[MAXPGPATH];
	char	   *text = psprintf(INT64_FORMAT " %s\n", at, word);
	int			fd;
	int			error;
	bool		good;

	/* complete under another name first, so that nobody reads half of it */
	file_path(path, name);
	file_path(partial, psprintf("%s.%d", name, MyProcPid));
	fd = OpenTransientFile(partial, O_WRONLY | O_CREAT | O_TRUNC | PG_BINARY);
	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) == (ssize_t) strlen(text);
	good = CloseTransientFile(fd) == 0 && good;
	if (good && rename(partial, path) == 0)
		return true;
	error = errno;
	unlink(partial);
	errno = error;
	return false;
}

/*
 * pin_reuse_store
 *		Remembers a report that was asked for at that time.
 */
void
pin_reuse_store(const char *key, const char *token, TimestampTz created_at)
{
	char		path[MAXPGPATH];

	if (strlen(token) > PIN_MAX_TOKEN || strchr(token, '\n') != NULL)
		return;
	sweep();
	if (!write_file(path, key, created_at, token))
		ereport(DEBUG1,
				(errcode_for_file_access(),
				 errmsg_internal("could not remember a report in file \"%s\": %m", path)));
}

/*
 * pin_reuse_end
 *		A refresh has loaded a table: what was asked of its server up to now is
 *		not to be used again, by anyone in this database.
 *
 * Live queries would be older than the table otherwise.  If that cannot be
 * written, it is a warning, as queries still are what Pinterest had a little
 * earlier.
 */
void
pin_reuse_end(Oid serverid)
{
	char		path[MAXPGPATH];

	sweep();
	if (!write_file(path, end_name(serverid), GetCurrentTimestamp(), "end"))
		ereport(WARNING,
				(errcode_for_file_access(),
				 errmsg("live queries may use reports that are older than the refresh"),
				 errdetail("Could not write file \"%s\": %m.", path),
				 errhint("SET pinterest_fdw.report_reuse = 0 has a session ask for new ones.")));
}

/*
 * pin_reuse_forget
 *		A report is not to be used again.
 */
void
pin_reuse_forget(const char *key)
{
	char		path[MAXPGPATH];

	file_path(path, key);
	unlink(path);
}

/*
 * pin_took_key
 *		What stands for a kind of reports: those of an advertiser, by the same
 *		resource, granularity and number of days.
 *
 * range: the days.  The result is palloc'ed.
 */
char *
pin_took_key(const PinSession *session, const char *advertiser_id,
			 const PinRange *range)
{
	const PinOptions *options = session->options;
	char	   *kind = psprintf("%s %s %d %d %s", options->resource->name,
								options->template_id != NULL ? options->template_id : "-",
								options->granularity, range->end - range->start,
								advertiser_id);

	return psprintf("%u.%u." TOOK_WORD "%s", MyDatabaseId, options->serverid,
					pin_digest("took", kind));
}

/*
 * pin_took_find
 *		How long the last report of a kind took, in milliseconds; 0 if nobody knows.
 */
int64
pin_took_find(const char *key)
{
	TimestampTz at;
	char	   *word;
	long		took_ms;

	if (!read_file(key, &at, &word) || word == NULL)
		return 0;
	took_ms = strtol(word, NULL, 10);
	return took_ms >= SHORTEST_TOOK_MS && took_ms <= LONGEST_TOOK_MS ? took_ms : 0;
}

/*
 * pin_took_store
 *		Remembers how long a report of a kind took, in milliseconds.
 */
void
pin_took_store(const char *key, int64 took_ms)
{
	char		path[MAXPGPATH];

	file_path(path, key);
	if (took_ms < SHORTEST_TOOK_MS)
		unlink(path);
	else if (!write_file(path, key, GetCurrentTimestamp(),
						 psprintf(INT64_FORMAT, took_ms)))
		ereport(DEBUG1,
				(errcode_for_file_access(),
				 errmsg_internal("could not remember how long a report took in file \"%s\": %m", path)));
}
