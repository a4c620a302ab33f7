/*-------------------------------------------------------------------------
 *
 * rows.c
 *	  Rows that are to be written into a target, or out of it.
 *
 * A statement knows them as a relation of its own, which takes no copy of them.
 * Only a target whose rows Citus has distributed is written elsewhere, where nobody
 * knows such a relation: there they are values in the statement, so many at once.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "base/extension.h"
#include "base/text.h"
#include "refresh/rows.h"
#include "refresh/sql.h"
#include "refresh/statement.h"

/* Where Citus keeps the tables that it knows, and the first column there */
#define CITUS_TABLES "pg_dist_partition"

/*
 * Rows and values of a statement, at most: with more of the latter planning takes
 * longer than it spares.
 */
#define MAX_ROWS	500
#define MAX_VALUES	2000

/* Rows of a statement on their way */
typedef struct Batch
{
	const PinRefresh *refresh;
	const PinRows *rows;
	MemoryContext context;
	TupleTableSlot *slot;
	ParamListInfo params;
	StringInfoData sql;			/* what stands for the rows */
	List	   *advertisers;	/* char *: whose rows these are */
	int			place;			/* of the advertiser among the values; -1: none */
	int			nrows;
	int			most;
} Batch;

/*
 * pin_is_distributed
 *		Whether Citus has distributed the rows of a table.
 */
bool
pin_is_distributed(Oid target)
{
	Oid			relid = get_relname_relid(CITUS_TABLES, PG_CATALOG_NAMESPACE);
	Relation	rel = OidIsValid(relid) ? try_table_open(relid, AccessShareLock) : NULL;
	bool		found;

	if (rel == NULL)
		return false;
	found = pin_rows_with(rel, 1, F_OIDEQ, ObjectIdGetDatum(target)) != NIL;
	table_close(rel, AccessShareLock);
	return found;
}

/*
 * begin_batch
 *		Begins a statement without rows, with the parameters that all have.
 */
static void
begin_batch(Batch *batch)
{
	ParamListInfo fixed;
	int			natts = batch->rows->tupdesc->natts;

	MemoryContextReset(batch->context);
	fixed = pin_refresh_params(batch->refresh);
	batch->params = makeParamList(fixed->numParams + batch->most * natts + 1);
	memcpy(batch->params->params, fixed->params,
		   fixed->numParams * sizeof(ParamExternData));
	batch->params->numParams = fixed->numParams;
	batch->nrows = 0;
	batch->advertisers = NIL;
	initStringInfo(&batch->sql);
	appendStringInfoString(&batch->sql, "(VALUES ");
}

/*
 * add_row
 *		Adds the row in the slot.
 */
static void
add_row(Batch *batch)
{
	TupleTableSlot *slot = batch->slot;

	slot_getallattrs(slot);
	appendStringInfoString(&batch->sql, batch->nrows > 0 ? ", (" : "(");
	for (int i = 0; i < slot->tts_tupleDescriptor->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(slot->tts_tupleDescriptor, i);
		bool		isnull = slot->tts_isnull[i];

		pin_add_param(batch->params, att->atttypid,
					  isnull ? (Datum) 0 :
					  datumCopy(slot->tts_values[i], att->attbyval, att->attlen));
		batch->params->params[batch->params->numParams - 1].isnull = isnull;
		appendStringInfo(&batch->sql, "%s$%d", i > 0 ? ", " : "",
						 batch->params->numParams);
	}
	appendStringInfoChar(&batch->sql, ')');
	batch->nrows++;

	/* nearly always that of the row before */
	if (batch->place >= 0 && !slot->tts_isnull[batch->place])
	{
		char	   *id = TextDatumGetCString(slot->tts_values[batch->place]);

		if (batch->advertisers == NIL || strcmp(llast(batch->advertisers), id) != 0)
			batch->advertisers = lappend(batch->advertisers, id);
	}
}

/*
 * end_batch
 *		Runs the statement for the rows of the batch; returns the number of rows.
 */
