/*-------------------------------------------------------------------------
 *
 * kind.h
 *	  Tells what a relation is that cannot be refreshed.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_KIND_H
#define PINTEREST_REFRESH_KIND_H

extern void pin_not_materialized(Oid relid);

#endif							/* PINTEREST_REFRESH_KIND_H */
