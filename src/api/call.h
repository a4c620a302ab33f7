/*-------------------------------------------------------------------------
 *
 * call.h
 *	  One request of the API, from its making to its answer.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_API_CALL_H
#define PINTEREST_API_CALL_H

#include "datatype/timestamp.h"
#include "lib/ilist.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "port/pg_crc32c.h"

#include "base/progress.h"
#include "http/http.h"
#include "json/document.h"
#include "option/settings.h"

/*
 * What the scans of a statement that ask one server as one user share: the
 * number of requests at once, and how long they have waited.
 */
typedef struct PinChannel
{
	dlist_node	node;			/* in "siblings" */
	dlist_head *siblings;		/* other channels of the statement, too: what
								 * they have asked for goes on meanwhile */
	dlist_head	own;			/* siblings of a channel that has no others */
	dlist_head	sessions;		/* in the order in which they began */
	TimestampTz hold_until;		/* throttled: nothing is sent before */

	/*
	 * Waits on throttling and faults since the last good answer, for the option
	 * retry_timeout.  Waits of several calls at the same time count once: those
	 * until blocked_until have been counted.
	 */
	int64		waited_ms;
	TimestampTz blocked_until;
} PinChannel;

/* An advertiser that a scan leaves out, since Pinterest denies it */
typedef struct PinLeftOut
{
	const char *advertiser_id;
	int			sqlstate;		/* of the warning */
	const char *message;		/* Pinterest's words, or its HTTP status */
} PinLeftOut;

/* What a scan has been told, for all of its sessions: it may be repeated */
typedef struct PinLessons
{
	MemoryContext cxt;			/* of what is in the Lists */
	List	   *denied;			/* char *: advertisers of whom it has warned */
	List	   *refused;		/* columns; private to source/spare.c */
} PinLessons;

/* The dealings of one scan with Pinterest */
typedef struct PinSession
{
	MemoryContext cxt;			/* of everything here; owned by the scan */
	dlist_node	node;			/* in the channel */
	PinChannel *channel;
	PinChannel	own_channel;	/* of a session that has joined no other */
	const PinOptions *options;
	const char *relname;		/* foreign table; NULL: none in particular */
	const char *subject;		/* what all is for, for messages */
	Oid			userid;			/* whose user mapping is used */
	bool		one_of_many;	/* an advertiser that is denied is left out, see
								 * PinCall */
	char	   *token;			/* access token */
	const char *app;			/* digest under which requests are counted */
	bool		token_is_new;	/* it has replaced one that was rejected */
	PinHttpPool *pool;
	PinProgress *progress;		/* to keep up to date, or NULL */
	TimestampTz wake_at;		/* when the caller goes on at the latest */
	dlist_head	calls;			/* those not freed yet, oldest first */
	void		(*advance) (void *arg);	/* takes the next steps while another
								 * session runs; NULL: there are none */
	void	   *advance_arg;
	PinLessons *lessons;
	PinLessons	own_lessons;	/* of a session that has no others */
	List	   *left_out;		/* PinLeftOut *, each advertiser once */
	List	   *shown;			/* const char *: advertisers of whom rows were
								 * handed out, the last one first */
} PinSession;

typedef enum PinCallState
{
	PIN_CALL_WAITING,			/* to be sent when it is due */
	PIN_CALL_UNDER_WAY,
	PIN_CALL_DONE,				/* good answer; of a download, all of it */
	PIN_CALL_LINK_EXPIRED,		/* a download needs pin_call_renew() */
	PIN_CALL_REFUSED,			/* as something that does not exist or cannot
								 * be had; only if the caller takes that, as one
								 * of the flags below says */
	PIN_CALL_DENIED				/* its advertiser cannot be read; only if that
								 * is one of many */
} PinCallState;

typedef struct PinCall
{
	dlist_node	node;			/* in the session */
	PinCallState state;
	bool		download;
	const char *advertiser_id;	/* that it is about; NULL: none */
	bool		one_of_many;	/* being denied that one is no error: the caller
								 * does pin_leave_out() */
	const char *missing_hint;	/* what to do if it names something else that
								 * does not exist; NULL: it names nothing else */
	bool		tentative;		/* being refused, for another reason than the
								 * advertiser, is no error: the caller has
								 * another way, or does pin_call_raise() */
	bool		is_item;		/* it is about one of many things that others refer
								 * to: that it does not exist or is denied is no
								 * error, and tells nothing of the advertiser */
	bool		may_be_gone;	/* it is about something that was there a moment ago:
								 * that it does not exist is no error yet, and the
								 * caller does pin_call_raise() if it is one */
	bool		dispensable;	/* whatever keeps it from being answered is no
								 * error, nor is it sent once more: the caller
								 * does without */
	char	   *url;
	char	   *what;			/* method and path, for messages */
	char	   *body;			/* NULL: GET */
	TimestampTz due;			/* not before */
	TimestampTz sent_at;
	TimestampTz answered_at;	/* when the answer was first looked at; 0: not
								 * yet */
	bool		postponed;		/* it is left to the session of the call */
	int			faults;			/* in a row */
	PinHttpRequest *request;	/* NULL while waiting */
	const char *token;			/* that it was sent with */

	/* of a download; bytes are those of the document, not of what is sent */
	bool		held;			/* it is not taken yet: what arrives stays there */
	int64		taken;			/* bytes handed out */
	pg_crc32c	taken_crc;		/* of these */
	int64		total;			/* bytes of all of it as sent; -1: not known */
	int64		skip;			/* bytes to drop, handed out before */
	pg_crc32c	skipped_crc;	/* of those that have been */
	bool		checked;		/* skip is right for the current request */
	bool		ranged;			/* the current request is for the rest only */
	bool		encoded;		/* bytes are not those that are sent: it cannot be
								 * for the rest only */
	char		etag[PIN_HTTP_VALUE_SIZE];
	const char *location;		/* where it was redirected to; NULL: nowhere */
	int			redirects;		/* since the link was followed last */
} PinCall;

extern PinCall *pin_call_get(PinSession *session, const char *path);
extern PinCall *pin_call_post(PinSession *session, const char *path,
							  const char *body);
extern PinCall *pin_call_download(PinSession *session, const char *url,
								  const char *what);
extern void pin_call_specify(PinCall *call, const char *name,
							 const char *value);
extern void pin_call_renew(PinCall *call, const char *url);
extern void pin_call_send(PinSession *session, PinCall *call);
extern bool pin_call_has_input(const PinCall *call);
extern void pin_call_drop_request(PinCall *call);
extern PinJsonDocument *pin_call_document(PinSession *session, PinCall *call,
										  int types);
extern PinJsonDocument *pin_call_object(PinSession *session, PinCall *call,
										const PinJsonField *fields, int nfields);
extern bool pin_call_read(PinCall *call, StringInfo buf);
extern void pin_call_free(PinSession *session, PinCall *call);

#endif							/* PINTEREST_API_CALL_H */
