/*-------------------------------------------------------------------------
 *
 * broken.c
 *	  Says what is wrong with a row that is no JSON.
 *
 * The reader of rows does not say why it refuses one.  PostgreSQL's own parser
 * does, in words that users know; it would be too slow to read them all.  This is
 * the only file that knows its interface.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "utils/jsonfuncs.h"

#include "base/compat.h"
#include "base/text.h"
#include "json/broken.h"
#include "json/prepare.h"

/*
 * pin_json_refuse_row
 *		Raises an error for a row that is no JSON, of len bytes, from which it shows
 *		a piece.
 *
 * That has to be in the server's encoding: if it is another one than UTF-8, other
 * characters than ASCII become question marks.  Raises 22P02.
 */
void
pin_json_refuse_row(const char *json, size_t len)
{
	JsonSemAction sem = {0};
	PinJsonPrepared prepared = {.is_row = true};
	MemoryContext cxt = CurrentMemoryContext;
	JsonLexContext *lex;
	JsonParseErrorType result;

	prepared.ascii = GetDatabaseEncoding() != PG_UTF8;
	initStringInfo(&prepared.text);
	pin_json_prepare(&prepared, json, len, PG_INT32_MAX);
	lex = pin_make_json_lexer(prepared.text.data, prepared.text.len,
							  GetDatabaseEncoding());
	result = pg_parse_json(lex, &sem);
	if (result == JSON_SUCCESS)
		elog(ERROR, "PostgreSQL takes a row for JSON that has been refused");

	/* the parser's error shows a piece of the row in its context, too */
	PG_TRY();
	{
		error_context_stack = NULL;
		pin_json_error(result, lex);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		if (error->context != NULL)
			error->context = pin_shorten(error->context);
		ThrowErrorData(error);
	}
	PG_END_TRY();
	pg_unreachable();
}
