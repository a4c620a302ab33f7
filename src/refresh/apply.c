/*-------------------------------------------------------------------------
 *
 * apply.c
 *	  Applies a download to its target, as one short change.
 *
 * The target is locked against other writers, not against readers nor against
 * the checks of foreign keys that point at it, and then changed by one DELETE,
 * UPDATE and INSERT at most.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "commands/vacuum.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "parser/parse_node.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/portal.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "base/relation.h"
#include "base/subxact.h"
#include "refresh/actor.h"
#include "refresh/apply.h"
#include "refresh/caller.h"
#include "refresh/difference.h"
#include "refresh/foreign.h"
#include "refresh/freshness.h"
#include "refresh/guard.h"
#include "refresh/load.h"
#include "refresh/log.h"
#include "refresh/match.h"
#include "refresh/registry.h"
#include "refresh/sql.h"
#include "refresh/statement.h"
#include "refresh/statistics.h"

/*
 * How long to wait for other writers of the target, in milliseconds.  The
 * download is lost if this is too short; on the other hand, whoever waits
 * behind us for the same table waits as well.
 */
#define PIN_LOCK_TIMEOUT 10000

/*
 * lock_error_callback
 *		Error context callback while waiting for the lock: say what to
 *		do.
 */
static void
lock_error_callback(void *arg)
{
	if (geterrcode() == ERRCODE_LOCK_NOT_AVAILABLE)
		errhint("Another transaction is using the table. Refresh again when it has ended.");
	errcontext("locking table \"%s\" to apply a refresh", (const char *) arg);
}

/*
 * hidden_row_callback
 *		Error context callback while rows are inserted under row-level
 *		security: a row that was not seen is not missing.
 */
static void
hidden_row_callback(void *arg)
{
	if (geterrcode() == ERRCODE_UNIQUE_VIOLATION)
		errhint("Row-level security hides rows from the owner of the table. Use ALTER TABLE ... NO FORCE ROW LEVEL SECURITY, or a policy that lets the owner see all rows in the loaded range.");
}

/*
 * lock_target
 *		Locks the target, and its partitions, for the apply step.  Returns it
 *		open, or NULL if it is gone.
 *
 * SHARE ROW EXCLUSIVE keeps other writers out, and lets readers as well as the
 * checks of foreign keys that point at the table pass.  Only new columns need
 * more.
 */
static Relation
lock_target(PinRefresh *refresh)
{
	Oid			target = refresh->result.target;
	LOCKMODE	lockmode = bms_is_empty(refresh->missing) ?
		ShareRowExclusiveLock : AccessExclusiveLock;
	int			nestlevel = NewGUCNestLevel();
	ErrorContextCallback callback;
	Relation	rel;

	/* The caller may want to wait less long */
	if (LockTimeout <= 0 || LockTimeout > PIN_LOCK_TIMEOUT)
		(void) set_config_option("lock_timeout",
								 psprintf("%dms", PIN_LOCK_TIMEOUT), PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);

	callback.callback = lock_error_callback;
	callback.arg = unconstify(char *, refresh->name);
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	rel = try_relation_open(target, lockmode);
	if (rel != NULL && rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
		list_free(find_all_inheritors(target, lockmode, NULL));

	error_context_stack = callback.previous;
	AtEOXact_GUC(true, nestlevel);
	return rel;
}

/*
 * add_columns
 *		Step: adds to the target the columns that are new in the source.  arg: a
 *		PinRefresh.
 *
 * Raises 40001 if they have been added to another table, which has got the name
 * meanwhile.
 */
static void
add_columns(void *arg)
{
	const PinRefresh *refresh = arg;
	const PinSourceTable *source = refresh->source;
	Oid			target = refresh->result.target;
	char	   *name = pin_relation_sql(target);
	StringInfoData sql;
	int			i = -1;

	initStringInfo(&sql);
	appendStringInfo(&sql, "ALTER TABLE %s ", name);
	while ((i = bms_next_member(refresh->missing, i)) >= 0)
		appendStringInfo(&sql, "%sADD COLUMN %s",
						 sql.data[sql.len - 1] == ' ' ? "" : ", ",
						 pin_column_definition(&source->columns[i]));
	SPI_connect();
	if (SPI_execute(sql.data, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not execute: %s", sql.data);
	SPI_finish();
	CommandCounterIncrement();

	i = -1;
	while ((i = bms_next_member(refresh->missing, i)) >= 0)
	{
		const char *column = source->columns[i].name;

		if (get_attnum(target, column) != InvalidAttrNumber)
		{
			pin_comment_column(target, &source->columns[i]);
			continue;
		}
		AcceptInvalidationMessages();
		if (strcmp(name, pin_relation_sql(target)) != 0)
			pin_refresh_renamed(refresh);
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of table \"%s\" is gone as soon as it is added",
						column, refresh->name),
				 errhint("Look for an event trigger that drops or renames it.")));
	}
	CommandCounterIncrement();
}

