/*-------------------------------------------------------------------------
 *
 * quota.c
 *	  Counts the requests of an app, and refuses more than the server may send.
 *
 * With Trial access, Pinterest takes 1,000 requests a day of an app, and then none
 * until the next one: neither reports nor what people look at.  The option
 * max_requests_per_day leaves some to others.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/foreign.h"
#include "utils/timestamp.h"

#include "api/quota.h"
#include "base/tally.h"

/*
 * kind_of
 *		Which of Pinterest's limits a request counts for, by its method and path.
 */
static PinTallyKind
kind_of(const char *what)
{
	static const char *const organic[] = {"/user_account", "/boards", "/pins"};
	static const char reports[] = "/reports";
	const char *path = strchr(what, '/');
	const int	reports_len = strlen(reports);
	int			len = strcspn(what, "?");

	if (path != NULL && strncmp(path, "/catalogs", strlen("/catalogs")) == 0)
		return PIN_TALLY_CATALOGS;
	for (int i = 0; path != NULL && i < (int) lengthof(organic); i++)
	{
		if (strncmp(path, organic[i], strlen(organic[i])) == 0)
			return strstr(path, "/analytics") != NULL ?
				PIN_TALLY_ORGANIC_ANALYTICS : PIN_TALLY_ORGANIC;
	}
	if (len > reports_len && strncmp(what + len - reports_len, reports, reports_len) == 0)
		return strncmp(what, "POST ", 5) == 0 ? PIN_TALLY_REPORT : PIN_TALLY_POLL;
	return strstr(what, "/analytics") != NULL ? PIN_TALLY_ANALYTICS : PIN_TALLY_LIST;
}

/*
 * pin_quota_check
 *		Raises 53400 if the requests of today have been used up, as far as the
 *		option max_requests_per_day says.
 *
 * app: its digest; subject: what the request is for, for the message.
 */
void
pin_quota_check(const PinOptions *options, const char *app, const char *subject)
{
	int			limit = options->max_requests_per_day;
	int64		today;
	int64		left_s;

	if (limit == 0)
		return;
	today = pin_tally_today(app);
	if (today < limit)
		return;
	left_s = SECS_PER_DAY - GetCurrentTimestamp() / USECS_PER_SEC % SECS_PER_DAY;
	ereport(ERROR,
			(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
			 errmsg("no request may be sent to Pinterest for %s: today's %d have been used up",
					subject, limit),
			 errdetail("The app has sent " INT64_FORMAT " since midnight by UTC, and the next day begins in %d h %d min.",
					   today, (int) (left_s / SECS_PER_HOUR),
					   (int) (left_s % SECS_PER_HOUR / SECS_PER_MINUTE)),
			 errhint("Try again then, or raise the option \"max_requests_per_day\" of server \"%s\". The view pinterest.usage shows what they were.",
					 GetForeignServer(options->serverid)->servername)));
}

/*
 * pin_quota_count
 *		Counts a request that is being sent.
 *
 * app: its digest; what: method and path, NULL for a download.
 */
void
pin_quota_count(const char *app, const char *what)
{
	pin_tally_add(app, what == NULL ? PIN_TALLY_DOWNLOAD : kind_of(what));
}
