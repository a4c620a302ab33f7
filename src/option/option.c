/*-------------------------------------------------------------------------
 *
 * option.c
 *	  Options of servers, user mappings, foreign tables and columns: their
 *	  validation, and what they come to.
 *
 * One table names every option with the places where it may stand and the
 * check of its value; the validator, the hints and the getters all live off
 * it.  A new option is one more line there.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/reloptions.h"
#include "access/xact.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_foreign_data_wrapper.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_type.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "option/option.h"

/* Where an option may stand, a bit each */
#define IN_SERVER	(1 << 0)
#define IN_MAPPING	(1 << 1)
#define IN_TABLE	(1 << 2)
#define IN_COLUMN	(1 << 3)
#define IN_BOTH		(IN_SERVER | IN_TABLE)	/* table wins over server */

/* What else there is to say of an option */
#define SUPERUSER_ONLY	(1 << 0)
#define REPORT_ONLY		(1 << 1)	/* means nothing to an entity */
#define FILTER			(1 << 2)	/* for resources that take it */

/* Ids in one filter of an entity list; a report takes more */
#define MAX_ENTITY_IDS	250

/* History of hourly reports that Pinterest keeps, whatever the resource */
#define HOURLY_HISTORY_DAYS	8

/* Pinterest's defaults of the attribution windows */
#define DEFAULT_CLICK_WINDOW		30
#define DEFAULT_ENGAGEMENT_WINDOW	30
#define DEFAULT_VIEW_WINDOW			1

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

#define FIELD(name) offsetof(PinOptions, name)

/*
 * All options.  Names and values are Pinterest's own where the option is a
 * parameter of the API.
 */
