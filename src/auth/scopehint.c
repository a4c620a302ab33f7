/*-------------------------------------------------------------------------
 *
 * scopehint.c
 *	  What to do about a scope that an access token lacks.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "auth/scopehint.h"
#include "auth/token.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/scope.h"

/*
 * pin_add_scopes_hint
 *		How to get a token that has further scopes, as palloc'ed sentences.
 *
 * mapping: the user mapping; scopes: char *.  Scopes that the token is known to
 * have are asked for again: a new token has those alone that it was asked for with.
 */
char *
pin_add_scopes_hint(const PinMapping *mapping, const List *scopes)
{
	PinTokens	tokens;
	List	   *wanted = list_make1(PIN_SCOPE);
	char	   *call;

	if (pin_mapping_tokens(mapping, &tokens))
		wanted = pin_scopes_add(wanted, pin_read_scopes(tokens.scope));
	wanted = pin_scopes_add(wanted, scopes);
	call = psprintf("pinterest.authorization_url(%s, '{%s}')",
					quote_literal_cstr(mapping->identity.server),
					pin_scopes_join(wanted, ","));
	if (mapping->access_token != NULL)
		return psprintf(_("Set an \"access_token\" that has them in the user mapping, or call %s and pinterest.authorize()."),
						call);
	return psprintf(_("Call %s and pinterest.authorize()."), call);
}

/*
 * pin_table_scopes_hint
 *		What to do if Pinterest says that a scope is missing, as palloc'ed
 *		sentences.
 *
 * Pinterest does not say which one.  scopes: those that are needed, separated by
 * spaces.
 */
char *
pin_table_scopes_hint(Oid serverid, Oid userid, const char *scopes)
{
	PinMapping *mapping = pin_find_mapping(serverid, userid);
	List	   *needed = pin_split_words(scopes);
	char	   *hint = psprintf(_("The access token needs the scopes: %s."),
								pin_comma_list(scopes));

	if (mapping == NULL)		/* dropped meanwhile */
		return hint;
	return psprintf("%s %s", hint, pin_add_scopes_hint(mapping, needed));
}
