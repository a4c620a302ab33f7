/*-------------------------------------------------------------------------
 *
 * usage.c
 *	  Requests that have been sent to Pinterest.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "auth/mapping.h"
#include "base/tally.h"
#include "setup/usage.h"

PG_FUNCTION_INFO_V1(pinterest_list_usage);

/* In the order of PinTallyKind */
static const char *const kinds[] = {
	"report", "poll", "analytics", "list", "token", "download",
	"organic", "organic analytics", "catalogs"
};

StaticAssertDecl(lengthof(kinds) == PIN_TALLY_KINDS, "each kind has a name");

/*
 * list_usage(server oid, role oid, OUT hour timestamptz, OUT kind text,
 *			  OUT requests bigint)
 *
 * What the app of a role's user mapping has sent in each of the last hours.
 */
Datum
pinterest_list_usage(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	PinMapping *mapping = pin_find_mapping(PG_GETARG_OID(0), PG_GETARG_OID(1));
	PinTallyHour hours[PIN_TALLY_HOURS];
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	n = mapping == NULL ? 0 : pin_tally_read(pin_app_digest(mapping), hours);
	for (int i = 0; i < n; i++)
	{
		for (int kind = 0; kind < PIN_TALLY_KINDS; kind++)
		{
			Datum		values[3];
			bool		nulls[3] = {0};

			if (hours[i].counts[kind] == 0)
				continue;
			values[0] = TimestampTzGetDatum(hours[i].hour * USECS_PER_HOUR);
			values[1] = CStringGetTextDatum(kinds[kind]);
			values[2] = Int64GetDatum(hours[i].counts[kind]);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}