/*
 * is_empty
 *		Whether the target has no rows at all, as at its first load.
 */
static bool
is_empty(const PinRefresh *refresh)
{
	return pin_refresh_execute(refresh, "SELECT FROM " PIN_ONLY_TARGET " t LIMIT 1",
							   SPI_OK_SELECT) == 0;
}

/*
 * note_contents
 *		What the target holds, now that it has been changed.
 *
 * What has not been looked at is not known, as others may have changed it.
 */
static void
note_contents(const PinRefresh *refresh, const PinDifference *difference,
			  PinContents *contents)
{
	const PinRefreshResult *result = &refresh->result;
	int64		removed = refresh->registered.keep_deleted ? 0 : result->deleted;
	bool		as_planned;

	contents->has_rows = difference->whole;
	contents->rows = difference->all - removed + result->inserted;

	/* a trigger may have kept a row from being written, or infinity is no day */
	as_planned = result->inserted == result->rows - difference->matched &&
		(result->deleted == difference->gone ||
		 !pin_has_days(refresh->source->options->resource));
	if (!as_planned || (!refresh->has_days && !difference->has_outer) ||
		(difference->has_outer && (DATE_NOT_FINITE(difference->first_outer) ||
								   DATE_NOT_FINITE(difference->last_outer))))
		return;
	contents->has_first = difference->whole;
	contents->has_last = difference->whole || refresh->postponed == NIL;
	contents->first_day = !refresh->has_days ? difference->first_outer :
		!difference->has_outer ? refresh->first_day :
		Min(refresh->first_day, difference->first_outer);
	contents->last_day = !refresh->has_days ? difference->last_outer :
		!difference->has_outer ? refresh->last_day :
		Max(refresh->last_day, difference->last_outer);
}

/*
 * may_delete
 *		Whether what the download lacks is gone.
 *
 * An ad account that is not listed may be one that somebody has been denied.
 */
static bool
may_delete(const PinRefresh *refresh)
{
	const PinResource *resource = refresh->source->options->resource;

	return resource->kind == PIN_REPORT ||
		resource->listing != PIN_LIST_ADVERTISERS;
}

/*
 * delete_rows
 *		Deletes, or marks as deleted, what belongs to what was loaded and is not in
 *		the download; returns how many rows.
 *
 * One of them, which is the owner's own, can have a null in its key.
 */
static int64
delete_rows(const PinRefresh *refresh, const PinDifference *difference)
{
	bool		keep = refresh->registered.keep_deleted;
	StringInfoData sql;

	initStringInfo(&sql);
	if (keep)
		appendStringInfoString(&sql, "UPDATE " PIN_ONLY_TARGET " t SET " PIN_DELETED_AT
							   " = " PIN_STARTED_AT " FROM " PIN_ROWS
							   " WHERE t." PIN_DELETED_AT " IS NULL AND ");
	else
		appendStringInfoString(&sql, "DELETE FROM " PIN_ONLY_TARGET " t USING "
							   PIN_ROWS " WHERE ");
	if (difference->null_gone)
		pin_append_join_nulls(&sql, refresh);
	else
		pin_append_join(&sql, refresh);
	appendStringInfoString(&sql, PIN_AND_NEAR " AND ");
	pin_append_parts(&sql, refresh, "t.");
	return pin_rows_execute(refresh, sql.data, keep ? SPI_OK_UPDATE : SPI_OK_DELETE,
							&difference->gone_rows);
}

/*
 * update_rows
 *		Updates what is other than in the download.
 *
 * Rows are compared by their binary image, which works for every type; a number
 * that changes its scale counts as changed.  Keys are not, which can be equal and
 * have different images.
 */
