/*-------------------------------------------------------------------------
 *
 * session.c
 *	  What is sent when: one policy for connections, faults and throttling.
 *
 * Every request of a scan goes through here.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/pg_prng.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/link.h"
#include "api/session.h"
#include "api/verdict.h"
#include "auth/token.h"
#include "base/said.h"
#include "base/text.h"
#include "http/http.h"

/* Pauses where the server does not name one, in milliseconds */
#define FIRST_PAUSE_MS		500
#define LONGEST_PAUSE_MS	120000

/* So many other sessions of a channel take their next steps while one runs. */
#define SESSIONS_AHEAD		8

/* Without anything to wait for, look again after this time. */
#define IDLE_WAIT_MS		60000

/*
 * pin_channel_init
 *		Makes a channel that has no sessions yet.
 *
 * siblings: list of the channels that it belongs to, which must all live as
 * long as any of them is used; NULL: it is alone.
 */
void
pin_channel_init(PinChannel *channel, dlist_head *siblings)
{
	dlist_init(&channel->own);
	dlist_init(&channel->sessions);
	channel->siblings = siblings != NULL ? siblings : &channel->own;
	dlist_push_tail(channel->siblings, &channel->node);
	channel->hold_until = DT_NOBEGIN;
	channel->waited_ms = 0;
	channel->blocked_until = DT_NOBEGIN;
}

/*
 * leave_channel
 *		Memory context callback: the session ends.
 */
static void
leave_channel(void *arg)
{
	dlist_delete(&((PinSession *) arg)->node);
}

/*
 * pin_session_join
 *		Lets a session share a channel with others, from its beginning on.
 *
 * The channel must live longer than the session, and be one of the same server
 * and user.
 */
void
pin_session_join(PinSession *session, PinChannel *channel)
{
	Assert(dlist_is_empty(&session->calls));
	dlist_delete(&session->node);
	session->channel = channel;
	dlist_push_tail(&channel->sessions, &session->node);
}

/*
 * pin_session_create
 *		Begins the dealings of a scan with Pinterest.
 *
 * options, relname: must live as long as the current memory context, in which
 * the session is made; its end aborts all requests.  relname: NULL if no foreign
 * table is being read.  userid: whose user mapping is used.  Raises the errors
 * of pin_access_token().
 */
PinSession *
pin_session_create(const PinOptions *options, Oid userid, const char *relname)
{
	PinSession *session = palloc0(sizeof(PinSession));
	MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));

	session->cxt = CurrentMemoryContext;
	session->wake_at = DT_NOEND;
	session->options = options;
	session->relname = relname;
	session->subject = relname != NULL ?
		psprintf(_("foreign table \"%s\""), relname) :
		psprintf(_("server \"%s\""),
				 GetForeignServer(options->serverid)->servername);
	session->userid = userid;
	session->one_of_many = options->all_advertisers;
	session->token = pin_access_token(options->serverid, userid);
	session->app = pin_app_digest(pin_get_mapping(options->serverid, userid));
	session->pool = pin_http_pool_create(session->cxt);
	dlist_init(&session->calls);
	session->own_lessons.cxt = session->cxt;
	session->lessons = &session->own_lessons;
	session->channel = &session->own_channel;
	pin_channel_init(session->channel, NULL);
	dlist_push_tail(&session->channel->sessions, &session->node);
	callback->func = leave_channel;
	callback->arg = session;
	MemoryContextRegisterResetCallback(session->cxt, callback);
	return session;
}

/*
 * count_wait
 *		Counts a wait, as far as it has not been counted for another call.
 */
static void
count_wait(PinChannel *channel, TimestampTz from, TimestampTz until)
{
	from = Max(from, channel->blocked_until);
	if (until <= from)
		return;
	channel->waited_ms += TimestampDifferenceMilliseconds(from, until);
	channel->blocked_until = until;
}

/*
 * end_waits
 *		A good answer has come: what was waited for before is no longer counted, but
 *		for a pause that is not over.
 *
 * A quota makes a large statement wait again and again, for hours altogether, and
 * it comes along all the same.
 */
static void
end_waits(PinChannel *channel, TimestampTz now)
{
	channel->waited_ms = channel->blocked_until > now ?
		TimestampDifferenceMilliseconds(now, channel->blocked_until) : 0;
}

/*
 * wasted_ms
 *		Of a download that failed, how long at its end hardly anything came, in
 *		milliseconds.
 */
