/*-------------------------------------------------------------------------
 *
 * resourcelist.h
 *	  The tables of the fixed schema, one entry each.
 *
 * The list is kept in its own source file in the manner of PostgreSQL's
 * kwlist.h: whoever includes it defines ENTITY and REPORT first, and there is
 * no include guard.  The arguments are
 *
 *	name		SQL name, value of the option "resource"
 *	listing		entities only: a PinListing without PIN_LIST_
 *	path		entities only: as in PinResource, without a slash at either end
 *	level		reports only: the level, as in the API
 *	history		reports only: days back from today that Pinterest keeps
 *	hours		reports only: the same by the hour
 *	range		reports only: longest range of one request in days
 *	hour_range	reports only: the same by the hour
 *	ids			ids that one filter of one request takes
 *	id_filters	entities only: filters by ids that one request takes; 0: all
 *	page		entities only: entities on the largest page
 *	at_once		reports only: targeting types that one request takes; 0: none
 *	filters		parameters that may be set as options of the table
 *	types		targeting types that are asked for by default, or listed
 *	more_types	reports only: targeting types that may be asked for besides
 *	scopes		entities only: scopes of OAuth that reading it takes, as in the
 *				API; all reports take PIN_SCOPE
 *	description	becomes the comment of the table
 *
 * Lists that came later are entries of their own kind, LIST, of
 *
 *	name		as above
 *	schema		of IMPORT FOREIGN SCHEMA
 *	listing		as above
 *	path		as in PinResource
 *	scopes		as above
 *	description	as above
 *
 * and members of PinResource that are not the usual ones.  Their keys and columns
 * stand in adslists.h, organiclists.h and catalogslists.h.
 *
 * A report takes filters on entities below its own level, too: its rows then
 * cover what passes.  The lists leave out the filters that are not lists of
 * ids or of enumerated values.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */

/* there is deliberately not an #ifndef RESOURCELIST_H here */

/* Filters of reports; those on ads do not work for product items */
#define PARENT_FILTERS \
	"campaign_ids campaign_statuses campaign_objective_types" \
	" ad_group_ids ad_group_statuses"
#define PRODUCT_FILTERS \
	" product_group_ids product_group_statuses product_item_ids"
#define REPORT_FILTERS PARENT_FILTERS " ad_ids ad_statuses" PRODUCT_FILTERS
#define PRODUCT_ITEM_FILTERS PARENT_FILTERS PRODUCT_FILTERS
#define TARGETING " targeting_types"

/*
 * Targeting types of reports.  Pinterest offers those in beta to some
 * advertisers only.  For all others they would make the whole request fail, so
 * they have to be asked for.  AUDIENCE_MULTIPLIER and MEDIA_TYPE exist at one
 * level each.
 */
#define REPORT_TYPES \
	"KEYWORD APPTYPE GENDER LOCATION PLACEMENT COUNTRY TARGETED_INTEREST" \
	" PINNER_INTEREST AUDIENCE_INCLUDE GEO AGE_BUCKET REGION" \
	" LOCAL_ADS_STORE_CODE"
#define BETA_TYPES "AGE_BUCKET_AND_GENDER CREATIVE_ENHANCEMENTS"

/* Targeting types that have a list of their values */
#define LISTED_TYPES \
	"APPTYPE GENDER LOCALE AGE_BUCKET LOCATION GEO INTEREST KEYWORD" \
	" AUDIENCE_INCLUDE AUDIENCE_EXCLUDE"

/* Analytics of users: days that are kept, and so many in one request */
#define ANALYTICS(range) .history_days = 90, .range_days = range

/* Scopes with which there are Pins of secret boards, too */
#define SECRET_PINS "boards:read_secret pins:read_secret"

/* What the descriptions of all reports by targeting type end with */
#define BY_TARGETING \
	" date, targeting type and value; each targeting type is a full breakdown," \
	" so that a sum across targeting types counts everything several times"

