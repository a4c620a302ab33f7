/*-------------------------------------------------------------------------
 *
 * label.c
 *	  What a report's row says about its hour, week or month.
 *
 * None of it is documented.  So hours are read in any form that has one meaning
 * only, and a label that might hide the sum of a part of a week or month is an
 * error.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/datetime.h"

#include "source/label.h"

/* Length of YYYY-MM-DD */
#define DAY_LENGTH		10

/* Unix times from here on are milliseconds; as seconds, it is the year 5138 */
#define FIRST_MILLISECONDS	1e11

/*
 * leading_day
 *		The day that a text begins with; false if it is none.
 */
static bool
leading_day(const char *text, DateADT *day)
{
	return text != NULL && strlen(text) >= DAY_LENGTH &&
		pin_parse_date(pnstrdup(text, DAY_LENGTH), day);
}

/*
 * clock_time
 *		Reads a time of the day: the hour, and minutes and seconds if they are
 *		there.
 *
 * Returns what is behind it; NULL if it is none.
 */
static const char *
clock_time(const char *text, int64 *usecs)
{
	static const int64 units[] = {USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC};
	static const int limits[] = {HOURS_PER_DAY, MINS_PER_HOUR, SECS_PER_MINUTE};

	*usecs = 0;
	for (int i = 0; i < lengthof(units); i++)
	{
		int			len;

		if (i > 0 && *text++ != ':')
			return NULL;
		len = strspn(text, "0123456789");
		if (len < 1 || len > 2 || atoi(text) >= limits[i])
			return NULL;
		*usecs += atoi(text) * units[i];
		text += len;
		if (*text != ':')
			break;
	}

	/* 5.0 is as whole as 05:00:00.000 */
	if (*text == '.' && strspn(text + 1, "0") > 0)
		text += 1 + strspn(text + 1, "0");
	return text;
}

/*
 * time_offset
 *		Reads what a time says about its zone: Z, or the hours and minutes by
 *		which it is ahead of UTC.  False if it is neither.
 */
static bool
time_offset(const char *text, int64 *usecs)
{
	int			sign = *text == '-' ? -1 : 1;
	const char *digits = text + 1;
	int			len;
	int			hours;
	int			minutes = 0;

	*usecs = 0;
	if (pg_strcasecmp(text, "Z") == 0)
		return true;
	if (*text != '+' && *text != '-')
		return false;
	len = strspn(digits, "0123456789");
	if (len < 1 || len > 4 || len == 3)
		return false;
	hours = atoi(digits);
	if (len == 4)
	{
		minutes = hours % 100;
		hours /= 100;
	}
	else if (digits[len] == ':')
	{
		digits += len + 1;
		len = strspn(digits, "0123456789");
		if (len != 2)
			return false;
		minutes = atoi(digits);
	}
	*usecs = sign * (hours * USECS_PER_HOUR + minutes * USECS_PER_MINUTE);
	return digits[len] == '\0' && hours < 16 && minutes < MINS_PER_HOUR;
}

/*
 * bad_hour
 *		Raises an error for a row whose hour cannot be told.
 */
static void
bad_hour(const PinJsonValue *date, const char *hour, pg_tz *zone,
		 const char *problem)
{
	const char *shown = psprintf("%s%s%s", date->text, hour != NULL ? " " : "",
								 hour != NULL ? hour : "");

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
			 errmsg("Pinterest sent a row of an hour that %s: \"%s\"", problem,
					pin_json_shown_text(shown)),
			 zone == NULL ? 0 :
			 errdetail("The time zone of the ad account is %s.",
					   pg_get_timezone_name(zone)),
			 zone == NULL ? 0 :
			 errhint("Set the option \"reporting_timezone\" to PINTEREST_TIME_ZONE to have hours of UTC.")));
}

/*
 * unix_time
 *		The instant of a Unix time, in seconds or milliseconds.
 */
static TimestampTz
unix_time(const PinJsonValue *date, const PinJsonValue *instant)
{
	double		seconds = strtod(instant->text, NULL);

	if (seconds >= FIRST_MILLISECONDS)
		seconds /= 1000;
	if (!(seconds >= 0 && seconds < FIRST_MILLISECONDS))
		bad_hour(date, instant->text, NULL, "cannot be read");
	return ((int64) seconds - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) *
			(int64) SECS_PER_DAY) * USECS_PER_SEC;
}

/*
 * pin_hour_text
 *		The hour that a row is about, as a time of UTC, palloc'ed.
 *
 * date, hour, instant: the row's fields DATE, HOUR and DATE_AS_TIMESTAMP, of which
 * the last two may be missing.  zone: of the ad account, if hours are its own;
 * NULL: UTC.  An hour that says by itself which zone it is of is taken at its word.
 *
 * Raises 22004 for a row without an hour, 22007 for one that cannot be read, or
 * that the zone does not have.
 */
