/*-------------------------------------------------------------------------
 *
 * list.c
 *	  Entity lists.
 *
 * A resource is read as one list or several: one for each advertiser, or for
 * each campaign or ad group, or for each targeting type.  A page is asked for when its
 * first row is wanted, so that a LIMIT saves requests by itself; only the
 * first pages of the next few lists are asked for ahead, side by side.  They are
 * read as they arrive, in any order, so that another one can be asked for at once.
 * Pages of parents are asked for ahead, too, so that it is known what to ask for.
 *
 * Lists are not sets: they shift while they are paged, so that an entity comes
 * again on a later page.  Each comes out once, and the first of its copies counts.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "api/session.h"
#include "base/limits.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "http/url.h"
#include "json/document.h"
#include "option/option.h"
#include "option/settings.h"
#include "source/idset.h"
#include "source/list.h"
#include "source/listpage.h"
#include "source/listpath.h"
#include "source/loaded.h"
#include "source/parent.h"

/*
 * pin_entities_request
 *		A request for all entities of some advertisers.
 *
 * resource: its SQL name; advertiser_ids: char *, NIL lists all advertisers
 * where the resource is these.  Made in the current memory context.
 */
PinRequest *
pin_entities_request(const char *resource, List *advertiser_ids)
{
	PinRequest *request = palloc0(sizeof(PinRequest));

	request->resource = pin_find_resource(resource);
	request->advertiser_ids = advertiser_ids;
	request->page_size = request->resource->page_size;
	pin_request_split(request);
	return request;
}

/*
 * begin_parent
 *		Prepares listing the entities of a resource below which the lists are.
 */
static PinEntities *
begin_parent(PinEntities *entities, const char *resource, PinFilter *filter)
{
	const PinRequest *request = entities->request;
	PinRequest *above = pin_entities_request(resource, request->advertiser_ids);
	PinEntities *parents;

	if (filter != NULL)
		above->filters = list_make1(filter);
	above->by_parts = request->by_parts;
	pin_request_split(above);
	parents = pin_entities_begin(entities->session, above);
	parents->is_above = true;
	return parents;
}

/*
 * begin_parents
 *		Prepares listing the parents of what a request is about.
 */
static void
begin_parents(PinEntities *entities)
{
	const PinRequest *request = entities->request;
	int			nadvertisers = Max(list_length(request->advertiser_ids), 1);

	entities->by_parent = true;
	if (request->resource->listing == PIN_LIST_BELOW)
	{
		entities->parents[PIN_PARENT_ABOVE] =
			begin_parent(entities, request->resource->parent, NULL);
		entities->asked = palloc0(nadvertisers * sizeof(PinIdSet *));
		return;
	}
	for (int i = 0; i < PIN_PARENTS; i++)
	{
		const PinParent *parent = &pin_parents[i];
		PinFilter  *wanted;
		PinFilter  *filter = NULL;

		entities->asked_parent[i] = pin_asks_parent(request, parent);
		if (!entities->asked_parent[i] || parent->ids == NULL)
			continue;
		wanted = pin_request_filter(request,
									request->resource->listing == PIN_LIST_BY_PARENT ?
									PIN_PARENT_IDS : parent->ids);

		/* of all statuses, whatever is wanted of their children */
		if (wanted != NULL)
		{
			filter = palloc(sizeof(PinFilter));
			filter->name = parent->ids;
			filter->values = wanted->values;
		}
		entities->parents[i] = begin_parent(entities, parent->resource, filter);
	}
}

/*
 * pin_entities_begin
 *		Prepares listing what a request is about.
 *
 * The request must live as long as the session, in whose memory context the
 * result is made.  Nothing is sent yet.
 */
