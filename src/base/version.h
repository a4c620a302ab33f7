/*-------------------------------------------------------------------------
 *
 * version.h
 *	  The version of this library.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_VERSION_H
#define PINTEREST_BASE_VERSION_H

#define PINTEREST_FDW_VERSION "1.0"

#endif							/* PINTEREST_BASE_VERSION_H */
