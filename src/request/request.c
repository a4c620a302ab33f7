/*-------------------------------------------------------------------------
 *
 * request.c
 *	  What a scan asks of Pinterest: options narrowed by conditions.
 *
 * Everything that decides which requests are sent comes together here, once
 * the values of the conditions are known; whoever carries a request out, or
 * shows it, needs nothing else.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"

#include "base/dates.h"
#include "base/text.h"
#include "option/option.h"
#include "option/value.h"
#include "request/request.h"
#include "request/window.h"

/*
 * More batches than this are not asked for, the filters taken together.  A report
 * without a filter is one request instead of many then, and few pages of a list
 * hold as much.
 */
#define MAX_BATCHES			8

/* Longest id but for those of product items, which come from feeds */
#define ID_DIGITS			18

/*
 * is_id_filter
 *		Whether a filter goes by ids, else it goes by statuses and the like.
 */
static bool
is_id_filter(const char *name)
{
	size_t		len = strlen(name);

	return len > 4 && strcmp(name + len - 4, "_ids") == 0;
}

/*
 * pin_request_filter
 *		A filter of a request, or NULL.
 */
PinFilter *
pin_request_filter(const PinRequest *request, const char *name)
{
	ListCell   *lc;

	foreach(lc, request->filters)
	{
		PinFilter  *filter = lfirst(lc);

		if (strcmp(filter->name, name) == 0)
			return filter;
	}
	return NULL;
}

/*
 * set_filter
 *		Sets a filter of a request, in the place of one of the same name.
 */
static void
set_filter(PinRequest *request, const char *name, List *values)
{
	PinFilter  *old = pin_request_filter(request, name);
	PinFilter  *filter = palloc(sizeof(PinFilter));

	/* that one may be the option's, which stays as it is */
	if (old != NULL)
		request->filters = list_delete_ptr(list_copy(request->filters), old);
	filter->name = name;
	filter->values = values;
	request->filters = lappend(request->filters, filter);
}

/*
 * may_be_blank
 *		Whether rows of a report may have no id of those that a filter goes by, which
 *		is an empty text then: that of a parent in the natural key, see reader.c.
 */
static bool
may_be_blank(const PinOptions *options, const char *name)
{
	ListCell   *lc;

	foreach(lc, options->key)
	{
		const PinColumn *column = lfirst(lc);

		if (options->resource->kind == PIN_REPORT &&
			column->source == PIN_FROM_FIELD &&
			(strcmp(name, psprintf("%ss", column->name)) == 0 ||
			 (strcmp(name, "ad_ids") == 0 &&
			  strcmp(column->name, "pin_promotion_id") == 0)))
			return true;
	}
	return false;
}

/*
 * possible_ids
 *		Those of some values that can be ids, as far as that is known.
 *
 * Whatever else a query compares with matches nothing, and Pinterest would
 * refuse to be asked for it.  False if some value might match what cannot be
 * asked for: an id of another form, or, with "blank", none.
 */
static bool
possible_ids(const PinResource *resource, const char *name, bool blank,
			 List *values, List **ids)
{
	bool		is_item = strcmp(name, "product_item_ids") == 0;
	bool		is_ours = resource->listing == PIN_LIST_BELOW &&
		strcmp(name, PIN_PARENT_IDS) == 0;
	ListCell   *lc;

	*ids = NIL;
	foreach(lc, values)
	{
		const char *value = lfirst(lc);
		size_t		len = strlen(value);

		/* Pinterest is not asked for those, they are compared here */
		if (is_ours)
			*ids = lappend(*ids, (void *) value);
		else if (len > 0 && strspn(value, "0123456789") == len &&
			len <= (is_item ? PIN_ID_DIGITS : ID_DIGITS))
			*ids = lappend(*ids, (void *) value);
		else if (is_item || (blank && len == 0))
			return false;
	}
	return true;
}

/*
 * narrow_list
 *		Those of some values that a set has.
 */
static List *
narrow_list(List *values, const PinValueSet *set)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, values)
	{
		if (pin_value_set_has(set, lfirst(lc)))
			result = lappend(result, lfirst(lc));
	}
	return result;
}