static int64
update_rows(const PinRefresh *refresh, const PinDifference *difference)
{
	const PinSourceTable *source = refresh->source;
	StringInfoData sql;
	StringInfoData theirs;
	StringInfoData ours;

	initStringInfo(&sql);
	initStringInfo(&theirs);
	initStringInfo(&ours);
	appendStringInfoString(&sql, "UPDATE " PIN_ONLY_TARGET " t SET ");
	for (int i = 0; i < source->ncolumns; i++)
	{
		const char *column = quote_identifier(source->columns[i].name);
		const char *comma = theirs.len > 0 ? ", " : "";

		if (list_member_int(source->key, i))
			continue;
		appendStringInfo(&sql, "%s%s = n.%s", comma, column, column);
		appendStringInfo(&theirs, "%st.%s", comma, column);
		appendStringInfo(&ours, "%sn.%s", comma, column);
	}
	if (refresh->registered.keep_deleted)
		appendStringInfo(&sql, "%s" PIN_DELETED_AT " = NULL",
						 theirs.len > 0 ? ", " : "");
	appendStringInfoString(&sql, " FROM " PIN_ROWS " WHERE ");
	pin_append_join(&sql, refresh);

	/* the days are there to spare reading old partitions */
	appendStringInfoString(&sql, PIN_AND_NEAR " AND ");
	pin_append_days(&sql, refresh, "t.");
	appendStringInfoString(&sql, " AND (");
	pin_append_kept(&sql, refresh);
	if (theirs.len > 0)
		appendStringInfo(&sql, " OR pg_catalog.record_image_ne(ROW(%s), ROW(%s))",
						 theirs.data, ours.data);
	appendStringInfoChar(&sql, ')');
	return pin_rows_execute(refresh, sql.data, SPI_OK_UPDATE,
							&difference->changed_rows);
}

/*
 * insert_rows
 *		Inserts what is in the download alone, in the order of the unique index.
 */
static int64
insert_rows(const PinRefresh *refresh, const PinDifference *difference)
{
	ErrorContextCallback *previous = error_context_stack;
	ErrorContextCallback callback;
	StringInfoData sql;
	int64		inserted;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "INSERT INTO " PIN_TARGET " (");
	pin_append_columns(&sql, refresh, "");
	appendStringInfoString(&sql, ") SELECT ");
	pin_append_columns(&sql, refresh, "n.");
	appendStringInfoString(&sql, " FROM " PIN_ROWS " ORDER BY ");
	pin_append_key_order(&sql, refresh);

	if (check_enable_rls(refresh->result.target, InvalidOid, true) == RLS_ENABLED)
	{
		callback.callback = hidden_row_callback;
		callback.arg = NULL;
		callback.previous = error_context_stack;
		error_context_stack = &callback;
	}
	inserted = pin_rows_execute(refresh, sql.data, SPI_OK_INSERT,
								&difference->new_rows);
	error_context_stack = previous;
	return inserted;
}

/*
 * apply_difference
 *		Turns the target into the download, within what was loaded.
 *
 * "name" is the target's for messages.  What the target holds afterwards is put
 * into "contents", all zero before.
 */
static void
apply_difference(PinRefresh *refresh, const char *name, PinContents *contents)
{
	const PinSourceTable *source = refresh->source;
	PinRefreshResult *result = &refresh->result;
	PinDifference difference = {0};

	difference.whole = ((!refresh->has_since || source->date < 0) &&
						refresh->postponed == NIL) || is_empty(refresh);
	pin_difference_find(refresh, &difference);
	pin_refresh_check_deletion(refresh, name, difference.total, difference.gone);

	if (difference.gone > 0 && may_delete(refresh))
		result->deleted = delete_rows(refresh, &difference);
	if (difference.changed > 0 &&
		(refresh->registered.keep_deleted || source->ncolumns > list_length(source->key)))
		result->updated = update_rows(refresh, &difference);
	if (difference.matched < result->rows)
		result->inserted = insert_rows(refresh, &difference);

	result->unchanged = difference.matched - result->updated;
	note_contents(refresh, &difference, contents);
	pin_difference_end(&difference);
}

/*
 * fill
 *		Puts the download straight into the target, if that is empty and nothing else
 *		has to happen then; else returns false.
 */
static bool
fill(PinRefresh *refresh)
{
	PinSpool   *spool = refresh->spool;
	PinLoad    *load = spool->nrows == 0 ? NULL : pin_load_begin(refresh);

	if (load == NULL)
		return false;
	pin_spool_rewind(spool);
	while (pin_spool_next(spool))
	{
		slot_getallattrs(spool->slot);
		(void) pin_load_put(load, spool->slot->tts_values, spool->slot->tts_isnull);
	}
	pin_load_end(load);
	if (!pin_load_build_indexes(refresh))
		elog(ERROR, "rows of a download have the same key");
	return true;
}

/*
 * note_loaded
 *		What a target holds that had nothing before, and has all of the download.
 */
static void
note_loaded(PinRefresh *refresh, PinContents *contents)
{
	PinDifference difference = {.whole = true};

	refresh->result.inserted = refresh->result.rows;
	note_contents(refresh, &difference, contents);
}

