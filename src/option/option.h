/*-------------------------------------------------------------------------
 *
 * option.h
 *	  What option.c, optioncheck.c and import.c share.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_OPTION_H
#define PINTEREST_OPTION_H

#include "pinterest_fdw.h"

/* As distance of a hint, what postgres_fdw uses */
#define PIN_HINT_DISTANCE	4

/* Ids have 18 digits at most; those of items come from the merchant's feed. */
#define PIN_ADVERTISER_DIGITS	18
#define PIN_ID_DIGITS			20

typedef struct PinOptionDef PinOptionDef;

/* Checks a value, and raises an error with a hint if it is wrong */
typedef void (*PinOptionCheck) (const PinOptionDef *option, const char *value);

struct PinOptionDef
{
	const char *name;
	int			places;			/* where it may stand, see option.c */
	int			flags;			/* likewise */
	PinOptionCheck check;
	int			min;			/* of a number */
	int			max;			/* of a number; of a list its length */
	const char *values;			/* allowed ones, separated by spaces */
	size_t		offset;			/* in PinOptions; 0: none, or special */
};

/* in option.c */
extern char *pin_option_hint(const char *name, Oid catalog, const char *extra);
extern bool pin_resource_takes(const PinResource *resource, const char *name);
extern List *pin_option_values(const char *name, int *max);
extern List *pin_split_words(const char *words);

/* in optioncheck.c */
extern void pin_check_url(const PinOptionDef *option, const char *value);
extern void pin_check_redirect(const PinOptionDef *option, const char *value);
extern void pin_check_proxy(const PinOptionDef *option, const char *value);
extern void pin_check_file(const PinOptionDef *option, const char *value);
extern void pin_check_number(const PinOptionDef *option, const char *value);
extern void pin_check_enum(const PinOptionDef *option, const char *value);
extern void pin_check_days(const PinOptionDef *option, const char *value);
extern void pin_check_enums(const PinOptionDef *option, const char *value);
extern void pin_check_ids(const PinOptionDef *option, const char *value);
extern void pin_check_advertisers(const PinOptionDef *option,
								  const char *value);
extern void pin_check_history(const PinOptionDef *option, const char *value);
extern void pin_check_secret(const PinOptionDef *option, const char *value);
extern void pin_check_resource(const PinOptionDef *option, const char *value);
extern void pin_check_column(const PinOptionDef *option, const char *value);
extern List *pin_split_list(const char *value);
extern char *pin_canonical_value(const PinOptionDef *option,
								 const char *value);
extern bool pin_parse_date(const char *value, DateADT *date);
extern bool pin_parse_interval(const char *value, Interval *span);

#endif							/* PINTEREST_OPTION_H */
