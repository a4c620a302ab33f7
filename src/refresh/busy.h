/*-------------------------------------------------------------------------
 *
 * busy.h
 *	  What is told of a table that is being refreshed already.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_BUSY_H
#define PINTEREST_REFRESH_BUSY_H

extern char *pin_refresh_under_way(Oid target);

#endif							/* PINTEREST_REFRESH_BUSY_H */
