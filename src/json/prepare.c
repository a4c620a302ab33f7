/*-------------------------------------------------------------------------
 *
 * prepare.c
 *	  JSON, rewritten so that a parser loses nothing of it.
 *
 * What is no character becomes U+FFFD: bytes that are not UTF-8, halves of
 * surrogate pairs, and the character NUL, which text cannot hold.  It does so in
 * strings only.  Elsewhere such bytes are no JSON.
 *
 * A row of a report, which is rewritten only if it has to be, stays in UTF-8.
 * Whoever takes a piece of it as JSON would convert each escaped character to the
 * encoding of the database, so only those escapes stay that JSON needs.
 *
 * The parser of document.c keeps the text of a fraction, but not the digits of
 * an integer beyond 64 bits, and its releases differ in what they take for a
 * string.  Here a document becomes one that all of them read alike, and whose
 * values are those of the source:
 *
 * - In strings, all but printable ASCII is escaped: release 0.18 refuses other
 *	 characters in strict mode, some refuse and some take raw control characters,
 *	 and none refuses all that is not UTF-8.
 * - A large integer gets an exponent that changes nothing, so that it is read
 *	 like a fraction.
 * - Strings in single quotes, NaN, Infinity, and some numbers that begin with a
 *	 zero too much are no JSON, but are taken for such.  A character that is refused
 *	 stands in for their first one.
 *
 * Whether it is JSON is left to the parser.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "mb/pg_wchar.h"

#include "base/limits.h"
#include "json/prepare.h"

#define REPLACEMENT		0xfffd

/* A name of a field in which the replacement stands */
typedef struct BrokenName
{
	const char *raw;			/* in the source */
	size_t		raw_len;
	bool		mended;			/* else it stands there, too */
	char	   *text;			/* what it has become */
	size_t		len;
} BrokenName;

/*
 * mark_length
 *		Bytes of the mark of UTF-8 that a document begins with, 0 if there is none.
 */
static size_t
mark_length(const char *body, size_t len)
{
	size_t		marklen = strlen(PIN_JSON_MARK);

	return len >= marklen && memcmp(body, PIN_JSON_MARK, marklen) == 0 ? marklen : 0;
}

/*
 * pin_json_first
 *		First character of a document behind white space; NUL if there is none.
 */
char
pin_json_first(const char *body, size_t len)
{
	for (size_t i = mark_length(body, len); i < len; i++)
	{
		if (body[i] != ' ' && body[i] != '\t' && body[i] != '\r' && body[i] != '\n')
			return body[i];
	}
	return '\0';
}

/*
 * append_character
 *		Appends a character to a string, escaped.  code: 0 or less if it is none.
 */
static void
append_character(PinJsonPrepared *prepared, int code)
{
	if (code <= 0)
	{
		int			encoding = GetDatabaseEncoding();

		/* other encodings than these do not have it */
		code = encoding == PG_UTF8 || encoding == PG_SQL_ASCII ? REPLACEMENT : '?';
		prepared->mended = prepared->string_mended = true;
	}
	if (code == REPLACEMENT)
		prepared->has_replacement = true;
	if (prepared->ascii && code >= 0x80)
		code = '?';
	if (prepared->is_row && code >= ' ' && code != '"' && code != '\\')
	{
		unsigned char utf8[8] = {0};

		unicode_to_utf8(code, utf8);
		appendStringInfoString(&prepared->text, (char *) utf8);
	}
	else if (code < 0x10000)
		appendStringInfo(&prepared->text, "\\u%04x", code);
	else
		appendStringInfo(&prepared->text, "\\u%04x\\u%04x",
						 0xd800 + ((code - 0x10000) >> 10),
						 0xdc00 + ((code - 0x10000) & 0x3ff));
}

/*
 * escaped_unit
 *		Value of an escape \uXXXX, or -1 if there is none.
 */