static const PinOptionDef pin_options[] =
{
	/* connection */
	{"api_url", IN_SERVER, SUPERUSER_ONLY, pin_check_url, 0, 0, NULL, 0},
	{"authorization_url", IN_SERVER, SUPERUSER_ONLY, pin_check_url, 0, 0, NULL,
	FIELD(authorization_url)},
	{"ca_file", IN_SERVER, SUPERUSER_ONLY, pin_check_file, 0, 0, NULL,
	FIELD(ca_file)},
	{"proxy", IN_SERVER, SUPERUSER_ONLY, pin_check_proxy, 0, 0, NULL,
	FIELD(proxy)},
	{"redirect_uri", IN_SERVER, 0, pin_check_redirect, 0, 0, NULL,
	FIELD(redirect_uri)},
	{"max_connections", IN_SERVER, 0, pin_check_number, 1, 32, NULL,
	FIELD(max_connections)},
	{"timeout", IN_SERVER, 0, pin_check_number, 1, 3600, NULL, FIELD(timeout)},
	{"report_timeout", IN_SERVER, 0, pin_check_number, 1, 86400, NULL,
	FIELD(report_timeout)},
	{"retry_timeout", IN_SERVER, 0, pin_check_number, 0, 86400, NULL,
	FIELD(retry_timeout)},

	/* credentials */
	{"client_id", IN_MAPPING, 0, pin_check_secret, 0, 0, NULL, 0},
	{"client_secret", IN_MAPPING, 0, pin_check_secret, 0, 0, NULL, 0},
	{"access_token", IN_MAPPING, 0, pin_check_secret, 0, 0, NULL, 0},
	{"refresh_token", IN_MAPPING, 0, pin_check_secret, 0, 0, NULL, 0},

	/* what to read */
	{"resource", IN_TABLE, 0, pin_check_resource, 0, 0, NULL, 0},
	{"column_name", IN_COLUMN, 0, pin_check_column, 0, 0, NULL, 0},
	{"advertiser_id", IN_BOTH, 0, pin_check_advertisers, 0, 0, NULL, 0},
	{"historical_date", IN_BOTH, REPORT_ONLY, pin_check_history, 0, 0, NULL,
	FIELD(historical_date)},
	{"granularity", IN_BOTH, REPORT_ONLY, pin_check_enum, 0, 0,
	"day hour week month total", 0},
	{"click_window_days", IN_BOTH, REPORT_ONLY, pin_check_days, 0, 0,
	WINDOW_DAYS, FIELD(click_window_days)},
	{"engagement_window_days", IN_BOTH, REPORT_ONLY, pin_check_days, 0, 0,
	WINDOW_DAYS, FIELD(engagement_window_days)},
	{"view_window_days", IN_BOTH, REPORT_ONLY, pin_check_days, 0, 0,
	WINDOW_DAYS, FIELD(view_window_days)},
	{"conversion_report_time", IN_BOTH, REPORT_ONLY, pin_check_enum, 0, 0,
	"TIME_OF_AD_ACTION TIME_OF_CONVERSION", FIELD(conversion_report_time)},
	{"attribution_types", IN_BOTH, REPORT_ONLY, pin_check_enums, 0, 2,
	"INDIVIDUAL HOUSEHOLD", FIELD(attribution_types)},
	{"reporting_timezone", IN_BOTH, REPORT_ONLY, pin_check_enum, 0, 0,
	"PINTEREST_TIME_ZONE AD_ACCOUNT_TIME_ZONE", FIELD(reporting_timezone)},

	{"template_id", IN_TABLE, REPORT_ONLY, pin_check_ids, 0, 1, NULL,
	FIELD(template_id)},
	{"report_reuse", IN_BOTH, REPORT_ONLY, pin_check_number, 0, 3600, NULL,
	FIELD(report_reuse)},
	{"synchronous", IN_BOTH, REPORT_ONLY, pin_check_enum, 0, 0,
	"on off", 0},

	/* standing filters */
	{"campaign_ids", IN_TABLE, FILTER, pin_check_ids, 0, 500, NULL, 0},
	{"campaign_statuses", IN_TABLE, FILTER, pin_check_enums, 0, 6,
	SUMMARY_STATUSES, 0},
	{"campaign_objective_types", IN_TABLE, FILTER, pin_check_enums, 0, 7,
	OBJECTIVE_TYPES, 0},
	{"ad_group_ids", IN_TABLE, FILTER, pin_check_ids, 0, 500, NULL, 0},
	{"ad_group_statuses", IN_TABLE, FILTER, pin_check_enums, 0, 6,
	SUMMARY_STATUSES, 0},
	{"ad_ids", IN_TABLE, FILTER, pin_check_ids, 0, 500, NULL, 0},
	{"ad_statuses", IN_TABLE, FILTER, pin_check_enums, 0, 6, AD_STATUSES, 0},
	{"product_group_ids", IN_TABLE, FILTER, pin_check_ids, 0, 500, NULL, 0},
	{"product_group_statuses", IN_TABLE, FILTER, pin_check_enums, 0, 6,
	"RUNNING PAUSED EXCLUDED ARCHIVED", 0},
	{"product_item_ids", IN_TABLE, FILTER, pin_check_ids, 0, 500, NULL, 0},
	{"targeting_types", IN_TABLE, FILTER, pin_check_enums, 0, 17,
	TARGETING_TYPES, 0},
	{"entity_statuses", IN_TABLE, FILTER, pin_check_enums, 0, 5,
	ENTITY_STATUSES, 0},
	{NULL, 0, 0, NULL, 0, 0, NULL, 0}
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
static const PinOptionDef *find_option(const char *name, int places);
static void check_table(const PinResource *resource, List *options);
static char *comma_list(const char *words);
static void check_windows(int click, int engagement, int view, Oid relid);
static int	window_of(List *options, const char *name);
static bool needs_advertiser(const PinResource *resource);
static const PinColumn *find_fixed_column(const PinResource *resource,
										  const char *name);
static void check_report_column(Relation rel, const PinResource *resource,
								const PinAttribute *attribute, Oid type,
								PinGranularity granularity, bool by_option);


/*
 * pinterest_fdw_validator
 *		Check the options of a server, a user mapping, a foreign table or a
 *		column.
 *
 * Arguments are the options as text[] and the catalog they go to.  On ALTER
 * the list is the merged one, hence an option that only superusers may set
 * keeps others from altering the server at all.  That is on purpose: what
 * else they change could matter to whoever trusts the option, and we could
 * not tell an option that stays from one that is new.
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
		const PinOptionDef *option = find_option(def->defname, place);

		if (option == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("invalid option \"%s\"", def->defname),
					 errhint("%s", pin_option_hint(def->defname, catalog, NULL))));

		/*
		 * As file_fdw says of the same: a permission check in a validator is
		 * a bit of a crock, but no other place can enforce it.
		 */
		if ((option->flags & SUPERUSER_ONLY) && !superuser())
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied for option \"%s\"", option->name),
					 errdetail("It decides where credentials are sent, so only a superuser may create or alter a server that has it.")));

		option->check(option, defGetString(def));
	}

	if (place == IN_TABLE)
	{
		const char *name = pin_find_option(options, "resource");

		if (name == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
					 errmsg("option \"resource\" is required for foreign tables of pinterest_fdw"),
					 errhint("Name a resource, for example resource 'campaigns', or let IMPORT FOREIGN SCHEMA ads create the table.")));
		check_table(pin_find_resource(name), options);
	}
	if (place == IN_SERVER || place == IN_TABLE)
		check_windows(window_of(options, "click_window_days"),
					  window_of(options, "engagement_window_days"),
					  window_of(options, "view_window_days"), InvalidOid);

	PG_RETURN_VOID();
}

