/*-------------------------------------------------------------------------
 *
 * actor.h
 *	  As whom a refresh acts.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_ACTOR_H
#define PINTEREST_REFRESH_ACTOR_H

/* Who was at work before pin_act_as(), and with which settings */
typedef struct PinActor
{
	Oid			user;
	int			context;
	int			nestlevel;
} PinActor;

extern PinActor pin_act_as(Oid owner);
extern void pin_act_end(PinActor before);

#endif							/* PINTEREST_REFRESH_ACTOR_H */
