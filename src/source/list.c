/*-------------------------------------------------------------------------
 *
 * list.c
 *	  Entity lists.
 *
 * A resource is read as one list or several: one for each advertiser, or for
 * each campaign or ad group, or below other entities, or for each targeting type or
 * another choice; and of analytics, of some days.  A page is asked for when its
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
#include "base/dates.h"
#include "base/limits.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "json/document.h"
#include "option/settings.h"
#include "source/idset.h"
#include "source/list.h"
#include "source/listopen.h"
#include "source/listpage.h"
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
	entities->rows = palloc0(nadvertisers * pin_list_ranges(request) * sizeof(int64));
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
 * next_batch
 *		Finds the parents that the next list is of, those of one advertiser; false if
 *		there are none.
 */
static bool
next_batch(PinEntities *entities)
{
	int			most = entities->one_by_one ? 1 :
		Max(entities->request->resource->parents_at_once, 1);
	MemoryContext old;
	const char *advertiser_id;
	char	   *id;

	list_free_deep(entities->above);
	entities->above = NIL;
	entities->next_below = 0;
	while (list_length(entities->above) < most)
	{
		if (entities->above_next != NULL)
		{
			id = entities->above_next;
			advertiser_id = entities->above_next_advertiser;
			entities->above_next = NULL;
		}
		else if (next_above(entities, &advertiser_id, &id))
			id = MemoryContextStrdup(entities->session->cxt, id);
		else
			break;
		if (entities->above != NIL && advertiser_id != entities->above_advertiser)
		{
			entities->above_next = id;
			entities->above_next_advertiser = advertiser_id;
			break;
		}
		entities->above_advertiser = advertiser_id;
		old = MemoryContextSwitchTo(entities->session->cxt);
		entities->above = lappend(entities->above, id);
		MemoryContextSwitchTo(old);
	}
	return entities->above != NIL;
}

/*
 * set_range
 *		Notes the days that a list is of, if there are any; false if these are not
 *		asked for.
 */
static bool
set_range(const PinRequest *request, PinNextList *next, int place)
{
	next->range_place = place;
	if (!pin_has_days(request->resource))
		return true;
	next->range = list_nth(request->ranges, place);
	return pin_list_is_asked(request, next->advertiser_id, next->range);
}

/*
 * next_below
 *		What the next list below entities is of, if there is one: each of these has
 *		one for each choice and range of days.
 */
static bool
next_below(PinEntities *entities, PinNextList *next)
{
	const PinRequest *request = entities->request;
	const PinResource *resource = request->resource;
	int			nparts = pin_list_parts(request);

	for (;;)
	{
		if (entities->above == NIL && !next_batch(entities))
			return false;
		while (entities->next_below < pin_list_ranges(request) * nparts)
		{
			int			place = entities->next_below++;

			next->advertiser_id = entities->above_advertiser;
			if (!set_range(request, next, place / nparts))
				continue;
			next->item = pin_join_list(entities->above);
			if (request->types != NIL)
				next->choice = list_nth(request->types, place % nparts);
			else if (!entities->one_by_one)
				next->parameter = resource->parameter;
			return true;
		}
		list_free_deep(entities->above);
		entities->above = NIL;
	}
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
next_parent(PinEntities *entities, PinNextList *next)
{
	List	   *advertiser_ids = entities->request->advertiser_ids;
	PinFilter  *wanted = pin_request_filter(entities->request, PIN_PARENT_IDS);
	char	   *id;

	while (entities->asked_parent[0] &&
		   entities->next < list_length(advertiser_ids))
	{
		next->advertiser_id = list_nth(advertiser_ids, entities->next++);
		if (wanted == NULL || pin_has_string(wanted->values, next->advertiser_id))
			return true;
	}
	for (int i = 0; i < PIN_PARENTS; i++)
	{
		if (entities->parents[i] != NULL &&
			next_id(entities->parents[i], &next->advertiser_id, &id))
		{
			next->item = id;
			next->parameter = pin_parents[i].parameter;
			return true;
		}
	}
	return false;
}

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
	int			nparts = pin_list_parts(request);
	int			nranges = pin_list_ranges(request);
	int			place = entities->next;

	memset(next, 0, sizeof(PinNextList));
	next->filters = linitial(request->batches);
	if (resource->listing == PIN_LIST_BELOW)
		return next_below(entities, next);
	if (entities->by_parent)
		return next_parent(entities, next);
	entities->next++;
	if (resource->listing == PIN_LIST_BY_TYPE)
	{
		if (place >= list_length(request->types))
			return false;
		next->item = list_nth(request->types, place);
		return true;
	}
	if (resource->listing == PIN_LIST_BY_DAY)
	{
		next->choice = pin_format_date(pin_day_of(request->calendar.now, NULL) - place);
		return place < PIN_LISTED_DAYS;
	}
	if (resource->listing == PIN_LIST_GLOBAL ||
		resource->base == PIN_BASE_NOBODY ||
		(resource->listing == PIN_LIST_ADVERTISERS &&
		 request->advertiser_ids == NIL))
		return place == 0;
	if (place >= list_length(request->advertiser_ids) * nparts * nranges)
		return false;
	next->advertiser_id = list_nth(request->advertiser_ids,
								   place / (nparts * nranges));
	if (by_choice)
		next->choice = list_nth(request->types, place % nparts);
	else
		next->filters = list_nth(request->batches, place % nparts);
	if (!set_range(request, next, place / nparts % nranges))
		return find_next(entities, next);
	return true;
}

