/*-------------------------------------------------------------------------
 *
 * entity.c
 *	  Entity lists, page by page.
 *
 * A page is asked for when its first row is wanted, so that a LIMIT saves
 * requests by itself.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "json.h"
#include "source.h"

/* The largest page that Pinterest gives */
#define PAGE_SIZE	250

/* Pinterest shows active and paused entities only, unless told otherwise. */
static const char *const all_statuses[] = {
	"ACTIVE", "PAUSED", "ARCHIVED", "DRAFT", "DELETED_DRAFT"
};

struct PinEntities
{
	PinSession *session;
	const PinResource *resource;
	List	   *advertiser_ids; /* NIL: all, of the list of advertisers */
	int			current;		/* place of the one being listed */
	PinCall    *call;			/* the page being waited for, or NULL */
	bool		is_single;		/* the answer is the entity itself */
	char	   *bookmark;		/* of the next page, NULL: the first one */
	List	   *seen;			/* bookmarks of this list so far */
	MemoryContext page_cxt;
	PinJsonStream *page;		/* the page being read, or NULL */
	char	   *single;			/* the entity, if it is a single one */
};

/*
 * pin_entities_path
 *		What the first page of a list is asked with: path and query.
 *
 * advertiser_id: NULL for all advertisers.  The result is palloc'ed.
 */
char *
pin_entities_path(const PinOptions *options, const PinResource *resource,
				  const char *advertiser_id)
{
	StringInfoData path;
	bool		has_statuses = false;
	ListCell   *lc;

	initStringInfo(&path);
	appendStringInfoString(&path, "/ad_accounts");
	if (advertiser_id != NULL)
		appendStringInfo(&path, "/%s", advertiser_id);
	if (resource->path[0] == '\0')
	{
		if (advertiser_id == NULL)
			appendStringInfo(&path, "?page_size=%d", PAGE_SIZE);
		return path.data;
	}

	appendStringInfo(&path, "/%s?page_size=%d", resource->path, PAGE_SIZE);
	foreach(lc, options->filters)
	{
		PinFilter  *filter = lfirst(lc);
		ListCell   *lc2;

		if (strcmp(filter->name, "entity_statuses") == 0)
			has_statuses = true;
		foreach(lc2, filter->values)
		{
			appendStringInfo(&path, "&%s=", filter->name);
			pin_http_append_escaped(&path, lfirst(lc2));
		}
	}
	if (!has_statuses && strstr(resource->filters, "entity_statuses") != NULL)
	{
		for (int i = 0; i < (int) lengthof(all_statuses); i++)
			appendStringInfo(&path, "&entity_statuses=%s", all_statuses[i]);
	}
	return path.data;
}

/*
 * pin_entities_begin
 *		Prepares listing a resource of some advertisers.
 *
 * advertiser_ids: char *, must live as long as the session, in whose memory
 * context the result is made; NIL lists all advertisers.  Nothing is sent
 * yet.
 */
PinEntities *
pin_entities_begin(PinSession *session, const PinResource *resource,
				   List *advertiser_ids)
{
	MemoryContext old = MemoryContextSwitchTo(session->cxt);
	PinEntities *entities = palloc0(sizeof(PinEntities));

	entities->session = session;
	entities->resource = resource;
	entities->advertiser_ids = advertiser_ids;
	entities->is_single = resource->path[0] == '\0' && advertiser_ids != NIL;
	entities->page_cxt = AllocSetContextCreate(session->cxt,
											   "pinterest_fdw page",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(old);
	return entities;
}

/*
 * current_advertiser
 *		The advertiser being listed, or NULL for the list of all.
 */
static const char *
current_advertiser(const PinEntities *entities)
{
	return entities->advertiser_ids == NIL ? NULL :
		list_nth(entities->advertiser_ids, entities->current);
}

/*
 * ask_for_page
 *		Asks for the next page.
 */
static void
ask_for_page(PinEntities *entities)
{
	StringInfoData path;

	initStringInfo(&path);
	appendStringInfoString(&path,
						   pin_entities_path(entities->session->options,
											 entities->resource,
											 current_advertiser(entities)));
	if (entities->bookmark != NULL)
	{
		appendStringInfoString(&path, "&bookmark=");
		pin_http_append_escaped(&path, entities->bookmark);
	}
	entities->call = pin_call_get(entities->session, path.data);
	pfree(path.data);
}

/*
 * note_bookmark
 *		Remembers the bookmark of the next page.
 *
 * Raises an error if it has been there before: the list would never end.
 */
static void
note_bookmark(PinEntities *entities, const char *bookmark)
{
	MemoryContext old = MemoryContextSwitchTo(entities->session->cxt);
	ListCell   *lc;

	foreach(lc, entities->seen)
	{
		if (strcmp(lfirst(lc), bookmark) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_ERROR),
					 errmsg("Pinterest repeats a page for foreign table \"%s\"",
							entities->session->relname),
					 errdetail("Page %d of %s has the bookmark of an earlier one.",
							   list_length(entities->seen) + 1,
							   entities->call->what),
					 errhint("Run the statement again.")));
	}
	entities->bookmark = pstrdup(bookmark);
	entities->seen = lappend(entities->seen, entities->bookmark);
	MemoryContextSwitchTo(old);
}