static int64
wasted_ms(const PinSession *session, const PinCall *call)
{
	int			seconds = 0;

	if (call->request->fault == PIN_HTTP_TIMEOUT)
		seconds = session->options->timeout;
	else if (call->request->fault == PIN_HTTP_SLOW)
		seconds = call->request->rate.period;
	return seconds * INT64CONST(1000);
}

/*
 * schedule_retry
 *		Puts a call off after a fault.
 *
 * If that would take longer than the option retry_timeout allows, raises the
 * error, or returns false unless it is "ours" to raise.
 */
static bool
schedule_retry(PinSession *session, PinCall *call, const PinOutcome *outcome,
			   bool ours)
{
	PinChannel *channel = session->channel;
	TimestampTz now = GetCurrentTimestamp();
	int64		left_ms;
	int64		pause_ms = outcome->pause_ms;
	TimestampTz until;

	/*
	 * A request that failed in the end was a wait itself, but not the part of
	 * a download that went well.
	 */
	count_wait(channel,
			   call->download ?
			   TimestampTzPlusMilliseconds(call->answered_at, -wasted_ms(session, call)) :
			   call->sent_at,
			   call->answered_at);
	left_ms = session->options->retry_timeout * INT64CONST(1000) -
		channel->waited_ms;

	/* time that is waited for another call anyway is free */
	if (channel->blocked_until > now)
		left_ms += TimestampDifferenceMilliseconds(now, channel->blocked_until);

	/* a server that asks for no pause at all does not know better than we do */
	if (pause_ms <= 0)
	{
		/* with a jitter, so that many sessions do not come back together */
		pause_ms = FIRST_PAUSE_MS * (INT64CONST(1) << Min(call->faults, 20));
		pause_ms = Min(pause_ms, LONGEST_PAUSE_MS);
		pause_ms = pause_ms * (0.75 + 0.5 * pg_prng_double(&pg_global_prng_state));
		if (left_ms > 0)
			pause_ms = Min(pause_ms, left_ms);
	}
	if (pause_ms > left_ms || left_ms <= 0)
	{
		if (!ours)
			return false;
		pin_fail(session, call, outcome);
	}

	until = TimestampTzPlusMilliseconds(now, pause_ms);
	count_wait(channel, now, until);
	if (outcome->verdict == PIN_THROTTLED && until > channel->hold_until)
		channel->hold_until = until;

	ereport(DEBUG1,
			(errmsg_internal("%s: HTTP status %ld, %s; trying again in " INT64_FORMAT " ms",
							 call->what, call->request->status,
							 outcome->message != NULL ? pin_shorten(outcome->message) : "",
							 pause_ms)));
	call->faults++;
	call->location = NULL;
	call->redirects = 0;
	call->due = until;
	call->state = PIN_CALL_WAITING;
	session->pool->usage.retries++;
	pin_usage.retries++;
	return true;
}

/*
 * replace_token
 *		Gets another access token in place of one that was rejected; false if
 *		there is none, or the other one was rejected, too.
 */
static bool
replace_token(PinSession *session, PinCall *call)
{
	MemoryContext old;
	char	   *token;

	/* another call may have been rejected before */
	if (call->token != session->token)
		return true;
	if (session->token_is_new)
		return false;
	old = MemoryContextSwitchTo(session->cxt);
	token = pin_replace_access_token(session->options->serverid, session->userid,
									 session->token);
	MemoryContextSwitchTo(old);
	if (token == NULL)
		return false;
	session->token = token;
	session->token_is_new = true;
	return true;
}

/*
 * may_be_refused
 *		Whether it is left to the caller what the refusal of a call means.
 */
static bool
may_be_refused(const PinCall *call, const PinOutcome *outcome)
{
	if (call->is_item && call->request->fault == PIN_HTTP_NO_FAULT &&
		(call->request->status == 403 || call->request->status == 404))
		return true;
	if (call->may_be_gone && !outcome->about_advertiser &&
		call->request->fault == PIN_HTTP_NO_FAULT && call->request->status == 404)
		return true;
	return call->tentative && !outcome->about_advertiser &&
		call->request->fault == PIN_HTTP_NO_FAULT &&
		(call->request->status == 400 || call->request->status == 404);
}

/*
 * give_up
 *		Ends a call that will have no good answer: it is an error when the caller
 *		needs the answer and it is the call's turn.
 */
