/*-------------------------------------------------------------------------
 *
 * spec.h
 *	  What a request asks for.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_HTTP_SPEC_H
#define PINTEREST_HTTP_SPEC_H

#include "base/secret.h"

/* What to ask for.  Strings are copied by pin_http_start(). */
typedef struct PinHttpSpec
{
	const char *url;
	const char *body;			/* JSON to POST; NULL: GET, or a form */
	const char *form;			/* form to POST; never sent twice by itself */
	const char *secret;			/* what in the form no message shows; NULL: nothing */
	const char *bearer;			/* access token; NULL: none */
	const char *basic;			/* "user:password"; NULL: none */
	const char *ca_file;		/* also for a proxy with TLS; NULL: libcurl's own */
	const char *proxy;			/* NULL: none */
	int			timeout;		/* seconds without a byte; of a form, in all */
	int			low_speed_limit;	/* least bytes per second of a body; 0: any */
	int			low_speed_time; /* seconds over which that is the average */
	int64		offset;			/* first byte wanted, if not 0 */
	const char *etag;			/* of the document that offset belongs to */
	bool		stream;			/* body is taken with pin_http_read() while it
								 * arrives; else it is kept whole */
	bool		gzip;			/* a streamed body may come compressed */
} PinHttpSpec;

extern PinSecret *pin_spec_keep_secrets(const PinHttpSpec *spec,
										MemoryContext cxt);

#endif							/* PINTEREST_HTTP_SPEC_H */
