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

#include "http/answer.h"
#include "http/spec.h"

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
	MemoryContext cxt;			/* that it ends with */
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
extern const char *pin_http_library(void);

#endif							/* PINTEREST_HTTP_HTTP_H */
