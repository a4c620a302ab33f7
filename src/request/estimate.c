/*-------------------------------------------------------------------------
 *
 * estimate.c
 *	  How many rows a request may give, and what it costs.
 *
 * ANALYZE is the best source; then comes what this backend read last, and
 * then a guess.  Nothing here talks to Pinterest.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "optimizer/optimizer.h"
#include "utils/hsearch.h"

#include "base/dates.h"
#include "catalog/catalog.h"
#include "request/estimate.h"
#include "request/window.h"

/*
 * Costs, in units of a sequential page read.  They stand for 0.1 s of a request,
 * and 5 s of waiting for a report, which all reports of a scan do at the same
 * time; a row is half a kilobyte of JSON and more, which the network has to carry,
 * and takes some 0.02 ms.  The planner had better repeat neither for each row of
 * an outer relation, unless there are few.
 *
 * They are a five-hundredth of that time, as a page read takes 0.1 ms where the
 * defaults fit: the planner compares them with each other in the first place.  But
 * what is above jit_above_cost is compiled, which nobody can cancel, and waiting is
 * not computing.  The costs of hundreds of foreign tables below one parent add up,
 * although their waits do not.
 */
#define REQUEST_COST		2.0
#define REPORT_COST			100.0
#define ROW_COST			0.0005

/* A report is asked for, polled at least once, and downloaded */
#define REQUESTS_PER_REPORT 3

/* Rows of one entity list or one day of a report, if nothing better is known */
#define DEFAULT_ROWS		20

/* Values that a targeting type has, and entities below another, likewise */
#define DEFAULT_VALUES		5
#define DEFAULT_CHILDREN	10

/* What this backend read last of a table */
typedef struct LastRead
{
	Oid			relid;			/* hash key */
	PinGranularity granularity;
	double		rows;			/* for each advertiser, period and, if there
								 * are any, targeting type */
	double		advertisers;
} LastRead;

static HTAB *last_reads = NULL;

/*
 * count_periods
 *		Days, weeks or the like that a report has rows of; 1 for lists.
 */
static double
count_periods(const PinOptions *options, const PinRequest *request)
{
	double		days = 0;
	ListCell   *lc;

	if (!pin_has_days(request->resource))
		return 1;
	foreach(lc, request->ranges)
	{
		PinRange   *range = lfirst(lc);

		days += range->end - range->start + 1;
	}
	switch (options->granularity)
	{
		case PIN_HOUR:
			return days * 24;
		case PIN_WEEK:
			return Max(days / 7, 1);
		case PIN_MONTH:
			return Max(days / 30, 1);
		case PIN_TOTAL:
			return 1;
		default:
			return days;
	}
}

/*
 * pin_note_rows
 *		Remembers how many rows a request gave, for as long as the backend
 *		lives.
 *
 * Only requests that were not narrowed by filters tell of the others.
 */
void
pin_note_rows(const PinOptions *options, const PinRequest *request,
			  double nrows)
{
	double		advertisers = Max(list_length(request->advertiser_ids), 1);
	LastRead   *last;

	if (list_length(request->filters) > list_length(options->filters))
		return;
	if (last_reads == NULL)
	{
		HASHCTL		ctl = {0};

		ctl.keysize = sizeof(Oid);
		ctl.entrysize = sizeof(LastRead);
		last_reads = hash_create("pinterest_fdw last reads", 32, &ctl,
								 HASH_ELEM | HASH_BLOBS);
	}
	last = hash_search(last_reads, &options->relid, HASH_ENTER, NULL);
	last->granularity = options->granularity;
	last->rows = nrows / (advertisers * count_periods(options, request) *
						  Max(list_length(request->types), 1));
	last->advertisers = advertisers;
}

/*
 * is_of_entity
 *		Whether a filter is about the ids of a resource's own entities: those of
 *		its key, but for the ad groups that entities are shared by.
 */
static bool
is_of_entity(const PinResource *resource, const char *filter)
{
	for (int i = 0; i < resource->nkeys; i++)
	{
		size_t		len = strlen(resource->keys[i].name);

		if (resource->kind == PIN_REPORT &&
			resource->keys[i].source != PIN_FROM_ENTITY)
			continue;
		if (strncmp(filter, resource->keys[i].name, len) == 0 &&
			strcmp(filter + len, "s") == 0)
			return true;
	}
	return false;
}

/*
 * filtered_share
 *		The share of all rows that pass the filters which the conditions added
 *		to the table's own.
 *
 * entities: how many there may be.  Ids are as rare as entities are many, those
 * of entities above them less so; a few statuses make up most of an account,
 * so that their share is no small one.
 */
