/*-------------------------------------------------------------------------
 *
 * json.c
 *	  Fuzzer: documents, and rows of reports.
 *
 * What both readers take they must take alike: json-c is the oracle of the
 * reader of rows, PostgreSQL's own parser that of both.  test/rows does the same with
 * inputs that it makes.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "fuzz.h"
#include "json/document.h"
#include "json/prepare.h"
#include "json/stream.h"

/* Fields of a row that are picked */
static const char *const names[] = {
	"DATE", "SPEND_IN_DOLLAR", "TOTAL_IMPRESSION", "CAMPAIGN_NAME", "a", ""
};

/*
 * walk
 *		Looks at everything in a document.
 */
static void
walk(const PinJsonNode *node)
{
	PinJsonValue value = pin_json_value(node);
	ListCell   *lc;

	if (value.type & ~PIN_JSON_NESTED & ~PIN_JSON_NULL)
		fuzz_check(value.text != NULL);
	if (value.type != PIN_JSON_NULL)
		fuzz_check(pg_verifymbstr(pin_json_text(&value),
								  strlen(pin_json_text(&value)), true));
	if (value.type == PIN_JSON_ARRAY)
	{
		for (int i = 0; i < pin_json_length(node); i++)
			walk(pin_json_element(node, i));
	}
	else if (value.type == PIN_JSON_OBJECT)
	{
		foreach(lc, pin_json_members(node))
			walk(((PinJsonMember *) lfirst(lc))->node);
	}
}

/*
 * as_jsonb
 *		What PostgreSQL makes of a text; NULL if it refuses it.
 */
static Jsonb *
as_jsonb(const char *text)
{
	MemoryContext old = CurrentMemoryContext;
	Jsonb	   *volatile result = NULL;

	PG_TRY();
	{
		result = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
													CStringGetDatum(text)));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(old);
		FlushErrorState();
	}
	PG_END_TRY();
	return result;
}

/*
 * open_document
 *		A document; NULL if it is refused, for another reason than its nesting.
 *
 * *is_deep: it is nested too deep for us.
 */
