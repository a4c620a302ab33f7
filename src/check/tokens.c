/*-------------------------------------------------------------------------
 *
 * tokens.c
 *	  The part of check() about tokens and their scopes.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "api/session.h"
#include "auth/needs.h"
#include "auth/scopehint.h"
#include "auth/token.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/scope.h"
#include "check/tokens.h"
#include "json/document.h"

/* Foreign tables that a row names */
#define MAX_NAMED	5

/* What this part knows so far */
typedef struct TokenCheck
{
	PinCheck   *check;
	PinTokens	tokens;
	List	   *tables;			/* of PinNeed */
} TokenCheck;

/*
 * try_token
 *		Step: Pinterest takes the access token.
 */
static void
try_token(void *arg)
{
	PinCheck   *check = arg;
	PinSession *session = pin_session_create(check->options, GetUserId(), NULL);
	PinCall    *call = pin_call_get(session, "/ad_accounts?page_size=1");

	pin_call_wait(session, call);
	pin_json_close(pin_call_document(session, call, PIN_JSON_OBJECT));
	check->session = session;
}

/*
 * find_tables
 *		Step: the foreign tables of the server that the user may read.
 */
static void
find_tables(void *arg)
{
	TokenCheck *part = arg;

	part->tables = pin_needs(part->check->serverid);
}

/*
 * tables_with_scope
 *		Names of tables that need a scope, for people to read, palloc'ed; NULL if
 *		none does.
 */
static char *
tables_with_scope(const TokenCheck *part, const char *scope)
{
	StringInfoData names;
	int			n = 0;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, part->tables)
	{
		PinNeed    *need = lfirst(lc);

		if (!pin_has_string(need->scopes, scope))
			continue;
		if (n < MAX_NAMED)
			appendStringInfo(&names, "%s%s", n > 0 ? ", " : "", need->table);
		n++;
	}
	if (n > MAX_NAMED)
		appendStringInfo(&names, _(" and %d more"), n - MAX_NAMED);
	return n > 0 ? names.data : NULL;
}

/*
 * check_scopes
 *		Rows about the scopes of the token, beside what the tables need.
 *
 * refused: Pinterest has said that one is missing, which is the error of the latest
 * step.
 */
static void
check_scopes(TokenCheck *part, bool refused)
{
	PinCheck   *check = part->check;
	List	   *granted = pin_read_scopes(part->tokens.scope);
	List	   *missing = NIL;
	ListCell   *lc;

	if (refused)
		pin_check_error(check, "scope");
	if (!pin_check_try(check, find_tables, part))
		pin_check_error(check, "scope");
	foreach(lc, part->tables)
		missing = pin_scopes_add(missing, ((PinNeed *) lfirst(lc))->scopes);
	missing = pin_scopes_add(missing, list_make1(PIN_SCOPE));
	foreach(lc, missing)
	{
		/* what has been tried, or refused, has its row */
		if (pin_has_string(granted, lfirst(lc)) ||
			(strcmp(lfirst(lc), PIN_SCOPE) == 0 && (refused || granted == NIL)))
			missing = foreach_delete_current(missing, lc);
	}

	if (granted == NIL)
	{
		if (!refused)
			pin_check_row(check, "scope", true,
						  missing == NIL ?
						  PIN_SCOPE ", which is all that the tables need; others are not known" :
						  psprintf(PIN_SCOPE "; whether it has %s, needed for %s, is not known",
								   pin_scopes_join(missing, ", "),
								   tables_with_scope(part, linitial(missing))), NULL);
		return;
	}
	if (!refused)
		pin_check_row(check, "scope", true, pin_shorten(part->tokens.scope), NULL);
	foreach(lc, missing)
	{
		char	   *tables = tables_with_scope(part, lfirst(lc));

		pin_check_row(check, psprintf("scope %s", (char *) lfirst(lc)), false,
					  tables == NULL ?
					  "The access token does not have it, and nothing is read without it." :
					  psprintf("The access token does not have it. It is needed for %s.",
							   tables),
					  pin_add_scopes_hint(check->mapping, missing));
	}
}

/*
 * end_of_life
 *		When a token ends, in words.
 */
static char *
end_of_life(TimestampTz expires_at)
{
	return TIMESTAMP_NOT_FINITE(expires_at) ? "valid, for how long is not known" :
		psprintf("valid until %s", timestamptz_to_str(expires_at));
}

/*
 * pin_check_tokens
 *		Rows about the tokens, the scope and the renewal.
 */
void
pin_check_tokens(PinCheck *check)
{
	TokenCheck	part = {.check = check};
	PinMapping *mapping = check->mapping;
	PinTokens  *tokens = &part.tokens;
	bool		good = pin_check_try(check, try_token, check);
	bool		scope_missing = !good &&
		check->error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE;
	bool		have_tokens;
	const char *reason = NULL;

	/* only now, as a renewal may have been due */
	have_tokens = pin_mapping_tokens(mapping, tokens);
	if (good || scope_missing)
		pin_check_row(check, "access token", true,
					  end_of_life(tokens->access_expires_at), NULL);
	else
		pin_check_error(check, "access token");
	if (!have_tokens)
		return;

	if (tokens->refresh_token == NULL && TIMESTAMP_NOT_FINITE(tokens->issued_at))
		pin_check_row(check, "refresh token", true,
					  "none: the access token in the user mapping is used as long as it lasts", NULL);
	else if (!pin_can_renew(mapping, tokens, GetCurrentTimestamp(), &reason))
		pin_check_row(check, "refresh token", false, reason,
					  mapping->client_id == NULL || mapping->client_secret == NULL ?
					  "Set the options \"client_id\" and \"client_secret\" of the user mapping." :
					  RecoveryInProgress() ? "Tokens are renewed on the primary server." :
					  "Authorize with pinterest.authorization_url() and pinterest.authorize().");
	else if (tokens->failure != NULL)
		pin_check_row(check, "refresh token", false,
					  psprintf("%s, but the renewal at %s failed: %s",
							   end_of_life(tokens->refresh_expires_at),
							   pstrdup(timestamptz_to_str(tokens->failed_at)),
							   tokens->failure), tokens->failure_hint);
	else if (!TIMESTAMP_NOT_FINITE(tokens->attempted_at))
		pin_check_row(check, "refresh token", false,
					  psprintf("The outcome of a renewal that began at %s is unknown.",
							   timestamptz_to_str(tokens->attempted_at)),
					  "The refresh token is kept and tried again when the access token ends. If it is refused then, authorize again.");
	else
		pin_check_row(check, "refresh token", true,
					  end_of_life(tokens->refresh_expires_at), NULL);

	if (good || scope_missing)
		check_scopes(&part, scope_missing);
}
