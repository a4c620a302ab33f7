/*-------------------------------------------------------------------------
 *
 * option.c
 *	  The options of servers, user mappings, foreign tables and columns, and
 *	  their validation.
 *
 * One table names every option with the places where it may stand and the
 * check of its value; the validator, the hints and those who read options all
 * live off it.  A new option is one more line there.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/reloptions.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "base/text.h"
#include "option/guess.h"
#include "option/key.h"
#include "option/option.h"

#define WINDOW_DAYS "0 1 7 14 30 60"
#define ENTITY_STATUSES "ACTIVE PAUSED ARCHIVED DRAFT DELETED_DRAFT"
#define SUMMARY_STATUSES \
	"RUNNING PAUSED NOT_STARTED COMPLETED ADVERTISER_DISABLED ARCHIVED " \
	"DRAFT DELETED_DRAFT"
#define AD_STATUSES \
	"APPROVED PAUSED PENDING REJECTED ADVERTISER_DISABLED ARCHIVED DRAFT " \
	"DELETED_DRAFT"
#define OBJECTIVE_TYPES \
	"AWARENESS CONSIDERATION WEB_CONVERSION CATALOG_SALES VIDEO_COMPLETION " \
	"WEB_SESSIONS VIDEO_VIEW"
#define TARGETING_TYPES \
	"KEYWORD APPTYPE GENDER LOCATION PLACEMENT COUNTRY TARGETED_INTEREST " \
	"PINNER_INTEREST AUDIENCE_INCLUDE GEO AGE_BUCKET REGION MEDIA_TYPE " \
	"AGE_BUCKET_AND_GENDER AUDIENCE_MULTIPLIER CREATIVE_ENHANCEMENTS " \
	"LOCAL_ADS_STORE_CODE"

/* Groups of several options below */
#define ATTRIBUTION	(PIN_REPORT_ONLY | PIN_TEMPLATED)
#define FILTER		(PIN_FILTER | PIN_TEMPLATED)

/*
 * All options.  Names and values are Pinterest's own where the option is a
 * parameter of the API.
 */
