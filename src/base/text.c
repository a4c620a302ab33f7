/*-------------------------------------------------------------------------
 *
 * text.c
 *	  Words: other people's, made fit for a message, and our own lists of them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/limits.h"
#include "base/secret.h"
#include "base/text.h"

/* Digits of the longest number that is looked at */
#define MAX_DIGITS			100

/*
 * hide_tokens
 *		Blanks what looks like one of Pinterest's tokens, which begin with
 *		"pina_", "pinr_" or "pinc_": a server may repeat what it was sent.
 */
static void
hide_tokens(char *text)
{
	while ((text = strstr(text, "pin")) != NULL)
	{
		text += 3;
		if (*text == '\0' || strchr("arc", *text) == NULL || text[1] != '_')
			continue;
		for (text += 2; isalnum((unsigned char) *text) ||
			 (*text != '\0' && strchr("-_.=", *text) != NULL); text++)
			*text = '*';
	}
}

/*
 * pin_shorten
 *		Makes somebody else's words fit for a message: one line, bounded, in
 *		the server's encoding, and without the secrets that this backend has sent.
 *
 * text: is looked at no further than is shown, be it a large one.  Returns
 * palloc'ed words.
 */
char *
pin_shorten(const char *text)
{
	int			len = strnlen(text, PIN_MAX_WORDS + PIN_SECRET_MARGIN);
	bool		whole = text[len] == '\0';
	int			good = pg_encoding_verifymbstr(GetDatabaseEncoding(), text, len);
	bool		valid = good == len;
	char	   *result;

	if (!whole && good > len - MAX_MULTIBYTE_CHAR_LEN)
	{
		/* the last character was cut */
		valid = true;
		len = good;
	}
	result = pnstrdup(text, len);

	/* before anything is cut or replaced: pieces are harder to find */
	pin_secrets_hide(result, len);
	hide_tokens(result);
	for (char *c = result; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ')
			*c = ' ';
		else if (IS_HIGHBIT_SET(*c) && !valid)
			*c = '?';			/* a header, which has no encoding */
	}
	if (len > PIN_MAX_WORDS)
		result = psprintf("%.*s...",
						  pg_mbcliplen(result, len, PIN_MAX_WORDS), result);
	return result;
}

/*
 * pin_clip
 *		The beginning of a text of the server's encoding: the text itself, or
 *		palloc'ed.  max: bytes of it, without the dots that stand for the rest.
 */
char *
pin_clip(char *text, int max)
{
	int			len = strlen(text);

	if (len <= max)
		return text;
	return psprintf("%.*s...", pg_mbcliplen(text, len, max), text);
}

/*
 * pin_shorten_error
 *		Shortens the words of what is being raised about a value, unless they are
 *		our own: PostgreSQL's input functions repeat the value, whatever they say
 *		about it, and so may those of other types.
 *
 * For error context callbacks alone, which may replace an error's words as well as
 * add to them; so it costs nothing where nothing goes wrong.
 */
