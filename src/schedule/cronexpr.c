/*-------------------------------------------------------------------------
 *
 * cronexpr.c
 *	  Schedules in the notation of cron.
 *
 * pg_cron refuses a wrong schedule without saying what is wrong with it, takes
 * some that never run, and does not tell when a job runs next.  What is
 * accepted here is what pg_cron accepts and understands in the same way.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "lib/stringinfo.h"
#include "utils/datetime.h"

#include "schedule/cronexpr.h"

/*
 * A leap day that has to be of one weekday can be this far away, if a century
 * without one lies between: as from Sunday in 2088 to Sunday in 2128.
 */
#define LONGEST_SEARCH ((TimestampTz) 41 * 366 * USECS_PER_DAY)

typedef struct CronField
{
	const char *name;
	int			low;
	int			high;
	const char *const *names;	/* of its values from "low" on; NULL: none */
} CronField;

static const char *const month_names[] = {
	"jan", "feb", "mar", "apr", "may", "jun",
	"jul", "aug", "sep", "oct", "nov", "dec", NULL
};

static const char *const weekday_names[] = {
	"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL
};

/* Sunday is 0 as well as 7. */
static const CronField fields[] = {
	{"minute", 0, 59, NULL},
	{"hour", 0, 23, NULL},
	{"day of the month", 1, 31, NULL},
	{"month", 1, 12, month_names},
	{"day of the week", 0, 7, weekday_names},
};

/*
 * What these stand for is spelt out, since pg_cron has some of them wrong: its
 * @yearly never runs.
 */
static const char *const nicknames[][2] = {
	{"@yearly", "0 0 1 1 *"},
	{"@annually", "0 0 1 1 *"},
	{"@monthly", "0 0 1 * *"},
	{"@weekly", "0 0 * * 0"},
	{"@daily", "0 0 * * *"},
	{"@midnight", "0 0 * * *"},
	{"@hourly", "0 * * * *"},
};

/*
 * parse_value
 *		Parses a value of a field: a number or, where it has such, a
 *		name.
 *
 * Advances *place.  Returns -1 and a problem if there is none.
 */
static int
parse_value(const CronField *field, const char **place, char **problem)
{
	const char *start = *place;
	int			len = 0;
	int			value = 0;
	bool		digits = true;

	while (isalnum((unsigned char) start[len]))
	{
		if (isdigit((unsigned char) start[len]))
			value = Min(value * 10 + (start[len] - '0'), 1000000);
		else
			digits = false;
		len++;
	}
	*place += len;

	if (len == 0)
	{
		*problem = *start == '\0' || *start == ',' ?
			psprintf("A value of the %s is missing.", field->name) :
			psprintf("\"%s\" is not a value of the %s.", start, field->name);
		return -1;
	}
	if (!digits)
	{
		for (int i = 0; field->names != NULL && field->names[i] != NULL; i++)
			if (strlen(field->names[i]) == len &&
				pg_strncasecmp(field->names[i], start, len) == 0)
				return field->low + i;
		*problem = psprintf("\"%.*s\" is not a value of the %s.", len, start,
							field->name);
		return -1;
	}
	if (value < field->low || value > field->high)
	{
		*problem = psprintf("The %s must be between %d and %d.", field->name,
							field->low, field->high);
		return -1;
	}
	return value;
}

/*
 * parse_field
 *		Parses a field: a list of values, ranges, and ranges with a
 *		step.
 */
static bool
parse_field(const CronField *field, const char *text, uint64 *bits,
			char **problem)
{
	const char *place = text;

	*bits = 0;
	for (;;)
	{
		int			first,
					last,
					step = 1;
		bool		range = true;

		if (*place == '*')
		{
			first = field->low;
			last = field->high;
			place++;
		}
		else
		{
			first = last = parse_value(field, &place, problem);
			if (first < 0)
				return false;
			range = *place == '-';
			if (range)
			{
				place++;
				last = parse_value(field, &place, problem);
				if (last < 0)
					return false;
				if (last < first)
				{
					*problem = psprintf("A range of the %s ends before it begins.",
										field->name);
					return false;
				}
			}
		}

		if (*place == '/')
		{
			char	   *end;
			long		number;

			if (!range)
			{
				*problem = psprintf("A step of the %s needs a range, such as \"%d-%d/2\".",
									field->name, first, field->high);
				return false;
			}
			number = isdigit((unsigned char) place[1]) ?
				strtol(place + 1, &end, 10) : 0;
			if (number <= 0 || number > field->high)
			{
				*problem = psprintf("A step of the %s must be between 1 and %d.",
									field->name, field->high);
				return false;
			}
			step = number;
			place = end;
		}

		for (int i = first; i <= last; i += step)
			*bits |= UINT64CONST(1) << i;

		if (*place == '\0')
			return true;
		if (*place != ',')
		{
			*problem = psprintf("\"%s\" is not a value of the %s.", text,
								field->name);
			return false;
		}
		place++;
	}
}

/*
 * parse_seconds
 *		Parses "30 seconds".  Returns 0 if the text is nothing like
 *		that, and -1 if it is out of range.
 */
static int
parse_seconds(const char *text)
{
	char	   *end;
	long		seconds;

	if (!isdigit((unsigned char) *text))
		return 0;
	seconds = strtol(text, &end, 10);
	if (!isspace((unsigned char) *end))
		return 0;
	while (isspace((unsigned char) *end))
		end++;
	if (pg_strncasecmp(end, "second", 6) != 0)
		return 0;
	end += 6;
	if (pg_tolower((unsigned char) *end) == 's')
		end++;
	while (isspace((unsigned char) *end))
		end++;
	if (*end != '\0')
		return 0;
	return seconds >= 1 && seconds <= 59 ? seconds : -1;
}

