/*-------------------------------------------------------------------------
 *
 * answer.h
 *	  What arrives of an answer: its headers, and its body.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_HTTP_ANSWER_H
#define PINTEREST_HTTP_ANSWER_H

#include "base/limits.h"
#include "lib/ilist.h"

#include "http/rate.h"

/* Why there is no complete answer */
typedef enum PinHttpFault
{
	PIN_HTTP_NO_FAULT,
	PIN_HTTP_UNREACHABLE,		/* no connection */
	PIN_HTTP_UNTRUSTED,			/* a certificate, or the file that it is checked
								 * with: no use in retrying */
	PIN_HTTP_UNUSABLE,			/* no TLS as we speak it, or a proxy that does
								 * not let us through: likewise */
	PIN_HTTP_GARBLED,			/* an answer that breaks the rules of HTTP, or
								 * those of the encoding that it names: likewise */
	PIN_HTTP_TIMEOUT,			/* no byte for too long */
	PIN_HTTP_SLOW,				/* fewer bytes than the least rate */
	PIN_HTTP_LOST,				/* connection lost, or body cut short */
	PIN_HTTP_TOO_LARGE,			/* body larger than allowed */
	PIN_HTTP_NO_MEMORY
} PinHttpFault;

#define PIN_HTTP_VALUE_SIZE PIN_MAX_HEADER_VALUE

/*
 * A request under way or answered.  It lives in malloc'ed memory, since
 * libcurl's callbacks write to it; its pool owns it.
 */
typedef struct PinHttpRequest
{
	dlist_node	node;			/* in the pool */
	dlist_node	any_node;		/* in the list of all that the backend has */
	struct PinHttpPool *pool;
	bool		done;			/* answered, or failed */
	PinHttpFault fault;
	bool		sent;			/* once done: the other side may have got some
								 * of it; not what a proxy was told first */
	long		status;			/* HTTP status; 0 as long as there is none */
	bool		has_head;		/* its header has come to its end */
	char		error[256];		/* libcurl's words for the fault */

	/* headers of the answer, empty where missing */
	char		content_type[PIN_HTTP_VALUE_SIZE];
	char		content_encoding[PIN_HTTP_VALUE_SIZE];
	char		etag[PIN_HTTP_VALUE_SIZE];
	char		content_range[PIN_HTTP_VALUE_SIZE];
	char		date[PIN_HTTP_VALUE_SIZE];
	char		retry_after[PIN_HTTP_VALUE_SIZE];
	char		rate_limit_reset[PIN_HTTP_VALUE_SIZE];
	char		request_id[PIN_HTTP_VALUE_SIZE];

	int64		content_length; /* bytes of the body as sent; -1: not said */
	bool		has_end;		/* the end of the body is not just that of the
								 * connection */
	char	   *location;		/* where a redirect leads, malloc'ed; NULL */
	bool		location_has_user;	/* that names a user, be it that "location"
								 * does not */

	/* body, NUL-terminated: all of it, or what pin_http_read() left */
	char	   *data;
	size_t		len;
	size_t		size;			/* allocated */
	int64		received;		/* bytes of body so far */

	/* private to http.c */
	bool		stream;
	bool		paused;
	PinRate		rate;
	bool		has_fd;			/* of those that the backend may have */
	void	   *easy;			/* NULL: it is done */
	void	   *headers;
	struct PinSecret *link;		/* the query of a signed URL; NULL: none */
} PinHttpRequest;

extern void pin_answer_header(PinHttpRequest *request, const char *line,
							  size_t len);
extern bool pin_answer_append(PinHttpRequest *request, const char *data,
							  size_t len);
extern bool pin_answer_is_encoded(const PinHttpRequest *request);

#endif							/* PINTEREST_HTTP_ANSWER_H */
