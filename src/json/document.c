/*-------------------------------------------------------------------------
 *
 * document.c
 *	  Whole JSON documents: answers to read, and bodies to send.
 *
 * json-c does the work; this is the only file that knows it.  It includes no
 * header of PostgreSQL that declares the SQL function json_object(), whose name
 * is that of a type of json-c.
 *
 * json-c keeps the text of a fraction, but not the digits of a large integer,
 * and its releases differ in what they take for a string.  So a document is
 * rewritten before it is parsed, see prepare.c: into ASCII, with what is no
 * text replaced, and with large integers marked so that all digits are kept.
 *
 * json-c's memory is malloc'ed.  A document owns it, and is freed with the
 * memory context it was made in; nothing here is left to whoever catches an
 * error.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <json-c/json.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "base/limits.h"
#include "base/text.h"
#include "json/document.h"
#include "json/prepare.h"

#define WRITE_FLAGS		(JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

struct PinJsonDocument
{
	MemoryContext cxt;			/* of this struct; its end frees the rest */
	MemoryContextCallback callback;
	struct json_tokener *tokener;	/* while it is parsed */
	struct json_object *root;	/* NULL: the document is null */
	bool		mended;			/* something was no character */
};

/*
 * release_document
 *		Memory context callback: frees what belongs to json-c, be it after an
 *		error.
 */
static void
release_document(void *arg)
{
	PinJsonDocument *document = arg;

	json_object_put(document->root);
	if (document->tokener != NULL)
		json_tokener_free(document->tokener);
	document->root = NULL;
	document->tokener = NULL;
}

/*
 * new_document
 *		Makes a document without content, below the current memory context.
 */
static PinJsonDocument *
new_document(void)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext,
											  "pinterest_fdw document",
											  ALLOCSET_SMALL_SIZES);
	PinJsonDocument *document = MemoryContextAllocZero(cxt, sizeof(PinJsonDocument));

	document->cxt = cxt;
	document->callback.func = release_document;
	document->callback.arg = document;
	MemoryContextRegisterResetCallback(cxt, &document->callback);
	return document;
}

/*
 * pin_json_close
 *		Frees a document, with all its nodes; NULL: does nothing.
 *
 * What is not closed ends with the memory context that was current when the
 * document was made.
 */
void
pin_json_close(PinJsonDocument *document)
{
	if (document != NULL)
		MemoryContextDelete(document->cxt);
}

/*
 * out_of_memory
 *		json-c got no memory.
 */
static void
out_of_memory(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OUT_OF_MEMORY),
			 errmsg("out of memory"),
			 errdetail("A JSON document needs more.")));
}

/*
 * parse
 *		Fills a document.  *place: of what is wrong, if anything is, in bytes
 *		from the start of the body.
 *
 * ascii: other characters become question marks.
 */
static enum json_tokener_error
parse(PinJsonDocument *document, const char *body, size_t len, bool ascii,
	  size_t *place)
{
	MemoryContext old = MemoryContextSwitchTo(document->cxt);
	PinJsonPrepared prepared = {.ascii = ascii};
	enum json_tokener_error error;
	size_t		end;

	initStringInfo(&prepared.text);
	pin_json_prepare(&prepared, body, len, INT_MAX);
	document->mended = prepared.mended;
	document->tokener = json_tokener_new_ex(PIN_MAX_NESTING);
	if (document->tokener == NULL)
		out_of_memory();
	json_tokener_set_flags(document->tokener,
						   JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);

	/* without the final NUL it would wait for more, or not see what follows */
	document->root = json_tokener_parse_ex(document->tokener, prepared.text.data,
										   prepared.text.len + 1);
	error = json_tokener_get_error(document->tokener);
	end = json_tokener_get_parse_end(document->tokener);
	if (error == json_tokener_success && end < prepared.text.len)
		error = json_tokener_error_parse_unexpected;
	json_tokener_free(document->tokener);
	document->tokener = NULL;
	if (error != json_tokener_success)
	{
		resetStringInfo(&prepared.text);
		*place = pin_json_prepare(&prepared, body, len, end);
	}
	pfree(prepared.text.data);
	MemoryContextSwitchTo(old);
	return error;
}

