/*-------------------------------------------------------------------------
 *
 * valueset.c
 *	  The values and days that fulfill conditions.
 *
 * The trees of condition.h are evaluated to sets.  A set may be larger than what
 * fulfills the conditions, never smaller.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "base/text.h"
#include "request/valueset.h"

/* Farther away than any time zone can take a day */
#define FAR_DAYS	3

/* An array of more values than can be asked for narrows nothing */
#define MAX_VALUES	5000

/* A place in a tree */
typedef struct Cursor
{
	List	   *tree;
	int			next;
	const PinValue *values;
	PinRange	all;			/* of days: those that there can be */
	bool		hourly;			/* likewise: rows are of hours, not days */
	pg_tz	   *zone;			/* likewise: whose days they are; NULL: UTC's */
} Cursor;

/* One value, as an element of an array or by itself */
typedef struct Element
{
	Oid			type;
	bool		is_null;
	Datum		value;
} Element;

/*
 * next_item
 *		Next number of a tree.
 */
static int
next_item(Cursor *cursor)
{
	return list_nth_int(cursor->tree, cursor->next++);
}

/*
 * take_elements
 *		The value of a comparison, or the elements of the array that it is.
 *
 * Returns their number, -1 if the value is not known, or they are too many.
 */
static int
take_elements(const PinValue *value, bool is_array, Element **elements)
{
	Datum	   *datums;
	bool	   *nulls;
	int			count;
	Oid			type;
	int16		len;
	bool		byval;
	char		align;

	if (!value->is_known)
		return -1;
	if (!is_array || value->is_null)
	{
		*elements = palloc(sizeof(Element));
		(*elements)->type = value->type;
		(*elements)->is_null = value->is_null;
		(*elements)->value = value->value;
		return 1;
	}
	type = get_element_type(value->type);
	get_typlenbyvalalign(type, &len, &byval, &align);
	deconstruct_array(DatumGetArrayTypeP(value->value), type, len, byval, align,
					  &datums, &nulls, &count);
	if (count > MAX_VALUES)
		return -1;
	*elements = palloc(Max(count, 1) * sizeof(Element));
	for (int i = 0; i < count; i++)
	{
		(*elements)[i].type = type;
		(*elements)[i].is_null = nulls[i];
		(*elements)[i].value = datums[i];
	}
	return count;
}

/*
 * pin_value_set_has
 *		Whether a text is in a set.
 */
bool
pin_value_set_has(const PinValueSet *set, const char *value)
{
	return pin_has_string(set->values, value) != set->is_negated;
}

/*
 * make_set
 *		A set of some texts, or of all but them.
 */
static PinValueSet *
make_set(bool is_negated, List *values)
{
	PinValueSet *set = palloc(sizeof(PinValueSet));

	set->is_negated = is_negated;
	set->values = values;
	return set;
}

/*
 * pick
 *		Those of some texts that are among others, or those that are not.
 */
static List *
pick(List *values, List *others, bool among)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, values)
	{
		if (pin_has_string(others, lfirst(lc)) == among)
			result = lappend(result, lfirst(lc));
	}
	return result;
}

/*
 * both
 *		What two Lists of texts have, each once.
 */
static List *
both(List *a, List *b)
{
	return list_concat_copy(a, pick(b, a, false));
}

/*
 * intersect_sets
 *		What is in both of two sets.
 */
static PinValueSet *
intersect_sets(const PinValueSet *a, const PinValueSet *b)
{
	if (a->is_negated && b->is_negated)
		return make_set(true, both(a->values, b->values));
	if (a->is_negated)
		return make_set(false, pick(b->values, a->values, false));
	return make_set(false, pick(a->values, b->values, !b->is_negated));
}

/*
 * unite_sets
 *		What is in one of two sets: not what neither of them has.
 */
static PinValueSet *
unite_sets(const PinValueSet *a, const PinValueSet *b)
{
	PinValueSet not_a = {!a->is_negated, a->values};
	PinValueSet not_b = {!b->is_negated, b->values};
	PinValueSet *result = intersect_sets(&not_a, &not_b);

	result->is_negated = !result->is_negated;
	return result;
}

/*
 * text_of
 *		A value as Pinterest writes it.
 */
static char *
text_of(const Element *element)
{
	switch (element->type)
	{
		case INT2OID:
			return psprintf("%d", DatumGetInt16(element->value));
		case INT4OID:
			return psprintf("%d", DatumGetInt32(element->value));
		case INT8OID:
			return psprintf(INT64_FORMAT, DatumGetInt64(element->value));
		default:
			return TextDatumGetCString(element->value);
	}
}

/*
 * evaluate_texts
 *		The texts that fulfill a tree.
 */
