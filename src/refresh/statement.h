/*-------------------------------------------------------------------------
 *
 * statement.h
 *	  Runs the statements of a refresh on its target and its download.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_STATEMENT_H
#define PINTEREST_REFRESH_STATEMENT_H

#include "nodes/params.h"
#include "tcop/dest.h"

#include "refresh/state.h"

/*
 * What stands for the name of the target in a statement: with PIN_ONLY_TARGET
 * it is that table alone, and not those that inherit from it.
 */
#define PIN_TARGET			"\001"
#define PIN_ONLY_TARGET		"\002"

/* What stands for rows "n" that it is about, see rows.c */
#define PIN_ROWS			"\003"

/* What stands for a further condition on "t", if there is one, that spares reading */
#define PIN_AND_NEAR		"\004"

/* Name of the download, see pin_register_download() */
#define PIN_DOWNLOAD		"pinterest_download"

/* Names of what of it, and of the target, is to be written: see difference.c */
#define PIN_GONE			"pinterest_gone"
#define PIN_CHANGED			"pinterest_changed"
#define PIN_NEW				"pinterest_new"

extern void pin_refresh_renamed(const PinRefresh *refresh);
extern int64 pin_refresh_execute(const PinRefresh *refresh, const char *sql,
								 int expected);
extern int64 pin_refresh_execute_with(const PinRefresh *refresh,
									  const char *sql, int expected,
									  ParamListInfo params, DestReceiver *dest);
extern int64 pin_refresh_execute_rows(const PinRefresh *refresh,
									  const char *sql, const char *rows,
									  const char *near, int expected,
									  ParamListInfo params);
extern void pin_refresh_each(const PinRefresh *refresh, const char *sql,
							 void (*take) (TupleTableSlot *slot, void *arg),
							 void *arg);
extern void pin_register_rows(const char *name, Tuplestorestate *rows,
							  TupleDesc tupdesc, int64 nrows);
extern void pin_register_download(const PinRefresh *refresh);
extern const char *pin_download_sql(const PinRefresh *refresh);
extern void pin_forbid_indexes(void);

#endif							/* PINTEREST_REFRESH_STATEMENT_H */