PinEntities *
pin_entities_begin(PinSession *session, const PinRequest *request)
{
	MemoryContext old = MemoryContextSwitchTo(session->cxt);
	PinEntities *entities = palloc0(sizeof(PinEntities));
	int			nadvertisers = Max(list_length(request->advertiser_ids), 1);

	entities->session = session;
	entities->request = request;
	if (pin_lists_by_parent(request))
		begin_parents(entities);
	entities->ids = palloc0(nadvertisers * sizeof(PinIdSet *));
	entities->nopen = palloc0(nadvertisers * sizeof(int));
	entities->rows = palloc0(nadvertisers * sizeof(int64));
	entities->page_cxt = AllocSetContextCreate(session->cxt,
											   "pinterest_fdw page",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(old);
	return entities;
}

/*
 * next_id
 *		Id of the next entity, palloc'ed, and whose it is; false if there is none.
 *
 * Raises HV000 for one whose id is missing: what belongs to it could not be found.
 */
static bool
next_id(PinEntities *entities, const char **advertiser_id, char **id)
{
	PinJsonValue value;
	const PinJsonField fields[] = {{"id", PIN_JSON_ID, &value, PIN_REQUIRED}};
	PinRow		row;

	if (!pin_entities_next(entities, &row))
		return false;
	pin_json_read(row.node, fields, lengthof(fields),
				  entities->session->subject);
	*advertiser_id = row.advertiser_id;
	*id = unconstify(char *, pin_whole_number(value.text));
	return true;
}

/*
 * next_above
 *		Id of the next entity below which there is a list, palloc'ed, and whose it
 *		is; false if there is none.
 *
 * What several entities refer to, such as the Pin of ads, comes once.  One that
 * refers to nothing is passed over.
 */
static bool
next_above(PinEntities *entities, const char **advertiser_id, char **id)
{
	const PinRequest *request = entities->request;
	const char *name = request->resource->parent_field;
	PinFilter  *wanted = pin_request_filter(request, PIN_PARENT_IDS);
	PinJsonValue value;
	const PinJsonField field = {name, PIN_JSON_ID, &value, PIN_OPTIONAL};
	PinRow		row;

	while (pin_entities_next(entities->parents[PIN_PARENT_ABOVE], &row))
	{
		const char *number;
		int			place;

		pin_json_read(row.node, &field, 1, entities->session->subject);
		if (value.text == NULL || value.text[0] == '\0')
			continue;
		number = pin_whole_number(value.text);
		*id = number != NULL ? unconstify(char *, number) : value.text;
		if (wanted != NULL && !pin_has_string(wanted->values, *id))
			continue;
		place = pin_request_place(request, row.advertiser_id);
		if (entities->asked[place] == NULL)
		{
			MemoryContext old = MemoryContextSwitchTo(entities->session->cxt);

			entities->asked[place] = pin_id_set_create();
			MemoryContextSwitchTo(old);
		}
		if (!pin_id_set_add(entities->asked[place], *id))
			continue;
		*advertiser_id = row.advertiser_id;
		return true;
	}
	return false;
}

/*
 * next_parent
 *		Next parent whose list is to be read, and whose it is; false if there is
 *		none.
 *
 * The advertisers themselves come first: what belongs to one of them has no
 * parameter.
 */
static bool
next_parent(PinEntities *entities, const char **advertiser_id, char **id,
			const char **parameter)
{
	List	   *advertiser_ids = entities->request->advertiser_ids;
	PinFilter  *wanted = pin_request_filter(entities->request, PIN_PARENT_IDS);

	if (entities->request->resource->listing == PIN_LIST_BELOW)
		return next_above(entities, advertiser_id, id);
	while (entities->asked_parent[0] &&
		   entities->next < list_length(advertiser_ids))
	{
		*advertiser_id = list_nth(advertiser_ids, entities->next++);
		if (wanted == NULL || pin_has_string(wanted->values, *advertiser_id))
			return true;
	}
	for (int i = 0; i < PIN_PARENTS; i++)
	{
		*parameter = pin_parents[i].parameter;
		if (entities->parents[i] != NULL &&
			next_id(entities->parents[i], advertiser_id, id))
			return true;
	}
	return false;
}

/*
 * find_optional
 *		Prepares a list for the refusal of a filter.
 *
 * Pinterest calls the ids of ad groups in the list of these a beta.
 */
static void
find_optional(PinList *list, const PinRequest *request, List *filters,
			  const char *advertiser_id)
{
	List	   *others = NIL;
	ListCell   *lc;

	if (strcmp(request->resource->path, "ad_groups") != 0)
		return;
	foreach(lc, filters)
	{
		PinFilter  *filter = lfirst(lc);

		if (strcmp(filter->name, "ad_group_ids") == 0)
			list->optional = filter->values;
		else
			others = lappend(others, filter);
	}
	if (list->optional != NIL)
		list->longer_path = MemoryContextStrdup(GetMemoryChunkContext(list),
												pin_list_first_page(request, others,
																	advertiser_id,
																	NULL, NULL));
}

/* What the next list is for */
typedef struct PinNextList
{
	const char *advertiser_id;	/* NULL: nobody's */
	char	   *item;			/* parent, targeting type or other choice, or NULL */
	const char *parameter;		/* that says which of these it is, or NULL */
	List	   *filters;		/* PinFilter * */
} PinNextList;

/*
 * find_next
 *		What the next list is for; false if there is none.
 */
static bool
find_next(PinEntities *entities, PinNextList *next)
{
	const PinRequest *request = entities->request;
	const PinResource *resource = request->resource;
	bool		by_choice = resource->listing == PIN_LIST_BY_CHOICE;
	int			nparts = by_choice ? list_length(request->types) :
		list_length(request->batches);
	int			place = entities->next;

	memset(next, 0, sizeof(PinNextList));
	next->filters = linitial(request->batches);
	if (entities->by_parent)
		return next_parent(entities, &next->advertiser_id, &next->item,
						   &next->parameter);
	entities->next++;
	if (resource->listing == PIN_LIST_BY_TYPE)
	{
		if (place >= list_length(request->types))
			return false;
		next->item = list_nth(request->types, place);
		return true;
	}
	if (resource->listing == PIN_LIST_GLOBAL ||
		resource->base == PIN_BASE_NOBODY ||
		(resource->listing == PIN_LIST_ADVERTISERS &&
		 request->advertiser_ids == NIL))
		return place == 0;
	if (place >= list_length(request->advertiser_ids) * nparts)
		return false;
	next->advertiser_id = list_nth(request->advertiser_ids, place / nparts);
	if (by_choice)
	{
		next->item = list_nth(request->types, place % nparts);
		next->parameter = resource->parameter;
	}
	else
		next->filters = list_nth(request->batches, place % nparts);
	return true;
}

/*
 * has_own_ids
 *		Whether no two lists of a resource have entities of the same key: that says
 *		which list it is.
 */
static bool
has_own_ids(const PinResource *resource)
{
	for (int i = 0; i < resource->nkeys && resource->stamp != NULL; i++)
	{
		if (strcmp(resource->keys[i].api_name, resource->stamp) == 0)
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
 * next_list
 *		Adds the next list to those to be read; false if there is none.
 */
static bool
next_list(PinEntities *entities)
{
	const PinRequest *request = entities->request;
	const PinResource *resource = request->resource;
	PinNextList next;
	MemoryContext old;
	PinList    *list;
	ListCell   *lc;

	if (!find_next(entities, &next))
		return false;
	old = MemoryContextSwitchTo(entities->session->cxt);
	list = palloc0(sizeof(PinList));
	list->advertiser_id = next.advertiser_id;
	list->place = pin_request_place(request, next.advertiser_id);
	if (resource->listing == PIN_LIST_BY_TYPE)
		list->type = pstrdup(next.item);
	if (resource->stamp != NULL && next.item != NULL)
		list->stamp = pstrdup(next.item);
	set_ids(entities, list);
	list->parameter = next.parameter;
	if (next.parameter != NULL || resource->listing == PIN_LIST_BELOW)
		list->parent_id = pstrdup(next.item);
	foreach(lc, next.filters)
	{
		PinFilter  *filter = lfirst(lc);

		if (strcmp(filter->name, PIN_OWNERSHIP) == 0)
			list->ownership = linitial(filter->values);
	}
	list->is_single = resource->answer == PIN_ANSWER_OBJECT ||
		(resource->listing == PIN_LIST_ADVERTISERS && next.advertiser_id != NULL);
	entities->lists = lappend(entities->lists, list);

	/* the rest of what it takes goes with the next page */
	MemoryContextSwitchTo(entities->page_cxt);
	list->path = MemoryContextStrdup(entities->session->cxt,
									 pin_list_first_page(request, next.filters,
														 next.advertiser_id,
														 next.item,
														 next.parameter));
	list->has_ids = pin_list_names_ids(request, list->path);
	find_optional(list, request, next.filters, next.advertiser_id);
	MemoryContextSwitchTo(old);
	return true;
}

/*
 * ask_for_page
 *		Asks for the next page of a list.
 */
static void
ask_for_page(PinEntities *entities, PinList *list)
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
	list->call->one_of_many = entities->session->options->all_advertisers;
	if (list->has_ids)
		list->call->missing_hint = "Check the ids that are asked for, or run the statement again: they may have been deleted meanwhile.";
	else if (list->bookmark != NULL)
		list->call->missing_hint = "Run the statement again.";
	list->call->tentative = list->optional != NIL && list->bookmark == NULL;
	list->call->is_item = entities->by_parent && list->is_single;
	if (list->parameter != NULL)
		pin_call_specify(list->call, list->parameter, list->parent_id);
}

/*
 * note_bookmark
 *		Remembers the bookmark of the next page.
 *
 * Raises an error if it has been there before: the list would never end.
 */
static void
note_bookmark(PinEntities *entities, PinList *list, const char *bookmark)
{
	MemoryContext old = MemoryContextSwitchTo(entities->session->cxt);

	if (strlen(bookmark) > PIN_MAX_BOOKMARK)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("invalid answer from Pinterest for %s",
						entities->session->subject),
				 errdetail("The bookmark of page %d of %s is longer than %d bytes.",
						   list->npages, list->call->what, PIN_MAX_BOOKMARK)));
	if (list->npages >= PIN_MAX_PAGES || list->nempty >= PIN_MAX_EMPTY_PAGES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("Pinterest sends pages without an end for %s",
						entities->session->subject),
				 errdetail("%s has more than %d pages, the latest %d without items.",
						   list->call->what, list->npages, list->nempty)));
	if (list->seen == NULL)
		list->seen = pin_id_set_create();
	if (!pin_id_set_add(list->seen, bookmark))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("Pinterest repeats a page for %s",
						entities->session->subject),
				 errdetail("Page %d of %s has the bookmark of an earlier one.",
						   list->npages, list->call->what),
				 errhint("Run the statement again.")));
	list->bookmark = pstrdup(bookmark);
	MemoryContextSwitchTo(old);
}

