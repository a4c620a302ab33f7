/*-------------------------------------------------------------------------
 *
 * refresh.c
 *	  Makes a materialized table equal to its foreign table.
 *
 * A refresh has three steps.  pin_refresh_prepare() checks all that can be
 * checked for free.  pin_refresh_download() reads the foreign table into a
 * tuplestore, which may take minutes, and holds no lock on the target
 * meanwhile.  pin_refresh_apply() locks the target against other writers (not
 * against readers, nor against foreign keys that point at it) and applies the
 * difference with one DELETE, UPDATE and INSERT at most, in one transaction.
 *
 * All SQL runs as the caller.  It names everything with its schema, so it does
 * not depend on the search path, which the apply step leaves alone for the
 * sake of the target's own triggers.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/comment.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/params.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/queryenvironment.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "http.h"
#include "refresh.h"

PG_FUNCTION_INFO_V1(pinterest_refresh);

/* Name under which the download is known to the statements below */
#define PIN_DOWNLOAD "pinterest_download"

/*
 * How long to wait for other writers of the target, in milliseconds.  The
 * download is lost if this is too short; on the other hand, whoever waits
 * behind us for the same table waits as well.
 */
#define PIN_LOCK_TIMEOUT 10000

/* Bytes of a statement that errors show */
#define PIN_SHOWN_SQL 80

/* pinterest_fdw.allow_mass_delete */
static bool pin_allow_mass_delete = false;

/*
 * Define the settings of a refresh.  To be called when the library is loaded.
 */
void
pin_refresh_init(void)
{
	DefineCustomBoolVariable("pinterest_fdw.allow_mass_delete",
							 "Lets a refresh delete most rows of a table.",
							 "Otherwise a refresh that would empty a table, or delete more than half of the rows in the range it loads, is refused.",
							 &pin_allow_mass_delete,
							 false,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);
}

/*
 * Let one refresh at a time have the table, to the end of the transaction.
 *
 * The lock is one on an object of the registry's, which no SQL command can
 * take: users' advisory locks cannot get in its way.
 */
static void
lock_refresh(Oid target)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, pin_registry_relid(), target, 0);
	if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("table \"%s\" is already being refreshed",
						pin_relation_name(target))));
}

/*
 * First day to load of a report; by week or month, that of a whole one.
 */
static DateADT
first_day(const PinOptions *options, DateADT today, const DateADT *since)
{
	DateADT		start = pin_history_start(options, today);
	DateADT		first,
				last;

	if (since == NULL || *since <= start)
		return start;
	pin_period(options->granularity, *since, &first, &last);
	return Max(first, start);
}

/*
 * Refuse a caller who could not apply what would be downloaded.
 */
static void
check_privileges(Oid target)
{
	const AclMode needed = ACL_SELECT | ACL_INSERT | ACL_UPDATE | ACL_DELETE;

	if (pg_class_aclmask(target, GetUserId(), needed, ACLMASK_ALL) != needed)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for table \"%s\"",
						pin_relation_name(target)),
				 errdetail("A refresh needs SELECT, INSERT, UPDATE and DELETE on the table.")));
}

/*
 * Check whether source and target still fit, and note new columns.
 *
 * A column that was loaded before and is gone on one side is an error, since
 * only its owner knows whether its data are to go as well.  One that is new in
 * the source will be added, which takes the owner of the target.
 */
static void
match_tables(PinRefresh *refresh, Relation target)
{
	const PinSourceTable *source = refresh->source;
	const char *name = pin_relation_name(RelationGetRelid(target));
	Bitmapset  *missing = pin_match_columns(source, target, false);
	Bitmapset  *registered = NULL;
	ListCell   *lc;
	int			i = -1;

	/* What of the source is registered, and what is registered and gone? */
	foreach(lc, refresh->registered)
	{
		const char *column = (const char *) lfirst(lc);
		int			place = 0;

		while (place < source->ncolumns &&
			   strcmp(source->columns[place].name, column) != 0)
			place++;
		if (place == source->ncolumns)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" of table \"%s\" is no longer in foreign table \"%s\"",
							column, name, source->name),
					 errhint("Call pinterest.materialize() again to keep the column without loading it any more, or after dropping it from the table.")));
		registered = bms_add_member(registered, place);
	}

	while ((i = bms_next_member(missing, i)) >= 0)
	{
		const char *column = source->columns[i].name;

		if (bms_is_member(i, registered))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" of table \"%s\" is missing",
							column, name),
					 errdetail("It has been loaded from foreign table \"%s\" before.",
							   source->name),
					 errhint("Restore the column, or drop it from the foreign table and call pinterest.materialize() again.")));
		if (!pin_owns_table(RelationGetRelid(target)))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("must be owner of table \"%s\" to add column \"%s\"",
							name, column),
					 errdetail("The column is new in foreign table \"%s\".",
							   source->name),
					 errhint("Let the owner of the table refresh it once.")));
	}
	refresh->missing = missing;

	pin_check_key_index(source, target);
}

