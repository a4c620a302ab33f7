/*-------------------------------------------------------------------------
 *
 * tuple.c
 *	  A row as a tuple of the foreign table.
 *
 * A row of a report leaves out what is zero.  So a tuple begins as one in which
 * each value is what a missing one stands for, and only what has come is converted.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"

#include "base/compat.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "option/key.h"
#include "source/tuple.h"

/*
 * add_column
 *		Adds a column to those that are wanted.
 */
static void
add_column(PinTuple *tuple, TupleDesc tupdesc, const PinOptions *options,
		   const PinAttribute *attribute)
{
	const PinColumn *known = attribute->column;
	bool		is_report = options->resource->kind == PIN_REPORT;
	PinTupleColumn *column = &tuple->columns[tuple->ncolumns++];
	PinConverter *converter = &column->converter;
	int			place = attribute->attnum - 1;

	column->attnum = attribute->attnum;
	column->name = attribute->name;
	column->source = known != NULL ? known->source : PIN_FROM_FIELD;
	column->is_key = pin_is_key(options, known);
	column->is_unknown = !is_report && known == NULL;
	column->api_name = attribute->api_name;
	column->may_be_missing = column->is_key &&
		((is_report && !pin_is_own_key(options->resource, known)) ||
		 (known->flags & PIN_BLANK));
	column->place = -1;
	pin_converter_init(converter, tuple->relname, TupleDescAttr(tupdesc, place),
					   known, is_report);

	/* a domain may refuse null, so it must see it */
	column->is_spared = !column->is_key &&
		(converter->zero_fills || converter->type == converter->basetype);
	if (column->is_spared && converter->zero_fills)
	{
		tuple->values[place] = converter->zero;
		tuple->isnull[place] = false;
	}
}

/*
 * pin_tuple_create
 *		Prepares making tuples of some columns of a foreign table.
 *
 * attributes: PinAttribute *, all of the table; attnums: an IntList, those that are
 * wanted.  The caller sets the places of the fields.  The options, the attributes and
 * relname must live as long as the result, which is made in the current memory
 * context; the relation need not stay open.
 */
PinTuple *
pin_tuple_create(Relation rel, const PinOptions *options, const char *relname,
				 List *attributes, List *attnums)
{
	TupleDesc	tupdesc = RelationGetDescr(rel);
	PinTuple   *tuple = palloc0(sizeof(PinTuple));
	ListCell   *lc;

	tuple->relname = relname;
	tuple->columns = palloc0(Max(list_length(attributes), 1) * sizeof(PinTupleColumn));
	tuple->natts = tupdesc->natts;
	tuple->values = palloc0(Max(tuple->natts, 1) * sizeof(Datum));
	tuple->isnull = palloc(Max(tuple->natts, 1) * sizeof(bool));
	memset(tuple->isnull, true, tuple->natts * sizeof(bool));
	foreach(lc, attributes)
	{
		PinAttribute *attribute = lfirst(lc);

		if (list_member_int(attnums, attribute->attnum))
			add_column(tuple, tupdesc, options, attribute);
	}
	return tuple;
}

/*
 * text_cell
 *		The cell of a text that does not come from a field; NULL or "": missing.
 */
static inline PinCell
text_cell(const char *text)
{
	PinCell		cell = {.type = PIN_JSON_MISSING, .scale = -1};

	if (text != NULL && text[0] != '\0')
	{
		cell.type = PIN_JSON_STRING;
		cell.text = text;
		cell.len = strlen(text);
	}
	return cell;
}

/*
 * replace_missing
 *		Puts an empty text where a report's row has no value of a key column.
 *
 * A row may have no ad group, or no value of a targeting type.  Keys are never
 * null; the row is no less right for that, and can be told apart from others.
 */
static void
replace_missing(const PinTupleColumn *column, PinJsonValue *value)
{
	if (value->type != PIN_JSON_MISSING && value->type != PIN_JSON_NULL)
		return;
	switch (column->converter.basetype)
	{
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case JSONOID:
		case JSONBOID:
			value->type = PIN_JSON_STRING;
			value->text = pstrdup("");
			break;
		default:
			break;				/* an error, as for all that have no such value */
	}
}