/*
 * Bit of a catalog; 0 for one where there are no options, that is the foreign
 * data wrapper itself.
 */
static int
place_of(Oid catalog)
{
	switch (catalog)
	{
		case ForeignServerRelationId:
			return IN_SERVER;
		case UserMappingRelationId:
			return IN_MAPPING;
		case ForeignTableRelationId:
			return IN_TABLE;
		case AttributeRelationId:
			return IN_COLUMN;
		default:
			return 0;
	}
}

/*
 * Look up an option by name among those of the given places.
 */
static const PinOptionDef *
find_option(const char *name, int places)
{
	const PinOptionDef *option;

	for (option = pin_options; option->name != NULL; option++)
	{
		if ((option->places & places) && strcmp(option->name, name) == 0)
			return option;
	}
	return NULL;
}

/*
 * pin_option_hint
 *		What to tell who gave an option that the catalog does not have.
 *
 * The option belongs elsewhere, or has a name much like one of the catalog,
 * or else all of the catalog are listed.  "extra" is one more name to count
 * among those of the catalog, or NULL.
 *
 * Returns a palloc'd sentence.
 */
char *
pin_option_hint(const char *name, Oid catalog, const char *extra)
{
	static const char *const place_names[] = {
		"the server", "the user mapping", "the foreign table",
		"a column of the foreign table"
	};
	int			place = place_of(catalog);
	const PinOptionDef *option = find_option(name, ~0);
	ClosestMatchState match;
	StringInfoData buf;
	StringInfoData all;

	initStringInfo(&buf);
	if (option != NULL)
	{
		const char *separator = "";

		appendStringInfo(&buf, "Option \"%s\" belongs to ", option->name);
		for (int i = 0; i < lengthof(place_names); i++)
		{
			if (option->places & (1 << i))
			{
				appendStringInfo(&buf, "%s%s", separator, place_names[i]);
				separator = " or ";
			}
		}
		appendStringInfoChar(&buf, '.');
		return buf.data;
	}

	initStringInfo(&all);
	initClosestMatch(&match, name, PIN_HINT_DISTANCE);
	if (extra != NULL)
	{
		updateClosestMatch(&match, extra);
		appendStringInfoString(&all, extra);
	}
	for (option = pin_options; option->name != NULL; option++)
	{
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
		appendStringInfoString(&buf, "There are no valid options in this context.");
	else if (getClosestMatch(&match) != NULL)
		appendStringInfo(&buf, "Perhaps you meant the option \"%s\".",
						 getClosestMatch(&match));
	else
		appendStringInfo(&buf, "Valid options in this context are: %s.",
						 all.data);
	return buf.data;
}

/*
 * Is a word among others, which are separated by spaces?  NULL has none.
 */
static bool
has_word(const char *words, const char *word)
{
	size_t		len = strlen(word);

	for (const char *p = words; p != NULL; p = strchr(p, ' '))
	{
		if (*p == ' ')
			p++;
		if (strncmp(p, word, len) == 0 && (p[len] == ' ' || p[len] == '\0'))
			return true;
	}
	return false;
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
	const PinOptionDef *option = find_option(name, IN_TABLE);

	if (option == NULL)
		return false;
	if (option->flags & REPORT_ONLY)
		return resource->kind == PIN_REPORT;
	if (option->flags & FILTER)
		return has_word(resource->filters, name);
	return true;
}

/*
 * pin_split_words
 *		Words separated by spaces as a List of palloc'd strings; NULL has none.
 */
List *
pin_split_words(const char *words)
{
	List	   *result = NIL;
	char	   *rest = NULL;

	if (words == NULL)
		return NIL;
	for (char *word = strtok_r(pstrdup(words), " ", &rest); word != NULL;
		 word = strtok_r(NULL, " ", &rest))
		result = lappend(result, word);
	return result;
}

/*
 * pin_option_values
 *		The values that an option of foreign tables chooses from, as a List of
 *		palloc'd strings, and how many of them it may have.
 */
List *
pin_option_values(const char *name, int *max)
{
	const PinOptionDef *option = find_option(name, IN_TABLE);

	*max = option->max;
	return pin_split_words(option->values);
}

/*
 * Check that the options of a table fit its resource and each other.  Their
 * values as such have been checked already.
 */
static void
check_table(const PinResource *resource, List *options)
{
	const char *first = NULL;
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *def = (DefElem *) lfirst(lc);
		const PinOptionDef *option = find_option(def->defname, IN_TABLE);
		const char *value = defGetString(def);

		if (!pin_resource_takes(resource, option->name))
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("option \"%s\" does not apply to resource \"%s\"",
							option->name, resource->name),
					 (option->flags & REPORT_ONLY) ?
					 errhint("It applies to reports only.") :
					 resource->filters == NULL || resource->filters[0] == '\0' ?
					 errhint("This resource takes no filters.") :
					 errhint("Filters that it takes: %s.",
							 comma_list(resource->filters))));

		if (option->check == pin_check_ids && resource->kind == PIN_ENTITY &&
			list_length(pin_split_list(value)) > MAX_ENTITY_IDS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("too many values in option \"%s\"", option->name),
					 errdetail("Resource \"%s\" takes at most %d.",
							   resource->name, MAX_ENTITY_IDS)));

		/* Pinterest takes only one of the filters by id of parents and own. */
		if (option->check == pin_check_ids &&
			(strcmp(resource->name, "ads") == 0 ||
			 strcmp(resource->name, "ad_groups") == 0))
		{
			if (first != NULL)
				ereport(ERROR,
						(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
						 errmsg("options \"%s\" and \"%s\" cannot be combined for resource \"%s\"",
								first, option->name, resource->name),
						 errhint("Give one of them, and filter by the other in the query.")));
			first = option->name;
		}

		/* A template brings its own, and Pinterest takes no others with it. */
		if (pin_find_option(options, "template_id") != NULL &&
			((option->flags & FILTER) || option->check == pin_check_days ||
			 strcmp(option->name, "conversion_report_time") == 0 ||
			 strcmp(option->name, "attribution_types") == 0 ||
			 strcmp(option->name, "reporting_timezone") == 0))
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
					 errmsg("options \"template_id\" and \"%s\" cannot be combined",
							option->name),
					 errhint("Filters and attribution are those of the template; edit it in Ads Manager.")));

		if (strcmp(option->name, "targeting_types") == 0)
		{
			ListCell   *type;

			foreach(type, pin_split_list(value))
			{
				const char *name = pin_canonical_value(option,
													   (char *) lfirst(type));

				if (!has_word(resource->types, name) &&
					!has_word(resource->more_types, name))
					ereport(ERROR,
							(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							 errmsg("invalid value for option \"%s\": \"%s\"",
									option->name, name),
							 errdetail("Pinterest does not have it for resource \"%s\".",
									   resource->name),
							 errhint("Valid values are: %s, %s.",
									 comma_list(resource->types),
									 comma_list(resource->more_types))));
			}
		}
	}
}

