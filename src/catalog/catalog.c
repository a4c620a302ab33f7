/*-------------------------------------------------------------------------
 *
 * catalog.c
 *	  The fixed schema: Pinterest's resources and their columns, as data.
 *
 * The lists resourcelist.h, entitycolumnlist.h and reportcolumnlist.h are
 * expanded into constant arrays here.  The list of report columns is expanded
 * once as a whole, and by reportcolumns.h once more for each report with only
 * the columns that are valid at its level.  That happens at compile time, so
 * that nobody has to care whether the catalog has been built yet.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "catalog/catalog.h"

/*
 * The sets of levels that entries of reportcolumnlist.h name.  reportcolumns.h
 * lists them, too.
 *
 * A column that identifies or describes an entity is valid at the level of
 * that entity and at those of its descendants.  Deeper ones are not: there is
 * no one ad whose name a row of a campaign could carry.  The levels of ads,
 * keywords and product groups have ad groups as parents, but are not parents
 * of each other.  The level of product items alone lies below another one,
 * that of product groups.
 */
#define LEVELS_ANY \
	(LEVELS_CAMPAIGN | PIN_LEVEL_ADVERTISER | PIN_LEVEL_ADVERTISER_TARGETING)
#define LEVELS_CAMPAIGN \
	(LEVELS_BELOW_CAMPAIGN | \
	 PIN_LEVEL_CAMPAIGN | PIN_LEVEL_CAMPAIGN_TARGETING)
#define LEVELS_AD_GROUP \
	(LEVELS_AD | PIN_LEVEL_KEYWORD | LEVELS_PRODUCT_GROUP | \
	 PIN_LEVEL_AD_GROUP | PIN_LEVEL_AD_GROUP_TARGETING)
#define LEVELS_AD \
	(PIN_LEVEL_PIN_PROMOTION | PIN_LEVEL_PIN_PROMOTION_TARGETING)
#define LEVELS_PRODUCT_GROUP \
	(LEVELS_BELOW_PRODUCT_GROUP | \
	 PIN_LEVEL_PRODUCT_GROUP | PIN_LEVEL_PRODUCT_GROUP_TARGETING)
#define LEVELS_PRODUCT_ITEM \
	(PIN_LEVEL_PRODUCT_ITEM | PIN_LEVEL_PRODUCT_ITEM_TARGETING)

/*
 * Ids.  At the level of its own entity an id is part of the key, which does
 * not stand among the other columns.  The advertiser's is that at every level,
 * the ad's at the only ones that have it, the ad group's also at those of what
 * several ad groups can share: keywords, product groups and items.
 */
#define LEVELS_KEY 0
#define LEVELS_AD_KEY LEVELS_KEY
#define LEVELS_BELOW_CAMPAIGN LEVELS_AD_GROUP
#define LEVELS_BELOW_AD_GROUP LEVELS_AD
#define LEVELS_BELOW_PRODUCT_GROUP LEVELS_PRODUCT_ITEM

/* The Pin of an ad */
#define LEVELS_PIN LEVELS_AD

/* Metrics that Pinterest refuses at some levels */
#define LEVELS_REACH \
	(PIN_LEVEL_ADVERTISER | PIN_LEVEL_CAMPAIGN | PIN_LEVEL_AD_GROUP | \
	 PIN_LEVEL_PIN_PROMOTION | PIN_LEVEL_PRODUCT_GROUP | \
	 PIN_LEVEL_PRODUCT_ITEM)
#define LEVELS_OUTBOUND \
	(LEVELS_ANY & ~PIN_LEVEL_PRODUCT_GROUP_TARGETING)

/*
 * For each of these sets, the levels at which a column may differ between rows
 * of the same natural key.  Of one keyword or product group in one ad group,
 * several ads can be shown; of one item, as part of several product groups.
 * Pinterest has these columns there, but most of them are not part of the fixed
 * schema: a table that has one has finer rows.  Of columns of ads, the levels of
 * items take only the Pin.
 */
#define FINER_ANY 0
#define FINER_CAMPAIGN 0
#define FINER_AD_GROUP 0
#define FINER_AD \
	(PIN_LEVEL_KEYWORD | \
	 PIN_LEVEL_PRODUCT_GROUP | PIN_LEVEL_PRODUCT_GROUP_TARGETING)
