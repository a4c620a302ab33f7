/*-------------------------------------------------------------------------
 *
 * statistics.h
 *	  Gives the planner statistics of a table that was just filled.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_STATISTICS_H
#define PINTEREST_REFRESH_STATISTICS_H

extern void pin_analyze_filled(Oid target, int64 nrows);

#endif							/* PINTEREST_REFRESH_STATISTICS_H */
