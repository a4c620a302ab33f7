/*-------------------------------------------------------------------------
 *
 * listopen.c
 *	  One list: how it is opened, asked for page by page, and dropped.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "api/session.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "http/url.h"
#include "option/option.h"
#include "option/settings.h"
#include "source/idset.h"
#include "source/listopen.h"
#include "source/listpath.h"
#include "source/loaded.h"

/*
 * pin_list_ranges
 *		How many ranges of days each advertiser is asked for; 1 if there are no days.
 */
int
pin_list_ranges(const PinRequest *request)
{
	return pin_has_days(request->resource) ? list_length(request->ranges) : 1;
}

/*
 * pin_list_parts
 *		How many lists of the same days an advertiser, or a parent, has.
 */
int
pin_list_parts(const PinRequest *request)
{
	const PinResource *resource = request->resource;

	if (resource->listing == PIN_LIST_BELOW)
		return Max(list_length(request->types), 1);
	return resource->listing == PIN_LIST_BY_CHOICE ?
		list_length(request->types) : list_length(request->batches);
}

/*
 * pin_list_is_asked
 *		Whether days of an advertiser are asked for.
 */
bool
pin_list_is_asked(const PinRequest *request, const char *advertiser_id,
		 const PinRange *range)
{
	return request->pairs == NIL ||
		pin_loaded_find(request->pairs, advertiser_id, range) != NULL;
}

/*
 * find_optional
 *		Prepares a list for the refusal of a filter.
 *
 * Pinterest calls the ids of ad groups in the list of these a beta.
 */
static void
find_optional(PinList *list, const PinRequest *request, const PinNextList *next)
{
	PinNextList other = *next;
	ListCell   *lc;

	if (strcmp(request->resource->path, "ad_groups") != 0)
		return;
	other.filters = NIL;
	foreach(lc, next->filters)
	{
		PinFilter  *filter = lfirst(lc);

		if (strcmp(filter->name, "ad_group_ids") == 0)
			list->optional = filter->values;
		else
			other.filters = lappend(other.filters, filter);
	}
	if (list->optional != NIL)
		list->longer_path = MemoryContextStrdup(GetMemoryChunkContext(list),
												pin_list_first_page(request, &other));
}

/*
 * has_own_ids
 *		Whether no two lists of a resource have entities of the same key: that says
 *		which list it is, if not its days do.
 */
static bool
has_own_ids(const PinResource *resource)
{
	if (pin_has_days(resource))
		return true;
	for (int i = 0; i < resource->nkeys; i++)
	{
		const char *name = resource->keys[i].api_name;

		if ((resource->stamp != NULL && strcmp(name, resource->stamp) == 0) ||
			(resource->choice_stamp != NULL &&
			 strcmp(name, resource->choice_stamp) == 0))
			return true;
	}
	return resource->listing == PIN_LIST_BY_TYPE;
}

/*
 * set_ids
 *		Gives a list what remembers the ids that came.
 */
static void
set_ids(PinEntities *entities, PinList *list)
{
	list->has_own_ids = has_own_ids(entities->request->resource);
	if (list->has_own_ids)
		list->ids = pin_id_set_create();
	else
	{
		if (entities->ids[list->place] == NULL)
			entities->ids[list->place] = pin_id_set_create();
		list->ids = entities->ids[list->place];
		entities->nopen[list->place]++;
	}
}

/*
 * pin_list_open
 *		Adds a list to those to be read.
 */