/*
 * Words separated by spaces as a list for people to read, palloc'd.
 */
static char *
comma_list(const char *words)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (const char *p = words; *p; p++)
	{
		if (*p == ' ')
			appendStringInfoChar(&buf, ',');
		appendStringInfoChar(&buf, *p);
	}
	return buf.data;
}

/*
 * Check the attribution windows, -1 for those not set, against what Pinterest
 * accepts.  Windows not set count with their defaults.  "relid" is the foreign
 * table in which options of table and server meet, if that is the case.
 */
static void
check_windows(int click, int engagement, int view, Oid relid)
{
	int			given[3];
	int			used[3];
	StringInfoData buf;

	if (click < 0 && engagement < 0 && view < 0)
		return;

	given[0] = click;
	given[1] = engagement;
	given[2] = view;
	used[0] = click < 0 ? DEFAULT_CLICK_WINDOW : click;
	used[1] = engagement < 0 ? DEFAULT_ENGAGEMENT_WINDOW : engagement;
	used[2] = view < 0 ? DEFAULT_VIEW_WINDOW : view;

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
					   DEFAULT_CLICK_WINDOW, DEFAULT_ENGAGEMENT_WINDOW,
					   DEFAULT_VIEW_WINDOW),
			 errhint("Valid combinations of click_window_days/engagement_window_days/view_window_days are: %s.",
					 buf.data)));
}

