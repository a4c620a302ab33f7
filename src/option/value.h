/*-------------------------------------------------------------------------
 *
 * value.h
 *	  Checks of single option values.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_OPTION_VALUE_H
#define PINTEREST_OPTION_VALUE_H

#include "nodes/pg_list.h"

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
extern char *pin_canonical_value(const PinOptionDef *option,
								 const char *value);

#endif							/* PINTEREST_OPTION_VALUE_H */