static PinValueSet *
evaluate_texts(Cursor *cursor)
{
	PinTest		test = next_item(cursor);
	bool		is_negated = test == PIN_NOT_EQUAL || test == PIN_NOT_EQUAL_ALL;
	Element    *elements;
	int			count;
	List	   *values = NIL;

	if (test == PIN_NOTHING)
		return make_set(false, NIL);
	if (test == PIN_AND || test == PIN_OR)
	{
		int			narms = next_item(cursor);
		PinValueSet *result = evaluate_texts(cursor);

		for (int i = 1; i < narms; i++)
		{
			PinValueSet *arm = evaluate_texts(cursor);

			result = test == PIN_AND ? intersect_sets(result, arm) :
				unite_sets(result, arm);
		}
		return result;
	}

	count = take_elements(&cursor->values[next_item(cursor)],
						  test == PIN_EQUAL_ANY || test == PIN_NOT_EQUAL_ALL,
						  &elements);
	if (count < 0)
		return make_set(true, NIL);
	for (int i = 0; i < count; i++)
	{
		char	   *text;

		if (elements[i].is_null)
		{
			/* nothing is equal to null, or surely different from it */
			if (is_negated)
				return make_set(false, NIL);
			continue;
		}
		text = text_of(&elements[i]);
		if (!pin_has_string(values, text))
			values = lappend(values, text);
	}
	return make_set(is_negated, values);
}

/*
 * pin_value_set
 *		The texts that fulfill a tree of comparisons.
 *
 * Made in the current memory context.
 */
PinValueSet *
pin_value_set(List *tree, const PinValue *values)
{
	Cursor		cursor = {tree, 0, values, {0, 0}, false, NULL};

	return evaluate_texts(&cursor);
}

/*
 * add_days
 *		Adds the days from start to end, as far as they are in "all", to a
 *		List of ranges that are in order and lie before them, or touch.
 */
static List *
add_days(List *ranges, int64 start, int64 end, const PinRange *all)
{
	PinRange   *range;

	start = Max(start, all->start);
	end = Min(end, all->end);
	if (start > end)
		return ranges;
	if (ranges != NIL)
	{
		range = llast(ranges);
		if (start <= (int64) range->end + 1)
		{
			range->end = Max(range->end, end);
			return ranges;
		}
	}
	range = palloc(sizeof(PinRange));
	range->start = start;
	range->end = end;
	return lappend(ranges, range);
}

/*
 * intersect_days
 *		The days that two Lists of ranges in order have in common.
 */
static List *
intersect_days(List *a, List *b, const PinRange *all)
{
	List	   *result = NIL;
	int			i = 0,
				j = 0;

	while (i < list_length(a) && j < list_length(b))
	{
		PinRange   *one = list_nth(a, i);
		PinRange   *other = list_nth(b, j);

		result = add_days(result, Max(one->start, other->start),
						  Min(one->end, other->end), all);
		if (one->end < other->end)
			i++;
		else
			j++;
	}
	return result;
}

/*
 * unite_days
 *		The days of two Lists of ranges in order.
 */
static List *
unite_days(List *a, List *b, const PinRange *all)
{
	List	   *result = NIL;
	int			i = 0,
				j = 0;

	while (i < list_length(a) || j < list_length(b))
	{
		PinRange   *one = i < list_length(a) ? list_nth(a, i) : NULL;
		PinRange   *other = j < list_length(b) ? list_nth(b, j) : NULL;

		if (other == NULL || (one != NULL && one->start <= other->start))
		{
			result = add_days(result, one->start, one->end, all);
			i++;
		}
		else
		{
			result = add_days(result, other->start, other->end, all);
			j++;
		}
	}
	return result;
}

/*
 * utc_day
 *		The day in which a timestamp lies, and whether it is its very start.
 */
static int64
utc_day(Timestamp timestamp, bool *is_start)
{
	*is_start = timestamp % USECS_PER_DAY == 0;
	return timestamp / USECS_PER_DAY - (timestamp % USECS_PER_DAY < 0 ? 1 : 0);
}

/*
 * account_day
 *		Likewise, by the days of an ad account.
 */
static int64
account_day(TimestampTz instant, pg_tz *zone, bool *is_start)
{
	DateADT		day = pin_day_of(instant, zone);

	/* days may begin at another time than midnight, and have it twice */
	*is_start = pin_day_of(instant - 1, zone) != day;
	return day;
}

/*
 * local_day
 *		Likewise, in the session's time zone, whose midnights dates are
 *		compared by.
 */
static int64
local_day(TimestampTz instant, bool *is_start)
{
	DateADT		date = utc_day(instant, is_start) - 2;

	while (DatumGetTimestampTz(DirectFunctionCall1(date_timestamptz,
												   DateADTGetDatum(date + 1))) <= instant)
		date++;
	*is_start = DatumGetTimestampTz(DirectFunctionCall1(date_timestamptz,
														DateADTGetDatum(date))) == instant;
	return date;
}

/*
 * compared_days
 *		The days whose rows fulfill one comparison.
 */
