/*-------------------------------------------------------------------------
 *
 * value.c
 *	  Values of options: their types, checks, and what they are read as.
 *
 * Every check takes the option and its value, returns nothing, and raises an
 * error with a detail or hint if the value is wrong.  None of them does any
 * input or output, nor looks at other objects.
 *
 * Options are validated when they are set.  When they are read, by every plan and
 * every scan, what is checked again is only that a value, or an element of a list,
 * is what its type says: whoever uses it relies on that, and the wrapper may have
 * been without its validator when it was set.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "lib/stringinfo.h"
#include "utils/datetime.h"

#include "base/compat.h"
#include "base/dates.h"
#include "base/limits.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "http/url.h"
#include "option/guess.h"
#include "option/value.h"

/*
 * pin_canonical_value
 *		A value as the table of options writes it, which is how the
 *		API wants it, NULL if it is not among the allowed ones.  Case
 *		does not matter.
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
 * report_value
 *		Error: a value is not among the allowed ones of an option.
 *		The hint has the one that is called so elsewhere, the closest, or all.
 */
static void
report_value(const PinOptionDef *option, const char *value)
{
	const char *guess = pin_guess_value(option->values, value);
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
					pin_shorten(value)),
			 guess != NULL ?
			 errhint("\"%s\" is called \"%s\" here. Valid values are: %s.",
					 cased, guess, all.data) :
			 getClosestMatch(&match) != NULL ?
			 errhint("Perhaps you meant the value \"%s\".",
					 getClosestMatch(&match)) :
			 errhint("Valid values are: %s.", all.data)));
}

/*
 * compare_elements
 *		Order of the elements of a list, whatever their case.
 */
static int
compare_elements(const ListCell *a, const ListCell *b)
{
	return pg_strcasecmp(lfirst(a), lfirst(b));
}

/*
 * check_list
 *		Common checks of a list, given its elements: none empty, none
 *		twice, not too many.
 */
static void
check_list(const PinOptionDef *option, List *elements)
{
	int			max = option->type == PIN_OPTION_ID ? 1 : option->max;
	List	   *sorted = list_copy(elements);
	const char *previous = NULL;
	ListCell   *lc;

	/* in order, as there may be thousands */
	list_sort(sorted, compare_elements);
	foreach(lc, sorted)
	{
		const char *element = lfirst(lc);

		if (element[0] == '\0')
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("empty value in option \"%s\"", option->name),
					 errhint("Separate values by single commas.")));
		if (previous != NULL && pg_strcasecmp(previous, element) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("value \"%s\" is given twice in option \"%s\"",
							pin_shorten(element), option->name)));
		previous = element;
	}
	list_free(sorted);
	if (max > 0 && list_length(elements) > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("too many values in option \"%s\"", option->name),
				 errdetail("There may be at most %d.", max)));
}

/*
 * check_enum
 *		Checks a value out of a fixed set.
 */
static void
check_enum(const PinOptionDef *option, const char *value)
{
	if (pin_canonical_value(option, value) == NULL)
		report_value(option, value);
}

/*
 * check_id
 *		Checks an id, of at most so many digits.
 */
static void
check_id(const PinOptionDef *option, const char *id, int max_digits)
{
	size_t		len = strlen(id);

	if (len == 0 || len > max_digits || strspn(id, "0123456789") != len)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"",
						option->name, pin_shorten(id)),
				 errhint("An id consists of digits, at most %d.%s",
						 max_digits,
						 option->type == PIN_OPTION_ADVERTISERS ?
						 " Give one, several separated by commas, or * for all that the token can see." :
						 " Separate several by commas.")));
}

/*
 * check_number
 *		Checks a whole number within its bounds.
 */
static void
check_number(const PinOptionDef *option, const char *value)
{
	size_t		len = strlen(value);

	/* nine digits always fit an int */
	if (len == 0 || len > 9 || strspn(value, "0123456789") != len ||
		atoi(value) < option->min || atoi(value) > option->max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
						pin_shorten(value)),
				 errhint("Give a whole number from %d to %d.", option->min,
						 option->max)));
}

/*
 * check_secret
 *		Checks a credential: something to put into a header as it is.
 *		Messages do not show it.
 */
static void
check_secret(const PinOptionDef *option, const char *value)
{
	const char *fault = NULL;

	if (value[0] == '\0')
		fault = "It is empty.";
	else if (strlen(value) > PIN_MAX_TOKEN)
		fault = psprintf("It is longer than %d bytes.", PIN_MAX_TOKEN);
	for (const char *p = value; *p && fault == NULL; p++)
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

/*
 * check_column
 *		Checks the name of a column of Pinterest's.
 */
static void
check_column(const PinOptionDef *option, const char *value)
{
	if (value[0] == '\0' || strpbrk(value, " \t\r\n\",") != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
						pin_shorten(value)),
				 errhint("Give the name of one column as in Pinterest's API, for example SPEND_IN_DOLLAR.")));
}