/*
 * take_page
 *		Deals with an answer: prepares reading its entities.
 */
static void
take_page(PinEntities *entities, PinList *list)
{
	PinJsonValue items,
				bookmark;
	const PinJsonField fields[] = {
		{"items", PIN_JSON_ARRAY, &items, PIN_REQUIRED},
		{"bookmark", PIN_JSON_STRING, &bookmark, PIN_OPTIONAL}
	};
	MemoryContext old;

	MemoryContextReset(entities->page_cxt);
	entities->page = NULL;
	old = MemoryContextSwitchTo(entities->page_cxt);
	if (list->bookmark != NULL)
		pfree(list->bookmark);
	list->bookmark = NULL;
	list->npages++;
	if (list->type != NULL || list->is_single ||
		entities->request->resource->answer == PIN_ANSWER_ARRAY)
		pin_page_take(entities, list);
	else
	{
		entities->page = pin_call_object(entities->session, list->call, fields,
										 lengthof(fields));
		entities->items = items.node;
		entities->nitems = pin_json_length(items.node);
		entities->next_item = 0;
		entities->inner = NULL;
		list->nempty = entities->nitems == 0 ? list->nempty + 1 : 0;
		if (bookmark.text != NULL && bookmark.text[0] != '\0')
			note_bookmark(entities, list, bookmark.text);
	}
	MemoryContextSwitchTo(old);
	pin_call_free(entities->session, list->call);
	list->call = NULL;
	entities->list = list;
	if (entities->is_above && list->bookmark != NULL)
		ask_for_page(entities, list);
}

