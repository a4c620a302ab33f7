/*-------------------------------------------------------------------------
 *
 * url.c
 *	  URLs: their parts, and the encoding of what is put into them.
 *
 * Whom tokens are sent to is decided by the host of a URL, and who connects is
 * libcurl.  So a URL is split here, and by libcurl's parser as well; if the two
 * do not agree on host and port the URL is refused.  What is let through is
 * narrower than the standard: no user name, no percent encoding within the host,
 * no short forms of an address, so that no other parser, such as that of a
 * browser, can find another host in it either.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>

#include "http/url.h"

/* Room for what libcurl makes of a short form, such as an address of one number */
#define LONGER_HOST 64

/*
 * split_scheme
 *		Takes the scheme of a URL; returns what is behind its "://", or NULL if
 *		there is none.
 */
static const char *
split_scheme(const char *url, PinUrl *parts)
{
	const char *p = url;

	parts->scheme = pstrdup("");
	if (!isalpha((unsigned char) *p))
		return NULL;
	while (isalnum((unsigned char) *p) || *p == '+' || *p == '-' || *p == '.')
		p++;
	if (strncmp(p, "://", 3) != 0)
		return NULL;
	parts->scheme = pnstrdup(url, p - url);
	for (char *c = parts->scheme; *c != '\0'; c++)
		*c = pg_ascii_tolower((unsigned char) *c);
	return p + 3;
}

/*
 * split_port
 *		Takes the port, from the end of the host to that of the authority; false
 *		if there is something else.
 */
static bool
split_port(const char *place, const char *end, PinUrl *parts)
{
	size_t		digits;

	if (place == end)
		return true;
	digits = strspn(place + 1, "0123456789");
	/* a leading zero would be octal to some */
	if (*place != ':' || digits == 0 || digits > 5 || place[1] == '0' ||
		place + 1 + digits != end)
		return false;
	parts->port = atoi(place + 1);
	return parts->port <= 65535;
}

/*
 * is_localhost
 *		Whether a name is one of this machine, by RFC 6761: localhost, or below that.
 */
static bool
is_localhost(const char *host)
{
	static const char name[] = "localhost";
	int			len = strlen(host);
	int			start;

	if (len > 0 && host[len - 1] == '.')
		len--;
	start = len - (int) strlen(name);
	return start >= 0 && pg_strncasecmp(host + start, name, strlen(name)) == 0 &&
		(start == 0 || host[start - 1] == '.');
}

/*
 * split_authority
 *		Takes host and port; returns what is wrong with them, or NULL.
 */
static const char *
split_authority(const char *authority, PinUrl *parts)
{
	size_t		len = strcspn(authority, "/?#");
	const char *p = authority;
	struct in_addr ip4;
	struct in6_addr ip6;

	parts->rest = authority + len;
	if (memchr(authority, '@', len) != NULL)
		return "A user name or password is not allowed, since everyone can read the options of a server.";
	if (*p == '[')
	{
		p++;
		p += strspn(p, "0123456789abcdefABCDEF:.");
		parts->host = pnstrdup(authority + 1, p - authority - 1);

		/* nor is there a zone, which differs between machines */
		if (*p != ']' || inet_pton(AF_INET6, parts->host, &ip6) != 1)
			return "The IPv6 address is invalid.";
		p++;
		parts->is_local = memcmp(&ip6, &in6addr_loopback, sizeof(ip6)) == 0;
		parts->may_be_local = parts->is_local || IN6_IS_ADDR_UNSPECIFIED(&ip6) ||
			IN6_IS_ADDR_V4COMPAT(&ip6) ||
			(IN6_IS_ADDR_V4MAPPED(&ip6) &&
			 (ip6.s6_addr[12] == 127 || ip6.s6_addr[12] == 0));
	}
	else
	{
		while (isalnum((unsigned char) *p) || *p == '.' || *p == '-' || *p == '_')
			p++;
		parts->host = pnstrdup(authority, p - authority);
		if (p == authority)
			return "The host name is missing or invalid.";
		if (inet_pton(AF_INET, parts->host, &ip4) == 1)
		{
			/* to connect to 0.0.0.0 is to connect to this machine */
			parts->is_local = (ntohl(ip4.s_addr) >> 24) == 127;
			parts->may_be_local = parts->is_local || (ntohl(ip4.s_addr) >> 24) == 0;
		}
		else if (inet_aton(parts->host, &ip4) != 0)
			return "An IPv4 address has to consist of four decimal numbers.";
		else
		{
			parts->is_local = pg_strcasecmp(parts->host, "localhost") == 0;
			parts->may_be_local = is_localhost(parts->host);
		}
	}
	if (!split_port(p, authority + len, parts))
		return "The host name or port is invalid.";
	return NULL;
}

