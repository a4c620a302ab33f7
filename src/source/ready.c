/*-------------------------------------------------------------------------
 *
 * ready.c
 *	  Up to which day Pinterest calls its metrics complete.
 *
 * That a day is over does not mean that Pinterest has counted all of it:
 * conversions take a day or two.  It tells for a day whether its conversions, and
 * whether all its other metrics, are complete, the same for all advertisers.  This
 * is asked before reports are, so that a report of a day that is complete has all
 * of it; once a statement, for all of its tables.
 *
 * Whoever has no access to that gets no error: then nothing is known.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"

#include "api/session.h"
#include "base/dates.h"
#include "catalog/catalog.h"
#include "json/document.h"
#include "source/ready.h"

/* Days that are asked about at most, back from yesterday */
#define MAX_DAYS	3

/* What has been answered in a statement */
typedef struct Answers
{
	TimestampTz statement;		/* when that began */
	Oid			serverid;
	Oid			userid;
	bool		refused;		/* it is of no use to ask */
	DateADT		yesterday;
	int			ndays;			/* days that were asked about, yesterday first */
	bool		conversions[MAX_DAYS];	/* they are complete */
	bool		others[MAX_DAYS];	/* so are all other metrics */
} Answers;

/*
 * ask
 *		Asks about one more day.
 */
static void
ask(PinSession *session, Answers *answers)
{
	DateADT		day = answers->yesterday - answers->ndays;
	PinJsonValue conversions,
				others;
	const PinJsonField fields[] = {
		{"conversion_metrics_ready", PIN_JSON_ANY, &conversions, PIN_OPTIONAL},
		{"non_conversion_metrics_ready", PIN_JSON_ANY, &others, PIN_OPTIONAL}
	};
	PinCall    *call = pin_call_get(session,
									psprintf("/resources/metrics_ready_state?date=%s",
											 pin_format_date(day)));

	call->dispensable = true;
	answers->refused = true;
	if (pin_call_wait(session, call))
	{
		PinJsonDocument *document = pin_call_object(session, call, fields,
													lengthof(fields));

		if (conversions.type == PIN_JSON_BOOL && others.type == PIN_JSON_BOOL)
		{
			answers->refused = false;
			answers->conversions[answers->ndays] = conversions.text[0] == 't';
			answers->others[answers->ndays++] = others.text[0] == 't';
		}
		pin_json_close(document);
	}
	pin_call_free(session, call);
}

/*
 * needs_conversions
 *		Whether a request is for conversions, too, other than to see which rows
 *		there are.
 */
static bool
needs_conversions(const PinRequest *request)
{
	ListCell   *lc;

	/* nobody knows which columns a template has that the table does not */
	if (request->options->template_id != NULL)
		return true;
	foreach(lc, request->columns)
	{
		const PinColumn *column = pin_find_column(request->resource, lfirst(lc));

		if (foreach_current_index(lc) >= request->nused)
			break;
		if (column != NULL && (column->flags & PIN_CONVERSION) != 0)
			return true;
	}
	return false;
}

/*
 * pin_ready_days
 *		Finds out which of the last days are complete for what a request is about.
 *
 * Waits for the answers, unless they have come in this statement.  The errors are
 * those of broken answers, and of a quota that has been used up.
 */
PinReady
pin_ready_days(PinSession *session, const PinRequest *request)
{
	static Answers answers = {0};
	PinReady	ready = {0};
	DateADT		yesterday = pin_day_of(request->calendar.now, NULL) - 1;
	bool		all = needs_conversions(request);

	if (answers.statement != GetCurrentStatementStartTimestamp() ||
		answers.serverid != session->options->serverid ||
		answers.userid != session->userid || answers.yesterday != yesterday)
	{
		memset(&answers, 0, sizeof(answers));
		answers.statement = GetCurrentStatementStartTimestamp();
		answers.serverid = session->options->serverid;
		answers.userid = session->userid;
		answers.yesterday = yesterday;
	}
	ready.open = yesterday + 1;
	for (int i = 0; i < MAX_DAYS; i++)
	{
		if (i == answers.ndays && !answers.refused)
		{
			ask(session, &answers);
			ready.questions++;
		}
		if (i == answers.ndays)
			return ready;
		ready.is_known = true;
		ready.has_day = answers.others[i] && (answers.conversions[i] || !all);
		ready.day = yesterday - i;
		if (ready.has_day)
			return ready;
		ready.open = ready.day;
	}
	return ready;
}