#define FINER_PRODUCT_GROUP LEVELS_PRODUCT_ITEM
#define FINER_PRODUCT_ITEM 0
#define FINER_KEY 0
#define FINER_AD_KEY FINER_AD
#define FINER_BELOW_CAMPAIGN 0
#define FINER_BELOW_AD_GROUP 0
#define FINER_BELOW_PRODUCT_GROUP LEVELS_PRODUCT_ITEM
#define FINER_PIN (FINER_AD | LEVELS_PRODUCT_ITEM)
#define FINER_REACH 0
#define FINER_OUTBOUND 0

/* Columns of reports, those of all levels together */
#define REPORT_COLUMN(name, api_name, kind, levels, flags, description) \
	{name, #api_name, PIN_##kind, PIN_FROM_FIELD, LEVELS_##levels, FINER_##levels, flags, description},

static const PinColumn report_columns[] = {
#include "catalog/reportcolumnlist.h"
};

#undef REPORT_COLUMN

/* Columns of each report */
#define LEVEL PIN_LEVEL_ADVERTISER
static const PinColumn advertiser_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_CAMPAIGN
static const PinColumn campaign_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_AD_GROUP
static const PinColumn ad_group_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_PIN_PROMOTION
static const PinColumn ad_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_KEYWORD
static const PinColumn keyword_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_PRODUCT_GROUP
static const PinColumn product_group_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_PRODUCT_ITEM
static const PinColumn product_item_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_ADVERTISER_TARGETING
static const PinColumn advertiser_targeting_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_CAMPAIGN_TARGETING
static const PinColumn campaign_targeting_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_AD_GROUP_TARGETING
static const PinColumn ad_group_targeting_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_PIN_PROMOTION_TARGETING
static const PinColumn ad_targeting_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_PRODUCT_GROUP_TARGETING
static const PinColumn product_group_targeting_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

#define LEVEL PIN_LEVEL_PRODUCT_ITEM_TARGETING
static const PinColumn product_item_targeting_report_columns[] = {
#include "catalog/reportcolumns.h"
};
#undef LEVEL

/* Columns of entities; they are few, so all of them are standard */
#define ENTITY_COLUMN(name, kind, description) \
	{#name, #name, PIN_##kind, PIN_FROM_FIELD, 0, 0, PIN_STANDARD, description},

static const PinColumn advertisers_columns[] = {
#define ADVERTISER_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn campaigns_columns[] = {
#define CAMPAIGN_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn ad_groups_columns[] = {
#define AD_GROUP_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn ads_columns[] = {
#define AD_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn keywords_columns[] = {
#define KEYWORD_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn product_group_promotions_columns[] = {
#define PRODUCT_GROUP_PROMOTION_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn audiences_columns[] = {
#define AUDIENCE_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn customer_lists_columns[] = {
#define CUSTOMER_LIST_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn conversion_tags_columns[] = {
#define CONVERSION_TAG_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn order_lines_columns[] = {
#define ORDER_LINE_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn lead_forms_columns[] = {
#define LEAD_FORM_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn targeting_templates_columns[] = {
#define TARGETING_TEMPLATE_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn report_templates_columns[] = {
#define REPORT_TEMPLATE_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn metrics_columns[] = {
#define METRIC_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn metrics_ready_state_columns[] = {
#define METRICS_READY_STATE_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

static const PinColumn targeting_options_columns[] = {
#define TARGETING_OPTION_COLUMN ENTITY_COLUMN
#include "catalog/entitycolumnlist.h"
};

/* Keys */
#define KEY(name, api_name, kind, source, levels, description) \
	{name, api_name, PIN_##kind, PIN_FROM_##source, levels, 0, PIN_STANDARD, description}

#define ADVERTISER_KEY(api_name, source, levels) \
	KEY("advertiser_id", api_name, ID, source, levels, "Advertiser (ad account)")
#define CAMPAIGN_KEY(api_name, source, levels) \
	KEY("campaign_id", api_name, ID, source, levels, "Campaign")
#define AD_GROUP_KEY(api_name, source, levels) \
	KEY("ad_group_id", api_name, ID, source, levels, "Ad group")
#define AD_KEY(api_name, source, levels) \
	KEY("ad_id", api_name, ID, source, levels, "Ad")
#define KEYWORD_KEY(api_name, source, levels) \
	KEY("keyword_id", api_name, ID, source, levels, "Keyword")
#define PRODUCT_GROUP_KEY(levels) \
	KEY("product_group_id", "PRODUCT_GROUP_ID", ID, ENTITY, levels, "Product group")
#define PRODUCT_ITEM_KEY(levels) \
	KEY("product_item_id", "PRODUCT_ITEM_ID", ID, ENTITY, levels, "Product item")
#define SHARING_AD_GROUP_KEY(levels) \
	{"ad_group_id", "AD_GROUP_ID", PIN_ID, PIN_FROM_FIELD, levels, 0, \
	 PIN_STANDARD | PIN_SYNC | PIN_BLANK, "Ad group; '' if Pinterest names none"}
#define DATE_KEY(levels) \
	KEY("date", "DATE", DATE, DATE, levels, "Day of the row, or first day of its week or month; of UTC, unless the option reporting_timezone says otherwise")
#define TARGETING_KEYS(levels) \
	KEY("targeting_type", "TARGETING_TYPE", TEXT, ROW, levels, "What the row is broken down by, such as GENDER or COUNTRY"), \
	{"targeting_value", "TARGETING_VALUE", PIN_TEXT, PIN_FROM_ROW, levels, 0, \
	 PIN_STANDARD | PIN_BLANK, "Value of the targeting type that the row covers, as Pinterest's code; '' if it names none"}

/* Keys of entities that belong to an advertiser */
#define ENTITY_KEYS(key) \
	ADVERTISER_KEY("ad_account_id", ADVERTISER, 0), \
	key
#define ID_KEY(name, description) \
	KEY(name, "id", ID, FIELD, 0, description)

static const PinColumn advertisers_keys[] = {
	ADVERTISER_KEY("id", FIELD, 0)
};

static const PinColumn campaigns_keys[] = {
	ENTITY_KEYS(CAMPAIGN_KEY("id", FIELD, 0))
};

static const PinColumn ad_groups_keys[] = {
	ENTITY_KEYS(AD_GROUP_KEY("id", FIELD, 0))
};

static const PinColumn ads_keys[] = {
	ENTITY_KEYS(AD_KEY("id", FIELD, 0))
};

static const PinColumn keywords_keys[] = {
	ENTITY_KEYS(KEYWORD_KEY("id", FIELD, 0))
};

static const PinColumn product_group_promotions_keys[] = {
	ENTITY_KEYS(ID_KEY("product_group_promotion_id", "Product group promotion"))
};

static const PinColumn audiences_keys[] = {
	ENTITY_KEYS(ID_KEY("audience_id", "Audience"))
};

static const PinColumn customer_lists_keys[] = {
	ENTITY_KEYS(ID_KEY("customer_list_id", "Customer list"))
};

static const PinColumn conversion_tags_keys[] = {
	ENTITY_KEYS(ID_KEY("conversion_tag_id", "Conversion tag"))
};

static const PinColumn order_lines_keys[] = {
	ENTITY_KEYS(ID_KEY("order_line_id", "Order line"))
};

static const PinColumn lead_forms_keys[] = {
	ENTITY_KEYS(ID_KEY("lead_form_id", "Lead form"))
};

static const PinColumn targeting_templates_keys[] = {
	ENTITY_KEYS(ID_KEY("targeting_template_id", "Targeting template"))
};

static const PinColumn report_templates_keys[] = {
	ENTITY_KEYS(ID_KEY("report_template_id", "Report template"))
};

static const PinColumn metrics_keys[] = {
	KEY("name", "name", TEXT, FIELD, 0, "Name of the metric, as in the API")
};

static const PinColumn metrics_ready_state_keys[] = {
	KEY("date", "date", DATE, FIELD, 0, "Day that was asked about, by UTC")
};

static const PinColumn targeting_options_keys[] = {
	KEY("targeting_type", "targeting_type", TEXT, FIELD, 0, "Targeting type, such as GENDER or LOCATION"),
	KEY("code", "code", TEXT, FIELD, 0, "Code of the value, as in targeting specifications and reports")
};

static const PinColumn advertiser_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_ADVERTISER),
	DATE_KEY(PIN_LEVEL_ADVERTISER)
};

static const PinColumn campaign_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_CAMPAIGN),
	CAMPAIGN_KEY("CAMPAIGN_ID", ENTITY, PIN_LEVEL_CAMPAIGN),
	DATE_KEY(PIN_LEVEL_CAMPAIGN)
};

