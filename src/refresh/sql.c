/*-------------------------------------------------------------------------
 *
 * sql.c
 *	  What the statements about the download of a refresh are made of.
 *
 * They name everything with its schema.  Bounds of days and ids are parameters.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/text.h"
#include "refresh/sql.h"

/* Parameters that every statement has, see sql.h */
#define NFIXED 3

/*
 * pin_append_columns
 *		Appends the columns of the source, each after a prefix,
 *		separated by commas.
 */
void
pin_append_columns(StringInfo sql, const PinRefresh *refresh, const char *prefix)
{
	const PinSourceTable *source = refresh->source;

	for (int i = 0; i < source->ncolumns; i++)
		appendStringInfo(sql, "%s%s%s", i > 0 ? ", " : "", prefix,
						 quote_identifier(source->columns[i].name));
}

/*
 * pin_append_key
 *		Appends the key columns likewise.
 */
void
pin_append_key(StringInfo sql, const PinRefresh *refresh, const char *prefix)
{
	const PinSourceTable *source = refresh->source;
	ListCell   *lc;

	foreach(lc, source->key)
		appendStringInfo(sql, "%s%s%s",
						 lc == list_head(source->key) ? "" : ", ", prefix,
						 quote_identifier(source->columns[lfirst_int(lc)].name));
}

/*
 * append_equal
 *		Appends that a column of the key of "n" is like that of "t": by the operator
 *		of the unique index.
 */
static void
append_equal(StringInfo sql, const PinRefresh *refresh, const PinKeyColumn *column)
{
	const char *name = quote_identifier(refresh->source->columns[column->place].name);

	appendStringInfo(sql, "n.%s %s t.%s", name, pin_operator_sql(column->equal),
					 name);
}

/*
 * pin_append_join
 *		Appends the condition that joins a row "n" of the download to
 *		its row "t" of the target.
 */
void
pin_append_join(StringInfo sql, const PinRefresh *refresh)
{
	for (int i = 0; i < refresh->key->ncolumns; i++)
	{
		appendStringInfoString(sql, i > 0 ? " AND " : "");
		append_equal(sql, refresh, &refresh->key->columns[i]);
	}
}

/*
 * pin_append_join_nulls
 *		Likewise, for keys that may have nulls, which are like one another then.
 */
void
pin_append_join_nulls(StringInfo sql, const PinRefresh *refresh)
{
	for (int i = 0; i < refresh->key->ncolumns; i++)
	{
		const PinKeyColumn *column = &refresh->key->columns[i];
		const char *name =
			quote_identifier(refresh->source->columns[column->place].name);

		appendStringInfoString(sql, i > 0 ? " AND (" : "(");
		append_equal(sql, refresh, column);
		appendStringInfo(sql, " OR (n.%s IS NULL AND t.%s IS NULL))", name, name);
	}
}

/*
 * pin_append_key_order
 *		Appends the key columns of "n" in the order of the unique index.
 */
void
pin_append_key_order(StringInfo sql, const PinRefresh *refresh)
{
	for (int i = 0; i < refresh->key->ncolumns; i++)
		appendStringInfo(sql, "%sn.%s", i > 0 ? ", " : "",
						 quote_identifier(refresh->source->columns[refresh->key->columns[i].place].name));
}

/*
 * pin_append_kept
 *		Appends the condition that a row of the target is one that only stays
 *		since entities that are gone are kept.
 */
void
pin_append_kept(StringInfo sql, const PinRefresh *refresh)
{
	if (refresh->registered.keep_deleted)
		appendStringInfoString(sql, "t." PIN_DELETED_AT " IS NOT NULL");
	else
		appendStringInfoString(sql, "false");
}

/*
 * pin_day_type
 *		Type of the bounds of days: that of the date column, if it is one of
 *		timestamps or a domain over it; else date.
 */
Oid
pin_day_type(const PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	Oid			type = source->date < 0 ? InvalidOid :
		getBaseType(source->columns[source->date].type);

	return type == TIMESTAMPOID || type == TIMESTAMPTZOID ? type : DATEOID;
}

/*
 * pin_day_value
 *		Where a day begins, as a value of that type.
 *
 * zone: whose day it is; NULL: UTC's.  It matters for hours, which are times of
 * UTC in both kinds of timestamps; a day, week or month is what Pinterest calls it.
 */