/*
 * pin_json_open
 *		Parses a document, below the current memory context.
 *
 * body: of len bytes, UTF-8.  Raises 22P02 if it is no JSON, 54000 if it is
 * nested too deep, 53200 without memory.
 */
PinJsonDocument *
pin_json_open(const char *body, size_t len)
{
	PinJsonDocument *document = new_document();
	size_t		place = 0;
	enum json_tokener_error error = parse(document, body, len, false, &place);

	switch (error)
	{
		case json_tokener_success:
			break;
		case json_tokener_error_depth:
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("invalid answer from Pinterest"),
					 errdetail("Its JSON is nested deeper than %d levels.",
							   PIN_MAX_NESTING)));
			break;
#if JSON_C_VERSION_NUM >= ((0 << 16) | (17 << 8))
		case json_tokener_error_memory:
			out_of_memory();
			break;
#endif
		case json_tokener_continue:
		case json_tokener_error_parse_eof:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid answer from Pinterest"),
					 errdetail("The input string ended unexpectedly.")));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid answer from Pinterest"),
					 errdetail("Its JSON is wrong at byte %zu: %s.", place,
							   json_tokener_error_desc(error))));
			break;
	}
	return document;
}

/*
 * pin_json_try_open
 *		Like pin_json_open(), but returns NULL for what is no object.
 *
 * For answers that may be anything, such as the error page of a proxy.  Where
 * the server's encoding is not UTF-8, other characters than ASCII become
 * question marks: not each one need have a counterpart there.
 */
PinJsonDocument *
pin_json_try_open(const char *body, size_t len)
{
	PinJsonDocument *document = new_document();
	size_t		place;

	if (pin_json_first(body, len) == '{' &&
		parse(document, body, len, GetDatabaseEncoding() != PG_UTF8,
			  &place) == json_tokener_success)
		return document;
	pin_json_close(document);
	return NULL;
}

/*
 * pin_json_was_mended
 *		Whether a document had something in its strings that is no character,
 *		which has been replaced.
 */
bool
pin_json_was_mended(const PinJsonDocument *document)
{
	return document->mended;
}

/*
 * pin_json_root
 *		The value that a document consists of.
 */
PinJsonNode *
pin_json_root(const PinJsonDocument *document)
{
	return (PinJsonNode *) document->root;
}

/* The other way round; json-c hardly knows the word const. */
static struct json_object *
object_of(const PinJsonNode *node)
{
	return (struct json_object *) node;
}

/*
 * pin_json_type
 *		Type of a value.
 */
PinJsonType
pin_json_type(const PinJsonNode *node)
{
	switch (json_object_get_type(object_of(node)))
	{
		case json_type_null:
			return PIN_JSON_NULL;
		case json_type_boolean:
			return PIN_JSON_BOOL;
		case json_type_double:
		case json_type_int:
			return PIN_JSON_NUMBER;
		case json_type_string:
			return PIN_JSON_STRING;
		case json_type_object:
			return PIN_JSON_OBJECT;
		case json_type_array:
			return PIN_JSON_ARRAY;
	}
	return PIN_JSON_NULL;
}

/*
 * append_number
 *		Appends the number that a text begins with, without our mark; returns
 *		what comes behind it.
 */
static const char *
append_number(StringInfo buf, const char *pos, const char *end)
{
	const int	mark = sizeof(PIN_JSON_LARGE_MARK) - 1;
	bool		large;
	const char *next = pin_json_number_end(pos, end, &large);
	const char *stop = next;

	if (next - pos >= PIN_JSON_LARGE_DIGITS + mark &&
		strncmp(next - mark, PIN_JSON_LARGE_MARK, mark) == 0)
	{
		pin_json_number_end(pos, next - mark, &large);
		if (large)
			stop = next - mark;
	}
	appendBinaryStringInfo(buf, pos, stop - pos);
	return next;
}

/*
 * write_json
 *		A value as JSON, palloc'ed, in the encoding that it has.
 */