/*
 * Begin a refresh: lock it against a second one and check all that does not
 * take a download.
 *
 * "since" may be NULL.  The result's memory is a child of "parent", which is to
 * outlive the refresh.  Of the locks, those on the refresh and on the source
 * stay to the end of the transaction; none stays on the target.
 */
PinRefresh *
pin_refresh_prepare(MemoryContext parent, Oid target, const DateADT *since)
{
	MemoryContext context = AllocSetContextCreate(parent, "pinterest_fdw refresh",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext oldcontext = MemoryContextSwitchTo(context);
	PinRefresh *refresh = palloc0(sizeof(PinRefresh));
	PinSourceTable *source;
	Relation	rel;
	Oid			sourceid;

	refresh->context = context;
	refresh->result.target = target;
	refresh->result.started_at = GetCurrentTimestamp();

	rel = try_relation_open(target, AccessShareLock);
	if (rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", target)));
	if (!pin_registry_get(target, &sourceid, &refresh->registered))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a materialized table",
						pin_relation_name(target)),
				 errhint("Call pinterest.materialize() with the foreign table and this one.")));
	if (!OidIsValid(sourceid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("the foreign table that table \"%s\" is loaded from has been dropped",
						pin_relation_name(target)),
				 errhint("Call pinterest.materialize() with a new foreign table and this table.")));
	refresh->name = pin_relation_name(target);
	check_privileges(target);
	lock_refresh(target);

	refresh->source = source = pin_get_source_table(sourceid);
	match_tables(refresh, rel);

	if (source->date >= 0)
	{
		DateADT		today = pin_today();

		if (since != NULL && *since > today)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"since\" must not be later than today")));
		refresh->start = first_day(source->options, today, since);
	}
	else if (since != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("foreign table \"%s\" has no dates to load from a day on",
						source->name),
				 errhint("Call pinterest.refresh() without \"since\".")));

	/*
	 * The download's columns.  They get the target's collations, as its unique
	 * index is what they have to agree with.
	 */
	refresh->tupdesc = CreateTemplateTupleDesc(source->ncolumns);
	for (int i = 0; i < source->ncolumns; i++)
	{
		const PinSourceColumn *column = &source->columns[i];
		Oid			collation = column->collation;

		if (!bms_is_member(i, refresh->missing))
		{
			AttrNumber	attnum = get_attnum(target, column->name);

			collation = TupleDescAttr(RelationGetDescr(rel), attnum - 1)->attcollation;
		}
		TupleDescInitEntry(refresh->tupdesc, i + 1, column->name,
						   column->type, column->typmod, 0);
		TupleDescInitEntryCollation(refresh->tupdesc, i + 1, collation);
	}
#if PG_VERSION_NUM >= 190000
	TupleDescFinalize(refresh->tupdesc);
#endif

	/*
	 * Whoever waits to alter the table would make all its readers wait behind
	 * him, so he must not have to wait for a download.  pin_refresh_apply()
	 * checks again.
	 */
	table_close(rel, AccessShareLock);

	MemoryContextSwitchTo(oldcontext);
	return refresh;
}

/*
 * Start a nest level of settings under which the foreign table is read: none
 * of the caller's may change what comes out.  Returns the nest level.
 */
static int
fix_settings(void)
{
	static const char *const settings[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"datestyle", "ISO, YMD"},
		{"intervalstyle", "postgres"},
		{"timezone", "UTC"},
		{"array_nulls", "on"},
	};
	int			nestlevel = NewGUCNestLevel();

	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return nestlevel;
}

/*
 * First day to load, as a value of the type of a report's date column.
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
 * Append the columns of the source, each after a prefix, separated by commas.
 */
static void
append_columns(StringInfo sql, const PinRefresh *refresh, const char *prefix)
{
	const PinSourceTable *source = refresh->source;

	for (int i = 0; i < source->ncolumns; i++)
		appendStringInfo(sql, "%s%s%s", i > 0 ? ", " : "", prefix,
						 quote_identifier(source->columns[i].name));
}