/*
 * drop_ids
 *		Forgets the ids of a list, if no other list can have them.
 */
static void
drop_ids(PinEntities *entities, PinList *list)
{
	const PinRequest *request = entities->request;
	int			nparts = request->resource->listing == PIN_LIST_BY_CHOICE ?
		list_length(request->types) : list_length(request->batches);

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
 * drop_list
 *		A list has been read.
 */
static void
drop_list(PinEntities *entities, PinList *list)
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
	if (list->longer_path != NULL)
		pfree(list->longer_path);
	if (list->bookmark != NULL)
		pfree(list->bookmark);
	pfree(list->path);
	entities->lists = list_delete_ptr(entities->lists, list);
	pfree(list);
	entities->list = NULL;
}

/*
 * start_parents
 *		Asks for the first pages of the parents' lists.
 */
static void
start_parents(PinEntities *entities)
{
	entities->started = true;
	for (int i = 0; i < PIN_PARENTS; i++)
	{
		if (entities->parents[i] != NULL)
			pin_entities_start(entities->parents[i]);
	}
}

/*
 * is_answered
 *		Whether there is something to do about a list.
 */
static bool
is_answered(const PinEntities *entities, const PinList *list)
{
	return (list->call != NULL && list->call->state != PIN_CALL_WAITING &&
			list->call->state != PIN_CALL_UNDER_WAY) ||
		pin_is_left_out(entities->session, list->advertiser_id);
}