/* Entities */
ENTITY(advertisers, ADVERTISERS, "", 250, 0, 250, "", NULL, PIN_SCOPE, "Advertisers (ad accounts) that the token has access to")
ENTITY(campaigns, PAGES, "campaigns", 250, 0, 250, "campaign_ids entity_statuses", NULL, PIN_SCOPE, "Campaigns of an advertiser")
ENTITY(ad_groups, PAGES, "ad_groups", 250, 1, 250, "campaign_ids ad_group_ids entity_statuses", NULL, PIN_SCOPE, "Ad groups of the campaigns of an advertiser")
ENTITY(ads, PAGES, "ads", 250, 1, 250, "campaign_ids ad_group_ids ad_ids entity_statuses", NULL, PIN_SCOPE, "Ads (promoted Pins) of the ad groups of an advertiser")
ENTITY(keywords, BY_PARENT, "keywords", 250, 0, 250, "", NULL, PIN_SCOPE, "Keywords of an advertiser, of its campaigns and of its ad groups")
ENTITY(product_group_promotions, BY_AD_GROUP, "product_group_promotions", 250, 0, 250, "entity_statuses", NULL, PIN_SCOPE, "Product groups that the ad groups of an advertiser promote")
ENTITY(audiences, PAGES, "audiences", 250, 0, 250, "ownership_type", NULL, PIN_SCOPE, "Audiences of an advertiser, and those that others share with it")
ENTITY(customer_lists, PAGES, "customer_lists", 250, 0, 250, "", NULL, PIN_SCOPE, "Customer lists of an advertiser")
ENTITY(conversion_tags, WHOLE, "conversion_tags", 250, 0, 250, "", NULL, PIN_SCOPE, "Conversion tags (Pinterest tags) of an advertiser")
ENTITY(order_lines, PAGES, "order_lines", 250, 0, 250, "", NULL, PIN_SCOPE, "Order lines of an advertiser")
ENTITY(lead_forms, PAGES, "lead_forms", 250, 0, 250, "", NULL, PIN_SCOPE, "Lead forms of an advertiser")
ENTITY(targeting_templates, PAGES, "targeting_templates", 250, 0, 250, "", NULL, PIN_SCOPE, "Targeting templates of an advertiser")
ENTITY(report_templates, PAGES, "templates", 250, 0, 250, "", NULL, PIN_SCOPE, "Templates of reports that an advertiser has access to")
ENTITY(metrics, GLOBAL, "resources/delivery_metrics", 250, 0, 250, "", NULL, PIN_SCOPE " pins:read user_accounts:read", "Dictionary of metrics, the same for all advertisers")
ENTITY(metrics_ready_state, BY_DAY, "resources/metrics_ready_state", 250, 0, 250, "", NULL, PIN_SCOPE, "Which metrics of a day Pinterest calls complete, a row for each of the last eight days, the same for all advertisers")
ENTITY(targeting_options, BY_TYPE, "resources/targeting", 250, 0, 250, "", LISTED_TYPES, PIN_SCOPE, "Codes of targeting values and their names, the same for all advertisers")

/* Reports */
REPORT(advertiser_report, ADVERTISER, 914, 8, 186, 3, 500, 0, REPORT_FILTERS, NULL, NULL, "Performance of advertisers, a row for each advertiser and date")
REPORT(campaign_report, CAMPAIGN, 914, 8, 186, 3, 500, 0, REPORT_FILTERS, NULL, NULL, "Performance of campaigns, a row for each campaign and date")
REPORT(ad_group_report, AD_GROUP, 914, 8, 186, 3, 500, 0, REPORT_FILTERS, NULL, NULL, "Performance of ad groups, a row for each ad group and date")
REPORT(ad_report, PIN_PROMOTION, 914, 8, 186, 3, 500, 0, REPORT_FILTERS, NULL, NULL, "Performance of ads, a row for each ad and date")
REPORT(keyword_report, KEYWORD, 914, 8, 186, 3, 500, 0, REPORT_FILTERS, NULL, NULL, "Performance of keywords, a row for each keyword, ad group and date")
REPORT(product_group_report, PRODUCT_GROUP, 914, 8, 186, 3, 500, 0, REPORT_FILTERS, NULL, NULL, "Performance of product groups, a row for each product group, ad group and date")
REPORT(product_item_report, PRODUCT_ITEM, 92, 8, 31, 3, 500, 0, PRODUCT_ITEM_FILTERS, NULL, NULL, "Performance of product items, a row for each product item, ad group and date")