static void
give_up(PinSession *session, PinCall *call, const PinOutcome *outcome, bool ours)
{
	if (call->dispensable)
	{
		ereport(DEBUG1,
				(errmsg_internal("%s: done without", call->what)));
		call->state = PIN_CALL_REFUSED;
	}
	else if (ours)
		pin_fail(session, call, outcome);
	else
		call->postponed = true;
}

/*
 * take_outcome
 *		Acts on the verdict of an answer.
 */
static void
take_outcome(PinSession *session, PinCall *call, PinOutcome *outcome, bool ours)
{
	const char *problem;

	switch (outcome->verdict)
	{
		case PIN_GOOD:
			call->state = PIN_CALL_DONE;
			call->faults = 0;
			end_waits(session->channel, GetCurrentTimestamp());
			break;
		case PIN_FAULT:
		case PIN_THROTTLED:
			if (schedule_retry(session, call, outcome, ours))
				pin_call_drop_request(call);
			else
				call->postponed = true;
			break;
		case PIN_EXPIRED:
			call->state = PIN_CALL_LINK_EXPIRED;
			pin_call_drop_request(call);
			break;
		case PIN_MOVED:
			if (pin_link_follow(session, call, &problem))
				pin_call_drop_request(call);
			else
			{
				outcome->message = pstrdup(problem);
				give_up(session, call, outcome, ours);
			}
			break;
		case PIN_DENIED:
			/* the caller warns, or fails, when it is its turn */
			call->state = PIN_CALL_DENIED;
			break;
		case PIN_UNAUTHORIZED:
			if (!ours)
				call->postponed = true;
			else if (replace_token(session, call))
			{
				call->state = PIN_CALL_WAITING;
				call->due = DT_NOBEGIN;
				pin_call_drop_request(call);
				session->pool->usage.retries++;
				pin_usage.retries++;
			}
			else
				give_up(session, call, outcome, ours);
			break;
		case PIN_REFUSED:
			if (may_be_refused(call, outcome))
			{
				ereport(DEBUG1,
						(errmsg_internal("%s: refused: %s", call->what,
										 outcome->message != NULL ?
										 pin_shorten(outcome->message) : "")));
				call->state = PIN_CALL_REFUSED;
			}
			else
				give_up(session, call, outcome, ours);
			break;
	}
}

/*
 * finish_call
 *		Deals with the answer to a call.
 *
 * ours: whether the session is the one that runs.  If not, what is to be
 * raised is left to it.
 */
static void
finish_call(PinSession *session, PinCall *call, bool ours)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "pinterest_fdw answer",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	PinOutcome	outcome = pin_judge(call);

	if (call->answered_at == 0)
	{
		call->answered_at = GetCurrentTimestamp();
		ereport(DEBUG1,
				(errmsg_internal("%s: HTTP status %ld, " INT64_FORMAT " bytes",
								 call->what, call->request->status,
								 call->request->received)));
	}
	call->postponed = false;
	if (call->dispensable && outcome.verdict != PIN_GOOD &&
		outcome.verdict != PIN_MOVED && outcome.verdict != PIN_UNAUTHORIZED)
		give_up(session, call, &outcome, ours);
	else
		take_outcome(session, call, &outcome, ours);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}

/*
 * send_due
 *		Sends the calls of a session that are due, as far as the option
 *		max_connections allows.
 *
 * left: how many more may be under way.  Returns when the first of the others
 * is due that can be sent.
 */
static TimestampTz
send_due(PinSession *session, TimestampTz now, int *left)
{
	TimestampTz next = DT_NOEND;
	dlist_iter	iter;

	dlist_foreach(iter, &session->calls)
	{
		PinCall    *call = dlist_container(PinCall, node, iter.cur);
		TimestampTz due = Max(call->due, session->channel->hold_until);

		if (*left <= 0)
			break;
		if (call->state != PIN_CALL_WAITING)
			continue;
		if (due <= now)
		{
			pin_call_send(session, call);
			(*left)--;
		}
		else
			next = Min(next, due);
	}
	return next;
}

/*
 * prepare_channel
 *		Sends what is due in a channel, first of the session that runs, and finds
 *		out what there is to wait for.
 *
 * wake: lowered to when something else is due; ready: set if an answer is there
 * already that can be dealt with.
 */
