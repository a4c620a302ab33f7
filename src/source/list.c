/*-------------------------------------------------------------------------
 *
 * list.c
 *	  Entity lists.
 *
 * A resource is read as one list or several: one for each advertiser, or for
 * each ad group, or for each targeting type.  A page is asked for when its
 * first row is wanted, so that a LIMIT saves requests by itself; only the
 * first pages of the next few lists are asked for ahead, side by side.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "api/session.h"
#include "catalog/catalog.h"
#include "http/http.h"
#include "json/document.h"
#include "json/row.h"
#include "option/settings.h"
#include "source/list.h"

/* Pinterest shows active and paused entities only, unless told otherwise. */
static const char *const all_statuses[] = {
	"ACTIVE", "PAUSED", "ARCHIVED", "DRAFT", "DELETED_DRAFT"
};

/* One list, or the rest of it */
typedef struct PinList
{
	const char *advertiser_id;	/* NULL: nobody's */
	char	   *type;			/* targeting type, or NULL */
	char	   *path;			/* of its first page, with the query */
	bool		is_single;		/* the answer is an entity, not a list */
	PinCall    *call;			/* the page that was asked for, or NULL */
	char	   *bookmark;		/* of the page after that; NULL: none */
	List	   *seen;			/* bookmarks so far */
} PinList;

struct PinEntities
{
	PinSession *session;
	const PinRequest *request;
	int			next;			/* place of what the next list is for, among
								 * the advertisers (for each of them, the
								 * batches) or types */
	PinEntities *ad_groups;		/* if each has a list */
	PinJsonFields *ad_group_fields;
	List	   *lists;			/* of PinList; the first one is being read */
	MemoryContext page_cxt;
	PinJsonStream *page;		/* the page being read, or NULL */
	char	   *single;			/* the entity, if it is a single one */
	bool		denied;			/* an advertiser has been left out */
	int			encoding;		/* of what is read */
};

/*
 * lists_by_ad_group
 *		Whether each ad group has a list of its own, and these are asked for.
 *
 * Promoted product groups whose ids are known are asked for by these.
 */
static bool
lists_by_ad_group(const PinRequest *request)
{
	return request->resource->listing == PIN_LIST_BY_AD_GROUP &&
		pin_request_filter(request, "product_group_promotion_ids") == NULL;
}

/*
 * list_path
 *		The path of a list.
 *
 * advertiser_id: NULL if the list is not one of a single advertiser; type: the
 * targeting type that it is for, or NULL.
 */
static char *
list_path(const PinRequest *request, const char *advertiser_id,
		  const char *type)
{
	const PinResource *resource = request->resource;

	switch (resource->listing)
	{
		case PIN_LIST_GLOBAL:
			return psprintf("/%s", resource->path);
		case PIN_LIST_BY_TYPE:
			return psprintf("/%s/%s", resource->path, type);
		case PIN_LIST_ADVERTISERS:
			if (advertiser_id == NULL)
				return pstrdup("/ad_accounts");
			return psprintf("/ad_accounts/%s", advertiser_id);
		default:
			return psprintf("/ad_accounts/%s/%s", advertiser_id, resource->path);
	}
}

/*
 * pin_entities_endpoint
 *		The path of a request's lists with placeholders, palloc'ed.
 */
char *
pin_entities_endpoint(const PinRequest *request)
{
	bool		is_list = request->resource->listing == PIN_LIST_ADVERTISERS &&
		request->advertiser_ids == NIL && !request->is_empty;

	return list_path(request, is_list ? NULL : "{ad_account_id}",
					 "{targeting_type}");
}

/*
 * append_parameter
 *		Appends a parameter of a query.
 */
static void
append_parameter(StringInfo path, const char *name, const char *value)
{
	appendStringInfo(path, "%c%s=",
					 strchr(path->data, '?') == NULL ? '?' : '&', name);
	pin_http_append_escaped(path, value);
}

/*
 * first_page
 *		What the first page of a list is asked with: path and query, palloc'ed.
 *
 * filters: PinFilter *, a batch of those of the request; item: the ad group or
 * targeting type that the list is for, or NULL.
 */
