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
#include "mb/pg_wchar.h"

#include "base/text.h"

/* Of Pinterest's own message no more than this is shown, in bytes. */
#define MAX_MESSAGE_LENGTH	512

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
 *		the server's encoding.
 */
char *
pin_shorten(const char *text)
{
	int			len = strlen(text);
	char	   *result = pstrdup(text);
	bool		valid = pg_verifymbstr(text, len, true);

	hide_tokens(result);
	for (char *c = result; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ')
			*c = ' ';
		else if (IS_HIGHBIT_SET(*c) && !valid)
			*c = '?';			/* a header, which has no encoding */
	}
	if (len > MAX_MESSAGE_LENGTH)
		result = psprintf("%.*s...",
						  pg_mbcliplen(result, len, MAX_MESSAGE_LENGTH), result);
	return result;
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
