/*-------------------------------------------------------------------------
 *
 * value.h
 *	  Values of options: their types, checks, and what they are read as.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_OPTION_VALUE_H
#define PINTEREST_OPTION_VALUE_H

#include "nodes/pg_list.h"
#include "utils/date.h"
#include "utils/timestamp.h"

/* Ids have 18 digits at most; those of items come from the merchant's feed. */
#define PIN_ADVERTISER_DIGITS	18
#define PIN_ID_DIGITS			20

/* What an option's value is, and what pin_read_value() makes of it */
typedef enum PinOptionType
{
	PIN_OPTION_URL,				/* char *, as the next four */
	PIN_OPTION_REDIRECT,
	PIN_OPTION_PROXY,
	PIN_OPTION_FILE,
	PIN_OPTION_SECRET,
	PIN_OPTION_RESOURCE,		/* const PinResource * */
	PIN_OPTION_COLUMN,			/* char * */
	PIN_OPTION_COLUMNS,			/* List of char *, as in reports: upper case */
	PIN_OPTION_NUMBER,			/* int */
	PIN_OPTION_BOOLEAN,			/* bool */
	PIN_OPTION_CHOICE,			/* int: the place among the allowed values */
	PIN_OPTION_WORD,			/* char *: one of the allowed values */
	PIN_OPTION_WORDS,			/* List of char *: some of them */
	PIN_OPTION_DAYS,			/* int: one of them */
	PIN_OPTION_ID,				/* char * */
	PIN_OPTION_IDS,				/* List of char * */
	PIN_OPTION_ADVERTISERS,		/* List of char *; NIL: all */
	PIN_OPTION_HISTORY			/* PinHistory */
} PinOptionType;

typedef struct PinOptionDef
{
	const char *name;
	PinOptionType type;
	int			places;			/* where it may stand, see option.h */
	int			flags;			/* likewise */
	int			min;			/* of a number */
	int			max;			/* of a number; of a list its length, 0: any */
	const char *values;			/* allowed ones, separated by spaces */
} PinOptionDef;

/* How far back reports go: a day, or an interval counted back from today */
typedef struct PinHistory
{
	bool		is_day;
	DateADT		day;
	Interval	span;
} PinHistory;

extern void pin_check_value(const PinOptionDef *option, const char *value);
extern void pin_read_value(const PinOptionDef *option, const char *value,
						   void *target);
extern char *pin_canonical_value(const PinOptionDef *option,
								 const char *value);

#endif							/* PINTEREST_OPTION_VALUE_H */
