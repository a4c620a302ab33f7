/*-------------------------------------------------------------------------
 *
 * document.c
 *	  Reading Pinterest's JSON: the fields of an object.
 *
 * PostgreSQL's own parser does the work.  It hands out numbers as they were
 * written, so that 18-digit ids and exact decimals survive, it checks escapes
 * and encoding as strictly as the types json and jsonb do, and its memory is
 * palloc'ed.  What it lacks in the older releases is reading a document piece
 * by piece; so row.c cuts the objects out of a report while it arrives, and
 * these are parsed one at a time.
 *
 * This is the only file that knows the parser's interface.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "utils/hsearch.h"
#include "utils/jsonfuncs.h"

#include "base/compat.h"
#include "json/document.h"

typedef struct FieldEntry
{
	char		name[NAMEDATALEN * 2];
	int			place;
} FieldEntry;

/* State of the parser's callbacks that read an object or an array */
typedef struct ReaderState
{
	JsonLexContext *lex;
	const PinJsonFields *fields;
	PinJsonValue *values;
	List	   *elements;		/* of an array, or members if fields is NULL */
	bool		is_array;
	int			expected;		/* place of the field that comes next if the
								 * fields come in the order they came before */
	PinJsonValue *value;		/* of the current field, NULL: not wanted */
	const char *nested;			/* where the current nested value begins */
	const char **current;		/* name of the current field, for messages */
} ReaderState;

/*
 * pin_json_fields
 *		Prepares picking fields from objects.
 *
 * names: not copied.  The result lives in the current memory context.
 */