/* Reports by targeting type */
REPORT(advertiser_targeting_report, ADVERTISER_TARGETING, 914, 8, 186, 3, 500, 5, REPORT_FILTERS TARGETING, REPORT_TYPES, BETA_TYPES, "Performance of advertisers by targeting, a row for each advertiser," BY_TARGETING)
REPORT(campaign_targeting_report, CAMPAIGN_TARGETING, 914, 8, 186, 3, 500, 5, REPORT_FILTERS TARGETING, REPORT_TYPES " AUDIENCE_MULTIPLIER", BETA_TYPES, "Performance of campaigns by targeting, a row for each campaign," BY_TARGETING)
REPORT(ad_group_targeting_report, AD_GROUP_TARGETING, 914, 8, 186, 3, 500, 5, REPORT_FILTERS TARGETING, REPORT_TYPES, BETA_TYPES, "Performance of ad groups by targeting, a row for each ad group," BY_TARGETING)
REPORT(ad_targeting_report, PIN_PROMOTION_TARGETING, 914, 8, 186, 3, 500, 5, REPORT_FILTERS TARGETING, REPORT_TYPES, BETA_TYPES, "Performance of ads by targeting, a row for each ad," BY_TARGETING)
REPORT(product_group_targeting_report, PRODUCT_GROUP_TARGETING, 914, 8, 186, 3, 500, 5, REPORT_FILTERS TARGETING, REPORT_TYPES, BETA_TYPES, "Performance of product groups by targeting, a row for each product group, ad group," BY_TARGETING)
REPORT(product_item_targeting_report, PRODUCT_ITEM_TARGETING, 92, 8, 31, 3, 500, 5, PRODUCT_ITEM_FILTERS TARGETING, REPORT_TYPES " MEDIA_TYPE", BETA_TYPES, "Performance of product items by targeting, a row for each product item, ad group," BY_TARGETING)

/* Lists of ads that came later */
LIST(labels, ads, PAGES, "labels", PIN_SCOPE, "Labels of campaigns; Pinterest has them for some advertisers only", .filters = "campaign_ids", .query = "entity_statuses=ACTIVE&entity_statuses=ARCHIVED", .within = "labels", .unordered = true, .beta = true)
LIST(promotions, ads, PAGES, "promotions", PIN_SCOPE, "Promotions that ad groups can show")
LIST(advertiser_defined_events, ads, WHOLE, "advertiser_defined_events", PIN_SCOPE, "Events that an advertiser has defined", .answer = PIN_ANSWER_ITEMS)
LIST(page_visit_tags, ads, PAGES, "conversion_tags/page_visit", PIN_SCOPE, "Page visit events of the conversion tags of an advertiser", .unordered = true)
LIST(conversion_quality, ads, BY_CHOICE, "conversion_eqs", PIN_SCOPE, "Event quality scores: how well conversion events match people on Pinterest", .answer = PIN_ANSWER_ARRAY, .parameter = "lookback_period", .types = "1d 14d", .choice_stamp = "lookback_period")
LIST(audience_insights, ads, BY_CHOICE, "audience_insights", PIN_SCOPE, "Interests and demographics of an advertiser's audience, and of Pinterest's", .answer = PIN_ANSWER_OBJECT, .parameter = "audience_insight_type", .types = "YOUR_TOTAL_AUDIENCE YOUR_ENGAGED_AUDIENCE PINTEREST_TOTAL_AUDIENCE", .choice_stamp = "type")
LIST(customer_segments, ads, PAGES, "customer_segments", PIN_SCOPE, "Customer segments of an advertiser")
LIST(schedules, ads, BELOW, "schedules", PIN_SCOPE, "Scheduled changes of the budgets and bids of campaigns", .parent = "campaigns", .parent_field = "id", .parameter = "entity_ids", .parents_at_once = 100)
LIST(ad_pins, ads, BELOW, "pins/{pin_id}", PIN_SCOPE " boards:read pins:read", "Pins that ads show, with their pictures and videos", .base = PIN_BASE_USER, .answer = PIN_ANSWER_OBJECT, .parent = "ads", .parent_field = "pin_id", .more_scopes = SECRET_PINS, .has_media = true)

