/*-------------------------------------------------------------------------
 *
 * url.h
 *	  URLs: their parts, and the encoding of what is put into them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_HTTP_URL_H
#define PINTEREST_HTTP_URL_H

#include "lib/stringinfo.h"

typedef struct PinUrl
{
	char	   *scheme;			/* lower case; empty if there is none */
	char	   *host;			/* as written, an IPv6 address without brackets */
	int			port;			/* 0: that of the scheme */
	const char *rest;			/* path, query and fragment: the end of the URL
								 * that was parsed */
	bool		is_local;		/* the host can be none but this machine */
	bool		may_be_local;	/* it can be this machine, to some systems or
								 * resolvers */
	const char *fault;			/* what is wrong, as a sentence; NULL: nothing */
} PinUrl;

extern bool pin_url_parse(const char *url, PinUrl *parts);
extern char *pin_url_escaped(const char *value);
extern void pin_url_append_escaped(StringInfo buf, const char *value);
extern char *pin_url_unescape(const char *value, int len);

#endif							/* PINTEREST_HTTP_URL_H */