static const PinColumn ad_group_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_AD_GROUP),
	AD_GROUP_KEY("AD_GROUP_ID", ENTITY, PIN_LEVEL_AD_GROUP),
	DATE_KEY(PIN_LEVEL_AD_GROUP)
};

static const PinColumn ad_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_PIN_PROMOTION),
	AD_KEY("AD_ID", ENTITY, PIN_LEVEL_PIN_PROMOTION),
	DATE_KEY(PIN_LEVEL_PIN_PROMOTION)
};

static const PinColumn keyword_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_KEYWORD),
	KEYWORD_KEY("KEYWORD_ID", ENTITY, PIN_LEVEL_KEYWORD),
	SHARING_AD_GROUP_KEY(PIN_LEVEL_KEYWORD),
	DATE_KEY(PIN_LEVEL_KEYWORD)
};

static const PinColumn product_group_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_PRODUCT_GROUP),
	PRODUCT_GROUP_KEY(PIN_LEVEL_PRODUCT_GROUP),
	SHARING_AD_GROUP_KEY(PIN_LEVEL_PRODUCT_GROUP),
	DATE_KEY(PIN_LEVEL_PRODUCT_GROUP)
};

static const PinColumn product_item_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_PRODUCT_ITEM),
	PRODUCT_ITEM_KEY(PIN_LEVEL_PRODUCT_ITEM),
	SHARING_AD_GROUP_KEY(PIN_LEVEL_PRODUCT_ITEM),
	DATE_KEY(PIN_LEVEL_PRODUCT_ITEM)
};

