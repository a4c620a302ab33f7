/*-------------------------------------------------------------------------
 *
 * freshness.c
 *	  How current a table is, for each advertiser.
 *
 * The table "freshness" has a row for each advertiser of which a materialized
 * table has been loaded, or should have been: when that was, and since when it is
 * left out.  It is written by the transaction of the refresh, and outlives the
 * record of that.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "base/dates.h"
#include "base/extension.h"
#include "base/said.h"
#include "base/text.h"
#include "refresh/freshness.h"

#define FRESHNESS "freshness"

/* Its columns, in order */
enum
{
	COLUMN_TARGET,
	COLUMN_ADVERTISER,
	COLUMN_LAST_SUCCESS_AT,
	COLUMN_COMPLETE_UNTIL,
	COLUMN_LEFT_OUT_SINCE,
	COLUMN_SQLSTATE,
	COLUMN_REASON,
	NCOLUMNS
};

/*
 * find_rows
 *		The rows of a table.
 */
static List *
find_rows(Relation rel, Oid target)
{
	return pin_rows_with(rel, COLUMN_TARGET + 1, F_OIDEQ, ObjectIdGetDatum(target));
}

/*
 * advertiser_of
 *		The advertiser of a row, palloc'd; "" if the table is nobody's.
 */
static char *
advertiser_of(Relation rel, HeapTuple row)
{
	bool		isnull;
	Datum		value = heap_getattr(row, COLUMN_ADVERTISER + 1,
									 RelationGetDescr(rel), &isnull);

	return TextDatumGetCString(value);
}

/*
 * find_left_out
 *		What is known of an advertiser that was left out; NULL if it was not.
 */
static const PinLeftOut *
find_left_out(const PinRefresh *refresh, const char *advertiser_id)
{
	ListCell   *lc;

	foreach(lc, refresh->left_out)
	{
		const PinLeftOut *left_out = lfirst(lc);

		if (strcmp(left_out->advertiser_id, advertiser_id) == 0)
			return left_out;
	}
	return NULL;
}

/*
 * is_over
 *		Whether the turn of an advertiser was in an earlier batch.
 */
static bool
is_over(const PinRefresh *refresh, const char *advertiser_id)
{
	return refresh->asked.batches != NULL &&
		pin_has_string(refresh->asked.batches->done, advertiser_id);
}

/*
 * pin_freshness_find_unlisted
 *		Adds to those who are left out the advertisers that the table has been
 *		loaded of before, and that Pinterest does not list any more, where it is
 *		asked for all that there are.
 *
 * Their rows stay as they are, as an account that is not listed may be one that
 * somebody has been denied.
 */
void
pin_freshness_find_unlisted(PinRefresh *refresh)
{
	MemoryContext oldcontext;
	Relation	rel;
	ListCell   *lc;

	if (!refresh->source->options->all_advertisers ||
		refresh->source->advertiser < 0)
		return;
	rel = pin_extension_open(FRESHNESS, AccessShareLock);
	foreach(lc, find_rows(rel, refresh->result.target))
	{
		char	   *advertiser = advertiser_of(rel, lfirst(lc));
		PinLeftOut *left_out;

		if (pin_has_string(refresh->advertisers, advertiser) ||
			is_over(refresh, advertiser) ||
			find_left_out(refresh, advertiser) != NULL)
			continue;
		oldcontext = MemoryContextSwitchTo(refresh->context);
		left_out = palloc0(sizeof(PinLeftOut));
		left_out->advertiser_id = pstrdup(advertiser);
		left_out->sqlstate = ERRCODE_FDW_TABLE_NOT_FOUND;
		left_out->message = pstrdup(_("Pinterest does not list the ad account"));
		refresh->left_out = lappend(refresh->left_out, left_out);
		MemoryContextSwitchTo(oldcontext);

		/* once for all tables of a call */
		if (pin_was_said(psprintf("unlisted %u %u %s %d",
								  refresh->source->options->serverid,
								  refresh->owner, advertiser,
								  refresh->privileged)))
			continue;

		/* whoever is not the owner learns that somebody was left out */
		ereport(WARNING,
				(errcode(left_out->sqlstate),
				 refresh->privileged ?
				 errmsg("leaving advertiser %s out of the refresh of table \"%s\": Pinterest does not list it any more",
						advertiser, refresh->name) :
				 errmsg("leaving an advertiser out of the refresh of table \"%s\"",
						refresh->name),
				 errdetail("Its rows stay as they are.")));
	}
	table_close(rel, AccessShareLock);
}

/*
 * complete_until
 *		The last day up to which all that was asked for of an advertiser has been
 *		read, as far as Pinterest called the day complete when that began, or else,
 *		if it does not tell, as far as the day was over; false if there is none.
 *
 * since: the first of these days.
 */
