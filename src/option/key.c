/*-------------------------------------------------------------------------
 *
 * key.c
 *	  The natural key of a table: that of its resource, and what a table adds.
 *
 * Pinterest does not document which rows a report has of one entity and day.  The
 * keys of the catalog fit most accounts.  Where rows are finer, the option
 * key_columns names what else tells them apart.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/compat.h"
#include "base/text.h"
#include "option/key.h"

/*
 * pin_is_own_key
 *		Whether a column belongs to the key that all tables of a resource have.
 */
bool
pin_is_own_key(const PinResource *resource, const PinColumn *column)
{
	return column >= resource->keys && column < resource->keys + resource->nkeys;
}

/*
 * pin_natural_key
 *		The columns by which the rows of a table are told apart, in order: a List
 *		of const PinColumn *, made in the current memory context.
 *
 * key_columns: char *, of which pin_check_key_columns() approves.  A total over
 * the whole range has no date.
 */
List *
pin_natural_key(const PinResource *resource, PinGranularity granularity,
				List *key_columns)
{
	List	   *key = NIL;
	ListCell   *lc;

	for (int i = 0; i < resource->nkeys; i++)
	{
		const PinColumn *column = &resource->keys[i];

		if (pin_column_is_valid(resource, column, granularity, NULL))
			key = lappend(key, (void *) column);
	}
	foreach(lc, key_columns)
		key = lappend(key, (void *) pin_find_column(resource, lfirst(lc)));
	return key;
}

/*
 * pin_can_join_key
 *		Whether a column can be added to a key: an id or a text, which a metric
 *		is not, but not the advertiser under another name.
 */
bool
pin_can_join_key(const PinResource *resource, const PinColumn *column)
{
	return (column->kind == PIN_ID || column->kind == PIN_TEXT) &&
		column->source == PIN_FROM_FIELD &&
		!pin_is_own_key(resource, column) &&
		strcmp(column->api_name, "AD_ACCOUNT_ID") != 0 &&
		pin_column_is_valid(resource, column, PIN_DAY, NULL);
}

/*
 * value_hint
 *		What to tell who named a wrong column: the closest one, or else all ids
 *		that a resource has.
 *
 * Not all of them are part of the fixed schema, see pin_column_is_finer().
 */
static char *
value_hint(const PinResource *resource, const char *name)
{
	static const char *const ids[] = {
		"AD_GROUP_ID", "AD_ID", "CAMPAIGN_ID", "ORDER_LINE_ID", "PIN_ID",
		"PIN_PROMOTION_ID", "PRODUCT_GROUP_ID", "PROMO_ID",
		"SPEND_ORDER_LINE_ID"
	};
	ClosestMatchState match;
	StringInfoData all;

	initStringInfo(&all);
	initClosestMatch(&match, name, PIN_HINT_DISTANCE);
	for (int i = 0; i < resource->ncolumns; i++)
	{
		if (pin_can_join_key(resource, &resource->columns[i]))
			updateClosestMatch(&match, resource->columns[i].api_name);
	}
	for (int i = 0; i < (int) lengthof(ids); i++)
	{
		const PinColumn *column = pin_find_column(resource, ids[i]);

		if (column == NULL || !pin_can_join_key(resource, column))
			continue;
		updateClosestMatch(&match, column->api_name);
		appendStringInfo(&all, "%s%s", all.len > 0 ? ", " : "",
						 column->api_name);
	}
	if (getClosestMatch(&match) != NULL)
		return psprintf("Perhaps you meant the value \"%s\".",
						getClosestMatch(&match));
	if (all.len == 0)
		return psprintf("Resource \"%s\" has no column that would make its key wider.",
						resource->name);
	return psprintf("Name columns of resource \"%s\" that hold ids or texts, such as: %s.",
					resource->name, all.data);
}

/*
 * pin_check_key_columns
 *		Checks that some columns, char *, can be added to the key of a resource.
 *
 * Raises 22023 with a hint if one of them cannot.
 */
void
pin_check_key_columns(const PinResource *resource, List *key_columns)
{
	ListCell   *lc;

	foreach(lc, key_columns)
	{
		const char *name = lfirst(lc);
		const PinColumn *column = pin_find_column(resource, name);
		const char *reason = NULL;

		if (column != NULL && pin_can_join_key(resource, column))
			continue;
		if (column == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value for option \"%s\": \"%s\"",
							"key_columns", pin_shorten(name)),
					 errdetail("Pinterest's reports have no such column."),
					 errhint("%s", value_hint(resource, name))));
		if (pin_is_own_key(resource, column) ||
			strcmp(name, "AD_ACCOUNT_ID") == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value for option \"%s\": \"%s\"",
							"key_columns", pin_shorten(name)),
					 errdetail("It is part of the natural key of resource \"%s\" already.",
							   resource->name),
					 errhint("Leave it out.")));
		if (!pin_column_is_valid(resource, column, PIN_DAY, &reason))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value for option \"%s\": \"%s\"",
							"key_columns", pin_shorten(name)),
					 errdetail("Resource \"%s\" does not have it: %s.",
							   resource->name, reason),
					 errhint("%s", value_hint(resource, ""))));
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"",
						"key_columns", pin_shorten(name)),
				 errdetail("It holds neither ids nor texts."),
				 errhint("%s", value_hint(resource, ""))));
	}
}