static const PinOptionDef pin_options[] =
{
	/* connection */
	{"api_url", PIN_OPTION_URL, PIN_IN_SERVER, PIN_GUARDED, 0, 0, NULL},
	{"authorization_url", PIN_OPTION_URL, PIN_IN_SERVER, PIN_GUARDED, 0, 0,
	NULL},
	{"ca_file", PIN_OPTION_FILE, PIN_IN_SERVER, PIN_GUARDED, 0, 0, NULL},
	{"proxy", PIN_OPTION_PROXY, PIN_IN_SERVER, PIN_GUARDED, 0, 0, NULL},
	{"redirect_uri", PIN_OPTION_REDIRECT, PIN_IN_SERVER, 0, 0, 0, NULL},
	{"max_connections", PIN_OPTION_NUMBER, PIN_IN_SERVER, 0, 1, 32, NULL},
	{"max_reports", PIN_OPTION_NUMBER, PIN_IN_SERVER, 0, 1, 10000, NULL},
	{"timeout", PIN_OPTION_NUMBER, PIN_IN_SERVER, 0, 1, 3600, NULL},
	{"low_speed_limit", PIN_OPTION_NUMBER, PIN_IN_SERVER, 0, 0, 1000000000, NULL},
	{"low_speed_time", PIN_OPTION_NUMBER, PIN_IN_SERVER, 0, 1, 3600, NULL},
	{"max_requests_per_day", PIN_OPTION_NUMBER, PIN_IN_SERVER, 0, 1, 100000000, NULL},
	{"report_timeout", PIN_OPTION_NUMBER, PIN_IN_SERVER, 0, 1, 86400, NULL},
	{"retry_timeout", PIN_OPTION_NUMBER, PIN_IN_SERVER, 0, 0, 86400, NULL},

	/* credentials */
	{"client_id", PIN_OPTION_SECRET, PIN_IN_MAPPING, 0, 0, 0, NULL},
	{"client_secret", PIN_OPTION_SECRET, PIN_IN_MAPPING, 0, 0, 0, NULL},
	{"access_token", PIN_OPTION_SECRET, PIN_IN_MAPPING, 0, 0, 0, NULL},
	{"refresh_token", PIN_OPTION_SECRET, PIN_IN_MAPPING, 0, 0, 0, NULL},

	/* what to read */
	{"resource", PIN_OPTION_RESOURCE, PIN_IN_TABLE, 0, 0, 0, NULL},
	{"column_name", PIN_OPTION_COLUMN, PIN_IN_COLUMN, 0, 0, 0, NULL},
	{"key_columns", PIN_OPTION_COLUMNS, PIN_IN_TABLE, PIN_REPORT_ONLY, 0, 0,
	NULL},
	{"advertiser_id", PIN_OPTION_ADVERTISERS, PIN_IN_BOTH, 0, 0, 0, NULL},
	{"historical_date", PIN_OPTION_HISTORY, PIN_IN_BOTH, PIN_DATED_ONLY,
	0, 0, NULL},
	/* in the order of PinGranularity */
	{"granularity", PIN_OPTION_CHOICE, PIN_IN_BOTH, PIN_REPORT_ONLY, 0, 0,
	"day hour week month total"},
	{"click_window_days", PIN_OPTION_DAYS, PIN_IN_BOTH, ATTRIBUTION,
	0, 0, WINDOW_DAYS},
	{"engagement_window_days", PIN_OPTION_DAYS, PIN_IN_BOTH, ATTRIBUTION,
	0, 0, WINDOW_DAYS},
	{"view_window_days", PIN_OPTION_DAYS, PIN_IN_BOTH, ATTRIBUTION,
	0, 0, WINDOW_DAYS},
	{"conversion_report_time", PIN_OPTION_WORD, PIN_IN_BOTH, ATTRIBUTION,
	0, 0, "TIME_OF_AD_ACTION TIME_OF_CONVERSION"},
	{"attribution_types", PIN_OPTION_WORDS, PIN_IN_BOTH, ATTRIBUTION,
	0, 2, "INDIVIDUAL HOUSEHOLD"},
	{"reporting_timezone", PIN_OPTION_WORD, PIN_IN_BOTH, ATTRIBUTION,
	0, 0, "PINTEREST_TIME_ZONE AD_ACCOUNT_TIME_ZONE"},

	{"template_id", PIN_OPTION_ID, PIN_IN_TABLE, PIN_REPORT_ONLY, 0, 0,
	NULL},
	{"report_reuse", PIN_OPTION_NUMBER, PIN_IN_BOTH, PIN_REPORT_ONLY, 0,
	3600, NULL},
	{"synchronous", PIN_OPTION_BOOLEAN, PIN_IN_BOTH, PIN_REPORT_ONLY, 0, 0,
	"on off"},

	/* standing filters; the resource says how many ids one may have */
	{"campaign_ids", PIN_OPTION_IDS, PIN_IN_TABLE, FILTER, 0, 0, NULL},
	{"campaign_statuses", PIN_OPTION_WORDS, PIN_IN_TABLE, FILTER, 0, 6,
	SUMMARY_STATUSES},
	{"campaign_objective_types", PIN_OPTION_WORDS, PIN_IN_TABLE, FILTER, 0,
	7, OBJECTIVE_TYPES},
	{"ad_group_ids", PIN_OPTION_IDS, PIN_IN_TABLE, FILTER, 0, 0, NULL},
	{"ad_group_statuses", PIN_OPTION_WORDS, PIN_IN_TABLE, FILTER, 0, 6,
	SUMMARY_STATUSES},
	{"ad_ids", PIN_OPTION_IDS, PIN_IN_TABLE, FILTER, 0, 0, NULL},
	{"ad_statuses", PIN_OPTION_WORDS, PIN_IN_TABLE, FILTER, 0, 6,
	AD_STATUSES},
	{"product_group_ids", PIN_OPTION_IDS, PIN_IN_TABLE, FILTER, 0, 0, NULL},
	{"product_group_statuses", PIN_OPTION_WORDS, PIN_IN_TABLE, FILTER, 0,
	6, "RUNNING PAUSED EXCLUDED ARCHIVED"},
	{"product_item_ids", PIN_OPTION_IDS, PIN_IN_TABLE, FILTER, 0, 0, NULL},
	{"targeting_types", PIN_OPTION_WORDS, PIN_IN_TABLE, FILTER, 0, 17,
	TARGETING_TYPES},
	{"entity_statuses", PIN_OPTION_WORDS, PIN_IN_TABLE, FILTER, 0, 5,
	ENTITY_STATUSES},
	{PIN_OWNERSHIP, PIN_OPTION_WORDS, PIN_IN_TABLE, FILTER, 0, 2,
	"OWNED RECEIVED"}
};

