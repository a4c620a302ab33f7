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

/* The hour that a row is about */
typedef struct PinHour
{
	TimestampTz time;
	const char *problem;		/* why it cannot be told; NULL: it can */
	const char *shown;			/* what came then; NULL: nothing */
} PinHour;

extern PinHour pin_read_hour(const PinJsonValue *date, const PinJsonValue *hour,
							 const PinJsonValue *instant, pg_tz *zone);
extern char *pin_hour_text(const PinHour *hour, pg_tz *zone);
extern PinLabel pin_judge_label(PinGranularity granularity, int week_start,
								const PinRange *asked, PinJsonValue *label);
extern void pin_bad_label(PinGranularity granularity, const PinRange *asked,
						  const PinJsonValue *label);

#endif							/* PINTEREST_SOURCE_LABEL_H */