static int
escaped_unit(const char *pos, const char *end)
{
	int			value = 0;

	if (end - pos < 6 || pos[0] != '\\' || pos[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++)
	{
		unsigned char c = pos[i];

		if (!isxdigit(c))
			return -1;
		value = value * 16 + (isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

/*
 * prepare_escape
 *		Rewrites an escape of a string; returns what comes behind it.
 */
static const char *
prepare_escape(PinJsonPrepared *prepared, const char *pos, const char *end)
{
	int			unit = escaped_unit(pos, end);

	if (unit < 0)
	{
		/* a single letter, as a rule; what cannot be one is refused like any other */
		appendStringInfoChar(&prepared->text, *pos++);
		if (pos < end)
		{
			appendStringInfoChar(&prepared->text,
								 *pos >= ' ' && *pos <= '~' ? *pos : '?');

			/* characters that take the place of further escapes may be digits */
			if (*pos == 'u')
				appendStringInfoChar(&prepared->text, '?');
			pos++;
		}
		return pos;
	}
	pos += 6;
	if (is_utf16_surrogate_first(unit))
	{
		int			second = escaped_unit(pos, end);

		if (second >= 0 && is_utf16_surrogate_second(second))
		{
			unit = surrogate_pair_to_codepoint(unit, second);
			pos += 6;
		}
		else
			unit = -1;
	}
	else if (is_utf16_surrogate_second(unit))
		unit = -1;
	append_character(prepared, unit);
	return pos;
}

/*
 * prepare_string
 *		Rewrites a piece of a string: some plain characters, or one that is
 *		not; returns what comes behind it.
 */
static const char *
prepare_string(PinJsonPrepared *prepared, const char *pos, const char *end)
{
	const char *start = pos;
	int			len;

	while (pos < end && *pos >= ' ' && *pos <= '~' && *pos != '"' && *pos != '\\')
		pos++;
	if (pos > start)
	{
		appendBinaryStringInfo(&prepared->text, start, pos - start);
		return pos;
	}
	if (*pos == '\\')
		return prepare_escape(prepared, pos, end);
	len = IS_HIGHBIT_SET(*pos) ?
		pg_encoding_verifymbchar(PG_UTF8, pos, end - pos) : 1;
	append_character(prepared, len < 0 ? -1 :
					 (int) utf8_to_unicode((const unsigned char *) pos));
	return pos + Max(len, 1);
}

/*
 * find_name
 *		The name with the replacement that has become a piece of text, or NULL.
 */
static BrokenName *
find_name(const PinJsonPrepared *prepared, const char *text, size_t len)
{
	ListCell   *lc;

	foreach(lc, prepared->names)
	{
		BrokenName *name = lfirst(lc);

		if (name->len == len && memcmp(name->text, text, len) == 0)
			return name;
	}
	return NULL;
}

/*
 * keep_names_apart
 *		A string has ended that has a character of replacement: if it is the name
 *		of a field, different names must stay different.
 *
 * raw: the string in the source, of len bytes; start: where it begins in the
 * text; next: what comes behind it in the source.  A name that has become the
 * same as another one gets one more character of replacement.  Raises 54000 for a
 * document that is broken all over.
 */
static void
keep_names_apart(PinJsonPrepared *prepared, const char *raw, size_t len,
				 int start, const char *next, const char *end)
{
	StringInfo	text = &prepared->text;
	bool		mended = prepared->string_mended;
	BrokenName *name;

	if (pin_json_first(next, end - next) != ':')
		return;
	while ((name = find_name(prepared, text->data + start,
							 text->len - start)) != NULL)
	{
		if (mended == name->mended &&
			(!mended || (name->raw_len == len && memcmp(name->raw, raw, len) == 0)))
			return;
		append_character(prepared, -1);
	}
	if (list_length(prepared->names) >= PIN_MAX_BROKEN_NAMES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("invalid answer from Pinterest"),
				 errdetail("In more than %d names of its fields, something is no character.",
						   PIN_MAX_BROKEN_NAMES)));
	name = palloc(sizeof(BrokenName));
	name->raw = raw;
	name->raw_len = len;
	name->mended = mended;
	name->len = text->len - start;
	name->text = pnstrdup(text->data + start, name->len);
	prepared->names = lappend(prepared->names, name);
}

/*
 * pin_json_number_end
 *		Where a number ends of which a digit is at hand; *large: whether it is
 *		an integer that need not fit into 64 bits.
 */
const char *
pin_json_number_end(const char *pos, const char *end, bool *large)
{
	const char *start = pos;
	bool		plain = true;

	while (pos < end && (isdigit((unsigned char) *pos) ||
						 (*pos != '\0' && strchr("+-.eE", *pos) != NULL)))
	{
		plain = plain && isdigit((unsigned char) *pos);
		pos++;
	}
	*large = plain && pos - start >= PIN_JSON_LARGE_DIGITS;
	return pos;
}

/*
 * pin_json_prepare
 *		Rewrites a document or a row, into the text of *prepared, which must have
 *		been initialized; returns how much of it has been.
 *
 * body: of len bytes; stop: the length of the text at which to stop, such as
 * that of what could be parsed.  Memory comes from the current context.
 */
size_t
pin_json_prepare(PinJsonPrepared *prepared, const char *body, size_t len,
				 int stop)
{
	StringInfo	text = &prepared->text;
	const char *pos = body + mark_length(body, len);
	const char *end = body + len;
	const char *string = NULL;	/* where the one at hand begins */
	int			start = 0;		/* likewise in the text */

	prepared->names = NIL;
	while (pos < end && text->len < stop)
	{
		if (*pos == '"')
		{
			if (string == NULL)
			{
				string = pos;
				start = text->len;
				prepared->string_mended = prepared->has_replacement = false;
			}
			else
			{
				if (prepared->string_mended || prepared->has_replacement)
					keep_names_apart(prepared, string, pos - string, start,
									 pos + 1, end);
				string = NULL;
			}
			appendStringInfoChar(text, *pos++);
		}
		else if (string != NULL)
			pos = prepare_string(prepared, pos, end);
		else if (prepared->is_row)
		{
			/* what is no ASCII is refused here, and may be shown then */
			appendStringInfoChar(text, IS_HIGHBIT_SET(*pos) || *pos == '\0' ?
								 '?' : *pos);
			pos++;
		}
		else if (isdigit((unsigned char) *pos))
		{
			bool		large;
			const char *next = pin_json_number_end(pos, end, &large);
			bool		has_zero = *pos == '0' && next - pos > 1 &&
				isdigit((unsigned char) pos[1]);

			if (has_zero)
				appendStringInfoChar(text, '?');
			appendBinaryStringInfo(text, pos + has_zero, next - pos - has_zero);
			if (large)
				appendStringInfoString(text, PIN_JSON_LARGE_MARK);
			pos = next;
		}
		else
		{
			/* strchr() finds NUL, too */
			appendStringInfoChar(text, strchr("'NI", *pos) != NULL ? '?' : *pos);
			pos++;
		}
	}
	return pos - body;
}
