/*-------------------------------------------------------------------------
 *
 * row.c
 *	  Rows of a report, cut out of the document while it arrives, and read.
 *
 * The whole of a report need not be in memory: each object that stands in one of
 * its arrays is cut out, and parsed by itself.  PostgreSQL's own parser does
 * that, which is the faster one.  It hands out numbers as they were written, and
 * its memory is palloc'ed.  What is no character is replaced before, in
 * prepare.c.  All texts are in UTF-8: what the encoding of the database does not
 * have concerns only those who use the value.
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
#include "base/limits.h"
#include "base/text.h"
#include "json/prepare.h"
#include "json/row.h"

/* What the grammar allows next, outside of the objects of a stream */
typedef enum StreamState
{
	EXPECT_VALUE,
	EXPECT_FIRST_VALUE,			/* or the end of the array */
	EXPECT_FIRST_KEY,			/* or the end of the object */
	EXPECT_KEY,
	EXPECT_COLON,
	EXPECT_COMMA,				/* or the end of the object or array */
	EXPECT_NOTHING
} StreamState;

struct PinJsonStream
{
	StringInfoData input;
	int			pos;			/* read up to here; what is before it and
								 * before "start" can go */
	int64		dropped;		/* bytes that have gone before the input */

	bool		begun;			/* there is no mark of UTF-8 to come */
	StreamState state;
	int			depth;
	char		nesting[PIN_MAX_REPORT_NESTING];	/* '{' or '[' */
	StringInfoData key;			/* latest key of an object outside */
	StringInfoData outer_key;	/* that of the outermost object */
	StringInfoData raw_key;		/* the latest one in the source, if something of it is no
								 * character; else "" */

	/* the string or object that is being scanned */
	int			start;			/* where it begins, or -1 */
	int			braces;			/* open brackets in it */
	bool		in_string;
};

/*
 * pin_json_stream_create
 *		Begins reading a stream; it lives in the current memory context.
 */
PinJsonStream *
pin_json_stream_create(void)
{
	PinJsonStream *stream = palloc0(sizeof(PinJsonStream));

	initStringInfo(&stream->input);
	initStringInfo(&stream->key);
	initStringInfo(&stream->outer_key);
	initStringInfo(&stream->raw_key);
	stream->state = EXPECT_VALUE;
	stream->start = -1;
	return stream;
}

/*
 * pin_json_stream_input
 *		The buffer to which the caller appends what arrives.
 *
 * Drops what has been read; objects handed out before are gone.
 */
StringInfo
pin_json_stream_input(PinJsonStream *stream)
{
	int			keep = stream->start >= 0 ? stream->start : stream->pos;

	if (keep > 0)
	{
		memmove(stream->input.data, stream->input.data + keep,
				stream->input.len - keep + 1);
		stream->input.len -= keep;
		stream->pos -= keep;
		stream->dropped += keep;
		if (stream->start >= 0)
			stream->start = 0;
	}
	return &stream->input;
}

/*
 * stream_error
 *		Raises an error for a character that the grammar does not allow here.
 */
static void
stream_error(PinJsonStream *stream)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid answer from Pinterest"),
			 errdetail("Byte " INT64_FORMAT " does not fit the layout of a list of rows.",
					   stream->dropped + stream->pos)));
}

/*
 * after_value
 *		What can follow when a value has ended.
 */
static StreamState
after_value(PinJsonStream *stream)
{
	return stream->depth > 0 ? EXPECT_COMMA : EXPECT_NOTHING;
}

/*
 * scan_string
 *		Goes to the end of the string that begins at "start".
 *
 * Returns false if more input is needed.  On the end, pos stands behind the
 * closing quote.
 */
static bool
scan_string(PinJsonStream *stream)
{
	const char *data = stream->input.data;
	int			len = stream->input.len;
	int			pos = stream->pos;

	while (pos < len)
	{
		char		c = data[pos];

		if (c == '\\')
		{
			if (pos + 1 >= len)
				break;			/* come back when the escaped one is there */
			pos += 2;
			continue;
		}
		pos++;
		if (c == '"')
		{
			stream->pos = pos;
			return true;
		}
	}
	stream->pos = pos;
	return false;
}