static char *
first_page(const PinRequest *request, List *filters, const char *advertiser_id,
		   const char *item)
{
	const PinResource *resource = request->resource;
	StringInfoData path;
	bool		has_statuses = false;
	ListCell   *lc;

	initStringInfo(&path);
	appendStringInfoString(&path, list_path(request, advertiser_id, item));
	if (resource->listing == PIN_LIST_GLOBAL ||
		resource->listing == PIN_LIST_BY_TYPE ||
		(resource->listing == PIN_LIST_ADVERTISERS && advertiser_id != NULL))
		return path.data;

	if (resource->listing != PIN_LIST_WHOLE)
		append_parameter(&path, "page_size", psprintf("%d", request->page_size));
	if (lists_by_ad_group(request))
		append_parameter(&path, "ad_group_id", item);
	foreach(lc, filters)
	{
		PinFilter  *filter = lfirst(lc);
		ListCell   *lc2;

		if (strcmp(filter->name, "entity_statuses") == 0)
			has_statuses = true;
		foreach(lc2, filter->values)
			append_parameter(&path, filter->name, lfirst(lc2));
	}
	if (!has_statuses && strstr(resource->filters, "entity_statuses") != NULL)
	{
		for (int i = 0; i < (int) lengthof(all_statuses); i++)
			append_parameter(&path, "entity_statuses", all_statuses[i]);
	}
	if (request->order != NULL)
		append_parameter(&path, "order", request->order);
	return path.data;
}

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
 * pin_entities_begin
 *		Prepares listing what a request is about.
 *
 * The request must live as long as the session, in whose memory context the
 * result is made.  Nothing is sent yet.
 */
PinEntities *
pin_entities_begin(PinSession *session, const PinRequest *request)
{
	static const char *const names[] = {"id"};
	MemoryContext old = MemoryContextSwitchTo(session->cxt);
	PinEntities *entities = palloc0(sizeof(PinEntities));

	entities->session = session;
	entities->request = request;
	if (lists_by_ad_group(request))
	{
		PinFilter  *parents = pin_request_filter(request, "ad_group_ids");
		PinRequest *above = pin_entities_request("ad_groups",
												 request->advertiser_ids);

		/* of all statuses, whatever is wanted of their children */
		if (parents != NULL)
			above->filters = list_make1(parents);
		pin_request_split(above);
		entities->ad_groups = pin_entities_begin(session, above);
		entities->ad_group_fields = pin_json_fields(lengthof(names),
													(const char **) names);
	}
	entities->page_cxt = AllocSetContextCreate(session->cxt,
											   "pinterest_fdw page",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(old);
	return entities;
}

/*
 * next_ad_group
 *		Next ad group and whose it is; false if there is none.
 */
static bool
next_ad_group(PinEntities *entities, const char **advertiser_id, char **id)
{
	PinJsonValue value;
	PinRow		row;

	if (!pin_entities_next(entities->ad_groups, &row))
		return false;
	pin_json_object(entities->ad_group_fields, row.json, row.len, row.encoding,
					&value, NULL);
	*advertiser_id = row.advertiser_id;
	*id = value.text;
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
	int			nbatches = list_length(request->batches);
	List	   *filters = linitial(request->batches);
	const char *advertiser_id = NULL;
	char	   *item = NULL;
	bool		found;
	MemoryContext old;
	PinList    *list;

	if (entities->ad_groups != NULL)
		found = next_ad_group(entities, &advertiser_id, &item);
	else if (resource->listing == PIN_LIST_BY_TYPE)
	{
		found = entities->next < list_length(request->types);
		if (found)
			item = list_nth(request->types, entities->next);
	}
	else if (resource->listing == PIN_LIST_GLOBAL ||
			 (resource->listing == PIN_LIST_ADVERTISERS &&
			  request->advertiser_ids == NIL))
		found = entities->next == 0;
	else
	{
		found = entities->next < list_length(request->advertiser_ids) * nbatches;
		if (found)
		{
			advertiser_id = list_nth(request->advertiser_ids,
									 entities->next / nbatches);
			filters = list_nth(request->batches, entities->next % nbatches);
		}
	}
	if (!found)
		return false;

	entities->next++;
	old = MemoryContextSwitchTo(entities->session->cxt);
	list = palloc0(sizeof(PinList));
	list->advertiser_id = advertiser_id;
	if (resource->listing == PIN_LIST_BY_TYPE)
		list->type = pstrdup(item);
	list->is_single = resource->listing == PIN_LIST_ADVERTISERS &&
		advertiser_id != NULL;
	list->path = first_page(request, filters, advertiser_id, item);
	entities->lists = lappend(entities->lists, list);
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
		pin_http_append_escaped(&path, list->bookmark);
		list->call = pin_call_get(entities->session, path.data);
		pfree(path.data);
	}

	/* half a list is no better than none, so later pages must be readable */
	list->call->one_of_many = list->bookmark == NULL &&
		list->advertiser_id != NULL &&
		entities->session->options->all_advertisers;
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
	ListCell   *lc;

	foreach(lc, list->seen)
	{
		if (strcmp(lfirst(lc), bookmark) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_ERROR),
					 errmsg("Pinterest repeats a page for %s",
							entities->session->subject),
					 errdetail("Page %d of %s has the bookmark of an earlier one.",
							   list_length(list->seen) + 1, list->call->what),
					 errhint("Run the statement again.")));
	}
	list->bookmark = pstrdup(bookmark);
	list->seen = lappend(list->seen, list->bookmark);
	MemoryContextSwitchTo(old);
}