/*
 * narrow_ids
 *		Takes into account that rows belong to some entities.
 *
 * The filter is added to *candidates, unless the option that it narrows is in
 * the request already.
 */
static void
narrow_ids(PinRequest *request, const PinOptions *options, const char *name,
		   const PinValueSet *set, List **candidates)
{
	PinFilter  *standing = pin_request_filter(request, name);
	List	   *ids;

	if (standing != NULL)
	{
		ids = narrow_list(standing->values, set);
		if (ids == NIL)
			request->is_empty = true;
		set_filter(request, name, ids);
	}
	else if (!set->is_negated &&
			 possible_ids(request->resource, name, may_be_blank(options, name),
						  set->values, &ids))
	{
		PinFilter  *filter;

		if (ids == NIL)
			request->is_empty = true;
		if (list_length(ids) > MAX_BATCHES * request->resource->max_ids)
			return;
		filter = palloc(sizeof(PinFilter));
		filter->name = name;
		filter->values = ids;
		*candidates = lappend(*candidates, filter);
	}
}

/*
 * narrow_choice
 *		Takes into account that rows have some of the values that a parameter
 *		can have.
 *
 * Without a standing filter a report may have rows with values that the
 * parameter does not know, so that only values which it does know can be
 * pushed; of entities, Pinterest is asked for all statuses that it knows, so
 * there are no others.  A status that few rows do not have is not worth a
 * second request, so that more values than one may have are not pushed.
 */
static void
narrow_choice(PinRequest *request, const char *name, const PinValueSet *set)
{
	PinFilter  *standing = pin_request_filter(request, name);
	int			max;
	List	   *known;
	List	   *values;
	ListCell   *lc;

	if (strcmp(name, PIN_PARENT_TYPES) == 0)
	{
		if (!set->is_negated)
			set_filter(request, name, set->values);
		return;
	}
	known = pin_option_values(name, &max);
	if (standing != NULL || request->resource->kind == PIN_ENTITY)
	{
		List	   *before = standing != NULL ? standing->values : known;

		values = narrow_list(before, set);
		if (values == NIL)
			request->is_empty = true;
		if (list_length(values) < list_length(before))
			set_filter(request, name, values);
		return;
	}
	if (set->is_negated)
		return;
	values = narrow_list(known, set);
	if (list_length(values) > max)
		return;
	foreach(lc, set->values)
	{
		if (!pin_has_string(known, lfirst(lc)))
			return;
	}
	if (values == NIL)
		request->is_empty = true;
	else
		set_filter(request, name, values);
}

/*
 * max_values
 *		How many values of a filter Pinterest can be asked for at once.
 */
static int
max_values(const PinResource *resource, const PinFilter *filter)
{
	return strcmp(filter->name, PIN_OWNERSHIP) == 0 ? 1 : resource->max_ids;
}

/*
 * count_batches
 *		In how many parts Pinterest has to be asked for the values of a filter.
 */
static int
count_batches(const PinResource *resource, const PinFilter *filter)
{
	int			max = max_values(resource, filter);

	return (list_length(filter->values) + max - 1) / max;
}

/*
 * distance
 *		How far the entities of a filter are above the rows; the nearer, the
 *		fewer rows does each id stand for.
 */
static int
distance(const PinFilter *filter)
{
	static const char *const above[] = {
		"ad_ids", "product_group_ids", "ad_group_ids", "campaign_ids"
	};

	for (int i = 0; i < (int) lengthof(above); i++)
	{
		if (strcmp(filter->name, above[i]) == 0)
			return i + 1;
	}
	return 0;					/* product items, and the rows themselves */
}

/*
 * take_best
 *		Takes a filter out of some: the one that takes the fewest requests, and of
 *		several such ones the one nearest to the rows.
 */
static PinFilter *
take_best(const PinResource *resource, List **candidates)
{
	PinFilter  *best = NULL;
	ListCell   *lc;

	foreach(lc, *candidates)
	{
		PinFilter  *filter = lfirst(lc);
		int			more = best == NULL ? -1 :
			count_batches(resource, filter) - count_batches(resource, best);

		if (more < 0 || (more == 0 && distance(filter) < distance(best)))
			best = filter;
	}
	*candidates = list_delete_ptr(*candidates, best);
	return best;
}

