/*-------------------------------------------------------------------------
 *
 * turn.c
 *	  Whose turn it is among many advertisers.
 *
 * Reports live an hour, in which a quota lets a few thousand of them be asked for.
 * A refresh that takes more than that is done in batches of advertisers: those who
 * have waited longest come first.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "source/order.h"
#include "source/turn.h"

/* Ranks of an advertiser besides its place among those that have been loaded */
#define RANK_DONE	(-1)
#define RANK_NEVER	0

/* An advertiser in line */
typedef struct InLine
{
	char	   *id;
	int			rank;			/* the lowest one is the next */
	int			place;			/* in the request */
} InLine;

/*
 * compare_ids
 *		qsort() and bsearch() comparator.
 */
static int
compare_ids(const void *a, const void *b)
{
	return strcmp(((const InLine *) a)->id, ((const InLine *) b)->id);
}

/*
 * compare_ranks
 *		qsort() comparator.
 */
static int
compare_ranks(const void *a, const void *b)
{
	const InLine *one = a;
	const InLine *other = b;

	if (one->rank != other->rank)
		return one->rank < other->rank ? -1 : 1;
	return one->place < other->place ? -1 : 1;
}

/*
 * compare_places
 *		Likewise.
 */
static int
compare_places(const void *a, const void *b)
{
	return ((const InLine *) a)->place < ((const InLine *) b)->place ? -1 : 1;
}

/*
 * rank_known
 *		The ranks of those of whom something is known, in the order of their ids.
 */
static InLine *
rank_known(const PinRequest *request, int *count)
{
	InLine	   *known;
	ListCell   *lc;

	*count = 0;
	known = palloc((list_length(request->done) + list_length(request->turns) + 1) *
				   sizeof(InLine));
	foreach(lc, request->done)
		known[(*count)++] = (InLine) {lfirst(lc), RANK_DONE, 0};
	foreach(lc, request->turns)
		known[(*count)++] = (InLine) {lfirst(lc), foreach_current_index(lc) + 1, 0};
	qsort(known, *count, sizeof(InLine), compare_ids);
	return known;
}

/*
 * rank_of
 *		The rank of an advertiser.
 */
static int
rank_of(char *id, const InLine *known, int count)
{
	InLine		key = {id, 0, 0};
	const InLine *found = bsearch(&key, known, count, sizeof(InLine), compare_ids);
	int			rank;

	if (found == NULL)
		return RANK_NEVER;
	rank = found->rank;

	/* whoever is done can be among the others as well, once */
	if (found > known && strcmp(found[-1].id, id) == 0)
		rank = Min(rank, found[-1].rank);
	if (found < known + count - 1 && strcmp(found[1].id, id) == 0)
		rank = Min(rank, found[1].rank);
	return rank;
}

/*
 * reports_of_one
 *		How many reports a request takes of each advertiser, at least.
 */
static int
reports_of_one(const PinRequest *request)
{
	return Max(list_length(request->ranges), 1) *
		Max(list_length(request->batches), 1) *
		list_length(pin_order_types(request->types, request->resource->max_types));
}

/*
 * pin_take_turn
 *		Narrows the advertisers of a request to a batch, see PinRequest.most_reports.
 *		Returns those whose turn comes later, a List of char * of the request.
 *
 * Those who are done are neither.
 */
List *
pin_take_turn(PinRequest *request)
{
	int			most = Max(request->most_reports / reports_of_one(request), 1);
	int			nknown;
	InLine	   *known = rank_known(request, &nknown);
	InLine	   *line = palloc((list_length(request->advertiser_ids) + 1) *
							  sizeof(InLine));
	int			count = 0;
	List	   *batch = NIL;
	List	   *rest = NIL;
	ListCell   *lc;

	foreach(lc, request->advertiser_ids)
	{
		int			rank = rank_of(lfirst(lc), known, nknown);

		if (rank != RANK_DONE)
			line[count++] = (InLine) {lfirst(lc), rank, foreach_current_index(lc)};
	}
	qsort(line, count, sizeof(InLine), compare_ranks);
	most = Min(most, count);
	qsort(line, most, sizeof(InLine), compare_places);
	for (int i = 0; i < count; i++)
	{
		if (i < most)
			batch = lappend(batch, line[i].id);
		else
			rest = lappend(rest, line[i].id);
	}
	request->advertiser_ids = batch;
	return rest;
}
