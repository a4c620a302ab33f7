/*-------------------------------------------------------------------------
 *
 * loaded.c
 *	  What has been read to its end.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "source/loaded.h"

/*
 * is_about
 *		Whether something is about an advertiser and days, which begin on the same
 *		day: the last one may have been refused.
 */
static bool
is_about(const PinLoaded *loaded, const char *advertiser_id,
		 const PinRange *range)
{
	if (loaded->advertiser_id == NULL || advertiser_id == NULL)
		return loaded->advertiser_id == advertiser_id;
	return strcmp(loaded->advertiser_id, advertiser_id) == 0 &&
		loaded->range.start == range->start;
}

/*
 * pin_loaded_find
 *		The first one of a List of PinLoaded about an advertiser and days; NULL if
 *		there is none.
 */
PinLoaded *
pin_loaded_find(List *all, const char *advertiser_id, const PinRange *range)
{
	ListCell   *lc;

	foreach(lc, all)
	{
		if (is_about(lfirst(lc), advertiser_id, range))
			return lfirst(lc);
	}
	return NULL;
}

/*
 * pin_loaded_find_report
 *		Likewise, about one report alone, by its batch of targeting types, NIL if
 *		there are none.
 */
PinLoaded *
pin_loaded_find_report(List *all, const char *advertiser_id,
					   const PinRange *range, List *types)
{
	ListCell   *lc;

	foreach(lc, all)
	{
		PinLoaded  *loaded = lfirst(lc);

		if (is_about(loaded, advertiser_id, range) &&
			(loaded->types == NIL) == (types == NIL) &&
			(types == NIL ||
			 strcmp(linitial(loaded->types), linitial(types)) == 0))
			return loaded;
	}
	return NULL;
}

/*
 * pin_loaded_copy
 *		A copy of a List of PinLoaded in the current memory context, but for the
 *		targeting types, which belong to the request.
 */
List *
pin_loaded_copy(List *all)
{
	List	   *copy = NIL;
	ListCell   *lc;

	foreach(lc, all)
	{
		PinLoaded  *loaded = palloc(sizeof(PinLoaded));

		*loaded = *(PinLoaded *) lfirst(lc);
		if (loaded->advertiser_id != NULL)
			loaded->advertiser_id = pstrdup(loaded->advertiser_id);
		loaded->types = list_copy(loaded->types);
		copy = lappend(copy, loaded);
	}
	return copy;
}