/*
 * is_plain
 *		Whether a piece of JSON is ASCII without escapes or control characters, so
 *		that nothing of it needs to be rewritten.
 */
static bool
is_plain(const char *json, size_t len)
{
	for (size_t i = 0; i < len; i++)
	{
		if (json[i] < ' ' || json[i] > '~' || json[i] == '\\')
			return false;
	}
	return true;
}

/*
 * check_key_length
 *		Raises 54000 if the key between "start" and pos is too long, be it
 *		complete or not.
 */
static void
check_key_length(PinJsonStream *stream)
{
	if (stream->pos - stream->start > PIN_MAX_KEY + 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("invalid answer from Pinterest"),
				 errdetail("The id of a row is longer than %d bytes.",
						   PIN_MAX_KEY)));
}

/*
 * take_key
 *		Takes the string between "start" and pos as the key.
 *
 * Objects are checked by whoever parses them; a key becomes a value as it is.
 */
static void
take_key(PinJsonStream *stream)
{
	const char *quoted = stream->input.data + stream->start;
	int			len = stream->pos - stream->start;

	check_key_length(stream);
	resetStringInfo(&stream->key);
	resetStringInfo(&stream->raw_key);
	if (is_plain(quoted, len))
		appendBinaryStringInfo(&stream->key, quoted + 1, len - 2);
	else
	{
		PinJsonPrepared prepared = {.is_row = true};
		JsonLexContext *lex;
		JsonParseErrorType result;

		initStringInfo(&prepared.text);
		pin_json_prepare(&prepared, quoted, len, PG_INT32_MAX);
		lex = pin_make_json_lexer(prepared.text.data, prepared.text.len, PG_UTF8);
		result = json_lex(lex);
		if (result != JSON_SUCCESS)
			stream_error(stream);
		appendStringInfoString(&stream->key, lex->strval->data);
		if (prepared.mended)
			appendBinaryStringInfo(&stream->raw_key, quoted, len);
		pfree(prepared.text.data);
	}
	if (stream->depth == 1)
	{
		resetStringInfo(&stream->outer_key);
		appendBinaryStringInfo(&stream->outer_key, stream->key.data,
							   stream->key.len);
	}
}

/*
 * scan_object
 *		Goes to the end of the object that begins at "start"; returns false
 *		if more input is needed.
 */
static bool
scan_object(PinJsonStream *stream)
{
	while (stream->pos < stream->input.len)
	{
		if (stream->in_string)
		{
			if (!scan_string(stream))
				break;
			stream->in_string = false;
			continue;
		}
		switch (stream->input.data[stream->pos++])
		{
			case '"':
				stream->in_string = true;
				break;
			case '{':
			case '[':
				/* whoever parses the row is recursive */
				if (++stream->braces > PIN_MAX_NESTING)
					ereport(ERROR,
							(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
							 errmsg("invalid answer from Pinterest"),
							 errdetail("A row is nested deeper than %d levels.",
									   PIN_MAX_NESTING)));
				break;
			case '}':
			case ']':
				if (--stream->braces == 0)
					return true;
				break;
			default:
				break;
		}
	}
	if (stream->pos - stream->start > PIN_MAX_ROW)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("invalid answer from Pinterest"),
				 errdetail("A row is larger than %d bytes.", PIN_MAX_ROW)));
	return false;
}

/*
 * skip_literal
 *		Skips some characters if they come next; false if more input is needed to
 *		know.  *found: whether they were there.
 */
static bool
skip_literal(PinJsonStream *stream, const char *literal, bool *found)
{
	int			len = strlen(literal);
	int			left = stream->input.len - stream->pos;

	*found = memcmp(stream->input.data + stream->pos, literal,
					Min(len, left)) == 0;
	if (*found && left < len)
		return false;
	if (*found)
		stream->pos += len;
	return true;
}