PinJsonFields *
pin_json_fields(int count, const char **names)
{
	PinJsonFields *fields = palloc(sizeof(PinJsonFields));
	HASHCTL		ctl;

	ctl.keysize = sizeof(((FieldEntry *) NULL)->name);
	ctl.entrysize = sizeof(FieldEntry);
	ctl.hcxt = CurrentMemoryContext;
	fields->count = count;
	fields->names = names;
	fields->index = hash_create("pinterest_fdw fields", Max(count, 1), &ctl,
								HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	for (int i = 0; i < count; i++)
	{
		FieldEntry *entry = hash_search(fields->index, names[i], HASH_ENTER, NULL);

		entry->place = i;
	}
	return fields;
}

/*
 * find_field
 *		Where the value of a field goes, or NULL.  In a report the fields of
 *		each row come in the same order, so the expected one is tried first.
 */
static PinJsonValue *
find_field(ReaderState *state, const char *name)
{
	const PinJsonFields *fields = state->fields;
	FieldEntry *entry;

	if (fields == NULL)
	{
		PinJsonMember *member = palloc0(sizeof(PinJsonMember));

		member->name = pstrdup(name);
		state->elements = lappend(state->elements, member);
		return &member->value;
	}
	if (state->expected < fields->count &&
		strcmp(fields->names[state->expected], name) == 0)
		return &state->values[state->expected++];
	entry = hash_search(fields->index, name, HASH_FIND, NULL);
	if (entry == NULL)
		return NULL;
	state->expected = entry->place + 1;
	return &state->values[entry->place];
}

static PIN_JSON_ACTION
object_start(void *arg)
{
	ReaderState *state = arg;

	if (state->lex->lex_level == 0 && state->is_array)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid answer from Pinterest: expected a JSON array, got an object")));
	PIN_JSON_RETURN;
}

static PIN_JSON_ACTION
array_start(void *arg)
{
	ReaderState *state = arg;

	if (state->lex->lex_level == 0 && !state->is_array)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid answer from Pinterest: expected a JSON object, got an array")));
	PIN_JSON_RETURN;
}

/*
 * begin_value
 *		A field's or element's value begins at the current token.
 */
static void
begin_value(ReaderState *state)
{
	JsonTokenType token = state->lex->token_type;

	state->nested = (token == JSON_TOKEN_OBJECT_START ||
					 token == JSON_TOKEN_ARRAY_START) ?
		state->lex->token_start : NULL;
}

/*
 * end_value
 *		Text of the nested value that has just ended, or NULL if it was none.
 */
static char *
end_value(ReaderState *state)
{
	char	   *text = NULL;

	if (state->nested != NULL)
		text = pnstrdup(state->nested,
						state->lex->prev_token_terminator - state->nested);
	state->nested = NULL;
	return text;
}

static PIN_JSON_ACTION
field_start(void *arg, char *name, bool isnull)
{
	ReaderState *state = arg;

	if (state->lex->lex_level == 1)
	{
		state->value = find_field(state, name);
		if (state->current != NULL)
			*state->current = name;
		if (state->value != NULL)
			begin_value(state);
	}
	PIN_JSON_RETURN;
}

static PIN_JSON_ACTION
field_end(void *arg, char *name, bool isnull)
{
	ReaderState *state = arg;

	if (state->lex->lex_level == 1)
	{
		/* the next value is checked before its field_start() is called */
		if (state->current != NULL)
			*state->current = NULL;
		if (state->value != NULL)
		{
			char	   *text = end_value(state);

			if (text != NULL)
			{
				state->value->type = PIN_JSON_NESTED;
				state->value->text = text;
			}
			state->value = NULL;
		}
	}
	PIN_JSON_RETURN;
}

static PIN_JSON_ACTION
element_start(void *arg, bool isnull)
{
	ReaderState *state = arg;

	if (state->is_array && state->lex->lex_level == 1)
		begin_value(state);
	PIN_JSON_RETURN;
}

static PIN_JSON_ACTION
element_end(void *arg, bool isnull)
{
	ReaderState *state = arg;

	if (state->is_array && state->lex->lex_level == 1)
	{
		char	   *text = end_value(state);

		if (text != NULL)
			state->elements = lappend(state->elements, text);
	}
	PIN_JSON_RETURN;
}

static PIN_JSON_ACTION
scalar(void *arg, char *token, JsonTokenType type)
{
	ReaderState *state = arg;

	if (state->lex->lex_level == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid answer from Pinterest: expected a JSON object or array, got a scalar")));
	if (state->lex->lex_level > 1)
		PIN_JSON_RETURN;

	if (state->is_array)
		state->elements = lappend(state->elements,
								  type == JSON_TOKEN_NULL ? NULL : token);
	else if (state->value != NULL)
	{
		PinJsonValue *value = state->value;

		value->text = token;
		switch (type)
		{
			case JSON_TOKEN_STRING:
				value->type = PIN_JSON_STRING;
				break;
			case JSON_TOKEN_NUMBER:
				value->type = PIN_JSON_NUMBER;
				break;
			case JSON_TOKEN_NULL:
				value->type = PIN_JSON_NULL;
				break;
			default:
				value->type = PIN_JSON_BOOL;
				break;
		}
	}
	PIN_JSON_RETURN;
}

/*
 * read_json
 *		Runs the parser over a document in the server's encoding.
 */
static JsonParseErrorType
read_json(ReaderState *state, char *json, size_t len)
{
	JsonSemAction sem;

	memset(&sem, 0, sizeof(sem));
	sem.semstate = state;
	sem.object_start = object_start;
	sem.array_start = array_start;
	sem.object_field_start = field_start;
	sem.object_field_end = field_end;
	sem.array_element_start = element_start;
	sem.array_element_end = element_end;
	sem.scalar = scalar;

	state->lex = pin_make_json_lexer(json, len, GetDatabaseEncoding());
	return pg_parse_json(state->lex, &sem);
}

/*
 * pin_json_object
 *		Picks the wanted fields from an object.
 *
 * json: text in that encoding; values: as many as there are fields.
 * *current, if current is not NULL, is set to the name of the field being
 * read, for the caller's error context.  Memory comes from the current
 * context.  Raises 22021 for a bad encoding, 22P05 for \u0000, 22P02 for
 * anything else that is no JSON object.
 */
void
pin_json_object(const PinJsonFields *fields, const char *json, size_t len,
				int encoding, PinJsonValue *values, const char **current)
{
	ReaderState state = {0};
	char	   *text;
	JsonParseErrorType result;

	/* first of all, as the caller's error context may look at them */
	memset(values, 0, fields->count * sizeof(PinJsonValue));
	text = pg_any_to_server(json, len, encoding);
	state.fields = fields;
	state.values = values;
	state.current = current;
	result = read_json(&state, text, text == json ? len : strlen(text));
	if (result != JSON_SUCCESS)
		pin_json_error(result, state.lex);
	if (current != NULL)
		*current = NULL;
}

/*
 * ascii_json
 *		Copies of a JSON text with question marks in place of all characters
 *		beyond ASCII, escaped or not: not each one need have a counterpart in
 *		the server's encoding.  The text is valid UTF-8.
 */
static char *
ascii_json(const char *json, size_t *len)
{
	const char *end = json + *len;
	char	   *ascii = palloc(*len + 1);
	char	   *to = ascii;

	for (const char *c = json; c < end; c++)
	{
		bool		escape = *c == '\\' && end - c > 1;

		if (escape && c[1] == 'u' && end - c > 6 &&
			(strncmp(c + 2, "00", 2) != 0 || c[4] >= '8'))
		{
			*to++ = '?';
			c += 5;
		}
		else if (escape)
		{
			*to++ = *c++;
			*to++ = *c;
		}
		else if (IS_HIGHBIT_SET(*c))
		{
			*to++ = '?';
			c += pg_utf_mblen((const unsigned char *) c) - 1;
		}
		else
			*to++ = *c;
	}
	*to = '\0';
	*len = to - ascii;
	return ascii;
}

/*
 * pin_json_try_object
 *		Like pin_json_object(), but returns false for what is no JSON object.
 *
 * For answers that may be anything, such as the error page of a proxy.
 */
bool
pin_json_try_object(const PinJsonFields *fields, const char *json, size_t len,
					PinJsonValue *values)
{
	ReaderState state = {0};
	size_t		skip = 0;

	memset(values, 0, fields->count * sizeof(PinJsonValue));
	while (skip < len && strchr(" \t\r\n", json[skip]) != NULL)
		skip++;
	if (skip == len || json[skip] != '{' ||
		!pg_verify_mbstr(PG_UTF8, json, len, true))
		return false;
	if (GetDatabaseEncoding() != PG_UTF8)
		json = ascii_json(json, &len);
	state.fields = fields;
	state.values = values;
	return read_json(&state, (char *) json, len) == JSON_SUCCESS;
}

/*
 * pin_json_is_zero
 *		Whether a value that should be a number is missing, or zero, however that
 *		is written.
 */
bool
pin_json_is_zero(const PinJsonValue *value)
{
	size_t		len;

	if (value->type == PIN_JSON_MISSING || value->type == PIN_JSON_NULL)
		return true;
	if (value->type != PIN_JSON_NUMBER && value->type != PIN_JSON_STRING)
		return false;
	len = strspn(value->text, "+-.0");
	return len > 0 && (value->text[len] == '\0' || value->text[len] == 'e' ||
					   value->text[len] == 'E');
}

/*
 * pin_json_array
 *		Elements of an array, as a List of char *, NULL for null; nested ones
 *		as their JSON.
 *
 * json: text in the server's encoding.  Raises 22P02 for anything else.
 */
List *
pin_json_array(const char *json)
{
	ReaderState state = {0};
	JsonParseErrorType result;

	state.is_array = true;
	result = read_json(&state, (char *) json, strlen(json));
	if (result != JSON_SUCCESS)
		pin_json_error(result, state.lex);
	return state.elements;
}

/*
 * pin_json_members
 *		Fields of an object, whatever their names, as a List of PinJsonMember.
 *
 * json: text in the server's encoding.  Raises 22P02 for anything else.
 */
List *
pin_json_members(const char *json)
{
	ReaderState state = {0};
	JsonParseErrorType result = read_json(&state, (char *) json, strlen(json));

	if (result != JSON_SUCCESS)
		pin_json_error(result, state.lex);
	return state.elements;
}