static bool
complete_until(const PinRefresh *refresh, const char *advertiser_id,
			   DateADT *since, DateADT *until)
{
	bool		found = false;
	DateADT		today = 0;
	ListCell   *lc;

	foreach(lc, refresh->loaded)
	{
		const PinLoaded *loaded = lfirst(lc);

		if (!loaded->has_range || !loaded->follows ||
			strcmp(loaded->advertiser_id, advertiser_id) != 0)
			continue;
		today = pin_day_of(refresh->result.started_at, loaded->zone);
		*since = found ? Min(*since, loaded->range.start) : loaded->range.start;
		*until = found ? Max(*until, loaded->range.end) : loaded->range.end;
		found = true;
	}
	if (!found)
		return false;
	*until = Min(*until, today - 1);
	if (refresh->ready.is_known)
	{
		if (!refresh->ready.has_day)
			return false;
		*until = Min(*until, refresh->ready.day);
	}
	return *until >= *since;
}

/*
 * note_advertiser
 *		Writes the row of an advertiser, or adds it.
 *
 * old: the row that there is, or NULL.
 */
static void
note_advertiser(const PinRefresh *refresh, Relation rel, HeapTuple old,
				const char *advertiser_id)
{
	const PinLeftOut *left_out = find_left_out(refresh, advertiser_id);
	Datum		values[NCOLUMNS] = {0};
	bool		nulls[NCOLUMNS];
	Datum		finished_at = TimestampTzGetDatum(refresh->result.finished_at);
	DateADT		since;
	DateADT		until;

	memset(nulls, true, sizeof(nulls));
	if (old != NULL && (old = pin_row_lock(rel, old, true)) != NULL)
		pin_row_read(rel, old, values, nulls, lengthof(values));
	values[COLUMN_TARGET] = ObjectIdGetDatum(refresh->result.target);
	values[COLUMN_ADVERTISER] = CStringGetTextDatum(advertiser_id);
	nulls[COLUMN_TARGET] = nulls[COLUMN_ADVERTISER] = false;

	/* Pinterest may have opened a day again, or not have told before */
	if (refresh->ready.is_known && !nulls[COLUMN_COMPLETE_UNTIL] &&
		DatumGetDateADT(values[COLUMN_COMPLETE_UNTIL]) >= refresh->ready.open)
		values[COLUMN_COMPLETE_UNTIL] = DateADTGetDatum(refresh->ready.open - 1);

	/* days in between that nobody has loaded would not be complete */
	if (complete_until(refresh, advertiser_id, &since, &until) &&
		(nulls[COLUMN_COMPLETE_UNTIL] ||
		 (since <= DatumGetDateADT(values[COLUMN_COMPLETE_UNTIL]) + 1 &&
		  until > DatumGetDateADT(values[COLUMN_COMPLETE_UNTIL]))))
	{
		values[COLUMN_COMPLETE_UNTIL] = DateADTGetDatum(until);
		nulls[COLUMN_COMPLETE_UNTIL] = false;
	}
	if (left_out == NULL)
	{
		values[COLUMN_LAST_SUCCESS_AT] = finished_at;
		nulls[COLUMN_LAST_SUCCESS_AT] = false;
		nulls[COLUMN_LEFT_OUT_SINCE] = true;
		nulls[COLUMN_SQLSTATE] = nulls[COLUMN_REASON] = true;
	}
	else
	{
		if (nulls[COLUMN_LEFT_OUT_SINCE])
			values[COLUMN_LEFT_OUT_SINCE] = finished_at;
		values[COLUMN_SQLSTATE] =
			CStringGetTextDatum(unpack_sql_state(left_out->sqlstate));
		values[COLUMN_REASON] = CStringGetTextDatum(left_out->message);
		nulls[COLUMN_LEFT_OUT_SINCE] = false;
		nulls[COLUMN_SQLSTATE] = nulls[COLUMN_REASON] = false;
	}
	if (old != NULL)
		pin_row_update(rel, old, values, nulls);
	else
		pin_row_insert(rel, values, nulls);
}

/*
 * note_unasked
 *		Notes that an advertiser, by its row, is not asked for: then it is not left
 *		out, either.
 */
static void
note_unasked(Relation rel, HeapTuple row)
{
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS];

	pin_row_read(rel, row, values, nulls, lengthof(values));
	if (nulls[COLUMN_LEFT_OUT_SINCE] ||
		(row = pin_row_lock(rel, row, true)) == NULL)
		return;
	pin_row_read(rel, row, values, nulls, lengthof(values));
	nulls[COLUMN_LEFT_OUT_SINCE] = true;
	nulls[COLUMN_SQLSTATE] = nulls[COLUMN_REASON] = true;
	pin_row_update(rel, row, values, nulls);
}

