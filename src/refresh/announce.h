/*-------------------------------------------------------------------------
 *
 * announce.h
 *	  Tells whoever listens what became of a refresh.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_ANNOUNCE_H
#define PINTEREST_REFRESH_ANNOUNCE_H

extern void pin_announce_init(void);
extern bool pin_announces(void);
extern char *pin_announcement(int64 id, const char *target, const char *outcome,
							  int sqlstate);
extern void pin_announce(const char *announcement);

#endif							/* PINTEREST_REFRESH_ANNOUNCE_H */
