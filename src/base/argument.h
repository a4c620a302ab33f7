/*-------------------------------------------------------------------------
 *
 * argument.h
 *	  Arguments of functions that users call.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_ARGUMENT_H
#define PINTEREST_BASE_ARGUMENT_H

#include "fmgr.h"

extern void pin_check_argument(FunctionCallInfo fcinfo, int number,
							   const char *function, const char *name);

#endif							/* PINTEREST_BASE_ARGUMENT_H */
