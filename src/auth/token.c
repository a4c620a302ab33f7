/*-------------------------------------------------------------------------
 *
 * token.c
 *	  The access token that a request is sent with.
 *
 * Pinterest's access tokens live for 30 days, and refresh tokens for 60; each
 * renewal brings a new one of either, and the old refresh token may be worth
 * nothing from then on.  So a session that finds the access token old takes a
 * lock, looks again whether another session has renewed it meanwhile, and has
 * a worker do it otherwise, see renewal.c.  Where it can, it does so ahead of
 * time: then a renewal that fails does no harm yet.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "auth/client.h"
#include "auth/identity.h"
#include "auth/token.h"
#include "base/secret.h"
#include "base/worker.h"

PG_FUNCTION_INFO_V1(pinterest_is_authorized);
PG_FUNCTION_INFO_V1(pinterest_authorization_ends);

/*
 * How long before its end a token is renewed, unless its life is so short that
 * the given part of it is less
 */
#define ACCESS_MARGIN	USECS_PER_DAY
#define ACCESS_PART		10
#define REFRESH_MARGIN	(7 * USECS_PER_DAY)
#define REFRESH_PART	2

/* After a failure a token that is still good is not renewed for so long. */
#define RETRY_PAUSE		(5 * USECS_PER_MINUTE)

/*
 * keep_secrets
 *		Notes what Pinterest knows of a user mapping, until the current memory
 *		context ends: an answer may repeat it, although a worker has sent it.
 */
static void
keep_secrets(const PinMapping *mapping, const PinTokens *tokens)
{
	pin_secret_keep(CurrentMemoryContext, mapping->client_secret);
	pin_secret_keep(CurrentMemoryContext, mapping->access_token);
	pin_secret_keep(CurrentMemoryContext, mapping->refresh_token);
	pin_secret_keep(CurrentMemoryContext, tokens->access_token);
	pin_secret_keep(CurrentMemoryContext, tokens->refresh_token);
}

/*
 * pin_mapping_tokens
 *		The tokens of a user mapping: those issued, else those that stand in the
 *		mapping itself.
 *
 * Returns false if there are none at all.  Once somebody puts other tokens into
 * the mapping, those that were issued before count no longer, until he takes
 * them out again.  In a copy of a database, tokens in the mapping count no more
 * once others were issued for them in the original: its refresh token has been
 * used, and to use it again could end the authorization of the original.  No
 * message shows any of it until the current memory context ends.
 */
bool
pin_mapping_tokens(const PinMapping *mapping, PinTokens *tokens)
{
	if (pin_tokens_get(&mapping->identity, mapping->digest, tokens))
	{
		keep_secrets(mapping, tokens);
		return true;
	}

	memset(tokens, 0, sizeof(PinTokens));
	tokens->digest = pstrdup(mapping->digest);
	if (!pin_tokens_copied(&mapping->identity, mapping->digest))
	{
		if (mapping->access_token != NULL)
			tokens->access_token = pstrdup(mapping->access_token);
		if (mapping->refresh_token != NULL)
			tokens->refresh_token = pstrdup(mapping->refresh_token);
	}
	tokens->access_expires_at = DT_NOEND;	/* not known */
	tokens->refresh_expires_at = DT_NOEND;
	tokens->issued_at = DT_NOBEGIN;
	tokens->attempted_at = DT_NOEND;
	tokens->failed_at = DT_NOBEGIN;
	keep_secrets(mapping, tokens);
	return tokens->access_token != NULL || tokens->refresh_token != NULL;
}

/*
 * why_not_renewable
 *		Why tokens cannot be renewed anywhere, as a sentence; NULL if they can.
 */