/*
 * check_resource
 *		Checks the name of a resource.
 */
static void
check_resource(const PinOptionDef *option, const char *value)
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
					pin_shorten(value)),
			 getClosestMatch(&match) != NULL ?
			 errhint("Perhaps you meant the value \"%s\".",
					 getClosestMatch(&match)) :
			 errhint("The view pinterest.resources lists all resources.")));
}

/*
 * check_file
 *		Checks the path of a file.  Whether it exists is for the scan
 *		to see.
 */
static void
check_file(const PinOptionDef *option, const char *value)
{
	if (!is_absolute_path(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
						pin_shorten(value)),
				 errhint("Give an absolute path on the database server.")));
}

/*
 * report_url
 *		Error: something is wrong with a URL.  The value is not shown,
 *		since a password may stand in it, and be the very fault.
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
 * check_characters
 *		Checks for characters that no URL has.
 */
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
 * check_url
 *		Checks a URL that tokens go to: encrypted, unless they do not
 *		leave the machine.
 */
static void
check_url(const PinOptionDef *option, const char *value)
{
	PinUrl		url;
	bool		is_good = pin_url_parse(value, &url);

	check_characters(option, value);
	if (strcmp(url.scheme, "https") != 0 && strcmp(url.scheme, "http") != 0)
		report_url(option, "A URL with the scheme https is needed.");
	if (!is_good)
		report_url(option, url.fault);
	if (strcmp(url.scheme, "http") == 0 && !url.is_local)
		report_url(option, "Plain http is allowed to the local host only; use https.");
	if (strpbrk(url.rest, "?#") != NULL)
		report_url(option, "A query or fragment is not allowed.");
}

/*
 * check_redirect
 *		Checks where Pinterest is to send the browser back to.  It must
 *		be written as registered with Pinterest, which takes schemes
 *		of its own for programs.
 */
static void
check_redirect(const PinOptionDef *option, const char *value)
{
	PinUrl		url;
	bool		is_good = pin_url_parse(value, &url);

	check_characters(option, value);
	if (url.scheme[0] == '\0' || value[strlen(url.scheme) + 3] == '\0')
		report_url(option, "A complete URL is needed, as registered with Pinterest.");

	/* what stands in the place of a host is up to the program otherwise */
	if ((strcmp(url.scheme, "https") == 0 || strcmp(url.scheme, "http") == 0) &&
		!is_good)
		report_url(option, url.fault);
	if (strchr(value, '#') != NULL)
		report_url(option, "A fragment is not allowed.");
}

/*
 * check_proxy
 *		Checks the address of a proxy, in the form that libcurl takes:
 *		without a scheme, it is one for http.
 */
static void
check_proxy(const PinOptionDef *option, const char *value)
{
	static const char *const schemes[] = {
		"http", "https", "socks4", "socks4a", "socks5", "socks5h"
	};
	PinUrl		url;
	bool		is_good = pin_url_parse(strstr(value, "://") != NULL ? value :
										psprintf("http://%s", value), &url);
	bool		known = false;

	check_characters(option, value);
	for (int i = 0; i < lengthof(schemes); i++)
		known = known || strcmp(url.scheme, schemes[i]) == 0;
	if (!known)
		report_url(option, "The scheme of a proxy is one of: http, https, socks4, socks4a, socks5, socks5h.");
	if (!is_good)
		report_url(option, url.fault);
	if (url.rest[0] != '\0' && strcmp(url.rest, "/") != 0)
		report_url(option, "A path, query or fragment is not allowed.");
}

/*
 * read_history
 *		Reads how far back reports go: a day, or an interval.  False if
 *		it is neither.
 */
static bool
read_history(const char *value, PinHistory *history)
{
	history->is_day = pin_parse_date(value, &history->day);
	return history->is_day || pin_parse_interval(value, &history->span);
}

/*
 * check_history
 *		Checks how far back reports go: a day, or an interval.
 */
static void
check_history(const PinOptionDef *option, const char *value)
{
	PinHistory	history;
	double		days;

	if (!read_history(value, &history))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
						pin_shorten(value)),
				 errhint("Give a date as YYYY-MM-DD, or an interval counted back from today such as \"90 days\".")));
	if (history.is_day)
	{
		/* Tomorrow has begun already in the east. */
		if (history.day > pin_today() + 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value for option \"%s\": \"%s\"",
							option->name, pin_shorten(value)),
					 errdetail("The date is in the future.")));
		return;
	}

	days = pin_interval_days(&history.span);
	if (days < 1 || days > 10 * 365.25)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", option->name,
						pin_shorten(value)),
				 errdetail("The interval must be positive, at least one day and at most ten years."),
				 errhint("Give a date as YYYY-MM-DD, or an interval counted back from today such as \"90 days\".")));
}

