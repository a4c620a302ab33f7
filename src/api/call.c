/*-------------------------------------------------------------------------
 *
 * call.c
 *	  One request of the API, from its making to its answer.
 *
 * A call is sent by session.c, which also decides what its answer means; here it
 * is made, and its answer is taken.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/call.h"
#include "api/quota.h"
#include "base/limits.h"
#include "base/text.h"
#include "http/answer.h"
#include "json/prepare.h"

/*
 * new_call
 *		Adds a call to the session, due at once.
 */
static PinCall *
new_call(PinSession *session, const char *method, const char *path)
{
	MemoryContext old = MemoryContextSwitchTo(session->cxt);
	PinCall    *call = palloc0(sizeof(PinCall));
	int			pathlen = strcspn(path, "?");

	call->url = psprintf("%s%s", session->options->api_url, path);
	call->what = psprintf("%s %.*s", method, pathlen, path);
	call->due = DT_NOBEGIN;
	dlist_push_tail(&session->calls, &call->node);
	MemoryContextSwitchTo(old);
	return call;
}

/*
 * pin_call_get
 *		Asks the API for something.  path: below the API's URL, with the
 *		query; copied.  The session owns the call until pin_call_free().
 */
PinCall *
pin_call_get(PinSession *session, const char *path)
{
	pin_quota_check(session->options, session->app, session->subject);
	return new_call(session, "GET", path);
}

/*
 * pin_call_post
 *		Sends JSON to the API.  path, body: copied.
 *
 * The call may be sent more than once; so it is only for requests that may be
 * repeated, such as the one for a report.
 */
PinCall *
pin_call_post(PinSession *session, const char *path, const char *body)
{
	PinCall    *call;

	pin_quota_check(session->options, session->app, session->subject);
	call = new_call(session, "POST", path);
	call->body = MemoryContextStrdup(session->cxt, body);
	return call;
}

/*
 * pin_call_download
 *		Fetches a document from elsewhere, without the access token.
 *
 * what: how messages call it; both copied.  The body is taken with
 * pin_call_read().
 */
PinCall *
pin_call_download(PinSession *session, const char *url, const char *what)
{
	PinCall    *call = new_call(session, "GET", "");

	pfree(call->url);
	pfree(call->what);
	call->download = true;
	INIT_CRC32C(call->taken_crc);
	call->url = MemoryContextStrdup(session->cxt, url);
	call->what = MemoryContextStrdup(session->cxt, what);
	return call;
}

/*
 * pin_call_specify
 *		Lets messages about a call show a parameter of its query.
 */
void
pin_call_specify(PinCall *call, const char *name, const char *value)
{
	char	   *what = call->what;
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(call));

	call->what = psprintf("%s%c%s=%s", what,
						  strchr(what, '?') == NULL ? '?' : '&', name, value);
	MemoryContextSwitchTo(old);
	pfree(what);
}

/*
 * pin_call_renew
 *		Goes on with a download whose link had expired.
 */
void
pin_call_renew(PinCall *call, const char *url)
{
	Assert(call->state == PIN_CALL_LINK_EXPIRED);
	pfree(call->url);
	call->url = MemoryContextStrdup(GetMemoryChunkContext(call), url);
	call->location = NULL;
	call->redirects = 0;
	call->state = PIN_CALL_WAITING;
	call->due = DT_NOBEGIN;
}

/*
 * pin_call_drop_request
 *		Gives up the request of a call.
 */
void
pin_call_drop_request(PinCall *call)
{
	if (call->request == NULL)
		return;
	if (pin_answer_is_encoded(call->request))
		call->encoded = true;
	pin_http_free(call->request);
	call->request = NULL;
}

/*
 * pin_call_free
 *		Ends a call, if need be in the middle.
 */
void
pin_call_free(PinSession *session, PinCall *call)
{
	pin_call_drop_request(call);
	dlist_delete(&call->node);
	pfree(call->url);
	pfree(call->what);
	if (call->body != NULL)
		pfree(call->body);
	pfree(call);
}

/*
 * pin_call_send
 *		Sends the request of a call that is due.
 */
