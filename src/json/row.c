/*-------------------------------------------------------------------------
 *
 * row.c
 *	  Rows of a report: reads the fields that are wanted.
 *
 * Most of the work for a report is done here, so a row is read in one pass over
 * the bytes that have arrived, and nothing is copied that need not be:
 *
 * - The fields of each row come in the same order, without those that are zero.
 *	 So the name that came next in earlier rows is compared in place, before it is
 *	 known where the name in this row ends.
 * - Digits become a number while they are checked.
 * - Strings are looked at sixteen bytes at a time, see scan.h.
 * - What nobody wants is checked like anything else, and left where it is.
 *
 * Here is the plain case alone: well-formed JSON whose strings are text, of which
 * all has come.  Each function returns what comes behind the thing it reads, or
 * NULL for anything else, whatever that is.  A row that has been cut is read again
 * when all of it is there (stream.c).  One in which something is no character is
 * rewritten (prepare.c), and read again; what is refused then is no JSON, and
 * PostgreSQL's own parser says why (broken.c).
 *
 * A NUL has to stand behind the input: as no part of the grammar, it ends what
 * the end of the input has cut.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "base/limits.h"
#include "json/broken.h"
#include "json/prepare.h"
#include "json/row.h"
#include "json/scan.h"

/* So many names that nobody wants are remembered, if they are not longer than that. */
#define MAX_OTHER_KEYS		256
#define MAX_OTHER_LENGTH	128

/* Room for decoded strings that is kept from one row to the next */
#define MAX_KEPT_ROOM		(1024 * 1024)

/*
 * So many names that may come next are compared in place: zeros are left out, which
 * is a few fields in a row.
 */
#define MAX_PASSED_OVER		8

/* What stands around a name: two quotes and a colon */
#define AROUND_NAME			3

/* U+FFFD, which stands for what is no character */
#define REPLACEMENT			"\xef\xbf\xbd"

/*
 * A name that a field of a row has.  Those that are wanted and have not come yet
 * have no place in the order.
 */
struct PinJsonKey
{
	char	   *quoted;			/* "NAME": as a row has it without white space; the
								 * first byte is NUL if it may be written in
								 * other ways */
	int			len;			/* of that */
	int			field;			/* -1: nobody wants it */
	bool		has_come;
};

/* A string as it stands in the source, without its quotes */
typedef struct Text
{
	const char *start;
	size_t		len;
	bool		has_escapes;
	bool		high;			/* not all of it is ASCII */
} Text;

/* What is at hand while a row is read */
typedef struct RowState
{
	PinJsonFields *fields;
	const char *json;			/* where it begins */
	const char *end;			/* of the input */
	bool		is_prepared;	/* it has been rewritten */
	int			next;			/* place of the key that is expected */
	PinCell		unwanted;		/* takes the values that nobody wants */
} RowState;

/*
 * add_key
 *		Adds a name to those that are known, at a place in their order.
 */
static void
add_key(PinJsonFields *fields, int place, const char *name, int len, int field)
{
	PinJsonKey *key = &fields->keys[place];
	bool		is_plain = true;

	memmove(key + 1, key, (fields->nkeys - place) * sizeof(PinJsonKey));
	fields->nkeys++;
	for (int i = 0; i < len; i++)
	{
		if ((unsigned char) name[i] < ' ' || name[i] == '"' || name[i] == '\\' ||
			(len - i >= 3 && memcmp(name + i, REPLACEMENT, 3) == 0))
			is_plain = false;
	}
	key->len = len + AROUND_NAME;
	key->quoted = MemoryContextAlloc(fields->cxt, key->len);
	key->quoted[0] = is_plain ? '"' : '\0';
	memcpy(key->quoted + 1, name, len);
	memcpy(key->quoted + 1 + len, "\":", 2);
	key->field = field;
	key->has_come = field < 0;
}

/*
 * pin_json_fields
 *		Prepares picking fields from rows.
 *
 * names: in the server's encoding, not copied, each of them once.  The result lives
 * in the current memory context, as what is learnt from the rows does.
 */
