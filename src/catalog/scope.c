/*-------------------------------------------------------------------------
 *
 * scope.c
 *	  Scopes of OAuth: what a token lets its bearer do.
 *
 * A set of scopes is a List of strings here, in the order in which they came.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/compat.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/scope.h"

/*
 * All scopes, as the security scheme "pinterest_oauth2" of Pinterest's description
 * of its API lists them.
 */
static const char *const pinterest_scopes[] = {
	PIN_SCOPE, "ads:write", "billing:read", "billing:write", "biz_access:read",
	"biz_access:write", "boards:read", "boards:read_secret", "boards:write",
	"boards:write_secret", "catalogs:read", "catalogs:write", "msot:write",
	"pins:read", "pins:read_secret", "pins:write", "pins:write_secret",
	"user_accounts:read", "user_accounts:write"
};

/*
 * is_scope
 *		Whether Pinterest has a scope of this name.
 */
static bool
is_scope(const char *name)
{
	for (int i = 0; i < lengthof(pinterest_scopes); i++)
	{
		if (strcmp(pinterest_scopes[i], name) == 0)
			return true;
	}
	return false;
}

/*
 * pin_check_scope
 *		Raises 22023 unless Pinterest has a scope of this name.
 *
 * At Pinterest, a single wrong one spoils the whole consent page.
 */
void
pin_check_scope(const char *scope)
{
	ClosestMatchState match;
	StringInfoData all;

	if (is_scope(scope))
		return;
	initStringInfo(&all);
	initClosestMatch(&match, scope, PIN_HINT_DISTANCE);
	for (int i = 0; i < lengthof(pinterest_scopes); i++)
	{
		updateClosestMatch(&match, pinterest_scopes[i]);
		appendStringInfo(&all, "%s%s", i > 0 ? ", " : "", pinterest_scopes[i]);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid scope: \"%s\"", pin_shorten(scope)),
			 getClosestMatch(&match) != NULL ?
			 errhint("Perhaps you meant the scope \"%s\".", getClosestMatch(&match)) :
			 errhint("Pinterest's scopes are: %s.", all.data)));
}

/*
 * pin_read_scopes
 *		The scopes in a text, where spaces or commas separate them, each once.
 *
 * Names that Pinterest does not have are left out: the text may be what anybody
 * has answered.  NULL has none.  The result is palloc'ed.
 */
List *
pin_read_scopes(const char *text)
{
	List	   *result = NIL;
	char	   *rest = NULL;

	if (text == NULL)
		return NIL;
	for (char *name = strtok_r(pstrdup(text), " ,", &rest); name != NULL;
		 name = strtok_r(NULL, " ,", &rest))
	{
		if (is_scope(name) && !pin_has_string(result, name))
			result = lappend(result, name);
	}
	return result;
}

/*
 * pin_scopes_add
 *		Scopes with those of others that are not among them yet; changes the first
 *		List.
 */
List *
pin_scopes_add(List *scopes, const List *more)
{
	ListCell   *lc;

	foreach(lc, more)
	{
		if (!pin_has_string(scopes, lfirst(lc)))
			scopes = lappend(scopes, lfirst(lc));
	}
	return scopes;
}

/*
 * pin_scopes_join
 *		Scopes in one palloc'ed string, with a separator in between.
 */
char *
pin_scopes_join(const List *scopes, const char *separator)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, scopes)
		appendStringInfo(&buf, "%s%s", buf.len > 0 ? separator : "",
						 (char *) lfirst(lc));
	return buf.data;
}