static const PinColumn advertiser_targeting_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_ADVERTISER_TARGETING),
	DATE_KEY(PIN_LEVEL_ADVERTISER_TARGETING),
	TARGETING_KEYS(PIN_LEVEL_ADVERTISER_TARGETING)
};

static const PinColumn campaign_targeting_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_CAMPAIGN_TARGETING),
	CAMPAIGN_KEY("CAMPAIGN_ID", ENTITY, PIN_LEVEL_CAMPAIGN_TARGETING),
	DATE_KEY(PIN_LEVEL_CAMPAIGN_TARGETING),
	TARGETING_KEYS(PIN_LEVEL_CAMPAIGN_TARGETING)
};

static const PinColumn ad_group_targeting_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_AD_GROUP_TARGETING),
	AD_GROUP_KEY("AD_GROUP_ID", ENTITY, PIN_LEVEL_AD_GROUP_TARGETING),
	DATE_KEY(PIN_LEVEL_AD_GROUP_TARGETING),
	TARGETING_KEYS(PIN_LEVEL_AD_GROUP_TARGETING)
};

static const PinColumn ad_targeting_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_PIN_PROMOTION_TARGETING),
	AD_KEY("AD_ID", ENTITY, PIN_LEVEL_PIN_PROMOTION_TARGETING),
	DATE_KEY(PIN_LEVEL_PIN_PROMOTION_TARGETING),
	TARGETING_KEYS(PIN_LEVEL_PIN_PROMOTION_TARGETING)
};

static const PinColumn product_group_targeting_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_PRODUCT_GROUP_TARGETING),
	PRODUCT_GROUP_KEY(PIN_LEVEL_PRODUCT_GROUP_TARGETING),
	SHARING_AD_GROUP_KEY(PIN_LEVEL_PRODUCT_GROUP_TARGETING),
	DATE_KEY(PIN_LEVEL_PRODUCT_GROUP_TARGETING),
	TARGETING_KEYS(PIN_LEVEL_PRODUCT_GROUP_TARGETING)
};

static const PinColumn product_item_targeting_report_keys[] = {
	ADVERTISER_KEY("ADVERTISER_ID", ADVERTISER, PIN_LEVEL_PRODUCT_ITEM_TARGETING),
	PRODUCT_ITEM_KEY(PIN_LEVEL_PRODUCT_ITEM_TARGETING),
	SHARING_AD_GROUP_KEY(PIN_LEVEL_PRODUCT_ITEM_TARGETING),
	DATE_KEY(PIN_LEVEL_PRODUCT_ITEM_TARGETING),
	TARGETING_KEYS(PIN_LEVEL_PRODUCT_ITEM_TARGETING)
};

/*
 * Lists with their keys and columns together, see adslists.h.
 */
