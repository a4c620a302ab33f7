/*-------------------------------------------------------------------------
 *
 * inspect.c
 *	  Whether a refresh on record is under way, and how far it is.
 *
 * A run without an end on record is under way as long as its backend holds the
 * lock on the refresh.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xlog.h"
#include "fmgr.h"
#include "funcapi.h"
#include "storage/lock.h"
#include "storage/procarray.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"

#include "base/extension.h"
#include "base/progress.h"
#include "refresh/inspect.h"
#include "refresh/lock.h"

PG_FUNCTION_INFO_V1(pinterest_inspect_refresh);

/*
 * holds_lock
 *		Whether a backend holds the lock on the refresh of a table.  A
 *		prepared transaction, which has no process, counts for any.
 */
static bool
holds_lock(int pid, Oid target)
{
	LockData   *data = GetLockStatusData();
	LOCKTAG		tags[PIN_LOCK_METHODS];

	pin_refresh_locktags(tags, target);
	for (int i = 0; i < data->nelements; i++)
	{
		const LockInstanceData *lock = &data->locks[i];

		if ((memcmp(&lock->locktag, &tags[0], sizeof(LOCKTAG)) == 0 ||
			 memcmp(&lock->locktag, &tags[1], sizeof(LOCKTAG)) == 0) &&
			(lock->holdMask & LOCKBIT_ON(PIN_REFRESH_LOCK)) &&
			(lock->pid == pid || lock->pid == 0))
			return true;
	}
	return false;
}

/*
 * has_ended
 *		Whether a run has ended by now, even if that is not seen in
 *		the snapshot of the query.
 */
static bool
has_ended(int64 id)
{
	Relation	rel = pin_extension_open("refresh_ends", AccessShareLock);
	bool		found = pin_rows_with(rel, 1, F_INT8EQ, Int64GetDatum(id)) != NIL;

	table_close(rel, AccessShareLock);
	return found;
}

/*
 * pin_inspect_run
 *		Whether a run without an end on record is under way; if it is not, what
 *		became of it.
 *
 * Locks and processes are those of this server: a standby knows nothing about the
 * refreshes of its primary, and takes them for running.
 */
void
pin_inspect_run(int64 id, Oid target, int pid, PinRunState *state)
{
	bool		alive;

	memset(state, 0, sizeof(PinRunState));

	/* the lock goes after the end has been committed, so look in this order */
	state->running = RecoveryInProgress() || holds_lock(pid, target) || has_ended(id);
	if (state->running)
		return;
	alive = BackendPidGetProc(pid) != NULL;
	state->sqlstate = alive ? ERRCODE_TRANSACTION_ROLLBACK : ERRCODE_CRASH_SHUTDOWN;
	state->message = alive ? "the transaction of the refresh was rolled back" :
		"the backend ended during the refresh";
}

/*
 * inspect_refresh(id bigint, target oid, pid integer, progress bigint)
 *
 * Tells whether a run without an end on record is under way, and how far; if it
 * is not, what became of it.
 */
Datum
pinterest_inspect_refresh(PG_FUNCTION_ARGS)
{
	int64		id = PG_GETARG_INT64(0);
	Oid			target = PG_GETARG_OID(1);
	int			pid = PG_GETARG_INT32(2);
	dsm_handle	handle = (dsm_handle) PG_GETARG_INT64(3);
	TupleDesc	tupdesc;
	Datum		values[9] = {0};
	bool		nulls[9];
	PinProgress progress;
	PinRunState state;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	memset(nulls, true, sizeof(nulls));

	pin_inspect_run(id, target, pid, &state);
	values[0] = BoolGetDatum(state.running);
	nulls[0] = false;
	if (!state.running)
	{
		values[1] = CStringGetTextDatum(unpack_sql_state(state.sqlstate));
		values[2] = CStringGetTextDatum(state.message);
		nulls[1] = nulls[2] = false;
	}
	else if (handle != DSM_HANDLE_INVALID && !RecoveryInProgress() &&
			 pin_progress_read(handle, id, &progress))
	{
		uint64		windows = pg_atomic_read_u64(&progress.windows);

		if (windows > 0)
		{
			values[3] = Int64GetDatum(windows);
			values[4] = Int64GetDatum(pg_atomic_read_u64(&progress.windows_ready));
			values[7] = Int64GetDatum(pg_atomic_read_u64(&progress.total_bytes));
			nulls[3] = nulls[4] = nulls[7] = false;
		}
		values[5] = Int64GetDatum(pg_atomic_read_u64(&progress.rows));
		values[6] = Int64GetDatum(pg_atomic_read_u64(&progress.bytes));
		values[8] = BoolGetDatum(pg_atomic_read_u64(&progress.applying) != 0);
		nulls[5] = nulls[6] = nulls[8] = false;
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc),
													  values, nulls)));
}
