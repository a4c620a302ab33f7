/*-------------------------------------------------------------------------
 *
 * actor.c
 *	  As whom a refresh acts.
 *
 * A refresh acts as the owner of its target, whoever calls it: a table's
 * triggers, rules, defaults, checks, index expressions and policies are code of
 * its owner's, and so is, for the reader of a foreign table, the check of a
 * domain.  None of it must get at the rights of who happens to call, nor the
 * owner at rows that only the caller may read.  It is what REFRESH MATERIALIZED
 * VIEW does, see ExecRefreshMatView().
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"

#include "refresh/actor.h"

/*
 * fix_settings
 *		Sets what the caller's session must not have a say in: neither in the
 *		values that are read, nor in what names and values mean to code of the
 *		owner's.
 */
static void
fix_settings(void)
{
	static const char *const settings[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"row_security", "on"},
		{"datestyle", "ISO, YMD"},
		{"intervalstyle", "postgres"},
		{"timezone", "UTC"},
		{"array_nulls", "on"},
	};

	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/*
 * pin_act_as
 *		Acts as a role from here to pin_act_end(), which gets the result.
 *
 * It is a security-restricted operation: code of the owner's can leave nothing
 * behind in the session that the caller would run into.  After an error there is
 * nothing to be done, as the abort of a transaction or subtransaction restores
 * who was at work before it began.  So this belongs inside of what pin_try()
 * runs, not around it; and no transaction may end before pin_act_end().
 */
PinActor
pin_act_as(Oid owner)
{
	PinActor	before;

	GetUserIdAndSecContext(&before.user, &before.context);
	SetUserIdAndSecContext(owner,
						   before.context | SECURITY_RESTRICTED_OPERATION);
	before.nestlevel = NewGUCNestLevel();
	fix_settings();
	return before;
}

/*
 * pin_act_end
 *		Acts as who was at work before pin_act_as().
 *
 * Settings become what they were, whatever code of the owner's has set.
 */
void
pin_act_end(PinActor before)
{
	AtEOXact_GUC(false, before.nestlevel);
	SetUserIdAndSecContext(before.user, before.context);
}
