/*-------------------------------------------------------------------------
 *
 * refusal.c
 *	  What Pinterest's words about a report that it refuses mean.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "base/dates.h"
#include "source/refusal.h"

/*
 * is_name_character
 *		Whether a character can be one of a column's name.
 */
static bool
is_name_character(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		(c >= '0' && c <= '9') || c == '_';
}

/*
 * pin_refusal_names_column
 *		Whether a refusal is about a column.
 *
 * Pinterest writes "'X' is not one of ['Y', 'Z']", where the others are those
 * that it takes, or "Columns ['X', 'Y'] are not available.".
 */
bool
pin_refusal_names_column(const char *words, const char *name)
{
	static const char allowed[] = "is not one of";
	int			len = strlen(name);

	for (const char *place = words; *place != '\0'; place++)
	{
		if (strncmp(place, allowed, sizeof(allowed) - 1) == 0)
		{
			place = strchr(place, ']');
			if (place == NULL)
				return false;
		}
		else if (strncmp(place, name, len) == 0 &&
				 !is_name_character(place[len]) &&
				 (place == words || !is_name_character(place[-1])))
			return true;
	}
	return false;
}

/*
 * pin_refusal_is_about_end
 *		Whether Pinterest refuses a report since its last day has not come yet.
 *
 * end: the last day that was asked for.  The words are not documented.  A day
 * that has passed everywhere cannot be the reason, and what is about columns, or
 * the length of the range, is not about the day.
 */
bool
pin_refusal_is_about_end(const char *words, DateADT end)
{
	static const char *const others[] = {"column", "one of", "range"};
	static const char *const reasons[] = {
		"not yet", "today", "yesterday", "past", "available", "later", "after",
		"before", "greater", "exceed"
	};
	char	   *plain = pstrdup(words);

	if (end < pin_day_of(GetCurrentTimestamp(), NULL) - 1)
		return false;
	for (char *c = plain; *c != '\0'; c++)
		*c = *c == '_' ? ' ' : pg_ascii_tolower((unsigned char) *c);
	for (int i = 0; i < lengthof(others); i++)
	{
		if (strstr(plain, others[i]) != NULL)
			return false;
	}
	if (strstr(plain, "date") != NULL && strstr(plain, "future") != NULL)
		return true;
	if (strstr(plain, "start date") != NULL ||
		(strstr(plain, "end date") == NULL &&
		 strstr(plain, pin_format_date(end)) == NULL))
		return false;
	for (int i = 0; i < lengthof(reasons); i++)
	{
		if (strstr(plain, reasons[i]) != NULL)
			return true;
	}
	return false;
}
