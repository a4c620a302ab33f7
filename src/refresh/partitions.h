/*-------------------------------------------------------------------------
 *
 * partitions.h
 *	  Partitions of a target on other servers.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_PARTITIONS_H
#define PINTEREST_REFRESH_PARTITIONS_H

#include "refresh/foreign.h"

extern void pin_check_partitions(const PinSourceTable *source, Relation target);

#endif							/* PINTEREST_REFRESH_PARTITIONS_H */