static int64
end_batch(Batch *batch, const char *sql, int expected)
{
	TupleDesc	tupdesc = batch->rows->tupdesc;
	const char *near = "";

	appendStringInfoString(&batch->sql, ") n (");
	for (int i = 0; i < tupdesc->natts; i++)
		appendStringInfo(&batch->sql, "%s%s", i > 0 ? ", " : "",
						 quote_identifier(NameStr(TupleDescAttr(tupdesc, i)->attname)));
	appendStringInfoChar(&batch->sql, ')');

	/* Citus leaves out the shards of all others */
	if (batch->place >= 0)
	{
		pin_add_param(batch->params, TEXTARRAYOID, pin_text_array(batch->advertisers));
		near = psprintf(" AND %s OPERATOR(pg_catalog.=) ANY ($%d)",
						pin_advertiser_sql(batch->refresh, "t."),
						batch->params->numParams);
	}
	return pin_refresh_execute_rows(batch->refresh, sql, batch->sql.data, near,
									expected, batch->params);
}

/*
 * place_of_advertiser
 *		Which of the values of rows is the advertiser; -1: none, or it is not a text.
 */
static int
place_of_advertiser(const PinRefresh *refresh, TupleDesc tupdesc)
{
	const PinSourceTable *source = refresh->source;

	if (source->advertiser < 0 ||
		source->columns[source->advertiser].type != TEXTOID)
		return -1;
	for (int i = 0; i < tupdesc->natts; i++)
	{
		if (strcmp(NameStr(TupleDescAttr(tupdesc, i)->attname),
				   source->columns[source->advertiser].name) == 0)
			return i;
	}
	return -1;
}

/*
 * execute_values
 *		Runs a statement for so many rows at once; returns the number of rows, or the
 *		sum of what it counts.
 */
static int64
execute_values(const PinRefresh *refresh, const char *sql, int expected,
			   const PinRows *rows)
{
	Batch		batch = {.refresh = refresh,.rows = rows};
	MemoryContext oldcontext = CurrentMemoryContext;
	int64		result = 0;
	bool		more = true;

	batch.most = Min(MAX_ROWS, Max(MAX_VALUES / Max(rows->tupdesc->natts, 1), 1));
	batch.place = place_of_advertiser(refresh, rows->tupdesc);
	batch.slot = MakeSingleTupleTableSlot(rows->tupdesc, &TTSOpsMinimalTuple);
	batch.context = AllocSetContextCreate(oldcontext, "pinterest_fdw batch",
										  ALLOCSET_DEFAULT_SIZES);
	tuplestore_select_read_pointer(rows->store, 0);
	tuplestore_rescan(rows->store);
	while (more)
	{
		MemoryContextSwitchTo(batch.context);
		begin_batch(&batch);
		while (batch.nrows < batch.most &&
			   (more = tuplestore_gettupleslot(rows->store, true, true, batch.slot)))
			add_row(&batch);
		ExecClearTuple(batch.slot);
		if (batch.nrows > 0)
		{
			int64		count = end_batch(&batch, sql, expected);
			bool		isnull;

			result += expected != SPI_OK_SELECT ? count :
				DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
											SPI_tuptable->tupdesc, 1, &isnull));
		}
		MemoryContextSwitchTo(oldcontext);
	}
	MemoryContextDelete(batch.context);
	ExecDropSingleTupleTableSlot(batch.slot);
	return result;
}

/*
 * pin_rows_execute
 *		Runs a statement within an SPI connection about rows that it names as
 *		PIN_ROWS; returns how many rows of the target it has written.
 *
 * See pin_refresh_execute().
 */
int64
pin_rows_execute(const PinRefresh *refresh, const char *sql, int expected,
				 const PinRows *rows)
{
	if (refresh->distributed)
		return execute_values(refresh, sql, expected, rows);
	return pin_refresh_execute_rows(refresh, sql, psprintf("%s n", rows->name),
									"", expected, pin_refresh_params(refresh));
}

/*
 * pin_rows_count
 *		Runs a query likewise that counts something, and returns that.
 */
int64
pin_rows_count(const PinRefresh *refresh, const char *sql, const PinRows *rows)
{
	bool		isnull;

	if (refresh->distributed)
		return execute_values(refresh, sql, SPI_OK_SELECT, rows);
	(void) pin_rows_execute(refresh, sql, SPI_OK_SELECT, rows);
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
									   SPI_tuptable->tupdesc, 1, &isnull));
}
