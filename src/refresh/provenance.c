/*-------------------------------------------------------------------------
 *
 * provenance.c
 *	  How the rows of a materialized table were loaded, and whether others fit in.
 *
 * Numbers of different attribution windows, or of different days, look alike, and
 * no sum over both means anything.  So the registry remembers how the rows of a
 * table were loaded.  A refresh that would load others differently, and leave some
 * of these, is refused: before it downloads where that can be foreseen, else when
 * it has been applied, as what it leaves depends on what it could read.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/lsyscache.h"

#include "base/dates.h"
#include "base/relation.h"
#include "base/subxact.h"
#include "base/text.h"
#include "option/option.h"
#include "refresh/provenance.h"
#include "refresh/registry.h"
#include "refresh/sql.h"
#include "refresh/statement.h"
#include "request/window.h"

/* Rows of the target that a refresh leaves as they are */
typedef struct Remainder
{
	const PinRefresh *refresh;
	int64		rows;
	int64		others;			/* of them, those that no other day would load */
	bool		has_day;		/* whether the next one is known */
	DateADT		first_day;
} Remainder;

/*
 * compare_words
 *		Order of the alphabet.
 */
static int
compare_words(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

/*
 * add_setting
 *		Adds a setting to a List of them: char *, "name=value".
 */
static List *
add_setting(List *settings, const char *name, const char *value)
{
	return lappend(settings, psprintf("%s=%s", name, value));
}

/*
 * joined
 *		Words in the order of the alphabet, separated by commas.
 */
static char *
joined(List *words)
{
	words = list_copy(words);
	list_sort(words, compare_words);
	return pin_join_list(words);
}

/*
 * rank
 *		How far below the advertiser what a name begins with is.
 */
static int
rank(const char *name)
{
	if (pg_strncasecmp(name, "advertiser", 10) == 0)
		return 0;
	if (pg_strncasecmp(name, "campaign", 8) == 0)
		return 1;
	return pg_strncasecmp(name, "ad_group", 8) == 0 ? 2 : 3;
}

/*
 * granularity_name
 *		What the option says, palloc'd.
 */
static char *
granularity_name(const PinOptions *options)
{
	const char *name = pin_granularity_name(options->granularity);

	return asc_tolower(name, strlen(name));
}

/*
 * pin_provenance_settings
 *		What decides about the numbers of a report's rows: a List of char *,
 *		"name=value", with Pinterest's defaults for options that are not set.
 *
 * So does a filter by what is below the entity of the rows: the numbers of a
 * campaign are those of some of its ads then.  Any other filter just chooses rows.
 * What a template says at Pinterest is not known here.
 * Memory comes from the current context.
 */
List *
pin_provenance_settings(const PinOptions *options)
{
	List	   *settings = NIL;
	const int	windows[] = {
		options->click_window_days, options->engagement_window_days,
		options->view_window_days
	};
	static const char *const names[] = {
		"click_window_days", "engagement_window_days", "view_window_days"
	};
	static const int defaults[] = {
		PIN_CLICK_WINDOW, PIN_ENGAGEMENT_WINDOW, PIN_VIEW_WINDOW
	};
	ListCell   *lc;

	settings = add_setting(settings, "resource", options->resource->name);
	if (options->resource->kind != PIN_REPORT)
		return settings;
	settings = add_setting(settings, "granularity", granularity_name(options));
	if (options->key_columns != NIL)
		settings = add_setting(settings, "key_columns",
							   joined(options->key_columns));
	if (options->template_id != NULL)
		return add_setting(settings, "template_id", options->template_id);
	for (int i = 0; i < lengthof(windows); i++)
		settings = add_setting(settings, names[i],
							   psprintf("%d", windows[i] < 0 ? defaults[i] : windows[i]));
	settings = add_setting(settings, "conversion_report_time",
						   options->conversion_report_time != NULL ?
						   options->conversion_report_time : "TIME_OF_AD_ACTION");
	settings = add_setting(settings, "attribution_types",
						   options->attribution_types != NIL ?
						   joined(options->attribution_types) : "INDIVIDUAL");
	settings = add_setting(settings, "reporting_timezone",
						   options->reporting_timezone != NULL ?
						   options->reporting_timezone : "PINTEREST_TIME_ZONE");
	foreach(lc, options->filters)
	{
		PinFilter  *filter = lfirst(lc);

		if (strcmp(filter->name, "targeting_types") != 0 &&
			rank(filter->name) > rank(options->resource->level_name))
			settings = add_setting(settings, filter->name, joined(filter->values));
	}
	return settings;
}

/*
 * value_in
 *		Value of a setting in a List of them; NULL if it is not there.
 */
static const char *
value_in(List *settings, const char *name)
{
	size_t		len = strlen(name);
	ListCell   *lc;

	foreach(lc, settings)
	{
		const char *setting = lfirst(lc);

		if (strncmp(setting, name, len) == 0 && setting[len] == '=')
			return setting + len + 1;
	}
	return NULL;
}

/*
 * setting_name
 *		Name of a setting, palloc'd.
 */
static char *
setting_name(const char *setting)
{
	return pnstrdup(setting, strcspn(setting, "="));
}

/*
 * differs
 *		Whether a setting has not the same value in two Lists of them, of which the
 *		first one may not be known.
 */
static bool
differs(List *before, List *now, const char *name)
{
	const char *was = value_in(before, name);
	const char *is = value_in(now, name);

	if (before == NIL)
		return false;
	return was == NULL || is == NULL ? was != is : strcmp(was, is) != 0;
}

/*
 * append_difference
 *		Appends that a setting was one thing and is another.
 */
static void
append_difference(StringInfo buf, const char *name, const char *was,
				  const char *is)
{
	appendStringInfo(buf, "%s%s was %s and is %s", buf->len > 0 ? ", " : "", name,
					 was != NULL ? was : "not set", is != NULL ? is : "not set");
}

/*
 * differences
 *		How the source differs from what the rows of the target were loaded with,
 *		for a message; NULL if it does not, or if that is not known.  settings: of
 *		the source.
 */
static char *
differences(const PinRefresh *refresh, List *settings)
{
	const PinRegistered *registered = &refresh->registered;
	const PinSourceTable *source = refresh->source;
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, settings)
	{
		char	   *name = setting_name(lfirst(lc));

		if (differs(registered->settings, settings, name))
			append_difference(&buf, name, value_in(registered->settings, name),
							  value_in(settings, name));
	}
	foreach(lc, registered->settings)
	{
		char	   *name = setting_name(lfirst(lc));

		if (value_in(settings, name) == NULL)
			append_difference(&buf, name, value_in(registered->settings, name), NULL);
	}
	for (int i = 0; i < source->ncolumns; i++)
	{
		const PinSourceColumn *column = &source->columns[i];
		const char *was = pin_registered_name(registered, column->name);

		if (was != NULL && strcmp(was, column->api_name) != 0)
			append_difference(&buf, psprintf("column \"%s\"", column->name), was,
							  column->api_name);
	}
	return buf.len > 0 ? pin_shorten(buf.data) : NULL;
}

