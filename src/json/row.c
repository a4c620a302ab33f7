/*-------------------------------------------------------------------------
 *
 * row.c
 *	  Rows of a report, cut out of the document while it arrives.
 *
 * The whole of a report need not be in memory: each object that stands in one of
 * its arrays is cut out, and parsed by itself.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "json/document.h"
#include "json/row.h"

/*
 * Nesting outside of the objects of a stream.  Pinterest has one level, and
 * two when it sorts by date first.
 */
#define MAX_STREAM_DEPTH	8

/* Names longer than this are not names of ours; the rest is dropped. */
#define MAX_KEY_LENGTH		128

/* An object larger than this cannot be a row. */
#define MAX_OBJECT_SIZE		(64 * 1024 * 1024)

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

	StreamState state;
	int			depth;
	char		nesting[MAX_STREAM_DEPTH];	/* '{' or '[' */
	char		key[MAX_KEY_LENGTH];	/* latest key of an object outside */

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
 * take_key
 *		Takes the string between "start" and pos as the key.
 *
 * Objects are checked by whoever parses them; a key becomes a value as it is.
 */
static void
take_key(PinJsonStream *stream)
{
	const char *key = stream->input.data + stream->start + 1;
	int			len = stream->pos - stream->start - 2;
	bool		plain = true;

	for (int i = 0; i < len && plain; i++)
		plain = key[i] >= ' ' && key[i] != '\\' && !IS_HIGHBIT_SET(key[i]);
	if (!plain)
	{
		StringInfoData array;

		initStringInfo(&array);
		appendStringInfoString(&array, "[\"");
		appendBinaryStringInfo(&array, key, len);
		appendStringInfoString(&array, "\"]");
		key = linitial(pin_json_array(pg_any_to_server(array.data, array.len,
													   PG_UTF8)));
		len = strlen(key);
	}
	len = pg_mbcliplen(key, len, MAX_KEY_LENGTH - 1);
	memcpy(stream->key, key, len);
	stream->key[len] = '\0';
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
				stream->braces++;
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
	if (stream->pos - stream->start > MAX_OBJECT_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("invalid answer from Pinterest"),
				 errdetail("A row is larger than %d bytes.", MAX_OBJECT_SIZE)));
	return false;
}

/*
 * pin_json_stream_next
 *		Next object that stands in an array.
 *
 * The document is an array of objects, or an object whose values are such
 * arrays, or such objects.  *object points into the stream's input and is
 * valid until the next call; it has been cut out, not checked.  *key is the
 * latest key outside, "" if there is none.  Returns false if more input is
 * needed; pin_json_stream_at_end() tells whether any can come.
 */
bool
pin_json_stream_next(PinJsonStream *stream, const char **object, size_t *len,
					 const char **key)
{
	for (;;)
	{
		char		c;

		if (stream->start >= 0)
		{
			if (stream->state == EXPECT_COLON)
			{
				if (!scan_string(stream))
					return false;
				take_key(stream);
				stream->start = -1;
				continue;
			}
			if (!scan_object(stream))
				return false;
			*object = stream->input.data + stream->start;
			*len = stream->pos - stream->start;
			*key = stream->key;
			stream->start = -1;
			stream->state = after_value(stream);
			return true;
		}

		if (stream->pos >= stream->input.len)
			return false;
		c = stream->input.data[stream->pos];
		if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		{
			stream->pos++;
			continue;
		}

		switch (stream->state)
		{
			case EXPECT_VALUE:
			case EXPECT_FIRST_VALUE:
				if (c == '{' && stream->depth > 0 &&
					stream->nesting[stream->depth - 1] == '[')
				{
					stream->start = stream->pos++;
					stream->braces = 1;
					stream->in_string = false;
				}
				else if ((c == '{' || c == '[') && stream->depth < MAX_STREAM_DEPTH)
				{
					stream->nesting[stream->depth++] = c;
					stream->state = c == '{' ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE;
					stream->pos++;
				}
				else if (c == ']' && stream->state == EXPECT_FIRST_VALUE)
				{
					stream->depth--;
					stream->state = after_value(stream);
					stream->pos++;
				}
				else
					stream_error(stream);
				break;
			case EXPECT_FIRST_KEY:
			case EXPECT_KEY:
				if (c == '"')
				{
					stream->start = stream->pos++;
					stream->state = EXPECT_COLON;
				}
				else if (c == '}' && stream->state == EXPECT_FIRST_KEY)
				{
					stream->depth--;
					stream->state = after_value(stream);
					stream->pos++;
				}
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
				{
					char		open = stream->nesting[stream->depth - 1];

					if (c == ',')
						stream->state = open == '{' ? EXPECT_KEY : EXPECT_VALUE;
					else if (c == (open == '{' ? '}' : ']'))
					{
						stream->depth--;
						stream->state = after_value(stream);
					}
					else
						stream_error(stream);
					stream->pos++;
				}
				break;
			case EXPECT_NOTHING:
				stream_error(stream);
				break;
		}
	}
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
