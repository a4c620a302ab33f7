/*-------------------------------------------------------------------------
 *
 * value.c
 *	  Checks of single option values, a function for each kind.
 *
 * Every check takes the option and its value, returns nothing, and raises an
 * error with a detail or hint if the value is wrong.  None of them does any
 * input or output, nor looks at other objects.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <arpa/inet.h>
#include <ctype.h>

#include "lib/stringinfo.h"
#include "utils/datetime.h"

#include "base/compat.h"
#include "base/dates.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "option/value.h"

/*
 * A value as the table of options writes it, which is how the API wants it, NULL if
 * it is not among the allowed ones.  Case does not matter.
 */
char *
pin_canonical_value(const PinOptionDef *option, const char *value)
{
	const char *word = option->values;
	size_t		len = strlen(value);

	while (len > 0)
	{
		const char *end = strchr(word, ' ');
		size_t		word_len = end ? end - word : strlen(word);

		if (word_len == len && pg_strncasecmp(word, value, len) == 0)
			return pnstrdup(word, len);
		if (end == NULL)
			break;
		word = end + 1;
	}
	return NULL;
}

/*
 * Error: a value is not among the allowed ones of an option.  The hint has the
 * closest of these, or all.
 */
static void
report_value(const PinOptionDef *option, const char *value)
{
	ClosestMatchState match;
	StringInfoData all;
	char	   *words = pstrdup(option->values);
	char	   *cased = pstrdup(value);
	char	   *save = NULL;

	/* Compare in the case that the values have; none has both. */
	for (char *p = cased; *p; p++)
		*p = islower((unsigned char) words[0]) ?
			pg_ascii_tolower((unsigned char) *p) :
			pg_ascii_toupper((unsigned char) *p);

	initStringInfo(&all);
	initClosestMatch(&match, cased, PIN_HINT_DISTANCE);
	for (char *word = strtok_r(words, " ", &save); word != NULL;
		 word = strtok_r(NULL, " ", &save))
	{
		updateClosestMatch(&match, word);
		appendStringInfo(&all, "%s%s", all.len > 0 ? ", " : "", word);
	}

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
					value),
			 getClosestMatch(&match) != NULL ?
			 errhint("Perhaps you meant the value \"%s\".",
					 getClosestMatch(&match)) :
			 errhint("Valid values are: %s.", all.data)));
}

/*
 * Common checks of a list, given its elements: none empty, none twice, not too
 * many.
 */
static void
check_list(const PinOptionDef *option, List *elements)
{
	ListCell   *lc;

	foreach(lc, elements)
	{
		const char *element = (char *) lfirst(lc);

		if (element[0] == '\0')
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("empty value in option \"%s\"", option->name),
					 errhint("Separate values by single commas.")));
		for (int i = 0; i < foreach_current_index(lc); i++)
		{
			if (pg_strcasecmp(element, (char *) list_nth(elements, i)) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("value \"%s\" is given twice in option \"%s\"",
								element, option->name)));
		}
	}
	if (option->max > 0 && list_length(elements) > option->max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("too many values in option \"%s\"", option->name),
				 errdetail("There may be at most %d.", option->max)));
}

/* Check a value out of a fixed set. */
void
pin_check_enum(const PinOptionDef *option, const char *value)
{
	if (pin_canonical_value(option, value) == NULL)
		report_value(option, value);
}

/* The same for numbers of days, which the getters keep as numbers. */
void
pin_check_days(const PinOptionDef *option, const char *value)
{
	pin_check_enum(option, value);
}

/* Check a list of values out of a fixed set. */
void
pin_check_enums(const PinOptionDef *option, const char *value)
{
	List	   *elements = pin_split_list(value);
	ListCell   *lc;

	/* first, since an empty element deserves a better message */
	check_list(option, elements);
	foreach(lc, elements)
		pin_check_enum(option, (char *) lfirst(lc));
}

/* Check a list of ids, each of at most so many digits. */
static void
check_id_list(const PinOptionDef *option, const char *value, int max_digits)
{
	List	   *elements = pin_split_list(value);
	ListCell   *lc;

	check_list(option, elements);
	foreach(lc, elements)
	{
		const char *id = (char *) lfirst(lc);
		size_t		len = strlen(id);

		if (strspn(id, "0123456789") != len || len > max_digits)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value for option \"%s\": \"%s\"",
							option->name, id),
					 errhint("An id consists of digits, at most %d.%s",
							 max_digits,
							 option->check == pin_check_advertisers ?
							 " Give one, several separated by commas, or * for all that the token can see." :
							 " Separate several by commas.")));
	}
}