/*
 * convert_value
 *		Converts a value of any kind, or what a missing one stands for.
 */
static void
convert_value(const PinTuple *tuple, PinTupleColumn *column, const PinRow *row,
			  const PinCell *cell, const PinHour *hour, Datum *result, bool *isnull)
{
	PinJsonValue value = pin_cell_value(cell);

	if (row->writes_zeros && column->converter.kind == PIN_RATIO &&
		pin_json_is_zero(&value))
		value.type = PIN_JSON_MISSING;
	if (column->source == PIN_FROM_DATE && hour != NULL && value.text != NULL)
		value.text = pin_hour_text(hour, row->zone);
	if (column->may_be_missing)
		replace_missing(column, &value);
	*result = pin_convert(&column->converter, &value, isnull);
	if (column->is_key && *isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("Pinterest sent a row without its key for foreign table \"%s\"",
						tuple->relname),
				 column->may_be_missing ?
				 errhint("Use type text for the column, in which an empty text stands for none.") : 0));
}

/*
 * pin_tuple_fill
 *		Converts a row's values and stores them in a slot.
 *
 * cells: of the row's fields; hour: that it is about, if rows are by the hour; else
 * NULL.  The values are in the current memory context, or in the tuple's until the
 * next row.  tuple->current is the column at hand while an error is raised: those
 * of pin_convert(), and 22004 for a key that is null.
 */
void
pin_tuple_fill(PinTuple *tuple, const PinRow *row, const PinCell *cells,
			   const PinHour *hour, TupleTableSlot *slot)
{
	memcpy(slot->tts_values, tuple->values, tuple->natts * sizeof(Datum));
	memcpy(slot->tts_isnull, tuple->isnull, tuple->natts * sizeof(bool));
	for (int i = 0; i < tuple->ncolumns; i++)
	{
		PinTupleColumn *column = &tuple->columns[i];
		Datum	   *value = &slot->tts_values[column->attnum - 1];
		bool	   *isnull = &slot->tts_isnull[column->attnum - 1];
		const PinCell *cell;
		PinCell		beside;

		if (column->place >= 0)
			cell = &cells[column->place];
		else
		{
			beside = text_cell(column->source == PIN_FROM_ENTITY ?
							   row->entity_id : row->advertiser_id);
			cell = &beside;
		}
		if (cell->type != PIN_JSON_MISSING)
			column->has_come = true;
		if (column->is_spared &&
			(cell->type == PIN_JSON_MISSING || cell->type == PIN_JSON_NULL))
			continue;
		tuple->current = column->name;
		if ((hour == NULL || column->source != PIN_FROM_DATE) &&
			!row->writes_zeros &&
			pin_convert_cell(&column->converter, cell, value))
			*isnull = false;
		else
			convert_value(tuple, column, row, cell, hour, value, isnull);
	}
	tuple->current = NULL;
	ExecStoreVirtualTuple(slot);
}

/*
 * pin_tuple_warn_of_unknown
 *		Tells of columns whose fields no entity had, once all have been read.
 *
 * Pinterest has more fields than the catalog knows, so a name may be right; it leaves
 * out fields without a value, so those that the catalog knows say nothing.  Each
 * column is told of once.
 */
void
pin_tuple_warn_of_unknown(PinTuple *tuple, const PinResource *resource)
{
	for (int i = 0; i < tuple->ncolumns; i++)
	{
		PinTupleColumn *column = &tuple->columns[i];
		ClosestMatchState match;

		if (!column->is_unknown || column->has_come)
			continue;
		column->has_come = true;
		initClosestMatch(&match, column->api_name, PIN_HINT_DISTANCE);
		for (int j = 0; j < resource->ncolumns; j++)
			updateClosestMatch(&match, resource->columns[j].api_name);
		ereport(WARNING,
				(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
				 errmsg("column \"%s\" of foreign table \"%s\" is null in all rows: Pinterest has no field \"%s\" in any",
						column->name, tuple->relname, pin_shorten(column->api_name)),
				 getClosestMatch(&match) != NULL ?
				 errhint("Perhaps you meant the field \"%s\".", getClosestMatch(&match)) :
				 errhint("Correct the option \"column_name\", or drop the column.")));
	}
}
