/*-------------------------------------------------------------------------
 *
 * words.c
 *	  How often, in the words of users.
 *
 * A word does not say when within the hour, day, week or month.  That is up to a
 * hash of the names of database and table, so that the jobs of many tables, and of
 * many servers, do not all run at once.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "port/pg_crc32c.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/text.h"
#include "schedule/cronexpr.h"
#include "schedule/pgcron.h"
#include "schedule/words.h"

#define HOURS 24
#define MINUTES 60

/* Months that have no such day would be left out */
#define DAYS_OF_ANY_MONTH 28

typedef enum Unit
{
	EVERY_MINUTE,
	EVERY_HOUR,
	EVERY_DAY,
	EVERY_WEEK,
	EVERY_MONTH,
	EVERY_SUNDAY,				/* and the days that follow */
	EVERY_SATURDAY = EVERY_SUNDAY + 6
} Unit;

/* Several words for one unit; the first of a unit is shown in hints */
static const struct
{
	const char *word;
	Unit		unit;
	bool		alone;			/* not after a number */
}			words[] = {
	{"hourly", EVERY_HOUR, true},
	{"daily", EVERY_DAY, true},
	{"weekly", EVERY_WEEK, true},
	{"monthly", EVERY_MONTH, true},
	{"minute", EVERY_MINUTE, false},
	{"minutes", EVERY_MINUTE, false},
	{"min", EVERY_MINUTE, false},
	{"hour", EVERY_HOUR, false},
	{"hours", EVERY_HOUR, false},
	{"day", EVERY_DAY, false},
	{"days", EVERY_DAY, false},
	{"week", EVERY_WEEK, false},
	{"weeks", EVERY_WEEK, false},
	{"month", EVERY_MONTH, false},
	{"months", EVERY_MONTH, false},
	{"sunday", EVERY_SUNDAY, true},
	{"monday", EVERY_SUNDAY + 1, true},
	{"tuesday", EVERY_SUNDAY + 2, true},
	{"wednesday", EVERY_SUNDAY + 3, true},
	{"thursday", EVERY_SUNDAY + 4, true},
	{"friday", EVERY_SUNDAY + 5, true},
	{"saturday", EVERY_SATURDAY, true},
};

/* Longest text that is looked at for words */
#define LONGEST 40

/*
 * stable_hash
 *		A hash that is the same on every machine, in every version, at any time.
 */
static uint32
stable_hash(const char *text)
{
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, text, strlen(text));
	FIN_CRC32C(crc);
	return crc;
}

/*
 * next_word
 *		Cuts the next word off a text, in place; NULL if there is none.
 */
static char *
next_word(char **place)
{
	char	   *word;

	while (isspace((unsigned char) **place))
		(*place)++;
	if (**place == '\0')
		return NULL;
	word = *place;
	while (**place != '\0' && !isspace((unsigned char) **place))
		(*place)++;
	if (**place != '\0')
		*(*place)++ = '\0';
	return word;
}

/*
 * read_words
 *		Reads "hourly", "day", "every week", "every 6 hours", "every monday" and the
 *		like: how many of which unit.  Returns false for anything else.
 */
static bool
read_words(const char *every, int *number, Unit *unit)
{
	char		text[LONGEST + 1];
	char	   *place = text;
	char	   *word;
	bool		counted = false;

	if (strlen(every) > LONGEST)
		return false;
	strlcpy(text, every, sizeof(text));
	word = next_word(&place);
	if (word != NULL && (pg_strcasecmp(word, "every") == 0 ||
						 pg_strcasecmp(word, "each") == 0))
		word = next_word(&place);
	*number = 1;
	if (word != NULL && isdigit((unsigned char) *word))
	{
		char	   *end;

		*number = Min(strtoul(word, &end, 10), 100000);
		counted = true;

		/* "6h" is no word of ours, "6" needs a unit */
		if (*end != '\0')
			return false;
		word = next_word(&place);
	}
	if (word == NULL || next_word(&place) != NULL)
		return false;
	for (int i = 0; i < lengthof(words); i++)
	{
		if (pg_strcasecmp(word, words[i].word) == 0 && !(counted && words[i].alone))
		{
			*unit = words[i].unit;
			return true;
		}
	}
	return false;
}

/*
 * to_larger_units
 *		Makes 60 minutes an hour, 24 hours a day, and 7 days a week.
 */