/*
 * Append the key columns likewise.
 */
static void
append_key(StringInfo sql, const PinRefresh *refresh, const char *prefix)
{
	const PinSourceTable *source = refresh->source;
	ListCell   *lc;

	foreach(lc, source->key)
		appendStringInfo(sql, "%s%s%s",
						 lc == list_head(source->key) ? "" : ", ", prefix,
						 quote_identifier(source->columns[lfirst_int(lc)].name));
}

/*
 * Append the condition that joins a row "n" of the download to its row "t" of
 * the target.
 */
static void
append_join(StringInfo sql, const PinRefresh *refresh)
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
 * Append the condition for rows "t" of the target to be in the loaded range;
 * without the advertisers' part, if only the days matter.
 *
 * Parameters: $1 the first day, $2 the advertisers.
 */
static void
append_range(StringInfo sql, const PinRefresh *refresh, bool advertisers)
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
 * Pass on the error at hand, with the statement cut short.
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
 * Run a statement within an SPI connection.
 *
 * Its parameters are the first day to load and the advertisers, see
 * append_range().  Rows of a SELECT go to "dest", or to SPI_tuptable if that is
 * NULL.  Returns the number of rows.  The statement sees what was committed up
 * to now, if the isolation level lets it.
 */
static int64
run_statement(const PinRefresh *refresh, const char *sql, DestReceiver *dest,
			  int expected)
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
	options.dest = dest;

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
 * Make the download known to statements of the present SPI connection.
 *
 * It has no statistics but the number of its rows, which is what the choice of
 * join depends on.
 */
static void
register_download(PinRefresh *refresh)
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
 * Show the key of the first row that SPI has returned, for an error's detail.
 */
static char *
show_key(const PinRefresh *refresh)
{
	StringInfoData buf;
	int			nkeys = list_length(refresh->source->key);

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '(');
	append_key(&buf, refresh, "");
	appendStringInfoString(&buf, ")=(");
	for (int i = 1; i <= nkeys; i++)
	{
		char	   *value = SPI_getvalue(SPI_tuptable->vals[0],
										 SPI_tuptable->tupdesc, i);

		appendStringInfo(&buf, "%s%s", i > 1 ? ", " : "",
						 value != NULL ? value : "null");
	}
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

/*
 * Refuse a download whose rows cannot be told apart by the natural key.
 *
 * The target's unique index would refuse most of that as well, but later, under
 * a lock, and without saying where it came from.
 */
static void
check_download(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	append_key(&sql, refresh, "n.");
	appendStringInfoString(&sql, " FROM " PIN_DOWNLOAD " n WHERE ");
	foreach(lc, source->key)
		appendStringInfo(&sql, "%sn.%s IS NULL",
						 lc == list_head(source->key) ? "" : " OR ",
						 quote_identifier(source->columns[lfirst_int(lc)].name));
	appendStringInfoString(&sql, " LIMIT 1");
	if (run_statement(refresh, sql.data, NULL, SPI_OK_SELECT) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("foreign table \"%s\" returned a row with a null in its natural key",
						source->name),
				 errdetail("Key %s.", show_key(refresh))));

	resetStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	append_key(&sql, refresh, "n.");
	appendStringInfoString(&sql, " FROM " PIN_DOWNLOAD " n GROUP BY ");
	append_key(&sql, refresh, "n.");
	appendStringInfoString(&sql, " HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1 LIMIT 1");
	if (run_statement(refresh, sql.data, NULL, SPI_OK_SELECT) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("foreign table \"%s\" returned more than one row of the same key",
						source->name),
				 errdetail("Key %s occurs more than once.", show_key(refresh))));
}

/*
 * Find out whose rows have been loaded.
 *
 * Where the source asks for every advertiser it can see, nobody knows why one
 * of them is not among the rows: it may have none, or have become invisible.
 * So the rows of such an advertiser are left alone.
 */
static void
note_advertisers(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	const char *name;
	StringInfoData sql;
	uint64		n;

	if (source->advertiser < 0)
		return;
	if (!source->options->all_advertisers)
	{
		refresh->advertisers = source->options->advertiser_ids;
		return;
	}

	name = quote_identifier(source->columns[source->advertiser].name);
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT DISTINCT n.%s FROM " PIN_DOWNLOAD " n", name);
	n = run_statement(refresh, sql.data, NULL, SPI_OK_SELECT);
	for (uint64 i = 0; i < n; i++)
	{
		char	   *id = SPI_getvalue(SPI_tuptable->vals[i],
									  SPI_tuptable->tupdesc, 1);
		MemoryContext oldcontext = MemoryContextSwitchTo(refresh->context);

		refresh->advertisers = lappend(refresh->advertisers, pstrdup(id));
		MemoryContextSwitchTo(oldcontext);
	}
}

