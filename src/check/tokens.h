/*-------------------------------------------------------------------------
 *
 * tokens.h
 *	  The part of check() about tokens and their scopes.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_CHECK_TOKENS_H
#define PINTEREST_CHECK_TOKENS_H

#include "check/steps.h"

extern void pin_check_tokens(PinCheck *check);

#endif							/* PINTEREST_CHECK_TOKENS_H */
