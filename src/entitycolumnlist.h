/*-------------------------------------------------------------------------
 *
 * entitycolumnlist.h
 *	  The fields of Pinterest's entities as columns, one entry each.
 *
 * The list is kept in its own source file in the manner of PostgreSQL's
 * kwlist.h: whoever includes it defines the macros of the entities of interest
 * first, entries of all others expand to nothing, and there is no include
 * guard.  The order is that of the columns in the fixed schema.  The arguments
 * are
 *
 *	name		SQL name, the same as the name of the field
 *	kind		a PinKind without PIN_
 *	description	becomes the comment of the column
 *
 * The fields are those of version 5.23 of the API, and time_zone of
 * advertisers, which is new in 5.28.  Only fields at the top level are columns
 * of their own.  Those that make up the key (id, ad_account_id) do not stand
 * here, but in catalog.c.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */

/* there is deliberately not an #ifndef ENTITYCOLUMNLIST_H here */

#ifndef ADVERTISER_COLUMN
#define ADVERTISER_COLUMN(name, kind, description)
#endif
#ifndef CAMPAIGN_COLUMN
#define CAMPAIGN_COLUMN(name, kind, description)
#endif
#ifndef AD_GROUP_COLUMN
#define AD_GROUP_COLUMN(name, kind, description)
#endif
#ifndef AD_COLUMN
#define AD_COLUMN(name, kind, description)
#endif

/* advertisers: AdAccount */
ADVERTISER_COLUMN(name, TEXT, "Name of the advertiser")
ADVERTISER_COLUMN(country, TEXT, "Country of the advertiser, ISO 3166-1 alpha-2")
ADVERTISER_COLUMN(currency, TEXT, "Currency of all amounts of the advertiser, ISO 4217")
ADVERTISER_COLUMN(time_zone, TEXT, "Time zone of the advertiser, an IANA name")
ADVERTISER_COLUMN(owner, JSON, "User who owns the advertiser")
ADVERTISER_COLUMN(permissions, TEXTS, "What the user of the token may do with the advertiser")
ADVERTISER_COLUMN(created_time, SECONDS, "When the advertiser was created")
ADVERTISER_COLUMN(updated_time, SECONDS, "When the advertiser was last changed")

/* campaigns: CampaignResponse */
CAMPAIGN_COLUMN(name, TEXT, "Name of the campaign")
CAMPAIGN_COLUMN(status, TEXT, "Status that the campaign was set to")
CAMPAIGN_COLUMN(summary_status, TEXT, "Status that results, such as RUNNING or NOT_STARTED")
CAMPAIGN_COLUMN(objective_type, TEXT, "Intended result of the campaign")
CAMPAIGN_COLUMN(daily_spend_cap, MICRO, "Daily spend cap, in micro-currency")
CAMPAIGN_COLUMN(lifetime_spend_cap, MICRO, "Lifetime spend cap, in micro-currency")
CAMPAIGN_COLUMN(order_line_id, ID, "Order line that stands on the invoice")
CAMPAIGN_COLUMN(start_time, SECONDS, "When ads of the campaign start to appear")
CAMPAIGN_COLUMN(end_time, SECONDS, "When ads of the campaign stop appearing")
CAMPAIGN_COLUMN(is_campaign_budget_optimization, FLAG, "Whether Pinterest distributes the budget of the campaign over its ad groups")
CAMPAIGN_COLUMN(is_flexible_daily_budgets, FLAG, "Whether daily budgets are flexible")
CAMPAIGN_COLUMN(is_performance_plus, FLAG, "Whether the campaign is a Performance+ campaign")
CAMPAIGN_COLUMN(is_automated_campaign, FLAG, "Whether the campaign was created in the automated campaign flow")
CAMPAIGN_COLUMN(bid_options, JSON, "Bid multipliers of the campaign")
CAMPAIGN_COLUMN(tracking_urls, JSON, "Third-party tracking URLs by type of event")
CAMPAIGN_COLUMN(type, TEXT, "Always \"campaign\"")
CAMPAIGN_COLUMN(created_time, SECONDS, "When the campaign was created")
CAMPAIGN_COLUMN(updated_time, SECONDS, "When the campaign was last changed")

