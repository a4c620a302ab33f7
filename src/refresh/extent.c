/*-------------------------------------------------------------------------
 *
 * extent.c
 *	  Whose rows a download has, and of which days.
 *
 * Of which days that is, whoever reads the log wants to know; and hardly ever has
 * a row come that does not belong to what was read to its end.  Both can be told
 * without another look at the rows.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/text.h"
#include "refresh/extent.h"
#include "refresh/sql.h"

/*
 * pin_date_number
 *		A value of the date column as an integer, in which days are in order.
 */
int64
pin_date_number(const PinRefresh *refresh, Datum value)
{
	return pin_day_type(refresh) == DATEOID ? DatumGetDateADT(value) :
		DatumGetTimestamp(value);
}

/*
 * pin_number_day
 *		The day, one of UTC, of such an integer.
 */
DateADT
pin_number_day(const PinRefresh *refresh, int64 number)
{
	if (pin_day_type(refresh) == DATEOID)
		return (DateADT) number;
	if (TIMESTAMP_IS_NOBEGIN(number))
		return DATEVAL_NOBEGIN;
	if (TIMESTAMP_IS_NOEND(number))
		return DATEVAL_NOEND;
	return (DateADT) (number < 0 ? (number + 1) / USECS_PER_DAY - 1 :
					  number / USECS_PER_DAY);
}

/*
 * pin_extent_create
 *		The extent of no rows yet, in the memory of a refresh.
 *
 * A list of advertisers is nobody's.
 */
PinExtent *
pin_extent_create(const PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	PinExtent  *extent = MemoryContextAllocZero(refresh->context,
												sizeof(PinExtent));
	const PinResource *resource = source->options->resource;

	extent->context = refresh->context;
	extent->tupdesc = refresh->tupdesc;
	extent->date = source->date;
	extent->advertiser = resource->kind == PIN_ENTITY &&
		resource->listing == PIN_LIST_ADVERTISERS ? -1 : source->advertiser;
	return extent;
}

/*
 * find_span
 *		The span that a row belongs to: the last one, or a new one.
 */
static PinSpan *
find_span(PinExtent *extent, const Datum *values, const bool *nulls)
{
	PinSpan    *span = extent->spans == NIL ? NULL : llast(extent->spans);
	Form_pg_attribute att = extent->advertiser < 0 ? NULL :
		TupleDescAttr(extent->tupdesc, extent->advertiser);
	MemoryContext oldcontext;

	if (span != NULL &&
		(att == NULL ||
		 (span->is_nobody == nulls[extent->advertiser] &&
		  (span->is_nobody ||
		   datumIsEqual(span->advertiser, values[extent->advertiser],
						att->attbyval, att->attlen)))))
		return span;
	oldcontext = MemoryContextSwitchTo(extent->context);
	span = palloc0(sizeof(PinSpan));
	span->is_nobody = att == NULL || nulls[extent->advertiser];
	if (!span->is_nobody)
		span->advertiser = datumCopy(values[extent->advertiser], att->attbyval,
									 att->attlen);
	extent->spans = lappend(extent->spans, span);
	MemoryContextSwitchTo(oldcontext);
	return span;
}

/*
 * pin_extent_add
 *		Adds a row, whose columns are those of the source.
 */
void
pin_extent_add(PinExtent *extent, const Datum *values, const bool *nulls)
{
	PinSpan    *span = find_span(extent, values, nulls);
	int64		number;

	if (extent->date < 0 || nulls[extent->date])
		return;
	number = TupleDescAttr(extent->tupdesc, extent->date)->attlen == sizeof(DateADT) ?
		DatumGetDateADT(values[extent->date]) :
		DatumGetTimestamp(values[extent->date]);
	if (!span->has_dates || number < span->first)
		span->first = number;
	if (!span->has_dates || number > span->last)
		span->last = number;
	span->has_dates = true;
}

/*
 * is_loaded
 *		Whether the rows of a span are all of one part of what was loaded.
 *
 * advertiser: as a text.
 */
static bool
is_loaded(const PinSpan *span, const char *advertiser, const PinRefresh *refresh)
{
	ListCell   *lc;

	foreach(lc, refresh->parts)
	{
		const PinPart *part = lfirst(lc);

		if (part->advertiser_ids != NIL &&
			(advertiser == NULL ||
			 !pin_has_string(part->advertiser_ids, advertiser)))
			continue;
		if (!part->has_range)
			return true;
		if (span->has_dates &&
			span->first >= pin_date_number(refresh,
										   pin_day_value(refresh, part->range.start,
														 part->zone)) &&
			span->last < pin_date_number(refresh,
										 pin_day_value(refresh, part->range.end + 1,
													   part->zone)))
			return true;
	}
	return false;
}

/*
 * pin_extent_is_loaded
 *		Whether all rows are known to belong to what was read to its end.
 */
bool
pin_extent_is_loaded(const PinExtent *extent, const PinRefresh *refresh)
{
	Oid			output = InvalidOid;
	bool		is_varlena;
	ListCell   *lc;

	if (extent->advertiser >= 0)
		getTypeOutputInfo(TupleDescAttr(extent->tupdesc,
										extent->advertiser)->atttypid,
						  &output, &is_varlena);
	foreach(lc, extent->spans)
	{
		const PinSpan *span = lfirst(lc);

		if (!is_loaded(span, span->is_nobody ? NULL :
					   OidOutputFunctionCall(output, span->advertiser), refresh))
			return false;
	}
	return true;
}

/*
 * pin_extent_note_days
 *		Notes the first and the last day in a refresh.
 */
void
pin_extent_note_days(const PinExtent *extent, PinRefresh *refresh)
{
	ListCell   *lc;

	refresh->has_days = false;
	foreach(lc, extent->spans)
	{
		const PinSpan *span = lfirst(lc);
		DateADT		first = pin_number_day(refresh, span->first);
		DateADT		last = pin_number_day(refresh, span->last);

		if (!span->has_dates)
			continue;
		refresh->first_day = refresh->has_days ? Min(refresh->first_day, first) : first;
		refresh->last_day = refresh->has_days ? Max(refresh->last_day, last) : last;
		refresh->has_days = true;
	}
}
