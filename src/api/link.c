/*-------------------------------------------------------------------------
 *
 * link.c
 *	  Where a download may lead.
 *
 * Downloads come from a storage elsewhere, which may send on to another of its
 * hosts, such as that of a region.  They carry no access token.  What carries one
 * is never sent on.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/link.h"
#include "base/limits.h"
#include "http/url.h"

/*
 * is_safe
 *		Whether a URL does not lead out of the encryption.
 *
 * Nor must it lead to this machine, whose services may trust whoever is on it.  A
 * stand-in for Pinterest there may have its links there, too.
 * host: set to that of the URL; api_host: to that of the API if it is such a
 * stand-in, else to NULL.
 */
static bool
is_safe(const PinOptions *options, const char *url, const char **host,
		const char **api_host)
{
	PinUrl		link;
	PinUrl		api;

	*api_host = NULL;
	if (!pin_url_parse(url, &link))
		return false;
	*host = link.host;
	if (!link.may_be_local)
		return strcmp(link.scheme, "https") == 0;
	if (!pin_url_parse(options->api_url, &api) || !api.is_local)
		return false;
	if (strcmp(link.scheme, "https") == 0)
		return true;
	*api_host = api.host;
	return strcmp(link.scheme, "http") == 0 && link.is_local;
}

/*
 * pin_link_is_safe
 *		Whether a report may be downloaded from a URL.
 */
bool
pin_link_is_safe(const PinOptions *options, const char *url)
{
	const char *host;
	const char *api_host;

	return is_safe(options, url, &host, &api_host);
}

/*
 * pin_link_follow
 *		Sends a redirected download on to where it is now.
 *
 * False if it must not go there; then *problem says why.  On this machine it must
 * be the host of the API: another name or address may be another service.
 */
bool
pin_link_follow(PinSession *session, PinCall *call, const char **problem)
{
	const char *url = call->request->location;
	const char *host;
	const char *api_host;

	if (call->redirects >= PIN_MAX_REDIRECTS)
	{
		*problem = "it was redirected too often";
		return false;
	}
	if (call->request->location_has_user ||
		!is_safe(session->options, url, &host, &api_host) ||
		(api_host != NULL && pg_strcasecmp(host, api_host) != 0))
	{
		*problem = "it was redirected to a URL that must not be followed";
		return false;
	}
	call->redirects++;
	call->location = MemoryContextStrdup(session->cxt, url);
	call->state = PIN_CALL_WAITING;
	call->due = DT_NOBEGIN;
	return true;
}