static void
prepare_channel(PinChannel *channel, PinSession *running, TimestampTz now,
				TimestampTz *wake, bool *ready)
{
	int			left = 0;
	dlist_iter	iter,
				iter2;

	/*
	 * A download of another session that is not taken does not count, or it
	 * could keep this one from ever getting its turn; nor does one that is held
	 * and rests.
	 */
	dlist_foreach(iter, &channel->sessions)
	{
		PinSession *session = dlist_container(PinSession, node, iter.cur);

		if (iter.cur == dlist_head_node(&channel->sessions))
			left += session->options->max_connections;
		dlist_foreach(iter2, &session->calls)
		{
			PinCall    *call = dlist_container(PinCall, node, iter2.cur);

			if (call->state != PIN_CALL_UNDER_WAY)
				continue;
			if (!call->request->done &&
				!(call->held && call->request->paused) &&
				(session == running || !pin_call_has_input(call)))
				left--;
			if (session == running && !call->held ?
				call->request->done || pin_call_has_input(call) :
				call->request->done && !pin_call_has_input(call) && !call->postponed)
				*ready = true;
		}
	}

	if (running->channel == channel)
		*wake = Min(*wake, send_due(running, now, &left));
	dlist_foreach(iter, &channel->sessions)
	{
		PinSession *session = dlist_container(PinSession, node, iter.cur);

		if (session != running)
			*wake = Min(*wake, send_due(session, now, &left));
	}
}

/*
 * advance_others
 *		Lets the sessions of a channel that come next take their next steps, so that
 *		what they are about is there when it is their turn.
 *
 * They are few, as what has come of them waits in memory, and links to it end.
 */
static void
advance_others(PinChannel *channel, const PinSession *running)
{
	int			count = 0;
	dlist_iter	iter;

	dlist_foreach(iter, &channel->sessions)
	{
		PinSession *session = dlist_container(PinSession, node, iter.cur);

		if (session == running || session->advance == NULL)
			continue;
		session->advance(session->advance_arg);
		if (++count == SESSIONS_AHEAD)
			break;
	}
}

/*
 * pin_session_run
 *		Makes one step: sends what is due, within max_connections, waits until
 *		something happens and deals with the answers that are complete.
 *
 * The other sessions of the channel and of its siblings take part in it, so that
 * what they have asked for is under way meanwhile; but what there is to raise,
 * or to decide, waits until they run themselves.
 *
 * A completed download counts as an answer only when its bytes were taken, so
 * that a caller sees them first.  Raises the error of a call that cannot
 * succeed, and the errors of CHECK_FOR_INTERRUPTS().
 */
void
pin_session_run(PinSession *session)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz wake = Min(TimestampTzPlusMilliseconds(now, IDLE_WAIT_MS),
						   session->wake_at);
	bool		ready = false;
	dlist_iter	iter,
				iter2,
				iter3;

	dlist_foreach(iter, session->channel->siblings)
		prepare_channel(dlist_container(PinChannel, node, iter.cur), session, now,
						&wake, &ready);

	pin_http_wait(ready ? 0 : TimestampDifferenceMilliseconds(now, wake));
	if (session->progress != NULL)
		pg_atomic_write_u64(&session->progress->bytes,
							session->pool->usage.bytes);

	dlist_foreach(iter, session->channel->siblings)
	{
		PinChannel *channel = dlist_container(PinChannel, node, iter.cur);

		dlist_foreach(iter2, &channel->sessions)
		{
			PinSession *other = dlist_container(PinSession, node, iter2.cur);

			dlist_foreach(iter3, &other->calls)
			{
				PinCall    *call = dlist_container(PinCall, node, iter3.cur);

				if (call->state == PIN_CALL_UNDER_WAY && call->request->done &&
					!pin_call_has_input(call) && (other == session || !call->postponed))
					finish_call(other, call, other == session);
			}
		}
		advance_others(channel, session);
	}
}

/*
 * pin_call_wait
 *		Runs the session until a call has its answer; false if that is not a
 *		good one, which only some calls get to see: see call->state.
 */
bool
pin_call_wait(PinSession *session, PinCall *call)
{
	while (call->state == PIN_CALL_WAITING || call->state == PIN_CALL_UNDER_WAY)
		pin_session_run(session);
	return call->state == PIN_CALL_DONE;
}

/*
 * pin_call_raise
 *		Raises the error that the answer to a refused or denied call stands for.
 */
void
pin_call_raise(PinSession *session, PinCall *call)
{
	PinOutcome	outcome = pin_judge(call);

	pin_fail(session, call, &outcome);
}

