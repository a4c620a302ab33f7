/*-------------------------------------------------------------------------
 *
 * guard.c
 *	  Keeps a refresh from deleting most of a table by mistake.
 *
 * Pinterest corrects reports of the last days, down to nothing at times, and lists
 * no longer what was deleted there.  An interface that is out of order answers
 * with nothing as well, or with a part.  So a report without rows, of more than a
 * week that the table has rows of, is not believed at once; nor is a refresh that
 * deletes most rows of a report.  A list that was read to its end is believed,
 * unless it is empty.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/dates.h"
#include "base/subxact.h"
#include "base/text.h"
#include "option/column.h"
#include "refresh/guard.h"
#include "refresh/provenance.h"
#include "refresh/sql.h"
#include "refresh/statement.h"

/*
 * So many days of a report, or rows of a list, may go at once unquestioned; fewer
 * if these are all days that were loaded of an advertiser.
 */
#define TRUSTED_DAYS		7
#define TRUSTED_DAYS_OF_ALL	6
#define TRUSTED_ROWS		7

/* Of what came empty, so many are named in an error. */
#define SHOWN_EMPTY		5

/* What find_step() looks for, and finds */
typedef struct Search
{
	PinRefresh *refresh;
	const char *types;			/* column of targeting types, quoted, or NULL */
	List	   *empty;			/* PinLoaded * without rows */
	int			nreports;		/* the first of them; the others are advertisers
								 * of whom nothing has come */
	List	   *found;			/* those of which the target has rows */
} Search;

/*
 * types_column
 *		Name of the column of the target with the targeting types, quoted; NULL if
 *		there is none.
 */
static const char *
types_column(const PinSourceTable *source)
{
	ListCell   *lc;

	foreach(lc, source->attributes)
	{
		PinAttribute *attribute = lfirst(lc);

		if (source->options->resource->kind == PIN_REPORT &&
			strcmp(attribute->api_name, "TARGETING_TYPE") == 0)
			return quote_identifier(attribute->name);
	}
	return NULL;
}

/*
 * joined_types
 *		The targeting types that a report is of, separated by commas, palloc'd; ""
 *		if it does not matter.
 */
static char *
joined_types(const PinLoaded *loaded)
{
	/* if all reports are empty, any row is of one of them */
	return pin_join_list(loaded->rows == 0 ? NIL : loaded->types);
}

/*
 * trusted_dates
 *		How many dates of a report may go at once, if so many days may.
 *
 * A row by week or month stands for all days of its period.  Without a date the
 * rows stand for the whole range.
 */
static int64
trusted_dates(const PinRefresh *refresh, const PinLoaded *loaded, int days)
{
	switch (refresh->source->options->granularity)
	{
		case PIN_WEEK:
			return days / 7;
		case PIN_MONTH:
			return 0;
		case PIN_TOTAL:
			return loaded->range.end - loaded->range.start < days ?
				PG_INT64_MAX : 0;
		default:
			return days;
	}
}

/*
 * add_array
 *		Adds an array to the parameters of a statement.
 */
static void
add_array(ParamListInfo params, Oid element, Datum *values, int n)
{
	int16		typlen;
	bool		typbyval;
	char		typalign;

	get_typlenbyvalalign(element, &typlen, &typbyval, &typalign);
	pin_add_param(params, get_array_type(element),
				  PointerGetDatum(construct_array(values, n, element, typlen,
												  typbyval, typalign)));
}

/*
 * search_params
 *		What is searched for, as parameters: advertisers, how much may go, and the
 *		bounds of the days.
 */
static ParamListInfo
search_params(const Search *search, bool has_range)
{
	const PinRefresh *refresh = search->refresh;
	ParamListInfo params = makeParamList(5);
	int			n = list_length(search->empty);
	Datum	   *advertisers = palloc(sizeof(Datum) * n);
	Datum	   *trusted = palloc(sizeof(Datum) * n);
	Datum	   *types = palloc(sizeof(Datum) * n);
	Datum	   *starts = palloc(sizeof(Datum) * n);
	Datum	   *ends = palloc(sizeof(Datum) * n);
	ListCell   *lc;

	params->numParams = 0;
	foreach(lc, search->empty)
	{
		const PinLoaded *loaded = lfirst(lc);
		int			i = foreach_current_index(lc);

		advertisers[i] = CStringGetTextDatum(loaded->advertiser_id != NULL ?
											 loaded->advertiser_id : "");
		trusted[i] = Int64GetDatum(!loaded->has_range ? TRUSTED_ROWS :
								   trusted_dates(refresh, loaded,
												 i < search->nreports ? TRUSTED_DAYS :
												 TRUSTED_DAYS_OF_ALL));
		types[i] = CStringGetTextDatum(joined_types(loaded));
		if (has_range)
		{
			starts[i] = pin_day_value(refresh, loaded->range.start, loaded->zone);
			ends[i] = pin_day_value(refresh, loaded->range.end + 1, loaded->zone);
		}
	}
	add_array(params, TEXTOID, advertisers, n);
	add_array(params, INT8OID, trusted, n);
	if (has_range)
	{
		add_array(params, pin_day_type(refresh), starts, n);
		add_array(params, pin_day_type(refresh), ends, n);
	}
	if (search->types != NULL)
		add_array(params, TEXTOID, types, n);
	return params;
}