/* ad_groups: AdGroupResponse */
AD_GROUP_COLUMN(campaign_id, ID, "Campaign that the ad group belongs to")
AD_GROUP_COLUMN(name, TEXT, "Name of the ad group")
AD_GROUP_COLUMN(status, TEXT, "Status that the ad group was set to")
AD_GROUP_COLUMN(summary_status, TEXT, "Status that results, such as RUNNING or NOT_STARTED")
AD_GROUP_COLUMN(budget_type, TEXT, "Whether the budget is daily, lifetime or the campaign's")
AD_GROUP_COLUMN(budget_in_micro_currency, MICRO, "Budget, in micro-currency")
AD_GROUP_COLUMN(bid_strategy_type, TEXT, "Bid strategy")
AD_GROUP_COLUMN(bid_in_micro_currency, MICRO, "Bid, in micro-currency")
AD_GROUP_COLUMN(bid_multiplier, RATIO, "Factor applied to bids")
AD_GROUP_COLUMN(billable_event, TEXT, "Event that is billed")
AD_GROUP_COLUMN(pacing_delivery_type, TEXT, "Whether the budget is spent smoothly or as fast as possible")
AD_GROUP_COLUMN(lifetime_frequency_cap, COUNT, "How often a person may see an ad of the ad group in 30 days")
AD_GROUP_COLUMN(placement_group, TEXT, "Where ads of the ad group may appear")
AD_GROUP_COLUMN(start_time, SECONDS, "When ads of the ad group start to appear")
AD_GROUP_COLUMN(end_time, SECONDS, "When ads of the ad group stop appearing")
AD_GROUP_COLUMN(auto_targeting_enabled, FLAG, "Whether Performance+ targeting is on")
AD_GROUP_COLUMN(targeting_spec, JSON, "Audience of the ad group")
AD_GROUP_COLUMN(targeting_template_ids, TEXTS, "Targeting templates that the ad group uses")
AD_GROUP_COLUMN(optimization_goal_metadata, JSON, "Goals that the ad group is optimized for")
AD_GROUP_COLUMN(conversion_learning_mode_type, TEXT, "Learning mode of the optimization for conversions")
AD_GROUP_COLUMN(is_creative_optimization, FLAG, "Whether Pinterest turns product Pins into other ad formats")
AD_GROUP_COLUMN(dca_assets, JSON, "Assets of dynamic creative assembly")
AD_GROUP_COLUMN(promotion_id, ID, "Promotion that the ad group applies")
AD_GROUP_COLUMN(promotion_application_level, TEXT, "Whether the promotion applies to the ad group or to items")
AD_GROUP_COLUMN(feed_profile_id, ID, "Feed profile of the ad group")
AD_GROUP_COLUMN(tracking_urls, JSON, "Third-party tracking URLs by type of event")
AD_GROUP_COLUMN(type, TEXT, "Always \"adgroup\"")
AD_GROUP_COLUMN(created_time, SECONDS, "When the ad group was created")
AD_GROUP_COLUMN(updated_time, SECONDS, "When the ad group was last changed")

/* ads: AdResponse */
AD_COLUMN(campaign_id, ID, "Campaign that the ad belongs to")
AD_COLUMN(ad_group_id, ID, "Ad group that the ad belongs to")
AD_COLUMN(pin_id, ID, "Pin that the ad promotes")
AD_COLUMN(name, TEXT, "Name of the ad")
AD_COLUMN(status, TEXT, "Status that the ad was set to")
AD_COLUMN(summary_status, TEXT, "Status that results, such as APPROVED or REJECTED")
AD_COLUMN(review_status, TEXT, "State of Pinterest's review of the ad")
AD_COLUMN(rejected_reasons, TEXTS, "Why the ad was rejected, as codes")
AD_COLUMN(rejection_labels, TEXTS, "Why the ad was rejected, as text")
AD_COLUMN(creative_type, TEXT, "Format of the ad")
AD_COLUMN(destination_url, TEXT, "URL that the ad leads to")
AD_COLUMN(android_deep_link, TEXT, "Deep link for Android devices")
AD_COLUMN(ios_deep_link, TEXT, "Deep link for iOS devices")
AD_COLUMN(carousel_destination_urls, TEXTS, "URLs that the cards of a carousel lead to")
AD_COLUMN(carousel_android_deep_links, TEXTS, "Deep links of the cards of a carousel for Android devices")
AD_COLUMN(carousel_ios_deep_links, TEXTS, "Deep links of the cards of a carousel for iOS devices")
AD_COLUMN(collection_items_destination_url_template, TEXT, "Template of the URLs that items of a collection lead to")
AD_COLUMN(click_tracking_url, TEXT, "Tracking URL for clicks")
AD_COLUMN(view_tracking_url, TEXT, "Tracking URL for impressions")
AD_COLUMN(tracking_urls, JSON, "Third-party tracking URLs by type of event")
AD_COLUMN(customizable_cta_type, TEXT, "Call to action below the ad")
AD_COLUMN(grid_click_type, TEXT, "Where a click on the ad in the grid leads")
AD_COLUMN(lead_form_id, ID, "Lead form of a lead ad")
AD_COLUMN(quiz_pin_data, JSON, "Questions and results of a quiz ad")
AD_COLUMN(disclosure_type, TEXT, "Kind of information that disclosure_url leads to")
AD_COLUMN(disclosure_url, TEXT, "URL of disclosures about a pharmaceutical product")
AD_COLUMN(is_pin_deleted, FLAG, "Whether the Pin has been deleted")
AD_COLUMN(is_removable, FLAG, "Whether people can save the Pin")
AD_COLUMN(type, TEXT, "What the entity is, \"pinpromotion\"")
AD_COLUMN(created_time, SECONDS, "When the ad was created")
AD_COLUMN(updated_time, SECONDS, "When the ad was last changed")

#undef ADVERTISER_COLUMN
#undef CAMPAIGN_COLUMN
#undef AD_GROUP_COLUMN
#undef AD_COLUMN
