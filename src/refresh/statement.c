/*-------------------------------------------------------------------------
 *
 * statement.c
 *	  Runs the statements of a refresh on its target and its download.
 *
 * All SQL runs as the owner of the target, see actor.c.
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
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/params.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/queryenvironment.h"

#include "base/relation.h"
#include "base/subxact.h"
#include "refresh/sql.h"
#include "refresh/statement.h"

/* Bytes of a statement that errors show */
#define PIN_SHOWN_SQL 80

/* A statement that is being prepared */
typedef struct Statement
{
	const PinRefresh *refresh;
	const char *template;		/* with PIN_TARGET, PIN_ONLY_TARGET or PIN_ROWS */
	const char *rows;			/* in the place of the latter */
	const char *near;			/* in that of PIN_AND_NEAR */
	const char *sql;			/* with the name in its place */
	ParamListInfo params;
	SPIPlanPtr	plan;
} Statement;

/*
 * A receiver that gives each row to a function.  To SPI it is one that keeps
 * them.
 */
typedef struct RowReceiver
{
	DestReceiver pub;
	void		(*take) (TupleTableSlot *slot, void *arg);
	void	   *arg;
} RowReceiver;

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
 *		Puts the name of the target, and rows, into a statement, palloc'd.
 *
 * The bytes that stand for it can be part of a name or a literal of others, too,
 * but not outside of quotes.
 */
static char *
put_name(Oid target, const Statement *statement)
{
	const char *template = statement->template;
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
		else if (quote == '\0' && *p == *PIN_ROWS)
			appendStringInfoString(&sql, statement->rows);
		else if (quote == '\0' && *p == *PIN_AND_NEAR)
			appendStringInfoString(&sql, statement->near);
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
 * pin_refresh_renamed
 *		Raises the error that the name of the target has come to mean another table.
 */
void
pin_refresh_renamed(const PinRefresh *refresh)
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
		statement->sql = put_name(target, statement);
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
				pin_refresh_renamed(statement->refresh);
		}
	}
}

/*
 * hint_at_partition
 *		Says what to do if there is no partition for a row.
 *
 * A check of the owner's own that fails has the name of its constraint.
 */
static void
hint_at_partition(const PinRefresh *refresh, ErrorData *error)
{
	if (error->sqlerrcode == ERRCODE_CHECK_VIOLATION &&
		error->constraint_name == NULL && error->hint == NULL &&
		get_rel_relkind(refresh->result.target) == RELKIND_PARTITIONED_TABLE)
		error->hint = psprintf(_("Create the partition, as with CREATE TABLE ... PARTITION OF %s FOR VALUES ..., and refresh again. The extension pg_partman can create those of the months to come."),
							   pin_relation_sql(refresh->result.target));
}

/*
 * execute
 *		Runs a statement within an SPI connection, and returns the number of rows.
 *
 * See pin_refresh_execute_with() and pin_refresh_execute_rows().
 */