/* Check a filter by ids. */
void
pin_check_ids(const PinOptionDef *option, const char *value)
{
	check_id_list(option, value, PIN_ID_DIGITS);
}

/* Check the advertisers to read: ids, or all. */
void
pin_check_advertisers(const PinOptionDef *option, const char *value)
{
	if (strcmp(value, "*") != 0)
		check_id_list(option, value, PIN_ADVERTISER_DIGITS);
}

/* Check a whole number within its bounds. */
void
pin_check_number(const PinOptionDef *option, const char *value)
{
	size_t		len = strlen(value);

	/* nine digits always fit an int */
	if (len == 0 || len > 9 || strspn(value, "0123456789") != len ||
		atoi(value) < option->min || atoi(value) > option->max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
						value),
				 errhint("Give a whole number from %d to %d.", option->min,
						 option->max)));
}

/*
 * Check a credential: something to put into a header as it is.  Messages do
 * not show it.
 */
void
pin_check_secret(const PinOptionDef *option, const char *value)
{
	const char *fault = NULL;

	if (value[0] == '\0')
		fault = "It is empty.";
	for (const char *p = value; *p; p++)
	{
		if ((unsigned char) *p <= ' ' || *p == 0x7f)
			fault = "It contains white space or control characters.";
	}
	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\"", option->name),
				 errdetail("%s", fault)));
}

/* Check the name of a column of Pinterest's. */
void
pin_check_column(const PinOptionDef *option, const char *value)
{
	if (value[0] == '\0' || strpbrk(value, " \t\r\n\",") != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
						value),
				 errhint("Give the name of one column as in Pinterest's API, for example SPEND_IN_DOLLAR.")));
}

/* Check the name of a resource. */
void
pin_check_resource(const PinOptionDef *option, const char *value)
{
	ClosestMatchState match;

	if (pin_find_resource(value) != NULL)
		return;

	initClosestMatch(&match, value, PIN_HINT_DISTANCE);
	for (int i = 0; i < pin_nresources; i++)
		updateClosestMatch(&match, pin_resources[i].name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
					value),
			 getClosestMatch(&match) != NULL ?
			 errhint("Perhaps you meant the value \"%s\".",
					 getClosestMatch(&match)) :
			 errhint("The view pinterest.resources lists all resources.")));
}

/* Check the path of a file.  Whether it exists is for the scan to see. */
void
pin_check_file(const PinOptionDef *option, const char *value)
{
	if (!is_absolute_path(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
						value),
				 errhint("Give an absolute path on the database server.")));
}

/*
 * Error: something is wrong with a URL.  The value is not shown, since a
 * password may stand in it, and be the very fault.
 */
static void
report_url(const PinOptionDef *option, const char *fault)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\"", option->name),
			 errdetail("%s", fault)));
}

/*
 * Check "host[:port]" up to the end of the authority of a URL.
 *
 * What is let through is narrower than the standard, so that no two parsers
 * can disagree on where the host ends.  Returns the host, palloc'd, without
 * the brackets of an IPv6 address.
 */
static char *
check_authority(const PinOptionDef *option, const char *authority)
{
	size_t		len = strcspn(authority, "/?#");
	const char *end = authority + len;
	const char *host = authority;
	const char *p;
	char	   *result;
	struct in6_addr address;

	if (memchr(authority, '@', len) != NULL)
		report_url(option, "A user name or password is not allowed, since everyone can read the options of a server.");
	if (*host == '[')
	{
		host++;
		p = host + strspn(host, "0123456789abcdefABCDEF:.");
		result = pnstrdup(host, p - host);
		if (*p != ']' || inet_pton(AF_INET6, result, &address) != 1)
			report_url(option, "The IPv6 address is invalid.");
		p++;
	}
	else
	{
		p = host;
		while (isalnum((unsigned char) *p) || *p == '.' || *p == '-' || *p == '_')
			p++;
		result = pnstrdup(host, p - host);
		if (p == host)
			report_url(option, "The host name is missing or invalid.");
	}

	if (p < end)
	{
		size_t		digits = strspn(p + 1, "0123456789");

		if (*p != ':' || digits == 0 || digits > 5 || p + 1 + digits != end ||
			atoi(p + 1) < 1 || atoi(p + 1) > 65535)
			report_url(option, "The host name or port is invalid.");
	}
	return result;
}