/*
 * pin_cron_parse
 *		Parses a cron expression.
 *
 * "extended": pg_cron is of 1.5 or later, which knows seconds and "$", the last
 * day of a month.  Fills in *cron and returns true; *normal, if not NULL, is
 * set to the expression as pg_cron is to have it (palloc'd).  If the expression
 * is wrong, *problem is set to a sentence that says why (palloc'd).
 */
bool
pin_cron_parse(const char *text, bool extended, PinCron *cron, char **normal,
			   char **problem)
{
	uint64	   *bits[] = {&cron->minute, &cron->hour, &cron->day,
	&cron->month, &cron->weekday};
	char	   *parts[lengthof(fields)];
	StringInfoData buf;
	char	   *copy;
	char	   *save = NULL;
	int			n = 0;

	memset(cron, 0, sizeof(PinCron));

	cron->seconds = parse_seconds(text);
	if (cron->seconds != 0)
	{
		if (cron->seconds < 0)
			*problem = pstrdup("The number of seconds must be between 1 and 59.");
		else if (!extended)
			*problem = pstrdup("Seconds need pg_cron 1.5 or later.");
		else
		{
			if (normal != NULL)
				*normal = psprintf("%d seconds", cron->seconds);
			return true;
		}
		return false;
	}

	copy = pstrdup(text);
	for (char *part = strtok_r(copy, " \t\r\n", &save); part != NULL;
		 part = strtok_r(NULL, " \t\r\n", &save))
	{
		if (n < lengthof(fields))
			parts[n] = part;
		n++;
	}

	if (n == 1 && parts[0][0] == '@')
	{
		if (pg_strcasecmp(parts[0], "@reboot") == 0 ||
			pg_strcasecmp(parts[0], "@restart") == 0)
		{
			cron->reboot = true;
			if (normal != NULL)
				*normal = pstrdup("@reboot");
			return true;
		}
		for (int i = 0; i < lengthof(nicknames); i++)
			if (pg_strcasecmp(parts[0], nicknames[i][0]) == 0)
				return pin_cron_parse(nicknames[i][1], extended, cron, normal,
									  problem);
	}
	if (n != lengthof(fields))
	{
		*problem = psprintf("It has %d of the five fields minute, hour, day of the month, month and day of the week.",
							n);
		if (n > lengthof(fields))
			*problem = psprintf("It has %d fields instead of five: minute, hour, day of the month, month and day of the week.",
								n);
		return false;
	}

	for (int i = 0; i < lengthof(fields); i++)
	{
		if (bits[i] == &cron->day && strcmp(parts[i], "$") == 0)
		{
			if (!extended)
			{
				*problem = pstrdup("The last day of the month, \"$\", needs pg_cron 1.5 or later.");
				return false;
			}
			cron->last_day = true;
		}
		else if (!parse_field(&fields[i], parts[i], bits[i], problem))
			return false;
	}
	if (cron->weekday & (1 << 7))
		cron->weekday |= 1;
	cron->any_day = parts[2][0] == '*' || parts[4][0] == '*';

	if (normal != NULL)
	{
		initStringInfo(&buf);
		for (int i = 0; i < lengthof(fields); i++)
			appendStringInfo(&buf, "%s%s", i > 0 ? " " : "", parts[i]);
		*normal = buf.data;
	}
	return true;
}

/*
 * day_matches
 *		Does a day match?
 */
static bool
day_matches(const PinCron *cron, const struct pg_tm *tm)
{
	bool		day = (cron->day >> tm->tm_mday) & 1;
	bool		weekday = (cron->weekday >> tm->tm_wday) & 1;

	if (((cron->month >> (tm->tm_mon + 1)) & 1) == 0)
		return false;
	if (cron->last_day)
		day = tm->tm_mday == day_tab[isleap(tm->tm_year + 1900)][tm->tm_mon];
	return cron->any_day ? day && weekday : day || weekday;
}

/*
 * pin_cron_next
 *		When a schedule is due first after a moment, by the clock of a
 *		time zone.
 *
 * Returns false if that is never, or cannot be known.
 */
bool
pin_cron_next(const PinCron *cron, pg_tz *zone, TimestampTz after,
			  TimestampTz *next)
{
	TimestampTz end = after + LONGEST_SEARCH;
	TimestampTz moment;

	if (cron->reboot)
		return false;
	if (cron->seconds > 0)
	{
		*next = after + cron->seconds * USECS_PER_SEC;
		return true;
	}

	/* Go by minutes of real time, but leap over hours that do not match */
	moment = after - after % USECS_PER_MINUTE + USECS_PER_MINUTE;
	while (moment < end)
	{
		pg_time_t	time = timestamptz_to_time_t(moment);
		struct pg_tm *tm = pg_localtime(&time, zone);

		if (tm == NULL)
			return false;
		if (!day_matches(cron, tm) || ((cron->hour >> tm->tm_hour) & 1) == 0)
			moment += (60 - tm->tm_min) * USECS_PER_MINUTE;
		else if ((cron->minute >> tm->tm_min) & 1)
		{
			*next = moment;
			return true;
		}
		else
			moment += USECS_PER_MINUTE;
	}
	return false;
}