/* Attribution windows that Pinterest accepts: click, engagement, view days */
static const int window_triples[][3] =
{
	{60, 60, 60}, {60, 60, 30}, {60, 60, 7}, {60, 60, 1},
	{60, 30, 30}, {60, 30, 7}, {60, 30, 1},
	{60, 7, 7}, {60, 7, 1},
	{60, 1, 1},
	{30, 60, 1},
	{30, 30, 30}, {30, 30, 7}, {30, 30, 1},
	{30, 7, 7}, {30, 7, 1},
	{30, 1, 1},
	{7, 7, 7}, {7, 7, 1},
	{7, 1, 1},
	{1, 1, 1}
};

PG_FUNCTION_INFO_V1(pinterest_fdw_validator);

static int	place_of(Oid catalog);
static void check_table(const PinResource *resource, List *options);
static int	window_of(List *options, const char *name);

/*
 * pinterest_fdw_validator
 *		Checks the options of a server, a user mapping, a foreign table or a
 *		column.
 *
 * Arguments are the options as text[] and the catalog they go to.  On ALTER
 * the list is the merged one, so that an option that stays looks like one that
 * is new.  That is why nothing here asks who sets an option: those that say
 * where credentials go count on a superuser's server only, see settings.c.
 *
 * Returns nothing; every fault is an error.
 */
Datum
pinterest_fdw_validator(PG_FUNCTION_ARGS)
{
	List	   *options = untransformRelOptions(PG_GETARG_DATUM(0));
	Oid			catalog = PG_GETARG_OID(1);
	int			place = place_of(catalog);
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *def = (DefElem *) lfirst(lc);
		const PinOptionDef *option = pin_option_def(def->defname, place);

		if (option == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("invalid option \"%s\"", pin_shorten(def->defname)),
					 errhint("%s", pin_option_hint(def->defname, catalog, NULL))));

		pin_check_value(option, defGetString(def));
	}

	if (place == PIN_IN_TABLE)
	{
		const char *name = pin_find_option(options, "resource");

		if (name == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
					 errmsg("option \"resource\" is required for foreign tables of pinterest_fdw"),
					 errhint("Name a resource, for example resource 'campaigns', or let IMPORT FOREIGN SCHEMA ads create the table.")));
		check_table(pin_find_resource(name), options);
	}
	if (place == PIN_IN_SERVER || place == PIN_IN_TABLE)
		pin_check_windows(window_of(options, "click_window_days"),
					  window_of(options, "engagement_window_days"),
					  window_of(options, "view_window_days"), InvalidOid);

	PG_RETURN_VOID();
}

/*
 * place_of
 *		Bit of a catalog; 0 for one where there are no options, that
 *		is the foreign data wrapper itself.
 */
static int
place_of(Oid catalog)
{
	switch (catalog)
	{
		case ForeignServerRelationId:
			return PIN_IN_SERVER;
		case UserMappingRelationId:
			return PIN_IN_MAPPING;
		case ForeignTableRelationId:
			return PIN_IN_TABLE;
		case AttributeRelationId:
			return PIN_IN_COLUMN;
		default:
			return 0;
	}
}

/*
 * pin_option_def
 *		Looks up an option by name among those of the given places.
 */
const PinOptionDef *
pin_option_def(const char *name, int places)
{
	for (int i = 0; i < lengthof(pin_options); i++)
	{
		if ((pin_options[i].places & places) &&
			strcmp(pin_options[i].name, name) == 0)
			return &pin_options[i];
	}
	return NULL;
}

/*
 * places_of
 *		Where an option may stand, in words, palloc'ed.
 */
static char *
places_of(const PinOptionDef *option)
{
	static const char *const names[] = {
		"the server", "the user mapping", "the foreign table",
		"a column of the foreign table"
	};
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < lengthof(names); i++)
	{
		if (option->places & (1 << i))
			appendStringInfo(&buf, "%s%s", buf.len > 0 ? " or " : "", names[i]);
	}
	return buf.data;
}

/*
 * pin_option_hint
 *		What to tell who gave an option that the catalog does not have.
 *
 * The option belongs elsewhere, or is called otherwise here, or has a name much
 * like one of the catalog, or else all of the catalog are listed.  "extra" is one more name to count
 * among those of the catalog, or NULL.
 *
 * Returns a palloc'd sentence.
 */