/*
 * day_sql
 *		The day of a row "t" of the target, as an expression.
 */
static char *
day_sql(const PinRefresh *refresh)
{
	return pin_day_sql(refresh, pin_date_sql(refresh, "t."));
}

/*
 * append_query
 *		Appends a query for the rows "t" of the target that meet a condition: how
 *		many, how many of them meet another one, and the first day.
 */
static void
append_query(StringInfo sql, const PinRefresh *refresh, const char *condition,
			 const char *others)
{
	appendStringInfo(sql, "SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE %s), ",
					 others);
	if (refresh->source->date >= 0)
		appendStringInfo(sql, "pg_catalog.min(%s)", day_sql(refresh));
	else
		appendStringInfoString(sql, "CAST(NULL AS pg_catalog.date)");
	appendStringInfo(sql, " FROM " PIN_ONLY_TARGET " t WHERE %s", condition);
}

/*
 * take_remainder
 *		What a query of append_query() has found.
 */
static void
take_remainder(Remainder *remainder)
{
	HeapTuple	row = SPI_tuptable->vals[0];
	TupleDesc	tupdesc = SPI_tuptable->tupdesc;
	bool		isnull;
	Datum		day;

	remainder->rows = DatumGetInt64(SPI_getbinval(row, tupdesc, 1, &isnull));
	remainder->others = DatumGetInt64(SPI_getbinval(row, tupdesc, 2, &isnull));
	day = SPI_getbinval(row, tupdesc, 3, &isnull);
	if (!isnull)
		remainder->first_day = DatumGetDateADT(day);
	remainder->has_day = !isnull && !DATE_NOT_FINITE(remainder->first_day);
}