static const char *
why_not_renewable(const PinMapping *mapping, const PinTokens *tokens,
				  TimestampTz now)
{
	if (tokens->refresh_token == NULL)
		return "There is no refresh token.";
	if (tokens->refresh_expires_at <= now)
		return "The refresh token has expired.";
	if (mapping->client_id == NULL || mapping->client_secret == NULL)
		return "The user mapping lacks the option \"client_id\" or \"client_secret\".";
	return NULL;
}

/*
 * pin_can_renew
 *		Whether a renewal can be tried here; if not, *reason says why, as a
 *		sentence.
 */
bool
pin_can_renew(const PinMapping *mapping, const PinTokens *tokens,
			  TimestampTz now, const char **reason)
{
	const char *obstacle = why_not_renewable(mapping, tokens, now);

	if (obstacle == NULL && RecoveryInProgress())
		obstacle = "The server is in recovery.";
	if (obstacle != NULL)
		*reason = obstacle;
	return obstacle == NULL;
}

/*
 * is_due
 *		Whether a token whose life ends then should be renewed.
 */
static bool
is_due(TimestampTz expires_at, TimestampTz issued_at, TimestampTz now,
	   int64 margin, int part)
{
	if (TIMESTAMP_NOT_FINITE(expires_at))
		return false;
	if (!TIMESTAMP_NOT_FINITE(issued_at))
		margin = Min(margin, (expires_at - issued_at) / part);
	return expires_at - now < margin;
}

/*
 * is_usable
 *		Whether there is an access token that is worth being sent.
 *
 * rejected: digest of one that Pinterest does not take, or NULL.
 */
static bool
is_usable(const PinTokens *tokens, const char *rejected, TimestampTz now)
{
	return tokens->access_token != NULL && tokens->access_expires_at > now &&
		(rejected == NULL ||
		 strcmp(pin_digest(tokens->access_token, NULL), rejected) != 0);
}

/*
 * pin_needs_renewal
 *		Whether tokens should be renewed now, be they usable or not.
 *
 * rejected: digest of an access token that Pinterest does not take, or NULL.
 */
bool
pin_needs_renewal(const PinTokens *tokens, const char *rejected, TimestampTz now)
{
	return !is_usable(tokens, rejected, now) ||
		is_due(tokens->access_expires_at, tokens->issued_at, now,
			   ACCESS_MARGIN, ACCESS_PART) ||
		is_due(tokens->refresh_expires_at, tokens->issued_at, now,
			   REFRESH_MARGIN, REFRESH_PART);
}

/*
 * renew
 *		Renews the tokens of a user mapping, unless somebody else does.
 *
 * rejected: digest of an access token that is no good, or NULL.  Failures are
 * reported at elevel; below ERROR, what others are doing already is not waited
 * for.  Returns false after a failure, else with the present tokens in *tokens.
 */
static bool
renew(const PinMapping *mapping, PinTokens *tokens, const char *rejected,
	  int elevel)
{
	TimestampTz begun = GetCurrentTimestamp();
	bool		done = true;

	if (!pin_identity_lock(&mapping->identity, PIN_LOCK_SESSION, elevel >= ERROR))
		return true;

	/* whoever had the lock before us may have done it, or failed at it */
	if (!pin_mapping_tokens(mapping, tokens) ||
		pin_needs_renewal(tokens, rejected, GetCurrentTimestamp()))
	{
		if (tokens->failure != NULL && tokens->failed_at >= begun)
		{
			ereport(elevel,
					(errcode(tokens->failure_sqlstate),
					 errmsg_internal("%s", tokens->failure),
					 tokens->failure_detail != NULL ?
					 errdetail_internal("%s", tokens->failure_detail) : 0,
					 tokens->failure_hint != NULL ?
					 errhint("%s", tokens->failure_hint) : 0));
			done = false;
		}
		else if (pin_identity_is_held(&mapping->identity))
		{
			ereport(elevel,
					(errcode(ERRCODE_OBJECT_IN_USE),
					 errmsg("cannot renew the access token of user \"%s\" at server \"%s\" in this transaction",
							mapping->user, mapping->identity.server),
					 errdetail("It has renamed the server, or dropped the user mapping."),
					 errhint("Commit it first.")));
			done = false;
		}
		else if (!pin_mapping_lock(mapping))
		{
			ereport(elevel,
					(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
					 errmsg("the user mapping for user \"%s\" and server \"%s\" has been dropped",
							mapping->user, mapping->identity.server)));
			done = false;
		}
		else
		{
			List	   *args = pin_client_args(mapping);

			args = pin_job_add(args, "access_token", mapping->access_token);
			args = pin_job_add(args, "refresh_token", mapping->refresh_token);
			args = pin_job_add(args, "rejected", rejected);
			args = pin_job_add(args, "begun", psprintf(INT64_FORMAT, begun));
			done = pin_worker_run("pinterest_job_renew", args, elevel);
			pin_mapping_unlock(mapping);
			pin_mapping_tokens(mapping, tokens);
		}
	}
	pin_identity_unlock(&mapping->identity, PIN_LOCK_SESSION);
	return done;
}

