/*-------------------------------------------------------------------------
 *
 * convert.c
 *	  Values of Pinterest's JSON as Datums.
 *
 * The column's own type decides, so that a user may declare a column as he
 * likes; the catalog's kind only says how to read what JSON has no type for.
 * Numbers go from their text to the type, never through a double.  Texts arrive in
 * UTF-8.  They are converted to the encoding of the database here, so that a
 * character which that does not have is a matter of this column alone.
 *
 * Nearly all values of reports are plain numbers, dates and texts.  These are made
 * of what the reader of rows knows of them, without a text in between.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"
#include "common/int.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/dates.h"
#include "base/limits.h"
#include "base/text.h"
#include "source/convert.h"

/*
 * The last second of the year 9999, as Unix time.  What is larger and should be
 * seconds are milliseconds.
 */
#define LAST_SECOND		INT64CONST(253402300799)

/*
 * find_shortcut
 *		How values of a column are made without a text, if they can be.
 *
 * What does not go that way says the same: see pin_convert_cell().
 */
static PinShortcut
find_shortcut(const PinConverter *converter)
{
	if (converter->type != converter->basetype)
		return PIN_NO_SHORTCUT; /* a domain may have conditions */
	switch (converter->type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return PIN_TO_INTEGER;
		case NUMERICOID:
			return converter->typmod < 0 ? PIN_TO_NUMERIC : PIN_NO_SHORTCUT;
		case DATEOID:
			return converter->kind != PIN_SECONDS &&
				converter->kind != PIN_MILLISECONDS &&
				converter->kind != PIN_TIME ? PIN_TO_DATE : PIN_NO_SHORTCUT;
		case TEXTOID:
		case VARCHAROID:
			return converter->typmod < 0 && GetDatabaseEncoding() == PG_UTF8 ?
				PIN_TO_TEXT : PIN_NO_SHORTCUT;
		default:
			return PIN_NO_SHORTCUT;
	}
}

/*
 * pin_converter_init
 *		Prepares converting values for a column.
 *
 * relname: name of the foreign table, which must live as long; column: NULL if the
 * catalog does not know it.  is_report: a count or amount that is missing means
 * zero.  Memory comes from the current context and must outlive the converter.
 */
void
pin_converter_init(PinConverter *converter, const char *relname,
				   const FormData_pg_attribute *attr, const PinColumn *column,
				   bool is_report)
{
	Oid			function;

	memset(converter, 0, sizeof(PinConverter));
	converter->relname = relname;
	converter->name = pstrdup(NameStr(attr->attname));
	converter->type = attr->atttypid;
	converter->typmod = attr->atttypmod;
	converter->basetypmod = attr->atttypmod;
	converter->basetype = getBaseTypeAndTypmod(attr->atttypid, &converter->basetypmod);
	converter->is_array = OidIsValid(get_element_type(converter->basetype));
	converter->kind = column != NULL ? column->kind : PIN_TEXT;

	/* of all ids, those of product items alone are the advertisers' own texts */
	converter->has_number = converter->kind == PIN_ID &&
		strcmp(column->api_name, "PRODUCT_ITEM_ID") != 0;
	getTypeInputInfo(attr->atttypid, &function, &converter->ioparam);
	fmgr_info(function, &converter->input);

	if (is_report && pin_kind_zero_fills(converter->kind))
	{
		converter->zero = InputFunctionCall(&converter->input, "0",
											converter->ioparam,
											converter->typmod);
		converter->zero_fills = true;
	}

	converter->shortcut = find_shortcut(converter);
	if (converter->shortcut == PIN_TO_TEXT)
	{
		converter->latest = palloc(VARHDRSZ + PIN_MAX_WORDS);
		converter->latest_type = PIN_JSON_MISSING;
	}
}

/*
 * is_number
 *		Whether a text is a number as JSON writes them.
 */
static bool
is_number(const char *text)
{
	const char *c = text + (*text == '-');
	size_t		len = strspn(c, "0123456789");

	if (len == 0)
		return false;
	c += len;
	if (*c == '.')
		c += 1 + strspn(c + 1, "0123456789");
	if (*c == 'e' || *c == 'E')
	{
		c += 1 + (c[1] == '+' || c[1] == '-');
		len = strspn(c, "0123456789");
		if (len == 0)
			return false;
		c += len;
	}
	return *c == '\0';
}