/*
 * pin_freshness_note
 *		Records what a refresh has loaded and left out, as part of the present
 *		transaction.
 *
 * Those who are no longer asked for are neither.
 */
void
pin_freshness_note(const PinRefresh *refresh)
{
	Relation	rel = pin_extension_open(FRESHNESS, RowExclusiveLock);
	List	   *rows = find_rows(rel, refresh->result.target);
	List	   *advertisers = list_copy(refresh->advertisers);
	ListCell   *lc;

	foreach(lc, refresh->left_out)
	{
		const PinLeftOut *left_out = lfirst(lc);

		if (!pin_has_string(advertisers, left_out->advertiser_id))
			advertisers = lappend(advertisers,
								  unconstify(char *, left_out->advertiser_id));
	}
	if (advertisers == NIL)
		advertisers = list_make1("");
	foreach(lc, rows)
	{
		char	   *advertiser = advertiser_of(rel, lfirst(lc));
		bool		found = false;
		ListCell   *lc2;

		foreach(lc2, advertisers)
		{
			if (strcmp(lfirst(lc2), advertiser) != 0)
				continue;
			note_advertiser(refresh, rel, lfirst(lc), advertiser);
			advertisers = foreach_delete_current(advertisers, lc2);
			found = true;
			break;
		}
		if (!found && !is_over(refresh, advertiser))
			note_unasked(rel, lfirst(lc));
	}
	foreach(lc, advertisers)
		note_advertiser(refresh, rel, NULL, lfirst(lc));
	table_close(rel, NoLock);
}

/*
 * pin_freshness_targets
 *		The tables of which something is known: a List of OIDs.
 */
List *
pin_freshness_targets(void)
{
	return pin_extension_oids(FRESHNESS, COLUMN_TARGET + 1);
}

/*
 * pin_freshness_advertisers
 *		The advertisers of which a table has been loaded and is still: a List of
 *		char *.
 */
List *
pin_freshness_advertisers(Oid target)
{
	Relation	rel = pin_extension_open(FRESHNESS, AccessShareLock);
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, find_rows(rel, target))
	{
		char	   *advertiser = advertiser_of(rel, lfirst(lc));

		if (advertiser[0] != '\0' &&
			heap_attisnull(lfirst(lc), COLUMN_LEFT_OUT_SINCE + 1, RelationGetDescr(rel)))
			result = lappend(result, advertiser);
	}
	table_close(rel, AccessShareLock);
	return result;
}

/* An advertiser and when it was loaded, for pin_freshness_turns() */
typedef struct Turn
{
	TimestampTz at;
	char	   *advertiser_id;
} Turn;

/*
 * compare_turns
 *		Whoever was loaded first comes first.
 */
static int
compare_turns(const ListCell *a, const ListCell *b)
{
	const Turn *one = lfirst(a);
	const Turn *other = lfirst(b);

	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	return strcmp(one->advertiser_id, other->advertiser_id);
}

/*
 * pin_freshness_turns
 *		The advertisers of which a table has been loaded, the one first that has
 *		waited longest since: a List of char *.
 */
List *
pin_freshness_turns(Oid target)
{
	Relation	rel = pin_extension_open(FRESHNESS, AccessShareLock);
	List	   *turns = NIL;
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, find_rows(rel, target))
	{
		Turn	   *turn = palloc(sizeof(Turn));
		bool		isnull;
		Datum		at = heap_getattr(lfirst(lc), COLUMN_LAST_SUCCESS_AT + 1,
									  RelationGetDescr(rel), &isnull);

		turn->at = DatumGetTimestampTz(at);
		turn->advertiser_id = advertiser_of(rel, lfirst(lc));
		if (!isnull)
			turns = lappend(turns, turn);
	}
	table_close(rel, AccessShareLock);
	list_sort(turns, compare_turns);
	foreach(lc, turns)
		result = lappend(result, ((Turn *) lfirst(lc))->advertiser_id);
	return result;
}

/*
 * pin_freshness_forget
 *		A table has been dropped: another one could get its OID.
 */
void
pin_freshness_forget(Oid target)
{
	Relation	rel = pin_extension_open(FRESHNESS, RowExclusiveLock);
	ListCell   *lc;

	foreach(lc, find_rows(rel, target))
	{
		HeapTuple	row = pin_row_lock(rel, lfirst(lc), true);

		if (row != NULL)
			pin_row_delete(rel, row);
	}
	table_close(rel, NoLock);
}