/*
 * pin_is_authorized
 *		Whether a user has an access token for a server, or can get one.
 *
 * Nothing is renewed and nothing locked.  That Pinterest still takes what is
 * there only a request can tell.
 */
bool
pin_is_authorized(Oid serverid, Oid userid)
{
	PinMapping *mapping = pin_find_mapping(serverid, userid);
	TimestampTz now = GetCurrentTimestamp();
	PinTokens	tokens;

	return mapping != NULL && pin_mapping_tokens(mapping, &tokens) &&
		(is_usable(&tokens, NULL, now) ||
		 why_not_renewable(mapping, &tokens, now) == NULL);
}

/*
 * is_authorized(server oid, role oid) returns bool
 *
 * For the view status, which shows it of the owners of tables.
 */
Datum
pinterest_is_authorized(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(pin_is_authorized(PG_GETARG_OID(0), PG_GETARG_OID(1)));
}

/*
 * authorization_ends(server oid, role oid) returns timestamptz
 *
 * When the authorization of a role ends, if that is within seven days; null if it is
 * not, or not known, or there is none.  One that can be renewed is, whenever it is
 * used: then it is near its end only if nobody uses it.
 */
Datum
pinterest_authorization_ends(PG_FUNCTION_ARGS)
{
	PinMapping *mapping = pin_find_mapping(PG_GETARG_OID(0), PG_GETARG_OID(1));
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz end;
	PinTokens	tokens;

	if (mapping == NULL || !pin_mapping_tokens(mapping, &tokens))
		PG_RETURN_NULL();
	if (why_not_renewable(mapping, &tokens, now) == NULL && tokens.failure == NULL)
		end = tokens.refresh_token != NULL ? tokens.refresh_expires_at : DT_NOEND;
	else if (is_usable(&tokens, NULL, now))
		end = tokens.access_expires_at;
	else
		PG_RETURN_NULL();
	if (!is_due(end, tokens.issued_at, now, REFRESH_MARGIN, REFRESH_PART))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(end);
}

/*
 * warn_of_end
 *		Warns while the refresh token is about to end and cannot be renewed.
 */
static void
warn_of_end(const PinMapping *mapping, const PinTokens *tokens, TimestampTz now,
			const char *reason)
{
	if (TIMESTAMP_NOT_FINITE(tokens->refresh_expires_at) ||
		tokens->refresh_expires_at - now >= REFRESH_MARGIN)
		return;
	ereport(WARNING,
			(errcode(ERRCODE_WARNING),
			 errmsg("the authorization of user \"%s\" at server \"%s\" ends at %s and could not be renewed",
					mapping->user, mapping->identity.server,
					timestamptz_to_str(tokens->refresh_expires_at)),
			 errdetail("%s", reason),
			 errhint("pinterest.check() tells more. Otherwise authorize again with pinterest.authorization_url() and pinterest.authorize().")));
}

