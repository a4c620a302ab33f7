/*-------------------------------------------------------------------------
 *
 * poll.c
 *	  When to ask whether a report is ready.
 *
 * Polls spend the same quota as requests for reports, which is 300 a minute, and
 * a statement is to leave four fifths of that to others.  Each report needs one
 * poll, which says where to get it.  The polls that come too early are what can be
 * saved:
 *
 * - Pauses grow.  Each is a quarter longer than the one before, so that a report
 *   is noticed late by about a quarter of the time that it took.
 * - The reports of a scan take turns.  They are much alike, so that one poll says
 *   enough about all of them; once a report is ready, the others are asked about
 *   without a pause, and more and more of them at once.  So there are about as
 *   many polls in vain for a thousand reports as for one: LONGEST_TURN_MS keeps
 *   them below 60 a minute.
 * - What such reports took the last time is remembered (see reuse.c), and the
 *   first poll comes a little before that.
 *
 * This is arithmetic alone.  All times are in milliseconds.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "source/poll.h"

/* The shortest and the longest pause between the polls of a report */
#define FIRST_PAUSE_MS		100
#define LONGEST_PAUSE_MS	30000

/* The longest pause between polls in vain of two reports */
#define LONGEST_TURN_MS		1250

/*
 * longer
 *		The pause after another one.
 */
static int64
longer(int64 pause_ms, int64 most_ms)
{
	return Min(pause_ms + pause_ms / 4, most_ms);
}

/*
 * pin_polls_init
 *		Begins with the reports of a scan.
 *
 * expected_ms: what such a report took the last time; 0: nobody knows.
 */
void
pin_polls_init(PinPolls *polls, int64 expected_ms)
{
	memset(polls, 0, sizeof(PinPolls));
	polls->expected_ms = expected_ms;
	polls->pause_ms = FIRST_PAUSE_MS;
	polls->not_before = DT_NOBEGIN;
	polls->width = 1;
}

/*
 * pin_poll_begin
 *		Begins with a report that Pinterest has just taken the request for.
 */
void
pin_poll_begin(PinPoll *poll, TimestampTz created_at)
{
	poll->created_at = created_at;
	poll->asked_at = 0;
	poll->pause_ms = 0;
}

/*
 * pin_poll_due
 *		When a report is to be asked about next, which may be in the past.
 */
TimestampTz
pin_poll_due(const PinPolls *polls, const PinPoll *poll)
{
	TimestampTz due;

	if (poll->asked_at == 0)
		due = TimestampTzPlusMilliseconds(poll->created_at,
										  Max(polls->expected_ms * 9 / 10, FIRST_PAUSE_MS));
	else
		due = TimestampTzPlusMilliseconds(poll->asked_at, poll->pause_ms);
	return Max(due, polls->not_before);
}

/*
 * pin_poll_early
 *		A report was not ready.
 *
 * One whose first poll comes late, since other scans of the statement were read
 * before, is asked about as rarely as if it had been asked about all the time;
 * one that is expected any moment, often.
 */
void
pin_poll_early(PinPolls *polls, PinPoll *poll, TimestampTz at)
{
	int64		age_ms = TimestampDifferenceMilliseconds(poll->created_at, at);

	if (poll->asked_at == 0)
		poll->pause_ms = age_ms < 2 * polls->expected_ms ?
			Max(polls->expected_ms / 20, FIRST_PAUSE_MS) :
			Max(age_ms / 5, FIRST_PAUSE_MS);
	poll->pause_ms = longer(poll->pause_ms, LONGEST_PAUSE_MS);
	poll->asked_at = at;
	polls->early_ms = Max(polls->early_ms, age_ms);
	polls->pause_ms = longer(polls->pause_ms, LONGEST_TURN_MS);
	polls->not_before = TimestampTzPlusMilliseconds(at, polls->pause_ms);
	polls->width = 1;
}

/*
 * pin_poll_ready
 *		A report was ready.  Returns what to remember of how long it took; 0:
 *		nothing.
 *
 * most: how many polls there may be at once.  A poll in vain tells that a report
 * took longer than that, but the next one may come much later, if other scans were
 * read meanwhile.  Without a poll in vain, all that is known is that an expectation
 * was too long.
 */
int64
pin_poll_ready(PinPolls *polls, const PinPoll *poll, TimestampTz at, int most)
{
	int64		age_ms = TimestampDifferenceMilliseconds(poll->created_at, at);
	int64		expected_ms = polls->expected_ms;

	polls->width = Min(polls->width * 2, most);

	/* others that were asked for later need not be polled earlier */
	if (expected_ms == 0 || age_ms < expected_ms)
		polls->expected_ms = age_ms;
	if (polls->early_ms > 0)
		return Min(age_ms, polls->early_ms * 3 / 2 + FIRST_PAUSE_MS);
	return expected_ms > 0 ? Min(age_ms, expected_ms) * 2 / 3 : 0;
}