static char *
write_json(struct json_object *object)
{
	size_t		len;
	const char *json = json_object_to_json_string_length(object, WRITE_FLAGS, &len);
	const char *end;
	StringInfoData buf;
	bool		in_string = false;

	if (json == NULL)
		out_of_memory();
	if (strstr(json, PIN_JSON_LARGE_MARK) == NULL)
		return pnstrdup(json, len);

	initStringInfo(&buf);
	end = json + len;
	while (json < end)
	{
		if (!in_string && isdigit((unsigned char) *json))
		{
			json = append_number(&buf, json, end);
			continue;
		}
		if (*json == '"')
			in_string = !in_string;
		else if (in_string && *json == '\\')
			appendStringInfoChar(&buf, *json++);
		appendStringInfoChar(&buf, *json++);
	}
	return buf.data;
}

/*
 * pin_json_server_text
 *		Text in UTF-8 as one in the server's encoding: the same text, or palloc'ed.
 *
 * A database without an encoding (SQL_ASCII) keeps UTF-8.  Raises 22P05 for a
 * character that the encoding does not have.
 */
char *
pin_json_server_text(char *text)
{
	if (GetDatabaseEncoding() == PG_UTF8)
		return text;
	return pg_any_to_server(text, strlen(text), PG_UTF8);
}

/*
 * pin_json_shown_text
 *		Text in UTF-8 for a message, palloc'ed: one line, bounded.
 *
 * Where the server's encoding is another one, characters beyond ASCII become
 * question marks: converting them could fail in the middle of a message.
 */
char *
pin_json_shown_text(const char *text)
{
	char	   *result = pstrdup(text);
	int			encoding = GetDatabaseEncoding();
	char	   *out = result;

	if (encoding != PG_UTF8 && encoding != PG_SQL_ASCII)
	{
		for (const char *in = result; *in != '\0'; in++)
		{
			/* one for each character, of which some may have been cut */
			if ((*in & 0xc0) != 0x80)
				*out++ = IS_HIGHBIT_SET(*in) ? '?' : *in;
		}
		*out = '\0';
	}
	return pin_shorten(result);
}

/*
 * utf8_value
 *		A value with its text in UTF-8, which objects and arrays do not have.
 */
static PinJsonValue
utf8_value(const PinJsonNode *node)
{
	struct json_object *object = object_of(node);
	PinJsonValue value = {pin_json_type(node), NULL, node};

	switch (value.type)
	{
		case PIN_JSON_STRING:
			value.text = pnstrdup(json_object_get_string(object),
								  json_object_get_string_len(object));
			break;
		case PIN_JSON_NUMBER:
		case PIN_JSON_BOOL:
			/* the source's text of a fraction, which a double does not keep */
			value.text = write_json(object);
			break;
		default:
			break;
	}
	return value;
}

/*
 * pin_json_value
 *		A value with its text, which objects and arrays have only when asked,
 *		see pin_json_text().
 *
 * Raises 22P05 for a character that the server's encoding does not have.
 */
PinJsonValue
pin_json_value(const PinJsonNode *node)
{
	PinJsonValue value = utf8_value(node);

	if (value.text != NULL)
		value.text = pin_json_server_text(value.text);
	return value;
}

/*
 * pin_json_text
 *		A value, whose own text is in the server's encoding, as JSON in that.
 *
 * Raises 22P05 for a character that this does not have.
 */
