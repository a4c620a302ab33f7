/*-------------------------------------------------------------------------
 *
 * asked.c
 *	  What a call asks of a refresh.
 *
 * Without "since" and "last", a report is loaded from its historical date on.
 * Either of them wins over that.  What Pinterest no longer has cannot be loaded:
 * then the oldest day that it still has is the first one.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/argument.h"
#include "base/dates.h"
#include "refresh/asked.h"

/* Arguments after the first, in the order of refresh() and refresh_all() */
enum
{
	ARG_SINCE = 1,
	ARG_LAST,
	ARG_ALLOW_DELETION
};

/*
 * pin_check_last
 *		Refuses days to load that are less than one.  NULL: everything.
 */
void
pin_check_last(const Interval *last)
{
	if (last != NULL && pin_interval_days(last) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"last\" must be at least one day"),
				 errhint("Give an interval counted back from today, such as '30 days'.")));
}

/*
 * pin_asked_days
 *		Reads the arguments since and last of an SQL function, which come after the
 *		first one.
 *
 * Raises 22023 if they exclude each other or are no such thing.
 */
PinAsked
pin_asked_days(FunctionCallInfo fcinfo)
{
	PinAsked	asked = {0};

	asked.has_since = !PG_ARGISNULL(ARG_SINCE);
	asked.has_last = !PG_ARGISNULL(ARG_LAST);
	if (asked.has_since && asked.has_last)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"since\" and \"last\" exclude each other"),
				 errhint("Give the first day to load as \"since\", or how far back from today as \"last\".")));
	if (asked.has_since)
		asked.since = PG_GETARG_DATEADT(ARG_SINCE);
	if (asked.has_last)
		asked.last = *PG_GETARG_INTERVAL_P(ARG_LAST);
	if (asked.has_last)
		pin_check_last(&asked.last);
	return asked;
}

/*
 * pin_asked
 *		Likewise these and allow_deletion, which comes after them.
 *
 * function: its name, for messages.  Raises 22004 if the last one is null.
 */
PinAsked
pin_asked(FunctionCallInfo fcinfo, const char *function)
{
	PinAsked	asked = pin_asked_days(fcinfo);

	pin_check_argument(fcinfo, ARG_ALLOW_DELETION, function, "allow_deletion");
	asked.allow_deletion = PG_GETARG_BOOL(ARG_ALLOW_DELETION);
	return asked;
}

/*
 * pin_asked_since
 *		First day that a call asks for; returns false if it leaves that to the
 *		historical date.
 *
 * today: what "last" is counted back from, when the turn of the table comes.
 */
bool
pin_asked_since(const PinAsked *asked, DateADT today, DateADT *since)
{
	if (asked->has_since)
		*since = asked->since;
	if (asked->has_last)
		*since = pin_days_ago(today, &asked->last);
	return asked->has_since || asked->has_last;
}

/*
 * pin_asked_apply
 *		Lets what a call asks for take the place of the historical date in the
 *		options that a report is read by.
 */
void
pin_asked_apply(const PinAsked *asked, PinOptions *options)
{
	PinHistory *history = &options->historical_date;

	if (asked->has_since)
	{
		history->is_day = true;
		history->day = asked->since;
	}
	if (asked->has_last)
	{
		history->is_day = false;
		history->span = asked->last;
	}
}
