/*-------------------------------------------------------------------------
 *
 * steps.h
 *	  What the parts of check() share: its steps, and the rows that tell of them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_CHECK_STEPS_H
#define PINTEREST_CHECK_STEPS_H

#include "nodes/execnodes.h"

#include "api/call.h"
#include "auth/mapping.h"
#include "option/settings.h"

/* What a check knows so far */
typedef struct PinCheck
{
	ReturnSetInfo *rsinfo;
	Oid			serverid;
	PinOptions *options;		/* of the server; NULL: they may not be used */
	PinMapping *mapping;		/* NULL: there is none */
	PinSession *session;		/* NULL: no usable access token */
	ErrorData  *error;			/* of the latest step */
} PinCheck;

extern void pin_check_row(PinCheck *check, const char *item, bool ok,
						  const char *detail, const char *hint);
extern char *pin_check_words(const PinCheck *check);
extern void pin_check_error(PinCheck *check, const char *item);
extern bool pin_check_try(PinCheck *check, void (*step) (void *arg), void *arg);
extern void pin_check_select(const char *sql, const Oid *args, int nargs);

#endif							/* PINTEREST_CHECK_STEPS_H */
