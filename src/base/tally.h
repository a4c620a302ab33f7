/*-------------------------------------------------------------------------
 *
 * tally.h
 *	  How many requests have been sent, of all sessions, by the hour.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_TALLY_H
#define PINTEREST_BASE_TALLY_H

/* Kinds of requests, for which Pinterest has limits of their own */
typedef enum PinTallyKind
{
	PIN_TALLY_REPORT,			/* to make a report */
	PIN_TALLY_POLL,				/* whether it is ready */
	PIN_TALLY_ANALYTICS,		/* in the place of a report */
	PIN_TALLY_LIST,				/* pages of lists, and everything else */
	PIN_TALLY_TOKEN,			/* to the token endpoint */
	PIN_TALLY_DOWNLOAD,			/* from elsewhere: Pinterest does not count it */
	PIN_TALLY_ORGANIC,			/* of users, boards and Pins */
	PIN_TALLY_ORGANIC_ANALYTICS,	/* their analytics */
	PIN_TALLY_CATALOGS,
	PIN_TALLY_KINDS
} PinTallyKind;

/* Hours that are kept: today and yesterday at least */
#define PIN_TALLY_HOURS 48

/* The requests of one hour */
typedef struct PinTallyHour
{
	int64		hour;			/* since the epoch of PostgreSQL, by UTC */
	int64		counts[PIN_TALLY_KINDS];
} PinTallyHour;

extern void pin_tally_add(const char *app, PinTallyKind kind);
extern int	pin_tally_read(const char *app, PinTallyHour *hours);
extern int64 pin_tally_today(const char *app);

#endif							/* PINTEREST_BASE_TALLY_H */
