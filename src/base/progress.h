/*-------------------------------------------------------------------------
 *
 * progress.h
 *	  How far a refresh is, for other sessions to see.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_PROGRESS_H
#define PINTEREST_BASE_PROGRESS_H

#include "port/atomics.h"
#include "storage/dsm.h"

/*
 * Counters in shared memory: written by the backend that refreshes, read by
 * any other.
 */
typedef struct PinProgress
{
	uint64		magic;
	int64		run;			/* id of the refresh, see refresh/log.c */
	pg_atomic_uint64 windows;	/* reports asked for; 0: not known yet */
	pg_atomic_uint64 windows_ready; /* of these, prepared by Pinterest */
	pg_atomic_uint64 rows;		/* downloaded */
	pg_atomic_uint64 bytes;		/* likewise */
	pg_atomic_uint64 total_bytes;	/* size of the reports that are ready */
	pg_atomic_uint64 applying;	/* 1: all is downloaded, and being applied */
} PinProgress;

extern PinProgress *pin_progress_create(int64 run, dsm_segment **segment);
extern bool pin_progress_read(dsm_handle handle, int64 run,
							  PinProgress *progress);

#endif							/* PINTEREST_BASE_PROGRESS_H */
