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

#include "access/transam.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "base/dates.h"
#include "base/relation.h"
#include "base/text.h"
#include "option/column.h"
#include "option/key.h"
#include "option/option.h"
#include "option/value.h"

/*
 * check_name
 *		Checks that Pinterest has a column.
 *
 * "by_option" says whether its name was given in the option column_name.  Fields of
 * entities are many and grow, so one that we do not know can be named that way.
 */
static void
check_name(Relation rel, const PinResource *resource,
		   const PinAttribute *attribute, PinGranularity granularity,
		   bool by_option)
{
	bool		is_report = resource->kind == PIN_REPORT;
	ClosestMatchState match;

	if (attribute->column != NULL || (by_option && !is_report))
		return;
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
			 is_report ?
			 errmsg("column \"%s\" of foreign table \"%s\" is no column of Pinterest's reports: \"%s\"",
					attribute->name, RelationGetRelationName(rel),
					pin_shorten(attribute->api_name)) :
			 errmsg("column \"%s\" of foreign table \"%s\" is no column of resource \"%s\"",
					attribute->name, RelationGetRelationName(rel), resource->name),
			 getClosestMatch(&match) != NULL ?
			 errhint("Perhaps you meant the column \"%s\".",
					 getClosestMatch(&match)) :
			 is_report ?
			 errhint("Set its option \"column_name\" to one of the names that the view pinterest.resource_columns lists, or drop the column.") :
			 errhint("The view pinterest.resource_columns lists the columns. If Pinterest has another field, name it in the option \"column_name\".")));
}

/*
 * type_fits
 *		Whether values of a kind can be had as a built-in type, which is neither an
 *		array nor a domain.  What loses digits or cuts text off does not count.
 */
static bool
type_fits(PinKind kind, Oid type)
{
	switch (type)
	{
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case JSONOID:
		case JSONBOID:
			return true;
		case NAMEOID:
		case CHAROID:
			return false;
		case FLOAT4OID:
		case MONEYOID:
		case INT2OID:
			return kind <= PIN_RATIO || kind == PIN_TEXT ||
				(kind == PIN_ID && type == INT2OID);
		case INT4OID:
			return kind <= PIN_RATIO || kind == PIN_TEXT || kind == PIN_ID ||
				kind == PIN_SECONDS;
		case INT8OID:
		case NUMERICOID:
			return kind <= PIN_RATIO || kind == PIN_TEXT || kind == PIN_ID ||
				pin_kind_oid(kind) == TIMESTAMPTZOID;
		case FLOAT8OID:
			return kind <= PIN_RATIO || kind == PIN_TEXT ||
				pin_kind_oid(kind) == TIMESTAMPTZOID;
		case BOOLOID:
			return kind == PIN_FLAG || kind == PIN_TEXT;
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return kind == PIN_DATE || kind == PIN_TEXT ||
				pin_kind_oid(kind) == TIMESTAMPTZOID;
		default:
			return kind == PIN_TEXT;
	}
}

StaticAssertDecl(PIN_RATIO == 3, "numbers are the first kinds");

/*
 * type_is_possible
 *		Whether a column can be of a type: of one that convert.c can make a value of.
 *
 * column: NULL if the catalog does not know it, then any scalar or list is.  Types
 * of other extensions read texts of their own.
 */
static bool
type_is_possible(const PinColumn *column, Oid type)
{
	Oid			basetype = getBaseType(type);
	Oid			element = get_element_type(basetype);
	char		typtype = get_typtype(OidIsValid(element) ? getBaseType(element) : basetype);

	if (typtype != TYPTYPE_BASE && typtype != TYPTYPE_ENUM)
		return false;
	if (OidIsValid(element))
		return column == NULL || column->kind == PIN_TEXTS || column->kind == PIN_JSON;
	if (basetype >= FirstNormalObjectId)
		return true;
	return type_fits(column == NULL ? PIN_TEXT : column->kind, basetype);
}

/*
 * is_day_type
 *		Whether values of a built-in type are days, or instants that have one: in
 *		UTC, if the type has no time zone.
 */