static int64
execute(const PinRefresh *refresh, const char *sql, const char *rows,
		const char *near, int expected, ParamListInfo params, DestReceiver *dest)
{
	Statement	statement = {
		.refresh = refresh,.template = sql,.rows = rows,.near = near,.sql = sql,
		.params = params
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
		hint_at_partition(refresh, error);
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
 * pin_refresh_execute_with
 *		Runs a statement within an SPI connection, and returns the number of
 *		rows.
 *
 * It names the target as PIN_TARGET, or PIN_ONLY_TARGET without the tables that
 * merely inherit from it, and no other table.  expected: what SPI returns for it.
 * dest: where the rows go; NULL: SPI keeps them.  The statement sees what was
 * committed up to now.
 */
int64
pin_refresh_execute_with(const PinRefresh *refresh, const char *sql, int expected,
						 ParamListInfo params, DestReceiver *dest)
{
	return execute(refresh, sql, "", "", expected, params, dest);
}

/*
 * pin_refresh_execute_rows
 *		Likewise, with something in the places of PIN_ROWS and PIN_AND_NEAR.
 */
int64
pin_refresh_execute_rows(const PinRefresh *refresh, const char *sql,
						 const char *rows, const char *near, int expected,
						 ParamListInfo params)
{
	return execute(refresh, sql, rows, near, expected, params, NULL);
}

/*
 * pin_refresh_execute
 *		Likewise, with the parameters of sql.h and of pin_append_parts(), and rows
 *		that SPI keeps.
 */
int64
pin_refresh_execute(const PinRefresh *refresh, const char *sql, int expected)
{
	return pin_refresh_execute_with(refresh, sql, expected,
									pin_refresh_params(refresh), NULL);
}

/*
 * receive_row
 *		Receives a row of a query.  Part of RowReceiver.
 */
static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;

	slot_getallattrs(slot);
	receiver->take(slot, receiver->arg);
	CHECK_FOR_INTERRUPTS();
	return true;
}

/*
 * start_rows
 *		Nothing to do before rows come.  Part of RowReceiver.
 */
static void
start_rows(DestReceiver *self, int operation, TupleDesc tupdesc)
{
}

/*
 * end_rows
 *		Nothing to do after them, nor to be given back.  Part of RowReceiver.
 */
static void
end_rows(DestReceiver *self)
{
}

/*
 * pin_refresh_each
 *		Runs a query likewise, and gives its rows to a function one by one.
 *
 * They are the slot's until the function returns.
 */
void
pin_refresh_each(const PinRefresh *refresh, const char *sql,
				 void (*take) (TupleTableSlot *slot, void *arg), void *arg)
{
	RowReceiver receiver = {
		.pub = {
			.receiveSlot = receive_row,
			.rStartup = start_rows,
			.rShutdown = end_rows,
			.rDestroy = end_rows,
			.mydest = DestTuplestore
		},.take = take,.arg = arg
	};

	(void) pin_refresh_execute_with(refresh, sql, SPI_OK_SELECT,
									pin_refresh_params(refresh), &receiver.pub);
}

/*
 * pin_register_rows
 *		Makes rows known to statements of the present SPI connection, under a name.
 *
 * They have no statistics but their number, which is what the choice of a join
 * depends on.
 */
void
pin_register_rows(const char *name, Tuplestorestate *rows, TupleDesc tupdesc,
				  int64 nrows)
{
	EphemeralNamedRelation enr = palloc0(sizeof(EphemeralNamedRelationData));

	enr->md.name = unconstify(char *, name);
	enr->md.reliddesc = InvalidOid;
	enr->md.tupdesc = tupdesc;
	enr->md.enrtype = ENR_NAMED_TUPLESTORE;
	enr->md.enrtuples = (double) nrows;
	enr->reldata = rows;
	if (SPI_register_relation(enr) != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register the rows \"%s\"", name);
}

/*
 * pin_register_download
 *		Makes the download known likewise.
 */
void
pin_register_download(const PinRefresh *refresh)
{
	pin_register_rows(PIN_DOWNLOAD, refresh->spool->rows, refresh->tupdesc,
					  refresh->spool->nrows);
}

/*
 * pin_download_sql
 *		What statements call the rows of the download.
 */
const char *
pin_download_sql(const PinRefresh *refresh)
{
	return refresh->load != NULL ? PIN_ONLY_TARGET : PIN_DOWNLOAD;
}

/*
 * pin_forbid_indexes
 *		Has statements read tables and not their indexes, up to the end of the
 *		present level of settings.
 *
 * A setting only makes a plan dear: what is to be read instead must not be as dear.
 */
void
pin_forbid_indexes(void)
{
	static const char *const settings[][2] = {
		{"enable_seqscan", "on"},
		{"enable_sort", "on"},
		{"enable_hashagg", "on"},
		{"enable_indexscan", "off"},
		{"enable_indexonlyscan", "off"},
		{"enable_bitmapscan", "off"}
	};

	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}
