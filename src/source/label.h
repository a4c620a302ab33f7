/*-------------------------------------------------------------------------
 *
 * label.h
 *	  What a report's row says about its hour, week or month.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_LABEL_H
#define PINTEREST_SOURCE_LABEL_H

#include "base/dates.h"
#include "json/document.h"
#include "request/window.h"

/* Whether a row is of a whole week or month */
typedef enum PinLabel
{
	PIN_LABEL_GOOD,
	PIN_LABEL_OTHER_WEEK,		/* if weeks begin on the other day: Sunday in
								 * place of Monday, or the other way round */
	PIN_LABEL_BAD
} PinLabel;

extern char *pin_hour_text(const PinJsonValue *date, const PinJsonValue *hour,
						   const PinJsonValue *instant, pg_tz *zone);
extern PinLabel pin_judge_label(PinGranularity granularity, int week_start,
								const PinRange *asked, PinJsonValue *label);
extern bool pin_is_of_other_day(const PinRange *asked,
								const PinJsonValue *date);
extern void pin_bad_label(PinGranularity granularity, const PinRange *asked,
						  const PinJsonValue *label);

#endif							/* PINTEREST_SOURCE_LABEL_H */
