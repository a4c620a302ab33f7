/*-------------------------------------------------------------------------
 *
 * http.c
 *	  HTTP requests, driven by the backend's latch.
 *
 * All transfers of a backend run in one multi handle, which also keeps
 * connections open between them.
 * libcurl tells which sockets it waits for and until when; pin_http_wait()
 * waits for these and for the latch, so that query cancel, termination and
 * postmaster death end a wait at once.
 *
 * libcurl's callbacks must return to libcurl: after a longjmp through it a
 * handle stays marked as being in a callback and refuses all further calls.
 * So they neither allocate PostgreSQL's memory nor raise errors; they write
 * to malloc'ed memory, and what went wrong is raised by the caller of
 * pin_http_wait(), once libcurl is off the stack.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <curl/curl.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/latch.h"
#include "storage/procsignal.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/secret.h"
#include "base/version.h"
#include "http/answer.h"
#include "http/http.h"
#include "http/rate.h"
#include "http/sockets.h"

#if LIBCURL_VERSION_NUM < 0x074400
#error "pinterest_fdw needs libcurl 7.68 or newer"
#endif

/* A streamed body: libcurl is told to pause when this much is unread. */
#define STREAM_HIGH_WATER	(512 * 1024)

#define CONNECT_TIMEOUT_S	30

StaticAssertDecl(lengthof(((PinHttpRequest *) NULL)->error) >= CURL_ERROR_SIZE,
				 "buffer for libcurl's error messages is too small");

PinUsage	pin_usage;
instr_time	pin_waited;

/* What all transfers run in; made anew once it has failed and is not in use */
static CURLM *multi = NULL;
static bool multi_failed = false;
static dlist_head all_requests = DLIST_STATIC_INIT(all_requests);	/* not freed yet */

/* Until when libcurl waits for its sockets; set by its callback */
static TimestampTz timer_at = DT_NOEND;

/*
 * setopt
 *		curl_easy_setopt() with its result checked.  All of our options are
 *		known to every libcurl that we build with, so that a failure means out
 *		of memory or a libcurl that lacks a protocol.
 */