/*
 * pin_call_refusal
 *		Pinterest's words about a call that it refused with HTTP status 400, in
 *		full, palloc'ed; NULL if there are none, or the status is another one.
 */
char *
pin_call_refusal(PinCall *call)
{
	Assert(call->state == PIN_CALL_REFUSED);
	return call->request->status == 400 ? pin_judge(call).message : NULL;
}

/*
 * pin_note_shown
 *		Notes that a row of an advertiser is handed out.  From then on it is too
 *		late to leave out that advertiser.
 *
 * advertiser_id: must live as long as the session; NULL: the row belongs to
 * none.
 */
void
pin_note_shown(PinSession *session, const char *advertiser_id)
{
	MemoryContext old;
	ListCell   *lc;

	/* nearly always that of the row before */
	if (advertiser_id == NULL ||
		(session->shown != NIL && linitial(session->shown) == advertiser_id))
		return;
	foreach(lc, session->shown)
	{
		if (lfirst(lc) == advertiser_id)
		{
			session->shown = foreach_delete_current(session->shown, lc);
			break;
		}
	}
	old = MemoryContextSwitchTo(session->cxt);
	session->shown = lcons((void *) advertiser_id, session->shown);
	MemoryContextSwitchTo(old);
}

/*
 * pin_is_left_out
 *		Whether an advertiser has been left out; NULL: is nobody.
 */
bool
pin_is_left_out(const PinSession *session, const char *advertiser_id)
{
	ListCell   *lc;

	if (advertiser_id == NULL)
		return false;
	foreach(lc, session->left_out)
	{
		if (strcmp(((PinLeftOut *) lfirst(lc))->advertiser_id, advertiser_id) == 0)
			return true;
	}
	return false;
}

/*
 * warn_of_denial
 *		Warns that the advertiser of a denied call is left out, unless the scan or
 *		the statement has done so.
 */
static void
warn_of_denial(PinSession *session, const PinCall *call,
			   const PinOutcome *outcome, const char *words)
{
	PinLessons *lessons = session->lessons;
	MemoryContext old;

	if (pin_has_string(lessons->denied, call->advertiser_id))
		return;
	old = MemoryContextSwitchTo(lessons->cxt);
	lessons->denied = lappend(lessons->denied, pstrdup(call->advertiser_id));
	MemoryContextSwitchTo(old);
	if (pin_was_said(psprintf("denied %u %u %s %s", session->options->serverid,
							  GetUserId(), call->advertiser_id, words)))
		return;
	ereport(WARNING,
			(errcode(outcome->sqlstate),
			 errmsg("leaving out advertiser %s, which Pinterest denies for %s: %s",
					call->advertiser_id, session->subject, words),
			 errdetail("%s was answered with HTTP status %ld.",
					   call->what, call->request->status),
			 call->request->status == 403 ? errhint("%s", outcome->hint) : 0));
}

/*
 * pin_leave_out
 *		Leaves out the advertiser of a denied call: warns, and puts it on record
 *		in the session, once.
 *
 * Raises 42501 if rows of the advertiser have been handed out: a part of what it
 * has would look like all of it.
 */
void
pin_leave_out(PinSession *session, PinCall *call)
{
	PinOutcome	outcome = pin_judge(call);
	const char *words = outcome.message != NULL ?
		pin_shorten(outcome.message) :
		psprintf(_("HTTP status %ld"), call->request->status);
	MemoryContext old;
	PinLeftOut *entry;

	Assert(call->state == PIN_CALL_DENIED);
	if (pin_is_left_out(session, call->advertiser_id))
		return;
	if (pin_has_string(session->shown, call->advertiser_id))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("Pinterest denied advertiser %s after a part of it had been read for %s: %s",
						call->advertiser_id, session->subject, words),
				 errdetail("%s was answered with HTTP status %ld.",
						   call->what, call->request->status),
				 errhint("Run the statement again.")));
	warn_of_denial(session, call, &outcome, words);
	old = MemoryContextSwitchTo(session->cxt);
	entry = palloc(sizeof(PinLeftOut));
	entry->advertiser_id = pstrdup(call->advertiser_id);
	entry->sqlstate = outcome.sqlstate;
	entry->message = pstrdup(words);
	session->left_out = lappend(session->left_out, entry);
	MemoryContextSwitchTo(old);
}
