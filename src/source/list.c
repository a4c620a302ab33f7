/*-------------------------------------------------------------------------
 *
 * list.c
 *	  Entity lists.
 *
 * A resource is read as one list or several: one for each advertiser, or for
 * each campaign or ad group, or for each targeting type or day.  A page is asked for
 * when its first row is wanted, so that a LIMIT saves requests by itself; only the
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
#include "http/url.h"
#include "json/document.h"
#include "option/option.h"
#include "option/settings.h"
#include "source/idset.h"
#include "source/list.h"
#include "source/listpath.h"
#include "source/loaded.h"
#include "source/optionpage.h"
#include "source/parent.h"

/* One list, or the rest of it */
typedef struct PinList
{
	const char *advertiser_id;	/* NULL: nobody's */
	int			place;			/* of that among the request's */
	char	   *type;			/* targeting type, or NULL */
	const char *ownership;		/* who owns its entities, or NULL */
	const char *parameter;		/* that names the parent or day it is a list of, or
								 * NULL */
	char	   *parent_id;		/* which that is */
	char	   *path;			/* of its first page, with the query */
	bool		has_ids;		/* there are some in it besides that of the
								 * advertiser */
	List	   *optional;		/* ids, char *, of a filter that Pinterest may
								 * refuse */
	char	   *longer_path;	/* of the list without that filter */
	List	   *only;			/* these ids are wanted, once it has been refused;
								 * NIL: all */
	bool		is_single;		/* the answer is an entity, not a list */
	PinCall    *call;			/* the page that was asked for, or NULL */
	char	   *bookmark;		/* of the page after that; NULL: none */
	PinIdSet   *seen;			/* bookmarks so far, or NULL */
	int			npages;			/* so far */
	int			nempty;			/* the latest of them that had no items */
	PinIdSet   *ids;			/* that came, together with some other lists */
} PinList;

struct PinEntities
{
	PinSession *session;
	const PinRequest *request;
	int			next;			/* place of what the next list is for, among
								 * the advertisers (for each of them, the
								 * batches), types or days */
	bool		by_parent;		/* each parent has a list */
	bool		is_above;		/* these are parents */
	bool		started;		/* the first pages have been asked for */
	bool		asked_parent[PIN_PARENTS];	/* of which kinds */
	PinEntities *parents[PIN_PARENTS];	/* likewise, but for the first */
	List	   *lists;			/* of PinList, those not read to their end */
	PinList    *list;			/* the one of the page, or NULL */
	MemoryContext page_cxt;
	PinJsonDocument *page;		/* the page being read, or NULL */
	const PinJsonNode *items;	/* its entities: an array, or a single one */
	int			nitems;
	int			next_item;
	PinIdSet  **ids;			/* that came, of each advertiser, as long as there
								 * is more of it; each type has its own */
	int		   *nopen;			/* likewise, how many of its lists are there */
	int64	   *rows;			/* likewise, how many */
};

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
 * begin_parents
 *		Prepares listing the parents of what a request is about.
 */