#define setopt(easy, option, value) \
	do { \
		CURLcode	rc_ = curl_easy_setopt(easy, option, value); \
		if (rc_ != CURLE_OK) \
			ereport(ERROR, \
					(errcode(rc_ == CURLE_OUT_OF_MEMORY ? \
							 ERRCODE_OUT_OF_MEMORY : ERRCODE_FDW_ERROR), \
					 errmsg("could not set libcurl option %s: %s", \
							#option, curl_easy_strerror(rc_)))); \
	} while (0)

/*
 * socket_callback
 *		libcurl waits for something else on a socket: CURLMOPT_SOCKETFUNCTION.
 */
static int
socket_callback(CURL *easy, curl_socket_t fd, int what, void *arg, void *sockp)
{
	uint32		events =
		((what == CURL_POLL_IN || what == CURL_POLL_INOUT) ? WL_SOCKET_READABLE : 0) |
		((what == CURL_POLL_OUT || what == CURL_POLL_INOUT) ? WL_SOCKET_WRITEABLE : 0);

	if (what == CURL_POLL_REMOVE)
		pin_socket_forget(fd);
	else if (!pin_socket_watch(fd, events))
	{
		/* old versions of libcurl take no notice of the result */
		multi_failed = true;
		return -1;
	}
	return 0;
}

/*
 * timer_callback
 *		libcurl wants to be called after so many milliseconds, or not at all
 *		(-1): CURLMOPT_TIMERFUNCTION.
 */
static int
timer_callback(CURLM *handle, long timeout_ms, void *arg)
{
	timer_at = timeout_ms < 0 ? DT_NOEND :
		TimestampTzPlusMilliseconds(GetCurrentTimestamp(), timeout_ms);
	return 0;
}

/*
 * is_inflated
 *		Whether a body, with another piece of that length, is so much more than what
 *		was sent of it that it can only be meant to do harm.
 */
static bool
is_inflated(const PinHttpRequest *request, size_t len)
{
	curl_off_t	sent = 0;

	if (request->received + len <= PIN_MAX_BODY || !pin_answer_is_encoded(request))
		return false;
	curl_easy_getinfo((CURL *) request->easy, CURLINFO_SIZE_DOWNLOAD_T, &sent);
	return (request->received + len - PIN_MAX_BODY) / PIN_MAX_INFLATION > sent;
}

/*
 * write_callback
 *		A piece of the body has arrived: CURLOPT_WRITEFUNCTION.
 */
static size_t
write_callback(char *data, size_t size, size_t nmemb, void *arg)
{
	PinHttpRequest *request = arg;
	size_t		len = size * nmemb;
	bool		good;

	curl_easy_getinfo((CURL *) request->easy, CURLINFO_RESPONSE_CODE,
					  &request->status);
	good = request->status >= 200 && request->status < 300;

	if (request->stream && good && request->len >= STREAM_HIGH_WATER)
	{
		request->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (is_inflated(request, len))
	{
		request->fault = PIN_HTTP_TOO_LARGE;
		return 0;
	}
	request->received += len;
	request->pool->usage.bytes += len;
	pin_usage.bytes += len;
	return pin_answer_append(request, data, len) ? len : 0;
}

/*
 * header_callback
 *		A header line has arrived: CURLOPT_HEADERFUNCTION.
 */
static size_t
header_callback(char *line, size_t size, size_t nmemb, void *arg)
{
	pin_answer_header((PinHttpRequest *) arg, line, size * nmemb);
	return size * nmemb;
}

#if LIBCURL_VERSION_NUM >= 0x075000
/*
 * request_callback
 *		There is a connection, and the request is about to be sent on it:
 *		CURLOPT_PREREQFUNCTION.
 */
static int
request_callback(void *arg, char *peer_ip, char *own_ip, int peer_port,
				 int own_port)
{
	((PinHttpRequest *) arg)->sent = true;
	return CURL_PREREQFUNC_OK;
}
#endif

/*
 * handshake_broke
 *		Whether it was the connection that failed in the handshake of TLS, and
 *		not the handshake itself.
 *
 * libcurl has one code for both.  A reset shows in the error number of the
 * system where libcurl itself reads the socket, which old versions leave to the
 * TLS library.  Otherwise, and for a connection that was closed, all there is are
 * the words of that library.  Words that are not known here mean that the
 * handshake was refused, since such a fault is told at once: a user who has to
 * try again himself loses less than one who waits for retry_timeout in vain.
 */
static bool
handshake_broke(const PinHttpRequest *request)
{
	static const char *const words[] = {
		"unexpected eof", "SSL_ERROR_SYSCALL",	/* OpenSSL */
		"non-properly terminated", "pull function"	/* GnuTLS */
	};
	long		os_errno = 0;

	/* not any error number: it may be of another address that was tried */
	curl_easy_getinfo((CURL *) request->easy, CURLINFO_OS_ERRNO, &os_errno);
	if (os_errno == ECONNRESET || os_errno == ECONNABORTED || os_errno == EPIPE)
		return true;
	for (int i = 0; i < (int) lengthof(words); i++)
	{
		if (strstr(request->error, words[i]) != NULL)
			return true;
	}
	return strstr(request->error, strerror(ECONNRESET)) != NULL;
}

#if LIBCURL_VERSION_NUM >= 0x074900
/*
 * classify_socks
 *		What the failure of a SOCKS proxy means to us, which older versions of
 *		libcurl report as CURLE_COULDNT_CONNECT.
 */
static PinHttpFault
classify_socks(const PinHttpRequest *request)
{
	long		reason = CURLPX_OK;

	curl_easy_getinfo((CURL *) request->easy, CURLINFO_PROXY_ERROR, &reason);
	switch (reason)
	{
		case CURLPX_CLOSED:
		case CURLPX_IDENTD:
		case CURLPX_RECV_ADDRESS:
		case CURLPX_RECV_AUTH:
		case CURLPX_RECV_CONNECT:
		case CURLPX_RECV_REQACK:
		case CURLPX_REPLY_CONNECTION_REFUSED:
		case CURLPX_REPLY_GENERAL_SERVER_FAILURE:
		case CURLPX_REPLY_HOST_UNREACHABLE:
		case CURLPX_REPLY_NETWORK_UNREACHABLE:
		case CURLPX_REPLY_TTL_EXPIRED:
		case CURLPX_REQUEST_FAILED:
		case CURLPX_RESOLVE_HOST:
		case CURLPX_SEND_AUTH:
		case CURLPX_SEND_CONNECT:
		case CURLPX_SEND_REQUEST:
			return PIN_HTTP_UNREACHABLE;
		default:
			/* it wants a password, does not allow this, or is no such proxy */
			return PIN_HTTP_UNUSABLE;
	}
}
#endif

/*
 * no_memory
 *		What it means that libcurl got no memory.
 *
 * It also says so when it has decoded more than it wants to keep while a download
 * rests, of some thousand times the size of what was sent.
 */
static PinHttpFault
no_memory(const PinHttpRequest *request)
{
	return request->stream && pin_answer_is_encoded(request) ?
		PIN_HTTP_TOO_LARGE : PIN_HTTP_NO_MEMORY;
}

/*
 * classify_failure
 *		What a failed transfer means to us.
 *
 * result: libcurl's code for it; the other side's or libcurl's words for it must
 * stand in the request already, and whether it was sent.  What else libcurl
 * knows, be it in a later version, comes from the configuration: it comes again.
 */
static PinHttpFault
classify_failure(const PinHttpRequest *request, CURLcode result)
{
	long		proxy_status = 0;

	/* a proxy that refuses a tunnel, for which libcurl's codes have changed */
	curl_easy_getinfo((CURL *) request->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	if (proxy_status >= 500 || proxy_status == 408 || proxy_status == 429)
		return PIN_HTTP_UNREACHABLE;
	if (proxy_status >= 300)
		return PIN_HTTP_UNUSABLE;

	switch (result)
	{
		case CURLE_COULDNT_RESOLVE_HOST:
		case CURLE_COULDNT_RESOLVE_PROXY:
		case CURLE_COULDNT_CONNECT:
		case CURLE_NO_CONNECTION_AVAILABLE:
			return PIN_HTTP_UNREACHABLE;

		case CURLE_OPERATION_TIMEDOUT:
			return PIN_HTTP_TIMEOUT;

		case CURLE_AGAIN:
		case CURLE_GOT_NOTHING:
		case CURLE_HTTP2:
		case CURLE_HTTP2_STREAM:
		case CURLE_PARTIAL_FILE:
		case CURLE_RECV_ERROR:
		case CURLE_SEND_ERROR:
		case CURLE_SEND_FAIL_REWIND:
		case CURLE_SSL_SHUTDOWN_FAILED:
			return PIN_HTTP_LOST;

		case CURLE_SSL_CONNECT_ERROR:
			return handshake_broke(request) ? PIN_HTTP_LOST : PIN_HTTP_UNUSABLE;

#if LIBCURL_VERSION_NUM >= 0x074900
		case CURLE_PROXY:
			return classify_socks(request);
#endif

		case CURLE_PEER_FAILED_VERIFICATION:
		case CURLE_SSL_CACERT_BADFILE:
		case CURLE_SSL_CERTPROBLEM:
		case CURLE_SSL_CRL_BADFILE:
		case CURLE_SSL_INVALIDCERTSTATUS:
		case CURLE_SSL_ISSUER_ERROR:
		case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
			return PIN_HTTP_UNTRUSTED;

		case CURLE_BAD_CONTENT_ENCODING:
		case CURLE_UNSUPPORTED_PROTOCOL:	/* of the answer, or of the URL */
		case CURLE_WEIRD_SERVER_REPLY:
		case CURLE_WRITE_ERROR: /* a decoder's: our callback sets the fault */
			return request->sent ? PIN_HTTP_GARBLED : PIN_HTTP_UNUSABLE;

#if LIBCURL_VERSION_NUM >= 0x080600
		case CURLE_TOO_LARGE:
			return PIN_HTTP_TOO_LARGE;
#endif

		case CURLE_OUT_OF_MEMORY:
			return no_memory(request);

			/* the one callback of ours that gives up for itself is socket_callback */
		case CURLE_ABORTED_BY_CALLBACK:
			return PIN_HTTP_NO_MEMORY;

		default:
			return PIN_HTTP_UNUSABLE;
	}
}

/*
 * classify_rest
 *		What it means to us that a download which rested cannot go on.
 *
 * It might rest forever; as a lost one it is asked for again, unless there is too
 * much of it.
 */
static PinHttpFault
classify_rest(const PinHttpRequest *request, CURLcode result)
{
	switch (result)
	{
#if LIBCURL_VERSION_NUM >= 0x080600
		case CURLE_TOO_LARGE:
#endif
		case CURLE_OUT_OF_MEMORY:
			return classify_failure(request, result);
		default:
			return PIN_HTTP_LOST;
	}
}

/*
 * initialize
 *		Sets up libcurl and the backend's multi handle, once.
 *
 * Not in _PG_init(): with shared_preload_libraries that runs in the
 * postmaster, and OpenSSL had better be initialized after the fork.  There is
 * no counterpart: other extensions may use libcurl in the same process, and
 * the kernel closes the sockets.
 */
static void
initialize(void)
{
	static bool library_ready = false;
	CURLM	   *handle;

	if (multi_failed && dlist_is_empty(&all_requests))
	{
		curl_multi_cleanup(multi);
		multi = NULL;
		multi_failed = false;
		pin_sockets_forget();
		timer_at = DT_NOEND;
	}
	if (multi != NULL)
		return;
	if (!library_ready && curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OUT_OF_MEMORY),
				 errmsg("could not initialize libcurl")));
	library_ready = true;

	handle = curl_multi_init();
	if (handle == NULL ||
		curl_multi_setopt(handle, CURLMOPT_SOCKETFUNCTION, socket_callback) != CURLM_OK ||
		curl_multi_setopt(handle, CURLMOPT_TIMERFUNCTION, timer_callback) != CURLM_OK)
	{
		if (handle != NULL)
			curl_multi_cleanup(handle);
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OUT_OF_MEMORY),
				 errmsg("could not initialize libcurl")));
	}
	multi = handle;
}

