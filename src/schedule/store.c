/*-------------------------------------------------------------------------
 *
 * store.c
 *	  The schedules that are on record.
 *
 * They are rows of the extension's table schedules, which users read, and the
 * functions here alone write.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/extension.h"
#include "schedule/store.h"

#define SCHEDULES "schedules"

/* Its columns, in order */
enum
{
	COLUMN_NAME,
	COLUMN_TARGETS,
	COLUMN_EVERY,
	COLUMN_CRON,
	COLUMN_JOB_NAME,
	COLUMN_LAST,
	COLUMN_ROLE,
	COLUMN_SCHEDULED_AT,
	COLUMN_LAST_RUN_AT,
	COLUMN_SEVERAL,
	NCOLUMNS
};

/*
 * element_type
 *		Type of the elements of the array of tables.
 */
static Oid
element_type(Relation rel)
{
	return get_element_type(TupleDescAttr(RelationGetDescr(rel), COLUMN_TARGETS)->atttypid);
}

/*
 * get_schedule
 *		What a row says, palloc'd.
 */
static PinSchedule *
get_schedule(Relation rel, HeapTuple row)
{
	PinSchedule *schedule = palloc0(sizeof(PinSchedule));
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS];

	pin_row_read(rel, row, values, nulls, lengthof(values));
	schedule->name = TextDatumGetCString(values[COLUMN_NAME]);
	if (!nulls[COLUMN_TARGETS])
	{
		Datum	   *oids;
		bool	   *missing;
		int			n;

		deconstruct_array(DatumGetArrayTypeP(values[COLUMN_TARGETS]),
						  element_type(rel), sizeof(Oid), true, TYPALIGN_INT,
						  &oids, &missing, &n);
		for (int i = 0; i < n; i++)
			schedule->targets = lappend_oid(schedule->targets,
											missing[i] ? InvalidOid :
											DatumGetObjectId(oids[i]));
	}
	schedule->several = DatumGetBool(values[COLUMN_SEVERAL]);
	schedule->every = TextDatumGetCString(values[COLUMN_EVERY]);
	schedule->cron = TextDatumGetCString(values[COLUMN_CRON]);
	schedule->job_name = TextDatumGetCString(values[COLUMN_JOB_NAME]);
	if (!nulls[COLUMN_LAST])
	{
		schedule->last = palloc(sizeof(Interval));
		*schedule->last = *DatumGetIntervalP(values[COLUMN_LAST]);
	}
	schedule->role = TextDatumGetCString(values[COLUMN_ROLE]);
	schedule->scheduled_at = DatumGetTimestampTz(values[COLUMN_SCHEDULED_AT]);
	schedule->last_run_at = nulls[COLUMN_LAST_RUN_AT] ? DT_NOBEGIN :
		DatumGetTimestampTz(values[COLUMN_LAST_RUN_AT]);
	return schedule;
}

/*
 * pin_schedules_get
 *		All schedules, with the caller's privileges left aside, and as they have
 *		been committed meanwhile: a List of PinSchedule, palloc'd.
 */
List *
pin_schedules_get(void)
{
	Relation	rel = pin_extension_open(SCHEDULES, AccessShareLock);
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, pin_rows_find(rel, InvalidOid, NULL, 0))
		result = lappend(result, get_schedule(rel, lfirst(lc)));
	table_close(rel, AccessShareLock);
	return result;
}

/*
 * pin_schedule_find
 *		The one of a name among all schedules; NULL if there is none.
 */
PinSchedule *
pin_schedule_find(List *schedules, const char *name)
{
	ListCell   *lc;

	foreach(lc, schedules)
	{
		PinSchedule *schedule = lfirst(lc);

		if (strcmp(schedule->name, name) == 0)
			return schedule;
	}
	return NULL;
}

/*
 * pin_schedules_lock
 *		Lets one transaction at a time make and end schedules, to its end.
 *
 * That is no lock on the table itself: the event trigger, which deletes from it,
 * must not have everybody's DROP wait for a transaction that is left open.
 */
void
pin_schedules_lock(LOCKMODE lockmode)
{
	LockDatabaseObject(RelationRelationId, pin_extension_relid(SCHEDULES), 1,
					   lockmode);
}

