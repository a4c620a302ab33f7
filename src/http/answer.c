/*-------------------------------------------------------------------------
 *
 * answer.c
 *	  What arrives of an answer: its headers, and its body.
 *
 * These functions are called from libcurl's callbacks.  So they neither allocate
 * PostgreSQL's memory nor raise errors, see http.c.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/limits.h"
#include "http/answer.h"

/*
 * find_value
 *		Where the value of a header line begins, if the line is that header; else
 *		NULL.
 *
 * *len: of the line; set to that of the value.
 */
static const char *
find_value(const char *line, size_t *len, const char *name)
{
	size_t		namelen = strlen(name);

	if (*len <= namelen || line[namelen] != ':' ||
		pg_strncasecmp(line, name, namelen) != 0)
		return NULL;
	line += namelen + 1;
	*len -= namelen + 1;
	while (*len > 0 && (*line == ' ' || *line == '\t'))
		line++, (*len)--;
	while (*len > 0 && (unsigned char) line[*len - 1] <= ' ')
		(*len)--;
	return line;
}

/*
 * header_value
 *		Copies the value of a header line if the line is that header.
 *
 * value: of PIN_HTTP_VALUE_SIZE bytes.  Returns whether it was copied.
 */
static bool
header_value(const char *line, size_t len, const char *name, char *value)
{
	const char *place = find_value(line, &len, name);

	if (place == NULL || len >= PIN_HTTP_VALUE_SIZE)
		return false;			/* none of those that are copied is that long */
	memcpy(value, place, len);
	value[len] = '\0';
	return true;
}

/*
 * names_user
 *		Whether a URL of len bytes, be it relative to another one, names a user.
 *
 * How many slashes have to stand behind a scheme differs between parsers, so here
 * it does not matter.  Neither allocates memory nor raises errors.
 */
static bool
names_user(const char *url, size_t len)
{
	const char *end = url + len;
	const char *p = url;
	bool		has_scheme;
	int			slashes = 0;

	while (p < end && (isalnum((unsigned char) *p) || *p == '+' || *p == '-' || *p == '.'))
		p++;
	has_scheme = p < end && *p == ':';
	for (p = has_scheme ? p + 1 : url; p < end && (*p == '/' || *p == '\\'); p++)
		slashes++;
	if (!has_scheme && slashes < 2)
		return false;			/* a path alone, which may have that character in it */
	while (p < end && *p != '/' && *p != '\\' && *p != '?' && *p != '#')
	{
		if (*p++ == '@')
			return true;
	}
	return false;
}

/*
 * leads_to_user
 *		Whether a header line says that a redirect leads to a URL with a user name.
 *
 * libcurl's absolute URL does not tell: later versions leave out the user.
 */
static bool
leads_to_user(const char *line, size_t len)
{
	const char *place = find_value(line, &len, "location");

	return place != NULL && names_user(place, len);
}

/*
 * pin_answer_header
 *		Takes a line of the header of an answer, of len bytes.
 *
 * An interim answer, with a status of 1xx, has a status line and headers of its
 * own, which say nothing about the one that counts.
 */
void
pin_answer_header(PinHttpRequest *request, const char *line, size_t len)
{
	char		value[PIN_HTTP_VALUE_SIZE];

	if (len >= 6 && strncmp(line, "HTTP/", 5) == 0)
	{
		request->content_type[0] = '\0';
		request->content_encoding[0] = '\0';
		request->etag[0] = '\0';
		request->content_range[0] = '\0';
		request->date[0] = '\0';
		request->retry_after[0] = '\0';
		request->rate_limit_reset[0] = '\0';
		request->request_id[0] = '\0';
		request->content_length = -1;
		request->location_has_user = false;
		request->has_head = false;

		/* later versions of HTTP tell the end of a body from a lost connection */
		request->has_end = line[5] != '0' && line[5] != '1';
	}
	if (len <= 2 && line[0] < ' ')
		request->has_head = true;
	header_value(line, len, "content-type", request->content_type);
	header_value(line, len, "content-encoding", request->content_encoding);
	header_value(line, len, "etag", request->etag);
	header_value(line, len, "content-range", request->content_range);
	header_value(line, len, "date", request->date);
	header_value(line, len, "retry-after", request->retry_after);
	header_value(line, len, "x-ratelimit-reset", request->rate_limit_reset);
	header_value(line, len, "x-pinterest-rid", request->request_id);
	if (header_value(line, len, "content-length", value))
	{
		request->content_length = strtoll(value, NULL, 10);
		request->has_end = true;
	}
	if (header_value(line, len, "transfer-encoding", value))
		request->has_end = true;
	if (leads_to_user(line, len))
		request->location_has_user = true;
}

/*
 * pin_answer_append
 *		Appends a piece of the body, decoded; false if it cannot be kept, for
 *		which the fault of the request says the reason.
 *
 * Of an error no more than the beginning is kept, which says enough.
 */
bool
pin_answer_append(PinHttpRequest *request, const char *data, size_t len)
{
	bool		good = request->status >= 200 && request->status < 300;

	/* without a gap, at whose edges two pieces would look like one */
	if (!good)
		len = Min(len, PIN_MAX_ERROR_BODY - request->len);
	if (request->len + len > PIN_MAX_BODY)
	{
		request->fault = PIN_HTTP_TOO_LARGE;
		return false;
	}
	if (request->len + len + 1 > request->size)
	{
		size_t		newsize = Max(request->len + len + 1, request->size * 2);
		char	   *newdata = realloc(request->data, newsize);

		if (newdata == NULL)
		{
			request->fault = PIN_HTTP_NO_MEMORY;
			return false;
		}
		request->data = newdata;
		request->size = newsize;
	}
	memcpy(request->data + request->len, data, len);
	request->len += len;
	request->data[request->len] = '\0';
	return true;
}

/*
 * pin_answer_is_encoded
 *		Whether the body was sent in another form than the one that is handed out.
 *
 * The bytes of a range are counted in what is sent, then.
 */
bool
pin_answer_is_encoded(const PinHttpRequest *request)
{
	return request->content_encoding[0] != '\0' &&
		pg_strcasecmp(request->content_encoding, "identity") != 0;
}
