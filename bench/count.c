/*-------------------------------------------------------------------------
 *
 * count.c
 *	  Lets valgrind count the instructions of one statement.
 *
 * A server that runs in callgrind with --instr-atstart=no counts nothing, until
 * bench.count(true) has been called in a session; bench.count(false) ends that, and
 * writes how many there were into a file.  For machines on which perf cannot count.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <valgrind/callgrind.h>

#include "fmgr.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(bench_count);

Datum
bench_count(PG_FUNCTION_ARGS)
{
	if (PG_GETARG_BOOL(0))
		CALLGRIND_START_INSTRUMENTATION;
	else
	{
		CALLGRIND_STOP_INSTRUMENTATION;
		CALLGRIND_DUMP_STATS;
	}
	PG_RETURN_VOID();
}
