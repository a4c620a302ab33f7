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

#include "miscadmin.h"
#include "utils/guc.h"

#include "auth/client.h"
#include "base/worker.h"
#include "option/settings.h"

/*
 * pin_identity_args
 *		The arguments of a job that say whom it is for.
 */
List *
pin_identity_args(const PinIdentity *identity)
{
	List	   *args = NIL;

	args = pin_job_add(args, "role", psprintf("%u", identity->role));
	return pin_job_add(args, "server", identity->server);
}

/*
 * pin_take_identity
 *		The counterpart.  The worker is in the database of its caller.
 */
PinIdentity
pin_take_identity(List *args)
{
	PinIdentity result;

	result.database = MyDatabaseId;
	result.role = pin_job_get_oid(args, "role");
	result.server = pin_job_get(args, "server");
	return result;
}

/*
 * pin_client_args
 *		The arguments of a job that say what it needs to know of a user mapping
 *		and its server.
 */
List *
pin_client_args(const PinMapping *mapping)
{
	PinOptions *options = pin_get_server_options(mapping->serverid);
	List	   *args = pin_identity_args(&mapping->identity);

	args = pin_job_add(args, "digest", mapping->digest);
	args = pin_job_add(args, "user", mapping->user);
	args = pin_job_add(args, "url", psprintf("%s/oauth/token", options->api_url));
	args = pin_job_add(args, "ca_file", options->ca_file);
	args = pin_job_add(args, "proxy", options->proxy);
	args = pin_job_add(args, "timeout", psprintf("%d", options->timeout));
	args = pin_job_add(args, "client_id", mapping->client_id);
	return pin_job_add(args, "client_secret", mapping->client_secret);
}

/*
 * pin_take_client
 *		The counterpart: what those arguments say.
 */
void
pin_take_client(List *args, PinClient *client)
{
	client->identity = pin_take_identity(args);
	client->digest = pin_job_get(args, "digest");
	client->user = pin_job_get(args, "user");
	client->url = pin_job_get(args, "url");
	client->ca_file = pin_job_get(args, "ca_file");
	client->proxy = pin_job_get(args, "proxy");
	client->timeout = atoi(pin_job_get(args, "timeout"));
	client->client_id = pin_job_get(args, "client_id");
	client->client_secret = pin_job_get(args, "client_secret");
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
	pin_identity_lock(&client->identity, PIN_LOCK_WORKER, true);
	SetConfigOption("lock_timeout", before, PGC_SUSET, PGC_S_OVERRIDE);
}
