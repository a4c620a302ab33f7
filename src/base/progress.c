/*-------------------------------------------------------------------------
 *
 * progress.c
 *	  How far a refresh is, for other sessions to see.
 *
 * The counters stand in a dynamic shared memory segment of the backend that
 * refreshes, so that nothing has to be preloaded.  Whoever knows the segment's
 * handle, which is on record with the refresh, can read them.  The segment goes
 * with the backend, however that ends.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/progress.h"

/* Tells a segment of ours from others: handles are used again */
#define PIN_PROGRESS_MAGIC UINT64CONST(0x70696e5f70726f67)

/*
 * pin_progress_create
 *		Makes the counters of a refresh, all zero.
 *
 * The segment outlives the transaction; the caller detaches it.  NULL if the
 * server has no more segments: then there is no progress to see.
 */
PinProgress *
pin_progress_create(int64 run, dsm_segment **segment)
{
	PinProgress *progress;

	*segment = dsm_create(sizeof(PinProgress), DSM_CREATE_NULL_IF_MAXSEGMENTS);
	if (*segment == NULL)
		return NULL;
	dsm_pin_mapping(*segment);

	progress = dsm_segment_address(*segment);
	progress->run = run;
	pg_atomic_init_u64(&progress->windows, 0);
	pg_atomic_init_u64(&progress->windows_ready, 0);
	pg_atomic_init_u64(&progress->rows, 0);
	pg_atomic_init_u64(&progress->bytes, 0);
	pg_atomic_init_u64(&progress->total_bytes, 0);
	pg_atomic_init_u64(&progress->applying, 0);
	progress->magic = PIN_PROGRESS_MAGIC;
	return progress;
}

/*
 * pin_progress_read
 *		Copies the counters of a refresh; false if it has ended.
 *
 * Those of the copy can be read like any others.
 */
bool
pin_progress_read(dsm_handle handle, int64 run, PinProgress *progress)
{
	dsm_segment *segment = dsm_find_mapping(handle);
	bool		attached = segment == NULL;
	bool		found = false;

	/* our own segment is mapped already */
	if (attached)
		segment = dsm_attach(handle);
	if (segment == NULL)
		return false;

	if (dsm_segment_map_length(segment) >= sizeof(PinProgress))
	{
		PinProgress *shared = dsm_segment_address(segment);

		found = shared->magic == PIN_PROGRESS_MAGIC && shared->run == run;
		if (found)
		{
			pg_atomic_init_u64(&progress->windows,
							   pg_atomic_read_u64(&shared->windows));
			pg_atomic_init_u64(&progress->windows_ready,
							   pg_atomic_read_u64(&shared->windows_ready));
			pg_atomic_init_u64(&progress->rows,
							   pg_atomic_read_u64(&shared->rows));
			pg_atomic_init_u64(&progress->bytes,
							   pg_atomic_read_u64(&shared->bytes));
			pg_atomic_init_u64(&progress->total_bytes,
							   pg_atomic_read_u64(&shared->total_bytes));
			pg_atomic_init_u64(&progress->applying,
							   pg_atomic_read_u64(&shared->applying));
		}
	}
	if (attached)
		dsm_detach(segment);
	return found;
}
