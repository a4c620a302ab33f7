/*-------------------------------------------------------------------------
 *
 * client.c
 *	  Whom a worker asks Pinterest for tokens for, and where.
 *
 * A worker's transaction may not see the user mapping that it works for, which the
 * caller's may have just created.  So it is told all that it has to know.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/guc.h"

#include "auth/client.h"
#include "auth/tokenstore.h"
#include "option/settings.h"

/*
 * pin_client_args
 *		The first arguments of a job: what it needs to know of a user mapping
 *		and its server.
 */
List *
pin_client_args(const PinMapping *mapping)
{
	PinOptions *options = pin_get_server_options(mapping->serverid);
	List	   *args;

	args = list_make5(psprintf("%u", mapping->umid), (void *) mapping->digest,
					  (void *) mapping->server, (void *) mapping->user,
					  psprintf("%s/oauth/token", options->api_url));
	return list_concat(args,
					   list_make5(options->ca_file, options->proxy,
								  psprintf("%d", options->timeout),
								  (void *) mapping->client_id,
								  (void *) mapping->client_secret));
}

/*
 * pin_take_client
 *		The counterpart; returns the place of the first of the other arguments.
 */
int
pin_take_client(List *args, PinClient *client)
{
	int			i = 0;

	client->umid = atooid(list_nth(args, i++));
	client->digest = list_nth(args, i++);
	client->server = list_nth(args, i++);
	client->user = list_nth(args, i++);
	client->url = list_nth(args, i++);
	client->ca_file = list_nth(args, i++);
	client->proxy = list_nth(args, i++);
	client->timeout = atoi(list_nth(args, i++));
	client->client_id = list_nth(args, i++);
	client->client_secret = list_nth(args, i++);
	return i;
}

/*
 * pin_lock_client
 *		Keeps other workers off the user mapping.
 *
 * One that a canceled session has left behind ends within its time.
 */
void
pin_lock_client(const PinClient *client)
{
	char	   *before = pstrdup(GetConfigOption("lock_timeout", false, false));

	SetConfigOption("lock_timeout", psprintf("%ds", client->timeout + 5),
					PGC_SUSET, PGC_S_OVERRIDE);
	pin_tokens_lock(client->umid, PIN_LOCK_WORKER, true);
	SetConfigOption("lock_timeout", before, PGC_SUSET, PGC_S_OVERRIDE);
}