/*
 * foresee_remainder
 *		Step: finds the rows that a refresh will leave as they are, as far as its
 *		options tell.  arg: a Remainder.
 *
 * Where a day or week begins can turn out to be a little earlier when Pinterest
 * answers.
 */
static void
foresee_remainder(void *arg)
{
	Remainder  *remainder = arg;
	const PinRefresh *refresh = remainder->refresh;
	const PinSourceTable *source = refresh->source;
	ParamListInfo params = makeParamList(2);
	StringInfoData sql;
	const char *earlier = "false";
	const char *others = "false";

	params->numParams = 0;
	pin_add_param(params, DATEOID,
				  DateADTGetDatum(refresh->start -
								  (source->options->granularity == PIN_WEEK ? 6 : 1)));
	pin_add_param(params, TEXTARRAYOID,
				  pin_text_array(source->options->advertiser_ids));

	if (source->date >= 0)
		earlier = psprintf("%s OPERATOR(pg_catalog.<) $1", day_sql(refresh));
	if (source->advertiser >= 0 && !source->options->all_advertisers)
		others = psprintf("%s OPERATOR(pg_catalog.<>) ALL ($2)",
						  pin_advertiser_sql(refresh, "t."));

	initStringInfo(&sql);
	append_query(&sql, refresh, psprintf("%s OR %s", earlier, others), others);
	SPI_connect();
	pin_refresh_execute_with(refresh, sql.data, SPI_OK_SELECT, params, NULL);
	take_remainder(remainder);
	SPI_finish();
}

/*
 * find_remainder
 *		The rows that a refresh that has been applied has left as they were: those
 *		that are not in the download.
 */
static Remainder
find_remainder(PinRefresh *refresh)
{
	Remainder	remainder = {.refresh = refresh};
	StringInfoData sql;
	StringInfoData condition;
	const char *others = "true";

	initStringInfo(&condition);
	if (refresh->distributed)
	{
		/* nobody can look into the download; but no other row of the rest is left */
		pin_append_parts(&condition, refresh, "t.");
		appendStringInfoString(&condition, " IS NOT TRUE OR ");
		pin_append_kept(&condition, refresh);
	}
	else
	{
		appendStringInfoString(&condition, "NOT EXISTS (SELECT FROM " PIN_DOWNLOAD " n WHERE ");
		pin_append_join(&condition, refresh);
		appendStringInfoChar(&condition, ')');
	}
	if (refresh->source->date >= 0)
		others = psprintf("%s OPERATOR(pg_catalog.>=) '%s'::pg_catalog.date",
						  day_sql(refresh), pin_format_date(refresh->start));
	initStringInfo(&sql);
	append_query(&sql, refresh, condition.data, others);
	SPI_connect();
	if (!refresh->distributed)
		pin_register_download(refresh);
	pin_refresh_execute(refresh, sql.data, SPI_OK_SELECT);
	take_remainder(&remainder);
	SPI_finish();
	return remainder;
}

/*
 * pin_provenance_keep_command
 *		The command that registers the target without loading it, palloc'd: rows
 *		that it has count as loaded with the present options.
 */
char *
pin_provenance_keep_command(const PinRefresh *refresh)
{
	return psprintf("SELECT pinterest.materialize(%s, %s, with_data => false%s);",
					quote_literal_cstr(pin_relation_sql(refresh->source->relid)),
					quote_literal_cstr(pin_relation_sql(refresh->result.target)),
					refresh->registered.keep_deleted ? ", keep_deleted => true" : "");
}

/*
 * loading_command
 *		The command that loads a table from a day on, or from the oldest day that
 *		Pinterest has, if that is later: then *all is false.
 */
static char *
loading_command(const PinRefresh *refresh, DateADT day, bool *all)
{
	PinCalendar calendar = pin_calendar(refresh->result.started_at);
	PinAsked	everything = {.has_since = true, .since = DATEVAL_NOBEGIN};
	PinOptions	options = *refresh->source->options;
	DateADT		oldest;

	pin_asked_apply(&everything, &options);
	oldest = pin_covered_days(&options, &calendar).start;
	*all = day >= oldest;
	return psprintf("SELECT pinterest.refresh(%s, since => '%s');",
					quote_literal_cstr(pin_relation_sql(refresh->result.target)),
					pin_format_date(Max(day, oldest)));
}

/*
 * refuse
 *		Error: some rows would have been loaded in one way and some in another.
 */