static void
begin_parents(PinEntities *entities)
{
	const PinRequest *request = entities->request;

	entities->by_parent = true;
	for (int i = 0; i < PIN_PARENTS; i++)
	{
		const PinParent *parent = &pin_parents[i];
		PinFilter  *wanted;
		PinRequest *above;

		entities->asked_parent[i] = pin_asks_parent(request, parent);
		if (!entities->asked_parent[i] || parent->ids == NULL)
			continue;
		above = pin_entities_request(parent->resource, request->advertiser_ids);
		wanted = pin_request_filter(request,
									request->resource->listing == PIN_LIST_BY_PARENT ?
									PIN_PARENT_IDS : parent->ids);

		/* of all statuses, whatever is wanted of their children */
		if (wanted != NULL)
		{
			PinFilter  *filter = palloc(sizeof(PinFilter));

			filter->name = parent->ids;
			filter->values = wanted->values;
			above->filters = list_make1(filter);
		}
		above->by_parts = request->by_parts;
		pin_request_split(above);
		entities->parents[i] = pin_entities_begin(entities->session, above);
		entities->parents[i]->is_above = true;
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

/*
 * next_place
 *		What the next list is for where that follows from the request; false if
 *		there is none.
 *
 * advertiser_id, item, parameter, filters: set where there is such a thing.
 */
static bool
next_place(PinEntities *entities, const char **advertiser_id, char **item,
		   const char **parameter, List **filters)
{
	const PinRequest *request = entities->request;
	const PinResource *resource = request->resource;
	int			nbatches = list_length(request->batches);
	int			place = entities->next++;

	if (resource->listing == PIN_LIST_BY_TYPE)
	{
		if (place < list_length(request->types))
			*item = list_nth(request->types, place);
		return *item != NULL;
	}
	if (resource->listing == PIN_LIST_BY_DAY)
	{
		*parameter = "date";
		*item = pin_format_date(pin_day_of(request->calendar.now, NULL) - place);
		return place < PIN_LISTED_DAYS;
	}
	if (resource->listing == PIN_LIST_GLOBAL ||
		(resource->listing == PIN_LIST_ADVERTISERS &&
		 request->advertiser_ids == NIL))
		return place == 0;
	if (place >= list_length(request->advertiser_ids) * nbatches)
		return false;
	*advertiser_id = list_nth(request->advertiser_ids, place / nbatches);
	*filters = list_nth(request->batches, place % nbatches);
	return true;
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
	List	   *filters = linitial(request->batches);
	const char *advertiser_id = NULL;
	const char *parameter = NULL;
	char	   *item = NULL;
	MemoryContext old;
	PinList    *list;
	ListCell   *lc;

	if (!(entities->by_parent ?
		  next_parent(entities, &advertiser_id, &item, &parameter) :
		  next_place(entities, &advertiser_id, &item, &parameter, &filters)))
		return false;

	old = MemoryContextSwitchTo(entities->session->cxt);
	list = palloc0(sizeof(PinList));
	list->advertiser_id = advertiser_id;
	list->place = pin_request_place(request, advertiser_id);
	if (resource->listing == PIN_LIST_BY_TYPE)
	{
		list->type = pstrdup(item);
		list->ids = pin_id_set_create();
	}
	else
	{
		if (entities->ids[list->place] == NULL)
			entities->ids[list->place] = pin_id_set_create();
		list->ids = entities->ids[list->place];
		entities->nopen[list->place]++;
	}
	list->parameter = parameter;
	if (parameter != NULL)
		list->parent_id = pstrdup(item);
	foreach(lc, filters)
	{
		PinFilter  *filter = lfirst(lc);

		if (strcmp(filter->name, PIN_OWNERSHIP) == 0)
			list->ownership = linitial(filter->values);
	}
	list->is_single = resource->listing == PIN_LIST_BY_DAY ||
		(resource->listing == PIN_LIST_ADVERTISERS && advertiser_id != NULL);
	entities->lists = lappend(entities->lists, list);

	/* the rest of what it takes goes with the next page */
	MemoryContextSwitchTo(entities->page_cxt);
	list->path = MemoryContextStrdup(entities->session->cxt,
									 pin_list_first_page(request, filters,
														 advertiser_id, item,
														 parameter));
	list->has_ids = strchr(list->path, '?') != NULL &&
		strstr(strchr(list->path, '?'), "_id") != NULL;
	find_optional(list, request, filters, advertiser_id);
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
		appendStringInfo(&path, "%s&bookmark=", list->path);
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
	list->call->tentative = list->optional != NIL && list->bookmark == NULL;
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
	if (list->type != NULL)
	{
		PinJsonDocument *answer =
			pin_call_document(entities->session, list->call,
							  PIN_JSON_ARRAY | PIN_JSON_NULL);

		entities->page = pin_read_options(list->type, pin_json_root(answer),
										  entities->session->subject);
		entities->items = pin_json_root(entities->page);
		pin_json_close(answer);
	}
	else if (list->is_single)
	{
		entities->page = pin_call_document(entities->session, list->call,
										   PIN_JSON_OBJECT);
		entities->items = pin_json_root(entities->page);
	}
	else
	{
		entities->page = pin_call_object(entities->session, list->call, fields,
										 lengthof(fields));
		entities->items = items.node;
		list->nempty = pin_json_length(items.node) == 0 ? list->nempty + 1 : 0;
		if (bookmark.text != NULL && bookmark.text[0] != '\0')
			note_bookmark(entities, list, bookmark.text);
	}
	entities->nitems = list->is_single ? 1 : pin_json_length(entities->items);
	entities->next_item = 0;
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
	if (list->type == NULL)
	{
		/* lists of one advertiser follow one another, but for those of parents */
		if (--entities->nopen[list->place] > 0 || entities->by_parent ||
			entities->next / list_length(entities->request->batches) <= list->place)
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
 * is_wanted
 *		Whether an entity is one of those that a list is about.
 */
static bool
is_wanted(const PinList *list, const PinJsonNode *item)
{
	PinJsonValue id;
	const PinJsonField fields[] = {{"id", PIN_JSON_ID, &id, PIN_OPTIONAL}};

	if (list->only == NIL)
		return true;

	/* one whose id is wrong is for whoever reads it */
	if (pin_json_try_read(item, fields, lengthof(fields)) != NULL ||
		id.text == NULL)
		return true;
	return pin_has_string(list->only, id.text);
}

/*
 * next_item
 *		Next entity of a page; false if there is none.
 *
 * Raises 22P02 if it is something else than an object.
 */
static bool
next_item(PinEntities *entities, const PinList *list, PinRow *row)
{
	while (entities->next_item < entities->nitems)
	{
		const PinJsonNode *item = list->is_single ? entities->items :
			pin_json_element(entities->items, entities->next_item);

		entities->next_item++;
		if (pin_json_type(item) != PIN_JSON_OBJECT)
			pin_bad_item(entities->next_item, entities->session->subject);
		if (!is_wanted(list, item))
			continue;

		/* some things stand in the question only; the page is ours */
		if (list->ownership != NULL)
			pin_json_add_string((PinJsonNode *) item, PIN_OWNERSHIP, list->ownership);
		if (entities->request->resource->listing == PIN_LIST_BY_DAY)
			pin_json_add_string((PinJsonNode *) item, list->parameter, list->parent_id);
		row->node = item;
		return true;
	}
	return false;
}

/*
 * bad_key
 *		Raises an error for what an entity has in the place of its key.
 *
 * text: in UTF-8.  problem: the end of a sentence.
 */
static void
bad_key(const PinEntities *entities, const PinColumn *column, const char *text,
		const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_ERROR),
			 errmsg("invalid answer from Pinterest for %s",
					entities->session->subject),
			 errdetail("The field \"%s\" of item %d of a page, which is column \"%s\", is \"%s\", %s.",
					   column->api_name, entities->next_item, column->name,
					   pin_json_shown_text(text), problem)));
}

/*
 * is_new
 *		Whether an entity has not come before.
 *
 * One without an id is taken for new.  Whoever reads its key will miss it.  Raises
 * HV000 for an id that cannot be one, and 54000 for one that is too long.
 *
 * An id is the same one however it is written: 12, 12.0, 1.2E1.  Names of metrics
 * and codes of targeting values are texts.
 */
static bool
is_new(const PinEntities *entities, const PinList *list, const PinRow *row)
{
	PinJsonField field = {.types = PIN_JSON_ID,.required = PIN_OPTIONAL};
	const PinResource *resource = entities->request->resource;
	const PinColumn *column = &resource->keys[resource->nkeys - 1];
	PinJsonValue id;
	const char *key;

	pin_json_pick(row->node, 1, &column->api_name, &id);
	if ((id.type & PIN_JSON_ID) == 0)
	{
		/* says what is wrong with it, unless it is missing */
		field.name = column->api_name;
		field.value = &id;
		pin_json_read(row->node, &field, 1, entities->session->subject);
		return true;
	}
	if (strlen(id.text) > PIN_MAX_KEY)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("invalid answer from Pinterest for %s",
						entities->session->subject),
				 errdetail("The field \"%s\" is longer than %d bytes.",
						   column->api_name, PIN_MAX_KEY)));
	key = id.text;
	if (column->kind == PIN_ID)
	{
		key = pin_whole_number(id.text);
		if (key == NULL || *key == '-')
			bad_key(entities, column, id.text, "which is no id");
	}
	else if (*key == '\0' && list->type == NULL)
		bad_key(entities, column, id.text, "which is no name");
	return pin_id_set_add(list->ids, key);
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
			if (next_item(entities, list, row))
			{
				if (!is_new(entities, list, row))
					continue;
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
