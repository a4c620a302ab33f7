/*-------------------------------------------------------------------------
 *
 * gone.h
 *	  Forgets what was dropped without anybody having noticed.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_GONE_H
#define PINTEREST_REFRESH_GONE_H

extern void pin_forget_relation(Oid relid);
extern void pin_forget_gone(void);

#endif							/* PINTEREST_REFRESH_GONE_H */