char *
pin_json_text(const PinJsonValue *value)
{
	char	   *text;

	if ((value->type & PIN_JSON_NESTED) && value->node != NULL)
	{
		return pin_json_server_text(write_json(object_of(value->node)));
	}
	if (value->type == PIN_JSON_STRING)
	{
		PinJsonDocument *document = new_document();

		/* all that is escaped is ASCII, which any encoding has */
		document->root = json_object_new_string(value->text);
		if (document->root == NULL)
			out_of_memory();
		text = write_json(document->root);
		pin_json_close(document);
		return text;
	}
	return value->text;
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
 * pin_json_size
 *		A number of bytes, which may be written as a string or with a fraction; -1
 *		if it is none.
 */
int64
pin_json_size(const PinJsonValue *value)
{
	char	   *end;
	double		size;

	if (value->type != PIN_JSON_NUMBER && value->type != PIN_JSON_STRING)
		return -1;
	size = strtod(value->text, &end);
	return end != value->text && *end == '\0' && size >= 0 && size < 1e15 ?
		(int64) ceil(size) : -1;
}

/*
 * pin_json_length
 *		Number of elements of an array.
 */
int
pin_json_length(const PinJsonNode *array)
{
	return json_object_array_length(object_of(array));
}

/*
 * pin_json_element
 *		One of them, counted from 0.
 */
const PinJsonNode *
pin_json_element(const PinJsonNode *array, int i)
{
	return (const PinJsonNode *) json_object_array_get_idx(object_of(array), i);
}

/*
 * pin_json_members
 *		Fields of an object, whatever their names, as a List of PinJsonMember with
 *		names in UTF-8.
 */
List *
pin_json_members(const PinJsonNode *object)
{
	struct json_object_iterator it = json_object_iter_begin(object_of(object));
	struct json_object_iterator end = json_object_iter_end(object_of(object));
	List	   *members = NIL;

	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
	{
		PinJsonMember *member = palloc(sizeof(PinJsonMember));
		const char *name = json_object_iter_peek_name(&it);

		member->name = pstrdup(name);
		member->node = (const PinJsonNode *) json_object_iter_peek_value(&it);
		members = lappend(members, member);
	}
	return members;
}

/*
 * utf8_text
 *		Text in the server's encoding as UTF-8; palloc'ed if it has to be.
 */
static const char *
utf8_text(const char *text)
{
	return pg_server_to_any(text, strlen(text), PG_UTF8);
}

/*
 * get_field
 *		A field of an object, whose name is in UTF-8, as its text will be.
 */
static PinJsonValue
get_field(const PinJsonNode *object, const char *name)
{
	struct json_object *found;
	PinJsonValue missing = {PIN_JSON_MISSING, NULL, NULL};

	if (!json_object_object_get_ex(object_of(object), name, &found))
		return missing;
	return utf8_value((const PinJsonNode *) found);
}

/*
 * describe_type
 *		Words for the first of some types.
 */
static const char *
describe_type(int types)
{
	if (types & PIN_JSON_STRING)
		return "a string";
	if (types & PIN_JSON_NUMBER)
		return "a number";
	if (types & PIN_JSON_BOOL)
		return "true or false";
	if (types & PIN_JSON_OBJECT)
		return "an object";
	if (types & PIN_JSON_ARRAY)
		return "an array";
	return "null";
}

/*
 * describe_value
 *		What a value is, palloc'ed.  A string may be a secret.
 */
static char *
describe_value(const PinJsonValue *value)
{
	if (value->type == PIN_JSON_NUMBER)
		return psprintf("the number %s", pin_shorten(value->text));
	if (value->type == PIN_JSON_BOOL)
		return value->text;
	return pstrdup(describe_type(value->type));
}

/*
 * pin_json_try_read
 *		Reads fields of an object; what is wrong with the first bad one, as a
 *		sentence, or NULL.
 *
 * A field that is null is read as missing, one of a wrong type, too.  The texts
 * are in the current memory context.
 */
char *
pin_json_try_read(const PinJsonNode *object, const PinJsonField *fields,
				  int nfields)
{
	char	   *problem = NULL;

	for (int i = 0; i < nfields; i++)
	{
		const PinJsonField *field = &fields[i];
		PinJsonValue value = get_field(object, field->name);
		PinJsonValue missing = {PIN_JSON_MISSING, NULL, NULL};
		bool		fits = (value.type & field->types) != 0;

		*field->value = fits ? value : missing;
		if (field->value->text != NULL)
			field->value->text = pin_json_server_text(field->value->text);
		if (fits || problem != NULL)
			continue;
		if (value.type == PIN_JSON_MISSING)
			problem = field->required ?
				psprintf("The field \"%s\" is missing.", field->name) : NULL;
		else if (value.type != PIN_JSON_NULL || field->required)
			problem = psprintf("The field \"%s\" is %s, not %s.", field->name,
							   describe_value(&value), describe_type(field->types));
	}
	return problem;
}

/*
 * pin_json_read
 *		Reads fields of an object.
 *
 * Like pin_json_try_read(), but raises HV000 for what is wrong.  subject: what all
 * is for; the caller's error context says which answer it is.
 */
void
pin_json_read(const PinJsonNode *object, const PinJsonField *fields, int nfields,
			  const char *subject)
{
	char	   *problem = pin_json_try_read(object, fields, nfields);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("invalid answer from Pinterest for %s", subject),
				 errdetail_internal("%s", problem)));
}

