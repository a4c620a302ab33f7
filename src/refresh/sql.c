/*-------------------------------------------------------------------------
 *
 * sql.c
 *	  Statements that work on the download of a refresh.
 *
 * All SQL runs as the owner of the target, see actor.c, and names everything with
 * its schema.
 *
 * A lock on a table keeps its name, but not that of its schema: two schemas can
 * be swapped between two statements, and the same name is another table then.  So
 * a statement gets the name of the target when it is prepared, and runs only if
 * what it names turns out to be the table that was meant.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/params.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/queryenvironment.h"
#include "utils/timestamp.h"

#include "base/relation.h"
#include "base/subxact.h"
#include "base/text.h"
#include "refresh/foreign.h"
#include "refresh/sql.h"

/* Parameters that every statement has, see sql.h */
#define NFIXED 3

/* Bytes of a statement that errors show */
#define PIN_SHOWN_SQL 80

/* A statement that is being prepared */
typedef struct Statement
{
	const PinRefresh *refresh;
	const char *template;		/* with PIN_TARGET or PIN_ONLY_TARGET */
	const char *sql;			/* with the name in its place */
	ParamListInfo params;
	SPIPlanPtr	plan;
} Statement;

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
 * pin_day_type
 *		Type of a report's date column, without the domains over it.
 */
Oid
pin_day_type(const PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;

	return getBaseType(source->columns[source->date].type);
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
	Oid			type = pin_day_type(refresh);
	Timestamp	midnight = (Timestamp) day * USECS_PER_DAY;

	if (refresh->source->options->granularity == PIN_HOUR && zone != NULL)
	{
		struct pg_tm tm = {0};

		j2date(day + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
		midnight += DetermineTimeZoneOffset(&tm, zone) * USECS_PER_SEC;
	}
	return type == TIMESTAMPOID || type == TIMESTAMPTZOID ?
		TimestampGetDatum(midnight) : DateADTGetDatum(day);
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
	const PinSourceTable *source = refresh->source;
	const char *name;

	if (source->date < 0)
	{
		appendStringInfoString(sql, "true");
		return;
	}
	name = quote_identifier(source->columns[source->date].name);
	appendStringInfo(sql, "%s%s OPERATOR(pg_catalog.>=) " PIN_FIRST_DAY
					 " AND %s%s OPERATOR(pg_catalog.<) " PIN_NEXT_DAY,
					 prefix, name, prefix, name);
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
	const PinSourceTable *source = refresh->source;
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
			const char *name = quote_identifier(source->columns[source->date].name);

			appendStringInfo(sql, "%s%s OPERATOR(pg_catalog.>=) $%d"
							 " AND %s%s OPERATOR(pg_catalog.<) $%d",
							 prefix, name, param + 1, prefix, name, param + 2);
			param += 2;
			and = " AND ";
		}
		if (part->advertiser_ids != NIL)
		{
			const PinSourceColumn *column = &source->columns[source->advertiser];
			const char *format = column->type == TEXTOID ?
				"%s%s%s OPERATOR(pg_catalog.=) ANY ($%d)" :
				"%sCAST(%s%s AS pg_catalog.text) OPERATOR(pg_catalog.=) ANY ($%d)";

			appendStringInfo(sql, format, and, prefix,
							 quote_identifier(column->name), ++param);
			and = " AND ";
		}
		if (*and == '\0')
			appendStringInfoString(sql, "true");
	}
	appendStringInfoChar(sql, ')');
}

/*
 * add_param
 *		Adds a parameter of a statement.
 */
static void
add_param(ParamListInfo params, Oid type, Datum value)
{
	ParamExternData *param = &params->params[params->numParams++];

	param->ptype = type;
	param->value = value;
	param->isnull = false;
	param->pflags = PARAM_FLAG_CONST;
}

/*
 * make_params
 *		The parameters of a statement: the fixed ones, and then those of the
 *		parts, in the order of pin_append_parts().
 */