/*
 * choose_ids
 *		Adds the filters by ids that a request is sent with.
 *
 * Pinterest is asked for each part of one filter with each part of the others,
 * so that MAX_BATCHES is for all of them together.  Those of the options come
 * first, and each takes few requests; what then is too much of the query's own is
 * left to the local check.
 */
static void
choose_ids(PinRequest *request, List *candidates)
{
	const PinResource *resource = request->resource;
	int			left = resource->max_id_filters == 1 ? 1 : PG_INT32_MAX;
	int			batches = 1;
	ListCell   *lc;

	foreach(lc, request->filters)
	{
		batches *= Max(count_batches(resource, lfirst(lc)), 1);
		if (is_id_filter(((PinFilter *) lfirst(lc))->name))
			left--;
	}
	request->filters = list_copy(request->filters);
	while (left > 0 && candidates != NIL)
	{
		PinFilter  *filter = take_best(resource, &candidates);
		int			times = Max(count_batches(resource, filter), 1);

		if (batches * times > MAX_BATCHES)
			break;
		batches *= times;
		request->filters = lappend(request->filters, filter);
		left--;
	}
}

/*
 * find_windows
 *		Finds the windows that hold the days which rows can be of, by a calendar.
 */
static List *
find_windows(const PinRequest *request, const PinCalendar *calendar)
{
	const PinOptions *options = request->options;
	PinRange	all = pin_covered_days(options, calendar);
	PinRange	whole = all;
	List	   *days;
	ListCell   *lc;

	/* the label of a period may lie outside of the days asked for */
	pin_widen_range(options, calendar, &whole);
	days = list_make1(&whole);
	if (request->date_tree != NIL)
		days = pin_days(request->date_tree, request->date_values, whole,
						options->granularity == PIN_HOUR, calendar->zone);

	foreach(lc, days)
	{
		PinRange   *range = palloc(sizeof(PinRange));

		*range = *(PinRange *) lfirst(lc);

		/* the last week may turn out to begin on Sunday, and to end later */
		if (options->granularity == PIN_WEEK && calendar->weeks_guessed)
			range->end += 6;
		pin_widen_range(options, calendar, range);
		range->start = Max(range->start, all.start);
		range->end = Min(range->end, all.end);
		lfirst(lc) = range;
	}
	return pin_split_days(options, calendar, days);
}

/*
 * pin_request_set_days
 *		Finds the windows of a request by its calendar.
 *
 * zones: pg_tz * of each of its advertisers, NULL for one that is not known; NIL
 * where all days are UTC's, or while it is not known what else they are.
 */
void
pin_request_set_days(PinRequest *request, List *zones)
{
	ListCell   *lc;

	request->ranges = find_windows(request, &request->calendar);
	request->local = NIL;
	foreach(lc, zones)
	{
		PinCalendar calendar = request->calendar;
		PinLocalDays *days = palloc(sizeof(PinLocalDays));

		days->zone = calendar.zone = lfirst(lc);
		days->ranges = find_windows(request, &calendar);
		request->local = lappend(request->local, days);
	}
}

/*
 * value_place
 *		Finds the next value in a tree of conditions; false after the last one.
 *
 * next: where to look, and then where to go on.
 */
static bool
value_place(List *tree, int *next, int *place)
{
	while (*next < list_length(tree))
	{
		PinTest		test = list_nth_int(tree, (*next)++);

		if (test == PIN_NOTHING)
			continue;
		*place = list_nth_int(tree, (*next)++);
		if (test != PIN_AND && test != PIN_OR)
			return true;
	}
	return false;
}

/*
 * copy_values
 *		The values that a tree of conditions compares with, at their places.
 */
static PinValue *
copy_values(List *tree, const PinValue *values)
{
	PinValue   *copies;
	int			count = 0;
	int			next = 0;
	int			place;

	while (value_place(tree, &next, &place))
		count = Max(count, place + 1);
	copies = palloc0(Max(count, 1) * sizeof(PinValue));
	for (next = 0; value_place(tree, &next, &place);)
	{
		copies[place] = values[place];
		if (values[place].is_known && !values[place].is_null)
		{
			int16		len;
			bool		byval;

			get_typlenbyval(values[place].type, &len, &byval);
			copies[place].value = datumCopy(values[place].value, byval, len);
		}
	}
	return copies;
}