/*
 * reopen_target
 *		Opens the target, under the lock of the apply step, and looks at
 *		it again: much may have happened to it during the download.
 *
 * To be closed without giving up the lock.  For the caller, who must still be
 * one who may refresh, and not as the owner yet.  If there are columns to add, the
 * source must still be there to be registered with them: a procedure has not kept
 * it locked, and it is locked before the target, see lock.c.
 */
static Relation
reopen_target(PinRefresh *refresh)
{
	Relation	rel;

	if (!pin_hold_source(refresh->source->relid) &&
		!bms_is_empty(refresh->missing))
		pin_lock_source(refresh->source->relid, refresh->name);
	rel = lock_target(refresh);
	if (rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" was dropped during its refresh",
						refresh->name)));
	pin_refresh_check_owner(refresh, rel);
	return rel;
}

/*
 * extend_target
 *		Adds the columns that are new in the source, as the owner.
 */
static void
extend_target(PinRefresh *refresh)
{
	ErrorData  *error;

	if (bms_is_empty(refresh->missing))
		return;
	error = pin_try_by_name(pin_relation_sql, refresh->result.target, add_columns,
							refresh);
	if (error != NULL)
		ReThrowError(error);
	refresh->missing = NULL;
}

/*
 * pin_refresh_extend
 *		Adds the columns that are new in the source to the target.
 *
 * Takes a lock on it that keeps even readers out, to the end of the transaction.
 * One that ends here, and leaves the rows to the next one, spares them waiting
 * for these.
 */
void
pin_refresh_extend(PinRefresh *refresh)
{
	Relation	rel = reopen_target(refresh);
	PinActor	before = pin_act_as(refresh->owner);

	pin_refresh_match(refresh, rel);
	relation_close(rel, NoLock);
	extend_target(refresh);
	pin_act_end(before);
}

/*
 * check_constraints_at_once
 *		Has constraints and triggers that may be put off checked at once, from
 *		here to the end of the transaction.
 *
 * What is put off would run as whoever commits, so PostgreSQL refuses it in a
 * security-restricted operation.  What has been put off up to now is the
 * caller's, and so this comes before acting as the owner; and it is for all, as
 * names of constraints are not unique, and as changes can cascade into other
 * tables.
 */
static void
check_constraints_at_once(void)
{
	ConstraintsSetStmt *stmt = makeNode(ConstraintsSetStmt);

	stmt->constraints = NIL;
	stmt->deferred = false;
	AfterTriggerSetState(stmt);
}

/*
 * close_cursors
 *		Closes the cursors that code of the owner's has left open.
 *
 * Whoever fetches from one runs its query with his own rights.  All that the
 * refresh has opened belongs to the present subtransaction.
 */
static void
close_cursors(void)
{
	static const char *const sql = "SELECT c.name FROM pg_catalog.pg_cursors AS c";

	if (SPI_execute(sql, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", sql);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Portal		portal = GetPortalByName(SPI_getvalue(SPI_tuptable->vals[i],
														  SPI_tuptable->tupdesc, 1));

		if (PortalIsValid(portal) && portal->status != PORTAL_ACTIVE &&
			portal->createSubid == GetCurrentSubTransactionId())
		{
			if (portal->portalPinned)
				UnpinPortal(portal);
			PortalDrop(portal, false);
		}
	}
}

/*
 * pin_refresh_apply
 *		Applies the download to the target, as one change, and records it.
 *
 * Takes the lock on the target and keeps it to the end of the transaction.
 * Fills in the counts of refresh->result.
 */
void
pin_refresh_apply(PinRefresh *refresh)
{
	Oid			target = refresh->result.target;
	PinContents contents = {0};
	PinActor	before;
	Relation	rel;
	char	   *name;

	check_constraints_at_once();
	rel = reopen_target(refresh);
	before = pin_act_as(refresh->owner);
	pin_refresh_match(refresh, rel);
	name = pin_name_of(rel);
	relation_close(rel, NoLock);
	extend_target(refresh);

	SPI_connect();
	refresh->distributed = pin_is_distributed(target);
	if (refresh->load != NULL || fill(refresh))
		note_loaded(refresh, &contents);
	else
		apply_difference(refresh, name, &contents);
	if (refresh->result.inserted > 0 && contents.has_rows && !refresh->distributed &&
		contents.rows == refresh->result.inserted)
		pin_analyze_filled(target, contents.rows);
	close_cursors();
	SPI_finish();

	refresh->result.finished_at = GetCurrentTimestamp();
	pin_run_succeed(refresh->run, &refresh->result, &contents,
					refresh->left_out);
	pin_freshness_note(refresh);
	pin_act_end(before);

	/* the owner's code may have put off those of the caller */
	check_constraints_at_once();
}
