/*-------------------------------------------------------------------------
 *
 * renewal.c
 *	  Renewing tokens: what a worker does for a session.
 *
 * Like all that spends what Pinterest hands out once, this runs in a worker: the
 * new tokens are committed whatever becomes of the session that needs them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "auth/client.h"
#include "auth/endpoint.h"
#include "auth/identity.h"
#include "auth/mapping.h"
#include "auth/renewal.h"
#include "auth/token.h"
#include "auth/tokenstore.h"
#include "base/worker.h"
#include "http/url.h"

/*
 * describe_renewal
 *		Completes the description of a renewal that failed.
 *
 * unknown_since: when one began of which nobody knows the outcome, DT_NOEND
 * if there was none.
 */
static void
describe_renewal(const PinClient *client, PinGrantOutcome outcome,
				 TimestampTz unknown_since, PinProblem *problem)
{
	const char *words = problem->message;

	switch (outcome)
	{
		case PIN_GRANT_NOT_SPENT:
			problem->message =
				psprintf(_("could not renew the access token of user \"%s\" at server \"%s\": %s"),
						 client->user, client->identity.server, words);
			problem->detail = _("The refresh token has not been used.");
			problem->hint = problem->sqlstate == ERRCODE_CONFIGURATION_LIMIT_EXCEEDED ?
				_("Try again later.") :
				_("Check the network and the server options \"api_url\", \"ca_file\" and \"proxy\", then try again.");
			break;
		case PIN_GRANT_UNKNOWN:
			problem->message =
				psprintf(_("the outcome of renewing the access token of user \"%s\" at server \"%s\" is unknown: %s"),
						 client->user, client->identity.server, words);
			problem->detail = _("Pinterest may have replaced the refresh token. The old one is kept, and tried when the next query needs it.");
			problem->hint = _("If that is refused, authorize again with pinterest.authorization_url() and pinterest.authorize().");
			break;
		default:
			problem->message =
				psprintf(_("Pinterest refused to renew the access token of user \"%s\" at server \"%s\": %s"),
						 client->user, client->identity.server, words);
			if (!TIMESTAMP_NOT_FINITE(unknown_since))
				problem->detail =
					psprintf(_("The outcome of a renewal at %s is unknown: Pinterest may have issued tokens then that did not arrive."),
							 timestamptz_to_str(unknown_since));
			problem->hint = _("Check \"client_id\" and \"client_secret\" of the user mapping. If they are right, authorize again with pinterest.authorization_url() and pinterest.authorize().");
			break;
	}
}

/*
 * renew
 *		Job: renews the tokens of a user mapping, unless that has been done.
 *
 * args: those of pin_client_args(); access_token and refresh_token of the mapping
 * itself; rejected, the digest of an access token that was; begun, when the caller
 * did.  Whoever waited for another one's attempt gets its result, be it an
 * error.
 */
static void
renew(List *args)
{
	PinClient	client;
	const char *rejected = pin_job_get(args, "rejected");
	TimestampTz begun = strtoi64(pin_job_get(args, "begun"), NULL, 10);
	TimestampTz unknown_since;
	MemoryContext context = CurrentMemoryContext;
	PinMapping	mapping = {0};
	PinTokens	tokens;
	PinProblem	problem = {0};
	StringInfoData form;
	PinGrantOutcome outcome;

	pin_take_client(args, &client);
	StartTransactionCommand();
	pin_lock_client(&client);

	MemoryContextSwitchTo(context);
	mapping.identity = client.identity;
	mapping.digest = client.digest;
	mapping.access_token = pin_job_get(args, "access_token");
	mapping.refresh_token = pin_job_get(args, "refresh_token");
	pin_mapping_tokens(&mapping, &tokens);
	if (tokens.failure != NULL && tokens.failed_at >= begun)
	{
		problem.sqlstate = tokens.failure_sqlstate;
		problem.message = tokens.failure;
		problem.detail = tokens.failure_detail;
		problem.hint = tokens.failure_hint;
	}
	else if (pin_needs_renewal(&tokens, rejected, GetCurrentTimestamp()))
	{
		/*
		 * Should the server crash between the request and the end, this is
		 * what tells of it.
		 */
		unknown_since = tokens.attempted_at;
		if (TIMESTAMP_NOT_FINITE(unknown_since))
			tokens.attempted_at = GetCurrentTimestamp();
		pin_tokens_put(&client.identity, &tokens);
		CommitTransactionCommand();

		/* Whatever could keep us from writing shows now, and not afterwards. */
		StartTransactionCommand();
		MemoryContextSwitchTo(context);
		pin_tokens_put(&client.identity, &tokens);

		initStringInfo(&form);
		appendStringInfoString(&form, "grant_type=refresh_token&refresh_token=");
		pin_url_append_escaped(&form, tokens.refresh_token);
		outcome = pin_ask_endpoint(&client, form.data, tokens.refresh_token, &tokens, &problem);
		if (outcome != PIN_GRANT_ISSUED)
		{
			describe_renewal(&client, outcome, unknown_since, &problem);
			if (outcome != PIN_GRANT_UNKNOWN)
				tokens.attempted_at = unknown_since;
			tokens.failed_at = GetCurrentTimestamp();
			tokens.failure_sqlstate = problem.sqlstate;
			tokens.failure = problem.message;
			tokens.failure_detail = problem.detail;
			tokens.failure_hint = problem.hint;
		}
		pin_tokens_put(&client.identity, &tokens);
		CommitTransactionCommand();
		RESUME_INTERRUPTS();
		StartTransactionCommand();
	}
	pin_identity_unlock(&client.identity, PIN_LOCK_WORKER);
	CommitTransactionCommand();
	if (problem.message != NULL)
		pin_raise_problem(&problem);
}

/*
 * pinterest_job_renew
 *		What a worker runs for that.
 */
void
pinterest_job_renew(Datum arg)
{
	pin_worker_main(arg, renew);
}
