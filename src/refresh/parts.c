/*-------------------------------------------------------------------------
 *
 * parts.c
 *	  The parts of a table that a refresh has loaded.
 *
 * A refresh changes nothing but rows of pairs of an advertiser and days that were
 * read to their end.  There can be thousands of these.  As nearly all advertisers
 * have the same days, a few conditions on many advertisers say the same.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "refresh/parts.h"

/*
 * compare_loaded
 *		Order by advertiser, and by time.
 */
static int
compare_loaded(const ListCell *a, const ListCell *b)
{
	const PinLoaded *one = lfirst(a);
	const PinLoaded *other = lfirst(b);
	int			result = strcmp(one->advertiser_id != NULL ? one->advertiser_id : "",
								other->advertiser_id != NULL ? other->advertiser_id : "");

	if (result != 0)
		return result;
	return one->range.start < other->range.start ? -1 :
		one->range.start > other->range.start;
}

/*
 * add_part
 *		Adds an advertiser with days of its own to the parts.
 */
static void
add_part(PinRefresh *refresh, const PinLoaded *loaded, bool has_range)
{
	PinPart    *part;
	ListCell   *lc;

	foreach(lc, refresh->parts)
	{
		part = lfirst(lc);
		if (part->has_range == has_range && part->zone == loaded->zone &&
			(!has_range || (part->range.start == loaded->range.start &&
							part->range.end == loaded->range.end)))
			break;
	}
	if (lc == NULL)
	{
		part = palloc0(sizeof(PinPart));
		part->has_range = has_range;
		part->range = loaded->range;
		part->zone = loaded->zone;
		refresh->parts = lappend(refresh->parts, part);
	}
	if (loaded->advertiser_id != NULL)
		part->advertiser_ids = lappend(part->advertiser_ids,
									   unconstify(char *, loaded->advertiser_id));
}

/*
 * pin_refresh_note_loaded
 *		Remembers what has been read to its end: a List of PinLoaded, which must
 *		live as long as the refresh.
 */
void
pin_refresh_note_loaded(PinRefresh *refresh, List *loaded)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);
	bool		has_range = refresh->source->date >= 0;
	List	   *sorted = list_copy(loaded);
	PinLoaded	run = {0};
	ListCell   *lc;

	refresh->loaded = loaded;
	refresh->parts = NIL;
	refresh->advertisers = NIL;
	list_sort(sorted, compare_loaded);
	foreach(lc, sorted)
	{
		const PinLoaded *next = lfirst(lc);

		if (next->advertiser_id != NULL &&
			(lc == list_head(sorted) ||
			 strcmp(next->advertiser_id, run.advertiser_id) != 0))
			refresh->advertisers = lappend(refresh->advertisers,
										   unconstify(char *, next->advertiser_id));

		/* days that adjoin are one range */
		if (has_range && lc != list_head(sorted) &&
			strcmp(next->advertiser_id, run.advertiser_id) == 0 &&
			next->zone == run.zone && next->range.start <= run.range.end + 1)
		{
			run.range.end = Max(run.range.end, next->range.end);
			continue;
		}
		if (lc != list_head(sorted))
			add_part(refresh, &run, has_range);
		run = *next;
	}
	if (sorted != NIL)
		add_part(refresh, &run, has_range);
	MemoryContextSwitchTo(oldcontext);
}