static double
filtered_share(const PinOptions *options, const PinRequest *request,
			   double entities)
{
	double		share = 1;
	ListCell   *lc;

	foreach(lc, request->filters)
	{
		PinFilter  *filter = lfirst(lc);
		double		nvalues = list_length(filter->values);

		if (list_member_ptr(options->filters, filter))
			continue;
		if (strstr(filter->name, "_ids") == NULL)
			share *= Min(1, 0.5 + nvalues / 10);
		else
			share *= Min(1, nvalues / Max(entities, 1) *
						 (is_of_entity(request->resource, filter->name) ? 1 :
						  DEFAULT_CHILDREN));
	}
	return share;
}

/*
 * pin_estimate_rows
 *		How many rows a request may give.
 */
double
pin_estimate_rows(const PinOptions *options, const PinRequest *request)
{
	LastRead   *last = NULL;
	double		advertisers = list_length(request->advertiser_ids);
	double		rows = DEFAULT_ROWS;

	if (request->is_empty)
		return 0;
	if (last_reads != NULL)
		last = hash_search(last_reads, &options->relid, HASH_FIND, NULL);
	if (last != NULL && last->granularity != options->granularity)
		last = NULL;

	if (last != NULL)
		rows = last->rows;
	else if (request->types != NIL)
		rows *= DEFAULT_VALUES;
	if (advertisers == 0)
		advertisers = last != NULL ? last->advertisers : 1;
	return rows * advertisers * count_periods(options, request) *
		Max(list_length(request->types), 1) *
		filtered_share(options, request,
					   request->types != NIL ? DEFAULT_ROWS : rows * advertisers);
}

/*
 * cost_of_row
 *		What it costs to read a row, which is parsed value by value: two thousand of
 *		them count like one operator.
 */
static double
cost_of_row(int ncolumns)
{
	return ROW_COST + cpu_operator_cost * (ncolumns + 1) / 2000;
}

/*
 * pin_estimate_analytics
 *		What it costs to get nrows rows from synchronous analytics in so many
 *		requests.
 */
void
pin_estimate_analytics(const PinOptions *options, int nrequests, double nrows,
					   int ncolumns, double *startup, double *total)
{
	*startup = REQUEST_COST * ceil((double) nrequests / options->max_connections);
	*total = *startup + cost_of_row(ncolumns) * nrows;
}

/*
 * pin_estimate_cost
 *		What it costs to carry a request out and read its nrows rows.
 *
 * ncolumns: how many columns of each row are read.
 */
void
pin_estimate_cost(const PinOptions *options, const PinRequest *request,
				  double nrows, int ncolumns, double *startup, double *total)
{
	double		lists = Max(list_length(request->advertiser_ids), 1) *
		list_length(request->batches);
	double		side_by_side = options->max_connections;

	*startup = *total = 0;
	if (request->is_empty)
		return;

	if (request->resource->kind == PIN_REPORT)
	{
		double		reports = lists * Max(list_length(request->ranges), 1) *
			ceil((double) Max(list_length(request->types), 1) /
				 Max(request->resource->max_types, 1));

		*startup = REPORT_COST + REQUEST_COST *
			ceil(reports * REQUESTS_PER_REPORT / side_by_side);
		*total = *startup;
	}
	else
	{
		double		page_size = Max(request->resource->page_size, 1);
		double		pages;

		/* these have a list for each parent, and those of the parents */
		if (request->resource->listing == PIN_LIST_BY_AD_GROUP ||
			request->resource->listing == PIN_LIST_BY_PARENT)
			lists *= 1 + Max(nrows / page_size, DEFAULT_ROWS);
		else if (request->resource->listing == PIN_LIST_BY_TYPE)
			lists = Max(list_length(request->types), 1);
		else if (request->resource->listing == PIN_LIST_BY_CHOICE)
			lists *= Max(list_length(request->types), 1);
		else if (request->resource->listing == PIN_LIST_BELOW)
			lists *= 1 + Max(nrows / page_size, DEFAULT_ROWS);
		else if (request->resource->listing == PIN_LIST_BY_DAY)
			lists = PIN_LISTED_DAYS;
		if (pin_has_days(request->resource))
			lists *= Max(list_length(request->ranges), 1);
		pages = Max(lists, nrows / page_size);

		*startup = REQUEST_COST;
		*total = REQUEST_COST * ceil(pages / Min(lists, side_by_side));
	}

	*total += cost_of_row(ncolumns) * nrows;
}