/*
 * next_list
 *		Adds the next list to those to be read; false if there is none.
 */
static bool
next_list(PinEntities *entities)
{
	PinNextList next;

	if (!find_next(entities, &next))
		return false;
	pin_list_open(entities, &next);
	return true;
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
	if (list->type != NULL || list->is_single || list->range != NULL ||
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
		if (bookmark.text != NULL && bookmark.text[0] != '\0' &&
			!entities->request->resource->first_page_only)
			note_bookmark(entities, list, bookmark.text);
	}
	MemoryContextSwitchTo(old);
	pin_call_free(entities->session, list->call);
	list->call = NULL;
	entities->list = list;
	entities->found_below = true;
	if (entities->gone != NULL)
		pin_call_free(entities->session, entities->gone);
	entities->gone = NULL;
	if (entities->is_above && list->bookmark != NULL)
		pin_list_ask(entities, list);
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
			pin_list_ask(entities, list);
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
		pin_list_ask(entities, llast(entities->lists));
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
	pin_list_ask(entities, list);
}

/*
 * do_without_item
 *		Deals with the refusal of a list of what others refer to: it has gone, or is
 *		somebody else's.
 *
 * Where several were asked for at once, some may be there nevertheless, and not every
 * app may ask so: each is asked for by itself then, and so are all others.
 */
static void
do_without_item(PinEntities *entities, PinList *list)
{
	const PinRequest *request = entities->request;
	bool		several = pin_list_is_of_several(entities, list);
	PinNextList next = {.advertiser_id = list->advertiser_id,
		.filters = linitial(request->batches), .range = list->range,
		.range_place = list->range_place
	};
	char	   *ids = several ? MemoryContextStrdup(entities->session->cxt, list->parent_id) : NULL;
	char	   *rest = NULL;

	pin_list_drop(entities, list);
	if (!several)
		return;
	entities->one_by_one = true;
	for (char *id = strtok_r(ids, ",", &rest); id != NULL; id = strtok_r(NULL, ",", &rest))
	{
		next.item = id;
		pin_list_open(entities, &next);
	}
	pfree(ids);
}

/*
 * do_without_parent
 *		Deals with a list below an entity that has gone since it was listed: there is
 *		nothing there.
 *
 * The first such answer is kept until another list is there.
 */
static void
do_without_parent(PinEntities *entities, PinList *list)
{
	if (!entities->found_below && entities->gone == NULL)
	{
		entities->gone = list->call;
		list->call = NULL;
	}
	pin_list_drop(entities, list);
}

/*
 * next_page
 *		Gets the next page; false when all lists have been read.
 *
 * Raises the error of what has gone if nothing was there: Pinterest may have moved
 * or closed these lists.
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
			pin_list_drop(entities, list);
		else if (list->call->state == PIN_CALL_DONE)
		{
			take_page(entities, list);
			return true;
		}
		else if (list->call->state == PIN_CALL_REFUSED && list->is_item)
			do_without_item(entities, list);
		else if (list->call->state == PIN_CALL_REFUSED && list->call->may_be_gone)
			do_without_parent(entities, list);
		else if (list->call->state == PIN_CALL_REFUSED)
			do_without_filter(entities, list);
		else
		{
			pin_leave_out(entities->session, list->call);
			pin_list_drop(entities, list);
		}
	}
	if (entities->gone != NULL)
		pin_call_raise(entities->session, entities->gone);
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
				entities->rows[list->place * pin_list_ranges(entities->request) +
							   list->range_place]++;
				return true;
			}
			pin_json_close(entities->page);
			entities->page = NULL;
			if (list->bookmark == NULL)
				pin_list_drop(entities, list);
		}
		if (!next_page(entities))
			return false;
	}
}

/*
 * pin_entities_loaded
 *		What has been read to its end, of lists that have all been read: a List
 *		of PinLoaded in the current memory context, an entry for each advertiser
 *		all of whose lists have come, and for each of its ranges of days, if there
 *		are any; a single one without an advertiser if the lists are nobody's.
 */
List *
pin_entities_loaded(const PinEntities *entities)
{
	const PinRequest *request = entities->request;
	List	   *advertiser_ids = request->advertiser_ids;
	int			nranges = pin_list_ranges(request);
	List	   *loaded = NIL;

	for (int i = 0; i < Max(list_length(advertiser_ids), 1); i++)
	{
		const char *advertiser_id = advertiser_ids == NIL ? NULL :
			list_nth(advertiser_ids, i);

		if (pin_is_left_out(entities->session, advertiser_id))
			continue;
		for (int j = 0; j < nranges; j++)
		{
			PinLoaded  *one = palloc0(sizeof(PinLoaded));

			one->advertiser_id = advertiser_id;
			one->rows = entities->rows[i * nranges + j];
			if (pin_has_days(request->resource))
			{
				one->has_range = true;
				one->range = *(PinRange *) list_nth(request->ranges, j);
				one->follows = true;
				if (!pin_list_is_asked(request, advertiser_id, &one->range))
					continue;
			}
			loaded = lappend(loaded, one);
		}
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