static PinJsonDocument *
open_document(const char *data, size_t size, bool *is_deep)
{
	MemoryContext old = CurrentMemoryContext;
	PinJsonDocument *volatile document = NULL;

	*is_deep = false;
	PG_TRY();
	{
		document = pin_json_open(data, size);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(old);
		if (geterrcode() == ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			*is_deep = true;
		else if (geterrcode() != ERRCODE_INVALID_TEXT_REPRESENTATION)
			PG_RE_THROW();
		FlushErrorState();
	}
	PG_END_TRY();
	return document;
}

/*
 * run_document
 *		A whole document.
 *
 * What PostgreSQL takes is taken, but for what is nested too deep; and written
 * as jsonb it is the same.
 */
static void
run_document(const char *data, size_t size)
{
	bool		is_deep;
	PinJsonDocument *document = open_document(data, size, &is_deep);
	bool		is_text = strlen(data) == size && pg_verifymbstr(data, size, true);
	Jsonb	   *theirs = is_text ? as_jsonb(data) : NULL;
	PinJsonValue root;
	Jsonb	   *ours;

	if (document == NULL)
	{
		fuzz_check(theirs == NULL || is_deep);
		return;
	}
	fuzz_check(pin_json_first(data, size) != '{' ||
			   pin_json_try_open(data, size) != NULL);
	if (pin_json_root(document) == NULL)
		return;
	walk(pin_json_root(document));
	root = pin_json_value(pin_json_root(document));
	if (theirs == NULL || pin_json_was_mended(document) ||
		!(root.type & PIN_JSON_NESTED))
		return;
	ours = as_jsonb(pin_json_text(&root));
	fuzz_check(ours != NULL &&
			   compareJsonbContainers(&ours->root, &theirs->root) == 0);
	pin_json_close(document);
}

/*
 * is_json
 *		Whether PostgreSQL takes a piece of text for JSON.
 */
static bool
is_json(const char *text, size_t len)
{
	MemoryContext old = CurrentMemoryContext;
	volatile bool result = true;

	PG_TRY();
	{
		DirectFunctionCall1(json_in, CStringGetDatum(pnstrdup(text, len)));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(old);
		FlushErrorState();
		result = false;
	}
	PG_END_TRY();
	return result;
}

/*
 * same_value
 *		Whether both readers have read the same.
 */
static bool
same_value(const PinCell *cell, const PinJsonValue *expected)
{
	PinJsonValue value = pin_cell_value(cell);
	const char *other;
	Jsonb	   *ours;
	Jsonb	   *theirs;

	if (value.type != expected->type)
		return false;
	if (value.type == PIN_JSON_MISSING || value.type == PIN_JSON_NULL)
		return true;

	/* that of a string is compared as it is, that of others as JSON */
	other = value.type == PIN_JSON_STRING ? expected->text : pin_json_text(expected);
	if (strlen(value.text) == cell->len && strcmp(value.text, other) == 0)
		return true;

	/* json-c loses the sign, which does not count */
	if (value.type == PIN_JSON_NUMBER && strcmp(value.text, "-0") == 0)
		return strcmp(other, "0") == 0;
	if ((value.type & PIN_JSON_NESTED) == 0)
		return false;
	ours = as_jsonb(value.text);
	theirs = as_jsonb(other);
	if (ours == NULL && theirs == NULL)
		return true;			/* a number that is too large for jsonb is in both */
	return ours != NULL && theirs != NULL &&
		compareJsonbContainers(&ours->root, &theirs->root) == 0;
}

/*
 * check_number
 *		A number of few digits has been read as such.
 */
static void
check_number(const PinCell *cell)
{
	Datum		ours;
	Datum		theirs;

	if (cell->type != PIN_JSON_NUMBER || cell->scale < 0)
		return;
	fuzz_check(cell->scale <= PIN_CELL_DIGITS);
	ours = NumericGetDatum(int64_div_fast_to_numeric(cell->mantissa, cell->scale));
	theirs = DirectFunctionCall3(numeric_in,
								 CStringGetDatum(pnstrdup(cell->text, cell->len)),
								 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	fuzz_check(datumIsEqual(ours, theirs, false, -1));
}

/*
 * is_known_difference
 *		Whether a row that is refused has something that json-c takes all the same:
 *		a number that ends with its point, or begins with it behind its sign.
 */
static bool
is_known_difference(const char *text, size_t len)
{
	bool		in_string = false;

	for (size_t i = 0; i + 1 < len; i++)
	{
		if (text[i] == '"')
			in_string = !in_string;
		else if (in_string && text[i] == '\\')
			i++;
		else if (!in_string && text[i] == '.' &&
				 (!isdigit((unsigned char) text[i + 1]) ||
				  (i > 0 && text[i - 1] == '-')))
			return true;
	}
	return false;
}

/*
 * read_broken_row
 *		Reads a row in which something may be no character; what is refused is no
 *		JSON to json-c either.
 */
static void
read_broken_row(PinJsonFields *fields, const PinJsonRow *row, bool is_document)
{
	PG_TRY();
	{
		pin_json_read_broken_row(fields, row->text, row->len);
	}
	PG_CATCH();
	{
		if (is_document && geterrcode() == ERRCODE_INVALID_TEXT_REPRESENTATION &&
			!is_known_difference(row->text, row->len))
			fuzz_fail("json-c takes for JSON: %.*s", (int) row->len, row->text);
		PG_RE_THROW();
	}
	PG_END_TRY();
}

/*
 * compare_row
 *		Whether a row of a report is read as json-c reads it.
 */
static void
compare_row(PinJsonFields *fields, const PinJsonRow *row)
{
	PinJsonValue expected[lengthof(names)] = {{0}};
	PinJsonDocument *document = pin_json_try_open(row->text, row->len);
	bool		is_document = document != NULL &&
		pin_json_type(pin_json_root(document)) == PIN_JSON_OBJECT;

	if (row->is_read)
		fuzz_check(is_json(row->text, row->len));
	else
		read_broken_row(fields, row, is_document);
	fuzz_check(is_document);
	pin_json_pick(pin_json_root(document), lengthof(names), names, expected);
	for (int i = 0; i < lengthof(names); i++)
	{
		if (!same_value(&fields->cells[i], &expected[i]))
			fuzz_fail("field \"%s\" is of type %d, %.*s, and for json-c of type %d, %s",
					  names[i], fields->cells[i].type,
					  (int) fields->cells[i].len, fields->cells[i].text,
					  expected[i].type,
					  expected[i].type <= PIN_JSON_NULL ? "" : pin_json_text(&expected[i]));
		check_number(&fields->cells[i]);
	}
	pin_json_close(document);
}

/*
 * describe_row
 *		Appends what has been read of a row.
 */
static void
describe_row(StringInfo buf, const PinJsonFields *fields, const PinJsonRow *row)
{
	appendStringInfo(buf, "%s|%s|%s\n", row->outer_key, row->key, row->raw_key);
	for (int i = 0; i < lengthof(names); i++)
	{
		const PinCell *cell = &fields->cells[i];

		appendStringInfo(buf, "%d ", cell->type);
		if (cell->type == PIN_JSON_NUMBER && cell->scale >= 0)
			appendStringInfo(buf, INT64_FORMAT "/%d ", cell->mantissa, cell->scale);
		appendBinaryStringInfo(buf, cell->len == 0 ? "" : cell->text, cell->len);
		appendStringInfoChar(buf, '\n');
	}
}

/*
 * fuzz_read_rows
 *		Reads a report that arrives in pieces of so many bytes, both ways, and
 *		appends what has been read.
 */
void
fuzz_read_rows(StringInfo buf, const char *data, size_t size, size_t piece)
{
	PinJsonFields *fields = pin_json_fields(lengthof(names), (const char **) names);
	PinJsonStream *stream = pin_json_stream_create(fields);
	MemoryContext row_cxt = AllocSetContextCreate(CurrentMemoryContext, "row",
												  ALLOCSET_SMALL_SIZES);

	for (;;)
	{
		PinJsonRow	row;

		while (pin_json_stream_next(stream, &row))
		{
			MemoryContext old = MemoryContextSwitchTo(row_cxt);

			compare_row(fields, &row);
			MemoryContextSwitchTo(old);
			describe_row(buf, fields, &row);
			MemoryContextReset(row_cxt);
		}
		if (size == 0)
			break;
		piece = Min(piece, size);
		appendBinaryStringInfo(pin_json_stream_input(stream), data, piece);
		data += piece;
		size -= piece;
	}
	appendStringInfoString(buf, pin_json_stream_at_end(stream) ? "end" : "no end");
}

/*
 * run_rows
 *		A report that arrives in pieces, whose length the first byte says.
 */
static void
run_rows(const char *data, size_t size)
{
	StringInfoData buf;

	initStringInfo(&buf);
	if (size > 0)
		fuzz_read_rows(&buf, data + 1, size - 1, (unsigned char) *data + 1);
}

const FuzzTarget fuzz_json_targets[] = {
	{"document", run_document},
	{"rows", run_rows},
	{NULL, NULL}
};
