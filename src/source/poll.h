/*-------------------------------------------------------------------------
 *
 * poll.h
 *	  When to ask whether a report is ready.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_POLL_H
#define PINTEREST_SOURCE_POLL_H

#include "datatype/timestamp.h"

/* The polls of one report */
typedef struct PinPoll
{
	TimestampTz created_at;		/* when Pinterest took the request for it */
	TimestampTz asked_at;		/* the latest one: its answer; 0: there is none */
	int64		pause_ms;		/* before the next one */
} PinPoll;

/* Those of all reports of a scan */
typedef struct PinPolls
{
	int64		expected_ms;	/* what such a report is expected to take; 0: that
								 * is not known */
	int64		early_ms;		/* the age of one that was not ready; 0: none */
	int64		pause_ms;		/* between two polls in vain, whatever they were
								 * about */
	TimestampTz not_before;		/* the next one */
	int			width;			/* how many may be under way */
} PinPolls;

extern void pin_polls_init(PinPolls *polls, int64 expected_ms);
extern void pin_poll_begin(PinPoll *poll, TimestampTz created_at);
extern TimestampTz pin_poll_due(const PinPolls *polls, const PinPoll *poll);
extern void pin_poll_early(PinPolls *polls, PinPoll *poll, TimestampTz at);
extern int64 pin_poll_ready(PinPolls *polls, const PinPoll *poll,
							TimestampTz at, int most);

#endif							/* PINTEREST_SOURCE_POLL_H */