/*
 * same_host
 *		Whether libcurl finds the same host in a URL.
 *
 * Recent versions write an IPv6 address anew, so that its value counts.
 */
static bool
same_host(const char *host, const char *libcurls)
{
	size_t		len = strlen(libcurls);
	struct in6_addr one,
				other;

	if (libcurls[0] != '[')
		return pg_strcasecmp(host, libcurls) == 0;
	return inet_pton(AF_INET6, host, &one) == 1 &&
		inet_pton(AF_INET6, pnstrdup(libcurls + 1, len - 2), &other) == 1 &&
		memcmp(&one, &other, sizeof(one)) == 0;
}

/*
 * copy_part
 *		Copies a part of a URL, empty if there is none.
 */
static void
copy_part(CURLU *parsed, CURLUPart what, char *buf, size_t size)
{
	char	   *part = NULL;

	buf[0] = '\0';
	if (curl_url_get(parsed, what, &part, 0) == CURLUE_OK && part != NULL)
		strlcpy(buf, part, size);
	curl_free(part);
}

/*
 * split_url
 *		What libcurl finds in a URL; false if that is none for it.
 *
 * scheme, host, port: buffers of that size in bytes.
 */
static bool
split_url(const char *url, char *scheme, char *host, char *port, size_t size)
{
	CURLU	   *parsed = curl_url();
	CURLUcode	result;

	/* from here on nothing may fail until libcurl's memory is free again */
	if (parsed == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	result = curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
	copy_part(parsed, CURLUPART_SCHEME, scheme, size);
	copy_part(parsed, CURLUPART_HOST, host, size);
	copy_part(parsed, CURLUPART_PORT, port, size);
	curl_url_cleanup(parsed);
	return result == CURLUE_OK;
}

/*
 * libcurl_agrees
 *		Whether libcurl finds the same scheme, host and port in a URL.
 */
static bool
libcurl_agrees(const char *url, const PinUrl *parts)
{
	size_t		size = strlen(url) + LONGER_HOST;
	char	   *scheme = palloc(size);
	char	   *host = palloc(size);
	char	   *port = palloc(size);

	return split_url(url, scheme, host, port, size) &&
		pg_strcasecmp(scheme, parts->scheme) == 0 &&
		same_host(parts->host, host) &&
		atoi(port) == parts->port;
}

/*
 * pin_url_parse
 *		Splits a URL "scheme://host[:port]..." into its parts.
 *
 * The parts are palloc'ed.  False if it cannot be used; then parts->fault says
 * why, and there is at least a scheme, be it empty.  The characters of path,
 * query and fragment are the caller's affair.
 */
bool
pin_url_parse(const char *url, PinUrl *parts)
{
	const char *authority;

	memset(parts, 0, sizeof(PinUrl));
	authority = split_scheme(url, parts);
	if (authority == NULL)
		parts->fault = "A URL begins with a scheme, such as https://.";
	else
		parts->fault = split_authority(authority, parts);
	if (parts->fault == NULL && !libcurl_agrees(url, parts))
		parts->fault = "The host name or port is invalid.";
	return parts->fault == NULL;
}

/*
 * take_copy
 *		Copies what libcurl has allocated, of len bytes, and frees it.
 *
 * result: has room for it and a NUL, so that nothing can fail in between.
 */
static void
take_copy(char *result, char *allocated, int len)
{
	if (allocated == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	memcpy(result, allocated, len);
	result[len] = '\0';
	curl_free(allocated);
}

/*
 * pin_url_escaped
 *		A value in percent encoding, palloc'ed, for a part of a path or a query.
 */
char *
pin_url_escaped(const char *value)
{
	int			len = strlen(value);
	char	   *result = palloc(3 * len + 1);
	char	   *escaped = curl_easy_escape(NULL, value, len);

	take_copy(result, escaped, escaped == NULL ? 0 : strlen(escaped));
	return result;
}

/*
 * pin_url_append_escaped
 *		Appends a value in percent encoding.
 */
void
pin_url_append_escaped(StringInfo buf, const char *value)
{
	appendStringInfoString(buf, pin_url_escaped(value));
}

/*
 * pin_url_unescape
 *		A value from a query string, without its percent encoding, palloc'ed;
 *		NULL if a null byte is in it.
 */
char *
pin_url_unescape(const char *value, int len)
{
	char	   *spaced = pnstrdup(value, len);
	char	   *result = palloc(len + 1);
	char	   *decoded;
	int			decoded_len = 0;

	for (char *c = spaced; *c != '\0'; c++)
	{
		if (*c == '+')
			*c = ' ';
	}
	decoded = curl_easy_unescape(NULL, spaced, len, &decoded_len);
	take_copy(result, decoded, decoded_len);
	return strlen(result) == decoded_len ? result : NULL;
}
