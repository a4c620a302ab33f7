/*-------------------------------------------------------------------------
 *
 * sql.c
 *	  Statements that work on the download of a refresh.
 *
 * All SQL runs as the owner of the target, see actor.c, and names everything with
 * its schema.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "nodes/params.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/queryenvironment.h"
#include "utils/timestamp.h"

#include "refresh/foreign.h"
#include "refresh/sql.h"

/* Bytes of a statement that errors show */
#define PIN_SHOWN_SQL 80

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
 * pin_append_join
 *		Appends the condition that joins a row "n" of the download to
 *		its row "t" of the target.
 */
void
pin_append_join(StringInfo sql, const PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	ListCell   *lc;

	foreach(lc, source->key)
	{
		const char *name = quote_identifier(source->columns[lfirst_int(lc)].name);

		appendStringInfo(sql, "%sn.%s OPERATOR(pg_catalog.=) t.%s",
						 lc == list_head(source->key) ? "" : " AND ",
						 name, name);
	}
}

/*
 * pin_append_range
 *		Appends the condition for rows "t" of the target to be in the
 *		loaded range; without the advertisers' part, if only the days
 *		matter.
 *
 * Parameters: $1 the first day, $2 the advertisers.
 */
void
pin_append_range(StringInfo sql, const PinRefresh *refresh, bool advertisers)
{
	const PinSourceTable *source = refresh->source;

	appendStringInfoString(sql, "true");
	if (source->date >= 0)
		appendStringInfo(sql, " AND t.%s OPERATOR(pg_catalog.>=) $1",
						 quote_identifier(source->columns[source->date].name));
	if (advertisers && refresh->advertisers != NIL)
	{
		const PinSourceColumn *column = &source->columns[source->advertiser];
		const char *format = column->type == TEXTOID ?
			" AND t.%s OPERATOR(pg_catalog.=) ANY ($2)" :
			" AND CAST(t.%s AS pg_catalog.text) OPERATOR(pg_catalog.=) ANY ($2)";

		appendStringInfo(sql, format, quote_identifier(column->name));
	}
}

/*
 * start_value
 *		First day to load, as a value of the type of a report's date
 *		column.
 */
static Datum
start_value(const PinRefresh *refresh, Oid *type)
{
	*type = refresh->source->columns[refresh->source->date].type;

	/* Both kinds of timestamps count from the same instant, days are UTC */
	if (*type == TIMESTAMPOID || *type == TIMESTAMPTZOID)
		return TimestampGetDatum((Timestamp) refresh->start * USECS_PER_DAY);
	*type = DATEOID;
	return DateADTGetDatum(refresh->start);
}

/*
 * rethrow_shortened
 *		Passes on the error at hand, with the statement cut short.
 *
 * SPI makes the statement a part of the error's context.  Ours name all columns
 * several times over: nobody would find the message among them.
 */
static void
rethrow_shortened(const PinRefresh *refresh, const char *sql)
{
	ErrorData  *edata;
	int			len = strlen(sql);
	int			clipped = pg_mbcliplen(sql, len, PIN_SHOWN_SQL);
	char	   *place;

	MemoryContextSwitchTo(refresh->context);
	edata = CopyErrorData();
	FlushErrorState();

	if (clipped < len && edata->context != NULL &&
		(place = strstr(edata->context, sql)) != NULL)
		edata->context = psprintf("%.*s%.*s...%s",
								  (int) (place - edata->context), edata->context,
								  clipped, sql, place + len);
	if (clipped < len && edata->internalquery != NULL &&
		strcmp(edata->internalquery, sql) == 0)
	{
		edata->internalquery = NULL;
		edata->internalpos = 0;
	}
	ReThrowError(edata);
}

/*
 * pin_refresh_execute
 *		Runs a statement within an SPI connection.
 *
 * Its parameters are the first day to load and the advertisers, see
 * pin_append_range().  Returns the number of rows.  The statement sees what was committed up
 * to now.
 */
int64
pin_refresh_execute(const PinRefresh *refresh, const char *sql, int expected)
{
	SPIExecuteOptions options = {0};
	ParamListInfo params = makeParamList(2);
	int			code = 0;

	for (int i = 0; i < params->numParams; i++)
	{
		params->params[i].isnull = true;
		params->params[i].pflags = PARAM_FLAG_CONST;
	}
	params->params[0].ptype = DATEOID;
	params->params[1].ptype = TEXTARRAYOID;
	if (refresh->source->date >= 0)
	{
		params->params[0].value = start_value(refresh,
											  &params->params[0].ptype);
		params->params[0].isnull = false;
	}
	if (refresh->advertisers != NIL)
	{
		Datum	   *ids = palloc(sizeof(Datum) * list_length(refresh->advertisers));
		ListCell   *lc;
		int			n = 0;

		foreach(lc, refresh->advertisers)
			ids[n++] = CStringGetTextDatum((const char *) lfirst(lc));
		params->params[1].value =
			PointerGetDatum(construct_array(ids, n, TEXTOID, -1, false,
											TYPALIGN_INT));
		params->params[1].isnull = false;
	}
	options.params = params;

	PG_TRY();
	{
		code = SPI_execute_extended(sql, &options);
	}
	PG_CATCH();
	{
		rethrow_shortened(refresh, sql);
	}
	PG_END_TRY();

	if (code != expected)
		elog(ERROR, "unexpected result %s of: %s",
			 SPI_result_code_string(code), sql);
	return (int64) SPI_processed;
}

/*
 * pin_register_download
 *		Makes the download known to statements of the present SPI
 *		connection.
 *
 * It has no statistics but the number of its rows, which is what the choice of
 * join depends on.
 */
void
pin_register_download(PinRefresh *refresh)
{
	EphemeralNamedRelation enr = palloc0(sizeof(EphemeralNamedRelationData));

	enr->md.name = PIN_DOWNLOAD;
	enr->md.reliddesc = InvalidOid;
	enr->md.tupdesc = refresh->tupdesc;
	enr->md.enrtype = ENR_NAMED_TUPLESTORE;
	enr->md.enrtuples = (double) refresh->result.rows;
	enr->reldata = refresh->store;
	if (SPI_register_relation(enr) != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register the download");
}