/*
 * may_open
 *		Whether an array or object may begin here that is no row.
 *
 * Rows stand in an array, and that is the whole of a document, or filed under an
 * id, which may be filed under a date.  Whatever else looks like a list of rows may
 * be something that is none.  Raises HV000 for an object that is filed under something
 * else, even if no row is in it.
 */
static bool
may_open(const PinJsonStream *stream, char bracket)
{
	const char *key = stream->key.data;

	if (stream->depth == 0)
		return true;
	if (stream->depth >= PIN_MAX_REPORT_NESTING ||
		stream->nesting[stream->depth - 1] == '[')
		return false;
	if (bracket == '{' &&
		(strspn(key, "0123456789") != 4 || strlen(key) < strlen("YYYY-MM-DD")))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("invalid answer from Pinterest"),
				 errdetail("An object is filed under \"%s\", which is not its date.",
						   pin_json_shown_text(key))));
	return bracket == '[' || stream->depth == 1;
}

/*
 * close_bracket
 *		Goes behind the end of an array or object that is no row.
 */
static void
close_bracket(PinJsonStream *stream)
{
	stream->pos++;
	stream->depth--;
	stream->state = after_value(stream);
}

/*
 * take_value
 *		Begins a row, or goes into or behind another value, which begins with c;
 *		false if more input is needed.
 */
static bool
take_value(PinJsonStream *stream, char c)
{
	bool		in_array = stream->depth > 0 &&
		stream->nesting[stream->depth - 1] == '[';
	bool		is_null;

	if (c == '{' && in_array)
	{
		stream->start = stream->pos++;
		stream->braces = 1;
		stream->in_string = false;
	}
	else if ((c == '{' || c == '[') && may_open(stream, c))
	{
		stream->nesting[stream->depth++] = c;
		stream->state = c == '{' ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE;
		stream->pos++;
	}
	else if (c == ']' && stream->state == EXPECT_FIRST_VALUE)
		close_bracket(stream);
	else if (in_array)
		stream_error(stream);
	else
	{
		/* no rows, in place of a list of them */
		if (!skip_literal(stream, "null", &is_null))
			return false;
		if (!is_null)
			stream_error(stream);
		stream->state = after_value(stream);
	}
	return true;
}

/*
 * take_token
 *		Takes what comes next outside of rows and keys, or begins one of these;
 *		false if more input is needed.
 */
static bool
take_token(PinJsonStream *stream)
{
	bool		found;
	char		open;
	char		c;

	if (!stream->begun)
	{
		if (!skip_literal(stream, PIN_JSON_MARK, &found))
			return false;
		stream->begun = true;
	}
	if (stream->pos >= stream->input.len)
		return false;
	c = stream->input.data[stream->pos];
	if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
	{
		stream->pos++;
		return true;
	}

	switch (stream->state)
	{
		case EXPECT_VALUE:
		case EXPECT_FIRST_VALUE:
			return take_value(stream, c);
		case EXPECT_FIRST_KEY:
		case EXPECT_KEY:
			if (c == '"')
			{
				stream->start = stream->pos++;
				stream->state = EXPECT_COLON;
			}
			else if (c == '}' && stream->state == EXPECT_FIRST_KEY)
				close_bracket(stream);
			else
				stream_error(stream);
			break;
		case EXPECT_COLON:
			if (c != ':')
				stream_error(stream);
			stream->state = EXPECT_VALUE;
			stream->pos++;
			break;
		case EXPECT_COMMA:
			open = stream->nesting[stream->depth - 1];
			if (c == (open == '{' ? '}' : ']'))
				close_bracket(stream);
			else if (c == ',')
			{
				stream->state = open == '{' ? EXPECT_KEY : EXPECT_VALUE;
				stream->pos++;
			}
			else
				stream_error(stream);
			break;
		case EXPECT_NOTHING:
			stream_error(stream);
			break;
	}
	return true;
}

