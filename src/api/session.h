/*-------------------------------------------------------------------------
 *
 * session.h
 *	  What is sent when: one policy for connections, faults and throttling.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_API_SESSION_H
#define PINTEREST_API_SESSION_H

#include "api/call.h"
#include "option/settings.h"

extern PinSession *pin_session_create(const PinOptions *options, Oid userid,
									  const char *relname);
extern void pin_channel_init(PinChannel *channel, dlist_head *siblings);
extern void pin_session_join(PinSession *session, PinChannel *channel);
extern void pin_session_run(PinSession *session);
extern bool pin_call_wait(PinSession *session, PinCall *call);
extern void pin_call_raise(PinSession *session, PinCall *call);
extern char *pin_call_refusal(PinCall *call);
extern void pin_note_shown(PinSession *session, const char *advertiser_id);
extern void pin_leave_out(PinSession *session, PinCall *call);
extern bool pin_is_left_out(const PinSession *session,
							const char *advertiser_id);

#endif							/* PINTEREST_API_SESSION_H */