/*
 * no_token
 *		Raises the error that there is no usable access token.
 */
static void
no_token(const PinMapping *mapping, const PinTokens *tokens, bool any,
		 const char *reason)
{
	if (!any)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("user \"%s\" is not authorized at server \"%s\"",
						mapping->user, mapping->identity.server),
				 pin_tokens_copied(&mapping->identity, NULL) ?
				 errdetail("This database is a copy of another one, whose authorization counts there alone.") : 0,
				 mapping->client_id == NULL || mapping->client_secret == NULL ?
				 errhint("Set the options \"client_id\" and \"client_secret\" of the user mapping and call pinterest.authorization_url(), or set the option \"access_token\".") :
				 errhint("Call pinterest.authorization_url(%s) and go where it leads.",
						 quote_literal_cstr(mapping->identity.server))));
	if (RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot renew the access token of user \"%s\" at server \"%s\" during recovery",
						mapping->user, mapping->identity.server),
				 errhint("Run any query of a foreign table on the primary server, which renews it.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
			 errmsg("the access token of user \"%s\" at server \"%s\" has expired and cannot be renewed",
					mapping->user, mapping->identity.server),
			 errdetail("%s", reason),
			 tokens->refresh_token != NULL && tokens->refresh_expires_at > GetCurrentTimestamp() ?
			 errhint("Set the options \"client_id\" and \"client_secret\" of the user mapping.") :
			 errhint("Authorize again with pinterest.authorization_url() and pinterest.authorize(), or set a new \"access_token\" in the user mapping.")));
}

/*
 * pin_access_token
 *		Access token of a user for a server, renewed if it is time for that.
 *
 * The result is palloc'ed.  Raises 28000 if there is none or it has ended for
 * good, and the errors of a renewal that is needed and fails.
 */
char *
pin_access_token(Oid serverid, Oid userid)
{
	PinMapping *mapping = pin_get_mapping(serverid, userid);
	TimestampTz now = GetCurrentTimestamp();
	const char *reason = NULL;
	PinTokens	tokens;
	bool		any = pin_mapping_tokens(mapping, &tokens);

	if (any && !pin_needs_renewal(&tokens, NULL, now))
		return tokens.access_token;

	if (any && is_usable(&tokens, NULL, now))
	{
		/* ahead of time: no reason to fail */
		if (pin_can_renew(mapping, &tokens, now, &reason))
		{
			reason = "The latest attempt failed.";
			if (tokens.failed_at < now - RETRY_PAUSE &&
				renew(mapping, &tokens, NULL, WARNING))
				return tokens.access_token;
		}
		warn_of_end(mapping, &tokens, now, reason);
		return tokens.access_token;
	}

	if (!any || !pin_can_renew(mapping, &tokens, now, &reason))
		no_token(mapping, &tokens, any, reason);
	renew(mapping, &tokens, NULL, ERROR);
	return tokens.access_token;
}

/*
 * pin_replace_access_token
 *		Another access token in place of one that Pinterest has rejected.
 *
 * The result is palloc'ed; NULL if there is no other one and none can be got.
 * Raises the errors of a renewal.
 */
char *
pin_replace_access_token(Oid serverid, Oid userid, const char *rejected)
{
	PinMapping *mapping = pin_get_mapping(serverid, userid);
	char	   *digest = pin_digest(rejected, NULL);
	TimestampTz now = GetCurrentTimestamp();
	const char *reason;
	PinTokens	tokens;

	if (!pin_mapping_tokens(mapping, &tokens))
		return NULL;
	if (is_usable(&tokens, digest, now))
		return tokens.access_token;
	if (!pin_can_renew(mapping, &tokens, now, &reason))
		return NULL;
	renew(mapping, &tokens, digest, ERROR);
	return is_usable(&tokens, digest, GetCurrentTimestamp()) ?
		tokens.access_token : NULL;
}