static List *
compared_days(PinTest test, const Element *element, const Cursor *cursor)
{
	const PinRange *all = &cursor->all;
	int64		day;
	bool		is_start = true;
	bool		is_minus = false;	/* infinity */
	bool		is_plus = false;
	List	   *result = NIL;

	if (element->is_null)
		return NIL;
	if (element->type == DATEOID)
	{
		day = DatumGetDateADT(element->value);
		is_minus = DATE_IS_NOBEGIN(day);
		is_plus = DATE_IS_NOEND(day);
	}
	else
	{
		/* close enough for what lies far away */
		day = utc_day(DatumGetTimestamp(element->value), &is_start);
		is_minus = TIMESTAMP_IS_NOBEGIN(DatumGetTimestamp(element->value));
		is_plus = TIMESTAMP_IS_NOEND(DatumGetTimestamp(element->value));
	}
	if (is_minus || is_plus)
	{
		/* all days are on one side of it */
		if (test == PIN_NOT_EQUAL ||
			(is_plus && (test == PIN_LESS || test == PIN_LESS_EQUAL)) ||
			(is_minus && (test == PIN_GREATER || test == PIN_GREATER_EQUAL)))
			return add_days(NIL, all->start, all->end, all);
		return NIL;
	}

	if (day < (int64) all->start - FAR_DAYS || day > (int64) all->end + FAR_DAYS)
		 /* no conversion could bring it near, but it might overflow */ ;
	else if (cursor->hourly)
	{
		Datum		value = element->value;

		if (element->type == DATEOID)
			value = DirectFunctionCall1(date_timestamptz, value);
		else if (element->type == TIMESTAMPOID)
			value = DirectFunctionCall1(timestamp_timestamptz, value);
		day = account_day(DatumGetTimestampTz(value), cursor->zone, &is_start);
	}
	else if (element->type == TIMESTAMPTZOID)
		day = local_day(DatumGetTimestampTz(element->value), &is_start);

	/*
	 * Of a table by the hour, the day of the instant has rows on both sides
	 * of it, unless it is the day's start.
	 */
	switch (test)
	{
		case PIN_LESS:
			return add_days(NIL, all->start, is_start ? day - 1 : day, all);
		case PIN_LESS_EQUAL:
			return add_days(NIL, all->start, day, all);
		case PIN_EQUAL:
			if (!is_start && !cursor->hourly)
				return NIL;
			return add_days(NIL, day, day, all);
		case PIN_GREATER_EQUAL:
			return add_days(NIL, is_start || cursor->hourly ? day : day + 1,
							all->end, all);
		case PIN_GREATER:
			return add_days(NIL, cursor->hourly ? day : day + 1, all->end, all);
		case PIN_NOT_EQUAL:
			if (!is_start || cursor->hourly)
				return add_days(NIL, all->start, all->end, all);
			result = add_days(NIL, all->start, day - 1, all);
			return add_days(result, day + 1, all->end, all);
		default:
			elog(ERROR, "unrecognized test: %d", (int) test);
			return NIL;			/* keep compiler quiet */
	}
}

/*
 * evaluate_days
 *		The days that fulfill a tree, as a List of PinRange * in order.
 */
static List *
evaluate_days(Cursor *cursor)
{
	PinTest		test = next_item(cursor);
	Element    *elements;
	int			count;
	bool		is_any = test == PIN_EQUAL_ANY;
	List	   *result;

	if (test == PIN_NOTHING)
		return NIL;
	if (test == PIN_AND || test == PIN_OR)
	{
		int			narms = next_item(cursor);

		result = evaluate_days(cursor);
		for (int i = 1; i < narms; i++)
		{
			List	   *arm = evaluate_days(cursor);

			result = test == PIN_AND ? intersect_days(result, arm, &cursor->all) :
				unite_days(result, arm, &cursor->all);
		}
		return result;
	}

	count = take_elements(&cursor->values[next_item(cursor)],
						  is_any || test == PIN_NOT_EQUAL_ALL, &elements);
	if (count < 0)
		return add_days(NIL, cursor->all.start, cursor->all.end, &cursor->all);
	if (is_any)
		test = PIN_EQUAL;
	else if (test == PIN_NOT_EQUAL_ALL)
		test = PIN_NOT_EQUAL;
	result = is_any ? NIL :
		add_days(NIL, cursor->all.start, cursor->all.end, &cursor->all);
	for (int i = 0; i < count; i++)
	{
		List	   *days = compared_days(test, &elements[i], cursor);

		result = is_any ? unite_days(result, days, &cursor->all) :
			intersect_days(result, days, &cursor->all);
	}
	return result;
}

/*
 * pin_days
 *		The days whose rows fulfill a tree of comparisons, as a List of
 *		PinRange * in order that do not touch.
 *
 * all: the days that there can be; hourly: rows are of hours, in days of a zone
 * (NULL: UTC).  Made in the current memory context.
 */
List *
pin_days(List *tree, const PinValue *values, PinRange all, bool hourly,
		 pg_tz *zone)
{
	Cursor		cursor = {tree, 0, values, all, hourly, zone};

	return evaluate_days(&cursor);
}