void
pin_shorten_error(void)
{
	int			category = ERRCODE_TO_CATEGORY(geterrcode());
	MemoryContext scratch;
	MemoryContext old;
	ErrorData  *error;

	if (category == ERRCODE_FDW_ERROR || category == ERRCODE_CARDINALITY_VIOLATION)
		return;
	scratch = AllocSetContextCreate(TopMemoryContext, "pinterest_fdw error",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(scratch);
	error = CopyErrorData();
	if (error->message != NULL)
		errmsg_internal("%s", pin_shorten(error->message));
	if (error->detail != NULL)
		errdetail_internal("%s", pin_shorten(error->detail));
	if (error->hint != NULL)
		errhint("%s", pin_shorten(error->hint));
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}

/*
 * pin_whole_number
 *		The digits of a whole number, however that is written: 12, 12.0, 1.2E1.
 *
 * No digit is lost, as one would be on the way through a double.  Returns the text
 * itself if it is plain, a palloc'd one, or NULL if it is no such number or one of
 * more digits than any id or count has.
 */
const char *
pin_whole_number(const char *text)
{
	const char *c = text;
	StringInfoData digits;
	long		exponent = 0;
	size_t		len;

	if (*c == '-')
		c++;
	len = strspn(c, "0123456789");
	if (len == 0 || len > MAX_DIGITS)
		return NULL;
	if (c[len] == '\0')
		return text;

	initStringInfo(&digits);
	appendBinaryStringInfo(&digits, c, len);
	c += len;
	if (*c == '.')
	{
		len = strspn(c + 1, "0123456789");
		if (len == 0 || len > MAX_DIGITS)
			return NULL;
		appendBinaryStringInfo(&digits, c + 1, len);
		exponent -= len;
		c += len + 1;
	}
	if (*c == 'e' || *c == 'E')
	{
		char	   *end;

		if (!isdigit((unsigned char) c[1 + (c[1] == '+' || c[1] == '-')]))
			return NULL;
		exponent += Max(Min(strtol(c + 1, &end, 10), 2 * MAX_DIGITS),
						-2 * MAX_DIGITS);
		c = end;
	}
	if (*c != '\0' || digits.len + exponent > MAX_DIGITS)
		return NULL;

	/* what stands behind the point has to be zeros */
	for (; exponent < 0 && digits.len > 0; exponent++)
	{
		if (digits.data[digits.len - 1] != '0')
			return NULL;
		digits.data[--digits.len] = '\0';
	}
	for (; exponent > 0; exponent--)
		appendStringInfoChar(&digits, '0');
	len = Min(strspn(digits.data, "0"), (size_t) Max(digits.len - 1, 0));
	return psprintf("%s%s", *text == '-' ? "-" : "",
					digits.len == 0 ? "0" : digits.data + len);
}

/*
 * pin_has_word
 *		Is a word among others, which are separated by spaces?  NULL has none.
 */
bool
pin_has_word(const char *words, const char *word)
{
	size_t		len = strlen(word);

	for (const char *p = words; p != NULL; p = strchr(p, ' '))
	{
		if (*p == ' ')
			p++;
		if (strncmp(p, word, len) == 0 && (p[len] == ' ' || p[len] == '\0'))
			return true;
	}
	return false;
}

/*
 * pin_split_words
 *		Words separated by spaces as a List of palloc'd strings; NULL has none.
 */
List *
pin_split_words(const char *words)
{
	List	   *result = NIL;
	char	   *rest = NULL;

	if (words == NULL)
		return NIL;
	for (char *word = strtok_r(pstrdup(words), " ", &rest); word != NULL;
		 word = strtok_r(NULL, " ", &rest))
		result = lappend(result, word);
	return result;
}

/*
 * pin_comma_list
 *		Words separated by spaces as a list for people to read,
 *		palloc'd.
 */
char *
pin_comma_list(const char *words)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (const char *p = words; *p; p++)
	{
		if (*p == ' ')
			appendStringInfoChar(&buf, ',');
		appendStringInfoChar(&buf, *p);
	}
	return buf.data;
}

/*
 * pin_split_list
 *		Splits a list at its commas, without the spaces around its
 *		elements.
 *
 * Returns a List of palloc'd strings, never empty; an element may be "".
 */
List *
pin_split_list(const char *value)
{
	List	   *result = NIL;

	for (;;)
	{
		const char *end = strchr(value, ',');
		const char *next = end;

		if (end == NULL)
			end = value + strlen(value);
		while (value < end && isspace((unsigned char) *value))
			value++;
		while (end > value && isspace((unsigned char) end[-1]))
			end--;
		result = lappend(result, pnstrdup(value, end - value));
		if (next == NULL)
			return result;
		value = next + 1;
	}
}

/*
 * pin_join_list
 *		A List of char * as a text, separated by commas; the result is palloc'd.
 */
char *
pin_join_list(const List *strings)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, strings)
		appendStringInfo(&buf, "%s%s", buf.len > 0 ? "," : "", (char *) lfirst(lc));
	return buf.data;
}

/*
 * pin_has_string
 *		Whether a List of char * has a string.
 */
bool
pin_has_string(const List *strings, const char *string)
{
	ListCell   *lc;

	foreach(lc, strings)
	{
		if (strcmp(lfirst(lc), string) == 0)
			return true;
	}
	return false;
}

/*
 * pin_equal_strings
 *		Whether two Lists of char * are the same, in the same order.
 */
bool
pin_equal_strings(const List *a, const List *b)
{
	ListCell   *lc,
			   *lc2;

	if (list_length(a) != list_length(b))
		return false;
	forboth(lc, a, lc2, b)
	{
		if (strcmp(lfirst(lc), lfirst(lc2)) != 0)
			return false;
	}
	return true;
}

/*
 * pin_text_array
 *		A List of char * as a value of type text[], palloc'ed.
 */
Datum
pin_text_array(const List *strings)
{
	Datum	   *values = palloc(sizeof(Datum) * Max(list_length(strings), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, strings)
		values[n++] = CStringGetTextDatum((const char *) lfirst(lc));
	return PointerGetDatum(construct_array(values, n, TEXTOID, -1, false,
										   TYPALIGN_INT));
}