/*
 * pin_json_pick
 *		Picks fields from an object, whatever their types.
 *
 * names, values: count of them.  The texts are in UTF-8, unlike those of other
 * values, and in the current memory context: what the server's encoding does
 * not have matters only where a value is used.
 */
void
pin_json_pick(const PinJsonNode *object, int count, const char *const *names,
			  PinJsonValue *values)
{
	for (int i = 0; i < count; i++)
		values[i] = get_field(object, utf8_text(names[i]));
}

/*
 * pin_json_create
 *		Makes a document, an empty object or array, to which things are added.
 */
PinJsonDocument *
pin_json_create(PinJsonType type)
{
	PinJsonDocument *document = new_document();

	document->root = type == PIN_JSON_ARRAY ?
		json_object_new_array() : json_object_new_object();
	if (document->root == NULL)
		out_of_memory();
	return document;
}

/*
 * add_field
 *		Adds a field to an object, which owns its value from here on.
 *
 * is_null: the value is, and has not just failed for want of memory.
 */
static void
add_field(PinJsonNode *object, const char *name, struct json_object *value,
		  bool is_null)
{
	if ((value == NULL && !is_null) ||
		json_object_object_add(object_of(object), name, value) != 0)
	{
		json_object_put(value);
		out_of_memory();
	}
}

/*
 * append_element
 *		Likewise to an array.
 */
static void
append_element(struct json_object *array, struct json_object *value)
{
	if (value == NULL || json_object_array_add(array, value) != 0)
	{
		json_object_put(value);
		out_of_memory();
	}
}

/*
 * pin_json_add_string
 *		Adds a field to an object: a string in the server's encoding.
 */
void
pin_json_add_string(PinJsonNode *object, const char *name, const char *value)
{
	add_field(object, name, json_object_new_string(utf8_text(value)), false);
}

/*
 * pin_json_add_utf8
 *		Likewise a string in UTF-8.
 */
void
pin_json_add_utf8(PinJsonNode *object, const char *name, const char *value)
{
	add_field(object, name, json_object_new_string(value), false);
}

/*
 * pin_json_add_strings
 *		Likewise an array of strings, a List of char *.
 */
void
pin_json_add_strings(PinJsonNode *object, const char *name, List *values)
{
	struct json_object *array = json_object_new_array();
	ListCell   *lc;

	/* the object owns it before anything can go wrong */
	add_field(object, name, array, false);
	foreach(lc, values)
		append_element(array, json_object_new_string(utf8_text(lfirst(lc))));
}

/*
 * pin_json_add_int
 *		Likewise an integer.
 */
void
pin_json_add_int(PinJsonNode *object, const char *name, int value)
{
	add_field(object, name, json_object_new_int(value), false);
}

/*
 * pin_json_add_node
 *		Likewise a value of another document, whose end it survives.
 */
void
pin_json_add_node(PinJsonNode *object, const char *name,
				  const PinJsonNode *value)
{
	add_field(object, name, json_object_get(object_of(value)), value == NULL);
}

/*
 * pin_json_append_object
 *		Appends an empty object to an array and returns it.
 */
PinJsonNode *
pin_json_append_object(PinJsonNode *array)
{
	struct json_object *object = json_object_new_object();

	append_element(object_of(array), object);
	return (PinJsonNode *) object;
}

/*
 * pin_json_body
 *		A document as JSON in UTF-8, palloc'ed, to be sent.
 */
char *
pin_json_body(const PinJsonDocument *document)
{
	return write_json(document->root);
}

/*
 * pin_json_library
 *		Name and version of the JSON library, for version(), palloc'ed.
 */
const char *
pin_json_library(void)
{
	return psprintf("json-c/%s", json_c_version());
}