/*
 * bad_answer
 *		Raises an error for an answer that is not what it should be.
 */
static void
bad_answer(PinEntities *entities, PinList *list, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_ERROR),
			 errmsg("invalid answer from Pinterest for %s",
					entities->session->subject),
			 errdetail("The answer to %s has no %s.", list->call->what, problem)));
}

/*
 * append_options
 *		Turns the codes and names of a targeting type into entities.
 *
 * json: an array of objects that map codes to names, in the server's encoding;
 * a type without values may have null in the place of either.
 */
static void
append_options(StringInfo buf, const char *type, const char *json)
{
	const char *separator = "";
	List	   *maps = strcmp(json, "null") == 0 ? NIL : pin_json_array(json);
	ListCell   *lc;

	appendStringInfoChar(buf, '[');
	foreach(lc, maps)
	{
		List	   *members = lfirst(lc) == NULL ? NIL : pin_json_members(lfirst(lc));
		ListCell   *lc2;

		foreach(lc2, members)
		{
			PinJsonMember *member = lfirst(lc2);

			appendStringInfo(buf, "%s{\"targeting_type\":\"%s\",\"code\":",
							 separator, type);
			escape_json(buf, member->name);
			appendStringInfoString(buf, ",\"name\":");
			if (member->value.type == PIN_JSON_STRING)
				escape_json(buf, member->value.text);
			else
				appendStringInfoString(buf, member->value.type == PIN_JSON_NULL ?
									   "null" : member->value.text);
			appendStringInfoChar(buf, '}');
			separator = ",";
		}
	}
	appendStringInfoChar(buf, ']');
}

/*
 * take_page
 *		Deals with an answer: prepares reading its entities.
 */
static void
take_page(PinEntities *entities, PinList *list)
{
	static const char *const names[] = {"items", "bookmark"};
	PinHttpRequest *answer = list->call->request;
	PinJsonValue values[lengthof(names)];
	MemoryContext old;

	MemoryContextReset(entities->page_cxt);
	old = MemoryContextSwitchTo(entities->page_cxt);
	list->bookmark = NULL;
	entities->encoding = GetDatabaseEncoding();
	if (list->is_single)
	{
		pin_call_object(entities->session, list->call, 0, names, values);
		entities->single = pnstrdup(answer->data, answer->len);
		entities->encoding = PG_UTF8;
	}
	else
	{
		/* the items stay as they came, and are checked one by one */
		PinJsonStream *page = pin_json_stream_create();

		if (list->type != NULL)
			append_options(pin_json_stream_input(page), list->type,
						   pg_any_to_server(answer->data != NULL ? answer->data : "",
											answer->len, PG_UTF8));
		else
		{
			pin_call_object(entities->session, list->call, lengthof(names), names,
							values);
			if (values[0].type != PIN_JSON_NESTED || values[0].text[0] != '[')
				bad_answer(entities, list, "list of items");
			appendStringInfoString(pin_json_stream_input(page), values[0].text);
			if (values[1].type == PIN_JSON_STRING && values[1].text[0] != '\0')
				note_bookmark(entities, list, values[1].text);
		}
		entities->page = page;
	}
	MemoryContextSwitchTo(old);
	pin_call_free(entities->session, list->call);
	list->call = NULL;
}