static ParamListInfo
make_params(const PinRefresh *refresh)
{
	ParamListInfo params = makeParamList(NFIXED + 3 * list_length(refresh->parts));
	Oid			type = refresh->source->date >= 0 ? pin_day_type(refresh) : DATEOID;
	Datum		first = 0;
	Datum		next = 0;
	ListCell   *lc;

	if (type != TIMESTAMPOID && type != TIMESTAMPTZOID)
		type = DATEOID;
	params->numParams = 0;
	add_param(params, type, 0);
	add_param(params, type, 0);
	add_param(params, TIMESTAMPTZOID,
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
			add_param(params, type, start);
			add_param(params, type, end);
		}
		if (part->advertiser_ids != NIL)
			add_param(params, TEXTARRAYOID, pin_text_array(part->advertiser_ids));
	}
	params->params[0].value = first;
	params->params[1].value = next;
	return params;
}

/*
 * shorten_context
 *		Cuts the statement short in the context of an error.
 *
 * SPI makes the statement a part of the error's context.  Ours name all columns
 * several times over: nobody would find the message among them.
 */
static void
shorten_context(ErrorData *edata, const char *sql)
{
	int			len = strlen(sql);
	int			clipped = pg_mbcliplen(sql, len, PIN_SHOWN_SQL);
	char	   *place;

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
}

/*
 * names_target
 *		Whether a statement may name the target.
 */
static bool
names_target(const char *template)
{
	return strpbrk(template, PIN_TARGET PIN_ONLY_TARGET) != NULL;
}

/*
 * put_name
 *		Puts the name of the target into a statement, palloc'd.
 *
 * The bytes that stand for it can be part of a name or a literal of others, too,
 * but not outside of quotes.
 */
static char *
put_name(Oid target, const char *template)
{
	const char *name = pin_relation_sql(target);
	bool		partitioned = get_rel_relkind(target) == RELKIND_PARTITIONED_TABLE;
	StringInfoData sql;
	char		quote = '\0';

	initStringInfo(&sql);
	for (const char *p = template; *p != '\0'; p++)
	{
		if (quote == '\0' && *p == *PIN_TARGET)
			appendStringInfoString(&sql, name);
		else if (quote == '\0' && *p == *PIN_ONLY_TARGET)
			appendStringInfo(&sql, "%s%s", partitioned ? "" : "ONLY ", name);
		else
			appendStringInfoChar(&sql, *p);
		if (*p == quote)
			quote = '\0';
		else if (quote == '\0' && (*p == '"' || *p == '\''))
			quote = *p;
	}
	return sql.data;
}

/*
 * names_others
 *		Whether a statement of ours names another table than the target.  A walker
 *		of expressions; context: the target.
 *
 * What policies and defaults bring along stands elsewhere.
 */
static bool
names_others(Node *node, void *context)
{
	Query	   *query;
	ListCell   *lc;

	if (node == NULL)
		return false;
	if (!IsA(node, Query))
		return expression_tree_walker(node, names_others, context);
	query = (Query *) node;
	foreach(lc, query->rtable)
	{
		const RangeTblEntry *rte = lfirst(lc);

		if (rte->rtekind == RTE_RELATION && rte->relid != *(Oid *) context)
			return true;
		if (rte->rtekind == RTE_SUBQUERY &&
			names_others((Node *) rte->subquery, context))
			return true;
	}
	return names_others((Node *) query->jointree, context) ||
		names_others((Node *) query->targetList, context);
}

/*
 * no_such_name
 *		Raises the error that a name has come to mean another table.
 */
static void
no_such_name(const PinRefresh *refresh)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("table \"%s\" got another name during its refresh",
					refresh->name),
			 errhint("Refresh again.")));
}

/*
 * prepare_step
 *		Step: prepares a statement.  arg: a Statement.
 *
 * The plan is not a saved one, so it is never made anew from the text: it means
 * the tables that were found, which are locked.
 */
static void
prepare_step(void *arg)
{
	Statement  *statement = arg;
	Oid			target = statement->refresh->result.target;
	SPIPrepareOptions options = {0};
	ListCell   *lc,
			   *lc2;

	if (names_target(statement->template))
		statement->sql = put_name(target, statement->template);
	options.parserSetup = statement->params->parserSetup;
	options.parserSetupArg = statement->params->parserSetupArg;
	options.parseMode = RAW_PARSE_DEFAULT;
	options.cursorOptions = CURSOR_OPT_PARALLEL_OK | CURSOR_OPT_CUSTOM_PLAN;
	statement->plan = SPI_prepare_extended(statement->sql, &options);
	if (statement->plan == NULL)
		elog(ERROR, "could not prepare: %s", statement->sql);

	/* queries besides the one that sets the tag are those of rules */
	foreach(lc, SPI_plan_get_plan_sources(statement->plan))
	{
		foreach(lc2, ((CachedPlanSource *) lfirst(lc))->query_list)
		{
			Query	   *query = lfirst(lc2);

			if (query->canSetTag && names_others((Node *) query, &target))
				no_such_name(statement->refresh);
		}
	}
}

