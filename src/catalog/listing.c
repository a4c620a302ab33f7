/*-------------------------------------------------------------------------
 *
 * listing.c
 *	  The catalog as SQL sees it: what the views of resources and columns show.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "nodes/execnodes.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/listing.h"

PG_FUNCTION_INFO_V1(pinterest_resources);
PG_FUNCTION_INFO_V1(pinterest_resource_columns);

/*
 * column_unit
 *		The unit of a column: its kind's, else the one at the end of its name.
 *
 * Costs per something and average times are PIN_RATIO, and carry their unit in
 * their names.  Returns NULL if there is none.
 */
static const char *
column_unit(const PinColumn *column)
{
	static const struct
	{
		const char *suffix;
		const char *unit;
	}			units[] =
	{
		{"_IN_MICRO_DOLLAR", "micro-currency"},
		{"_IN_DOLLAR", "currency"},
		{"_IN_DOLLAR_1", "currency"},
		{"_IN_LOCAL_CURRENCY", "currency"},
		{"_IN_SECOND", "seconds"},
		{"_IN_SECOND_1", "seconds"},
		{"_IN_SECOND_2", "seconds"},
	};
	const char *unit = pin_kind_unit(column->kind);
	size_t		len = strlen(column->api_name);

	if (unit || column->kind != PIN_RATIO)
		return unit;

	for (int i = 0; i < (int) lengthof(units); i++)
	{
		size_t		suffix_len = strlen(units[i].suffix);

		if (len > suffix_len &&
			strcmp(column->api_name + len - suffix_len, units[i].suffix) == 0)
			return units[i].unit;
	}

	return NULL;
}

/*
 * put_column
 *		Adds a column's row to the result of
 *		pinterest_resource_columns()
 */
static void
put_column(ReturnSetInfo *rsinfo, const PinResource *resource,
		   const PinColumn *column, bool is_key)
{
	const char *unit = column_unit(column);
	Datum		values[8];
	bool		nulls[8] = {0};

	values[0] = CStringGetTextDatum(resource->name);
	values[1] = CStringGetTextDatum(column->name);
	values[2] = CStringGetTextDatum(column->api_name);
	values[3] = CStringGetTextDatum(pin_kind_type(column->kind));

	if (unit)
		values[4] = CStringGetTextDatum(unit);
	else
		nulls[4] = true;

	values[5] = BoolGetDatum(is_key);
	values[6] = BoolGetDatum(pin_column_is_standard(resource, column));
	values[7] = CStringGetTextDatum(column->description);

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/*
 * pinterest_resources
 *		The tables of the fixed schema; SQL-callable, behind the view of this
 *		name.
 *
 * Returns a row (resource text, kind text, key text[], level text,
 * history_days int, scopes text[], description text, schema text,
 * optional_scopes text[], beta boolean) for each.  Level and history are null for
 * entities.
 */
Datum
pinterest_resources(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);

	for (int i = 0; i < pin_nresources; i++)
	{
		const PinResource *resource = &pin_resources[i];
		List	   *key = NIL;
		Datum		values[10];
		bool		nulls[10] = {0};

		for (int j = 0; j < resource->nkeys; j++)
			key = lappend(key, unconstify(char *, resource->keys[j].name));

		values[0] = CStringGetTextDatum(resource->name);
		values[1] = CStringGetTextDatum(pin_has_days(resource) ?
										"report" : "entity");
		values[2] = pin_text_array(key);

		if (resource->level_name)
			values[3] = CStringGetTextDatum(resource->level_name);
		else
			nulls[3] = true;

		if (resource->history_days > 0)
			values[4] = Int32GetDatum(resource->history_days);
		else
			nulls[4] = true;

		values[5] = pin_text_array(pin_split_words(resource->scopes));
		values[6] = CStringGetTextDatum(resource->description);
		values[7] = CStringGetTextDatum(resource->schema);
		values[8] = pin_text_array(pin_split_words(resource->more_scopes));
		values[9] = BoolGetDatum(resource->beta);

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}

	return (Datum) 0;
}

/*
 * pinterest_resource_columns
 *		The columns of the tables of the fixed schema; SQL-callable, behind the
 *		view of this name.
 *
 * Returns a row (resource text, column_name text, api_name text, type text,
 * unit text, is_key boolean, standard boolean, description text) for each
 * column that is valid at the level of its resource, in the order of the
 * schema.  The unit is null where there is none.
 */
Datum
pinterest_resource_columns(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);

	for (int i = 0; i < pin_nresources; i++)
	{
		const PinResource *resource = &pin_resources[i];

		for (int j = 0; j < resource->nkeys; j++)
			put_column(rsinfo, resource, &resource->keys[j], true);
		for (int j = 0; j < resource->ncolumns; j++)
			put_column(rsinfo, resource, &resource->columns[j], false);
	}

	return (Datum) 0;
}
