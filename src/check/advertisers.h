/*-------------------------------------------------------------------------
 *
 * advertisers.h
 *	  The part of check() about the advertisers whose ads are to be read.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_CHECK_ADVERTISERS_H
#define PINTEREST_CHECK_ADVERTISERS_H

#include "check/steps.h"

extern void pin_check_advertisers(PinCheck *check);

#endif							/* PINTEREST_CHECK_ADVERTISERS_H */