/*
 * equal_values
 *		Whether the values are the same that two requests of one scan compare
 *		days with.
 */
static bool
equal_values(const PinRequest *a, const PinRequest *b)
{
	int			next = 0;
	int			place;

	while (value_place(a->date_tree, &next, &place))
	{
		const PinValue *one = &a->date_values[place];
		const PinValue *other = &b->date_values[place];
		int16		len;
		bool		byval;

		if (one->is_known != other->is_known ||
			(one->is_known && one->is_null != other->is_null))
			return false;
		if (!one->is_known || one->is_null)
			continue;
		get_typlenbyval(one->type, &len, &byval);
		if (!datumIsEqual(one->value, other->value, byval, len))
			return false;
	}
	return true;
}

/*
 * pin_request_split
 *		Splits the filters of a request into batches, each with as many values
 *		as Pinterest takes.
 *
 * A row passes one batch at most, since what is split are the ids of its own
 * entity or of one above that, or who owns it.  Where each parent has a list of its
 * own, a filter by parents says which lists there are, and so is in no batch.
 */
void
pin_request_split(PinRequest *request)
{
	bool		by_ad_group = request->resource->listing == PIN_LIST_BY_AD_GROUP &&
		request->resource->kind == PIN_ENTITY;
	ListCell   *lc;

	request->batches = list_make1(NIL);
	foreach(lc, request->filters)
	{
		PinFilter  *filter = lfirst(lc);
		int			nvalues = list_length(filter->values);
		int			max = max_values(request->resource, filter);
		List	   *more = NIL;

		if ((by_ad_group && strcmp(filter->name, "ad_group_ids") == 0) ||
			strcmp(filter->name, PIN_PARENT_IDS) == 0 ||
			strcmp(filter->name, PIN_PARENT_TYPES) == 0)
			continue;
		for (int start = 0; start < nvalues; start += max)
		{
			PinFilter  *part = filter;
			ListCell   *lc2;

			if (nvalues > max)
			{
				part = palloc(sizeof(PinFilter));
				part->name = filter->name;
				part->values = list_truncate(list_copy_tail(filter->values, start),
											 max);
			}
			foreach(lc2, request->batches)
				more = lappend(more, lappend(list_copy(lfirst(lc2)), part));
		}
		request->batches = more;
	}
}

/*
 * pin_request_build
 *		What to ask for.
 *
 * options: of the table; columns: const char *, those to ask a report for;
 * conditions: of the query, see request/condition.h; values: what these compare with.  All
 * of it but the values must live as long as the result, which is made in the current memory
 * context.  Raises 22023 where no windows can cover the days.
 */
PinRequest *
pin_request_build(const PinOptions *options, List *columns, List *conditions,
				  const PinValue *values)
{
	const PinResource *resource = options->resource;
	PinRequest *request = palloc0(sizeof(PinRequest));
	List	   *candidates = NIL;
	ListCell   *lc;

	request->resource = resource;
	request->options = options;
	request->calendar = pin_calendar(GetCurrentStatementStartTimestamp());
	request->columns = columns;
	request->page_size = resource->page_size;

	/* the dictionaries belong to no advertiser */
	if (!pin_resource_is_global(resource))
	{
		request->list_advertisers = options->all_advertisers &&
			(resource->kind == PIN_REPORT ||
			 resource->listing != PIN_LIST_ADVERTISERS);
		request->advertiser_ids = options->advertiser_ids;
	}

	foreach(lc, options->filters)
	{
		PinFilter  *filter = lfirst(lc);

		if (strcmp(filter->name, "targeting_types") == 0)
			request->types = filter->values;
		else
			request->filters = lappend(request->filters, filter);
	}
	if (request->types == NIL)
		request->types = pin_split_words(resource->types);

	foreach(lc, conditions)
	{
		const char *name = pin_condition_name(lfirst(lc));
		PinValueSet *set;

		if (strcmp(name, PIN_SUBJECT_DATE) == 0)
		{
			request->date_tree = pin_condition_tree(lfirst(lc));
			request->date_values = copy_values(request->date_tree, values);
			continue;
		}
		set = pin_value_set(pin_condition_tree(lfirst(lc)), values);
		if (set->is_negated && set->values == NIL)
			continue;
		if (!set->is_negated && set->values == NIL)
			request->is_empty = true;

		if (strcmp(name, PIN_SUBJECT_ADVERTISER) == 0)
		{
			request->advertisers = set;
			if (request->advertiser_ids != NIL)
			{
				request->advertiser_ids = narrow_list(request->advertiser_ids, set);
				if (request->advertiser_ids == NIL)
					request->is_empty = true;
			}
		}
		else if (strcmp(name, "targeting_types") == 0)
		{
			request->types = narrow_list(request->types, set);
			if (request->types == NIL)
				request->is_empty = true;
		}
		else if (is_id_filter(name))
			narrow_ids(request, options, name, set, &candidates);
		else
			narrow_choice(request, name, set);
	}
	if (pin_has_days(resource))
	{
		pin_request_set_days(request, NIL);

		/* there may be other days where the advertisers are */
		if (request->ranges == NIL && !pin_days_are_local(options))
			request->is_empty = true;
	}
	choose_ids(request, candidates);
	pin_request_split(request);
	return request;
}