/*
 * Read the foreign table into refresh->store, and check what came.
 *
 * The rows are kept in work_mem or else in temporary files; these outlast the
 * transaction, see PinRefresh.  An error of the foreign table is passed on: what
 * was downloaded up to then is of no use, as what is missing would be deleted.
 */
void
pin_refresh_download(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	PinUsage	before = pin_usage;
	MemoryContext oldcontext;
	DestReceiver *dest;
	StringInfoData sql;
	int			nestlevel;

	oldcontext = MemoryContextSwitchTo(refresh->context);
	refresh->store = tuplestore_begin_heap(true, true, work_mem);
	MemoryContextSwitchTo(oldcontext);

	SPI_connect();
	nestlevel = fix_settings();

	initStringInfo(&sql);
	/* As short as possible, see rethrow_shortened() */
	appendStringInfoString(&sql, "SELECT ");
	if (source->all_columns)
		appendStringInfoString(&sql, "n.*");
	else
		append_columns(&sql, refresh, "n.");
	appendStringInfo(&sql, " FROM ONLY %s n", pin_relation_sql(source->relid));

	if (source->date >= 0)
		appendStringInfo(&sql, " WHERE n.%s OPERATOR(pg_catalog.>=) $1",
						 quote_identifier(source->columns[source->date].name));
	dest = CreateTuplestoreDestReceiver();
	SetTuplestoreDestReceiverParams(dest, refresh->store, refresh->context,
									false, NULL, NULL);
	run_statement(refresh, sql.data, dest, SPI_OK_SELECT);
	dest->rDestroy(dest);

	refresh->result.rows = tuplestore_tuple_count(refresh->store);
	refresh->result.api_calls = pin_usage.requests - before.requests;
	refresh->result.bytes = pin_usage.bytes - before.bytes;

	register_download(refresh);
	check_download(refresh);
	note_advertisers(refresh);

	AtEOXact_GUC(true, nestlevel);
	SPI_finish();
}

/*
 * Error context callback while waiting for the lock: say what to do.
 */
static void
lock_error_callback(void *arg)
{
	if (geterrcode() == ERRCODE_LOCK_NOT_AVAILABLE)
		errhint("Another transaction is using the table. Refresh again when it has ended.");
	errcontext("locking table \"%s\" to apply a refresh", (const char *) arg);
}

/*
 * Lock the target, and its partitions, for the apply step.
 *
 * SHARE ROW EXCLUSIVE keeps other writers out, and lets readers as well as the
 * checks of foreign keys that point at the table pass.  Only new columns need
 * more.
 */
static void
lock_target(PinRefresh *refresh, const char *name)
{
	Oid			target = refresh->result.target;
	LOCKMODE	lockmode = bms_is_empty(refresh->missing) ?
		ShareRowExclusiveLock : AccessExclusiveLock;
	int			nestlevel = NewGUCNestLevel();
	ErrorContextCallback callback;

	/* The caller may want to wait less long */
	if (LockTimeout <= 0 || LockTimeout > PIN_LOCK_TIMEOUT)
		(void) set_config_option("lock_timeout",
								 psprintf("%dms", PIN_LOCK_TIMEOUT), PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);

	callback.callback = lock_error_callback;
	callback.arg = unconstify(char *, name);
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	LockRelationOid(target, lockmode);
	if (get_rel_relkind(target) == RELKIND_PARTITIONED_TABLE)
		list_free(find_all_inheritors(target, lockmode, NULL));

	error_context_stack = callback.previous;
	AtEOXact_GUC(true, nestlevel);
}

/*
 * Add to the target the columns that are new in the source.
 */