void
pin_list_open(PinEntities *entities, const PinNextList *next)
{
	const PinRequest *request = entities->request;
	const PinResource *resource = request->resource;
	MemoryContext old;
	PinList    *list;
	ListCell   *lc;

	old = MemoryContextSwitchTo(entities->session->cxt);
	list = palloc0(sizeof(PinList));
	list->advertiser_id = next->advertiser_id;
	list->place = pin_request_place(request, next->advertiser_id);
	if (resource->listing == PIN_LIST_BY_TYPE)
		list->type = pstrdup(next->item);
	if (resource->stamp != NULL && next->item != NULL &&
		(resource->parents_at_once == 0 || entities->one_by_one))
		list->stamp = pstrdup(next->item);
	if (next->choice != NULL)
		list->choice = pstrdup(next->choice);
	list->range_place = next->range_place;
	list->range = next->range;
	set_ids(entities, list);
	list->parameter = next->parameter;
	if (next->parameter != NULL || resource->listing == PIN_LIST_BELOW)
		list->parent_id = pstrdup(next->item);
	foreach(lc, next->filters)
	{
		PinFilter  *filter = lfirst(lc);

		if (strcmp(filter->name, PIN_OWNERSHIP) == 0)
			list->ownership = linitial(filter->values);
	}
	list->is_single = resource->answer == PIN_ANSWER_OBJECT ||
		resource->listing == PIN_LIST_BY_DAY ||
		(resource->listing == PIN_LIST_ADVERTISERS && next->advertiser_id != NULL);
	list->is_item = resource->listing == PIN_LIST_BELOW &&
		(list->is_single || list->range != NULL);
	list->may_be_gone = resource->listing == PIN_LIST_BELOW && !list->is_item &&
		list->parameter == NULL;
	entities->lists = lappend(entities->lists, list);

	/* the rest of what it takes goes with the next page */
	MemoryContextSwitchTo(entities->page_cxt);
	list->path = MemoryContextStrdup(entities->session->cxt,
									 pin_list_first_page(request, next));
	list->has_ids = pin_list_names_ids(request, list->path);
	find_optional(list, request, next);
	MemoryContextSwitchTo(old);
}

/*
 * pin_list_is_of_several
 *		Whether a list is one of several parents, each of which can be asked for by
 *		itself.
 */
bool
pin_list_is_of_several(const PinEntities *entities, const PinList *list)
{
	return list->is_item && list->parameter != NULL &&
		entities->request->resource->one_path != NULL;
}

/*
 * pin_list_ask
 *		Asks for the next page of a list.
 */
void
pin_list_ask(PinEntities *entities, PinList *list)
{
	if (list->bookmark == NULL)
		list->call = pin_call_get(entities->session, list->path);
	else
	{
		StringInfoData path;

		initStringInfo(&path);
		appendStringInfo(&path, "%s%cbookmark=", list->path,
						 strchr(list->path, '?') == NULL ? '?' : '&');
		pin_url_append_escaped(&path, list->bookmark);
		list->call = pin_call_get(entities->session, path.data);
		pfree(path.data);
	}

	list->call->advertiser_id = list->advertiser_id;
	list->call->one_of_many = entities->session->one_of_many;
	if (list->has_ids)
		list->call->missing_hint = "Check the ids that are asked for, or run the statement again: they may have been deleted meanwhile.";
	else if (list->bookmark != NULL)
		list->call->missing_hint = "Run the statement again.";
	list->call->tentative = (list->optional != NIL && list->bookmark == NULL) ||
		pin_list_is_of_several(entities, list);
	list->call->is_item = list->is_item;
	list->call->may_be_gone = list->may_be_gone && list->bookmark == NULL;
	if (list->parameter != NULL)
		pin_call_specify(list->call, list->parameter, list->parent_id);
}

/*
 * drop_ids
 *		Forgets the ids of a list, if no other list can have them.
 */
static void
drop_ids(PinEntities *entities, PinList *list)
{
	int			nparts = pin_list_parts(entities->request);

	if (!list->has_own_ids)
	{
		/* lists of one advertiser follow one another, but for those of parents */
		if (--entities->nopen[list->place] > 0 || entities->by_parent ||
			entities->next / nparts <= list->place)
			return;
		entities->ids[list->place] = NULL;
	}
	pin_id_set_free(list->ids);
}

/*
 * pin_list_drop
 *		A list has been read.
 */
void
pin_list_drop(PinEntities *entities, PinList *list)
{
	if (list->call != NULL)
		pin_call_free(entities->session, list->call);
	drop_ids(entities, list);
	if (list->seen != NULL)
		pin_id_set_free(list->seen);
	if (list->type != NULL)
		pfree(list->type);
	if (list->parent_id != NULL)
		pfree(list->parent_id);
	if (list->stamp != NULL)
		pfree(list->stamp);
	if (list->choice != NULL)
		pfree(list->choice);
	if (list->longer_path != NULL)
		pfree(list->longer_path);
	if (list->bookmark != NULL)
		pfree(list->bookmark);
	pfree(list->path);
	entities->lists = list_delete_ptr(entities->lists, list);
	pfree(list);
	entities->list = NULL;
}
