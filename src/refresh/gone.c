/*-------------------------------------------------------------------------
 *
 * gone.c
 *	  Forgets what was dropped without anybody having noticed.
 *
 * Normally an event trigger does, see events.c.  It can be disabled, and does not
 * fire in single-user mode.  What is left then could be taken for another relation,
 * that gets the OID.  What is kept for user mappings goes by names, and would lie
 * about for ever.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "storage/lock.h"

#include "auth/authrequest.h"
#include "auth/tokenstore.h"
#include "base/relation.h"
#include "refresh/freshness.h"
#include "refresh/gone.h"
#include "refresh/log.h"
#include "refresh/registry.h"
#include "source/reuse.h"

/*
 * pin_forget_relation
 *		A relation has been dropped: takes it out of what is known of refreshes.
 */
void
pin_forget_relation(Oid relid)
{
	pin_runs_forget(relid);
	pin_freshness_forget(relid);
	pin_registry_forget(relid);
}

/*
 * pin_forget_gone
 *		Does so with all that are gone, and with tokens and remembered reports of
 *		user mappings that are: if the transaction may write, and unless another
 *		session is at it.
 */
void
pin_forget_gone(void)
{
	List	   *relations;
	LOCKTAG		tag;
	ListCell   *lc;

	if (RecoveryInProgress() || XactReadOnly)
		return;
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, pin_registry_relid(), InvalidOid, 1);
	if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		return;
	relations = list_concat_unique_oid(pin_registry_relations(),
									   pin_freshness_targets());
	relations = list_concat_unique_oid(relations, pin_runs_targets());
	foreach(lc, relations)
	{
		if (pin_relation_is_gone(lfirst_oid(lc)))
			pin_forget_relation(lfirst_oid(lc));
	}
	pin_authrequests_prune();
	pin_tokens_prune();
	pin_reuse_sweep();
}
