/*-------------------------------------------------------------------------
 *
 * stream.c
 *	  Rows of a report, found in the document while it arrives.
 *
 * The whole of a report need not be in memory.  A row is an object that stands in
 * one of its arrays.  As a rule all of it is there, and it is found by reading it
 * (row.c).  If not, its end is looked for in what has come and in what comes, each
 * byte once, before it is read again.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/limits.h"
#include "json/prepare.h"
#include "json/stream.h"

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

/* What is at hand */
typedef enum StreamTask
{
	TAKE_TOKENS,				/* what is outside of rows and keys */
	TAKE_KEY,					/* begins at "start" */
	READ_ROW,					/* likewise; it has not been looked at */
	FIND_END					/* of that row: "pos" is within it */
} StreamTask;

struct PinJsonStream
{
	PinJsonFields *fields;		/* to pick from each row */
	StringInfoData input;
	int			pos;			/* read up to here; what is before it and
								 * before "start" can go */
	int64		dropped;		/* bytes that have gone before the input */

	bool		begun;			/* there is no mark of UTF-8 to come */
	StreamTask	task;
	StreamState state;
	int			depth;
	char		nesting[PIN_MAX_REPORT_NESTING];	/* '{' or '[' */
	StringInfoData key;			/* latest key of an object outside */
	StringInfoData outer_key;	/* that of the outermost object */
	StringInfoData raw_key;		/* the latest one in the source, if something of
								 * it is no character; else "" */
	int			nobjects;		/* open brackets that are '{' */
	uint64		list;			/* number of the latest array */

	/* the key or row that is at hand */
	int			start;			/* where it begins, or -1 */
	int			tried;			/* length of the input when it was read in vain */
	int			braces;			/* open brackets in it */
	bool		in_string;
};

/* Number of the latest array of all streams */
static uint64 last_list = 0;

/*
 * pin_json_stream_create
 *		Begins reading a stream; it lives in the current memory context.
 *
 * fields: to pick from each row; several streams may share them, as each row is
 * used before another one is asked for.
 */
PinJsonStream *
pin_json_stream_create(PinJsonFields *fields)
{
	PinJsonStream *stream = palloc0(sizeof(PinJsonStream));

	stream->fields = fields;
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
 * Drops what has been read; rows handed out before are gone.
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
		stream->tried -= keep;
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
 * It becomes a value as it is, so it has to be text.
 */
static void
take_key(PinJsonStream *stream)
{
	const char *quoted = stream->input.data + stream->start;
	int			len = stream->pos - stream->start;

	check_key_length(stream);
	resetStringInfo(&stream->key);
	resetStringInfo(&stream->raw_key);
	if (!pin_json_decode(&stream->key, quoted, len))
	{
		PinJsonPrepared prepared = {.is_row = true};

		initStringInfo(&prepared.text);
		pin_json_prepare(&prepared, quoted, len, PG_INT32_MAX);
		if (!pin_json_decode(&stream->key, prepared.text.data, prepared.text.len))
			stream_error(stream);
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
 * find_end
 *		Goes to the end of the row that begins at "start"; returns false if more
 *		input is needed.
 *
 * Should it be no JSON, that is where its brackets end.
 */
static bool
find_end(PinJsonStream *stream)
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
				/* whoever takes a value of the row may be recursive */
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
	if (stream->nesting[stream->depth] == '{')
		stream->nobjects--;
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
		stream->start = stream->pos;
		stream->task = READ_ROW;
	}
	else if ((c == '{' || c == '[') && may_open(stream, c))
	{
		stream->nesting[stream->depth++] = c;
		if (c == '{')
			stream->nobjects++;
		else
			stream->list = ++last_list;
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
				stream->task = TAKE_KEY;
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
	stream->task = TAKE_TOKENS;
	return true;
}

/*
 * read_row
 *		Reads the row that begins at "start" and goes behind it; false if more input
 *		is needed.
 *
 * *is_read: whether it could be read, or is complete, but broken.
 */
static bool
read_row(PinJsonStream *stream, bool *is_read)
{
	const char *json = stream->input.data + stream->start;
	const char *end = stream->input.data + stream->input.len;

	*is_read = true;
	if (stream->task == READ_ROW)
	{
		const char *behind = pin_json_read_row(stream->fields, json, end);

		if (behind != NULL)
		{
			stream->pos = behind - stream->input.data;
			return true;
		}
		stream->task = FIND_END;
		stream->tried = stream->input.len;
		stream->pos = stream->start + 1;
		stream->braces = 1;
		stream->in_string = false;
	}
	if (!find_end(stream))
		return false;
	end = stream->input.data + stream->pos;
	*is_read = stream->pos > stream->tried &&
		pin_json_read_row(stream->fields, json, end) == end;
	return true;
}

/*
 * pin_json_stream_next
 *		Next row, that is an object that stands in an array.
 *
 * The document is an array of objects, or an object whose values are such
 * arrays, or such an object for each date; null in their place has no rows.  A mark
 * of UTF-8 at its beginning is skipped.  Returns false if more input is needed;
 * pin_json_stream_at_end() tells whether any can come.
 */
bool
pin_json_stream_next(PinJsonStream *stream, PinJsonRow *row)
{
	while (stream->task < READ_ROW)
	{
		if (stream->task == TAKE_KEY ? !finish_key(stream) : !take_token(stream))
			return false;
	}
	if (!read_row(stream, &row->is_read))
		return false;
	row->text = stream->input.data + stream->start;
	row->len = stream->pos - stream->start;
	row->list = stream->list;
	row->key = stream->key.data;
	row->outer_key = stream->nobjects > 1 ? stream->outer_key.data : "";
	row->raw_key = stream->raw_key.data;
	stream->start = -1;
	stream->task = TAKE_TOKENS;
	stream->state = after_value(stream);
	return true;
}

/*
 * pin_json_stream_at_end
 *		Whether the document is complete.
 */
bool
pin_json_stream_at_end(const PinJsonStream *stream)
{
	return stream->state == EXPECT_NOTHING;
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
