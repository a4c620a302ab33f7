/*-------------------------------------------------------------------------
 *
 * advertisers.c
 *	  The part of check() about the advertisers whose ads are to be read.
 *
 * That an advertiser is listed does not mean that its ads may be read, so a row of
 * each is.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "api/session.h"
#include "base/text.h"
#include "http/url.h"
#include "check/advertisers.h"
#include "json/document.h"
#include "source/list.h"
#include "source/row.h"

/* One of these lets a Pinterest user read reports. */
static const char *const reading_roles[] = {
	"OWNER", "ADMIN", "ANALYST", "CAMPAIGN_MANAGER"
};

/*
 * Of those that stand behind "*", so many advertisers are read: some users have
 * hundreds, and with trial access a thousand requests a day.
 */
#define MAX_TRIED	20

/* An advertiser that is wanted */
typedef struct Advertiser
{
	char	   *id;
	bool		named;			/* an option names it */
	bool		listed;			/* Pinterest lists it */
	bool		may_read;		/* as far as its roles tell */
	const char *about;			/* name and roles, for people to read */
	bool		tried;
	PinSession *session;		/* while it is being read */
	PinCall    *call;
} Advertiser;

/* What this part knows so far */
typedef struct AdvertiserCheck
{
	PinCheck   *check;
	List	   *wanted;			/* ids of advertisers, and "*" */
	List	   *advertisers;	/* of Advertiser */
	PinChannel	channel;		/* of the sessions that read them */
	Advertiser *advertiser;		/* of the step */
} AdvertiserCheck;

/*
 * find_wanted
 *		Step: advertisers that the options of the server and of its tables name, each
 *		once; "*" may be among them.
 */
static void
find_wanted(void *arg)
{
	/* the options were validated, so that splitting them is all */
	static const char *const sql =
		"SELECT DISTINCT pg_catalog.btrim(a.id) FROM ("
		" SELECT s.srvoptions FROM pg_catalog.pg_foreign_server AS s"
		" WHERE s.oid OPERATOR(pg_catalog.=) $1"
		" UNION ALL SELECT t.ftoptions FROM pg_catalog.pg_foreign_table AS t"
		" WHERE t.ftserver OPERATOR(pg_catalog.=) $1) AS o (options),"
		" pg_catalog.pg_options_to_table(o.options) AS p,"
		" pg_catalog.string_to_table(p.option_value, ',') AS a (id)"
		" WHERE p.option_name OPERATOR(pg_catalog.=) 'advertiser_id' ORDER BY 1";
	AdvertiserCheck *part = arg;
	MemoryContext context = CurrentMemoryContext;

	pin_check_select(sql, &part->check->serverid, 1);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		part->wanted = lappend(part->wanted,
							   SPI_getvalue(SPI_tuptable->vals[i],
											SPI_tuptable->tupdesc, 1));
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
}

/*
 * list_roles
 *		The roles of a user in an advertiser, for people to read, palloc'ed.
 *
 * permissions: an array, or NULL.  *may_read: whether one of them lets the user
 * read reports.
 */
static char *
list_roles(const PinJsonNode *permissions, bool *may_read)
{
	int			n = permissions == NULL ? 0 : pin_json_length(permissions);
	StringInfoData roles;

	initStringInfo(&roles);
	for (int i = 0; i < n; i++)
	{
		PinJsonValue role = pin_json_value(pin_json_element(permissions, i));

		if (role.type != PIN_JSON_STRING)
			continue;
		appendStringInfo(&roles, "%s%s", roles.len > 0 ? ", " : "", role.text);
		for (int j = 0; j < lengthof(reading_roles); j++)
			*may_read = *may_read || strcmp(role.text, reading_roles[j]) == 0;
	}
	return roles.data;
}

/*
 * find_advertiser
 *		A wanted advertiser by its id, or NULL.
 */
static Advertiser *
find_advertiser(AdvertiserCheck *part, const char *id)
{
	ListCell   *lc;

	foreach(lc, part->advertisers)
	{
		Advertiser *advertiser = lfirst(lc);

		if (strcmp(advertiser->id, id) == 0)
			return advertiser;
	}
	return NULL;
}

/*
 * add_advertiser
 *		Adds one to the wanted advertisers.
 */
static Advertiser *
add_advertiser(AdvertiserCheck *part, const char *id)
{
	Advertiser *advertiser = palloc0(sizeof(Advertiser));

	advertiser->id = pstrdup(id);
	advertiser->named = pin_has_string(part->wanted, id);
	part->advertisers = lappend(part->advertisers, advertiser);
	return advertiser;
}

/*
 * list_advertisers
 *		Step: what Pinterest says about those that it lists and that are wanted.
 */