/*
 * integral_text
 *		The digits of a number that may be written as 12.0 or 1E2.
 *
 * Returns the text itself if it is plain, or no number at all, which the type's
 * input function will say.  Raises 22P02 if the number has a fraction.
 */
static char *
integral_text(const PinConverter *converter, char *text)
{
	const char *digits = pin_whole_number(text);

	if (digits != NULL)
		return unconstify(char *, digits);
	if (is_number(text))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("value \"%s\" is not a whole number", pin_shorten(text)),
				 errhint("Use ALTER FOREIGN TABLE %s ALTER COLUMN %s TYPE numeric. A materialized table of it needs the same by ALTER TABLE.",
						 quote_identifier(converter->relname),
						 quote_identifier(converter->name))));
	return text;
}

/*
 * unix_time
 *		A Unix time as timestamptz.  Raises 22008 if that cannot hold it.
 */
static TimestampTz
unix_time(char *text, bool is_milliseconds)
{
	const Numeric limit = int64_to_numeric(LAST_SECOND);
	const int64 epoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) *
		INT64CONST(86400) * USECS_PER_SEC;
	Datum		number = DirectFunctionCall3(numeric_in, CStringGetDatum(text),
											 ObjectIdGetDatum(InvalidOid),
											 Int32GetDatum(-1));
	int64		microseconds;
	TimestampTz result;

	if (!is_milliseconds &&
		DatumGetBool(DirectFunctionCall2(numeric_gt,
										 DirectFunctionCall1(numeric_abs, number),
										 NumericGetDatum(limit))))
		is_milliseconds = true;
	number = DirectFunctionCall2(numeric_mul, number,
								 NumericGetDatum(int64_to_numeric(is_milliseconds ? 1000 : USECS_PER_SEC)));

	/* numeric rounds to the microsecond, and int8 says what it cannot hold */
	if (!DatumGetBool(DirectFunctionCall2(numeric_lt,
										  DirectFunctionCall1(numeric_abs, number),
										  NumericGetDatum(int64_to_numeric(PG_INT64_MAX)))))
		microseconds = PG_INT64_MAX;
	else
		microseconds = DatumGetInt64(DirectFunctionCall1(numeric_int8, number));
	if (pg_sub_s64_overflow(microseconds, epoch, &result) ||
		microseconds == PG_INT64_MAX || !IS_VALID_TIMESTAMP(result))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range: \"%s\"", pin_shorten(text))));
	return result;
}

/*
 * iso_time
 *		A time as a text as timestamptz: as ISO 8601 has it, or in another notation
 *		that PostgreSQL knows.
 *
 * One without a zone is of UTC, whatever the session's time zone is.  Raises 22007
 * if it is none.
 */
static TimestampTz
iso_time(char *text)
{
	const int	date_len = strlen("YYYY-MM-DD");

	if (strlen(text) >= date_len &&
		strspn(text, "0123456789-") >= date_len)
	{
		const char *time = text + date_len;

		if (*time == 'T' || *time == 't')
			time++;
		if (time[strspn(time, "0123456789:. ")] == '\0')
			text = psprintf("%s%s+00", text, *time == '\0' ? " 00:00" : "");
	}
	return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in,
												   CStringGetDatum(text),
												   ObjectIdGetDatum(InvalidOid),
												   Int32GetDatum(-1)));
}

/*
 * time_text
 *		A time in a notation that the input function of the column's type reads
 *		like any other session's; the text itself where that is what is wanted.
 *
 * What has no zone (timestamp, date) gets the time of UTC.  Numbers are Unix time
 * in the unit that the API documents.
 */