void
pin_call_send(PinSession *session, PinCall *call)
{
	PinHttpSpec spec = {0};

	spec.url = call->location != NULL ? call->location : call->url;
	spec.body = call->body;
	call->token = session->token;
	spec.bearer = call->download ? NULL : call->token;
	spec.ca_file = session->options->ca_file;
	spec.proxy = session->options->proxy;
	spec.timeout = session->options->timeout;
	spec.low_speed_limit = session->options->low_speed_limit;
	spec.low_speed_time = session->options->low_speed_time;
	spec.stream = call->download;
	if (call->download)
	{
		/* else it begins anew; a weak ETag, with W/, does not name its bytes */
		call->ranged = call->taken > 0 && !call->encoded && call->etag[0] == '"';
		if (call->ranged)
		{
			spec.offset = call->taken;
			spec.etag = call->etag;
		}

		/*
		 * The other form of a document may have another ETag, so one that began
		 * in one form goes on in it.
		 */
		spec.gzip = call->encoded || (call->taken == 0 && !call->ranged);
		call->checked = false;
	}
	pin_quota_count(session->app, call->download ? NULL : call->what);
	call->request = pin_http_start(session->pool, &spec);
	call->sent_at = GetCurrentTimestamp();
	call->answered_at = 0;
	call->postponed = false;
	call->state = PIN_CALL_UNDER_WAY;
}

/*
 * pin_call_has_input
 *		Whether pin_call_read() would return something.
 */
bool
pin_call_has_input(const PinCall *call)
{
	return call->download && call->request != NULL && call->request->len > 0 &&
		call->request->status >= 200 && call->request->status < 300;
}

/*
 * beginning_of
 *		The first words of an answer, palloc'ed; not the query of a link, which is as
 *		good as a password.
 */
static char *
beginning_of(const PinHttpRequest *request)
{
	size_t		len = Min(request->len, PIN_MAX_SHOWN_ANSWER + PIN_MAX_WORDS);
	char	   *words = palloc(len + sizeof("..."));
	char	   *link;
	char	   *query;

	for (size_t i = 0; i < len; i++)
		words[i] = request->data[i] == '\0' ? ' ' : request->data[i];
	words[len] = '\0';
	link = strstr(words, "//");
	query = link == NULL ? NULL : strchr(link, '?');
	if (query != NULL)
		strcpy(query, "...");

	/* a secret that it repeats must be whole to be found */
	return pin_clip(pin_shorten(words), PIN_MAX_SHOWN_ANSWER);
}

/*
 * answer_context
 *		Error context callback: which answer is being parsed.
 */
static void
answer_context(void *arg)
{
	const PinCall *call = arg;

	char		first = pin_json_first(call->request->data, call->request->len);

	/* pages that are no JSON at all come from others, and can be anything */
	if (first == '\0' || strchr("{[\"-0123456789tfn", first) == NULL)
		return;
	errcontext("answer to %s, which begins: %s", call->what,
			   beginning_of(call->request));
}

/*
 * pin_call_document
 *		Parses the answer to a call.
 *
 * types: what it may be, of PIN_JSON_OBJECT, PIN_JSON_ARRAY and PIN_JSON_NULL,
 * the first of which it should be.  The document is made below the current
 * memory context.  Raises HV000 for something else, such as the login page of a
 * network, and the errors of pin_json_open().
 */
PinJsonDocument *
pin_call_document(PinSession *session, PinCall *call, int types)
{
	PinHttpRequest *request = call->request;
	char		first = pin_json_first(request->data, request->len);
	PinJsonDocument *document;
	ErrorContextCallback callback;

	Assert(call->state == PIN_CALL_DONE);
	callback.callback = answer_context;
	callback.arg = call;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	if (!((types & PIN_JSON_OBJECT) && first == '{') &&
		!((types & PIN_JSON_ARRAY) && first == '[') &&
		!((types & PIN_JSON_NULL) && first == 'n'))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("invalid answer from Pinterest for %s",
						session->subject),
				 errdetail("%s was answered with HTTP status %ld and content of type \"%s\" that is no JSON %s.",
						   call->what, request->status,
						   pin_shorten(request->content_type),
						   types & PIN_JSON_OBJECT ? "object" : "array"),
				 errhint("Check the server options \"api_url\" and \"proxy\".")));

	document = pin_json_open(request->data, request->len);
	error_context_stack = callback.previous;
	return document;
}

/*
 * pin_call_object
 *		Reads fields of the answer to a call, which must be an object.
 *
 * The texts of the fields are in the current memory context, and so is the
 * document, which the caller may close.  Raises the errors of
 * pin_call_document() and pin_json_read().
 */