/*
 * is_waiting
 *		Whether any answer is under way.
 */
static bool
is_waiting(const PinEntities *entities)
{
	ListCell   *lc;

	foreach(lc, entities->lists)
	{
		PinList    *list = lfirst(lc);

		if (list->call != NULL && !is_answered(entities, list))
			return true;
	}
	return false;
}

/*
 * answered_list
 *		The first list that there is something to do about, or NULL.
 */
static PinList *
answered_list(const PinEntities *entities)
{
	ListCell   *lc;

	foreach(lc, entities->lists)
	{
		if (is_answered(entities, lfirst(lc)))
			return lfirst(lc);
	}
	return NULL;
}

/*
 * knows_next_list
 *		Whether the next list, or that there is none, is found without a wait for an
 *		answer about parents.
 */
static bool
knows_next_list(const PinEntities *entities)
{
	if (!entities->by_parent ||
		(entities->asked_parent[0] &&
		 entities->next < list_length(entities->request->advertiser_ids)))
		return true;
	for (int i = 0; i < PIN_PARENTS; i++)
	{
		const PinEntities *above = entities->parents[i];

		if (above != NULL && above->lists != NIL)
			return above->next_item < above->nitems ||
				answered_list(above) != NULL || !is_waiting(above);
	}
	return true;
}

/*
 * ask_ahead
 *		Asks for the next pages of the lists that are being read, and for the first
 *		ones of the next few; false when all lists have been read.
 *
 * Pages that have come are not read before they are wanted, so that there are not
 * to be more of them than connections, either.
 */
static bool
ask_ahead(PinEntities *entities)
{
	int			most = entities->session->options->max_connections;
	int			nanswered = 0;
	ListCell   *lc;

	/* their lists are awaited when the first of them is needed */
	if (entities->by_parent && !entities->started && entities->request->limit <= 0)
		start_parents(entities);
	entities->started = true;

	foreach(lc, entities->lists)
	{
		PinList    *list = lfirst(lc);

		if (list->call == NULL)
			ask_for_page(entities, list);
		else if (is_answered(entities, list))
			nanswered++;
	}

	/* if a few rows will do, the first list may well have them */
	if (entities->request->limit > 0)
		most = 1;
	else
		most += Min(nanswered, most);
	while (list_length(entities->lists) < most &&
		   (entities->lists == NIL || knows_next_list(entities)))
	{
		if (!next_list(entities))
			break;
		ask_for_page(entities, llast(entities->lists));
	}
	return entities->lists != NIL;
}

/*
 * pin_entities_start
 *		Asks for the first pages, which are sent when any session runs that
 *		shares the channel.
 */
void
pin_entities_start(PinEntities *entities)
{
	/* what belongs to the parents is asked for when these are known */
	if (entities->by_parent)
		start_parents(entities);
	else
		ask_ahead(entities);
}