char *
pin_option_hint(const char *name, Oid catalog, const char *extra)
{
	int			place = place_of(catalog);
	const PinOptionDef *option = pin_option_def(name, ~0);
	const char *advice = NULL;
	const char *guess = option == NULL ? pin_guess_option(name, &advice) : NULL;
	ClosestMatchState match;
	StringInfoData all;

	if (option != NULL)
		return psprintf("Option \"%s\" belongs to %s.", name, places_of(option));
	if (guess != NULL && extra != NULL && strcmp(guess, "resource") == 0)
		return pstrdup("Choose tables with LIMIT TO or EXCEPT.");
	if (guess != NULL)
	{
		option = pin_option_def(guess, ~0);
		return option->places & place ?
			psprintf("Perhaps you meant the option \"%s\".", guess) :
			psprintf("Perhaps you meant the option \"%s\", which belongs to %s.",
					 guess, places_of(option));
	}
	if (advice != NULL && (extra == NULL || strcmp(name, extra) != 0))
		return pstrdup(advice);

	initStringInfo(&all);
	initClosestMatch(&match, name, PIN_HINT_DISTANCE);
	if (extra != NULL)
	{
		updateClosestMatch(&match, extra);
		appendStringInfoString(&all, extra);
	}
	for (int i = 0; i < lengthof(pin_options); i++)
	{
		option = &pin_options[i];

		/* An import, which is where "extra" comes from, chooses resources. */
		if ((option->places & place) &&
			(extra == NULL || strcmp(option->name, "resource") != 0))
		{
			updateClosestMatch(&match, option->name);
			appendStringInfo(&all, "%s%s", all.len > 0 ? ", " : "",
							 option->name);
		}
	}

	if (all.len == 0)
		return pstrdup("There are no valid options in this context.");
	if (getClosestMatch(&match) != NULL)
		return psprintf("Perhaps you meant the option \"%s\".",
						getClosestMatch(&match));
	return psprintf("Valid options in this context are: %s.", all.data);
}

/*
 * pin_resource_takes
 *		Does an option of that name mean anything to a foreign table of this
 *		resource?
 *
 * False for names that are no options of foreign tables.
 */
bool
pin_resource_takes(const PinResource *resource, const char *name)
{
	const PinOptionDef *option = pin_option_def(name, PIN_IN_TABLE);

	if (option == NULL)
		return false;
	if (option->flags & PIN_REPORT_ONLY)
		return resource->kind == PIN_REPORT;
	if (option->flags & PIN_DATED_ONLY)
		return pin_has_days(resource);
	if (option->flags & PIN_FILTER)
		return pin_has_word(resource->filters, name);
	return true;
}

/*
 * pin_option_values
 *		The values that an option of foreign tables chooses from, as a List of
 *		palloc'd strings, and how many of them it may have.
 */
List *
pin_option_values(const char *name, int *max)
{
	const PinOptionDef *option = pin_option_def(name, PIN_IN_TABLE);

	*max = option->max;
	return pin_split_words(option->values);
}

/*
 * check_table
 *		Checks that the options of a table fit its resource and each
 *		other.  Their values as such have been checked already.
 */
