/*-------------------------------------------------------------------------
 *
 * listpath.c
 *	  What entity lists are asked for with.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/dates.h"
#include "base/text.h"
#include "http/url.h"
#include "source/listpath.h"

/* Pinterest shows active and paused entities only, unless told otherwise. */
static const char *const all_statuses[] = {
	"ACTIVE", "PAUSED", "ARCHIVED", "DRAFT", "DELETED_DRAFT"
};

/*
 * filled_path
 *		A path below a resource's base, with an id in the place of what stands in
 *		braces, unless it is NULL.
 */
static char *
filled_path(const char *path, const char *id)
{
	const char *open = strchr(path, '{');
	const char *close = open == NULL ? NULL : strchr(open, '}');

	if (close == NULL || id == NULL)
		return pstrdup(path);
	return psprintf("%.*s%s%s", (int) (open - path), path, id, close + 1);
}

/*
 * list_path
 *		The path of a list.
 *
 * advertiser_id: NULL if the list is not one of a single advertiser; item: the
 * targeting type that it is for, or the parent, or NULL; parameter: that names the
 * latter, or NULL if it is part of the path.
 */
static char *
list_path(const PinRequest *request, const char *advertiser_id,
		  const char *item, const char *parameter)
{
	const PinResource *resource = request->resource;
	const char *path = resource->one_path != NULL && item != NULL &&
		parameter == NULL ? resource->one_path : resource->path;

	switch (resource->listing)
	{
		case PIN_LIST_GLOBAL:
		case PIN_LIST_BY_DAY:
			return psprintf("/%s", resource->path);
		case PIN_LIST_BY_TYPE:
			return psprintf("/%s/%s", resource->path, item);
		case PIN_LIST_ADVERTISERS:
			if (advertiser_id == NULL)
				return pstrdup("/ad_accounts");
			return psprintf("/ad_accounts/%s", advertiser_id);
		default:
			if (resource->base != PIN_BASE_ACCOUNT)
				return psprintf("/%s", filled_path(path, item));
			return psprintf("/ad_accounts/%s/%s", advertiser_id,
							filled_path(path, item));
	}
}

/*
 * pin_list_endpoint
 *		The path of a request's lists with placeholders, palloc'ed.
 */
char *
pin_list_endpoint(const PinRequest *request)
{
	bool		is_list = request->resource->listing == PIN_LIST_ADVERTISERS &&
		request->advertiser_ids == NIL && !request->is_empty;

	return list_path(request, is_list ? NULL : "{ad_account_id}",
					 request->resource->listing == PIN_LIST_BY_TYPE ?
					 "{targeting_type}" : NULL, NULL);
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
	pin_url_append_escaped(path, value);
}

/*
 * pin_list_first_page
 *		What the first page of a list is asked with: path and query, palloc'ed.
 */
char *
pin_list_first_page(const PinRequest *request, const PinNextList *list)
{
	const PinResource *resource = request->resource;
	StringInfoData path;
	bool		has_statuses = false;
	ListCell   *lc;

	initStringInfo(&path);
	appendStringInfoString(&path,
						   list_path(request,
									 list->advertiser_id == NULL ? NULL :
									 pin_url_escaped(list->advertiser_id),
									 list->item == NULL ? NULL :
									 pin_url_escaped(list->item),
									 list->parameter));
	if (resource->listing == PIN_LIST_BY_DAY)
		append_parameter(&path, "date", list->choice);
	if (resource->listing == PIN_LIST_GLOBAL ||
		resource->listing == PIN_LIST_BY_DAY ||
		resource->listing == PIN_LIST_BY_TYPE ||
		(resource->listing == PIN_LIST_ADVERTISERS &&
		 list->advertiser_id != NULL))
		return path.data;

	if (resource->base == PIN_BASE_USER)
		append_parameter(&path, "ad_account_id", list->advertiser_id);
	if (pin_is_paged(resource))
		append_parameter(&path, "page_size", psprintf("%d", request->page_size));
	if (resource->query != NULL)
		appendStringInfo(&path, "%c%s", strchr(path.data, '?') == NULL ? '?' : '&',
						 resource->query);
	if (list->range != NULL)
	{
		append_parameter(&path, "start_date", pin_format_date(list->range->start));
		append_parameter(&path, "end_date", pin_format_date(list->range->end));
	}
	if (list->parameter != NULL && resource->parents_at_once > 0)
	{
		ListCell   *id;

		foreach(id, pin_split_list(list->item))
			append_parameter(&path, list->parameter, lfirst(id));
	}
	else if (list->parameter != NULL)
		append_parameter(&path, list->parameter, list->item);
	if (list->choice != NULL)
		append_parameter(&path, resource->parameter, list->choice);
	foreach(lc, list->filters)
	{
		PinFilter  *filter = lfirst(lc);
		ListCell   *lc2;

		if (strcmp(filter->name, "entity_statuses") == 0)
			has_statuses = true;
		foreach(lc2, filter->values)
			append_parameter(&path, filter->name, lfirst(lc2));
	}
	if (!has_statuses && resource->filters != NULL &&
		strstr(resource->filters, "entity_statuses") != NULL)
	{
		for (int i = 0; i < (int) lengthof(all_statuses); i++)
			append_parameter(&path, "entity_statuses", all_statuses[i]);
	}
	if (request->order != NULL)
		append_parameter(&path, "order", request->order);
	return path.data;
}

/*
 * pin_list_names_ids
 *		Whether the path of a list has other ids than that of an advertiser.
 */
bool
pin_list_names_ids(const PinRequest *request, const char *path)
{
	const char *query = strchr(path, '?');

	if (request->resource->base == PIN_BASE_USER)
		return request->resource->listing == PIN_LIST_BELOW;
	return query != NULL && strstr(query, "_id") != NULL;
}