/*
 * An attribution window among the options, -1 if it is not set.
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

/*
 * Take the options of a server or a table over into *result.
 *
 * Values are checked once more, as the wrapper may have been without its
 * validator when they were set, and what follows relies on them.
 */
static void
apply_options(PinOptions *result, List *options)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *def = (DefElem *) lfirst(lc);
		const PinOptionDef *option = find_option(def->defname, IN_BOTH);
		char	   *value = pstrdup(defGetString(def));
		List	   *values = NIL;

		if (option == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("invalid option \"%s\"", def->defname)));
		option->check(option, value);

		if (option->values != NULL && option->check != pin_check_enums)
			value = pin_canonical_value(option, value);
		else if (option->check == pin_check_enums ||
				 option->check == pin_check_ids ||
				 option->check == pin_check_advertisers)
		{
			values = pin_split_list(value);
			if (option->check == pin_check_enums)
			{
				ListCell   *element;

				foreach(element, values)
					lfirst(element) = pin_canonical_value(option,
														  (char *) lfirst(element));
			}
		}

		if (option->offset != 0)
		{
			char	   *field = (char *) result + option->offset;

			if (option->check == pin_check_number ||
				option->check == pin_check_days)
				*(int *) field = atoi(value);
			else if (option->check == pin_check_enums)
				*(List **) field = values;
			else
				*(char **) field = value;
		}
		else if (option->flags & FILTER)
		{
			PinFilter  *filter = palloc(sizeof(PinFilter));

			filter->name = option->name;
			filter->values = values;
			result->filters = lappend(result->filters, filter);
		}
		else if (strcmp(option->name, "resource") == 0)
			result->resource = pin_find_resource(value);
		else if (strcmp(option->name, "advertiser_id") == 0)
		{
			result->all_advertisers = strcmp(value, "*") == 0;
			result->advertiser_ids = result->all_advertisers ? NIL : values;
		}
		else if (strcmp(option->name, "granularity") == 0)
		{
			for (int i = PIN_DAY; i <= PIN_TOTAL; i++)
			{
				if (pg_strcasecmp(value, pin_granularity_name(i)) == 0)
					result->granularity = i;
			}
		}
		else if (strcmp(option->name, "synchronous") == 0)
			result->synchronous = strcmp(value, "on") == 0;
		else if (strcmp(option->name, "api_url") == 0)
		{
			for (size_t len = strlen(value); value[len - 1] == '/'; len--)
				value[len - 1] = '\0';
			result->api_url = value;
		}
	}
}