static void
check_table(const PinResource *resource, List *options)
{
	const char *first = NULL;
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *def = (DefElem *) lfirst(lc);
		const PinOptionDef *option = pin_option_def(def->defname, PIN_IN_TABLE);
		const char *value = defGetString(def);

		if (!pin_resource_takes(resource, option->name))
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("option \"%s\" does not apply to resource \"%s\"",
							option->name, resource->name),
					 (option->flags & (PIN_REPORT_ONLY | PIN_DATED_ONLY)) ?
					 errhint("It applies to reports only.") :
					 resource->filters == NULL || resource->filters[0] == '\0' ?
					 errhint("This resource takes no filters.") :
					 errhint("Filters that it takes: %s.",
							 pin_comma_list(resource->filters))));

		if (option->type == PIN_OPTION_IDS &&
			list_length(pin_split_list(value)) > resource->max_ids)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("too many values in option \"%s\"", option->name),
					 errdetail("Resource \"%s\" takes at most %d.",
							   resource->name, resource->max_ids)));

		/* Pinterest takes only one of the filters by id of parents and own. */
		if (option->type == PIN_OPTION_IDS &&
			resource->max_id_filters == 1)
		{
			if (first != NULL)
				ereport(ERROR,
						(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
						 errmsg("options \"%s\" and \"%s\" cannot be combined for resource \"%s\"",
								first, option->name, resource->name),
						 errhint("Give one of them, and filter by the other in the query.")));
			first = option->name;
		}

		if (pin_find_option(options, "template_id") != NULL &&
			(option->flags & PIN_TEMPLATED))
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
					 errmsg("options \"template_id\" and \"%s\" cannot be combined",
							option->name),
					 errhint("Filters and attribution are those of the template; edit it in Ads Manager.")));

		if (strcmp(option->name, "key_columns") == 0)
		{
			List	   *names;

			pin_read_value(option, value, &names);
			pin_check_key_columns(resource, names);
		}

		if (strcmp(option->name, "targeting_types") == 0)
		{
			ListCell   *type;

			foreach(type, pin_split_list(value))
			{
				const char *name = pin_canonical_value(option,
													   (char *) lfirst(type));

				if (!pin_has_word(resource->types, name) &&
					!pin_has_word(resource->more_types, name))
					ereport(ERROR,
							(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							 errmsg("invalid value for option \"%s\": \"%s\"",
									option->name, pin_shorten(name)),
							 errdetail("Pinterest does not have it for resource \"%s\".",
									   resource->name),
							 errhint("Valid values are: %s, %s.",
									 pin_comma_list(resource->types),
									 pin_comma_list(resource->more_types))));
			}
		}
	}
}

/*
 * pin_check_windows
 *		Checks the attribution windows, -1 for those not set, against
 *		what Pinterest accepts.  Windows not set count with their
 *		defaults.  "relid" is the foreign table in which options of
 *		table and server meet, if that is the case.
 */
void
pin_check_windows(int click, int engagement, int view, Oid relid)
{
	int			given[3];
	int			used[3];
	StringInfoData buf;

	if (click < 0 && engagement < 0 && view < 0)
		return;

	given[0] = click;
	given[1] = engagement;
	given[2] = view;
	used[0] = click < 0 ? PIN_CLICK_WINDOW : click;
	used[1] = engagement < 0 ? PIN_ENGAGEMENT_WINDOW : engagement;
	used[2] = view < 0 ? PIN_VIEW_WINDOW : view;

	for (int i = 0; i < lengthof(window_triples); i++)
	{
		if (memcmp(window_triples[i], used, sizeof(used)) == 0)
			return;
	}

	/*
	 * Name the valid ones that have all windows as given, or, if there are
	 * none, as many of them as possible counting from the click window.
	 */
	initStringInfo(&buf);
	for (int fixed = 3; fixed >= 0 && buf.len == 0; fixed--)
	{
		for (int i = 0; i < lengthof(window_triples); i++)
		{
			const int  *triple = window_triples[i];
			bool		fits = true;

			for (int j = 0; j < fixed; j++)
			{
				if (given[j] >= 0 && given[j] != triple[j])
					fits = false;
			}
			if (fits)
				appendStringInfo(&buf, "%s%d/%d/%d", buf.len > 0 ? ", " : "",
								 triple[0], triple[1], triple[2]);
		}
	}

	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
			 errmsg("invalid combination of attribution windows: click %d, engagement %d, view %d",
					used[0], used[1], used[2]),
			 OidIsValid(relid) ?
			 errdetail("They are those of foreign table \"%s\" together with those of its server.",
					   get_rel_name(relid)) :
			 errdetail("Windows that are not set have Pinterest's defaults: click %d, engagement %d, view %d.",
					   PIN_CLICK_WINDOW, PIN_ENGAGEMENT_WINDOW,
					   PIN_VIEW_WINDOW),
			 errhint("Valid combinations of click_window_days/engagement_window_days/view_window_days are: %s.",
					 buf.data)));
}

/*
 * window_of
 *		An attribution window among the options, -1 if it is not set.
 */
static int
window_of(List *options, const char *name)
{
	const char *value = pin_find_option(options, name);

	return value == NULL ? -1 : atoi(value);
}

/*
 * pin_find_option
 *		Value of an option in a list of DefElems, NULL if it is not there.
 */
const char *
pin_find_option(List *options, const char *name)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *def = (DefElem *) lfirst(lc);

		if (strcmp(def->defname, name) == 0)
			return defGetString(def);
	}
	return NULL;
}