/*
 * pin_same_last
 *		Whether two schedules load the same days.  NULL: everything.
 *
 * As PostgreSQL compares intervals, a day has 24 hours, and a month 30 days.
 */
bool
pin_same_last(const Interval *a, const Interval *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return DatumGetBool(DirectFunctionCall2(interval_eq,
											IntervalPGetDatum(unconstify(Interval *, a)),
											IntervalPGetDatum(unconstify(Interval *, b))));
}

/*
 * pin_last_text
 *		An interval in words, palloc'd.
 */
char *
pin_last_text(const Interval *last)
{
	return DatumGetCString(DirectFunctionCall1(interval_out,
											   IntervalPGetDatum(unconstify(Interval *, last))));
}

/*
 * find_row
 *		The row of a name, locked; NULL if there is none.
 */
static HeapTuple
find_row(Relation rel, const char *name)
{
	List	   *rows = pin_rows_with(rel, COLUMN_NAME + 1, F_TEXTEQ,
									 CStringGetTextDatum(name));

	return rows == NIL ? NULL : pin_row_lock(rel, linitial(rows), true);
}

/*
 * pin_schedule_put
 *		Writes a schedule, in the place of one of the same name.
 */
void
pin_schedule_put(const PinSchedule *schedule)
{
	Relation	rel = pin_extension_open(SCHEDULES, RowExclusiveLock);
	HeapTuple	old = find_row(rel, schedule->name);
	Datum	   *oids = palloc(sizeof(Datum) * Max(list_length(schedule->targets), 1));
	Datum		values[NCOLUMNS] = {0};
	bool		nulls[NCOLUMNS] = {0};
	ListCell   *lc;

	foreach(lc, schedule->targets)
		oids[foreach_current_index(lc)] = ObjectIdGetDatum(lfirst_oid(lc));
	values[COLUMN_NAME] = CStringGetTextDatum(schedule->name);
	nulls[COLUMN_TARGETS] = schedule->targets == NIL;
	if (schedule->targets != NIL)
		values[COLUMN_TARGETS] =
			PointerGetDatum(construct_array(oids, list_length(schedule->targets),
											element_type(rel), sizeof(Oid), true,
											TYPALIGN_INT));
	values[COLUMN_SEVERAL] = BoolGetDatum(schedule->several);
	values[COLUMN_EVERY] = CStringGetTextDatum(schedule->every);
	values[COLUMN_CRON] = CStringGetTextDatum(schedule->cron);
	values[COLUMN_JOB_NAME] = CStringGetTextDatum(schedule->job_name);
	nulls[COLUMN_LAST] = schedule->last == NULL;
	values[COLUMN_LAST] = IntervalPGetDatum(schedule->last);
	values[COLUMN_ROLE] = CStringGetTextDatum(schedule->role);
	values[COLUMN_SCHEDULED_AT] = TimestampTzGetDatum(schedule->scheduled_at);
	nulls[COLUMN_LAST_RUN_AT] = TIMESTAMP_IS_NOBEGIN(schedule->last_run_at);
	values[COLUMN_LAST_RUN_AT] = TimestampTzGetDatum(schedule->last_run_at);
	if (old != NULL)
		pin_row_update(rel, old, values, nulls);
	else
		pin_row_insert(rel, values, nulls);
	table_close(rel, NoLock);
}

/*
 * pin_schedule_lock
 *		The schedule of a name as it is now, locked to the end of the transaction;
 *		NULL if it is gone.
 */
PinSchedule *
pin_schedule_lock(const char *name)
{
	Relation	rel = pin_extension_open(SCHEDULES, RowExclusiveLock);
	HeapTuple	row = find_row(rel, name);
	PinSchedule *result = row == NULL ? NULL : get_schedule(rel, row);

	table_close(rel, NoLock);
	return result;
}

/*
 * pin_schedule_delete
 *		Deletes the schedule of a name, if it is there.
 */
void
pin_schedule_delete(const char *name)
{
	Relation	rel = pin_extension_open(SCHEDULES, RowExclusiveLock);
	HeapTuple	row = find_row(rel, name);

	if (row != NULL)
		pin_row_delete(rel, row);
	table_close(rel, NoLock);
}
