/*-------------------------------------------------------------------------
 *
 * announce.c
 *	  Tells whoever listens what became of a refresh.
 *
 * The words of an error can be the values of rows, which are not for everybody who
 * listens: they stand in pinterest.refresh_log, under the number that is announced.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/async.h"
#include "lib/stringinfo.h"
#include "utils/guc.h"
#include "utils/json.h"

#include "refresh/announce.h"

#define CHANNEL "pinterest_refresh"

/* Setting pinterest_fdw.notify */
static bool notify = false;

/*
 * pin_announce_init
 *		Defines the module's settings.
 */
void
pin_announce_init(void)
{
	DefineCustomBoolVariable("pinterest_fdw.notify",
							 "Sends a notification on channel \"pinterest_refresh\" after each refresh.",
							 "It has the target, the outcome, the SQLSTATE and the number of the refresh, as a JSON object.",
							 &notify,
							 false,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);
}

/*
 * pin_announces
 *		Whether the session wants notifications of its refreshes.
 */
bool
pin_announces(void)
{
	return notify;
}

/*
 * pin_announcement
 *		What is to be sent after a refresh, palloc'd.
 */
char *
pin_announcement(int64 id, const char *target, const char *outcome, int sqlstate)
{
	StringInfoData payload;

	initStringInfo(&payload);
	appendStringInfoString(&payload, "{\"target\": ");
	escape_json(&payload, target);
	appendStringInfo(&payload,
					 ", \"outcome\": \"%s\", \"sqlstate\": \"%s\", \"run\": " INT64_FORMAT "}",
					 outcome, unpack_sql_state(sqlstate), id);
	return payload.data;
}

/*
 * pin_announce
 *		Sends it when the present transaction commits.  NULL: nothing.
 */
void
pin_announce(const char *announcement)
{
	if (announcement != NULL)
		Async_Notify(CHANNEL, announcement);
}
