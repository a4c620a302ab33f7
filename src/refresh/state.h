/*-------------------------------------------------------------------------
 *
 * state.h
 *	  A refresh on its way.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_STATE_H
#define PINTEREST_REFRESH_STATE_H

#include "nodes/bitmapset.h"
#include "refresh/asked.h"
#include "refresh/foreign.h"
#include "refresh/lock.h"
#include "refresh/log.h"
#include "refresh/registry.h"
#include "refresh/spool.h"
#include "request/request.h"
#include "source/loaded.h"
#include "source/reader.h"

/*
 * A part of what has been loaded: some days of some advertisers.  All parts
 * together are the rows of the target that a refresh may change.
 */
typedef struct PinPart
{
	bool		has_range;
	PinRange	range;			/* of rows with a date */
	pg_tz	   *zone;			/* whose days these are; NULL: UTC */
	List	   *advertiser_ids; /* char *; NIL: everyone's */
} PinPart;

/* A foreign table that a refresh reads: its source, or one of its children */
typedef struct PinInput
{
	const PinSourceTable *table;
	AttrNumber *attnums;		/* of it, for each column of the source */
	PinReader  *reader;
	PinRequest *request;		/* what it asks for */
	TupleTableSlot *slot;		/* a row of it */
	PinProgress *progress;		/* NULL: nobody looks, or it is the whole of it */
	int			nreports;		/* asked for and not read yet, at most */
	List	   *loaded;			/* PinLoaded *: what was read to its end */
	List	   *empty;			/* PinLoaded *: what of that has no rows */
	List	   *left_out;		/* PinLeftOut * */
} PinInput;

/*
 * A refresh on its way.  Everything it holds lives in a memory context of its
 * own, in temporary files and in shared memory that no transaction owns, so that a
 * procedure may commit between its steps.  pin_refresh_end() gives all of it
 * back, and must be called after an error, too.
 */
typedef struct PinRefresh
{
	struct PinRefresh *next;	/* of those under way in this session */
	MemoryContext context;
	const char *name;			/* of the target when the refresh began */
	Oid			owner;			/* of the target: as whom it is done */
	bool		privileged;		/* the caller has the owner's privileges */
	PinAsked	asked;			/* what the call asks for */
	bool		prepared;		/* all is checked that needs no rows */
	PinRefreshLock lock;
	bool		has_since;		/* what "asked" comes to for this table: */
	DateADT		since;			/* first day to load */
	PinRegistered registered;	/* what was known of the target */
	char	   *differences;	/* of the source from that, see provenance.c; NULL:
								 * none */
	bool		regrained;		/* one of them is the granularity or the key */
	PinRun	   *run;			/* NULL: not on record yet */
	PinSourceTable *source;		/* NULL: not looked at yet, as all below */
	Bitmapset  *missing;		/* source columns that the target lacks */
	bool		is_created;		/* the target, by the present transaction */
	bool		distributed;	/* its rows, see rows.c; known as it is applied */
	DateADT		start;			/* first day to load, if source->date >= 0 */
	TupleDesc	tupdesc;		/* of the download */
	PinInput   *inputs;			/* the foreign tables that are read */
	int			ninputs;
	int			nstarted;		/* the first of them, which have been started */
	dlist_head	channels;		/* PinChannel: what they share, if they are
								 * several */
	List	   *turn;			/* char *: advertisers of this batch; NIL: it is not
								 * known yet, or all are asked for */
	List	   *postponed;		/* char *: those of later ones */
	PinReady	ready;			/* days that were complete when it was started */
	PinKey	   *key;			/* natural key, as the target has it */
	PinSpool   *spool;			/* the download; NULL: none yet, or ... */
	PinSpool   *unfiltered;		/* what of it is being filtered; NULL: nothing */
	struct PinLoad *load;			/* ... it goes into the target as it comes */
	struct PinExtent *extent;			/* whose rows it has, and of which days */
	char	   *null_key;		/* the first key with a null; NULL: none */
	bool		has_days;		/* the download has rows of days: */
	DateADT		first_day;
	DateADT		last_day;
	List	   *loaded;			/* PinLoaded *: what was read to its end */
	List	   *advertisers;	/* char *: of whom something was read to its end */
	List	   *left_out;		/* PinLeftOut *: of whom not everything was, and
								 * why */
	List	   *parts;			/* PinPart *: the same as "loaded", in few */
	PinRefreshResult result;
} PinRefresh;

#endif							/* PINTEREST_REFRESH_STATE_H */
