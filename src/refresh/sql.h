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

/* Parameters of the statements that pin_refresh_execute() runs */
#define PIN_FIRST_DAY		"$1"	/* of all that was loaded */
#define PIN_NEXT_DAY		"$2"	/* after all that */
#define PIN_STARTED_AT		"$3"	/* when the refresh began */

/*
 * What stands for the name of the target in these statements: with PIN_ONLY_TARGET
 * it is that table alone, and not those that inherit from it.
 */
#define PIN_TARGET			"\001"
#define PIN_ONLY_TARGET		"\002"

extern void pin_append_columns(StringInfo sql, const PinRefresh *refresh,
							   const char *prefix);
extern void pin_append_key(StringInfo sql, const PinRefresh *refresh,
						   const char *prefix);
extern void pin_append_join(StringInfo sql, const PinRefresh *refresh);
extern void pin_append_days(StringInfo sql, const PinRefresh *refresh,
							const char *prefix);
extern void pin_append_parts(StringInfo sql, const PinRefresh *refresh,
							 const char *prefix);
extern char *pin_day_sql(const PinRefresh *refresh, const char *value);
extern Datum pin_day_value(const PinRefresh *refresh, DateADT day, pg_tz *zone);
extern Oid	pin_day_type(const PinRefresh *refresh);
extern int64 pin_refresh_execute(const PinRefresh *refresh, const char *sql,
								 int expected);
extern int64 pin_refresh_execute_params(const PinRefresh *refresh,
										const char *sql, int expected,
										ParamListInfo params);
extern void pin_register_download(PinRefresh *refresh);
extern void pin_filter_download(PinRefresh *refresh);

#endif							/* PINTEREST_REFRESH_SQL_H */
