/*-------------------------------------------------------------------------
 *
 * aside.c
 *	  Downloads that are put aside while another one is being read.
 *
 * Reports are read one after the other, and of those that nobody reads yet some
 * hundred kilobytes arrive in memory; then they rest.  If the one that is being
 * read comes slowly, the others need not: what has arrived of them goes into
 * temporary files, up to a limit, and more can come.
 *
 * A file costs more than to leave things where they are.  So a download rests until
 * the reader has had nothing to do for most of that time.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/session.h"
#include "base/tempfile.h"
#include "source/aside.h"

/* How long the reader must have had nothing to do, in milliseconds */
#define IDLE_MS			100

/* Bytes in the files of a scan at the same time, at most */
#define MAX_ASIDE		(INT64CONST(256) * 1024 * 1024)

/* So many are read at once. */
#define CHUNK			(64 * 1024)

/* What has been put aside of a download */
struct PinAside
{
	File		file;			/* PIN_NO_FILE: none yet, or any more */
	off_t		begin;			/* of what has not been taken yet */
	off_t		end;
	MemoryContextCallback callback;
};

/*
 * close_file
 *		Closes a file, which is deleted by that.  Callback of the memory context of
 *		the scan, for files are not the transaction's: a cursor goes on after a
 *		subtransaction.
 */
static void
close_file(void *arg)
{
	struct PinAside *aside = arg;

	if (aside->file != PIN_NO_FILE)
		FileClose(aside->file);
	aside->file = PIN_NO_FILE;
}

/*
 * has_room
 *		Whether what has arrived of a download may be put aside.  The scan must not
 *		fail for lack of room that it can do without.
 */
static bool
has_room(const PinReport *report, const PinWindow *window)
{
	int64		limit = temp_file_limit < 0 ? MAX_ASIDE :
		Min(MAX_ASIDE, (int64) temp_file_limit * 1024 / 4);

	return report->aside + window->call->request->len <= limit;
}

/*
 * put
 *		Puts aside what has arrived of a download.
 */
static void
put(PinReport *report, PinWindow *window)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(report->session->cxt);
	struct PinAside *aside = window->aside;
	StringInfoData buf;

	if (aside == NULL)
	{
		aside = palloc0(sizeof(struct PinAside));
		aside->callback.func = close_file;
		aside->callback.arg = aside;
		MemoryContextRegisterResetCallback(report->session->cxt, &aside->callback);
		window->aside = aside;
	}
	if (aside->file == PIN_NO_FILE)
		aside->file = pin_file_create();
	initStringInfo(&buf);
	if (pin_call_read(window->call, &buf))
	{
		pin_file_write(aside->file, aside->end, buf.data, buf.len);
		aside->end += buf.len;
		report->aside += buf.len;
	}
	pfree(buf.data);
	MemoryContextSwitchTo(oldcontext);
}

/*
 * rests
 *		Whether a download that nobody reads has come as far as it gets.
 */
static bool
rests(const PinReport *report, const PinWindow *window)
{
	return window->state == WINDOW_READING && window != report->reading &&
		pin_call_has_input(window->call) &&
		(window->call->request->paused || window->call->request->done);
}

/*
 * pin_aside_run
 *		Has the session of a report run once, since there is nothing to read, and
 *		puts aside downloads that rest.
 */
void
pin_aside_run(PinReport *report)
{
	TimestampTz now = GetCurrentTimestamp();
	bool		waits = false;

	for (int i = 0; i < report->nwindows && report->reading != NULL; i++)
	{
		PinWindow  *window = &report->windows[i];
		int64		idle = report->idle - window->idle_before;

		if (!rests(report, window) || !has_room(report, window))
			continue;
		if (window->rests_since == 0)
		{
			window->rests_since = now;
			window->idle_before = report->idle;
		}
		else if (idle >= IDLE_MS * INT64CONST(1000) &&
				 2 * idle >= now - window->rests_since)
		{
			/* more of it may have been at hand */
			while (rests(report, window) && has_room(report, window))
			{
				CHECK_FOR_INTERRUPTS();
				put(report, window);
			}
			continue;
		}
		waits = true;
	}

	/* nothing else may happen that we would wake up for */
	report->session->wake_at = waits ?
		TimestampTzPlusMilliseconds(now, IDLE_MS) : DT_NOEND;
	pin_session_run(report->session);
	report->session->wake_at = DT_NOEND;
	report->idle += GetCurrentTimestamp() - now;
}

/*
 * pin_aside_has
 *		Whether something of a download has been put aside, and not taken yet.
 */
bool
pin_aside_has(const PinWindow *window)
{
	return window->aside != NULL && window->aside->begin < window->aside->end;
}

/*
 * pin_aside_take
 *		Takes some of that, which comes before all that arrives; false if there is
 *		none.
 */
bool
pin_aside_take(PinReport *report, PinWindow *window, StringInfo buf)
{
	struct PinAside *aside = window->aside;
	int			len;

	if (!pin_aside_has(window))
		return false;
	len = Min(aside->end - aside->begin, CHUNK);
	enlargeStringInfo(buf, len);
	pin_file_read(aside->file, aside->begin, buf->data + buf->len, len);
	aside->begin += len;
	buf->len += len;
	buf->data[buf->len] = '\0';
	report->aside -= len;
	return true;
}

/*
 * pin_aside_free
 *		Gives up what has been put aside of a download.
 */
void
pin_aside_free(PinReport *report, PinWindow *window)
{
	struct PinAside *aside = window->aside;

	if (aside == NULL)
		return;
	report->aside -= aside->end - aside->begin;
	close_file(aside);
	aside->begin = aside->end = 0;
}