/*
 * drop_list
 *		The first list has been read.
 */
static void
drop_list(PinEntities *entities)
{
	PinList    *list = linitial(entities->lists);

	if (list->call != NULL)
		pin_call_free(entities->session, list->call);
	list_free_deep(list->seen);
	pfree(list->path);
	pfree(list);
	entities->lists = list_delete_first(entities->lists);
}

/*
 * ask_ahead
 *		Asks for the next page of the first list, and for the first ones of the
 *		next few; false when all lists have been read.
 */
static bool
ask_ahead(PinEntities *entities)
{
	ListCell   *lc;

	/* if a few rows will do, the first list may well have them */
	while (list_length(entities->lists) <
		   (entities->request->limit > 0 ? 1 : entities->session->options->max_connections))
	{
		if (!next_list(entities))
			break;
	}
	foreach(lc, entities->lists)
	{
		PinList    *list = lfirst(lc);

		if (list->call == NULL)
			ask_for_page(entities, list);
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
	if (entities->ad_groups != NULL)
		pin_entities_start(entities->ad_groups);
	else
		ask_ahead(entities);
}

/*
 * next_page
 *		Gets the next page; false when all lists have been read.
 */
static bool
next_page(PinEntities *entities)
{
	PinList    *list;

	if (!ask_ahead(entities))
		return false;

	list = linitial(entities->lists);
	if (pin_call_wait(entities->session, list->call))
		take_page(entities, list);
	else
	{
		entities->denied = true;
		drop_list(entities);
	}
	return true;
}

/*
 * pin_entities_next
 *		Next entity, or false when all have been listed.
 */
bool
pin_entities_next(PinEntities *entities, PinRow *row)
{
	const char *key;

	row->entity_id = NULL;
	for (;;)
	{
		PinList    *list = entities->lists != NIL ? linitial(entities->lists) : NULL;

		row->advertiser_id = list != NULL ? list->advertiser_id : NULL;
		row->encoding = entities->encoding;
		if (entities->single != NULL)
		{
			row->json = entities->single;
			row->len = strlen(entities->single);
			entities->single = NULL;
			drop_list(entities);
			return true;
		}
		if (entities->page != NULL)
		{
			if (pin_json_stream_next(entities->page, &row->json, &row->len, &key))
				return true;
			entities->page = NULL;
			if (list->bookmark == NULL)
				drop_list(entities);
		}
		if (!next_page(entities))
			return false;
	}
}

/*
 * pin_entities_denied
 *		Whether an advertiser has been left out, since Pinterest denies it.
 */
bool
pin_entities_denied(const PinEntities *entities)
{
	return entities->denied;
}

/*
 * pin_list_advertisers
 *		Ids of all advertisers that the token may see, as a List of char * in
 *		the session's memory context.
 */
List *
pin_list_advertisers(PinSession *session)
{
	static const char *const names[] = {"id"};
	PinEntities *entities =
		pin_entities_begin(session, pin_entities_request("advertisers", NIL));
	PinJsonFields *fields = pin_json_fields(lengthof(names), (const char **) names);
	List	   *ids = NIL;
	PinRow		row;

	while (pin_entities_next(entities, &row))
	{
		PinJsonValue values[lengthof(names)];

		pin_json_object(fields, row.json, row.len, row.encoding, values, NULL);
		if (values[0].text != NULL)
		{
			MemoryContext old = MemoryContextSwitchTo(session->cxt);

			ids = lappend(ids, pstrdup(values[0].text));
			MemoryContextSwitchTo(old);
		}
	}
	return ids;
}