static void
add_columns(PinRefresh *refresh)
{
	const PinSourceTable *source = refresh->source;
	Oid			target = refresh->result.target;
	StringInfoData sql;
	int			i = -1;

	initStringInfo(&sql);
	appendStringInfo(&sql, "ALTER TABLE %s ", pin_relation_sql(target));
	while ((i = bms_next_member(refresh->missing, i)) >= 0)
		appendStringInfo(&sql, "%sADD COLUMN %s",
						 sql.data[sql.len - 1] == ' ' ? "" : ", ",
						 pin_column_definition(&source->columns[i]));
	if (SPI_execute(sql.data, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not execute: %s", sql.data);

	i = -1;
	while ((i = bms_next_member(refresh->missing, i)) >= 0)
		if (source->columns[i].comment != NULL)
			CreateComments(target, RelationRelationId,
						   get_attnum(target, source->columns[i].name),
						   source->columns[i].comment);
	CommandCounterIncrement();
}

/*
 * Refuse to delete most of what is there, unless the user allows it.
 *
 * "total" rows of the target are in the loaded range, "gone" of them are not in
 * the download.  An interface that answers with nothing, or half of everything,
 * is mostly out of order.
 */
static void
check_deletion(const PinRefresh *refresh, const char *name,
			   int64 total, int64 gone)
{
	if (pin_allow_mass_delete || gone == 0)
		return;
	if (refresh->result.rows == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("refresh of table \"%s\" would delete all %lld rows in the loaded range",
						name, (long long) total),
				 errdetail("Foreign table \"%s\" returned no rows.",
						   refresh->source->name),
				 errhint("If that is right, set \"pinterest_fdw.allow_mass_delete\" to on and refresh again.")));
	if (gone > total / 2)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("refresh of table \"%s\" would delete %lld of %lld rows in the loaded range",
						name, (long long) gone, (long long) total),
				 errdetail_plural("Foreign table \"%s\" returned %lld row.",
								  "Foreign table \"%s\" returned %lld rows.",
								  refresh->result.rows,
								  refresh->source->name,
								  (long long) refresh->result.rows),
				 errhint("If that is right, set \"pinterest_fdw.allow_mass_delete\" to on and refresh again.")));
}

/*
 * Turn the target into the download, within the loaded range.
 *
 * "name" is the target's for messages, "only" the one for statements.  Rows are
 * compared by their binary image, which works for every type; a number that
 * changes its scale counts as changed.
 */
static void
apply_difference(PinRefresh *refresh, const char *name, const char *only)
{
	const PinSourceTable *source = refresh->source;
	PinRefreshResult *result = &refresh->result;
	StringInfoData sql;
	int64		total;
	int64		matched;
	bool		isnull;

	/* How many rows are there, and how many of them will stay? */
	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT pg_catalog.count(*), pg_catalog.count(n.%s) FROM %s t LEFT JOIN "
					 PIN_DOWNLOAD " n ON ",
					 quote_identifier(source->columns[linitial_int(source->key)].name),
					 only);
	append_join(&sql, refresh);
	appendStringInfoString(&sql, " WHERE ");
	append_range(&sql, refresh, true);
	run_statement(refresh, sql.data, NULL, SPI_OK_SELECT);
	total = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
										SPI_tuptable->tupdesc, 1, &isnull));
	matched = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
										  SPI_tuptable->tupdesc, 2, &isnull));
	check_deletion(refresh, name, total, total - matched);

	if (matched < total)
	{
		resetStringInfo(&sql);
		appendStringInfo(&sql, "DELETE FROM %s t WHERE ", only);
		append_range(&sql, refresh, true);
		appendStringInfoString(&sql, " AND NOT EXISTS (SELECT FROM "
							   PIN_DOWNLOAD " n WHERE ");
		append_join(&sql, refresh);
		appendStringInfoChar(&sql, ')');
		result->deleted = run_statement(refresh, sql.data, NULL, SPI_OK_DELETE);
	}

	if (matched > 0 && source->ncolumns > list_length(source->key))
	{
		bool		first = true;

		resetStringInfo(&sql);
		appendStringInfo(&sql, "UPDATE %s t SET ", only);
		for (int i = 0; i < source->ncolumns; i++)
		{
			const char *column = quote_identifier(source->columns[i].name);

			if (list_member_int(source->key, i))
				continue;
			appendStringInfo(&sql, "%s%s = n.%s", first ? "" : ", ",
							 column, column);
			first = false;
		}
		appendStringInfoString(&sql, " FROM " PIN_DOWNLOAD " n WHERE ");
		append_join(&sql, refresh);
		appendStringInfoString(&sql, " AND pg_catalog.record_image_ne(ROW(");
		append_columns(&sql, refresh, "t.");
		appendStringInfoString(&sql, "), ROW(");
		append_columns(&sql, refresh, "n.");
		appendStringInfoString(&sql, "))");
		result->updated = run_statement(refresh, sql.data, NULL, SPI_OK_UPDATE);
	}

	if (matched < result->rows)
	{
		resetStringInfo(&sql);
		appendStringInfo(&sql, "INSERT INTO %s (",
						 pin_relation_sql(result->target));
		append_columns(&sql, refresh, "");
		appendStringInfoString(&sql, ") SELECT ");
		append_columns(&sql, refresh, "n.");
		appendStringInfoString(&sql, " FROM " PIN_DOWNLOAD " n");
		if (matched > 0)
		{
			/* The days are there to spare reading old partitions */
			appendStringInfo(&sql, " WHERE NOT EXISTS (SELECT FROM %s t WHERE ",
							 only);
			append_range(&sql, refresh, false);
			appendStringInfoString(&sql, " AND ");
			append_join(&sql, refresh);
			appendStringInfoChar(&sql, ')');
		}
		result->inserted = run_statement(refresh, sql.data, NULL, SPI_OK_INSERT);
	}

	result->unchanged = matched - result->updated;
}