/*
 * execute
 *		Runs a statement within an SPI connection, and returns the number of
 *		rows.
 *
 * dest: where they go; NULL: SPI keeps them.
 */
static int64
execute(const PinRefresh *refresh, const char *sql, int expected,
		ParamListInfo params, DestReceiver *dest)
{
	Statement	statement = {
		.refresh = refresh,.template = sql,.sql = sql,.params = params
	};
	SPIExecuteOptions options = {0};
	MemoryContext oldcontext = CurrentMemoryContext;
	ErrorData  *error = NULL;
	int			code = 0;

	if (names_target(sql))
		error = pin_try_by_name(pin_relation_sql, refresh->result.target,
								prepare_step, &statement);
	else
		prepare_step(&statement);

	if (error != NULL)
	{
		shorten_context(error, statement.sql);
		ReThrowError(error);
	}
	options.params = params;
	options.dest = dest;
	PG_TRY();
	{
		code = SPI_execute_plan_extended(statement.plan, &options);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(refresh->context);
		error = CopyErrorData();
		FlushErrorState();
		shorten_context(error, statement.sql);
		ReThrowError(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(oldcontext);

	if (code != expected)
		elog(ERROR, "unexpected result %s of: %s",
			 SPI_result_code_string(code), statement.sql);
	SPI_freeplan(statement.plan);
	return (int64) SPI_processed;
}

/*
 * pin_refresh_execute
 *		Runs a statement within an SPI connection.
 *
 * Its parameters are those of sql.h, and those of pin_append_parts().  It names the
 * target as PIN_TARGET, or PIN_ONLY_TARGET without the tables that merely inherit from
 * it, and no other table.  Returns the number of rows.  The statement sees what was
 * committed up to now.
 */
int64
pin_refresh_execute(const PinRefresh *refresh, const char *sql, int expected)
{
	return execute(refresh, sql, expected, make_params(refresh), NULL);
}

/*
 * pin_refresh_execute_params
 *		Likewise, with other parameters.
 */
int64
pin_refresh_execute_params(const PinRefresh *refresh, const char *sql,
						   int expected, ParamListInfo params)
{
	return execute(refresh, sql, expected, params, NULL);
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

/*
 * pin_filter_download
 *		Keeps those rows of the download that belong to what was loaded.
 *
 * The others were not asked for, as a row of tomorrow, or belong to something of
 * which not everything has come.
 */
void
pin_filter_download(PinRefresh *refresh)
{
	StringInfoData sql;
	MemoryContext oldcontext;
	Tuplestorestate *store;
	DestReceiver *dest;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT FROM " PIN_DOWNLOAD " n WHERE NOT ");
	pin_append_parts(&sql, refresh, "n.");
	appendStringInfoString(&sql, " LIMIT 1");
	if (pin_refresh_execute(refresh, sql.data, SPI_OK_SELECT) == 0)
		return;

	oldcontext = MemoryContextSwitchTo(refresh->context);
	store = tuplestore_begin_heap(true, true, work_mem);
	MemoryContextSwitchTo(oldcontext);
	dest = CreateDestReceiver(DestTuplestore);
	SetTuplestoreDestReceiverParams(dest, store, refresh->context, false, NULL,
									NULL);
	resetStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	pin_append_columns(&sql, refresh, "n.");
	appendStringInfoString(&sql, " FROM " PIN_DOWNLOAD " n WHERE ");
	pin_append_parts(&sql, refresh, "n.");
	PG_TRY();
	{
		refresh->result.rows = execute(refresh, sql.data, SPI_OK_SELECT,
									   make_params(refresh), dest);
	}
	PG_CATCH();
	{
		tuplestore_end(store);
		PG_RE_THROW();
	}
	PG_END_TRY();
	dest->rDestroy(dest);

	(void) SPI_unregister_relation(PIN_DOWNLOAD);
	tuplestore_end(refresh->store);
	refresh->store = store;
	pin_register_download(refresh);
}