PinJsonFields *
pin_json_fields(int count, const char **names)
{
	PinJsonFields *fields = palloc0(sizeof(PinJsonFields));

	fields->count = count;
	fields->names = names;
	fields->cells = palloc0(Max(count, 1) * sizeof(PinCell));
	fields->cxt = CurrentMemoryContext;
	fields->max_keys = count + MAX_OTHER_KEYS;
	fields->keys = palloc(fields->max_keys * sizeof(PinJsonKey));
	for (int i = 0; i < count; i++)
	{
		const char *name = pg_server_to_any(names[i], strlen(names[i]), PG_UTF8);

		add_key(fields, i, name, strlen(name), i);
	}
	initStringInfo(&fields->decoded);
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
 * settle
 *		A name that was known has come for the first time, or later than expected: it
 *		gets its place in the order, where the expected one was.  Returns that place.
 */
static int
settle(RowState *state, int place)
{
	PinJsonKey *keys = state->fields->keys;
	PinJsonKey	key = keys[place];
	int			to = state->next;

	if (place < to)
	{
		to--;
		memmove(&keys[place], &keys[place + 1], (to - place) * sizeof(PinJsonKey));
	}
	else
		memmove(&keys[to + 1], &keys[to], (place - to) * sizeof(PinJsonKey));
	key.has_come = true;
	keys[to] = key;
	return to;
}

/*
 * find_key
 *		The place of a name among those that are known, to which it is added if it
 *		is new; -1 if there are too many of them.
 *
 * Looks from the expected one on: as a rule only zeros have been left out.
 */
static int
find_key(RowState *state, const char *name, size_t len)
{
	PinJsonFields *fields = state->fields;
	int			place = state->next;

	for (int i = 0; i < fields->nkeys; i++, place++)
	{
		const PinJsonKey *key;

		if (place >= fields->nkeys)
			place = 0;
		key = &fields->keys[place];
		if (key->len == len + AROUND_NAME && memcmp(key->quoted + 1, name, len) == 0)
			return key->has_come && place >= state->next ? place :
				settle(state, place);
	}
	if (fields->nkeys >= fields->max_keys || len > MAX_OTHER_LENGTH)
		return -1;
	add_key(fields, state->next, name, len, -1);
	return state->next;
}

/*
 * is_same
 *		Whether two pieces of at least eight bytes are the same.
 *
 * Names are short, so a call of memcmp() would cost more than it does.
 */
static inline bool
is_same(const char *a, const char *b, int len)
{
	uint64		x;
	uint64		y;

	for (int i = 0; i < len - 8; i += 8)
	{
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y)
			return false;
	}
	memcpy(&x, a + len - 8, 8);
	memcpy(&y, b + len - 8, 8);
	return x == y;
}

/*
 * clear_cells
 *		Forgets the values of the row before.
 *
 * What else is in a cell counts with a type alone.
 */
static void
clear_cells(PinJsonFields *fields)
{
	for (int i = 0; i < fields->count; i++)
	{
		fields->cells[i].type = PIN_JSON_MISSING;
		fields->cells[i].text = NULL;
		fields->cells[i].len = 0;
	}
}

/* White space of JSON; a NUL is none. */
static inline const char *
skip_space(const char *pos)
{
	while ((unsigned char) *pos <= ' ' &&
		   (*pos == ' ' || *pos == '\n' || *pos == '\r' || *pos == '\t'))
		pos++;
	return pos;
}

/*
 * hex_digits
 *		The number that four hexadecimal digits are; -1 if they are none.
 */
