/*-------------------------------------------------------------------------
 *
 * state.h
 *	  State of the reports of a scan.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_STATE_H
#define PINTEREST_SOURCE_STATE_H

#include "api/call.h"
#include "json/stream.h"
#include "request/request.h"
#include "source/poll.h"

typedef enum PinWindowState
{
	WINDOW_NEW,
	WINDOW_CREATING,			/* the request for the report is under way */
	WINDOW_WAITING,				/* for its turn to be asked about */
	WINDOW_POLLING,				/* the question whether it is ready is under way */
	WINDOW_READY,
	WINDOW_READING,				/* or downloaded ahead */
	WINDOW_DONE					/* read to its end, or left out */
} PinWindowState;

/* A report, which is of a window of days */
typedef struct PinWindow
{
	PinWindowState state;
	const char *advertiser_id;
	PinRange	range;			/* days that are asked for */
	pg_tz	   *zone;			/* whose days these are; NULL: UTC's */
	bool		end_refused;	/* it was asked for with one more day */
	int			pair;			/* number of the advertiser and the range */
	int			turn;			/* when it is asked for, see nasked */
	List	   *filters;		/* PinFilter * */
	List	   *types;			/* targeting types, of char * */
	PinCall    *call;			/* creation, poll or download */
	char	   *token;			/* of the report */
	char	   *url;
	TimestampTz linked_at;		/* when we got the link */
	PinPoll		poll;
	bool		recreated;		/* a lost report is created anew only once */
	char	   *reuse_key;		/* under which it is remembered; NULL: it is
								 * not */
	bool		reused;			/* made for an earlier scan */
	bool		was_gone;		/* one that was to be reused */
	int64		size;			/* in bytes, as Pinterest says; -1: it does not */
	PinCall    *download;		/* waits for a new link */
	int			renewals;		/* without a byte in between */
	int			nspared;		/* pin_spare_count() when it was asked for */
	bool		left_out;		/* it was not read to its end */
	int64		rows;			/* read */

	/* private to aside.c */
	struct PinAside *aside;		/* what nobody reads yet, in a file; NULL: nothing */
	TimestampTz rests_since;	/* the download, for the first time; 0: never */
	int64		idle_before;	/* report->idle at that time */
} PinWindow;

typedef struct PinReport
{
	PinSession *session;
	const PinRequest *request;
	PinJsonFields *fields;		/* to pick from each row */
	int			nreused;
	PinWindow  *windows;
	int			nwindows;
	int			npairs;			/* of an advertiser and a range */
	int			nasked;			/* windows of an earlier turn are asked for */
	PinPolls	polls;
	char	   *took_key;		/* under which is remembered what they took; NULL:
								 * nobody has asked yet */
	bool		took_stored;	/* it has been remembered */
	PinWindow  *reading;		/* the one that is being read, or NULL */
	PinJsonStream *stream;		/* of that one */
	MemoryContext stream_cxt;
	int64		aside;			/* bytes of reports that are in files */
	int64		idle;			/* how long there was nothing to read, in
								 * microseconds */
} PinReport;

#endif							/* PINTEREST_SOURCE_STATE_H */