/*
 * pin_get_server_options
 *		Options of a server as they take effect, with defaults for those that
 *		are not set.
 *
 * Returns a palloc'd structure that points to nothing outside the current
 * memory context.  It has no resource, unless a foreign table's options are
 * applied on top.
 */
PinOptions *
pin_get_server_options(Oid serverid)
{
	PinOptions *result = palloc0(sizeof(PinOptions));

	result->serverid = serverid;
	result->api_url = pstrdup("https://api.pinterest.com/v5");
	result->authorization_url = pstrdup("https://www.pinterest.com/oauth/");
	result->redirect_uri = pstrdup("http://localhost:8085/");
	result->max_connections = 4;
	result->timeout = 60;
	result->report_timeout = 1800;
	result->retry_timeout = 300;
	result->report_reuse = 600;
	result->synchronous = true;
	result->granularity = PIN_DAY;
	result->click_window_days = -1;
	result->engagement_window_days = -1;
	result->view_window_days = -1;
	apply_options(result, GetForeignServer(serverid)->options);
	return result;
}

/*
 * Options of a foreign table as far as they are set: those of its server, then
 * its own over them.
 */
static PinOptions *
merge_options(Oid relid)
{
	ForeignTable *table = GetForeignTable(relid);
	PinOptions *result = pin_get_server_options(table->serverid);

	result->relid = relid;
	apply_options(result, table->options);

	if (result->resource == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				 errmsg("option \"resource\" of foreign table \"%s\" is not set",
						get_rel_name(relid))));
	return result;
}

/*
 * pin_get_options
 *		Options of a foreign table as they take effect.
 *
 * Returns a palloc'd structure that points to nothing outside the current
 * memory context.  It is an error if the options of table and server together
 * make no sense, or leave open which advertiser to ask for.
 */
PinOptions *
pin_get_options(Oid relid)
{
	PinOptions *result = merge_options(relid);
	const PinResource *resource = result->resource;

	/* Either object may be right by itself, and both together not. */
	if (resource->kind == PIN_REPORT)
		check_windows(result->click_window_days,
					  result->engagement_window_days,
					  result->view_window_days, relid);

	if (!result->all_advertisers && result->advertiser_ids == NIL &&
		needs_advertiser(resource))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				 errmsg("option \"advertiser_id\" is needed for foreign table \"%s\"",
						get_rel_name(relid)),
				 errhint("Set it for all tables with ALTER SERVER %s OPTIONS (ADD advertiser_id '...'), or for this table with ALTER FOREIGN TABLE.",
						 quote_identifier(GetForeignServer(result->serverid)->servername))));
	return result;
}

/*
 * Does a request for this resource name an advertiser?  The list of the
 * advertisers themselves does not, nor do dictionaries, whose rows are the
 * same for all.
 */
static bool
needs_advertiser(const PinResource *resource)
{
	for (int i = 0; i < resource->nkeys; i++)
	{
		if (resource->keys[i].source == PIN_FROM_ADVERTISER)
			return true;
	}
	return false;
}