/*
 * finish_key
 *		Goes to the end of the key that has begun, and takes it; false if more
 *		input is needed.
 */
static bool
finish_key(PinJsonStream *stream)
{
	if (!scan_string(stream))
	{
		check_key_length(stream);
		return false;
	}
	take_key(stream);
	stream->start = -1;
	return true;
}

/*
 * pin_json_stream_next
 *		Next object that stands in an array.
 *
 * The document is an array of objects, or an object whose values are such
 * arrays, or such an object for each date; null in their place has no objects.  A mark
 * of UTF-8 at its beginning is skipped.  *object points into the stream's input and is
 * valid until the next call; it has been cut out, not checked.  *key is the
 * latest key outside, in UTF-8, "" if there is none.  Returns false if more input
 * is needed; pin_json_stream_at_end() tells whether any can come.
 */
bool
pin_json_stream_next(PinJsonStream *stream, const char **object, size_t *len,
					 const char **key)
{
	while (stream->start < 0 || stream->state == EXPECT_COLON)
	{
		if (stream->start < 0 ? !take_token(stream) : !finish_key(stream))
			return false;
	}
	if (!scan_object(stream))
		return false;
	*object = stream->input.data + stream->start;
	*len = stream->pos - stream->start;
	*key = stream->key.data;
	stream->start = -1;
	stream->state = after_value(stream);
	return true;
}

/*
 * pin_json_stream_at_end
 *		Whether the document is complete.
 */
bool
pin_json_stream_at_end(PinJsonStream *stream)
{
	return stream->state == EXPECT_NOTHING;
}

/*
 * pin_json_stream_outer_key
 *		The key of the outermost object, if the latest one is that of another object
 *		within it; else "".
 */
const char *
pin_json_stream_outer_key(const PinJsonStream *stream)
{
	int			nobjects = 0;

	for (int i = 0; i < stream->depth; i++)
		nobjects += stream->nesting[i] == '{';
	return nobjects > 1 ? stream->outer_key.data : "";
}

/*
 * pin_json_stream_raw_key
 *		The key in the source, if something of it is no character; else "".
 */
const char *
pin_json_stream_raw_key(const PinJsonStream *stream)
{
	return stream->raw_key.data;
}

/*
 * pin_json_stream_is_blank
 *		Whether nothing but white space has come.
 */
bool
pin_json_stream_is_blank(const PinJsonStream *stream)
{
	return stream->state == EXPECT_VALUE && stream->depth == 0 &&
		stream->pos == stream->input.len;
}

typedef struct FieldEntry
{
	char		name[NAMEDATALEN * 2];
	int			place;
} FieldEntry;

/* State of the parser's callbacks that read a row */
typedef struct RowState
{
	JsonLexContext *lex;
	const PinJsonFields *fields;
	PinJsonValue *values;
	int			expected;		/* place of the field that comes next if the
								 * fields come in the order they came before */
	PinJsonValue *value;		/* of the current field, NULL: not wanted */
	const char *nested;			/* where its object or array begins, or NULL */
	const char **current;		/* name of that field, for messages */
} RowState;

/*
 * pin_json_fields
 *		Prepares picking fields from rows.
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
 * pin_json_add_name
 *		Adds the name of a field to an array unless it is there; returns its place.
 */
int
pin_json_add_name(const char **names, int *nnames, const char *name)
{
	for (int i = 0; i < *nnames; i++)
	{
		if (strcmp(names[i], name) == 0)
			return i;
	}
	names[*nnames] = name;
	return (*nnames)++;
}

/*
 * find_field
 *		Where the value of a field goes, or NULL.  In a report the fields of
 *		each row come in the same order, so the expected one is tried first.
 */