/* Is this host always the machine itself? */
static bool
is_loopback(const char *host)
{
	struct in_addr ip4;
	struct in6_addr ip6;

	if (pg_strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &ip4) == 1)
		return (ntohl(ip4.s_addr) >> 24) == 127;
	if (inet_pton(AF_INET6, host, &ip6) == 1)
		return memcmp(&ip6, &in6addr_loopback, sizeof(ip6)) == 0;
	return false;
}

/* Check for characters that no URL has. */
static void
check_characters(const PinOptionDef *option, const char *value)
{
	for (const char *p = value; *p; p++)
	{
		if ((unsigned char) *p <= ' ' || (unsigned char) *p >= 0x7f ||
			strchr("\\\"<>^`{|}", *p) != NULL)
			report_url(option, "It contains a character that has to be percent-encoded in a URL.");
	}
}

/*
 * Check a URL that tokens go to: encrypted, unless they do not leave the
 * machine.
 */
void
pin_check_url(const PinOptionDef *option, const char *value)
{
	check_characters(option, value);
	if (pg_strncasecmp(value, "https://", 8) == 0)
		check_authority(option, value + 8);
	else if (pg_strncasecmp(value, "http://", 7) == 0)
	{
		if (!is_loopback(check_authority(option, value + 7)))
			report_url(option, "Plain http is allowed to the local host only; use https.");
	}
	else
		report_url(option, "A URL with the scheme https is needed.");
	if (strpbrk(value, "?#") != NULL)
		report_url(option, "A query or fragment is not allowed.");
}

/*
 * Check where Pinterest is to send the browser back to.  It must be written as
 * registered with Pinterest, which takes schemes of its own for programs.
 */
void
pin_check_redirect(const PinOptionDef *option, const char *value)
{
	const char *p = value;

	check_characters(option, value);
	if (isalpha((unsigned char) *p))
	{
		while (isalnum((unsigned char) *p) || *p == '+' || *p == '-' || *p == '.')
			p++;
	}
	if (p == value || strncmp(p, "://", 3) != 0 || p[3] == '\0')
		report_url(option, "A complete URL is needed, as registered with Pinterest.");
	if (strchr(value, '#') != NULL)
		report_url(option, "A fragment is not allowed.");
}

/* Check the address of a proxy, in the form that libcurl takes. */
void
pin_check_proxy(const PinOptionDef *option, const char *value)
{
	static const char *const schemes[] = {
		"http", "https", "socks4", "socks4a", "socks5", "socks5h"
	};
	const char *separator = strstr(value, "://");
	const char *authority = value;

	check_characters(option, value);
	if (separator != NULL)
	{
		size_t		len = separator - value;
		bool		known = false;

		for (int i = 0; i < lengthof(schemes); i++)
		{
			if (strlen(schemes[i]) == len &&
				pg_strncasecmp(value, schemes[i], len) == 0)
				known = true;
		}
		if (!known)
			report_url(option, "The scheme of a proxy is one of: http, https, socks4, socks4a, socks5, socks5h.");
		authority = separator + 3;
	}
	check_authority(option, authority);
	authority += strcspn(authority, "/?#");
	if (authority[0] != '\0' && strcmp(authority, "/") != 0)
		report_url(option, "A path, query or fragment is not allowed.");
}

/*
 * Check how far back reports go: a day, or an interval.
 */
void
pin_check_history(const PinOptionDef *option, const char *value)
{
	DateADT		date;
	Interval	span;
	double		days;

	if (pin_parse_date(value, &date))
	{
		/* Tomorrow has begun already in the east. */
		if (date > pin_today() + 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value for option \"%s\": \"%s\"",
							option->name, value),
					 errdetail("The date is in the future.")));
		return;
	}

	if (!pin_parse_interval(value, &span))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
						value),
				 errhint("Give a date as YYYY-MM-DD, or an interval counted back from today such as \"90 days\".")));

	/*
	 * Fields of both signs are refused along with negative intervals: whether
	 * "1 month -30 days" is positive depends on the day.
	 */
	days = span.month * (365.25 / 12) + span.day +
		span.time / (double) USECS_PER_DAY;
	if (span.month < 0 || span.day < 0 || span.time < 0 ||
		days < 1 || days > 10 * 365.25)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
						value),
				 errdetail("The interval must be positive, at least one day and at most ten years."),
				 errhint("Give a date as YYYY-MM-DD, or an interval counted back from today such as \"90 days\".")));
}