/*
 * pin_get_attributes
 *		Columns of a foreign table, tied to Pinterest's columns.
 *
 * Dropped and generated columns are left out.  A column is found by its
 * option column_name, else by its name in the fixed schema, else by its name
 * as Pinterest's, upper-cased for reports.
 *
 * Returns a List of palloc'd PinAttribute.  It is an error if a report has no
 * such column, or has it not at that level or granularity.  Fields of entities
 * are many and grow, so that one we do not know is for the answer to have.
 */
List *
pin_get_attributes(Relation rel, const PinResource *resource)
{
	TupleDesc	tupdesc = RelationGetDescr(rel);
	Oid			relid = RelationGetRelid(rel);
	PinGranularity granularity = merge_options(relid)->granularity;
	List	   *result = NIL;

	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(tupdesc, i);
		PinAttribute *attribute;
		const char *given;

		if (attr->attisdropped || attr->attgenerated)
			continue;

		attribute = palloc0(sizeof(PinAttribute));
		attribute->attnum = attr->attnum;
		attribute->name = pstrdup(NameStr(attr->attname));
		given = pin_find_option(GetForeignColumnOptions(relid, attr->attnum),
						   "column_name");
		if (given == NULL)
			attribute->column = find_fixed_column(resource, attribute->name);
		if (attribute->column == NULL)
		{
			const char *name = given != NULL ? given : attribute->name;

			char	   *api_name = pstrdup(name);

			if (resource->kind == PIN_REPORT)
			{
				for (char *p = api_name; *p; p++)
					*p = pg_ascii_toupper((unsigned char) *p);
			}
			attribute->api_name = api_name;
			attribute->column = pin_find_column(resource, attribute->api_name);
		}
		else
			attribute->api_name = attribute->column->api_name;

		if (resource->kind == PIN_REPORT)
			check_report_column(rel, resource, attribute, attr->atttypid,
								granularity, given != NULL);
		result = lappend(result, attribute);
	}
	return result;
}

/*
 * Look up a column of the fixed schema by its SQL name.
 */
static const PinColumn *
find_fixed_column(const PinResource *resource, const char *name)
{
	for (int i = 0; i < resource->nkeys; i++)
	{
		if (strcmp(resource->keys[i].name, name) == 0)
			return &resource->keys[i];
	}
	for (int i = 0; i < resource->ncolumns; i++)
	{
		if (strcmp(resource->columns[i].name, name) == 0)
			return &resource->columns[i];
	}
	return NULL;
}

/*
 * Check that a report can have a column.  "by_option" says whether the API's
 * name was given, and decides in which form the hint names another.
 */
static void
check_report_column(Relation rel, const PinResource *resource,
					const PinAttribute *attribute, Oid type,
					PinGranularity granularity, bool by_option)
{
	const PinColumn *column = attribute->column;
	const char *reason;

	if (column == NULL)
	{
		ClosestMatchState match;

		initClosestMatch(&match,
						 by_option ? attribute->api_name : attribute->name,
						 PIN_HINT_DISTANCE);
		for (int i = 0; i < resource->nkeys + resource->ncolumns; i++)
		{
			const PinColumn *other = i < resource->nkeys ?
				&resource->keys[i] : &resource->columns[i - resource->nkeys];

			if (pin_column_is_valid(resource, other, granularity, NULL))
				updateClosestMatch(&match,
								   by_option ? other->api_name : other->name);
		}
		ereport(ERROR,
				(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
				 errmsg("column \"%s\" of foreign table \"%s\" is no column of Pinterest's reports: \"%s\"",
						attribute->name, RelationGetRelationName(rel),
						attribute->api_name),
				 getClosestMatch(&match) != NULL ?
				 errhint("Perhaps you meant the column \"%s\".",
						 getClosestMatch(&match)) :
				 errhint("Set its option \"column_name\" to one of the names that the view pinterest.resource_columns lists, or drop the column.")));
	}

	if (!pin_column_is_valid(resource, column, granularity, &reason))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_COLUMN_NAME),
				 errmsg("invalid column \"%s\" of foreign table \"%s\": %s",
						attribute->name, RelationGetRelationName(rel), reason),
				 errhint("Drop the column from the foreign table.")));

	/*
	 * A table whose granularity was altered: its keys would be the same for
	 * all hours of a day.
	 */
	if (column->source == PIN_FROM_DATE && granularity == PIN_HOUR &&
		type == DATEOID)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("column \"%s\" of foreign table \"%s\" cannot hold hours",
						attribute->name, RelationGetRelationName(rel)),
				 errhint("Use ALTER FOREIGN TABLE %s ALTER COLUMN %s TYPE timestamptz.",
						 quote_identifier(RelationGetRelationName(rel)),
						 quote_identifier(attribute->name))));
}

