/*-------------------------------------------------------------------------
 *
 * words.c
 *	  Fuzzer: what users write, and URLs.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/reloptions.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "pgtime.h"
#include "utils/timestamp.h"

#include "base/dates.h"
#include "base/text.h"
#include "fuzz.h"
#include "http/url.h"
#include "option/option.h"
#include "schedule/cronexpr.h"
#include "schedule/words.h"

/*
 * run_cron
 *		A schedule.  What is accepted in its normal form is so again, and comes
 *		about after now, at a minute that matches.
 */
static void
run_cron(const char *data, size_t size)
{
	char	   *text = fuzz_text(data, size);
	TimestampTz now = 0;
	TimestampTz next;
	PinCron		cron;
	PinCron		again;
	char	   *normal;
	char	   *again_normal;
	char	   *problem;

	for (int extended = 0; extended <= 1; extended++)
	{
		if (!pin_cron_parse(text, extended, &cron, &normal, &problem))
		{
			fuzz_check(problem != NULL);
			continue;
		}
		fuzz_check(pin_cron_parse(normal, extended, &again, &normal, &problem));
		if (!cron.reboot && pin_cron_next(&cron, pg_tzset("Europe/Berlin"), now, &next))
			fuzz_check(next > now);
	}

	/* words, of which most are none */
	normal = pin_cron_expression(text, text, size % 60);
	fuzz_check(pin_cron_parse(normal, true, &cron, &again_normal, &problem));
	fuzz_check(cron.reboot || pin_cron_next(&cron, pg_tzset("GMT"), now, &next));
}

/*
 * run_url
 *		A URL, its parts and its escapes.
 */
static void
run_url(const char *data, size_t size)
{
	char	   *text = fuzz_text(data, size);
	StringInfoData escaped;
	char	   *back;
	PinUrl		url;

	(void) pin_url_parse(text, &url);
	initStringInfo(&escaped);
	pin_url_append_escaped(&escaped, text);
	fuzz_check(escaped.data[strcspn(escaped.data, " &?#/\r\n\"<>")] == '\0');
	back = pin_url_unescape(escaped.data, escaped.len);
	fuzz_check(back != NULL && strcmp(back, text) == 0);
	(void) pin_url_unescape(text, strlen(text));
	fuzz_check(strlen(pin_shorten(text)) <= 2000);
}

/*
 * run_options
 *		Options: in the first byte the catalog that they are for, then lines of
 *		name=value.
 */
static void
run_options(const char *data, size_t size)
{
	static const Oid catalogs[] = {
		ForeignServerRelationId, ForeignTableRelationId, UserMappingRelationId
	};
	List	   *options = NIL;
	char	   *text;
	char	   *line;
	char	   *rest;

	if (size == 0)
		return;
	text = fuzz_text(data + 1, size - 1);
	for (line = strtok_r(text, "\n", &rest); line != NULL;
		 line = strtok_r(NULL, "\n", &rest))
	{
		char	   *value = strchr(line, '=');

		if (value == NULL || value == line)
			continue;
		*value++ = '\0';
		options = lappend(options,
						  makeDefElem(line, (Node *) makeString(value), -1));
	}
	DirectFunctionCall2(pinterest_fdw_validator,
						transformRelOptions((Datum) 0, options, NULL, NULL,
											false, false),
						ObjectIdGetDatum(catalogs[(unsigned char) data[0] %
												  lengthof(catalogs)]));
}

/*
 * run_dates
 *		A date, an interval and a list.
 */
static void
run_dates(const char *data, size_t size)
{
	char	   *text = fuzz_text(data, size);
	DateADT		date;
	DateADT		again;
	Interval	span;

	if (pin_parse_date(text, &date))
	{
		fuzz_check(pin_parse_date(pin_format_date(date), &again));
		fuzz_check(date == again);
	}
	(void) pin_parse_interval(text, &span);
	(void) pin_split_list(text);
	(void) pin_split_words(text);
}

const FuzzTarget fuzz_word_targets[] = {
	{"cron", run_cron},
	{"url", run_url},
	{"options", run_options},
	{"dates", run_dates},
	{NULL, NULL}
};
