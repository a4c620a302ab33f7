/*-------------------------------------------------------------------------
 *
 * column.c
 *	  Columns of a foreign table, tied to Pinterest's.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "utils/builtins.h"

#include "base/compat.h"
#include "base/dates.h"
#include "option/column.h"
#include "option/option.h"
#include "option/settings.h"
#include "option/value.h"

/*
 * check_report_column
 *		Checks that a report can have a column.  "by_option" says
 *		whether the API's name was given, and decides in which form
 *		the hint names another.
 */
static void
check_report_column(Relation rel, const PinResource *resource,
					const PinAttribute *attribute, Oid type,
					PinGranularity granularity, bool by_option)
{
	const PinColumn *column = attribute->column;
	const char *reason;

	if (column == NULL)
	{
		ClosestMatchState match;

		initClosestMatch(&match,
						 by_option ? attribute->api_name : attribute->name,
						 PIN_HINT_DISTANCE);
		for (int i = 0; i < resource->nkeys + resource->ncolumns; i++)
		{
			const PinColumn *other = i < resource->nkeys ?
				&resource->keys[i] : &resource->columns[i - resource->nkeys];

			if (pin_column_is_valid(resource, other, granularity, NULL))
				updateClosestMatch(&match,
								   by_option ? other->api_name : other->name);
		}
		ereport(ERROR,
				(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
				 errmsg("column \"%s\" of foreign table \"%s\" is no column of Pinterest's reports: \"%s\"",
						attribute->name, RelationGetRelationName(rel),
						attribute->api_name),
				 getClosestMatch(&match) != NULL ?
				 errhint("Perhaps you meant the column \"%s\".",
						 getClosestMatch(&match)) :
				 errhint("Set its option \"column_name\" to one of the names that the view pinterest.resource_columns lists, or drop the column.")));
	}

	if (!pin_column_is_valid(resource, column, granularity, &reason))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_COLUMN_NAME),
				 errmsg("invalid column \"%s\" of foreign table \"%s\": %s",
						attribute->name, RelationGetRelationName(rel), reason),
				 errhint("Drop the column from the foreign table.")));

	/*
	 * A table whose granularity was altered: its keys would be the same for
	 * all hours of a day.
	 */
	if (column->source == PIN_FROM_DATE && granularity == PIN_HOUR &&
		type == DATEOID)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("column \"%s\" of foreign table \"%s\" cannot hold hours",
						attribute->name, RelationGetRelationName(rel)),
				 errhint("Use ALTER FOREIGN TABLE %s ALTER COLUMN %s TYPE timestamptz.",
						 quote_identifier(RelationGetRelationName(rel)),
						 quote_identifier(attribute->name))));
}

/*
 * pin_get_attributes
 *		Columns of a foreign table, tied to Pinterest's columns.
 *
 * Dropped and generated columns are left out.  A column is found by its
 * option column_name, else by its name in the fixed schema, else by its name
 * as Pinterest's, upper-cased for reports.
 *
 * Returns a List of palloc'd PinAttribute.  It is an error if a report has no
 * such column, or has it not at that level or granularity.  Fields of entities
 * are many and grow, so that one we do not know is for the answer to have.
 */
List *
pin_get_attributes(Relation rel, const PinResource *resource)
{
	TupleDesc	tupdesc = RelationGetDescr(rel);
	Oid			relid = RelationGetRelid(rel);
	PinGranularity granularity = pin_merge_options(relid)->granularity;
	List	   *result = NIL;

	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(tupdesc, i);
		PinAttribute *attribute;
		const char *given;

		if (attr->attisdropped || attr->attgenerated)
			continue;

		attribute = palloc0(sizeof(PinAttribute));
		attribute->attnum = attr->attnum;
		attribute->name = pstrdup(NameStr(attr->attname));
		given = pin_find_option(GetForeignColumnOptions(relid, attr->attnum),
						   "column_name");
		if (given == NULL)
			attribute->column = pin_find_fixed_column(resource, attribute->name);
		if (attribute->column == NULL)
		{
			const char *name = given != NULL ? given : attribute->name;

			char	   *api_name = pstrdup(name);

			if (resource->kind == PIN_REPORT)
			{
				for (char *p = api_name; *p; p++)
					*p = pg_ascii_toupper((unsigned char) *p);
			}
			attribute->api_name = api_name;
			attribute->column = pin_find_column(resource, attribute->api_name);
		}
		else
			attribute->api_name = attribute->column->api_name;

		if (resource->kind == PIN_REPORT)
			check_report_column(rel, resource, attribute, attr->atttypid,
								granularity, given != NULL);
		result = lappend(result, attribute);
	}
	return result;
}