Datum
pin_day_value(const PinRefresh *refresh, DateADT day, pg_tz *zone)
{
	Timestamp	midnight = (Timestamp) day * USECS_PER_DAY;

	if (refresh->source->options->granularity == PIN_HOUR && zone != NULL)
	{
		struct pg_tm tm = {0};

		j2date(day + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
		midnight += DetermineTimeZoneOffset(&tm, zone) * USECS_PER_SEC;
	}
	return pin_day_type(refresh) == DATEOID ? DateADTGetDatum(day) :
		TimestampGetDatum(midnight);
}

/*
 * pin_date_sql
 *		The date column of a report's rows, whose columns have a prefix; palloc'd.
 */
char *
pin_date_sql(const PinRefresh *refresh, const char *prefix)
{
	const PinSourceTable *source = refresh->source;

	return psprintf("%s%s", prefix,
					quote_identifier(source->columns[source->date].name));
}

/*
 * pin_advertiser_sql
 *		The column of the advertiser likewise, as a text.
 */
char *
pin_advertiser_sql(const PinRefresh *refresh, const char *prefix)
{
	const PinSourceTable *source = refresh->source;
	const PinSourceColumn *column = &source->columns[source->advertiser];

	/* an index on the column does not serve a cast */
	return psprintf(column->type == TEXTOID ? "%s%s" :
					"CAST(%s%s AS pg_catalog.text)",
					prefix, quote_identifier(column->name));
}

/*
 * pin_day_sql
 *		An expression for the day, one of UTC, of a value of a report's date
 *		column; palloc'd.
 */
char *
pin_day_sql(const PinRefresh *refresh, const char *value)
{
	return pin_day_type(refresh) == TIMESTAMPTZOID ?
		psprintf("CAST(pg_catalog.timezone('UTC', %s) AS pg_catalog.date)", value) :
		psprintf("CAST(%s AS pg_catalog.date)", value);
}

/*
 * pin_append_days
 *		Appends a condition that holds for all days that were loaded, for rows of
 *		the target or the download, whose columns have a prefix.
 *
 * It is not exact: it spares reading partitions.
 */
void
pin_append_days(StringInfo sql, const PinRefresh *refresh, const char *prefix)
{
	const char *date;

	if (refresh->source->date < 0)
	{
		appendStringInfoString(sql, "true");
		return;
	}
	date = pin_date_sql(refresh, prefix);
	appendStringInfo(sql, "%s OPERATOR(pg_catalog.>=) " PIN_FIRST_DAY
					 " AND %s OPERATOR(pg_catalog.<) " PIN_NEXT_DAY,
					 date, date);
}

/*
 * pin_append_parts
 *		Appends the condition that a row, likewise, belongs to what was loaded.
 *
 * There are few parts, whatever was left out: as many as pairs of a first and a
 * last window, at most.  Nothing loaded is no row, never all of them.
 */
void
pin_append_parts(StringInfo sql, const PinRefresh *refresh, const char *prefix)
{
	int			param = NFIXED;
	ListCell   *lc;

	if (refresh->parts == NIL)
	{
		appendStringInfoString(sql, "false");
		return;
	}
	appendStringInfoChar(sql, '(');
	foreach(lc, refresh->parts)
	{
		const PinPart *part = lfirst(lc);
		const char *and = "";

		if (lc != list_head(refresh->parts))
			appendStringInfoString(sql, " OR ");
		if (part->has_range)
		{
			const char *date = pin_date_sql(refresh, prefix);

			appendStringInfo(sql, "%s OPERATOR(pg_catalog.>=) $%d"
							 " AND %s OPERATOR(pg_catalog.<) $%d",
							 date, param + 1, date, param + 2);
			param += 2;
			and = " AND ";
		}
		if (part->advertiser_ids != NIL)
		{
			appendStringInfo(sql, "%s%s OPERATOR(pg_catalog.=) ANY ($%d)", and,
							 pin_advertiser_sql(refresh, prefix), ++param);
			and = " AND ";
		}
		if (*and == '\0')
			appendStringInfoString(sql, "true");
	}
	appendStringInfoChar(sql, ')');
}

/*
 * pin_add_param
 *		Adds a parameter of a statement, for which there is room, after those that
 *		it has.
 */
void
pin_add_param(ParamListInfo params, Oid type, Datum value)
{
	ParamExternData *param = &params->params[params->numParams++];

	param->ptype = type;
	param->value = value;
	param->isnull = false;
	param->pflags = PARAM_FLAG_CONST;
}

/*
 * pin_refresh_params
 *		The parameters of a statement: the fixed ones, and then those of the
 *		parts, in the order of pin_append_parts().
 */
ParamListInfo
pin_refresh_params(const PinRefresh *refresh)
{
	ParamListInfo params = makeParamList(NFIXED + 3 * list_length(refresh->parts));
	Oid			type = pin_day_type(refresh);
	Datum		first = 0;
	Datum		next = 0;
	ListCell   *lc;

	params->numParams = 0;
	pin_add_param(params, type, 0);
	pin_add_param(params, type, 0);
	pin_add_param(params, TIMESTAMPTZOID,
			  TimestampTzGetDatum(refresh->result.started_at));
	foreach(lc, refresh->parts)
	{
		const PinPart *part = lfirst(lc);

		if (part->has_range)
		{
			Datum		start = pin_day_value(refresh, part->range.start, part->zone);
			Datum		end = pin_day_value(refresh, part->range.end + 1, part->zone);
			bool		none = lc == list_head(refresh->parts);

			/* dates and timestamps alike are signed integers */
			first = none || (int64) start < (int64) first ? start : first;
			next = none || (int64) end > (int64) next ? end : next;
			pin_add_param(params, type, start);
			pin_add_param(params, type, end);
		}
		if (part->advertiser_ids != NIL)
			pin_add_param(params, TEXTARRAYOID, pin_text_array(part->advertiser_ids));
	}
	params->params[0].value = first;
	params->params[1].value = next;
	return params;
}