static bool
is_day_type(Oid type)
{
	return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

/*
 * check_column
 *		Checks that a foreign table can have a column: at that level and granularity,
 *		and of that type.  by_option: see check_name().
 */
static void
check_column(Relation rel, const PinResource *resource,
			 const PinAttribute *attribute, Oid type,
			 PinGranularity granularity, bool by_option)
{
	const PinColumn *column = attribute->column;
	const char *reason;

	check_name(rel, resource, attribute, granularity, by_option);

	if (resource->kind == PIN_REPORT &&
		!pin_column_is_valid(resource, column, granularity, &reason))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_COLUMN_NAME),
				 errmsg("invalid column \"%s\" of foreign table \"%s\": %s",
						attribute->name, RelationGetRelationName(rel), reason),
				 errhint("Drop the column from the foreign table.")));

	if (column != NULL && column->source == PIN_FROM_DATE &&
		!is_day_type(getBaseType(type)))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("column \"%s\" of foreign table \"%s\" cannot be of type %s",
						attribute->name, RelationGetRelationName(rel),
						format_type_be(type)),
				 errdetail("Rows are told apart and loaded by their days, which takes a date or a timestamp."),
				 errhint("Use type %s.", granularity == PIN_HOUR ? "timestamptz" :
						 pin_kind_type(column->kind))));

	if (!type_is_possible(column, type))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("column \"%s\" of foreign table \"%s\" cannot be of type %s",
						attribute->name, RelationGetRelationName(rel),
						format_type_be(type)),
				 errdetail("Pinterest's values of it are of another kind."),
				 errhint("Use type %s.",
						 column != NULL ? pin_kind_type(column->kind) : "text or jsonb")));

	/*
	 * A table whose granularity was altered: its keys would be the same for
	 * all hours of a day.
	 */
	if (column != NULL && column->source == PIN_FROM_DATE &&
		granularity == PIN_HOUR && getBaseType(type) == DATEOID)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("column \"%s\" of foreign table \"%s\" cannot hold hours",
						attribute->name, RelationGetRelationName(rel)),
				 errhint("Use ALTER FOREIGN TABLE %s ALTER COLUMN %s TYPE timestamptz.",
						 quote_identifier(RelationGetRelationName(rel)),
						 quote_identifier(attribute->name))));
}

/*
 * as_api_name
 *		A name as Pinterest would write it, palloc'ed: reports have upper case.
 */
static char *
as_api_name(const PinResource *resource, const char *name)
{
	char	   *result = pstrdup(name);

	if (resource->kind == PIN_REPORT)
	{
		for (char *p = result; *p; p++)
			*p = pg_ascii_toupper((unsigned char) *p);
	}
	return result;
}

/*
 * pin_column_by_name
 *		Pinterest's column that a column of a foreign table stands for by its name: that
 *		of the fixed schema, else Pinterest's, upper-cased for reports.  NULL if there is
 *		none.
 */
const PinColumn *
pin_column_by_name(const PinResource *resource, const char *name)
{
	const PinColumn *column = pin_find_fixed_column(resource, name);

	return column != NULL ? column :
		pin_find_column(resource, as_api_name(resource, name));
}

/*
 * pin_get_attributes
 *		Columns of a foreign table, tied to Pinterest's columns.
 *
 * Dropped columns are left out.  A column is found by its option column_name, else
 * by its name in the fixed schema, else by its name as Pinterest's, upper-cased for
 * reports.
 *
 * Returns a List of palloc'd PinAttribute.  Raises HV005 if Pinterest has no such
 * column, HV007 if not at that level or granularity, HV004 if it cannot be of that
 * type, 42P16 if it is generated.
 */
