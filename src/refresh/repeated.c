/*-------------------------------------------------------------------------
 *
 * repeated.c
 *	  Says which key a download has several rows of.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "catalog/catalog.h"
#include "option/column.h"
#include "option/key.h"
#include "refresh/repeated.h"
#include "refresh/sql.h"
#include "refresh/statement.h"

/*
 * show_names
 *		The names of the columns of the key, in parentheses, palloc'd.
 */
static char *
show_names(const PinRefresh *refresh)
{
	StringInfoData buf;

	initStringInfo(&buf);
	pin_append_key(&buf, refresh, "");
	return psprintf("(%s)", buf.data);
}

/*
 * pin_show_key
 *		Shows the key of a row of the source's columns, for an error's detail;
 *		palloc'd.
 */
char *
pin_show_key(const PinRefresh *refresh, const Datum *values, const bool *nulls)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, refresh->source->key)
	{
		int			place = lfirst_int(lc);
		Oid			output;
		bool		is_varlena;

		getTypeOutputInfo(refresh->source->columns[place].type, &output,
						  &is_varlena);
		appendStringInfo(&buf, "%s%s", buf.len > 0 ? ", " : "",
						 nulls[place] ? "null" :
						 OidOutputFunctionCall(output, values[place]));
	}
	return psprintf("%s=(%s)", show_names(refresh), buf.data);
}

/*
 * show_found_key
 *		Likewise, the key that the first row that SPI has returned begins with.
 */
static char *
show_found_key(const PinRefresh *refresh)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 1; i <= list_length(refresh->source->key); i++)
	{
		char	   *value = SPI_getvalue(SPI_tuptable->vals[0],
										 SPI_tuptable->tupdesc, i);

		appendStringInfo(&buf, "%s%s", i > 1 ? ", " : "",
						 value != NULL ? value : "null");
	}
	return psprintf("%s=(%s)", show_names(refresh), buf.data);
}

/*
 * choose_differing
 *		Of the columns that differ in rows of one key, those to add to the key: ids
 *		if there are any, since names and statuses follow from them.
 */
static List *
choose_differing(List *differing)
{
	List	   *ids = NIL;
	ListCell   *lc;

	foreach(lc, differing)
	{
		if (((PinAttribute *) lfirst(lc))->column->kind == PIN_ID)
			ids = lappend(ids, lfirst(lc));
	}
	return ids != NIL ? ids : differing;
}

/*
 * repeated_sql
 *		The query for a key of which there are several rows, and for each of the
 *		columns that could join the key, a List of PinAttribute, whether it tells
 *		them apart.
 */
static char *
repeated_sql(const PinRefresh *refresh, List *candidates)
{
	StringInfoData key;
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&key);
	pin_append_key(&key, refresh, "n.");
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s", key.data);

	/* any type has a text, and null another one than all else */
	foreach(lc, candidates)
		appendStringInfo(&sql, ", pg_catalog.count(DISTINCT pg_catalog.concat('=', n.%s)) OPERATOR(pg_catalog.>) 1",
						 quote_identifier(((PinAttribute *) lfirst(lc))->name));
	appendStringInfo(&sql, " FROM %s n JOIN (SELECT %s FROM %s n GROUP BY %s HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1 LIMIT 1) t ON ",
					 pin_download_sql(refresh), key.data,
					 pin_download_sql(refresh), key.data);
	pin_append_join(&sql, refresh);
	appendStringInfo(&sql, " GROUP BY %s", key.data);
	return sql.data;
}

/*
 * pin_report_repeated_key
 *		Raises the error that the download has several rows of a key, with a hint
 *		at the columns that tell them apart.  Within an SPI connection.
 */
void
pin_report_repeated_key(const PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	List	   *candidates = NIL;
	List	   *differing = NIL;
	bool		found;
	ListCell   *lc;

	foreach(lc, source->attributes)
	{
		PinAttribute *attribute = lfirst(lc);

		if (attribute->column != NULL &&
			pin_can_join_key(source->options->resource, attribute->column))
			candidates = lappend(candidates, attribute);
	}

	/* not found is a key that the index takes for another one than GROUP BY */
	found = pin_refresh_execute(refresh, repeated_sql(refresh, candidates),
								SPI_OK_SELECT) > 0;
	foreach(lc, found ? candidates : NIL)
	{
		bool		isnull;
		Datum		differs =
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
						  list_length(source->key) +
						  foreach_current_index(lc) + 1, &isnull);

		if (DatumGetBool(differs) &&
			!pin_is_key(source->options, ((PinAttribute *) lfirst(lc))->column))
			differing = lappend(differing, lfirst(lc));
	}
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("foreign table \"%s\" returned more than one row of the same key",
					source->name),
			 found ? errdetail("Key %s occurs more than once.",
							   show_found_key(refresh)) : 0,
			 source->options->resource->kind != PIN_REPORT ? 0 :
			 errhint("%s", pin_finer_key_hint(source->options, source->attributes,
											  choose_differing(differing)))));
}