/*
 * do_without_filter
 *		Asks for the list without the filter that Pinterest has refused; its ids
 *		are picked here, then.
 *
 * Raises the error for a refusal that has another reason.
 */
static void
do_without_filter(PinEntities *entities, PinList *list)
{
	if (pin_call_refusal(list->call) == NULL)
		pin_call_raise(entities->session, list->call);
	pin_call_free(entities->session, list->call);
	pfree(list->path);
	list->path = list->longer_path;
	list->longer_path = NULL;
	list->only = list->optional;
	list->optional = NIL;
	ask_for_page(entities, list);
}

/*
 * next_page
 *		Gets the next page; false when all lists have been read.
 */
static bool
next_page(PinEntities *entities)
{
	while (ask_ahead(entities))
	{
		PinList    *list = answered_list(entities);

		if (list == NULL)
			pin_session_run(entities->session);
		else if (pin_is_left_out(entities->session, list->advertiser_id))
			drop_list(entities, list);
		else if (list->call->state == PIN_CALL_DONE)
		{
			take_page(entities, list);
			return true;
		}
		else if (list->call->state == PIN_CALL_REFUSED && list->call->is_item)
			drop_list(entities, list);
		else if (list->call->state == PIN_CALL_REFUSED)
			do_without_filter(entities, list);
		else
		{
			pin_leave_out(entities->session, list->call);
			drop_list(entities, list);
		}
	}
	return false;
}

/*
 * pin_entities_next
 *		Next entity, or false when all have been listed.
 */
bool
pin_entities_next(PinEntities *entities, PinRow *row)
{
	row->advertiser_id = NULL;
	row->entity_id = NULL;
	row->json.text = NULL;
	row->node = NULL;
	for (;;)
	{
		PinList    *list = entities->list;

		if (entities->page != NULL)
		{
			row->advertiser_id = list->advertiser_id;
			if (pin_page_next(entities, list, row))
			{
				entities->rows[list->place]++;
				return true;
			}
			pin_json_close(entities->page);
			entities->page = NULL;
			if (list->bookmark == NULL)
				drop_list(entities, list);
		}
		if (!next_page(entities))
			return false;
	}
}

/*
 * pin_entities_loaded
 *		What has been read to its end, of lists that have all been read: a List
 *		of PinLoaded in the current memory context, an entry for each advertiser
 *		all of whose lists have come; a single one without an advertiser if the
 *		lists are nobody's.
 */
List *
pin_entities_loaded(const PinEntities *entities)
{
	List	   *advertiser_ids = entities->request->advertiser_ids;
	List	   *loaded = NIL;

	for (int i = 0; i < Max(list_length(advertiser_ids), 1); i++)
	{
		const char *advertiser_id = advertiser_ids == NIL ? NULL :
			list_nth(advertiser_ids, i);
		PinLoaded  *one;

		if (pin_is_left_out(entities->session, advertiser_id))
			continue;
		one = palloc0(sizeof(PinLoaded));
		one->advertiser_id = advertiser_id;
		one->rows = entities->rows[i];
		loaded = lappend(loaded, one);
	}
	return loaded;
}

/*
 * pin_entities_empty
 *		Those of them that have come without entities, likewise.
 */
List *
pin_entities_empty(const PinEntities *entities)
{
	List	   *empty = NIL;
	ListCell   *lc;

	foreach(lc, pin_entities_loaded(entities))
	{
		if (((PinLoaded *) lfirst(lc))->rows == 0)
			empty = lappend(empty, lfirst(lc));
	}
	return empty;
}

/*
 * pin_list_advertisers
 *		Ids of all advertisers that the token may see, as a List of char * in
 *		the session's memory context.
 */
List *
pin_list_advertisers(PinSession *session)
{
	PinEntities *entities =
		pin_entities_begin(session, pin_entities_request("advertisers", NIL));
	List	   *ids = NIL;
	const char *advertiser_id;
	char	   *id;

	while (next_id(entities, &advertiser_id, &id))
	{
		MemoryContext old = MemoryContextSwitchTo(session->cxt);

		ids = lappend(ids, pstrdup(id));
		MemoryContextSwitchTo(old);
	}
	return ids;
}