/*
 * release_pool
 *		Memory context callback: frees what a scan left, be it after an error.
 */
static void
release_pool(void *arg)
{
	PinHttpPool *pool = arg;

	while (!dlist_is_empty(&pool->requests))
		pin_http_free(dlist_head_element(PinHttpRequest, node, &pool->requests));
}

/*
 * pin_http_pool_create
 *		Makes the owner of a scan's requests.
 *
 * cxt: the memory context of the scan; its reset or deletion, at the end of
 * the scan as on an error, aborts and frees all requests of the pool.
 */
PinHttpPool *
pin_http_pool_create(MemoryContext cxt)
{
	PinHttpPool *pool = MemoryContextAllocZero(cxt, sizeof(PinHttpPool));
	MemoryContextCallback *callback =
		MemoryContextAlloc(cxt, sizeof(MemoryContextCallback));

	pool->cxt = cxt;
	dlist_init(&pool->requests);
	callback->func = release_pool;
	callback->arg = pool;
	MemoryContextRegisterResetCallback(cxt, callback);
	return pool;
}

/*
 * append_header
 *		Adds a header to those of a request.
 */
static void
append_header(PinHttpRequest *request, const char *header)
{
	struct curl_slist *list = curl_slist_append(request->headers, header);

	if (list == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	request->headers = list;
}

/*
 * set_transport
 *		Sets the options that say how a transfer reaches the other side.
 */
static void
set_transport(CURL *easy, PinHttpRequest *request, const PinHttpSpec *spec)
{
	/*
	 * A redirect could carry the token elsewhere, and Pinterest's API has
	 * none.  Where those of a download lead is looked at before they are
	 * followed, see api/link.c.  Which hosts may be spoken to in plain text was
	 * decided when the URL was accepted (option/value.c, api/link.c).
	 */
	setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
	setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	setopt(easy, CURLOPT_PROTOCOLS, (long) (CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	setopt(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
	if (spec->ca_file != NULL)
		setopt(easy, CURLOPT_CAINFO, spec->ca_file);

	/* an empty proxy keeps libcurl from looking at the environment */
	setopt(easy, CURLOPT_PROXY, spec->proxy != NULL ? spec->proxy : "");
	if (spec->proxy != NULL && pg_strncasecmp(spec->proxy, "https://", 8) == 0)
	{
		/* libcurl trusts a proxy, too, by options of its own */
		setopt(easy, CURLOPT_PROXY_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
		if (spec->ca_file != NULL)
			setopt(easy, CURLOPT_PROXY_CAINFO, spec->ca_file);
	}

	/* what a proxy says before there is a tunnel is not from the other side */
	setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075000
	setopt(easy, CURLOPT_PREREQFUNCTION, request_callback);
	setopt(easy, CURLOPT_PREREQDATA, request);
#endif

	setopt(easy, CURLOPT_CONNECTTIMEOUT,
		   (long) Min(spec->timeout, CONNECT_TIMEOUT_S));
	setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	setopt(easy, CURLOPT_LOW_SPEED_TIME, (long) spec->timeout);
}

/*
 * knows_gzip
 *		Whether libcurl can decode what is compressed.
 */
static bool
knows_gzip(void)
{
	return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_LIBZ) != 0;
}

/*
 * set_answer
 *		Sets the options that say in which form the answer is wanted.
 */
static void
set_answer(CURL *easy, PinHttpRequest *request, const PinHttpSpec *spec)
{
	if (spec->stream)
	{
		/*
		 * A part is wanted as it is, as its offset counts the bytes that are
		 * sent.  A storage sends what it has, though; libcurl decodes it then.
		 */
		setopt(easy, CURLOPT_ACCEPT_ENCODING,
			   spec->gzip && knows_gzip() ? "gzip" : "identity");
		setopt(easy, CURLOPT_BUFFERSIZE, 128L * 1024L);
		if (spec->offset > 0)
		{
			/* not CURLOPT_RESUME_FROM, which fails if the answer is whole */
			char		range[64];

			snprintf(range, sizeof(range), INT64_FORMAT "-", spec->offset);
			setopt(easy, CURLOPT_RANGE, range);
			if (spec->etag != NULL && spec->etag[0] != '\0')
			{
				char		header[PIN_HTTP_VALUE_SIZE + 16];

				snprintf(header, sizeof(header), "If-Range: %s", spec->etag);
				append_header(request, header);
			}
		}
	}
	else
		setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
}

/*
 * set_request
 *		Sets the options that say what is sent: credentials, and a body.
 */
static void
set_request(CURL *easy, PinHttpRequest *request, const PinHttpSpec *spec)
{
	/* credentials are for the host of the URL, not for a proxy on the way */
	setopt(easy, CURLOPT_HEADEROPT, (long) CURLHEADER_SEPARATE);
	if (spec->bearer != NULL)
	{
		char	   *header = psprintf("Authorization: Bearer %s", spec->bearer);

		append_header(request, header);
		explicit_bzero(header, strlen(header));
		pfree(header);
	}
	if (spec->basic != NULL)
	{
		setopt(easy, CURLOPT_HTTPAUTH, (long) CURLAUTH_BASIC);
		setopt(easy, CURLOPT_USERPWD, spec->basic);
	}
	if (spec->form != NULL)
	{
		/*
		 * libcurl sends a request again by itself if a connection that it had
		 * kept turns out to be dead, or a stream of HTTP/2 is refused.
		 */
		setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		setopt(easy, CURLOPT_FORBID_REUSE, 1L);
		setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
		setopt(easy, CURLOPT_TIMEOUT, (long) spec->timeout);
		setopt(easy, CURLOPT_COPYPOSTFIELDS, spec->form);
	}
	if (spec->body != NULL)
	{
		setopt(easy, CURLOPT_COPYPOSTFIELDS, spec->body);
		append_header(request, "Content-Type: application/json");
	}
}

/*
 * set_options
 *		Sets the options of a new transfer.  See the manual page of each.
 */
static void
set_options(PinHttpRequest *request, const PinHttpSpec *spec)
{
	CURL	   *easy = request->easy;

	setopt(easy, CURLOPT_URL, spec->url);
	setopt(easy, CURLOPT_PRIVATE, request);
	setopt(easy, CURLOPT_ERRORBUFFER, request->error);
	setopt(easy, CURLOPT_WRITEFUNCTION, write_callback);
	setopt(easy, CURLOPT_WRITEDATA, request);
	setopt(easy, CURLOPT_HEADERFUNCTION, header_callback);
	setopt(easy, CURLOPT_HEADERDATA, request);
	setopt(easy, CURLOPT_USERAGENT,
		   "pinterest_fdw/" PINTEREST_FDW_VERSION " PostgreSQL/" PG_VERSION);

	/* signals are PostgreSQL's */
	setopt(easy, CURLOPT_NOSIGNAL, 1L);

	set_transport(easy, request, spec);
	set_answer(easy, request, spec);
	set_request(easy, request, spec);
	append_header(request, "Accept: application/json");
	setopt(easy, CURLOPT_HTTPHEADER, (struct curl_slist *) request->headers);
}

/*
 * release_handle
 *		Frees what only a transfer that goes on needs, of which there may be
 *		thousands that have been answered.
 */
static void
release_handle(PinHttpRequest *request)
{
	if (request->easy != NULL)
	{
		/*
		 * A handle that was not added yet is refused, which is as well; what
		 * else might keep it in is undone by curl_easy_cleanup().
		 */
		(void) curl_multi_remove_handle(multi, request->easy);
		curl_easy_cleanup(request->easy);
		request->easy = NULL;
	}
	curl_slist_free_all(request->headers);
	request->headers = NULL;
	if (request->has_fd)
		ReleaseExternalFD();
	request->has_fd = false;
}

/*
 * pin_http_start
 *		Starts a request; it goes on whenever pin_http_wait() is called.
 *
 * The request belongs to the pool.  Raises an error only for lack of memory
 * or file descriptors; what happens to the request stands in the request.
 */
PinHttpRequest *
pin_http_start(PinHttpPool *pool, const PinHttpSpec *spec)
{
	PinHttpRequest *request;
	CURLMcode	rc;

	initialize();
	if (!AcquireExternalFD())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("could not open a connection to Pinterest: too many open files"),
				 errhint("Raise \"max_files_per_process\" or the kernel's limit, or lower the server option \"max_connections\".")));

	request = calloc(1, sizeof(PinHttpRequest));
	if (request == NULL)
	{
		ReleaseExternalFD();
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	}
	/* from here on the pool sees to the release */
	dlist_push_tail(&pool->requests, &request->node);
	dlist_push_tail(&all_requests, &request->any_node);
	request->pool = pool;
	request->has_fd = true;
	request->stream = spec->stream;
	request->rate.limit = spec->low_speed_limit;
	request->rate.period = spec->low_speed_time;

	request->easy = curl_easy_init();
	if (request->easy == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	request->link = pin_spec_keep_secrets(spec, request->pool->cxt);
	set_options(request, spec);

	rc = curl_multi_add_handle(multi, request->easy);
	if (rc != CURLM_OK)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("could not start a request: %s",
						curl_multi_strerror(rc))));
	pool->usage.requests++;
	pin_usage.requests++;
	return request;
}

/*
 * pin_http_read
 *		Takes what has arrived of a streamed body and appends it to buf.
 *
 * Returns the number of bytes; 0 means that nothing is there at the moment,
 * or that nothing will come if the request is done.
 */
size_t
pin_http_read(PinHttpRequest *request, StringInfo buf)
{
	size_t		len = request->len;

	if (len > 0)
	{
		appendBinaryStringInfo(buf, request->data, len);
		request->len = 0;
	}
	if (request->paused && !request->done)
	{
		CURLcode	result;

		/* this may call write_callback() at once */
		request->paused = false;
		result = curl_easy_pause((CURL *) request->easy, CURLPAUSE_CONT);
		if (result != CURLE_OK)
		{
			if (request->fault == PIN_HTTP_NO_FAULT)
				request->fault = classify_rest(request, result);
			strlcpy(request->error, curl_easy_strerror(result),
					sizeof(request->error));
			request->done = true;
		}
	}
	return len;
}

/*
 * keep_location
 *		Keeps where a redirect leads, as an absolute URL.
 *
 * libcurl's memory for it goes with the handle.
 */
static void
keep_location(PinHttpRequest *request)
{
	char	   *url = NULL;

	if (curl_easy_getinfo((CURL *) request->easy, CURLINFO_REDIRECT_URL,
						  &url) != CURLE_OK || url == NULL)
		return;
	request->location = strdup(url);
	if (request->location == NULL && request->fault == PIN_HTTP_NO_FAULT)
		request->fault = PIN_HTTP_NO_MEMORY;
}

/*
 * finish_transfers
 *		Notes the results of the transfers that have ended.
 */
static void
finish_transfers(void)
{
	CURLMsg    *msg;
	int			left;

	while ((msg = curl_multi_info_read(multi, &left)) != NULL)
	{
		PinHttpRequest *request = NULL;
		CURLcode	result = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **) &request);
		curl_easy_getinfo(msg->easy_handle, CURLINFO_RESPONSE_CODE, &request->status);
		if (result != CURLE_OK && request->error[0] == '\0')
			strlcpy(request->error, curl_easy_strerror(result),
					sizeof(request->error));
#if LIBCURL_VERSION_NUM < 0x075000
		{
			/*
			 * Without request_callback(): a time is noted once the request has
			 * begun to be sent.  Later versions note it for any that fails, too.
			 */
			curl_off_t	sent_at = 0;

			curl_easy_getinfo(msg->easy_handle, CURLINFO_PRETRANSFER_TIME_T, &sent_at);
			request->sent = sent_at > 0 || result == CURLE_SEND_ERROR;
		}
#endif
		if (result != CURLE_OK && request->fault == PIN_HTTP_NO_FAULT)
			request->fault = classify_failure(request, result);
		if (result == CURLE_OK && !request->has_head)
		{
			/* to libcurl that is an answer without a body */
			request->fault = PIN_HTTP_LOST;
			strlcpy(request->error, "The connection ended within a header",
					sizeof(request->error));
		}
		keep_location(request);
		request->done = true;
		release_handle(request);
	}
}

