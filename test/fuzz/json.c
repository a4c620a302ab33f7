/*-------------------------------------------------------------------------
 *
 * json.c
 *	  Fuzzer: documents, and rows of reports.
 *
 * What both readers take they must take alike: json-c is the oracle of the
 * reader of rows, PostgreSQL's own parser that of json-c.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "fuzz.h"
#include "json/document.h"
#include "json/prepare.h"
#include "json/row.h"

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
 * same_value
 *		Whether two readers have read the same.
 */
static bool
same_value(PinJsonValue *a, PinJsonValue *b)
{
	const char *one;
	const char *other;

	if (a->type != b->type)
		return false;
	if (a->type == PIN_JSON_MISSING || a->type == PIN_JSON_NULL)
		return true;
	one = pin_json_text(a);
	other = pin_json_text(b);
	if (strcmp(one, other) == 0)
		return true;
	if (a->type & PIN_JSON_NESTED)
	{
		Jsonb	   *x = as_jsonb(one);
		Jsonb	   *y = as_jsonb(other);

		return x != NULL && y != NULL &&
			compareJsonbContainers(&x->root, &y->root) == 0;
	}
	return false;
}

/*
 * compare_rows
 *		Whether a row that was cut out of a report is read as json-c reads it.
 */
static void
compare_rows(const PinJsonFields *fields, const char *json, size_t len)
{
	PinJsonValue values[lengthof(names)] = {{0}};
	PinJsonValue expected[lengthof(names)] = {{0}};
	const char *current = NULL;
	PinJsonDocument *document = pin_json_try_open(json, len);

	if (document != NULL && pin_json_type(pin_json_root(document)) == PIN_JSON_OBJECT)
	{
		pin_json_pick(pin_json_root(document), lengthof(names),
					  names, expected);
		pin_json_row(fields, json, len, values, &current);
		for (int i = 0; i < lengthof(names); i++)
			fuzz_check(same_value(&values[i], &expected[i]));
	}
	else
		pin_json_row(fields, json, len, values, &current);
	pin_json_close(document);
}

/*
 * run_rows
 *		A report that arrives in pieces, whose length the first byte says.
 */
static void
run_rows(const char *data, size_t size)
{
	PinJsonFields *fields = pin_json_fields(lengthof(names), (const char **) names);
	PinJsonStream *stream = pin_json_stream_create();
	MemoryContext row_cxt = AllocSetContextCreate(CurrentMemoryContext, "row",
												  ALLOCSET_SMALL_SIZES);
	size_t		piece;

	if (size == 0)
		return;
	piece = (unsigned char) *data++ + 1;
	size--;
	for (;;)
	{
		const char *json;
		const char *key;
		size_t		len;

		while (pin_json_stream_next(stream, &json, &len, &key))
		{
			MemoryContext old = MemoryContextSwitchTo(row_cxt);

			fuzz_check(key == NULL || strlen(key) > 0 || *key == '\0');
			compare_rows(fields, json, len);
			MemoryContextSwitchTo(old);
			MemoryContextReset(row_cxt);
		}
		if (size == 0)
			break;
		piece = Min(piece, size);
		appendBinaryStringInfo(pin_json_stream_input(stream), data, piece);
		data += piece;
		size -= piece;
	}
	(void) pin_json_stream_at_end(stream);
}

const FuzzTarget fuzz_json_targets[] = {
	{"document", run_document},
	{"rows", run_rows},
	{NULL, NULL}
};