char *
pin_hour_text(const PinJsonValue *date, const PinJsonValue *hour,
			  const PinJsonValue *instant, pg_tz *zone)
{
	static const PinJsonValue none = {PIN_JSON_MISSING};
	const char *beside = hour->text;
	const char *rest;
	DateADT		day,
				other;
	int64		usecs = 0;
	int64		beside_usecs;
	int64		offset = 0;
	TimestampTz time;

	if (!leading_day(date->text, &day))
		bad_hour(date, NULL, zone, "cannot be read");
	rest = date->text + DAY_LENGTH;
	if (*rest != '\0')
	{
		/* a time is behind the date */
		if (strchr("T -", *rest) == NULL)
			bad_hour(date, NULL, zone, "cannot be read");
		rest = clock_time(rest + 1, &usecs);

		/* or just the start of the day */
		if (usecs == 0 && beside != NULL &&
			clock_time(beside, &beside_usecs) != NULL)
			usecs = beside_usecs;
	}
	else if (beside != NULL)
		rest = clock_time(beside, &usecs);
	else if (instant->type == PIN_JSON_STRING && leading_day(instant->text, &other))
	{
		if (abs(other - day) > 1)
			bad_hour(date, instant->text, zone, "lies in another day");
		return pin_hour_text(instant, &none, &none, zone);
	}
	else if (instant->type == PIN_JSON_NUMBER)
	{
		time = unix_time(date, instant);
		if (abs(pin_day_of(time, zone) - day) > 1)
			bad_hour(date, instant->text, zone, "lies in another day");
		return pin_iso_time(time);
	}
	else
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("Pinterest sent a row without its hour")));

	if (rest == NULL || (*rest != '\0' && !time_offset(rest, &offset)))
		bad_hour(date, beside, zone, "cannot be read");
	time = day * USECS_PER_DAY + usecs;
	if (*rest != '\0')
		time -= offset;
	else if (!pin_local_time(time, zone, &time))
		bad_hour(date, beside, zone, "does not exist");
	return pin_iso_time(time);
}

/*
 * pin_judge_label
 *		Whether a row is of a whole week or month, by its label.
 *
 * That has to be the first day, and lie in the days that were asked for, which
 * are whole weeks or months.  The last day of a month is made the first one.
 *
 * week_start: PIN_MONDAY or PIN_SUNDAY, as the days asked for are cut.
 */
PinLabel
pin_judge_label(PinGranularity granularity, int week_start,
				const PinRange *asked, PinJsonValue *label)
{
	DateADT		day,
				first,
				last;

	if (!leading_day(label->text, &day))
		return PIN_LABEL_BAD;
	pin_period(granularity, week_start, day, &first, &last);
	if (granularity == PIN_MONTH && day == last)
	{
		label->text = pin_format_date(first);
		day = first;
	}
	if (day == first)
		return day >= asked->start && day <= asked->end ?
			PIN_LABEL_GOOD : PIN_LABEL_BAD;

	pin_period(granularity, week_start == PIN_MONDAY ? PIN_SUNDAY : PIN_MONDAY,
			   day, &first, &last);
	return day == first ? PIN_LABEL_OTHER_WEEK : PIN_LABEL_BAD;
}

/*
 * pin_is_of_other_day
 *		Whether a row by day is of none of those that were asked for.
 *
 * What cannot be read is left to whoever converts it.
 */
bool
pin_is_of_other_day(const PinRange *asked, const PinJsonValue *date)
{
	DateADT		day;

	return leading_day(date->text, &day) &&
		(day < asked->start || day > asked->end);
}

/*
 * pin_bad_label
 *		Raises HV000 for a row that may be of a part of a week or month.
 */
void
pin_bad_label(PinGranularity granularity, const PinRange *asked,
			  const PinJsonValue *label)
{
	const char *period = granularity == PIN_WEEK ? "week" : "month";

	ereport(ERROR,
			(errcode(ERRCODE_FDW_ERROR),
			 errmsg("Pinterest labels a row of granularity %s with \"%s\"",
					pin_granularity_name(granularity),
					label->text != NULL ? pin_json_shown_text(label->text) :
					"null"),
			 errdetail("That is not the first day of a %s among those from %s to %s that were asked for, so the row may be of a part of it.",
					   period, pin_format_date(asked->start),
					   pin_format_date(asked->end)),
			 errhint("Set the option \"granularity\" to day, and sum up the days.")));
}