static PinJsonValue *
find_field(RowState *state, const char *name)
{
	const PinJsonFields *fields = state->fields;
	FieldEntry *entry;

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
field_start(void *arg, char *name, bool isnull)
{
	RowState   *state = arg;
	JsonTokenType token = state->lex->token_type;

	if (state->lex->lex_level == 1)
	{
		state->value = find_field(state, name);
		*state->current = state->value == NULL ? NULL :
			state->fields->names[state->value - state->values];
		state->nested = token == JSON_TOKEN_OBJECT_START ||
			token == JSON_TOKEN_ARRAY_START ? state->lex->token_start : NULL;
	}
	PIN_JSON_RETURN;
}

static PIN_JSON_ACTION
field_end(void *arg, char *name, bool isnull)
{
	RowState   *state = arg;

	if (state->lex->lex_level == 1)
	{
		/* the next value is checked before its field_start() is called */
		*state->current = NULL;
		if (state->value != NULL && state->nested != NULL)
		{
			state->value->type = *state->nested == '{' ?
				PIN_JSON_OBJECT : PIN_JSON_ARRAY;
			state->value->text = pnstrdup(state->nested,
										  state->lex->prev_token_terminator - state->nested);
		}
		state->value = NULL;
	}
	PIN_JSON_RETURN;
}

static PIN_JSON_ACTION
scalar(void *arg, char *token, JsonTokenType type)
{
	RowState   *state = arg;
	PinJsonValue *value = state->value;

	if (state->lex->lex_level == 1 && value != NULL)
	{
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
 * row_error
 *		Raises an error for a row that is no JSON, from which it shows a piece.
 *
 * The piece has to be in the server's encoding, so the row is parsed again in
 * ASCII if that is another one.
 */
static void
row_error(RowState *state, const char *json, size_t len,
		  JsonParseErrorType result)
{
	JsonSemAction sem = {0};
	PinJsonPrepared prepared = {.is_row = true, .ascii = true};
	MemoryContext cxt = CurrentMemoryContext;

	if (GetDatabaseEncoding() != PG_UTF8)
	{
		initStringInfo(&prepared.text);
		pin_json_prepare(&prepared, json, len, PG_INT32_MAX);
		state->lex = pin_make_json_lexer(prepared.text.data, prepared.text.len,
										 GetDatabaseEncoding());
		result = pg_parse_json(state->lex, &sem);
	}
	/* the parser's error shows a piece of the row in its context, too */
	PG_TRY();
	{
		error_context_stack = NULL;
		pin_json_error(result, state->lex);
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
}

/*
 * pin_json_row
 *		Picks the wanted fields from a row.
 *
 * json: an object in UTF-8, more or less; values: as many as there are fields,
 * with texts in UTF-8, and objects and arrays as JSON.  *current is set to the
 * name of the field being read, for the caller's error context.  Memory comes
 * from the current context.  Raises 22P02 for what is no JSON.
 */
void
pin_json_row(const PinJsonFields *fields, const char *json, size_t len,
			 PinJsonValue *values, const char **current)
{
	RowState	state = {0};
	JsonSemAction sem = {0};
	PinJsonPrepared prepared = {.is_row = true};
	const char *text = json;
	size_t		text_len = len;
	JsonParseErrorType result;

	/* first of all, as the caller's error context may look at them */
	memset(values, 0, fields->count * sizeof(PinJsonValue));
	if (!is_plain(json, len))
	{
		initStringInfo(&prepared.text);
		pin_json_prepare(&prepared, json, len, PG_INT32_MAX);
		text = prepared.text.data;
		text_len = prepared.text.len;
	}
	state.fields = fields;
	state.values = values;
	state.current = current;
	state.lex = pin_make_json_lexer((char *) text, text_len, PG_UTF8);
	sem.semstate = &state;
	sem.object_field_start = field_start;
	sem.object_field_end = field_end;
	sem.scalar = scalar;
	result = pg_parse_json(state.lex, &sem);
	if (result != JSON_SUCCESS)
		row_error(&state, json, len, result);
	*current = NULL;
}
