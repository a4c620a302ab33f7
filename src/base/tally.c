/*-------------------------------------------------------------------------
 *
 * tally.c
 *	  How many requests have been sent, of all sessions, by the hour.
 *
 * Pinterest limits the requests of an app, from whatever session, database or
 * program they come.  What this server sends is counted in files, one for each app,
 * beside those of pg_stat_statements: without shared_preload_libraries there is no
 * shared memory to find again, and a standby cannot write a table.  Base backups
 * leave the directory out.
 *
 * A file has a slot for each of the last hours, which are used in turn.  Whoever
 * adds to one has the file locked for that moment.  What cannot be read or written
 * does no harm: Pinterest counts, too.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgstat.h"
#include "storage/fd.h"
#include "utils/timestamp.h"

#include "base/tally.h"

/*
 * What the files' names begin with, and those of files with other kinds of requests,
 * which other versions have made
 */
#define ALL_PREFIX "pinterest_fdw_usage."
#define FILE_PREFIX ALL_PREFIX "2."

#define HOURS_A_DAY 24

/*
 * this_hour
 *		The present hour.
 */
static int64
this_hour(void)
{
	return GetCurrentTimestamp() / USECS_PER_HOUR;
}

/*
 * file_path
 *		Where the requests of an app are counted.
 */
static void
file_path(char *path, const char *app)
{
	snprintf(path, MAXPGPATH, "%s/%s%s", PG_STAT_TMP_DIR, FILE_PREFIX, app);
}

/*
 * sweep
 *		Removes the files of apps that have sent nothing in all of these hours.
 */
static void
sweep(void)
{
	time_t		oldest = time(NULL) - PIN_TALLY_HOURS * SECS_PER_HOUR;
	DIR		   *dir = AllocateDir(PG_STAT_TMP_DIR);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = ReadDirExtended(dir, PG_STAT_TMP_DIR, DEBUG1)) != NULL)
	{
		char		path[MAXPGPATH];
		struct stat status;

		if (strncmp(entry->d_name, ALL_PREFIX, strlen(ALL_PREFIX)) != 0)
			continue;
		snprintf(path, MAXPGPATH, "%s/%s", PG_STAT_TMP_DIR, entry->d_name);
		if (stat(path, &status) == 0 && status.st_mtime < oldest)
			unlink(path);
	}
	FreeDir(dir);
}

/*
 * add_to_slot
 *		Counts a request in a file that is open.  Returns false, with errno set, if
 *		that fails.
 */
static bool
add_to_slot(int fd, PinTallyKind kind)
{
	int64		hour = this_hour();
	off_t		offset = hour % PIN_TALLY_HOURS * sizeof(PinTallyHour);
	PinTallyHour slot;

	/* it goes with the file's descriptor */
	while (flock(fd, LOCK_EX) != 0)
	{
		if (errno != EINTR)
			return false;
	}
	if (pg_pread(fd, &slot, sizeof(slot), offset) != sizeof(slot) || slot.hour != hour)
	{
		memset(&slot, 0, sizeof(slot));
		slot.hour = hour;
	}
	slot.counts[kind]++;
	return pg_pwrite(fd, &slot, sizeof(slot), offset) == sizeof(slot);
}

/*
 * pin_tally_add
 *		Counts a request of an app, by its digest.
 */
void
pin_tally_add(const char *app, PinTallyKind kind)
{
	char		path[MAXPGPATH];
	int			fd;
	bool		done;

	file_path(path, app);
	fd = OpenTransientFile(path, O_RDWR | PG_BINARY);
	if (fd < 0 && errno == ENOENT)
	{
		sweep();
		fd = OpenTransientFile(path, O_RDWR | O_CREAT | PG_BINARY);
	}
	done = fd >= 0 && add_to_slot(fd, kind);
	if (!done)
		ereport(DEBUG1,
				(errcode_for_file_access(),
				 errmsg_internal("could not count a request in file \"%s\": %m", path)));
	if (fd >= 0)
		CloseTransientFile(fd);
}

/*
 * pin_tally_read
 *		The requests of an app in the last hours, the present one first; hours
 *		without any are left out.
 *
 * hours: has room for PIN_TALLY_HOURS of them.  Returns how many there are.
 */
int
pin_tally_read(const char *app, PinTallyHour *hours)
{
	PinTallyHour slots[PIN_TALLY_HOURS] = {0};
	int64		present = this_hour();
	char		path[MAXPGPATH];
	int			fd;
	int			nslots = 0;
	int			n = 0;

	file_path(path, app);
	fd = OpenTransientFile(path, O_RDONLY | PG_BINARY);
	if (fd >= 0)
	{
		ssize_t		len = pg_pread(fd, slots, sizeof(slots), 0);

		nslots = len < 0 ? 0 : len / sizeof(PinTallyHour);
		CloseTransientFile(fd);
	}
	for (int64 hour = present; hour > present - PIN_TALLY_HOURS; hour--)
	{
		int			place = hour % PIN_TALLY_HOURS;

		if (place < nslots && slots[place].hour == hour)
			hours[n++] = slots[place];
	}
	return n;
}

/*
 * pin_tally_today
 *		How many requests of an app Pinterest has counted since midnight by UTC.
 */
int64
pin_tally_today(const char *app)
{
	PinTallyHour hours[PIN_TALLY_HOURS];
	int64		today = this_hour() / HOURS_A_DAY;
	int64		result = 0;
	int			n = pin_tally_read(app, hours);

	for (int i = 0; i < n; i++)
	{
		if (hours[i].hour / HOURS_A_DAY != today)
			continue;
		for (int kind = 0; kind < PIN_TALLY_KINDS; kind++)
			result += kind == PIN_TALLY_DOWNLOAD ? 0 : hours[i].counts[kind];
	}
	return result;
}
