/*-------------------------------------------------------------------------
 *
 * http.h
 *	  HTTP requests, driven by the backend's latch.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_HTTP_HTTP_H
#define PINTEREST_HTTP_HTTP_H

#include "lib/ilist.h"
#include "lib/stringinfo.h"
#include "portability/instr_time.h"

/* Why there is no complete answer */
typedef enum PinHttpFault
{
	PIN_HTTP_NO_FAULT,
	PIN_HTTP_UNREACHABLE,		/* no connection */
	PIN_HTTP_UNTRUSTED,			/* a certificate, or the file that it is checked
								 * with: no use in retrying */
	PIN_HTTP_UNUSABLE,			/* no HTTP as we speak it, or a proxy that does
								 * not let us through: likewise */
	PIN_HTTP_TIMEOUT,			/* no byte for too long */
	PIN_HTTP_LOST,				/* connection lost, or body cut short */
	PIN_HTTP_TOO_LARGE,			/* body larger than allowed */
	PIN_HTTP_NO_MEMORY
} PinHttpFault;

/* What to ask for.  Strings are copied by pin_http_start(). */
typedef struct PinHttpSpec
{
	const char *url;
	const char *body;			/* JSON to POST; NULL: GET, or a form */
	const char *form;			/* form to POST; never sent twice by itself */
	const char *bearer;			/* access token; NULL: none */
	const char *basic;			/* "user:password"; NULL: none */
	const char *ca_file;		/* also for a proxy with TLS; NULL: libcurl's own */
	const char *proxy;			/* NULL: none */
	int			timeout;		/* seconds without a byte; of a form, in all */
	int64		offset;			/* first byte wanted, if not 0 */
	const char *etag;			/* of the document that offset belongs to */
	bool		stream;			/* body is taken with pin_http_read() while it
								 * arrives; else it is kept whole */
} PinHttpSpec;

#define PIN_HTTP_VALUE_SIZE 128

/*
 * A request under way or answered.  It lives in malloc'ed memory, since
 * libcurl's callbacks write to it; its pool owns it.
 */
typedef struct PinHttpRequest
{
	dlist_node	node;			/* in the pool */
	struct PinHttpPool *pool;
	bool		done;			/* answered, or failed */
	PinHttpFault fault;
	bool		sent;			/* once done: the other side may have got some
								 * of it; not what a proxy was told first */
	long		status;			/* HTTP status; 0 as long as there is none */
	char		error[256];		/* libcurl's words for the fault */

	/* headers of the answer, empty where missing */
	char		content_type[PIN_HTTP_VALUE_SIZE];
	char		etag[PIN_HTTP_VALUE_SIZE];
	char		content_range[PIN_HTTP_VALUE_SIZE];
	char		retry_after[PIN_HTTP_VALUE_SIZE];
	char		rate_limit_reset[PIN_HTTP_VALUE_SIZE];
	char		request_id[PIN_HTTP_VALUE_SIZE];

	/* body, NUL-terminated: all of it, or what pin_http_read() left */
	char	   *data;
	size_t		len;
	size_t		size;			/* allocated */
	int64		received;		/* bytes of body so far */

	/* private to http.c */
	bool		stream;
	bool		paused;
	void	   *easy;
	void	   *headers;
} PinHttpRequest;

/* What was asked and answered */
typedef struct PinUsage
{
	int64		requests;		/* sent, downloads and retries included */
	int64		retries;
	int64		bytes;			/* of answers' bodies */
} PinUsage;

/* The requests of one scan */
typedef struct PinHttpPool
{
	dlist_head	requests;
	PinUsage	usage;
} PinHttpPool;

extern PinUsage pin_usage;		/* of this backend since it started */
extern instr_time pin_waited;	/* time in pin_http_wait() since then */

extern PinHttpPool *pin_http_pool_create(MemoryContext cxt);
extern PinHttpRequest *pin_http_start(PinHttpPool *pool,
									  const PinHttpSpec *spec);
extern size_t pin_http_read(PinHttpRequest *request, StringInfo buf);
extern void pin_http_wait(long timeout_ms);
extern void pin_http_free(PinHttpRequest *request);
extern bool pin_http_split_url(const char *url, char *scheme, char *host,
							   char *port, size_t size);
extern char *pin_http_escape(const char *value);
extern char *pin_http_unescape(const char *value, int len);
extern const char *pin_http_library(void);

#endif							/* PINTEREST_HTTP_HTTP_H */
