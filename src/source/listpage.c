/*-------------------------------------------------------------------------
 *
 * listpage.c
 *	  The entities on the pages of a list.
 *
 * A page is an object with items, an array, or a single entity.  Some entities
 * stand within items, some rows are made of maps; and what a list was asked for
 * with is written into its rows, where these do not say.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "api/session.h"
#include "base/limits.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "option/option.h"
#include "source/listpage.h"
#include "source/metrics.h"
#include "source/optionpage.h"
#include "source/pinmedia.h"

/* Stands between the parts of a key; JSON has it in texts only, as an escape */
#define PIN_KEY_SEPARATOR	'\001'

/*
 * pin_page_take
 *		Prepares reading the entities of an answer, which is that of list->call, in
 *		the current memory context.
 *
 * The bookmark of the next page is left to the caller: see list.c.
 */
void
pin_page_take(PinEntities *entities, PinList *list)
{
	entities->inner = NULL;
	entities->next_item = 0;
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
	else if (list->range != NULL)
	{
		PinJsonDocument *answer =
			pin_call_document(entities->session, list->call, PIN_JSON_OBJECT);

		entities->page = pin_metrics_rows(entities->request->resource,
										  pin_json_root(answer), list->range,
										  entities->session->subject);
		entities->items = pin_json_root(entities->page);
		pin_json_close(answer);
	}
	else
	{
		entities->page = pin_call_document(entities->session, list->call,
										   list->is_single ? PIN_JSON_OBJECT :
										   PIN_JSON_ARRAY);
		entities->items = pin_json_root(entities->page);
	}
	entities->nitems = list->is_single ? 1 : pin_json_length(entities->items);
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
 * next_node
 *		Next entity of a page as it stands there; false if there is none.
 *
 * Raises 22P02 if it is something else than an object.
 */
static bool
next_node(PinEntities *entities, const PinList *list, const PinJsonNode **node)
{
	const char *within = entities->request->resource->within;

	for (;;)
	{
		const PinJsonNode *item;
		PinJsonValue inner;
		PinJsonField field = {within, PIN_JSON_ARRAY, &inner, PIN_OPTIONAL};

		if (entities->inner != NULL && entities->next_inner < entities->ninner)
		{
			*node = pin_json_element(entities->inner, entities->next_inner++);
			if (pin_json_type(*node) != PIN_JSON_OBJECT)
				pin_bad_item(entities->next_item, entities->session->subject);
			return true;
		}
		if (entities->next_item >= entities->nitems)
			return false;
		item = list->is_single ? entities->items :
			pin_json_element(entities->items, entities->next_item);
		entities->next_item++;
		if (pin_json_type(item) != PIN_JSON_OBJECT)
			pin_bad_item(entities->next_item, entities->session->subject);
		if (within == NULL)
		{
			*node = item;
			return true;
		}
		pin_json_read(item, &field, 1, entities->session->subject);
		entities->inner = inner.node;
		entities->ninner = inner.node == NULL ? 0 : pin_json_length(inner.node);
		entities->next_inner = 0;
	}
}

/*
 * lift_fields
 *		Makes fields of a row of some in the objects within.
 *
 * lifted: as in PinResource.  What is not there is left out.
 */
static void
lift_fields(PinJsonNode *row, const char *lifted)
{
	ListCell   *lc;

	foreach(lc, pin_split_words(lifted))
	{
		char	   *name = lfirst(lc);
		char	   *object = strchr(name, '=');
		char	   *field = strchr(name, '.');
		const char *wanted;
		PinJsonValue value;

		Assert(object != NULL && field != NULL);
		*object++ = '\0';
		*field++ = '\0';
		wanted = object;
		pin_json_pick(row, 1, &wanted, &value);
		if (value.type != PIN_JSON_OBJECT)
			continue;
		wanted = field;
		pin_json_pick(value.node, 1, &wanted, &value);
		if (value.type != PIN_JSON_MISSING && value.type != PIN_JSON_NULL)
			pin_json_add_node(row, name, value.node);
	}
}

/*
 * next_item
 *		Next entity of a page that is wanted; false if there is none.
 */
static bool
next_item(PinEntities *entities, PinList *list, PinRow *row)
{
	const PinResource *resource = entities->request->resource;
	const PinJsonNode *item;

	while (next_node(entities, list, &item))
	{
		if (!is_wanted(list, item))
			continue;

		/* what stands in the question only; the page is ours */
		if (list->ownership != NULL)
			pin_json_add_string((PinJsonNode *) item, PIN_OWNERSHIP, list->ownership);
		if (list->stamp != NULL)
			pin_json_add_string((PinJsonNode *) item, resource->stamp, list->stamp);
		if (resource->choice_stamp != NULL)
			pin_json_add_string((PinJsonNode *) item, resource->choice_stamp,
								list->choice);
		if (resource->listing == PIN_LIST_BY_DAY)
			pin_json_add_string((PinJsonNode *) item, "date", list->choice);
		if (resource->place != NULL)
			pin_json_add_int((PinJsonNode *) item, resource->place, ++list->nitems);
		if (resource->lifted != NULL)
			lift_fields((PinJsonNode *) item, resource->lifted);
		if (resource->has_media)
			pin_media_add((PinJsonNode *) item);
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
 * append_key
 *		Appends what an entity has in the place of a key column to "key"; false if
 *		it has nothing there.
 *
 * An id is the same one however it is written: 12, 12.0, 1.2E1.  Names of metrics
 * and codes of targeting values are texts.  Raises HV000 for an id that cannot be
 * one, and 54000 for one that is too long.
 */
static bool
append_key(const PinEntities *entities, const PinList *list, const PinRow *row,
		   const PinColumn *column, StringInfo key)
{
	PinJsonField field = {.types = PIN_JSON_ID,.required = PIN_OPTIONAL};
	PinJsonValue id;
	const char *text;

	pin_json_pick(row->node, 1, &column->api_name, &id);
	if ((id.type & PIN_JSON_ID) == 0)
	{
		/* says what is wrong with it, unless it is missing */
		field.name = column->api_name;
		field.value = &id;
		pin_json_read(row->node, &field, 1, entities->session->subject);
		return false;
	}
	if (strlen(id.text) > PIN_MAX_KEY)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("invalid answer from Pinterest for %s",
						entities->session->subject),
				 errdetail("The field \"%s\" is longer than %d bytes.",
						   column->api_name, PIN_MAX_KEY)));
	text = id.text;
	if (column->kind == PIN_ID)
	{
		text = pin_whole_number(id.text);
		if (text == NULL || *text == '-')
			bad_key(entities, column, id.text, "which is no id");
	}
	else if (*text == '\0' && list->type == NULL &&
			 (column->flags & PIN_BLANK) == 0)
		bad_key(entities, column, id.text, "which is no name");
	appendStringInfoString(key, text);
	return true;
}

/*
 * is_new
 *		Whether an entity has not come before.
 *
 * One without an id is taken for new.  Whoever reads its key will miss it.  What the
 * list itself says is no part of what has to be remembered.
 */
static bool
is_new(const PinEntities *entities, const PinList *list, const PinRow *row)
{
	const PinResource *resource = entities->request->resource;
	StringInfoData key;
	bool		result;

	initStringInfo(&key);
	for (int i = 0; i < resource->nkeys; i++)
	{
		const PinColumn *column = &resource->keys[i];
		bool		is_last = i == resource->nkeys - 1;

		if ((column->source != PIN_FROM_FIELD && column->source != PIN_FROM_DATE) ||
			(!is_last && list->type != NULL) ||
			(list->stamp != NULL && strcmp(column->api_name, resource->stamp) == 0) ||
			(resource->choice_stamp != NULL &&
			 strcmp(column->api_name, resource->choice_stamp) == 0))
			continue;
		if (key.len > 0)
			appendStringInfoChar(&key, PIN_KEY_SEPARATOR);
		if (!append_key(entities, list, row, column, &key) &&
			(column->flags & PIN_BLANK) == 0)
		{
			pfree(key.data);
			return true;
		}
	}
	result = pin_id_set_add(list->ids, key.data);
	pfree(key.data);
	return result;
}

/*
 * pin_page_next
 *		Next entity of a page that has not come before; false if there is none.
 */
bool
pin_page_next(PinEntities *entities, PinList *list, PinRow *row)
{
	while (next_item(entities, list, row))
	{
		if (is_new(entities, list, row))
			return true;
	}
	return false;
}