/* Money, and who may do what */
LIST(billing_profiles, ads, PAGES, "billing_profiles", PIN_SCOPE " billing:read", "Ways in which an advertiser pays; not every app may read them", .query = "is_active=false", .unordered = true, .beta = true)
LIST(billing_invoices, ads, PAGES, "billing_invoices", PIN_SCOPE " billing:read", "Invoices and credit memos of an advertiser", .unordered = true)
LIST(credits, ads, PAGES, "ads_credit/discounts", PIN_SCOPE " billing:read", "Credits and coupons of an advertiser; not every app may read them", .unordered = true, .place = "place", .beta = true)
LIST(businesses, ads, PAGES, "businesses/employers", "biz_access:read", "Businesses that the token's user works for", .base = PIN_BASE_NOBODY, .unordered = true)
LIST(business_ad_accounts, ads, BELOW, "businesses/{business_id}/assets", "biz_access:read", "Advertisers that these businesses have access to, a row for each permission", .base = PIN_BASE_NOBODY, .query = "asset_type=AD_ACCOUNT", .parent = "businesses", .parent_field = "id", .stamp = "business_id", .parameter = "permissions", .types = "ADMIN ANALYST FINANCE_MANAGER FINANCE_EDIT FINANCE_VIEW AUDIENCE_MANAGER CAMPAIGN_MANAGER CATALOGS_MANAGER CATALOGS_VIEWER PROFILE_PUBLISHER OWNER", .choice_stamp = "permission")

/* Organic */
LIST(user_accounts, organic, PAGES, "user_account", "user_accounts:read", "User accounts that own advertisers", .base = PIN_BASE_USER, .answer = PIN_ANSWER_OBJECT)
LIST(boards, organic, PAGES, "boards", "boards:read", "Boards of the account that owns an advertiser, and those shared with it", .base = PIN_BASE_USER, .unordered = true, .more_scopes = "boards:read_secret")
LIST(board_sections, organic, BELOW, "boards/{board_id}/sections", "boards:read", "Sections of these boards", .base = PIN_BASE_USER, .parent = "boards", .parent_field = "id", .stamp = "board_id", .more_scopes = "boards:read_secret")
LIST(organic_pins, organic, PAGES, "pins", "boards:read pins:read", "Pins of the account that owns an advertiser, whatever board they are on", .base = PIN_BASE_USER, .query = "include_protected_pins=true&pin_metrics=true", .unordered = true, .more_scopes = SECRET_PINS, .has_media = true)
LIST(board_pins, organic, BELOW, "boards/{board_id}/pins", "boards:read pins:read", "Pins on these boards, those of others, too", .base = PIN_BASE_USER, .query = "pin_metrics=true", .parent = "boards", .parent_field = "id", .stamp = "board_id", .more_scopes = SECRET_PINS, .has_media = true)
LIST(user_account_report, organic, BY_CHOICE, "user_account/analytics", "user_accounts:read", "Performance of all Pins of an account, a row for each day, split and value; each split is a full breakdown, so that a sum across splits counts everything several times", .base = PIN_BASE_USER, .answer = PIN_ANSWER_DAILY, .parameter = "split_field", .types = "NO_SPLIT APP_TYPE OWNED_CONTENT SOURCE PIN_FORMAT", .choice_stamp = "split_field", ANALYTICS(90))
LIST(pin_report, organic, BELOW, "pins/analytics", "boards:read pins:read", "Performance of the Pins of an account, a row for each Pin and day", .base = PIN_BASE_USER, .answer = PIN_ANSWER_DAILY, .parent = "organic_pins", .parent_field = "id", .parameter = "pin_ids", .parents_at_once = 100, .one_path = "pins/{pin_id}/analytics", .stamp = "pin_id", .query = "metric_types=IMPRESSION,OUTBOUND_CLICK,PIN_CLICK,SAVE,SAVE_RATE,USER_FOLLOW,PROFILE_VISIT,VIDEO_MRC_VIEW,VIDEO_10S_VIEW,QUARTILE_95_PERCENT_VIEW,VIDEO_V50_WATCH_TIME,VIDEO_START,VIDEO_AVG_WATCH_TIME", .more_scopes = SECRET_PINS, ANALYTICS(90))
LIST(top_pins, organic, BY_CHOICE, "user_account/analytics/top_pins", "pins:read user_accounts:read", "The Pins of an account that did best on a day, at most 50 by each of several metrics", .base = PIN_BASE_USER, .answer = PIN_ANSWER_TOP, .parameter = "sort_by", .types = "ENGAGEMENT IMPRESSION OUTBOUND_CLICK PIN_CLICK SAVE", .choice_stamp = "sort_by", .query = "num_of_pins=50", ANALYTICS(1))
LIST(top_video_pins, organic, BY_CHOICE, "user_account/analytics/top_video_pins", "pins:read user_accounts:read", "Likewise of the videos of an account", .base = PIN_BASE_USER, .answer = PIN_ANSWER_TOP, .parameter = "sort_by", .types = "IMPRESSION SAVE OUTBOUND_CLICK VIDEO_MRC_VIEW VIDEO_AVG_WATCH_TIME VIDEO_V50_WATCH_TIME QUARTILE_95_PERCENT_VIEW VIDEO_10S_VIEW VIDEO_START", .choice_stamp = "sort_by", .query = "num_of_pins=50", ANALYTICS(1))