/*
 * search_sql
 *		The statement that tells which of what came empty the target has too much
 *		of, by their places from 1 on.
 */
static char *
search_sql(const Search *search, bool has_range)
{
	const PinRefresh *refresh = search->refresh;
	int			nparams = (has_range ? 4 : 2) + (search->types != NULL ? 1 : 0);
	const char *counted = "*";
	StringInfoData sql;

	if (has_range)
		counted = psprintf("DISTINCT %s",
						   pin_day_sql(refresh, pin_date_sql(refresh, "t.")));
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT e.place FROM ROWS FROM (");
	for (int i = 1; i <= nparams; i++)
		appendStringInfo(&sql, "%spg_catalog.unnest($%d)", i > 1 ? ", " : "", i);
	appendStringInfo(&sql, ") WITH ORDINALITY AS e (advertiser, trusted, %s%splace) JOIN "
					 PIN_ONLY_TARGET " t ON ",
					 has_range ? "first, next, " : "",
					 search->types != NULL ? "types, " : "");
	if (refresh->source->advertiser < 0)
		appendStringInfoString(&sql, "true");
	else
		appendStringInfo(&sql, "%s OPERATOR(pg_catalog.=) e.advertiser",
						 pin_advertiser_sql(refresh, "t."));
	if (has_range)
		appendStringInfo(&sql, " AND %s OPERATOR(pg_catalog.>=) e.first AND %s OPERATOR(pg_catalog.<) e.next",
						 pin_date_sql(refresh, "t."), pin_date_sql(refresh, "t."));
	if (search->types != NULL)
		appendStringInfo(&sql, " AND (e.types OPERATOR(pg_catalog.=) ''"
						 " OR CAST(t.%s AS pg_catalog.text) OPERATOR(pg_catalog.=) ANY"
						 " (pg_catalog.string_to_array(e.types, ',')))",
						 search->types);
	if (refresh->registered.keep_deleted)
		appendStringInfoString(&sql, " AND t." PIN_DELETED_AT " IS NULL");
	appendStringInfo(&sql, " GROUP BY e.place, e.trusted HAVING pg_catalog.count(%s) OPERATOR(pg_catalog.>) e.trusted ORDER BY e.place",
					 counted);
	return sql.data;
}

/*
 * add_reports
 *		Adds all reports of an advertiser to what was found, which are empty.
 */
static List *
add_reports(const Search *search, const char *advertiser_id)
{
	List	   *found = search->found;
	ListCell   *lc;

	foreach(lc, search->empty)
	{
		const PinLoaded *loaded = lfirst(lc);

		if (foreach_current_index(lc) < search->nreports &&
			strcmp(loaded->advertiser_id, advertiser_id) == 0)
			found = list_append_unique_ptr(found, lfirst(lc));
	}
	return found;
}

/*
 * find_step
 *		Looks into the target.
 */
static void
find_step(void *arg)
{
	Search	   *search = arg;
	PinRefresh *refresh = search->refresh;
	bool		has_range = refresh->source->date >= 0;
	int64		n;

	SPI_connect();
	n = pin_refresh_execute_with(refresh, search_sql(search, has_range),
								 SPI_OK_SELECT, search_params(search, has_range),
								 NULL);
	for (int64 i = 0; i < n; i++)
	{
		bool		isnull;
		int64		place = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i],
														SPI_tuptable->tupdesc, 1,
														&isnull));
		PinLoaded  *found = list_nth(search->empty, place - 1);
		MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);

		if (place <= search->nreports)
			search->found = lappend(search->found, found);
		else
			search->found = add_reports(search, found->advertiser_id);
		MemoryContextSwitchTo(oldcontext);
	}
	SPI_finish();
}

/*
 * lose_all
 *		The advertisers of whom nothing has come: a List of PinLoaded, each with
 *		all days that were loaded.
 */
static List *
lose_all(const PinRefresh *refresh)
{
	List	   *result = NIL;
	PinLoaded  *all = NULL;
	ListCell   *lc;

	/* the pairs of an advertiser come one after the other */
	foreach(lc, refresh->loaded)
	{
		const PinLoaded *loaded = lfirst(lc);

		if (!loaded->has_range)
			return NIL;
		if (all == NULL || strcmp(all->advertiser_id, loaded->advertiser_id) != 0)
		{
			all = palloc(sizeof(PinLoaded));
			*all = *loaded;
			result = lappend(result, all);
			continue;
		}
		all->range.start = Min(all->range.start, loaded->range.start);
		all->range.end = Max(all->range.end, loaded->range.end);
		all->rows += loaded->rows;
	}
	foreach(lc, result)
	{
		if (((PinLoaded *) lfirst(lc))->rows > 0)
			result = foreach_delete_current(result, lc);
	}
	return result;
}

