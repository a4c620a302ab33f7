/*-------------------------------------------------------------------------
 *
 * rows.c
 *	  Reads reports as the product does, and with json-c, for test/rows.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "fuzz.h"
#include "json/scan.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(read_rows);
PG_FUNCTION_INFO_V1(scan_width);

/*
 * fuzz_fail
 *		Says what is wrong.
 */
void
fuzz_fail(const char *format,...)
{
	char		words[1024];
	va_list		args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	elog(ERROR, "%s", words);
	pg_unreachable();
}

/*
 * read_rows(report bytea, piece int) returns text
 *
 * What has been read of a report that comes in pieces of so many bytes, and what
 * was raised in the end, if anything.  An internal error goes on.
 */
Datum
read_rows(PG_FUNCTION_ARGS)
{
	bytea	   *report = PG_GETARG_BYTEA_PP(0);
	size_t		size = VARSIZE_ANY_EXHDR(report);
	MemoryContext old = CurrentMemoryContext;
	StringInfoData buf;

	/* as it comes from the network: in memory of its own */
	char	   *data = palloc(size + 1);

	memcpy(data, VARDATA_ANY(report), size);
	initStringInfo(&buf);
	PG_TRY();
	{
		fuzz_read_rows(&buf, data, size, PG_GETARG_INT32(1));
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(old);
		error = CopyErrorData();
		if (error->sqlerrcode == ERRCODE_INTERNAL_ERROR)
			PG_RE_THROW();
		FlushErrorState();
		appendStringInfo(&buf, "%s %s %s", unpack_sql_state(error->sqlerrcode),
						 error->message, error->detail == NULL ? "" : error->detail);
	}
	PG_END_TRY();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(buf.data, buf.len));
}

/*
 * scan_width() returns int
 *
 * How many bytes of a string are looked at at once.
 */
Datum
scan_width(PG_FUNCTION_ARGS)
{
#if defined(PIN_SCAN_SSE2) || defined(PIN_SCAN_NEON)
	PG_RETURN_INT32(PIN_SCAN_WIDTH);
#else
	PG_RETURN_INT32(1);
#endif
}