static void
refuse(const PinRefresh *refresh, const Remainder *remainder)
{
	char	   *keep = pin_provenance_keep_command(refresh);
	bool		all = false;
	char	   *load = NULL;

	if (remainder->has_day && remainder->others == 0)
		load = loading_command(refresh, remainder->first_day, &all);

	/* a table that this failure leaves without its source has to get it before */
	if (load != NULL && refresh->asked.registering)
		load = psprintf("%s %s", keep, load);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("refresh of table \"%s\" would mix rows that were loaded in different ways",
					refresh->name),
			 remainder->has_day ?
			 errdetail("Since its rows were loaded, %s. It would leave %lld of them as they are, from %s on.",
					   refresh->differences, (long long) remainder->rows,
					   pin_format_date(remainder->first_day)) :
			 errdetail("Since its rows were loaded, %s. It would leave %lld of them as they are.",
					   refresh->differences, (long long) remainder->rows),
			 all ?
			 errhint("Load all of it again: %s Or TRUNCATE the table before. Or keep its rows as they are, on purpose: %s",
					 load, keep) :
			 errhint("TRUNCATE the table before, or delete these rows, which %s. Or keep them as they are, on purpose: %s",
					 load != NULL ? "Pinterest no longer has" :
					 "are none that would be loaded again", keep)));
}

/*
 * pin_provenance_compare
 *		Compares how the rows of the target were loaded with how they would be
 *		now, as the owner of the target.
 *
 * Fills in refresh->differences.  Raises 55000 if it is foreseeable that some
 * rows would stay that do not fit.  No lock on the target is left behind.
 */
void
pin_provenance_compare(PinRefresh *refresh)
{
	Remainder	remainder = {.refresh = refresh};
	List	   *settings = pin_provenance_settings(refresh->source->options);

	refresh->differences = differences(refresh, settings);
	if (refresh->differences == NULL)
		return;
	refresh->regrained =
		differs(refresh->registered.settings, settings, "granularity") ||
		differs(refresh->registered.settings, settings, "key_columns");
	pin_peek(foresee_remainder, &remainder);
	if (remainder.rows > 0)
		refuse(refresh, &remainder);
}

/*
 * new_columns
 *		Names of the columns that have been loaded for the first time, each in
 *		quotes; NULL if there are none, or if the table has just been adopted.
 */
static char *
new_columns(const PinRefresh *refresh, int *count)
{
	const PinSourceTable *source = refresh->source;
	StringInfoData names;

	initStringInfo(&names);
	*count = 0;
	for (int i = 0; i < source->ncolumns && refresh->registered.settings != NIL; i++)
	{
		if (pin_registered_name(&refresh->registered, source->columns[i].name) != NULL)
			continue;
		appendStringInfo(&names, "%s\"%s\"", names.len > 0 ? ", " : "",
						 source->columns[i].name);
		(*count)++;
	}
	return *count > 0 ? names.data : NULL;
}

/*
 * pin_provenance_update
 *		Remembers how the rows of the target have been loaded, in the transaction
 *		of the refresh and as the owner, after it has been applied.
 *
 * Raises 55000 if some have stayed that do not fit.  Tells once which rows have
 * nothing in columns that are new.
 */
void
pin_provenance_update(PinRefresh *refresh)
{
	int			ncolumns;
	char	   *columns = new_columns(refresh, &ncolumns);
	Remainder	remainder = {.refresh = refresh};

	if (refresh->differences != NULL ||
		(columns != NULL && refresh->source->date >= 0))
		remainder = find_remainder(refresh);
	if (refresh->differences != NULL && remainder.rows > 0)
		refuse(refresh, &remainder);
	if (columns != NULL && remainder.has_day && refresh->privileged &&
		remainder.rows > remainder.others)
	{
		bool		all;
		char	   *command = loading_command(refresh, remainder.first_day, &all);

		ereport(NOTICE,
				(errmsg_plural("column %s of table \"%s\" is new, and null in %lld older rows",
							   "columns %s of table \"%s\" are new, and null in %lld older rows",
							   ncolumns, pin_shorten(columns), refresh->name,
							   (long long) (remainder.rows - remainder.others)),
				 all ? errhint("This fills them: %s", command) :
				 errhint("This fills those that Pinterest still has: %s", command)));
	}
	pin_registry_loaded(refresh->result.target, refresh->source,
						pin_provenance_settings(refresh->source->options));
}
