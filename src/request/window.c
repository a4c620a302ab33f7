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

#include "utils/datetime.h"

#include "base/dates.h"
#include "request/window.h"

/*
 * pin_widen_range
 *		Extends a range to whole weeks or months, where these are the rows.
 *
 * A row stands for its whole period, whichever days of it were asked for.
 */
void
pin_widen_range(const PinOptions *options, PinRange *range)
{
	DateADT		first,
				last;

	pin_period(options->granularity, range->start, &range->start, &last);
	pin_period(options->granularity, range->end, &first, &range->end);
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
pin_split_days(const PinOptions *options, List *days)
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
				pin_period(options->granularity, end, &first, &last);
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