/*
 * pin_today
 *		Date in UTC, as Pinterest counts, when the current statement began.
 */
DateADT
pin_today(void)
{
	return GetCurrentStatementStartTimestamp() / USECS_PER_DAY;
}

/*
 * pin_period
 *		First and last day of the week or month in which a day lies; the day
 *		itself for other granularities.  Weeks begin on Monday.
 */
void
pin_period(PinGranularity granularity, DateADT date, DateADT *first,
		   DateADT *last)
{
	int			julian = date + POSTGRES_EPOCH_JDATE;
	int			year,
				month,
				day;

	*first = *last = date;
	if (granularity == PIN_WEEK)
	{
		*first = date - (j2day(julian) + 6) % 7;	/* 0 is Sunday */
		*last = *first + 6;
	}
	else if (granularity == PIN_MONTH)
	{
		j2date(julian, &year, &month, &day);
		*first = date - day + 1;
		*last = *first + day_tab[isleap(year)][month - 1] - 1;
	}
}

/*
 * pin_history_start
 *		First day that a report is to have.
 *
 * That is the historical date, but no day that Pinterest does not have any
 * more.  One day of what the documentation grants is left out, since the day
 * may turn at Pinterest before the request arrives.
 *
 * By week or month, it begins with a whole one: for the rest of one that has
 * begun before, Pinterest would answer with less and less, day by day.
 *
 * Never after "today"; DATEVAL_NOBEGIN for entities, which have no dates.
 */
DateADT
pin_history_start(const PinOptions *options, DateADT today)
{
	const PinResource *resource = options->resource;
	const char *given = options->historical_date ? options->historical_date :
		"1 year";
	int			kept = resource->history_days;
	Interval	span;
	DateADT		start,
				first,
				last;

	if (resource->kind == PIN_ENTITY)
		return DATEVAL_NOBEGIN;

	if (options->granularity == PIN_HOUR)
		kept = Min(kept, HOURLY_HISTORY_DAYS);

	if (!pin_parse_date(given, &start))
	{
		Datum		timestamp;

		if (!pin_parse_interval(given, &span))
			elog(ERROR, "invalid historical date \"%s\"", given);
		timestamp = DirectFunctionCall2(date_mi_interval,
										DateADTGetDatum(today),
										IntervalPGetDatum(&span));
		start = DatumGetDateADT(DirectFunctionCall1(timestamp_date,
													timestamp));
	}

	start = Min(Max(start, today - (kept - 1)), today);
	pin_period(options->granularity, start, &first, &last);
	return first < start && last < today ? last + 1 : start;
}

/*
 * pin_granularity_name
 *		Pinterest's name of a granularity, a constant string.
 */
const char *
pin_granularity_name(PinGranularity granularity)
{
	switch (granularity)
	{
		case PIN_DAY:
			return "DAY";
		case PIN_HOUR:
			return "HOUR";
		case PIN_WEEK:
			return "WEEK";
		case PIN_MONTH:
			return "MONTH";
		case PIN_TOTAL:
			return "TOTAL";
	}
	elog(ERROR, "unrecognized granularity: %d", (int) granularity);
	return NULL;				/* keep compiler quiet */
}
