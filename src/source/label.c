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

/* Unix times from here on are milliseconds; as seconds, it is the year 5138 */
#define FIRST_MILLISECONDS	1e11

/*
 * leading_day
 *		The day that a text begins with; false if it is none, or there is no text.
 */
static bool
leading_day(const char *text, DateADT *day)
{
	return text != NULL && pin_read_day(text, strlen(text), day);
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
 * untold_hour
 *		What is known of an hour that cannot be told.
 *
 * problem: what an hour is like that cannot; hour: what is beside the date, or NULL.
 */
static PinHour
untold_hour(const char *problem, const PinJsonValue *date, const char *hour)
{
	PinHour		untold = {.problem = problem};

	if (date->text != NULL)
		untold.shown = psprintf("%s%s%s", date->text, hour != NULL ? " " : "",
								hour != NULL ? hour : "");
	return untold;
}

/*
 * unix_hour
 *		The hour of a Unix time beside a date, in seconds or milliseconds.
 */
static PinHour
unix_hour(const PinJsonValue *date, DateADT day, const PinJsonValue *instant,
		  pg_tz *zone)
{
	PinHour		told = {0};
	double		seconds = strtod(instant->text, NULL);

	if (seconds >= FIRST_MILLISECONDS)
		seconds /= 1000;
	if (!(seconds >= 0 && seconds < FIRST_MILLISECONDS))
		return untold_hour("cannot be read", date, instant->text);
	told.time = ((int64) seconds - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) *
				 (int64) SECS_PER_DAY) * USECS_PER_SEC;
	if (abs(pin_day_of(told.time, zone) - day) > 1)
		return untold_hour("lies in another day", date, instant->text);
	return told;
}

/*
 * pin_read_hour
 *		The hour that a row is about, or why it cannot be told.
 *
 * date, hour, instant: the row's fields DATE, HOUR and DATE_AS_TIMESTAMP, of which
 * the last two may be missing.  zone: of the ad account, if hours are its own;
 * NULL: UTC.  An hour that says by itself which zone it is of is taken at its word.
 */
PinHour
pin_read_hour(const PinJsonValue *date, const PinJsonValue *hour,
			  const PinJsonValue *instant, pg_tz *zone)
{
	static const PinJsonValue none = {.type = PIN_JSON_MISSING};
	PinHour		told = {0};
	const char *beside = hour->text;
	const char *rest;
	DateADT		day,
				other;
	int64		usecs = 0;
	int64		beside_usecs;
	int64		offset = 0;

	if (!leading_day(date->text, &day))
		return untold_hour("cannot be read", date, NULL);
	rest = date->text + PIN_DAY_LENGTH;
	if (*rest != '\0')
	{
		/* a time is behind the date */
		if (strchr("T -", *rest) == NULL)
			return untold_hour("cannot be read", date, NULL);
		rest = clock_time(rest + 1, &usecs);

		/* or just the start of the day */
		if (usecs == 0 && beside != NULL &&
			clock_time(beside, &beside_usecs) != NULL)
			usecs = beside_usecs;
	}
	else if (beside != NULL)
		rest = clock_time(beside, &usecs);
	else if (instant->type == PIN_JSON_STRING &&
			 leading_day(instant->text, &other))
	{
		if (abs(other - day) > 1)
			return untold_hour("lies in another day", date, instant->text);
		return pin_read_hour(instant, &none, &none, zone);
	}
	else if (instant->type == PIN_JSON_NUMBER)
		return unix_hour(date, day, instant, zone);
	else
	{
		told.problem = "is missing";
		return told;
	}

	if (rest == NULL || (*rest != '\0' && !time_offset(rest, &offset)))
		return untold_hour("cannot be read", date, beside);
	told.time = day * USECS_PER_DAY + usecs;
	if (*rest != '\0')
		told.time -= offset;
	else if (!pin_local_time(told.time, zone, &told.time))
		return untold_hour("does not exist", date, beside);
	return told;
}

/*
 * pin_hour_text
 *		An hour as a time of UTC, palloc'ed.
 *
 * Raises 22004 for one that is missing, 22007 for one that cannot be read, or that
 * the zone does not have.
 */
char *
pin_hour_text(const PinHour *hour, pg_tz *zone)
{
	if (hour->problem == NULL)
		return pin_iso_time(hour->time);
	if (hour->shown == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("Pinterest sent a row without its hour")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
			 errmsg("Pinterest sent a row of an hour that %s: \"%s\"",
					hour->problem, pin_json_shown_text(hour->shown)),
			 zone == NULL ? 0 :
			 errdetail("The time zone of the ad account is %s.",
					   pg_get_timezone_name(zone)),
			 zone == NULL ? 0 :
			 errhint("Set the option \"reporting_timezone\" to PINTEREST_TIME_ZONE to have hours of UTC.")));
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
