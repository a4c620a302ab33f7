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

/* Name of the download, see pin_register_download() */
#define PIN_DOWNLOAD		"pinterest_download"

extern void pin_refresh_renamed(const PinRefresh *refresh);
extern int64 pin_refresh_execute(const PinRefresh *refresh, const char *sql,
								 int expected);
extern int64 pin_refresh_execute_with(const PinRefresh *refresh,
									  const char *sql, int expected,
									  ParamListInfo params, DestReceiver *dest);
extern void pin_register_download(PinRefresh *refresh);

#endif							/* PINTEREST_REFRESH_STATEMENT_H */