static void
to_larger_units(int *number, Unit *unit)
{
	if (*unit == EVERY_MINUTE && *number > 0 && *number % MINUTES == 0)
	{
		*number /= MINUTES;
		*unit = EVERY_HOUR;
	}
	if (*unit == EVERY_HOUR && *number > 0 && *number % HOURS == 0)
	{
		*number /= HOURS;
		*unit = EVERY_DAY;
	}
	if (*unit == EVERY_DAY && *number == 7)
	{
		*number = 1;
		*unit = EVERY_WEEK;
	}
}

/*
 * refuse_number
 *		Raises the error that cron has no way to say so many of a unit.
 */
static void
refuse_number(const char *every, Unit unit)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid schedule \"%s\"", pin_shorten(every)),
			 unit == EVERY_MINUTE ?
			 errdetail("The number of minutes must divide 60.") :
			 unit == EVERY_HOUR ?
			 errdetail("The number of hours must divide 24.") :
			 errdetail("There can be one day, week or month, and no other number."),
			 errhint("A cron expression can name the minutes, hours and days, such as \"0 5 */2 * *\".")));
}

/*
 * steps
 *		Field of a cron expression for each "number" of a unit, of which there are
 *		so many in the next larger one.
 */
static char *
steps(int number, int total, int first)
{
	if (number == 1)
		return pstrdup("*");
	return psprintf("%d-%d/%d", first % number, total - 1, number);
}

/*
 * from_words
 *		Cron expression of a schedule in words; NULL if it is none.
 *
 * Raises 22023 for a number that cannot be had.
 */
static char *
from_words(const char *every, uint32 hash, int shift)
{
	int			minute = (hash + shift) % MINUTES;
	int			hour = hash / MINUTES % HOURS;
	int			day = hash / (MINUTES * HOURS);
	int			number;
	Unit		unit;

	if (!read_words(every, &number, &unit))
		return NULL;
	to_larger_units(&number, &unit);
	if (number < 1 ||
		(unit == EVERY_MINUTE && MINUTES % number != 0) ||
		(unit == EVERY_HOUR && HOURS % number != 0) ||
		(unit >= EVERY_DAY && number != 1))
		refuse_number(every, unit);

	switch (unit)
	{
		case EVERY_MINUTE:
			return psprintf("%s * * * *", steps(number, MINUTES, minute));
		case EVERY_HOUR:
			return psprintf("%d %s * * *", minute, steps(number, HOURS, hour));
		case EVERY_DAY:
			return psprintf("%d %d * * *", minute, hour);
		case EVERY_WEEK:
			return psprintf("%d %d * * %d", minute, hour, day % 7);
		case EVERY_MONTH:
			return psprintf("%d %d %d * *", minute, hour,
							1 + day % DAYS_OF_ANY_MONTH);
		default:
			return psprintf("%d %d * * %d", minute, hour, unit - EVERY_SUNDAY);
	}
}

/*
 * pin_cron_expression
 *		Cron expression for what the user wants, palloc'd.
 *
 * hash_of: spreads the jobs of different tables.  shift: minutes by which a second
 * job of the same tables keeps clear of the first.  Raises 22023.
 */
char *
pin_cron_expression(const char *every, const char *hash_of, int shift)
{
	char	   *cron = from_words(every, stable_hash(hash_of), shift);
	ClosestMatchState match;
	PinCron		parsed;
	char	   *problem;
	TimestampTz next;

	if (cron != NULL)
		return cron;
	initClosestMatch(&match, every, 4);
	for (int i = 0; i < lengthof(words); i++)
		updateClosestMatch(&match, words[i].word);
	if (getClosestMatch(&match) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid schedule \"%s\"", pin_shorten(every)),
				 errhint("Perhaps you meant \"%s\".", getClosestMatch(&match))));
	if (!pin_cron_parse(every, pin_cron_is_extended(), &parsed, &cron, &problem))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid schedule \"%s\"", pin_shorten(every)),
				 errdetail_internal("%s", pin_shorten(problem)),
				 errhint("A schedule is hourly, daily, weekly, monthly, something like \"every 6 hours\", or a cron expression such as \"30 6 * * mon-fri\".")));
	if (!parsed.reboot &&
		!pin_cron_next(&parsed, pin_cron_zone(), GetCurrentTimestamp(), &next))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("schedule \"%s\" never comes about", pin_shorten(every)),
				 errdetail("There is no such day.")));
	return cron;
}