static char *
time_text(const PinConverter *converter, char *text)
{
	bool		is_milliseconds = converter->kind == PIN_MILLISECONDS;
	TimestampTz time;
	struct pg_tm tm;
	fsec_t		fsec;
	char		buf[MAXDATELEN + 1];

	switch (converter->basetype)
	{
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
		case DATEOID:
			break;
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case FLOAT4OID:
		case FLOAT8OID:
			if (is_number(text))
				return text;
			time = iso_time(text) +
				(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
			return psprintf("%s" INT64_FORMAT "e-%d", time < 0 ? "-" : "",
							time < 0 ? -time : time, is_milliseconds ? 3 : 6);
		default:
			return text;
	}
	time = is_number(text) ? unix_time(text, is_milliseconds) : iso_time(text);
	if (TIMESTAMP_NOT_FINITE(time))
		return text;
	if (timestamp2tm(time, NULL, &tm, &fsec, NULL, NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	tm.tm_isdst = 0;			/* known, so that the zone is shown */
	EncodeDateTime(&tm, fsec, converter->basetype == TIMESTAMPTZOID, 0, NULL,
				   USE_ISO_DATES, buf);
	return pstrdup(buf);
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
		document = pin_json_open(value->text, strlen(value->text));
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
 * is_unknown_time
 *		Whether a value of a field that the catalog does not know is read like a
 *		time of which it does, since its column is one.
 *
 * Texts of digits, and numbers of eight, are left to the type: 20260131 is a day.
 */
static bool
is_unknown_time(const PinConverter *converter, const PinJsonValue *value)
{
	if (value->type == PIN_JSON_STRING)
		return converter->basetype == TIMESTAMPTZOID && !is_number(value->text);
	return (converter->basetype == TIMESTAMPTZOID ||
			converter->basetype == TIMESTAMPOID ||
			converter->basetype == DATEOID) &&
		strlen(value->text) != strlen("YYYYMMDD");
}

/*
 * value_text
 *		The text of a value that is there, for the input function of its column's
 *		type.
 */
static char *
value_text(PinConverter *converter, const PinJsonValue *value)
{
	PinJsonValue in_server = *value;
	bool		is_json = converter->basetype == JSONOID ||
		converter->basetype == JSONBOID;

	if (converter->is_array && value->type == PIN_JSON_ARRAY)
		return array_text(value);
	if (value->text != NULL)
		in_server.text = pin_json_server_text(value->text);
	if (in_server.text == NULL || (is_json && value->type == PIN_JSON_STRING))
		return pin_json_text(&in_server);
	if ((value->type & PIN_JSON_ID) == 0 || is_json)
		return in_server.text;

	/* a number or a string */
	switch (converter->kind)
	{
		case PIN_ID:
			if (converter->has_number || value->type == PIN_JSON_NUMBER)
			{
				const char *digits = pin_whole_number(in_server.text);

				if (digits != NULL)
					return unconstify(char *, digits);
			}
			break;
		case PIN_SECONDS:
		case PIN_MILLISECONDS:
		case PIN_TIME:
			in_server.text = time_text(converter, in_server.text);
			break;
		case PIN_TEXT:
			/* a field that the catalog does not know, or takes for a text */
			if (is_unknown_time(converter, value))
				in_server.text = time_text(converter, in_server.text);
			break;
		default:
			break;
	}
	if (converter->basetype == INT2OID || converter->basetype == INT4OID ||
		converter->basetype == INT8OID)
		return integral_text(converter, in_server.text);
	return in_server.text;
}

/*
 * input_value
 *		A value that is there as a Datum.
 */
static Datum
input_value(PinConverter *converter, const PinJsonValue *value)
{
	char	   *text = value_text(converter, value);

	if (converter->type == TEXTOID)
		return CStringGetTextDatum(text);
	return InputFunctionCall(&converter->input, text, converter->ioparam,
							 converter->typmod);
}

/*
 * input_long_value
 *		Likewise one that is longer than what messages may show: those of a type's
 *		input function repeat it whole.
 *
 * The error goes on with its words shortened; so it is no subtransaction's affair.
 */
static Datum
input_long_value(PinConverter *converter, const PinJsonValue *value)
{
	MemoryContext cxt = CurrentMemoryContext;
	volatile Datum result = (Datum) 0;

	if (strlen(value->text) > PIN_MAX_VALUE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a value is longer than %d bytes", PIN_MAX_VALUE)));
	PG_TRY();
	{
		result = input_value(converter, value);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		error->message = pin_shorten(error->message);
		if (error->detail != NULL)
			error->detail = pin_shorten(error->detail);
		if (error->hint != NULL)
			error->hint = pin_shorten(error->hint);

		/* the callbacks add theirs again */
		error->context = NULL;
		ThrowErrorData(error);
	}
	PG_END_TRY();
	return result;
}

/*
 * to_integer
 *		A number as an integer; false if it is none, or too large.
 */
static bool
to_integer(const PinConverter *converter, const PinCell *cell, Datum *result)
{
	static const int64 powers[PIN_CELL_DIGITS] = {
		1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		INT64CONST(10000000000), INT64CONST(100000000000),
		INT64CONST(1000000000000), INT64CONST(10000000000000),
		INT64CONST(100000000000000), INT64CONST(1000000000000000),
		INT64CONST(10000000000000000), INT64CONST(100000000000000000)
	};
	int64		number = cell->mantissa;

	if (cell->type != PIN_JSON_NUMBER || cell->scale < 0)
		return false;
	if (cell->scale > 0)
	{
		if (number % powers[cell->scale] != 0)
			return false;
		number /= powers[cell->scale];
	}
	if (converter->type == INT8OID)
		*result = Int64GetDatum(number);
	else if (converter->type == INT4OID && number == (int32) number)
		*result = Int32GetDatum((int32) number);
	else if (converter->type == INT2OID && number == (int16) number)
		*result = Int16GetDatum((int16) number);
	else
		return false;
	return true;
}

/*
 * to_numeric
 *		A number as numeric, with as many digits behind the point as the source
 *		has.
 */
static bool
to_numeric(const PinConverter *converter, const PinCell *cell, Datum *result)
{
	if (cell->type != PIN_JSON_NUMBER || cell->scale < 0)
		return false;
	if (cell->scale == 0)
		*result = NumericGetDatum(int64_to_numeric(cell->mantissa));
	else if (converter->kind == PIN_ID)
		return false;			/* 12.0 is 12 */
	else
		*result = NumericGetDatum(int64_div_fast_to_numeric(cell->mantissa,
															cell->scale));
	return true;
}

/*
 * to_text
 *		A short string or number as text, which is the converter's until the next
 *		one is made.
 *
 * Most texts are those of the row before.
 */
static bool
to_text(PinConverter *converter, const PinCell *cell, Datum *result)
{
	char	   *latest = VARDATA(converter->latest);

	if ((cell->type & PIN_JSON_ID) == 0 || cell->len > PIN_MAX_WORDS)
		return false;
	if (cell->type != converter->latest_type ||
		cell->len != VARSIZE(converter->latest) - VARHDRSZ ||
		memcmp(latest, cell->text, cell->len) != 0)
	{
		/* ids are written in one way alone */
		if (converter->kind == PIN_ID &&
			(converter->has_number || cell->type == PIN_JSON_NUMBER))
		{
			for (size_t i = 0; i < cell->len; i++)
			{
				if (cell->text[i] < '0' || cell->text[i] > '9')
					return false;
			}
		}
		SET_VARSIZE(converter->latest, VARHDRSZ + cell->len);
		memcpy(latest, cell->text, cell->len);
		converter->latest_type = cell->type;
	}
	*result = PointerGetDatum(converter->latest);
	return true;
}

/*
 * pin_convert_cell
 *		The value of a cell that is plain, as nearly all are, as a Datum of the
 *		column's type; false if pin_convert() has to see it.
 *
 * What that would make of it is the same.  The Datum is in the current memory
 * context, or the converter's, until the next one.
 */
bool
pin_convert_cell(PinConverter *converter, const PinCell *cell, Datum *result)
{
	DateADT		day;

	switch (converter->shortcut)
	{
		case PIN_TO_INTEGER:
			return to_integer(converter, cell, result);
		case PIN_TO_NUMERIC:
			return to_numeric(converter, cell, result);
		case PIN_TO_DATE:
			if (cell->type != PIN_JSON_STRING || !pin_read_day(cell->text, cell->len, &day) ||
				cell->len != PIN_DAY_LENGTH)
				return false;
			*result = DateADTGetDatum(day);
			return true;
		case PIN_TO_TEXT:
			return to_text(converter, cell, result);
		case PIN_NO_SHORTCUT:
			break;
	}
	return false;
}

/*
 * pin_convert
 *		A value, whose text is in UTF-8, as a Datum of the column's type, in the
 *		current memory context.
 *
 * Raises the errors of the type's input function, 22P05 for a character that the
 * encoding of the database does not have, 54000 for one that is too long, 22P02 for a
 * number with a fraction in a column of whole numbers, 22008 for a time out of range; the caller's error
 * context names table, column and entity.
 */
Datum
pin_convert(PinConverter *converter, PinJsonValue *value, bool *isnull)
{
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

	if (value->text != NULL && strlen(value->text) > PIN_MAX_WORDS)
		return input_long_value(converter, value);
	return input_value(converter, value);
}
