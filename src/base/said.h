/*-------------------------------------------------------------------------
 *
 * said.h
 *	  What a statement says once, however often it comes up.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_SAID_H
#define PINTEREST_BASE_SAID_H

extern bool pin_was_said(const char *what);

#endif							/* PINTEREST_BASE_SAID_H */