/*
 * drive
 *		Lets libcurl go on with a socket, or with what it waited for a time for.
 *
 * events: CURL_CSELECT_*.  A failure is kept in *failure, if it is the first.
 */
static void
drive(curl_socket_t fd, int events, CURLMcode *failure)
{
	int			running;
	CURLMcode	result = curl_multi_socket_action(multi, fd, events, &running);

	if (*failure == CURLM_OK)
		*failure = result;
}

/*
 * end_slow_requests
 *		Ends the requests whose bodies come too slowly, after a wait of so many
 *		microseconds.
 *
 * Until a body begins, the timeout counts alone: an answer may take long to be
 * thought of.  libcurl looks at that once a second, which ends a wait in time.
 */
static void
end_slow_requests(int64 waited)
{
	dlist_iter	iter;

	dlist_foreach(iter, &all_requests)
	{
		PinHttpRequest *request = dlist_container(PinHttpRequest, any_node, iter.cur);
		curl_off_t	bytes = 0;	/* as they are sent, encoded or not */

		if (request->done || request->paused || request->easy == NULL)
			continue;
		curl_easy_getinfo((CURL *) request->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
		if (bytes == 0 || !pin_rate_is_low(&request->rate, bytes, waited))
			continue;
		(void) curl_multi_remove_handle(multi, request->easy);
		request->fault = PIN_HTTP_SLOW;
		snprintf(request->error, sizeof(request->error),
				 "less than %d bytes per second in %d seconds",
				 request->rate.limit, request->rate.period);
		request->done = true;
	}
}

/*
 * pin_http_wait
 *		Waits until something happens to a request, the latch is set or the
 *		time is over, and drives all requests of the backend.
 *
 * timeout_ms: longest wait in milliseconds.  Raises the errors of
 * CHECK_FOR_INTERRUPTS(): this is where a scan is canceled.  Raises 53200 or
 * HV000 if libcurl itself fails, after which no request of the backend goes on.
 */
void
pin_http_wait(long timeout_ms)
{
	WaitEvent  *events;
	int			nevents;
	CURLMcode	failure = CURLM_OK;
	instr_time	start,
				stop;

	initialize();
	if (timer_at != DT_NOEND)
		timeout_ms = Min(timeout_ms,
						 TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
														 timer_at));

	/* a wait without a query must not hold back the removal of dead rows */
	InvalidateCatalogSnapshotConditionally();
	INSTR_TIME_SET_CURRENT(start);
	nevents = pin_sockets_wait(Max(timeout_ms, 0), &events);
	INSTR_TIME_SET_CURRENT(stop);
	INSTR_TIME_ACCUM_DIFF(pin_waited, stop, start);
	INSTR_TIME_SUBTRACT(stop, start);

	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();

	/*
	 * A caller that holds off interrupts, so as not to be canceled, must not
	 * hold up the whole cluster: DROP DATABASE, for one, waits until every
	 * process has closed its files.  The wait is a safe place for that.
	 */
	if (ProcSignalBarrierPending)
		ProcessProcSignalBarrier();

	if (timer_at != DT_NOEND && timer_at <= GetCurrentTimestamp())
	{
		timer_at = DT_NOEND;
		drive(CURL_SOCKET_TIMEOUT, 0, &failure);
	}
	for (int i = 0; i < nevents; i++)
	{
		int			what = 0;

		if (events[i].events & WL_SOCKET_READABLE)
			what |= CURL_CSELECT_IN;
		if (events[i].events & WL_SOCKET_WRITEABLE)
			what |= CURL_CSELECT_OUT;
		if (what != 0)
			drive(events[i].fd, what, &failure);
	}
	pfree(events);
	finish_transfers();
	end_slow_requests(INSTR_TIME_GET_MICROSEC(stop));

	if (multi_failed)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	if (failure != CURLM_OK)
	{
		multi_failed = true;
		ereport(ERROR,
				(errcode(failure == CURLM_OUT_OF_MEMORY ?
						 ERRCODE_OUT_OF_MEMORY : ERRCODE_FDW_ERROR),
				 errmsg("could not go on with requests to Pinterest: %s",
						curl_multi_strerror(failure)),
				 errhint("Run the statement again.")));
	}
}

/*
 * pin_http_free
 *		Ends a request, if need be in the middle, and frees its memory.
 *
 * Raises no errors: it is also called while a memory context is deleted.
 */
void
pin_http_free(PinHttpRequest *request)
{
	dlist_delete(&request->node);
	dlist_delete(&request->any_node);
	release_handle(request);
	pin_secret_forget(request->link);
	free(request->data);
	free(request->location);
	free(request);
}

/*
 * pin_http_library
 *		Name and version of the HTTP library, for version().
 */
const char *
pin_http_library(void)
{
	return curl_version();
}