/* Catalogs */
LIST(catalogs, catalogs, PAGES, "catalogs", "catalogs:read", "Catalogs of the account that owns an advertiser", .base = PIN_BASE_USER, .unordered = true)
LIST(feeds, catalogs, PAGES, "catalogs/feeds", "catalogs:read", "Feeds of these catalogs", .base = PIN_BASE_USER, .unordered = true)
LIST(feed_processing_results, catalogs, BELOW, "catalogs/feeds/{feed_id}/processing_results", "catalogs:read", "How these feeds were processed, at most the latest 250 times each", .base = PIN_BASE_USER, .parent = "feeds", .parent_field = "id", .stamp = "feed_id", .first_page_only = true)
LIST(feed_item_issues, catalogs, BELOW, "catalogs/processing_results/{processing_result_id}/item_issues", "catalogs:read", "Items with errors or warnings each time, at most 20 samples of each kind", .base = PIN_BASE_USER, .parent = "feed_processing_results", .parent_field = "id", .stamp = "processing_result_id")
LIST(product_groups, catalogs, PAGES, "catalogs/product_groups", "catalogs:read", "Product groups of these catalogs", .base = PIN_BASE_USER, .unordered = true)
LIST(product_group_counts, catalogs, BELOW, "catalogs/product_groups/{product_group_id}/product_counts", "catalogs:read", "Products of these product groups, counted", .base = PIN_BASE_USER, .answer = PIN_ANSWER_OBJECT, .parent = "product_groups", .parent_field = "id", .stamp = "product_group_id")
LIST(products, catalogs, BELOW, "catalogs/product_groups/{product_group_id}/products", "boards:read catalogs:read pins:read", "Products of these product groups", .base = PIN_BASE_USER, .parent = "product_groups", .parent_field = "id", .stamp = "product_group_id", .lifted = "pin_id=pin.id title=pin.title link=pin.link media=pin.media item_id=metadata.item_id item_id=metadata.hotel_id item_id=metadata.creative_assets_id item_group_id=metadata.item_group_id availability=metadata.availability price=metadata.price sale_price=metadata.sale_price currency=metadata.currency", .has_media = true, .more_scopes = SECRET_PINS)

#undef PARENT_FILTERS
#undef PRODUCT_FILTERS
#undef REPORT_FILTERS
#undef PRODUCT_ITEM_FILTERS
#undef TARGETING
#undef REPORT_TYPES
#undef BETA_TYPES
#undef LISTED_TYPES
#undef BY_TARGETING
#undef SECRET_PINS
#undef ANALYTICS