/*
 * pin_request_advertisers
 *		Those of the listed advertisers, char *, that a request is about.
 */
List *
pin_request_advertisers(const PinRequest *request, List *listed)
{
	return request->advertisers == NULL ? listed :
		narrow_list(listed, request->advertisers);
}

/*
 * pin_request_set_order
 *		Asks for entities in the order of their ids.
 *
 * That is the order of one list; so what would take several is left out, for
 * the local check to do.
 */
void
pin_request_set_order(PinRequest *request, bool descending)
{
	List	   *filters = NIL;
	ListCell   *lc;

	foreach(lc, request->filters)
	{
		if (list_length(((PinFilter *) lfirst(lc))->values) <= request->resource->max_ids)
			filters = lappend(filters, lfirst(lc));
	}
	request->filters = filters;
	pin_request_split(request);
	request->order = descending ? "DESCENDING" : "ASCENDING";
}

/*
 * pin_request_equal
 *		Whether two requests of one scan ask for the same.
 */
bool
pin_request_equal(const PinRequest *a, const PinRequest *b)
{
	ListCell   *lc,
			   *lc2;

	if (a->is_empty || b->is_empty)
		return a->is_empty == b->is_empty;
	if (a->list_advertisers != b->list_advertisers ||
		!pin_equal_strings(a->advertiser_ids, b->advertiser_ids) ||
		!pin_equal_strings(a->types, b->types) ||
		(a->advertisers == NULL) != (b->advertisers == NULL) ||
		(a->advertisers != NULL &&
		 (a->advertisers->is_negated != b->advertisers->is_negated ||
		  !pin_equal_strings(a->advertisers->values, b->advertisers->values))) ||
		list_length(a->filters) != list_length(b->filters) ||
		list_length(a->ranges) != list_length(b->ranges))
		return false;
	if (pin_days_are_local(a->options) && !equal_values(a, b))
		return false;
	forboth(lc, a->filters, lc2, b->filters)
	{
		PinFilter  *one = lfirst(lc);
		PinFilter  *other = lfirst(lc2);

		if (strcmp(one->name, other->name) != 0 ||
			!pin_equal_strings(one->values, other->values))
			return false;
	}
	forboth(lc, a->ranges, lc2, b->ranges)
	{
		PinRange   *one = lfirst(lc);
		PinRange   *other = lfirst(lc2);

		if (one->start != other->start || one->end != other->end)
			return false;
	}
	return true;
}

/*
 * pin_request_place
 *		Place of an advertiser among those of a request, 0 for none.
 */
int
pin_request_place(const PinRequest *request, const char *advertiser_id)
{
	ListCell   *lc;

	foreach(lc, request->advertiser_ids)
	{
		if (advertiser_id != NULL && strcmp(lfirst(lc), advertiser_id) == 0)
			return foreach_current_index(lc);
	}
	return 0;
}