/*
 * pin_refresh_find_empty
 *		Those reports and lists that have come empty, a List of PinLoaded, of which
 *		the target has more than may go unquestioned.
 *
 * Acts as the owner of the target, which stays without a lock.
 */
List *
pin_refresh_find_empty(PinRefresh *refresh, List *empty)
{
	Search		search = {0};
	List	   *result = NIL;
	ListCell   *lc;

	search.refresh = refresh;
	search.empty = list_concat_copy(empty, lose_all(refresh));
	search.nreports = list_length(empty);
	search.types = types_column(refresh->source);

	/* what a list of advertisers lacks is not deleted */
	if (refresh->source->options->resource->listing == PIN_LIST_ADVERTISERS &&
		refresh->source->options->resource->kind == PIN_ENTITY)
		return NIL;
	if (empty != NIL)
		pin_peek(find_step, &search);
	foreach(lc, empty)
	{
		if (list_member_ptr(search.found, lfirst(lc)))
			result = lappend(result, lfirst(lc));
	}
	return result;
}

/*
 * allow_hint
 *		What to do if a deletion is right.
 *
 * A table that is not registered yet, since this fails, has to be before.
 */
static const char *
allow_hint(const PinRefresh *refresh)
{
	if (refresh->asked.registering)
		return psprintf("If that is right, register the table without loading it: %s Then refresh it once with allow_deletion => true.",
						pin_provenance_keep_command(refresh));
	return refresh->privileged ?
		"If that is right, refresh once with allow_deletion => true." :
		"If that is right, the owner of the table has to refresh it once with allow_deletion => true.";
}

/*
 * pin_refresh_refuse_empty
 *		Refuses a refresh of which something came empty twice, unless the user
 *		allows that.
 *
 * empty: PinLoaded *.  Raises 55000.
 */
void
pin_refresh_refuse_empty(PinRefresh *refresh, List *empty)
{
	StringInfoData detail;
	ListCell   *lc;

	if (empty == NIL || refresh->asked.allow_deletion)
		return;
	initStringInfo(&detail);
	foreach(lc, empty)
	{
		const PinLoaded *loaded = lfirst(lc);

		if (foreach_current_index(lc) == SHOWN_EMPTY)
		{
			appendStringInfo(&detail, _("\nThere are %d more."),
							 list_length(empty) - SHOWN_EMPTY);
			break;
		}
		if (detail.len > 0)
			appendStringInfoChar(&detail, '\n');
		if (loaded->has_range)
		{
			char	   *which = joined_types(loaded);

			appendStringInfo(&detail, _("The report of advertiser %s from %s to %s%s%s came without rows, twice."),
							 loaded->advertiser_id,
							 pin_format_date(loaded->range.start),
							 pin_format_date(loaded->range.end),
							 which[0] != '\0' ? _(" by ") : "", which);
		}
		else if (loaded->advertiser_id != NULL)
			appendStringInfo(&detail, _("The list of advertiser %s came without rows, twice."),
							 loaded->advertiser_id);
		else
			appendStringInfoString(&detail, _("The list came without rows, twice."));
	}
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("refresh of table \"%s\" would delete all rows of what Pinterest returned empty",
					refresh->name),
			 errdetail_internal("%s", detail.data),
			 errhint("%s", allow_hint(refresh))));
}

/*
 * pin_refresh_check_deletion
 *		Refuses to delete most rows of a report, unless the user allows it.
 *
 * name: of the target.  "total" rows of it are in what was loaded, "gone" of them
 * are not in the download.  Raises 55000.
 */
void
pin_refresh_check_deletion(const PinRefresh *refresh, const char *name,
						   int64 total, int64 gone)
{
	if (refresh->asked.allow_deletion || gone == 0 ||
		!pin_has_days(refresh->source->options->resource))
		return;
	if (refresh->result.rows == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("refresh of table \"%s\" would delete all %lld rows in the loaded range",
						name, (long long) total),
				 errdetail("Foreign table \"%s\" returned no rows.",
						   refresh->source->name),
				 errhint("%s", allow_hint(refresh))));

	/* rows of another granularity or key all go, or else the refresh is refused */
	if (gone > total / 2 && !refresh->regrained)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("refresh of table \"%s\" would delete %lld of %lld rows in the loaded range",
						name, (long long) gone, (long long) total),
				 errdetail_plural("Foreign table \"%s\" returned %lld row.",
								  "Foreign table \"%s\" returned %lld rows.",
								  refresh->result.rows,
								  refresh->source->name,
								  (long long) refresh->result.rows),
				 errhint("%s", allow_hint(refresh))));
}
