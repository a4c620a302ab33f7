/*-------------------------------------------------------------------------
 *
 * zone.c
 *	  The time zones of ad accounts.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/session.h"
#include "base/dates.h"
#include "base/text.h"
#include "json/document.h"
#include "source/list.h"
#include "source/zone.h"

/*
 * no_zone
 *		Tells that the time zone of an advertiser is not known.
 *
 * By the hour, rows would be at wrong times: raises 22023.  Days are right
 * whatever they are called by; which of them is today is taken from UTC then.
 */
static void
no_zone(const PinSession *session, const char *advertiser_id, const char *name)
{
	bool		hourly = session->options->granularity == PIN_HOUR;

	ereport(hourly ? ERROR : WARNING,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("time zone of advertiser %s is not known for %s",
					advertiser_id, session->subject),
			 name == NULL ?
			 errdetail("Pinterest does not say what it is.") :
			 errdetail("Pinterest says \"%s\", which PostgreSQL does not know.",
					   pin_shorten(name)),
			 hourly ?
			 errhint("Set the option \"reporting_timezone\" to PINTEREST_TIME_ZONE to have hours of UTC.") :
			 errhint("Its rows go to the day that is today in UTC.")));
}

/*
 * pin_find_zones
 *		Asks for the time zones of some advertisers.
 *
 * advertiser_ids: char *.  Returns a List of pg_tz *, as many, in the session's
 * memory context, NULL where the zone is not known: a WARNING tells that, or, if
 * hours depend on it, an error 22023.
 */
List *
pin_find_zones(PinSession *session, List *advertiser_ids)
{
	int			count = list_length(advertiser_ids);
	pg_tz	  **zones = palloc0(Max(count, 1) * sizeof(pg_tz *));
	char	  **names = palloc0(Max(count, 1) * sizeof(char *));
	PinEntities *accounts;
	PinJsonValue id,
				name;
	const PinJsonField fields[] = {
		{"id", PIN_JSON_ANY, &id, PIN_OPTIONAL},
		{"time_zone", PIN_JSON_ANY, &name, PIN_OPTIONAL}
	};
	PinRow		row;
	List	   *result = NIL;
	MemoryContext old;

	/* one list of all takes fewer requests than each by itself */
	accounts = pin_entities_begin(session,
								  pin_entities_request("advertisers",
													   session->options->all_advertisers ?
													   NIL : advertiser_ids));
	while (pin_entities_next(accounts, &row))
	{
		const char *found;

		pin_json_read(row.node, fields, lengthof(fields), session->subject);
		found = row.advertiser_id != NULL ? row.advertiser_id :
			id.text != NULL ? pin_whole_number(id.text) : NULL;
		for (int i = 0; i < count && found != NULL &&
			 name.type == PIN_JSON_STRING; i++)
		{
			if (strcmp(list_nth(advertiser_ids, i), found) != 0)
				continue;
			names[i] = pstrdup(name.text);
			zones[i] = name.text[0] != '\0' ? pin_find_zone(name.text) : NULL;
		}
	}

	old = MemoryContextSwitchTo(session->cxt);
	for (int i = 0; i < count; i++)
	{
		if (zones[i] == NULL)
			no_zone(session, list_nth(advertiser_ids, i), names[i]);
		result = lappend(result, zones[i]);
	}
	MemoryContextSwitchTo(old);
	return result;
}
