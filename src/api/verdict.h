/*-------------------------------------------------------------------------
 *
 * verdict.h
 *	  What the answer to a request, or its absence, means.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_API_VERDICT_H
#define PINTEREST_API_VERDICT_H

#include "api/call.h"

typedef enum PinVerdict
{
	PIN_GOOD,
	PIN_FAULT,					/* passes, as a rule */
	PIN_THROTTLED,
	PIN_EXPIRED,				/* link of a download */
	PIN_MOVED,					/* a download, to another place */
	PIN_DENIED,					/* the advertiser, one of many */
	PIN_UNAUTHORIZED,			/* the access token is no good */
	PIN_REFUSED
} PinVerdict;

/* What became of a request */
typedef struct PinOutcome
{
	PinVerdict	verdict;
	int			sqlstate;		/* if this is what the statement fails with */
	int64		pause_ms;		/* as the server demands; -1: it does not say */
	int			code;			/* Pinterest's; 0: none */
	char	   *message;		/* Pinterest's or libcurl's words */
	const char *hint;
	bool		scope_missing;	/* the access token lacks one */
	bool		about_advertiser;	/* nothing else is the reason */
} PinOutcome;

extern PinOutcome pin_judge(PinCall *call);
extern void pin_fail(PinSession *session, PinCall *call,
					 const PinOutcome *outcome);

#endif							/* PINTEREST_API_VERDICT_H */