/*
 * Apply the download to the target, as one change.
 *
 * Takes the lock on the target and keeps it to the end of the transaction.
 * Fills in the counts of refresh->result.
 */
void
pin_refresh_apply(PinRefresh *refresh)
{
	Oid			target = refresh->result.target;
	char	   *name = pin_relation_name(target);
	MemoryContext oldcontext;
	Relation	rel;
	bool		partitioned;

	SPI_connect();

	/* Much may have happened to the target during the download */
	if (name != NULL)
		lock_target(refresh, name);
	name = pin_relation_name(target);
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" was dropped during its refresh",
						refresh->name)));
	rel = table_open(target, NoLock);
	partitioned = rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE;
	oldcontext = MemoryContextSwitchTo(refresh->context);
	match_tables(refresh, rel);
	MemoryContextSwitchTo(oldcontext);
	table_close(rel, NoLock);

	if (!bms_is_empty(refresh->missing))
	{
		add_columns(refresh);
		pin_registry_put(target, refresh->source);
	}

	register_download(refresh);

	/* Rows of tables that merely inherit from the target are not its own */
	apply_difference(refresh, name,
					 psprintf("%s%s", partitioned ? "" : "ONLY ",
							  pin_relation_sql(target)));

	SPI_finish();
	refresh->result.finished_at = GetCurrentTimestamp();
}

/*
 * Give back what a refresh holds.  Also to be called on the way out of an error.
 */
void
pin_refresh_end(PinRefresh *refresh)
{
	if (refresh->store != NULL)
		tuplestore_end(refresh->store);
	MemoryContextDelete(refresh->context);
}

/*
 * Refresh a table within the present transaction.
 */
void
pin_refresh(Oid target, const DateADT *since, PinRefreshResult *result)
{
	PinRefresh *refresh = pin_refresh_prepare(CurrentMemoryContext, target,
											  since);

	PG_TRY();
	{
		pin_refresh_download(refresh);
		pin_refresh_apply(refresh);
		*result = refresh->result;
	}
	PG_FINALLY();
	{
		pin_refresh_end(refresh);
	}
	PG_END_TRY();
}

/*
 * refresh(target regclass, since date) returns pinterest.refresh_result
 */
Datum
pinterest_refresh(PG_FUNCTION_ARGS)
{
	TupleDesc	tupdesc;
	DateADT		since;
	PinRefreshResult result;
	Datum		values[10];
	bool		nulls[10] = {0};

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the table to refresh must not be null")));
	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	PreventCommandIfReadOnly("pinterest.refresh()");

	since = PG_ARGISNULL(1) ? 0 : PG_GETARG_DATEADT(1);
	pin_refresh(PG_GETARG_OID(0), PG_ARGISNULL(1) ? NULL : &since, &result);

	values[0] = ObjectIdGetDatum(result.target);
	values[1] = Int64GetDatum(result.rows);
	values[2] = Int64GetDatum(result.inserted);
	values[3] = Int64GetDatum(result.updated);
	values[4] = Int64GetDatum(result.deleted);
	values[5] = Int64GetDatum(result.unchanged);
	values[6] = Int64GetDatum(result.api_calls);
	values[7] = Int64GetDatum(result.bytes);
	values[8] = TimestampTzGetDatum(result.started_at);
	values[9] = TimestampTzGetDatum(result.finished_at);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc),
													  values, nulls)));
}
