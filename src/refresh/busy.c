/*-------------------------------------------------------------------------
 *
 * busy.c
 *	  What is told of a table that is being refreshed already.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "base/progress.h"
#include "refresh/busy.h"
#include "refresh/inspect.h"
#include "refresh/log.h"

/*
 * add_progress
 *		Adds how far a refresh is, if that can be seen.
 */
static void
add_progress(StringInfo words, const PinRunRecord *run)
{
	PinProgress progress;
	uint64		windows;
	uint64		rows;

	if (run->progress == DSM_HANDLE_INVALID ||
		!pin_progress_read(run->progress, run->id, &progress))
		return;
	windows = pg_atomic_read_u64(&progress.windows);
	rows = pg_atomic_read_u64(&progress.rows);
	if (pg_atomic_read_u64(&progress.applying) != 0)
		appendStringInfo(words, _(" It is applying the download; rows downloaded: %llu."),
						 (unsigned long long) rows);
	else if (windows > 0)
		appendStringInfo(words, _(" Reports ready: %llu of %llu; rows downloaded: %llu."),
						 (unsigned long long) pg_atomic_read_u64(&progress.windows_ready),
						 (unsigned long long) windows,
						 (unsigned long long) rows);
	else
		appendStringInfo(words, _(" Rows downloaded: %llu."),
						 (unsigned long long) rows);
}

/*
 * pin_refresh_under_way
 *		Since when, by whom and how far a table is being refreshed, in sentences;
 *		NULL if that is not on record yet, or no more.
 */
char *
pin_refresh_under_way(Oid target)
{
	ListCell   *lc;

	foreach(lc, pin_runs_open(target))
	{
		const PinRunRecord *run = lfirst(lc);
		char	   *role;
		PinRunState state;
		StringInfoData words;

		pin_inspect_run(run->id, target, run->pid, &state);
		if (!state.running)
			continue;
		role = GetUserNameFromId(run->role, true);
		initStringInfo(&words);
		appendStringInfo(&words, _("Role \"%s\" has been refreshing it since %s, in the process with PID %d."),
						 role != NULL ? role : "?",
						 timestamptz_to_str(run->started_at -
											run->started_at % USECS_PER_SEC),
						 run->pid);
		add_progress(&words, run);
		return words.data;
	}
	return NULL;
}