/*
 * take_page
 *		Deals with an answer: prepares reading its entities.
 */
static void
take_page(PinEntities *entities)
{
	static const char *const names[] = {"items", "bookmark"};
	PinHttpRequest *answer = entities->call->request;
	const char *data = answer->data != NULL ? answer->data : "";
	PinJsonValue values[lengthof(names)];
	MemoryContext old;

	MemoryContextReset(entities->page_cxt);
	old = MemoryContextSwitchTo(entities->page_cxt);
	if (entities->is_single)
		entities->single = pnstrdup(data, answer->len);
	else
	{
		/* the items stay as they came, and are checked one by one */
		PinJsonStream *page = pin_json_stream_create();

		pin_json_object(pin_json_fields(lengthof(names), (const char **) names),
						data, answer->len, PG_UTF8, values, NULL);
		if (values[0].type != PIN_JSON_NESTED || values[0].text[0] != '[')
			ereport(ERROR,
					(errcode(ERRCODE_FDW_ERROR),
					 errmsg("invalid answer from Pinterest for foreign table \"%s\"",
							entities->session->relname),
					 errdetail("The answer to %s has no list of items.",
							   entities->call->what)));
		appendStringInfoString(pin_json_stream_input(page), values[0].text);
		entities->page = page;
		if (values[1].type == PIN_JSON_STRING && values[1].text[0] != '\0')
			note_bookmark(entities, values[1].text);
		else
			entities->bookmark = NULL;
	}
	MemoryContextSwitchTo(old);
	pin_call_free(entities->session, entities->call);
	entities->call = NULL;
}

/*
 * next_list
 *		Goes on to the next advertiser; false if there is none.
 */
static bool
next_list(PinEntities *entities)
{
	list_free_deep(entities->seen);
	entities->seen = NIL;
	entities->bookmark = NULL;
	return ++entities->current < list_length(entities->advertiser_ids);
}

/*
 * pin_entities_next
 *		Next entity, or false when all have been listed.
 */
bool
pin_entities_next(PinEntities *entities, PinRow *row)
{
	if (entities->current > 0 &&
		entities->current >= list_length(entities->advertiser_ids))
		return false;

	for (;;)
	{
		const char *key;

		row->advertiser_id = current_advertiser(entities);
		row->entity_id = NULL;
		row->encoding = GetDatabaseEncoding();
		if (entities->single != NULL)
		{
			row->json = entities->single;
			row->encoding = PG_UTF8;
			row->len = strlen(entities->single);
			entities->single = NULL;
			(void) next_list(entities);
			return true;
		}
		if (entities->page != NULL)
		{
			if (pin_json_stream_next(entities->page, &row->json, &row->len, &key))
				return true;
			entities->page = NULL;
			if (entities->bookmark == NULL && !next_list(entities))
				return false;
		}
		ask_for_page(entities);
		pin_call_wait(entities->session, entities->call);
		take_page(entities);
	}
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
		pin_entities_begin(session, pin_find_resource("advertisers"), NIL);
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