#define LIST_KEYS(name) static const PinColumn name##_keys[] = {
#define LIST_COLUMNS(name) static const PinColumn name##_columns[] = {
#define LIST_END };
#define KEY_OF_ADVERTISER ADVERTISER_KEY("ad_account_id", ADVERTISER, 0),
#define LIST_KEY(name, api_name, kind, description) \
	KEY(#name, #api_name, kind, FIELD, 0, description),
#define LIST_BLANK_KEY(name, api_name, kind, description) \
	{#name, #api_name, PIN_##kind, PIN_FROM_FIELD, 0, 0, PIN_STANDARD | PIN_BLANK, description},
#define KEY_OF_DAY \
	KEY("date", "date", DATE, DATE, 0, "Day of the row, of UTC"),
#define LIST_COLUMN ENTITY_COLUMN
#define LIST_FIELD(name, api_name, kind, description) \
	{#name, #api_name, PIN_##kind, PIN_FROM_FIELD, 0, 0, PIN_STANDARD, description},
#include "catalog/adslists.h"
#include "catalog/organiclists.h"
#include "catalog/catalogslists.h"

/* Resources */
#define RESOURCE_COLUMNS(name) \
	.keys = name##_keys, .nkeys = lengthof(name##_keys), \
	.columns = name##_columns, .ncolumns = lengthof(name##_columns)
#define ENTITY(_name, _listing, _path, _ids, _id_filters, _page, _filters, _types, _scopes, _description) \
	{.name = #_name, .schema = "ads", .kind = PIN_ENTITY, \
	.listing = PIN_LIST_##_listing, \
	.path = _path, .filters = _filters, .types = _types, \
	.max_ids = _ids, .max_id_filters = _id_filters, .page_size = _page, \
	.scopes = _scopes, .description = _description, RESOURCE_COLUMNS(_name)},
#define REPORT(_name, _level, _history, _hours, _range, _hour_range, _ids, _at_once, _filters, _types, _more_types, _description) \
	{.name = #_name, .schema = "ads", .kind = PIN_REPORT, \
	.level = PIN_LEVEL_##_level, .level_name = #_level, \
	.path = "reports", .filters = _filters, \
	.types = _types, .more_types = _more_types, \
	.history_days = _history, .hourly_history_days = _hours, \
	.range_days = _range, .hourly_range_days = _hour_range, \
	.max_ids = _ids, .max_types = _at_once, \
	.scopes = PIN_SCOPE, .description = _description, RESOURCE_COLUMNS(_name)},

#define LIST(_name, _schema, _listing, _path, _scopes, _description, ...) \
	{.name = #_name, .schema = #_schema, .kind = PIN_ENTITY, \
	.listing = PIN_LIST_##_listing, .path = _path, \
	.max_ids = 250, .page_size = 250, .scopes = _scopes, \
	.description = _description, RESOURCE_COLUMNS(_name), __VA_ARGS__},

static const PinResource resources[] = {
#include "catalog/resourcelist.h"
};

const PinResource *const pin_resources = resources;
const int	pin_nresources = lengthof(resources);

/*
 * For each resource, its columns in the order of their API names; built when
 * the first one is looked up.
 */
typedef struct ColumnIndex
{
	int			ncolumns;
	const PinColumn **columns;
} ColumnIndex;

static ColumnIndex column_indexes[lengthof(resources)];

/*
 * compare_columns
 *		qsort comparator for pointers to columns, by API name
 */
static int
compare_columns(const void *a, const void *b)
{
	const PinColumn *const *left = a;
	const PinColumn *const *right = b;

	return strcmp((*left)->api_name, (*right)->api_name);
}

/*
 * compare_name
 *		bsearch comparator of an API name with a pointer to a column
 */
static int
compare_name(const void *key, const void *element)
{
	const PinColumn *const *column = element;

	return strcmp(key, (*column)->api_name);
}

/*
 * pin_find_resource
 *		Finds the resource with an SQL name.
 *
 * The name is matched as it is, since it stands in an option.  Returns NULL if
 * there is none.
 */
const PinResource *
pin_find_resource(const char *name)
{
	for (int i = 0; i < pin_nresources; i++)
	{
		if (strcmp(pin_resources[i].name, name) == 0)
			return &pin_resources[i];
	}

	return NULL;
}

/*
 * pin_is_schema
 *		Whether a name is that of a remote schema: of one that has resources.
 */
bool
pin_is_schema(const char *name)
{
	for (int i = 0; i < pin_nresources; i++)
	{
		if (strcmp(pin_resources[i].schema, name) == 0)
			return true;
	}
	return false;
}

/*
 * pin_has_advertiser
 *		Whether a request for this resource names an advertiser.
 *
 * The list of the advertisers themselves does not, nor do lists of the user and
 * dictionaries, whose rows are the same for all.
 */
bool
pin_has_advertiser(const PinResource *resource)
{
	for (int i = 0; i < resource->nkeys; i++)
	{
		if (resource->keys[i].source == PIN_FROM_ADVERTISER)
			return true;
	}
	return false;
}

/*
 * pin_has_days
 *		Whether rows are of days, so that a part of these can be asked for.
 */
bool
pin_has_days(const PinResource *resource)
{
	return resource->history_days > 0;
}

/*
 * pin_is_paged
 *		Whether a list comes page by page.
 */
bool
pin_is_paged(const PinResource *resource)
{
	return resource->answer == PIN_ANSWER_PAGES &&
		resource->listing != PIN_LIST_WHOLE &&
		resource->listing != PIN_LIST_GLOBAL &&
		resource->listing != PIN_LIST_BY_TYPE &&
		resource->listing != PIN_LIST_BY_DAY;
}

/*
 * build_column_index
 *		Collect and sort the columns that pin_find_column() knows of a resource.
 *
 * The result lives as long as the backend.  It is put in place last, so that
 * running out of memory leaves no half-built index behind.
 */
static void
build_column_index(const PinResource *resource, ColumnIndex *index)
{
	const PinColumn **columns;
	int			ncolumns = 0;
	int			max = resource->nkeys + resource->ncolumns;

	if (resource->kind == PIN_REPORT)
	{
		max += (int) lengthof(report_columns);
		for (int i = 0; i < (int) lengthof(resources); i++)
			max += resources[i].nkeys;
	}

	columns = MemoryContextAlloc(TopMemoryContext,
								 max * sizeof(const PinColumn *));

	for (int i = 0; i < resource->nkeys; i++)
		columns[ncolumns++] = &resource->keys[i];
	for (int i = 0; i < resource->ncolumns; i++)
		columns[ncolumns++] = &resource->columns[i];

	/* Columns of other levels are found too, for the sake of good errors */
	if (resource->kind == PIN_REPORT)
	{
		for (int i = 0; i < (int) lengthof(report_columns); i++)
		{
			const PinColumn *column = &report_columns[i];
			bool		is_key = false;

			for (int j = 0; j < resource->nkeys; j++)
			{
				if (strcmp(resource->keys[j].api_name, column->api_name) == 0)
					is_key = true;
			}

			if (!is_key && (column->levels & resource->level) == 0)
				columns[ncolumns++] = column;
		}

		/* so are keys of other levels that are columns of none */
		for (int i = 0; i < (int) lengthof(resources); i++)
		{
			for (int j = 0; resources[i].kind == PIN_REPORT && j < resources[i].nkeys; j++)
			{
				const PinColumn *key = &resources[i].keys[j];
				bool		is_known = false;

				for (int k = 0; k < ncolumns && !is_known; k++)
					is_known = strcmp(columns[k]->api_name, key->api_name) == 0;
				if (!is_known)
					columns[ncolumns++] = key;
			}
		}
	}

	qsort(columns, ncolumns, sizeof(const PinColumn *), compare_columns);

	index->ncolumns = ncolumns;
	index->columns = columns;
}

/*
 * pin_find_column
 *		Finds the column with an API name.
 *
 * "resource" is a member of pin_resources.  Names are matched as they are:
 * upper case in reports, lower case in entities.  In a report all of
 * Pinterest's report columns are found, whether they are valid at its level or
 * not; see pin_column_is_valid().
 *
 * Returns NULL if there is none.  Columns are constant.  The first call for a
 * resource allocates a small index in TopMemoryContext.
 */
const PinColumn *
pin_find_column(const PinResource *resource, const char *api_name)
{
	ColumnIndex *index;
	const PinColumn **found;

	Assert(resource >= resources && resource < resources + lengthof(resources));

	index = &column_indexes[resource - resources];
	if (index->columns == NULL)
		build_column_index(resource, index);

	found = bsearch(api_name, index->columns, index->ncolumns,
					sizeof(const PinColumn *), compare_name);

	return found ? *found : NULL;
}

/*
 * pin_resource_is_global
 *		Whether a resource is a list that belongs to no advertiser, the same for
 *		all.
 */
bool
pin_resource_is_global(const PinResource *resource)
{
	return resource->kind == PIN_ENTITY && !pin_has_advertiser(resource) &&
		resource->listing != PIN_LIST_ADVERTISERS;
}

/*
 * pin_column_is_valid
 *		Does a report have a column at its level and granularity?
 *
 * "column" is one that pin_find_column() returned for the resource.  Columns of
 * entities are always valid.
 *
 * If the column is not valid and "reason" is not NULL, *reason is set to a
 * translated clause to be put behind a colon or in parentheses.  It is
 * allocated in the current memory context or constant.
 */
bool
pin_column_is_valid(const PinResource *resource, const PinColumn *column,
					PinGranularity granularity, const char **reason)
{
	if (resource->kind == PIN_ENTITY)
		return true;

	if (((column->levels | column->finer_levels) & resource->level) == 0)
	{
		if (reason)
			*reason = psprintf(_("it is not available at level %s"),
							   resource->level_name);
		return false;
	}

	if (granularity == PIN_TOTAL && column->source == PIN_FROM_DATE)
	{
		if (reason)
			*reason = _("a total has no date");
		return false;
	}

	if (granularity == PIN_HOUR && (column->flags & PIN_CONVERSION) != 0)
	{
		if (reason)
			*reason = _("conversions are not available by hour");
		return false;
	}

	return true;
}

/*
 * pin_column_is_finer
 *		Whether a column may differ between rows of the same natural key of a
 *		report.
 *
 * A table that has such a column always asks for it, as the rows depend on that.
 */
bool
pin_column_is_finer(const PinResource *resource, const PinColumn *column)
{
	return resource->kind == PIN_REPORT &&
		(column->finer_levels & resource->level) != 0;
}

/*
 * pin_column_is_standard
 *		Whether a table has a column unless somebody chooses: one of those that
 *		people use, and by which no row becomes finer.
 */
bool
pin_column_is_standard(const PinResource *resource, const PinColumn *column)
{
	return (column->flags & PIN_STANDARD) != 0 &&
		!pin_column_is_finer(resource, column);
}

/*
 * pin_kind_oid
 *		The PostgreSQL type for values of a kind.
 */
Oid
pin_kind_oid(PinKind kind)
{
	switch (kind)
	{
		case PIN_COUNT:
		case PIN_MICRO:
			return INT8OID;
		case PIN_AMOUNT:
		case PIN_RATIO:
			return NUMERICOID;
		case PIN_ID:
		case PIN_TEXT:
			return TEXTOID;
		case PIN_FLAG:
			return BOOLOID;
		case PIN_DATE:
			return DATEOID;
		case PIN_SECONDS:
		case PIN_MILLISECONDS:
		case PIN_TIME:
			return TIMESTAMPTZOID;
		case PIN_TEXTS:
			return TEXTARRAYOID;
		case PIN_JSON:
			return JSONBOID;
	}
	elog(ERROR, "unrecognized kind of column: %d", (int) kind);
	return InvalidOid;			/* keep compiler quiet */
}

/*
 * pin_kind_type
 *		Name of that type, as format_type() has it; palloc'd.
 */
const char *
pin_kind_type(PinKind kind)
{
	return format_type_be(pin_kind_oid(kind));
}

/*
 * pin_kind_unit
 *		The unit of all values of a kind, for people to read.
 *
 * Returns NULL if the kind has none: for values that are not numbers, and for
 * PIN_RATIO, whose columns differ.
 */
const char *
pin_kind_unit(PinKind kind)
{
	switch (kind)
	{
		case PIN_COUNT:
			return "count";
		case PIN_MICRO:
			return "micro-currency";
		case PIN_AMOUNT:
			return "currency";
		default:
			return NULL;
	}
}

/*
 * pin_kind_zero_fills
 *		Does a value of this kind that a report leaves out stand for zero?
 *
 * Pinterest omits zeros in JSON.  A ratio that is missing is unknown, not
 * zero, and so is anything that is no number.
 */
bool
pin_kind_zero_fills(PinKind kind)
{
	return kind == PIN_COUNT || kind == PIN_MICRO || kind == PIN_AMOUNT;
}

/*
 * pin_find_fixed_column
 *		Looks up a column of the fixed schema by its SQL name.
 */
const PinColumn *
pin_find_fixed_column(const PinResource *resource, const char *name)
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
