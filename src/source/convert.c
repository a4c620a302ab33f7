/*-------------------------------------------------------------------------
 *
 * convert.c
 *	  Values of Pinterest's JSON as Datums.
 *
 * The column's own type decides, so that a user may declare a column as he
 * likes; the catalog's kind only says how to read what JSON has no type for.
 * Numbers go from their text to the type, never through a double.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "source/convert.h"

/*
 * pin_converter_init
 *		Prepares converting values for a column.
 *
 * column: NULL if the catalog does not know it.  is_report: a count or amount
 * that is missing means zero.  Memory comes from the current context and must
 * outlive the converter.
 */
void
pin_converter_init(PinConverter *converter, const FormData_pg_attribute *attr,
				   const PinColumn *column, bool is_report)
{
	Oid			function;

	memset(converter, 0, sizeof(PinConverter));
	converter->type = attr->atttypid;
	converter->typmod = attr->atttypmod;
	converter->basetypmod = attr->atttypmod;
	converter->basetype = getBaseTypeAndTypmod(attr->atttypid, &converter->basetypmod);
	converter->is_array = OidIsValid(get_element_type(converter->basetype));
	converter->kind = column != NULL ? column->kind : PIN_TEXT;
	getTypeInputInfo(attr->atttypid, &function, &converter->ioparam);
	fmgr_info(function, &converter->input);

	if (is_report && pin_kind_zero_fills(converter->kind))
	{
		converter->zero = InputFunctionCall(&converter->input, "0",
											converter->ioparam,
											converter->typmod);
		converter->zero_fills = true;
	}
}

/*
 * integral_text
 *		The digits of a number that may be written as 12.0 or 1E2.
 *
 * Returns the text itself if it is plain.  Raises 22P02 if the number has a
 * fraction.
 */
static char *
integral_text(char *text)
{
	Numeric		number,
				whole;

	if (text[strspn(text, "-0123456789")] == '\0')
		return text;
	number = DatumGetNumeric(DirectFunctionCall3(numeric_in,
												 CStringGetDatum(text),
												 ObjectIdGetDatum(InvalidOid),
												 Int32GetDatum(-1)));
	whole = DatumGetNumeric(DirectFunctionCall2(numeric_trunc,
												NumericGetDatum(number),
												Int32GetDatum(0)));
	if (numeric_is_nan(number) || numeric_is_inf(number) ||
		!DatumGetBool(DirectFunctionCall2(numeric_eq,
										  NumericGetDatum(number),
										  NumericGetDatum(whole))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("value \"%s\" is not a whole number", text)));
	return DatumGetCString(DirectFunctionCall1(numeric_out,
											   NumericGetDatum(whole)));
}

/*
 * unix_time
 *		A Unix time as timestamptz.  Raises 22008 if that cannot hold it.
 */
static Datum
unix_time(char *text, int64 units_per_second)
{
	int64		value = DatumGetInt64(DirectFunctionCall1(int8in,
														  CStringGetDatum(integral_text(text))));
	int64		seconds = value / units_per_second;
	int64		epoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) *
		INT64CONST(86400);
	TimestampTz result;

	if (seconds - epoch < MIN_TIMESTAMP / USECS_PER_SEC ||
		seconds - epoch >= END_TIMESTAMP / USECS_PER_SEC)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range: \"%s\"", text)));
	result = (seconds - epoch) * USECS_PER_SEC +
		(value % units_per_second) * (USECS_PER_SEC / units_per_second);
	return TimestampTzGetDatum(result);
}

/*
 * append_elements
 *		Appends the elements of a JSON array in the notation of PostgreSQL's
 *		arrays.
 */
static void
append_elements(StringInfo buf, const PinJsonNode *array)
{
	for (int i = 0; i < pin_json_length(array); i++)
	{
		PinJsonValue element = pin_json_value(pin_json_element(array, i));

		if (i > 0)
			appendStringInfoChar(buf, ',');
		if (element.type == PIN_JSON_NULL)
		{
			appendStringInfoString(buf, "NULL");
			continue;
		}
		appendStringInfoChar(buf, '"');
		for (const char *c = element.type & PIN_JSON_NESTED ?
			 pin_json_text(&element) : element.text; *c != '\0'; c++)
		{
			if (*c == '"' || *c == '\\')
				appendStringInfoChar(buf, '\\');
			appendStringInfoChar(buf, *c);
		}
		appendStringInfoChar(buf, '"');
	}
}

/*
 * array_text
 *		A JSON array in the notation of PostgreSQL's arrays.
 */
static char *
array_text(const PinJsonValue *value)
{
	PinJsonDocument *document = NULL;
	const PinJsonNode *array = value->node;
	StringInfoData buf;

	if (array == NULL)
	{
		/* that of a report's row has been checked, but not kept */
		char	   *json = pg_server_to_any(value->text, strlen(value->text),
											PG_UTF8);

		document = pin_json_open(json, strlen(json));
		array = pin_json_root(document);
	}
	initStringInfo(&buf);
	appendStringInfoChar(&buf, '{');
	append_elements(&buf, array);
	appendStringInfoChar(&buf, '}');
	pin_json_close(document);
	return buf.data;
}

/*
 * pin_convert
 *		A value as a Datum of the column's type, in the current memory context.
 *
 * Raises the errors of the type's input function, 22P02 for a number with a
 * fraction in a column of whole numbers, 22008 for a time out of range; the
 * caller's error context names table, column and entity.
 */
Datum
pin_convert(PinConverter *converter, PinJsonValue *value, bool *isnull)
{
	char	   *text = value->text;

	*isnull = false;
	if (value->type == PIN_JSON_MISSING || value->type == PIN_JSON_NULL)
	{
		if (converter->zero_fills)
			return converter->zero;
		*isnull = true;

		/* a domain may refuse null, so it must see it */
		if (converter->type != converter->basetype)
			return InputFunctionCall(&converter->input, NULL,
									 converter->ioparam, converter->typmod);
		return (Datum) 0;
	}

	if (text == NULL && !(converter->is_array && value->type == PIN_JSON_ARRAY))
		text = pin_json_text(value);
	switch (converter->basetype)
	{
		case TEXTOID:
			if (converter->kind == PIN_ID && value->type == PIN_JSON_NUMBER)
				text = integral_text(text);
			if (converter->type == TEXTOID)
				return CStringGetTextDatum(text);
			break;
		case INT2OID:
		case INT4OID:
		case INT8OID:
			text = integral_text(text);
			break;
		case TIMESTAMPTZOID:
			if ((converter->kind == PIN_SECONDS ||
				 converter->kind == PIN_MILLISECONDS) &&
				value->type == PIN_JSON_NUMBER)
			{
				Datum		time = unix_time(text, converter->kind == PIN_SECONDS ? 1 : 1000);

				if (converter->basetypmod >= 0)
					time = DirectFunctionCall2(timestamptz_scale, time,
											   Int32GetDatum(converter->basetypmod));
				if (converter->type != TIMESTAMPTZOID)
					domain_check(time, false, converter->type, NULL, NULL);
				return time;
			}
			break;
		case JSONOID:
		case JSONBOID:
			if (value->type == PIN_JSON_STRING)
				text = pin_json_text(value);
			break;
		default:
			if (converter->is_array && value->type == PIN_JSON_ARRAY)
				text = array_text(value);
			break;
	}
	return InputFunctionCall(&converter->input, text, converter->ioparam,
							 converter->typmod);
}