static int
hex_digits(const char *pos, const char *end)
{
	int			value = 0;

	if (end - pos < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		char		c = pos[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			value = value * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/*
 * read_escape
 *		Reads an escape from behind its backslash; *code: the character that it
 *		stands for, never NUL.
 */
static const char *
read_escape(const char *pos, const char *end, int *code)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char *letter;
	int			second;

	if (pos >= end)
		return NULL;
	if (*pos != 'u')
	{
		letter = *pos == '\0' ? NULL : strchr(letters, *pos);
		if (letter == NULL)
			return NULL;
		*code = meanings[letter - letters];
		return pos + 1;
	}
	*code = hex_digits(pos + 1, end);
	if (*code <= 0 || is_utf16_surrogate_second(*code))
		return NULL;
	pos += 5;
	if (is_utf16_surrogate_first(*code))
	{
		if (end - pos < 2 || pos[0] != '\\' || pos[1] != 'u')
			return NULL;
		second = hex_digits(pos + 2, end);
		if (second < 0 || !is_utf16_surrogate_second(second))
			return NULL;
		*code = surrogate_pair_to_codepoint(*code, second);
		pos += 6;
	}
	return pos;
}

/*
 * read_string
 *		Reads a string from behind its quote.
 */
static inline const char *
read_string(const char *pos, const char *end, Text *text)
{
	int			code;

	text->start = pos;
	text->has_escapes = text->high = false;
	for (;;)
	{
		pos = pin_scan_string(pos, end, &text->high);
		if (pos >= end)
			return NULL;
		if (*pos == '"')
			break;
		if (*pos != '\\')
			return NULL;		/* a control character */
		text->has_escapes = true;
		pos = read_escape(pos + 1, end, &code);
		if (pos == NULL)
			return NULL;
	}
	text->len = pos - text->start;
	if (text->high &&
		pg_encoding_verifymbstr(PG_UTF8, text->start, text->len) != text->len)
		return NULL;
	return pos + 1;
}

/*
 * append_decoded
 *		Appends a string that has been read, without its escapes.
 */
static void
append_decoded(StringInfo buf, const char *pos, size_t len)
{
	const char *end = pos + len;

	while (pos < end)
	{
		const char *backslash = memchr(pos, '\\', end - pos);
		unsigned char utf8[MAX_MULTIBYTE_CHAR_LEN + 1];
		int			code;

		if (backslash == NULL)
			backslash = end;
		appendBinaryStringInfo(buf, pos, backslash - pos);
		pos = backslash;
		if (pos < end)
		{
			pos = read_escape(pos + 1, end, &code);
			unicode_to_utf8(code, utf8);
			appendBinaryStringInfo(buf, (char *) utf8, pg_utf_mblen(utf8));
		}
	}
}

/*
 * decode
 *		Takes the escapes out of a string of the row.
 *
 * No string gets longer by that, so room for all of what is left of the input is
 * enough for all of them: what has been decoded stays where it is.
 */
static void
decode(RowState *state, Text *text)
{
	StringInfo	decoded = &state->fields->decoded;
	int			start = decoded->len;

	if (start == 0)
		enlargeStringInfo(decoded, state->end - state->json);
	append_decoded(decoded, text->start, text->len);
	text->start = decoded->data + start;
	text->len = decoded->len - start;
}

/*
 * has_broken_name
 *		Whether something in a name may be no character, or may stand for such.
 *
 * Different names must stay different, which is left to prepare.c.
 */
static bool
has_broken_name(const RowState *state, const Text *name)
{
	if (state->is_prepared || (!name->high && !name->has_escapes))
		return false;
	return name->has_escapes ||
		memmem(name->start, name->len, REPLACEMENT, strlen(REPLACEMENT)) != NULL;
}

/*
 * find_expected
 *		The place of the name that stands at a place of the source, if it is one of
 *		those that are expected next, and without white space; -1 if not.
 */
static inline int
find_expected(RowState *state, const char *pos)
{
	const PinJsonFields *fields = state->fields;
	const PinJsonKey *key = &fields->keys[state->next];
	const PinJsonKey *last = &fields->keys[Min(state->next + MAX_PASSED_OVER,
											   fields->nkeys)];

	for (; key < last; key++)
	{
		if (state->end - pos <= key->len ||
			(key->len >= 8 ? !is_same(pos, key->quoted, key->len) :
			 memcmp(pos, key->quoted, key->len) != 0))
			continue;

		/* one that has not come before has no place in the order yet */
		return key->has_come || key == &fields->keys[state->next] ?
			key - fields->keys : settle(state, key - fields->keys);
	}
	return -1;
}

/*
 * read_key
 *		Reads the name of a field and the colon behind it; *cell: where its value
 *		goes.
 */
static inline const char *
read_key(RowState *state, const char *pos, PinCell **cell)
{
	PinJsonFields *fields = state->fields;
	const PinJsonKey *key;
	Text		name;
	int			place = find_expected(state, pos);

	*cell = &state->unwanted;
	if (place >= 0)
		pos += fields->keys[place].len;
	else
	{
		if (*pos != '"')
			return NULL;
		pos = read_string(pos + 1, state->end, &name);
		if (pos == NULL || has_broken_name(state, &name))
			return NULL;
		pos = skip_space(pos);
		if (*pos++ != ':')
			return NULL;
		if (name.has_escapes)
			decode(state, &name);
		place = find_key(state, name.start, name.len);
		if (place < 0)
			return pos;
	}
	key = &fields->keys[place];
	state->next = place + 1;
	if (key->field >= 0)
	{
		*cell = &fields->cells[key->field];
		fields->current = fields->names[key->field];
	}
	return pos;
}

/*
 * read_digits
 *		Reads digits, any number of them, and appends them to a number, which
 *		overflows without harm.
 */
static inline const char *
read_digits(const char *pos, uint64 *number)
{
	unsigned char digit;

	while ((digit = (unsigned char) *pos - '0') <= 9)
	{
		*number = *number * 10 + digit;
		pos++;
	}
	return pos;
}

/*
 * read_number
 *		Reads a number, which ends where something else begins.
 */
static pg_attribute_always_inline const char *
read_number(const char *pos, PinCell *cell)
{
	const char *start = pos;
	const char *digits;
	uint64		number = 0;
	uint64		ignored = 0;
	int			ndigits;
	int			scale = 0;

	if (*pos == '-')
		pos++;
	digits = pos;
	pos = read_digits(pos, &number);
	ndigits = pos - digits;
	if (ndigits == 0 || (ndigits > 1 && *digits == '0'))
		return NULL;
	if (*pos == '.')
	{
		digits = ++pos;
		pos = read_digits(pos, &number);
		scale = pos - digits;
		if (scale == 0)
			return NULL;
		ndigits += scale;
	}
	if (*pos == 'e' || *pos == 'E')
	{
		pos++;
		if (*pos == '+' || *pos == '-')
			pos++;
		digits = pos;
		pos = read_digits(pos, &ignored);
		if (pos == digits)
			return NULL;
		ndigits = PIN_CELL_DIGITS + 1;
	}
	cell->type = PIN_JSON_NUMBER;
	cell->scale = ndigits <= PIN_CELL_DIGITS ? scale : -1;
	cell->mantissa = (int64) (*start == '-' ? 0 - number : number);
	cell->text = start;
	cell->len = pos - start;
	return pos;
}

/*
 * read_word
 *		Reads true, false or null.
 */
static const char *
read_word(const char *pos, const char *end, PinCell *cell)
{
	const char *word = *pos == 't' ? "true" : *pos == 'f' ? "false" : "null";
	size_t		len = strlen(word);

	if (end - pos < len || memcmp(pos, word, len) != 0)
		return NULL;
	cell->type = *pos == 'n' ? PIN_JSON_NULL : PIN_JSON_BOOL;
	cell->text = *pos == 'n' ? NULL : pos;
	cell->len = *pos == 'n' ? 0 : len;
	return pos + len;
}

/*
 * read_scalar
 *		Reads a value that is no object or array.
 */
static inline const char *
read_scalar(RowState *state, const char *pos, PinCell *cell)
{
	if (*pos == '"')
	{
		Text		text;

		pos = read_string(pos + 1, state->end, &text);
		if (pos == NULL)
			return NULL;
		if (text.has_escapes && cell != &state->unwanted)
			decode(state, &text);
		cell->type = PIN_JSON_STRING;
		cell->text = text.start;
		cell->len = text.len;
		return pos;
	}
	if (*pos == '-' || (*pos >= '0' && *pos <= '9'))
		return read_number(pos, cell);
	return read_word(pos, state->end, cell);
}

/*
 * read_nested_key
 *		Reads the name of a field within an object of a row, and what is between
 *		it and its value.
 */
static const char *
read_nested_key(RowState *state, const char *pos)
{
	Text		name;

	if (*pos != '"')
		return NULL;
	pos = read_string(pos + 1, state->end, &name);
	if (pos == NULL || has_broken_name(state, &name))
		return NULL;
	pos = skip_space(pos);
	return *pos == ':' ? skip_space(pos + 1) : NULL;
}

/*
 * read_nested
 *		Reads an object or array, of which the whole is the value.
 */
static const char *
read_nested(RowState *state, const char *pos, PinCell *cell)
{
	char		closing[PIN_MAX_NESTING];	/* brackets that are awaited */
	int			depth = 0;
	const char *start = pos;

	do
	{
		/* a value begins */
		if (*pos == '{' || *pos == '[')
		{
			/* the row itself is one of the levels */
			if (depth + 1 >= PIN_MAX_NESTING)
				return NULL;
			closing[depth++] = *pos == '{' ? '}' : ']';
			pos = skip_space(pos + 1);
			if (*pos != closing[depth - 1])
			{
				if (closing[depth - 1] == '}' &&
					(pos = read_nested_key(state, pos)) == NULL)
					return NULL;
				continue;
			}
		}
		else
			pos = read_scalar(state, pos, &state->unwanted);

		/* one has ended, or there is none */
		if (pos == NULL)
			return NULL;
		pos = skip_space(pos);
		while (depth > 0 && *pos == closing[depth - 1])
		{
			depth--;
			if (depth > 0)
				pos = skip_space(pos + 1);
		}
		if (depth > 0)
		{
			if (*pos != ',')
				return NULL;
			pos = skip_space(pos + 1);
			if (closing[depth - 1] == '}' &&
				(pos = read_nested_key(state, pos)) == NULL)
				return NULL;
		}
	} while (depth > 0);
	pos++;

	/* whoever takes the JSON may know fewer characters than its escapes can say */
	if (!state->is_prepared && cell != &state->unwanted &&
		memchr(start, '\\', pos - start) != NULL)
		return NULL;
	cell->type = *start == '{' ? PIN_JSON_OBJECT : PIN_JSON_ARRAY;
	cell->text = start;
	cell->len = pos - start;
	return pos;
}

/*
 * read_row
 *		Reads the fields of a row.
 */
static const char *
read_row(RowState *state, const char *pos)
{
	PinJsonFields *fields = state->fields;

	state->json = pos;
	clear_cells(fields);
	fields->current = NULL;
	if (fields->decoded.maxlen > MAX_KEPT_ROOM)
	{
		MemoryContext old = MemoryContextSwitchTo(fields->cxt);

		pfree(fields->decoded.data);
		initStringInfo(&fields->decoded);
		MemoryContextSwitchTo(old);
	}
	resetStringInfo(&fields->decoded);

	if (*pos != '{')
		return NULL;
	pos = skip_space(pos + 1);
	while (*pos != '}')
	{
		PinCell    *cell;

		pos = read_key(state, pos, &cell);
		if (pos == NULL)
			return NULL;
		pos = skip_space(pos);
		pos = *pos >= '0' && *pos <= '9' ? read_number(pos, cell) :
			*pos == '{' || *pos == '[' ? read_nested(state, pos, cell) :
			read_scalar(state, pos, cell);
		if (pos == NULL)
			return NULL;
		fields->current = NULL;
		pos = skip_space(pos);
		if (*pos == ',')
		{
			pos = skip_space(pos + 1);
			if (*pos == '}')
				return NULL;
		}
		else if (*pos != '}')
			return NULL;
	}
	return pos + 1;
}

/*
 * pin_json_read_row
 *		Picks the wanted fields from the row that a piece of JSON begins with.
 *
 * json: UTF-8, more or less, up to "end", where a NUL or more of the same source
 * stands.  Returns what comes behind the row; NULL if that has been cut, is no JSON,
 * or has to be mended.  On success, the cells of the fields point into the source or
 * to memory of the fields, until the next row is read.  Raises no errors but those
 * about memory.
 */
const char *
pin_json_read_row(PinJsonFields *fields, const char *json, const char *end)
{
	RowState	state;

	state.fields = fields;
	state.end = end;
	state.is_prepared = false;
	state.next = 0;
	return read_row(&state, json);
}

/*
 * pin_json_read_broken_row
 *		Picks the wanted fields from a whole row that pin_json_read_row() has not
 *		read: what is no character in it is replaced.
 *
 * Memory comes from the current context.  Raises 22P02 for what is no JSON, with
 * fields->current set to what it is about, and 54000 for what prepare.c refuses.
 */
void
pin_json_read_broken_row(PinJsonFields *fields, const char *json, size_t len)
{
	PinJsonPrepared prepared = {.is_row = true};
	RowState	state;
	const char *end;

	/* first of all, as the caller's error context may look at them */
	clear_cells(fields);
	initStringInfo(&prepared.text);
	pin_json_prepare(&prepared, json, len, PG_INT32_MAX);
	end = prepared.text.data + prepared.text.len;
	state.fields = fields;
	state.end = end;
	state.is_prepared = true;
	state.next = 0;
	if (read_row(&state, prepared.text.data) != end)
		pin_json_refuse_row(json, len);
}

/*
 * pin_json_decode
 *		Appends what a string of JSON is to a text, which must have been
 *		initialized; false if something of it is no character, or it is none.
 *
 * quoted: of len bytes, with its quotes.
 */
bool
pin_json_decode(StringInfo text, const char *quoted, size_t len)
{
	Text		string;

	if (len < 2 || quoted[0] != '"' ||
		read_string(quoted + 1, quoted + len, &string) != quoted + len)
		return false;
	append_decoded(text, string.start, string.len);
	return true;
}

/*
 * pin_cell_value
 *		The value of a cell with a text that ends with a NUL, in UTF-8, palloc'ed.
 */
PinJsonValue
pin_cell_value(const PinCell *cell)
{
	PinJsonValue value = {cell->type, NULL, cell->node};

	if (cell->text != NULL)
		value.text = pnstrdup(cell->text, cell->len);
	return value;
}

/*
 * pin_value_cell
 *		A value of a document, as pin_json_pick() has read it, like one of a row.
 */
PinCell
pin_value_cell(const PinJsonValue *value)
{
	PinCell		cell = {
		.type = value->type,
		.scale = -1,
		.text = value->text,
		.len = value->text == NULL ? 0 : strlen(value->text),
		.node = value->node
	};

	return cell;
}
