/*-------------------------------------------------------------------------
 *
 * option.h
 *	  The table of options, and their validation.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_OPTION_OPTION_H
#define PINTEREST_OPTION_OPTION_H

#include "catalog/catalog.h"
#include "option/value.h"

/* Where an option may stand, a bit each */
#define PIN_IN_SERVER	(1 << 0)
#define PIN_IN_MAPPING	(1 << 1)
#define PIN_IN_TABLE	(1 << 2)
#define PIN_IN_COLUMN	(1 << 3)
#define PIN_IN_BOTH		(PIN_IN_SERVER | PIN_IN_TABLE)	/* table wins over server */

/* Groups of options, likewise */
#define PIN_GUARDED		(1 << 0)	/* says where credentials go, so counts on a
									 * superuser's server only */
#define PIN_REPORT_ONLY (1 << 1)	/* means nothing to an entity */
#define PIN_DATED_ONLY	(1 << 4)	/* means nothing to what has no days */
#define PIN_FILTER		(1 << 2)	/* for resources that take it */
#define PIN_TEMPLATED	(1 << 3)	/* a template brings its own, and Pinterest takes
									 * no other with it */

/* The filter by who owns an entity, of which Pinterest takes one value at a time */
#define PIN_OWNERSHIP	"ownership_type"

/* Pinterest's defaults of the attribution windows, in days */
#define PIN_CLICK_WINDOW		30
#define PIN_ENGAGEMENT_WINDOW	30
#define PIN_VIEW_WINDOW			1

extern const PinOptionDef *pin_option_def(const char *name, int places);
extern char *pin_option_hint(const char *name, Oid catalog, const char *extra);
extern bool pin_resource_takes(const PinResource *resource, const char *name);
extern List *pin_option_values(const char *name, int *max);
extern const char *pin_find_option(List *options, const char *name);
extern void pin_check_windows(int click, int engagement, int view, Oid relid);

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_fdw_validator(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_OPTION_OPTION_H */
