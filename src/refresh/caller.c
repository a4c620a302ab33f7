/*-------------------------------------------------------------------------
 *
 * caller.c
 *	  Who may call for a refresh, and what he is told of it.
 *
 * A refresh acts as the owner of its target, see actor.c.  Its caller has the
 * privileges of the owner's role, or else just that of maintaining the table.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "base/compat.h"
#include "base/relation.h"
#include "base/subxact.h"
#include "refresh/caller.h"

/*
 * pin_refresh_check_caller
 *		Notes who owns the target, and refuses callers that may not refresh it.
 *
 * That takes the privileges of the owner, or that of maintaining the table.  It
 * is looked up without a lock, so that nobody waits for, or is in the way of, a
 * table that is none of his business; pin_refresh_check_owner() looks again.
 * Fills in name, owner and privileged of the refresh.
 */
void
pin_refresh_check_caller(PinRefresh *refresh)
{
	Oid			target = refresh->result.target;
	Oid			owner = pin_relation_owner(target);
	const char *name = pin_relation_name(target);

	if (!OidIsValid(owner) || name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", target)));
	refresh->name = name;
	refresh->owner = owner;
	refresh->privileged = has_privs_of_role(GetUserId(), owner);
	if (!refresh->privileged && !pin_may_maintain(target, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for table \"%s\"", name),
				 errdetail("A refresh acts as the owner of the table, and takes the privileges of that role.")));
	if (refresh->asked.allow_deletion && !refresh->privileged)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to refresh table \"%s\" with allow_deletion",
						name),
				 errdetail("That takes the privileges of the owner of the table."),
				 errhint("Call it without allow_deletion, or let the owner refresh the table.")));
}

/*
 * pin_refresh_check_owner
 *		Refuses to go on with a target, which is locked, if it has got another
 *		owner, or the caller has lost his privileges.
 *
 * What was downloaded may be what the one owner may see, and not the other.
 */
void
pin_refresh_check_owner(const PinRefresh *refresh, Relation rel)
{
	if (rel->rd_rel->relowner != refresh->owner)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("owner of table \"%s\" has changed during its refresh",
						refresh->name),
				 errhint("Refresh again.")));
	if (refresh->privileged ? !has_privs_of_role(GetUserId(), refresh->owner) :
		!pin_may_maintain(RelationGetRelid(rel), GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for table \"%s\"", refresh->name)));
}

/*
 * pin_refresh_told
 *		What the caller is told of an error, which is on record: the error itself,
 *		or another one, palloc'd.
 *
 * Whoever may refresh a table without the privileges of its owner learns from a
 * failure neither what its rows are nor what its triggers say.
 */
ErrorData *
pin_refresh_told(const PinRefresh *refresh, ErrorData *error)
{
	ErrorData  *told;

	if (refresh->privileged)
		return error;
	told = palloc(sizeof(ErrorData));
	*told = *error;

	/* A cancellation is the caller's own, and what comes first is of no row */
	if (refresh->prepared && !pin_is_cancellation(error))
		told->message = psprintf("could not refresh table \"%s\"",
								 refresh->name);
	told->detail = NULL;
	told->detail_log = NULL;
	told->hint = pstrdup("The owner of the table finds the error in pinterest.refresh_log.");
	told->context = NULL;
	told->schema_name = NULL;
	told->table_name = NULL;
	told->column_name = NULL;
	told->datatype_name = NULL;
	told->constraint_name = NULL;
	told->cursorpos = 0;
	told->internalpos = 0;
	told->internalquery = NULL;
	return told;
}