static void
list_advertisers(void *arg)
{
	AdvertiserCheck *part = arg;
	PinJsonValue id,
				name,
				permissions;
	const PinJsonField fields[] = {
		{"id", PIN_JSON_ID, &id, PIN_OPTIONAL},
		{"name", PIN_JSON_STRING, &name, PIN_OPTIONAL},
		{"permissions", PIN_JSON_ARRAY, &permissions, PIN_OPTIONAL}
	};
	PinEntities *entities =
		pin_entities_begin(part->check->session, pin_entities_request("advertisers", NIL));
	PinRow		row;

	while (pin_entities_next(entities, &row))
	{
		Advertiser *advertiser;
		char	   *roles;

		pin_json_read(row.node, fields, lengthof(fields), part->check->session->subject);
		if (id.text == NULL || find_advertiser(part, id.text) != NULL ||
			!(pin_has_string(part->wanted, "*") || pin_has_string(part->wanted, id.text)))
			continue;
		advertiser = add_advertiser(part, id.text);
		advertiser->listed = true;

		/* where Pinterest names no roles, reading alone decides */
		advertiser->may_read = permissions.node == NULL;
		roles = list_roles(permissions.node, &advertiser->may_read);
		advertiser->about = psprintf("%s, role %s",
									 name.text != NULL ? pin_shorten(name.text) : "no name",
									 permissions.node == NULL ? "not told" :
									 roles[0] != '\0' ? pin_shorten(roles) : "none");
	}
}

/*
 * ask_advertisers
 *		Step: asks for a row of advertisers, side by side.
 *
 * Each has a session of its own, so that the error of one is not met while another
 * is waited for.
 */
static void
ask_advertisers(void *arg)
{
	AdvertiserCheck *part = arg;
	int			unnamed = 0;
	ListCell   *lc;

	pin_channel_init(&part->channel, NULL);
	foreach(lc, part->advertisers)
	{
		Advertiser *advertiser = lfirst(lc);

		if (!advertiser->named && ++unnamed > MAX_TRIED)
			continue;
		advertiser->session = pin_session_create(part->check->options, GetUserId(), NULL);
		pin_session_join(advertiser->session, &part->channel);
		advertiser->call =
			pin_call_get(advertiser->session,
						 psprintf("/ad_accounts/%s/campaigns?page_size=1",
								  pin_url_escaped(advertiser->id)));
		advertiser->tried = true;
	}
}

/*
 * read_advertiser
 *		Step: the row of an advertiser is there.  It may have none.
 */
static void
read_advertiser(void *arg)
{
	AdvertiserCheck *part = arg;
	Advertiser *advertiser = part->advertiser;
	PinJsonValue items;
	const PinJsonField fields[] = {
		{"items", PIN_JSON_ARRAY, &items, PIN_REQUIRED}
	};

	pin_call_wait(advertiser->session, advertiser->call);
	pin_json_close(pin_call_object(advertiser->session, advertiser->call, fields,
								   lengthof(fields)));
}

/*
 * check_advertiser
 *		A row about a wanted advertiser.
 */
static void
check_advertiser(AdvertiserCheck *part, Advertiser *advertiser)
{
	char	   *item = psprintf("advertiser %s", advertiser->id);
	const char *about = advertiser->about;

	part->advertiser = advertiser;
	if (advertiser->tried && !pin_check_try(part->check, read_advertiser, part))
		pin_check_row(part->check, item, false,
					  psprintf("%s. %s", about, pin_check_words(part->check)),
					  advertiser->listed ? part->check->error->hint :
					  "Check the option \"advertiser_id\", and who has access to the ad account in Pinterest's Business Manager.");
	else if (advertiser->listed && !advertiser->may_read)
		pin_check_row(part->check, item, false, about,
					  "The Pinterest user needs one of the roles Owner, Admin, Analyst or Campaign Manager on the ad account.");
	else
		pin_check_row(part->check, item, true,
					  advertiser->listed ? about : psprintf("%s, but can be read", about),
					  NULL);
	if (advertiser->call != NULL)
		pin_call_free(advertiser->session, advertiser->call);
}

/*
 * pin_check_advertisers
 *		Rows about the advertisers that are wanted.
 */
void
pin_check_advertisers(PinCheck *check)
{
	/* the sessions leave the channel when the memory context ends */
	AdvertiserCheck *part = palloc0(sizeof(AdvertiserCheck));
	bool		listed;
	int			untried = 0;
	ListCell   *lc;

	part->check = check;
	if (!pin_check_try(check, find_wanted, part))
	{
		pin_check_error(check, "advertisers");
		return;
	}
	listed = pin_check_try(check, list_advertisers, part);
	if (!listed)
		pin_check_error(check, "advertisers");
	foreach(lc, part->wanted)
	{
		if (strcmp(lfirst(lc), "*") != 0 && find_advertiser(part, lfirst(lc)) == NULL)
		{
			add_advertiser(part, lfirst(lc))->about = listed ?
				"Pinterest does not list it among the ad accounts of the user" :
				"Whether Pinterest lists it is not known";
		}
	}
	if (!pin_check_try(check, ask_advertisers, part))
	{
		pin_check_error(check, "advertisers");
		return;
	}
	foreach(lc, part->advertisers)
	{
		Advertiser *advertiser = lfirst(lc);

		check_advertiser(part, advertiser);
		untried += !advertiser->tried;
	}

	if (untried > 0)
		pin_check_row(check, "advertiser *", true,
					  psprintf("Pinterest lists %d more. Whether their ads can be read was not tried.",
							   untried), NULL);
	else if (part->wanted == NIL)
		pin_check_row(check, "advertiser", false,
					  "Neither the server nor one of its foreign tables has the option \"advertiser_id\".",
					  psprintf("ALTER SERVER %s OPTIONS (ADD advertiser_id '...')",
							   quote_identifier(check->mapping->identity.server)));
	else if (listed && part->advertisers == NIL)
		pin_check_row(check, "advertiser *", false,
					  "Pinterest lists no ad accounts of the user.",
					  "Authorize as a Pinterest user who has access to an ad account.");
}
