/*-------------------------------------------------------------------------
 *
 * sql.h
 *	  What the statements about the download of a refresh are made of.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_SQL_H
#define PINTEREST_REFRESH_SQL_H

#include "lib/stringinfo.h"
#include "nodes/params.h"

#include "refresh/state.h"

/* Parameters of the statements that pin_refresh_execute() runs */
#define PIN_FIRST_DAY		"$1"	/* of all that was loaded */
#define PIN_NEXT_DAY		"$2"	/* after all that */
#define PIN_STARTED_AT		"$3"	/* when the refresh began */

extern void pin_append_columns(StringInfo sql, const PinRefresh *refresh,
							   const char *prefix);
extern void pin_append_key(StringInfo sql, const PinRefresh *refresh,
						   const char *prefix);
extern void pin_append_join(StringInfo sql, const PinRefresh *refresh);
extern void pin_append_join_nulls(StringInfo sql, const PinRefresh *refresh);
extern void pin_append_key_order(StringInfo sql, const PinRefresh *refresh);
extern void pin_append_kept(StringInfo sql, const PinRefresh *refresh);
extern void pin_append_days(StringInfo sql, const PinRefresh *refresh,
							const char *prefix);
extern void pin_append_parts(StringInfo sql, const PinRefresh *refresh,
							 const char *prefix);
extern char *pin_date_sql(const PinRefresh *refresh, const char *prefix);
extern char *pin_advertiser_sql(const PinRefresh *refresh,
								const char *prefix);
extern char *pin_day_sql(const PinRefresh *refresh, const char *value);
extern Datum pin_day_value(const PinRefresh *refresh, DateADT day, pg_tz *zone);
extern Oid	pin_day_type(const PinRefresh *refresh);
extern void pin_add_param(ParamListInfo params, Oid type, Datum value);
extern ParamListInfo pin_refresh_params(const PinRefresh *refresh);

#endif							/* PINTEREST_REFRESH_SQL_H */
