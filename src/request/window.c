/*-------------------------------------------------------------------------
 *
 * window.c
 *	  Windows: the days that one report each can cover.
 *
 * Pinterest prepares a report of so many days at most, by the resource and the
 * granularity.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/dates.h"
#include "request/window.h"

/*
 * What Pinterest's weeks begin with is not documented.  What this backend has seen
 * last is taken for granted, and until then that it is Monday.
 */
static int	seen_week_start = PIN_MONDAY;
static bool weeks_seen = false;

/*
 * pin_calendar
 *		What days are counted by where nothing else is known: days of UTC.
 *
 * now: when that is.
 */
PinCalendar
pin_calendar(TimestampTz now)
{
	PinCalendar calendar = {now, NULL, seen_week_start, !weeks_seen};

	return calendar;
}

/*
 * pin_note_weeks
 *		Remembers what Pinterest's weeks begin with, as rows have shown.
 */
void
pin_note_weeks(int week_start)
{
	seen_week_start = week_start;
	weeks_seen = true;
}

/*
 * pin_days_are_local
 *		Whether the days of a table are those of each ad account's own time zone.
 *
 * A template says by itself what its days are.
 */
bool
pin_days_are_local(const PinOptions *options)
{
	return options->template_id == NULL &&
		options->reporting_timezone != NULL &&
		strcmp(options->reporting_timezone, "AD_ACCOUNT_TIME_ZONE") == 0;
}

/*
 * kept_days
 *		How many days of a table Pinterest has, today included.
 *
 * One of those that the documentation grants is left out, since the day may
 * turn at Pinterest before a request arrives.
 */
static int
kept_days(const PinOptions *options)
{
	return options->granularity == PIN_HOUR ?
		options->resource->hourly_history_days : options->resource->history_days;
}

/*
 * pin_covered_days
 *		The days of an advertiser that a whole load of a report covers.
 *
 * calendar: the advertiser's.  They go from the historical date to today, and no
 * further back than Pinterest has days.  By week or month they begin with the
 * first day of the one in which that date lies, or else of the first whole one
 * that Pinterest still has: the rest of one that has begun before would be less
 * day by day.
 */
PinRange
pin_covered_days(const PinOptions *options, const PinCalendar *calendar)
{
	const PinHistory *history = &options->historical_date;
	PinRange	range;
	DateADT		oldest,
				last;

	range.end = pin_day_of(calendar->now, calendar->zone);
	range.start = history->is_day ? history->day :
		pin_days_ago(range.end, &history->span);
	oldest = range.end - kept_days(options) + 1;
	range.start = Min(Max(range.start, oldest), range.end);
	pin_period(options->granularity, calendar->week_start, range.start,
			   &range.start, &last);
	if (range.start < oldest && last < range.end)
		range.start = last + 1;
	return range;
}

/*
 * pin_widen_range
 *		Extends a range to whole weeks or months, where these are the rows.
 *
 * A row stands for its whole period, whichever days of it were asked for.
 */
void
pin_widen_range(const PinOptions *options, const PinCalendar *calendar,
				PinRange *range)
{
	DateADT		first,
				last;

	pin_period(options->granularity, calendar->week_start, range->start,
			   &range->start, &last);
	pin_period(options->granularity, calendar->week_start, range->end, &first,
			   &range->end);
}

/*
 * pin_split_days
 *		Finds the fewest windows that cover some days and that one report each
 *		can cover.
 *
 * days: PinRange *, in order; they may overlap.  Returns a List of PinRange *,
 * empty if there are no days.  A window begins and ends with a day that is
 * wanted, but never ends in the middle of a week or month that the range goes
 * on with, or else the period would have two rows.  The granularity "total"
 * cannot be split.  Raises 22023 if it would have to be.
 */
List *
pin_split_days(const PinOptions *options, const PinCalendar *calendar, List *days)
{
	int			longest = options->granularity == PIN_HOUR ?
		options->resource->hourly_range_days : options->resource->range_days;
	DateADT		last_end = DATEVAL_NOBEGIN;
	List	   *windows = NIL;
	PinRange   *window = NULL;
	ListCell   *lc;

	foreach(lc, days)
	{
		PinRange   *range = lfirst(lc);
		DateADT		start = Max(range->start, last_end + 1);

		if (options->granularity == PIN_TOTAL &&
			range->end - range->start + 1 > longest)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("granularity \"total\" can cover %d days at most, not %d",
							longest, range->end - range->start + 1),
					 errhint("Set a later \"historical_date\", or another \"granularity\".")));

		while (start <= range->end)
		{
			DateADT		end;

			if (window == NULL || start > window->start + longest - 1)
			{
				window = palloc(sizeof(PinRange));
				window->start = start;
				windows = lappend(windows, window);
			}
			end = Min(range->end, window->start + longest - 1);
			if (end < range->end)
			{
				DateADT		first,
							last;

				/* back to the end of a period */
				pin_period(options->granularity, calendar->week_start, end,
						   &first, &last);
				if (last != end && first > window->start)
					end = first - 1;
			}
			if (end < start)
			{
				/* not even one more period fits */
				window = NULL;
				continue;
			}
			window->end = last_end = end;
			start = end + 1;
			if (start <= range->end)
				window = NULL;	/* it is full */
		}
	}
	return windows;
}