PinJsonDocument *
pin_call_object(PinSession *session, PinCall *call, const PinJsonField *fields,
				int nfields)
{
	PinJsonDocument *document = pin_call_document(session, call,
												  PIN_JSON_OBJECT);
	ErrorContextCallback callback;

	callback.callback = answer_context;
	callback.arg = call;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	pin_json_read(pin_json_root(document), fields, nfields, session->subject);
	error_context_stack = callback.previous;
	return document;
}

/*
 * document_changed
 *		Raises the error for a download of which the rest is that of another
 *		document.
 */
static void
document_changed(const PinCall *call)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_ERROR),
			 errmsg("a report of Pinterest changed while it was being read"),
			 errdetail("%s was cut short, and another document stood there afterwards.",
					   call->what),
			 errhint("Run the statement again.")));
}

/*
 * is_wanted_range
 *		Whether a part of a document is the one that was asked for: from where the
 *		download is to its end.
 *
 * total: set to the length of the document; -1: not said.
 */
static bool
is_wanted_range(const PinCall *call, int64 *total)
{
	int64		first = -1;
	int64		last = -1;
	int			n;

	*total = -1;
	n = sscanf(call->request->content_range,
			   "bytes " INT64_FORMAT "-" INT64_FORMAT "/" INT64_FORMAT,
			   &first, &last, total);
	if (!call->ranged || n < 2 || first != call->taken || last < first)
		return false;

	/* a part of the rest would look like all of it */
	return n == 2 || last == *total - 1;
}

/*
 * check_part
 *		Finds out which part of the document the answer to a download has; false
 *		if it is of no use, after which the download begins anew.
 *
 * A range counts the bytes that are sent, which are others if it is encoded.
 */
static bool
check_part(PinCall *call)
{
	PinHttpRequest *request = call->request;
	bool		encoded = pin_answer_is_encoded(request);
	int64		total = encoded ? -1 : request->content_length;

	if (request->status == 206 && call->ranged && encoded)
	{
		pin_call_drop_request(call);
		call->state = PIN_CALL_WAITING;
		call->due = DT_NOBEGIN;
		return false;
	}
	if (request->status == 206 && !is_wanted_range(call, &total))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("the wrong part of a report of Pinterest was sent"),
				 errdetail("%s was to go on at byte " INT64_FORMAT ", but not at \"%s\".",
						   call->what, call->taken,
						   pin_shorten(request->content_range)),
				 errhint("Run the statement again.")));
	if (call->taken > 0 &&
		(strcmp(request->etag, call->etag) != 0 ||
		 (total >= 0 && call->total >= 0 && total != call->total)))
		document_changed(call);
	strlcpy(call->etag, request->etag, sizeof(call->etag));
	call->total = total;
	call->skip = request->status == 206 ? 0 : call->taken;
	INIT_CRC32C(call->skipped_crc);
	call->checked = true;
	return true;
}

/*
 * skip_known
 *		Drops what has been handed out before from the end of a buffer, where it
 *		arrived; returns how many bytes that were.
 *
 * Raises HV000 if the bytes are others: an ETag need not be there to tell, and a
 * storage may encode a document in more than one way.
 */
static int
skip_known(PinCall *call, StringInfo buf, int place)
{
	int			len = buf->len - place;
	int			drop = Min(call->skip, len);
	char	   *start = buf->data + place;

	if (drop == 0)
		return 0;
	COMP_CRC32C(call->skipped_crc, start, drop);
	memmove(start, start + drop, len - drop + 1);
	buf->len -= drop;
	call->skip -= drop;
	if (call->skip == 0 && !EQ_CRC32C(call->skipped_crc, call->taken_crc))
		document_changed(call);
	return drop;
}

/*
 * pin_call_read
 *		Takes what has arrived of a download; false if nothing has.
 *
 * After a break a download goes on where it was.  If that cannot be asked for,
 * or a storage does not know ranges, it begins anew; then what was handed out
 * before is skipped.
 */
bool
pin_call_read(PinCall *call, StringInfo buf)
{
	int			before = buf->len;
	int			got;

	if (!pin_call_has_input(call) || (!call->checked && !check_part(call)))
		return false;

	got = pin_http_read(call->request, buf);
	got -= skip_known(call, buf, before);
	COMP_CRC32C(call->taken_crc, buf->data + before, got);
	call->taken += got;
	call->faults = 0;
	return true;
}