List *
pin_get_attributes(Relation rel, const PinOptions *options)
{
	TupleDesc	tupdesc = RelationGetDescr(rel);
	Oid			relid = RelationGetRelid(rel);
	const PinResource *resource = options->resource;
	List	   *result = NIL;

	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(tupdesc, i);
		PinAttribute *attribute;
		const char *given;

		if (attr->attisdropped)
			continue;
		if (attr->attgenerated != '\0')
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_TABLE_DEFINITION),
					 errmsg("column \"%s\" of foreign table \"%s\" cannot be generated",
							NameStr(attr->attname), RelationGetRelationName(rel)),
					 errdetail("All that it has comes from Pinterest."),
					 errhint("Compute it in a view, or in a generated column of the materialized table.")));

		attribute = palloc0(sizeof(PinAttribute));
		attribute->attnum = attr->attnum;
		attribute->name = pstrdup(NameStr(attr->attname));
		given = pin_find_option(GetForeignColumnOptions(relid, attr->attnum),
						   "column_name");
		attribute->column = given == NULL ?
			pin_column_by_name(resource, attribute->name) :
			pin_find_column(resource, as_api_name(resource, given));
		attribute->api_name = attribute->column != NULL ? attribute->column->api_name :
			as_api_name(resource, given != NULL ? given : attribute->name);

		check_column(rel, resource, attribute, attr->atttypid, options->granularity,
					 given != NULL);
		result = lappend(result, attribute);
	}
	return result;
}

/*
 * find_attribute
 *		The column of a table, among PinAttribute *, that shows one of Pinterest's;
 *		NULL if there is none.
 */
static PinAttribute *
find_attribute(List *attributes, const PinColumn *column)
{
	ListCell   *lc;

	foreach(lc, attributes)
	{
		PinAttribute *attribute = lfirst(lc);

		if (attribute->column == column)
			return attribute;
	}
	return NULL;
}

/*
 * pin_key_attribute
 *		The column of a table, likewise, that shows a column of its natural key.
 *
 * Raises 42703 if there is none: rows could not be told apart.
 */
PinAttribute *
pin_key_attribute(const PinOptions *options, List *attributes,
				  const PinColumn *key)
{
	PinAttribute *attribute = find_attribute(attributes, key);

	if (attribute == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("foreign table \"%s\" lacks key column \"%s\"",
						pin_relation_name(options->relid), key->name),
				 errhint("Add it with ALTER FOREIGN TABLE %s ADD COLUMN %s %s%s.",
						 pin_relation_sql(options->relid),
						 quote_identifier(key->name),
						 pin_kind_type(key->kind),
						 pin_is_own_key(options->resource, key) ? "" :
						 ", or leave it out of the option \"key_columns\"")));
	return attribute;
}

/*
 * pin_finer_key_hint
 *		What to do if rows of a report have the same natural key, palloc'd.
 *
 * attributes: PinAttribute *, of the table; differing: those of them, not part of
 * the key, that have several values in rows of one key.  If there is no such
 * column, it may be one that the table does not have.
 */
char *
pin_finer_key_hint(const PinOptions *options, List *attributes, List *differing)
{
	static const char *const candidates[] = {
		"PIN_PROMOTION_ID", "PIN_ID", "PRODUCT_GROUP_ID"
	};
	const PinResource *resource = options->resource;
	StringInfoData names;
	StringInfoData added;
	ListCell   *lc;

	initStringInfo(&names);
	initStringInfo(&added);
	foreach(lc, options->key_columns)
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
						 pin_find_column(resource, lfirst(lc))->name);
	foreach(lc, differing)
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
						 ((PinAttribute *) lfirst(lc))->column->name);
	for (int i = 0; i < (int) lengthof(candidates) && differing == NIL; i++)
	{
		const PinColumn *column = pin_find_column(resource, candidates[i]);

		if (!pin_column_is_finer(resource, column) ||
			find_attribute(attributes, column) != NULL)
			continue;
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", column->name);
		appendStringInfo(&added, "ADD COLUMN %s %s, ", column->name,
						 pin_kind_type(column->kind));
		break;
	}
	if (differing == NIL && added.len == 0)
		return pstrdup("The view pinterest.resource_columns lists columns. One that tells the rows apart can be named in the option \"key_columns\" of the foreign table.");
	return psprintf("If the rows of this account are finer, let the key have what tells them apart, for example: ALTER FOREIGN TABLE %s %sOPTIONS (%s key_columns '%s');",
					pin_relation_sql(options->relid), added.data,
					options->key_columns != NIL ? "SET" : "ADD", names.data);
}
