/*-------------------------------------------------------------------------
 *
 * sql.h
 *	  Statements that work on the download of a refresh.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_SQL_H
#define PINTEREST_REFRESH_SQL_H

#include "lib/stringinfo.h"

#include "refresh/state.h"

extern void pin_append_columns(StringInfo sql, const PinRefresh *refresh,
							   const char *prefix);
extern void pin_append_key(StringInfo sql, const PinRefresh *refresh,
						   const char *prefix);
extern void pin_append_join(StringInfo sql, const PinRefresh *refresh);
extern void pin_append_range(StringInfo sql, const PinRefresh *refresh,
							 bool advertisers);
extern int64 pin_refresh_execute(const PinRefresh *refresh, const char *sql,
								 int expected);
extern void pin_register_download(PinRefresh *refresh);

#endif							/* PINTEREST_REFRESH_SQL_H */
