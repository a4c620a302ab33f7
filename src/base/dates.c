/*-------------------------------------------------------------------------
 *
 * dates.c
 *	  Days and periods, as Pinterest counts and writes them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "base/dates.h"

/* Nobody has reports that are older: a hundred years */
#define PIN_LONG_AGO_DAYS	36525

/*
 * pin_today
 *		Date in UTC, as Pinterest counts unless it is told otherwise, when the
 *		current statement began.
 */
DateADT
pin_today(void)
{
	return pin_day_of(GetCurrentStatementStartTimestamp(), NULL);
}

/*
 * pin_day_of
 *		The day in which an instant lies.
 *
 * zone: whose day; NULL: UTC's.  Raises 22008 for an instant that no calendar
 * has.
 */
DateADT
pin_day_of(TimestampTz time, pg_tz *zone)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			offset;

	if (zone == NULL)
		return time / USECS_PER_DAY - (time % USECS_PER_DAY < 0 ? 1 : 0);
	if (timestamp2tm(time, &offset, &tm, &fsec, NULL, zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
}

/*
 * pin_local_time
 *		The instant at which the clocks of a zone show a time.
 *
 * zone: NULL: UTC.  Of two such instants, when clocks are set back, it is the
 * later one, as AT TIME ZONE has it.  False if there is none, as clocks are set
 * forward over it.
 */
bool
pin_local_time(Timestamp local, pg_tz *zone, TimestampTz *time)
{
	struct pg_tm tm,
				shown;
	fsec_t		fsec;
	int			offset;

	*time = local;
	if (zone == NULL)
		return true;
	if (timestamp2tm(local, NULL, &tm, &fsec, NULL, NULL) != 0)
		return false;
	offset = DetermineTimeZoneOffset(&tm, zone);
	if (tm2timestamp(&tm, fsec, &offset, time) != 0 ||
		timestamp2tm(*time, &offset, &shown, &fsec, NULL, zone) != 0)
		return false;
	return shown.tm_mday == tm.tm_mday && shown.tm_hour == tm.tm_hour &&
		shown.tm_min == tm.tm_min;
}

/*
 * pin_find_zone
 *		A time zone by its name in the IANA database; NULL if PostgreSQL does not
 *		know it.
 */
pg_tz *
pin_find_zone(const char *name)
{
	pg_tz	   *zone = pg_tzset(name);

	return zone != NULL && pg_tz_acceptable(zone) ? zone : NULL;
}

/*
 * pin_period
 *		First and last day of the week or month in which a day lies; the day
 *		itself for other granularities.
 *
 * week_start: PIN_MONDAY or PIN_SUNDAY.
 */
void
pin_period(PinGranularity granularity, int week_start, DateADT date,
		   DateADT *first, DateADT *last)
{
	int			julian = date + POSTGRES_EPOCH_JDATE;
	int			year,
				month,
				day;

	*first = *last = date;
	if (granularity == PIN_WEEK)
	{
		*first = date - (j2day(julian) - week_start + 7) % 7;
		*last = *first + 6;
	}
	else if (granularity == PIN_MONTH)
	{
		j2date(julian, &year, &month, &day);
		*first = date - day + 1;
		*last = *first + day_tab[isleap(year)][month - 1] - 1;
	}
}

/*
 * pin_granularity_name
 *		Pinterest's name of a granularity, a constant string.
 */
const char *
pin_granularity_name(PinGranularity granularity)
{
	switch (granularity)
	{
		case PIN_DAY:
			return "DAY";
		case PIN_HOUR:
			return "HOUR";
		case PIN_WEEK:
			return "WEEK";
		case PIN_MONTH:
			return "MONTH";
		case PIN_TOTAL:
			return "TOTAL";
	}
	elog(ERROR, "unrecognized granularity: %d", (int) granularity);
	return NULL;				/* keep compiler quiet */
}

/*
 * two_digits
 *		The number that two characters are; 100 or more if they are no digits.
 */
static inline unsigned int
two_digits(const char *text)
{
	unsigned int tens = (unsigned char) text[0] - '0';
	unsigned int ones = (unsigned char) text[1] - '0';

	return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100;
}

/*
 * pin_read_day
 *		The day that a text of len bytes begins with, as YYYY-MM-DD; false if it is
 *		none.  NULL: there is no text.
 *
 * Each row of a report has one, so this is done in few steps.
 */
bool
pin_read_day(const char *text, size_t len, DateADT *date)
{
	unsigned int century,
				year,
				month,
				day;

	if (text == NULL || len < PIN_DAY_LENGTH || text[4] != '-' || text[7] != '-')
		return false;
	century = two_digits(text);
	year = two_digits(text + 2);
	month = two_digits(text + 5);
	day = two_digits(text + 8);
	if (century > 99 || year > 99)
		return false;
	year += century * 100;
	if (year < 1 || month < 1 || month > MONTHS_PER_YEAR || day < 1 ||
		day > day_tab[isleap(year)][month - 1])
		return false;
	*date = date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
	return true;
}

/*
 * pin_parse_date
 *		Parses a day with a year of four digits first, whatever DateStyle says:
 *		YYYY-MM-DD, also without leading zeros, or YYYYMMDD.  False if it is not
 *		that.
 *
 * PostgreSQL reads these as the same day with any DateStyle, which is not so for
 * what has the year at its end.
 */
bool
pin_parse_date(const char *value, DateADT *date)
{
	static const char digits[] = "0123456789";
	const char *p = value;
	int			year,
				month,
				day;

	if (strspn(value, digits) == 8 && value[8] == '\0')
	{
		day = atoi(value);
		year = day / 10000;
		month = day / 100 % 100;
		day %= 100;
	}
	else
	{
		if (strspn(p, digits) != 4 || p[4] != '-')
			return false;
		year = atoi(p);
		p += 5;
		if (!isdigit((unsigned char) *p) || strspn(p, digits) > 2)
			return false;
		month = atoi(p);
		p += strspn(p, digits);
		if (*p++ != '-' || !isdigit((unsigned char) *p) ||
			strspn(p, digits) > 2 || p[strspn(p, digits)] != '\0')
			return false;
		day = atoi(p);
	}
	if (year < 1 || month < 1 || month > MONTHS_PER_YEAR || day < 1 ||
		day > day_tab[isleap(year)][month - 1])
		return false;
	*date = date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
	return true;
}

/*
 * numbers_have_units
 *		Whether each number of an interval has its unit behind it, as in "90 days"
 *		and P90D.
 *
 * A bare number is one of seconds for PostgreSQL, 1-2 a year and two months, and
 * 720:00 a number of hours: whoever writes that means something else.
 */
static bool
numbers_have_units(const char *value)
{
	while (*value != '\0')
	{
		size_t		len = strspn(value, "0123456789.");

		value += Max(len, 1);
		if (len == 0)
			continue;
		value += strspn(value, " \t\n\r\f\v");

		/* a T alone is no unit: it begins the hours of ISO 8601 */
		if (!isalpha((unsigned char) *value) ||
			(pg_toupper((unsigned char) *value) == 'T' &&
			 !isalpha((unsigned char) value[1])))
			return false;
	}
	return true;
}

/*
 * pin_parse_interval
 *		Parses an interval as interval_in does, which cannot be asked itself
 *		because it raises errors without our hint.
 *
 * False if it is not one, or if a number of it has no unit.
 */
bool
pin_parse_interval(const char *value, Interval *span)
{
	struct pg_itm_in itm;
	char	   *field[MAXDATEFIELDS];
	int			ftype[MAXDATEFIELDS];
	char		workbuf[256];
	char	   *copy = pstrdup(value);
	int			nf;
	int			dtype;
	int			dterr;

	if (!numbers_have_units(value))
		return false;
	memset(&itm, 0, sizeof(itm));
	dterr = ParseDateTime(copy, workbuf, sizeof(workbuf), field, ftype,
						  MAXDATEFIELDS, &nf);
	if (dterr == 0)
		dterr = DecodeInterval(field, ftype, nf, INTERVAL_FULL_RANGE, &dtype,
							   &itm);
	if (dterr == DTERR_BAD_FORMAT)
		dterr = DecodeISO8601Interval(copy, &dtype, &itm);
	return dterr == 0 && dtype == DTK_DELTA && itmin2interval(&itm, span) == 0;
}

/*
 * pin_parse_http_date
 *		Parses a date of HTTP, in any of the three forms of RFC 9110, section 5.6.7.
 *
 * False if it is not one.  A year of two digits is one of this century.
 */
bool
pin_parse_http_date(const char *value, TimestampTz *time)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char		name[4] = "";
	const char *place;
	int			year,
				month,
				day,
				hour,
				minute,
				second;

	if (sscanf(value, "%*[A-Za-z], %2d%*[ -]%3[A-Za-z]%*[ -]%4d %2d:%2d:%2d GMT",
			   &day, name, &year, &hour, &minute, &second) != 6 &&
		sscanf(value, "%*[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d",
			   name, &day, &hour, &minute, &second, &year) != 6)
		return false;
	place = strlen(name) == 3 ? strstr(months, name) : NULL;
	if (place == NULL || (place - months) % 3 != 0)
		return false;
	month = (place - months) / 3 + 1;
	if (year < 100)
		year += 2000;
	if (year < 1970 || day < 1 || day > day_tab[isleap(year)][month - 1] ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	*time = (date2j(year, month, day) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY +
		hour * USECS_PER_HOUR + minute * USECS_PER_MINUTE + second * USECS_PER_SEC;
	return true;
}

/*
 * pin_interval_days
 *		About how many days an interval has; -1 if any of its fields is negative.
 *
 * Fields of both signs count as negative: whether "1 month -30 days" is positive
 * depends on the day.
 */
double
pin_interval_days(const Interval *span)
{
	if (span->month < 0 || span->day < 0 || span->time < 0)
		return -1;
	return span->month * (365.25 / MONTHS_PER_YEAR) + span->day +
		span->time / (double) USECS_PER_DAY;
}

/*
 * pin_days_ago
 *		The day that lies an interval, which has no negative fields, before
 *		another day; a hundred years before it at most, as longer intervals lead
 *		out of what a timestamp can be.
 */
DateADT
pin_days_ago(DateADT today, const Interval *span)
{
	Datum		timestamp;

	if (pin_interval_days(span) > PIN_LONG_AGO_DAYS)
		return today - PIN_LONG_AGO_DAYS;
	timestamp = DirectFunctionCall2(date_mi_interval, DateADTGetDatum(today),
									IntervalPGetDatum(span));
	return DatumGetDateADT(DirectFunctionCall1(timestamp_date, timestamp));
}

/*
 * pin_format_date
 *		A date as the API writes it, in ISO 8601, whatever the setting DateStyle
 *		says; palloc'ed.
 */
char *
pin_format_date(DateADT date)
{
	char		buf[MAXDATELEN + 1];

	if (DATE_NOT_FINITE(date))
		EncodeSpecialDate(date, buf);
	else
	{
		struct pg_tm tm = {0};

		j2date(date + POSTGRES_EPOCH_JDATE,
			   &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
		EncodeDateOnly(&tm, USE_ISO_DATES, buf);
	}
	return pstrdup(buf);
}

/*
 * pin_iso_time
 *		Likewise, a time in UTC.
 */
char *
pin_iso_time(TimestampTz time)
{
	char		buf[MAXDATELEN + 1];
	struct pg_tm tm;
	fsec_t		fsec;

	if (timestamp2tm(time, NULL, &tm, &fsec, NULL, NULL) != 0)
		elog(ERROR, "timestamp out of range");
	tm.tm_isdst = 0;			/* or else the zone is left out */
	EncodeDateTime(&tm, fsec, true, 0, NULL, USE_ISO_DATES, buf);
	return pstrdup(buf);
}