/* The check of each type's values, but for lists */
static void (*const checks[]) (const PinOptionDef *option, const char *value) =
{
	[PIN_OPTION_URL] = check_url,
	[PIN_OPTION_REDIRECT] = check_redirect,
	[PIN_OPTION_PROXY] = check_proxy,
	[PIN_OPTION_FILE] = check_file,
	[PIN_OPTION_SECRET] = check_secret,
	[PIN_OPTION_RESOURCE] = check_resource,
	[PIN_OPTION_COLUMN] = check_column,
	[PIN_OPTION_NUMBER] = check_number,
	[PIN_OPTION_BOOLEAN] = check_enum,
	[PIN_OPTION_CHOICE] = check_enum,
	[PIN_OPTION_WORD] = check_enum,
	[PIN_OPTION_DAYS] = check_enum,
	[PIN_OPTION_HISTORY] = check_history
};

/*
 * read_list
 *		Elements of a list, each of which is what the option's type says: a List of
 *		char *.  False if the option is no list.
 *
 * all: also checks the list as such.  Whether a report has the columns that are
 * named is for others to see, who know which it is.
 */
static bool
read_list(const PinOptionDef *option, const char *value, bool all, List **elements)
{
	ListCell   *lc;

	*elements = NIL;
	switch (option->type)
	{
		case PIN_OPTION_ADVERTISERS:
			if (strcmp(value, "*") == 0)
				return true;
			break;
		case PIN_OPTION_WORDS:
		case PIN_OPTION_COLUMNS:
		case PIN_OPTION_ID:
		case PIN_OPTION_IDS:
			break;
		default:
			return false;
	}

	/* the list first, since an empty element deserves a better message */
	*elements = pin_split_list(value);
	if (all)
		check_list(option, *elements);
	foreach(lc, *elements)
	{
		if (option->type == PIN_OPTION_WORDS)
			check_enum(option, lfirst(lc));
		else if (option->type == PIN_OPTION_COLUMNS)
			check_column(option, lfirst(lc));
		else
			check_id(option, lfirst(lc),
					 option->type == PIN_OPTION_ADVERTISERS ?
					 PIN_ADVERTISER_DIGITS : PIN_ID_DIGITS);
	}
	return true;
}

/*
 * pin_check_value
 *		Checks a value of an option by itself.
 *
 * Raises 22023 with a hint if it is wrong.
 */
void
pin_check_value(const PinOptionDef *option, const char *value)
{
	List	   *elements;

	if (!read_list(option, value, true, &elements))
		checks[option->type] (option, value);
}

/*
 * place_of_value
 *		Place of a value among the allowed ones.
 */
static int
place_of_value(const PinOptionDef *option, const char *value)
{
	ListCell   *lc;

	foreach(lc, pin_split_words(option->values))
	{
		if (pg_strcasecmp(lfirst(lc), value) == 0)
			return foreach_current_index(lc);
	}
	elog(ERROR, "invalid value for option \"%s\"", option->name);
	return -1;					/* keep compiler quiet */
}

/*
 * pin_read_value
 *		Puts a value of an option where it belongs.
 *
 * target: points to what the option's type says, see PinOptionType.  Memory comes
 * from the current context.  Raises 22023 for what is not of that type.
 */
void
pin_read_value(const PinOptionDef *option, const char *value, void *target)
{
	List	   *elements;
	ListCell   *lc;

	if (!read_list(option, value, false, &elements))
		checks[option->type] (option, value);
	switch (option->type)
	{
		case PIN_OPTION_RESOURCE:
			*(const PinResource **) target = pin_find_resource(value);
			break;
		case PIN_OPTION_NUMBER:
		case PIN_OPTION_DAYS:
			*(int *) target = atoi(value);
			break;
		case PIN_OPTION_BOOLEAN:
			*(bool *) target = pg_strcasecmp(value, "on") == 0;
			break;
		case PIN_OPTION_CHOICE:
			*(int *) target = place_of_value(option, value);
			break;
		case PIN_OPTION_WORD:
			*(char **) target = pin_canonical_value(option, value);
			break;
		case PIN_OPTION_WORDS:
			foreach(lc, elements)
				lfirst(lc) = pin_canonical_value(option, lfirst(lc));
			*(List **) target = elements;
			break;
		case PIN_OPTION_COLUMNS:
			foreach(lc, elements)
			{
				for (char *c = lfirst(lc); *c != '\0'; c++)
					*c = pg_ascii_toupper((unsigned char) *c);
			}
			*(List **) target = elements;
			break;
		case PIN_OPTION_ID:
			*(char **) target = linitial(elements);
			break;
		case PIN_OPTION_IDS:
		case PIN_OPTION_ADVERTISERS:
			*(List **) target = elements;
			break;
		case PIN_OPTION_HISTORY:
			(void) read_history(value, target);
			break;
		default:
			*(char **) target = pstrdup(value);
			break;
	}
}
