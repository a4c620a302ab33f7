/*-------------------------------------------------------------------------
 *
 * parent.c
 *	  Entities that have lists of their own for each of their parents.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/text.h"
#include "catalog/catalog.h"
#include "source/parent.h"

const PinParent pin_parents[PIN_PARENTS] = {
	{"advertisers", NULL, NULL, "advertiser adaccount"},
	{"campaigns", "campaign_ids", "campaign_id", "campaign"},
	{"ad_groups", "ad_group_ids", "ad_group_id", "adgroup"}
};

/*
 * pin_lists_by_parent
 *		Whether each parent of some kinds has a list of its own, and these are asked
 *		for.
 *
 * Promoted product groups whose ids are known are asked for by these.
 */
bool
pin_lists_by_parent(const PinRequest *request)
{
	return request->resource->listing == PIN_LIST_BELOW ||
		request->resource->listing == PIN_LIST_BY_PARENT ||
		(request->resource->listing == PIN_LIST_BY_AD_GROUP &&
		 pin_request_filter(request, "product_group_promotion_ids") == NULL);
}

/*
 * pin_asks_parent
 *		Whether the parents of a kind are asked for what belongs to them.
 *
 * A condition on their type excludes the others, if it names nothing that we do not
 * know: how Pinterest writes the types is not documented.
 */
bool
pin_asks_parent(const PinRequest *request, const PinParent *parent)
{
	PinFilter  *types = pin_request_filter(request, PIN_PARENT_TYPES);
	bool		found = false;
	ListCell   *lc;

	if (request->resource->listing == PIN_LIST_BY_AD_GROUP)
		return strcmp(parent->resource, "ad_groups") == 0;
	if (types == NULL)
		return true;
	foreach(lc, types->values)
	{
		char	   *type = pstrdup(lfirst(lc));
		char	   *out = type;
		bool		known = false;

		for (const char *in = type; *in != '\0'; in++)
		{
			if (*in != '_')
				*out++ = pg_ascii_tolower((unsigned char) *in);
		}
		*out = '\0';
		for (int i = 0; i < PIN_PARENTS; i++)
			known = known || pin_has_word(pin_parents[i].types, type);
		if (!known)
			return true;
		found = found || pin_has_word(parent->types, type);
	}
	return found;
}
