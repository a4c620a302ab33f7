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
 * The fields are those of version 5.28 of the API, and date_range of report
 * templates, which 5.28 has no more.  Only fields at the top level are columns
 * of their own.  Those that make up the key (id, ad_account_id, name of a
 * metric) do not stand here, but in catalog.c.
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
#ifndef KEYWORD_COLUMN
#define KEYWORD_COLUMN(name, kind, description)
#endif
#ifndef PRODUCT_GROUP_PROMOTION_COLUMN
#define PRODUCT_GROUP_PROMOTION_COLUMN(name, kind, description)
#endif
#ifndef AUDIENCE_COLUMN
#define AUDIENCE_COLUMN(name, kind, description)
#endif
#ifndef CUSTOMER_LIST_COLUMN
#define CUSTOMER_LIST_COLUMN(name, kind, description)
#endif
#ifndef CONVERSION_TAG_COLUMN
#define CONVERSION_TAG_COLUMN(name, kind, description)
#endif
#ifndef ORDER_LINE_COLUMN
#define ORDER_LINE_COLUMN(name, kind, description)
#endif
#ifndef LEAD_FORM_COLUMN
#define LEAD_FORM_COLUMN(name, kind, description)
#endif
#ifndef TARGETING_TEMPLATE_COLUMN
#define TARGETING_TEMPLATE_COLUMN(name, kind, description)
#endif
#ifndef REPORT_TEMPLATE_COLUMN
#define REPORT_TEMPLATE_COLUMN(name, kind, description)
#endif
#ifndef METRIC_COLUMN
#define METRIC_COLUMN(name, kind, description)
#endif
#ifndef METRICS_READY_STATE_COLUMN
#define METRICS_READY_STATE_COLUMN(name, kind, description)
#endif
#ifndef TARGETING_OPTION_COLUMN
#define TARGETING_OPTION_COLUMN(name, kind, description)
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
CAMPAIGN_COLUMN(performance_plus_campaign_settings, JSON, "Settings of a Performance+ campaign")
CAMPAIGN_COLUMN(default_ad_group_budget_in_micro_currency, MICRO, "Budget of ad groups that have none of their own, in micro-currency")
CAMPAIGN_COLUMN(intended_promotion_type, TEXT, "Kind of promotion that the campaign is meant for")
CAMPAIGN_COLUMN(is_top_of_search, FLAG, "Whether ads of the campaign may appear at the top of search results")
CAMPAIGN_COLUMN(is_ltv_optimized, FLAG, "Whether the campaign is optimized for the lifetime value of customers")
CAMPAIGN_COLUMN(is_carting, FLAG, "Whether carting is on for the campaign")
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
AD_GROUP_COLUMN(placement_traffic_type, TEXT, "Kind of traffic that ads of the ad group are placed in")
AD_GROUP_COLUMN(start_time, SECONDS, "When ads of the ad group start to appear")
AD_GROUP_COLUMN(end_time, SECONDS, "When ads of the ad group stop appearing")
AD_GROUP_COLUMN(auto_targeting_enabled, FLAG, "Whether Performance+ targeting is on")
AD_GROUP_COLUMN(targeting_spec, JSON, "Audience of the ad group")
AD_GROUP_COLUMN(targeting_template_ids, TEXTS, "Targeting templates that the ad group uses")
AD_GROUP_COLUMN(customer_segment_id, ID, "Customer segment that the ad group is for")
AD_GROUP_COLUMN(performance_plus_campaign_settings, JSON, "Settings of the ad group in a Performance+ campaign")
AD_GROUP_COLUMN(optimization_goal_metadata, JSON, "Goals that the ad group is optimized for")
AD_GROUP_COLUMN(conversion_learning_mode_type, TEXT, "Learning mode of the optimization for conversions")
AD_GROUP_COLUMN(is_creative_optimization, FLAG, "Whether Pinterest turns product Pins into other ad formats")
AD_GROUP_COLUMN(dca_assets, JSON, "Assets of dynamic creative assembly")
AD_GROUP_COLUMN(promotion_id, ID, "Promotion that the ad group applies")
AD_GROUP_COLUMN(promotion_application_level, TEXT, "Whether the promotion applies to the ad group or to items")
AD_GROUP_COLUMN(promotion_ids, TEXTS, "Promotions that the ad group applies")
AD_GROUP_COLUMN(feed_profile_id, ID, "Feed profile of the ad group")
AD_GROUP_COLUMN(is_local_inventory, FLAG, "Whether the ad group shows what stores nearby have")
AD_GROUP_COLUMN(local_inventory_radius_in_miles, RATIO, "How far stores may be away, in miles")
AD_GROUP_COLUMN(ext_features, JSON, "Further features of the ad group")
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
AD_COLUMN(collections_header_type, TEXT, "Header of a collection ad")
AD_COLUMN(is_collage_accepted_terms, FLAG, "Whether the terms for collage ads have been accepted")
AD_COLUMN(is_collage_single_destination, FLAG, "Whether all parts of a collage ad lead to one URL")
AD_COLUMN(is_carting, FLAG, "Whether carting is on for the ad")
AD_COLUMN(carting_platform_type, COUNT, "Platform of carting, as Pinterest's number")
AD_COLUMN(carting_products, JSON, "Products of carting")
AD_COLUMN(lead_form_id, ID, "Lead form of a lead ad")
AD_COLUMN(quiz_pin_data, JSON, "Questions and results of a quiz ad")
AD_COLUMN(disclosure_type, TEXT, "Kind of information that disclosure_url leads to")
AD_COLUMN(disclosure_url, TEXT, "URL of disclosures about a pharmaceutical product")
AD_COLUMN(is_pin_deleted, FLAG, "Whether the Pin has been deleted")
AD_COLUMN(is_removable, FLAG, "Whether people can save the Pin")
AD_COLUMN(type, TEXT, "What the entity is, \"pinpromotion\"")
AD_COLUMN(created_time, SECONDS, "When the ad was created")
AD_COLUMN(updated_time, SECONDS, "When the ad was last changed")

/* keywords: Keyword */
KEYWORD_COLUMN(bid, MICRO, "Bid, in micro-currency; deprecated by Pinterest, which leaves it null")
KEYWORD_COLUMN(match_type, TEXT, "How searches have to match the keyword, such as BROAD or EXACT_NEGATIVE")
KEYWORD_COLUMN(value, TEXT, "Text of the keyword")
KEYWORD_COLUMN(archived, FLAG, "Whether the keyword has been archived")
KEYWORD_COLUMN(parent_id, ID, "Advertiser, campaign or ad group that the keyword belongs to")
KEYWORD_COLUMN(parent_type, TEXT, "Kind of that entity, such as campaign or ad_group")
KEYWORD_COLUMN(type, TEXT, "Always \"keyword\"")

/* product_group_promotions: ProductGroupPromotion */
PRODUCT_GROUP_PROMOTION_COLUMN(ad_group_id, ID, "Ad group that the product group promotion belongs to")
PRODUCT_GROUP_PROMOTION_COLUMN(parent_id, ID, "Product group that the product group is part of")
PRODUCT_GROUP_PROMOTION_COLUMN(catalog_product_group_id, ID, "Product group of the catalog")
PRODUCT_GROUP_PROMOTION_COLUMN(catalog_product_group_name, TEXT, "Name of the product group of the catalog")
PRODUCT_GROUP_PROMOTION_COLUMN(status, TEXT, "Status that the product group promotion was set to")
PRODUCT_GROUP_PROMOTION_COLUMN(included, FLAG, "Whether ads are served for the product group, instead of being excluded")
PRODUCT_GROUP_PROMOTION_COLUMN(definition, TEXT, "Definition of the product group, as a full path")
PRODUCT_GROUP_PROMOTION_COLUMN(relative_definition, TEXT, "Definition of the product group, relative to its parent")
PRODUCT_GROUP_PROMOTION_COLUMN(bid_in_micro_currency, MICRO, "Bid, in micro-currency")
PRODUCT_GROUP_PROMOTION_COLUMN(creative_type, TEXT, "Format of the ads")
PRODUCT_GROUP_PROMOTION_COLUMN(preferred_media_type, TEXT, "Whether the image or the video of an item is preferred")
PRODUCT_GROUP_PROMOTION_COLUMN(selected_image_tag, TEXT, "Tag of the images to use")
PRODUCT_GROUP_PROMOTION_COLUMN(selected_video_tag, TEXT, "Tag of the videos to use")
PRODUCT_GROUP_PROMOTION_COLUMN(is_generate_background, FLAG, "Whether Pinterest generates backgrounds for the images")
PRODUCT_GROUP_PROMOTION_COLUMN(is_image_auto_resizing, FLAG, "Whether Pinterest resizes the images")
PRODUCT_GROUP_PROMOTION_COLUMN(is_mdl, FLAG, "Whether the mobile deep links of the catalog are used")
PRODUCT_GROUP_PROMOTION_COLUMN(customizable_cta_type, TEXT, "Call to action below the ads")
PRODUCT_GROUP_PROMOTION_COLUMN(grid_click_type, TEXT, "Where a click on an ad in the grid leads")
PRODUCT_GROUP_PROMOTION_COLUMN(collections_header_type, TEXT, "Header of a collection ad")
PRODUCT_GROUP_PROMOTION_COLUMN(collections_hero_pin_id, ID, "Hero Pin of a collection ad")
PRODUCT_GROUP_PROMOTION_COLUMN(collections_hero_destination_url, TEXT, "URL that the hero Pin of a collection ad leads to")
PRODUCT_GROUP_PROMOTION_COLUMN(slideshow_collections_title, TEXT, "Title of a slideshow collection")
PRODUCT_GROUP_PROMOTION_COLUMN(slideshow_collections_description, TEXT, "Description of a slideshow collection")
PRODUCT_GROUP_PROMOTION_COLUMN(tracking_url, TEXT, "Tracking template")

/* audiences: Audience */
AUDIENCE_COLUMN(name, TEXT, "Name of the audience")
AUDIENCE_COLUMN(description, TEXT, "Description of the audience")
AUDIENCE_COLUMN(ownership_type, TEXT, "OWNED, or RECEIVED if another advertiser shares the audience")
AUDIENCE_COLUMN(audience_type, TEXT, "Kind of audience, such as ACTALIKE or CUSTOMER_LIST")
AUDIENCE_COLUMN(status, TEXT, "Status of the audience, such as READY or TOO_SMALL")
AUDIENCE_COLUMN(size, COUNT, "Number of people in the audience")
AUDIENCE_COLUMN(rule, JSON, "Rule that decides who belongs to the audience")
AUDIENCE_COLUMN(is_nca, FLAG, "Whether the audience is marked as one for new customers (NCA)")
AUDIENCE_COLUMN(created_by_company_name, TEXT, "Company that created the audience")
AUDIENCE_COLUMN(type, TEXT, "Always \"audience\"")
AUDIENCE_COLUMN(created_timestamp, SECONDS, "When the audience was created")
AUDIENCE_COLUMN(updated_timestamp, SECONDS, "When the audience was last changed")

/* customer_lists: CustomerList */
CUSTOMER_LIST_COLUMN(name, TEXT, "Name of the customer list")
CUSTOMER_LIST_COLUMN(status, TEXT, "Status of the customer list, such as READY or TOO_SMALL")
CUSTOMER_LIST_COLUMN(num_batches, COUNT, "Number of changes to the customer list, its creation included")
CUSTOMER_LIST_COLUMN(num_uploaded_user_records, COUNT, "Number of records that were uploaded, repeated ones included")
CUSTOMER_LIST_COLUMN(num_removed_user_records, COUNT, "Number of records that were to be removed, whether they were there or not")
CUSTOMER_LIST_COLUMN(exceptions, JSON, "Errors in the customer list")
CUSTOMER_LIST_COLUMN(is_nca, FLAG, "Whether the customer list is marked as one for new customers (NCA)")
CUSTOMER_LIST_COLUMN(type, TEXT, "Always \"customerlist\"")
CUSTOMER_LIST_COLUMN(created_time, SECONDS, "When the customer list was created")
CUSTOMER_LIST_COLUMN(updated_time, SECONDS, "When the customer list was last changed")

/* conversion_tags: ConversionTag */
CONVERSION_TAG_COLUMN(name, TEXT, "Name of the conversion tag")
CONVERSION_TAG_COLUMN(status, TEXT, "Status that the conversion tag was set to")
CONVERSION_TAG_COLUMN(version, TEXT, "Version of the conversion tag")
CONVERSION_TAG_COLUMN(last_fired_time_ms, MILLISECONDS, "When the last event was received")
CONVERSION_TAG_COLUMN(enhanced_match_status, TEXT, "State of the validation of enhanced match")
CONVERSION_TAG_COLUMN(configs, JSON, "Configuration of the conversion tag")
CONVERSION_TAG_COLUMN(code_snippet, TEXT, "Code to put into web pages")

/* order_lines: OrderLine */
ORDER_LINE_COLUMN(name, TEXT, "Name of the order line")
ORDER_LINE_COLUMN(status, TEXT, "Status of the order line")
ORDER_LINE_COLUMN(budget, MICRO, "Budget, in micro-currency")
ORDER_LINE_COLUMN(paid_budget, MICRO, "Paid budget, in micro-currency")
ORDER_LINE_COLUMN(paid_type, TEXT, "Whether the order line is paid, a bonus, a make-good or a test")
ORDER_LINE_COLUMN(purchase_order_id, TEXT, "Purchase order, as the advertiser names it")
ORDER_LINE_COLUMN(campaign_ids, TEXTS, "Campaigns that use the order line")
ORDER_LINE_COLUMN(start_time, SECONDS, "When the order line starts")
ORDER_LINE_COLUMN(end_time, SECONDS, "When the order line ends")
ORDER_LINE_COLUMN(type, TEXT, "Always \"orderline\"")

/* lead_forms: LeadFormResponse */
LEAD_FORM_COLUMN(name, TEXT, "Internal name of the lead form")
LEAD_FORM_COLUMN(status, TEXT, "Status of the lead form")
LEAD_FORM_COLUMN(questions, JSON, "Questions of the lead form")
LEAD_FORM_COLUMN(completion_message, TEXT, "Message to people who have completed the lead form")
LEAD_FORM_COLUMN(disclosure_language, TEXT, "Further disclosures of the lead form")
LEAD_FORM_COLUMN(privacy_policy_link, TEXT, "URL of the privacy policy of the advertiser")
LEAD_FORM_COLUMN(policy_links, JSON, "Further policies with their URLs")
LEAD_FORM_COLUMN(has_accepted_terms, FLAG, "Whether the advertiser has accepted Pinterest's terms for lead ads")
LEAD_FORM_COLUMN(created_time, SECONDS, "When the lead form was created")
LEAD_FORM_COLUMN(updated_time, SECONDS, "When the lead form was last changed")

/* targeting_templates: TargetingTemplateGetResponseData */
TARGETING_TEMPLATE_COLUMN(name, TEXT, "Name of the targeting template")
TARGETING_TEMPLATE_COLUMN(status, TEXT, "Whether the targeting template is active or deleted")
TARGETING_TEMPLATE_COLUMN(valid, FLAG, "Whether the targeting template can be used")
TARGETING_TEMPLATE_COLUMN(targeting_attributes, JSON, "Audience that the targeting template describes")
TARGETING_TEMPLATE_COLUMN(keywords, JSON, "Keywords of the targeting template with their match types")
TARGETING_TEMPLATE_COLUMN(placement_group, TEXT, "Where ads may appear")
TARGETING_TEMPLATE_COLUMN(auto_targeting_enabled, FLAG, "Whether Performance+ targeting is on")
TARGETING_TEMPLATE_COLUMN(sizing, JSON, "Estimate of the size of the audience; Pinterest leaves it out of lists")
TARGETING_TEMPLATE_COLUMN(tracking_urls, JSON, "Third-party tracking URLs by type of event")
TARGETING_TEMPLATE_COLUMN(created_time, SECONDS, "When the targeting template was created")
TARGETING_TEMPLATE_COLUMN(updated_time, SECONDS, "When the targeting template was last changed")

/* report_templates: TemplateResponse */
REPORT_TEMPLATE_COLUMN(name, TEXT, "Name of the report template")
REPORT_TEMPLATE_COLUMN(type, TEXT, "Kind of report template, such as BULK or TABLE")
REPORT_TEMPLATE_COLUMN(user_id, ID, "User who created the report template")
REPORT_TEMPLATE_COLUMN(is_owned_by_user, FLAG, "Whether the user of the token owns the report template")
REPORT_TEMPLATE_COLUMN(ad_account_ids, TEXTS, "Advertisers that have access to the report template")
REPORT_TEMPLATE_COLUMN(creation_source, TEXT, "Where the report template was created")
REPORT_TEMPLATE_COLUMN(is_scheduled, FLAG, "Whether a scheduled report uses the report template")
REPORT_TEMPLATE_COLUMN(is_deleted, FLAG, "Whether the report template has been deleted")
REPORT_TEMPLATE_COLUMN(is_default, FLAG, "Whether the report template is a default one")
REPORT_TEMPLATE_COLUMN(report_level, TEXT, "Level of the report")
REPORT_TEMPLATE_COLUMN(report_format, TEXT, "Format of the report")
REPORT_TEMPLATE_COLUMN(granularity, TEXT, "Time interval of the rows of the report")
REPORT_TEMPLATE_COLUMN(columns, TEXTS, "Columns of the report")
REPORT_TEMPLATE_COLUMN(custom_column_ids, TEXTS, "Custom columns of the report")
REPORT_TEMPLATE_COLUMN(ade_columns, TEXTS, "Columns of the report that Pinterest calls ADE")
REPORT_TEMPLATE_COLUMN(sort_by, JSON, "Order of the rows of the report")
REPORT_TEMPLATE_COLUMN(display_metadata, TEXT, "How Ads Manager shows the report")
REPORT_TEMPLATE_COLUMN(filters_json, TEXT, "Filters of the report, as text in JSON format")
REPORT_TEMPLATE_COLUMN(date_range, JSON, "Range of dates of the report")
REPORT_TEMPLATE_COLUMN(report_start_relative_days_in_past, COUNT, "Days from the start of the report to its delivery")
REPORT_TEMPLATE_COLUMN(report_end_relative_days_in_past, COUNT, "Days from the end of the report to its delivery")
REPORT_TEMPLATE_COLUMN(click_window_days, COUNT, "Attribution window of clicks, in days")
REPORT_TEMPLATE_COLUMN(engagement_window_days, COUNT, "Attribution window of engagements, in days")
REPORT_TEMPLATE_COLUMN(view_window_days, COUNT, "Attribution window of views, in days")
REPORT_TEMPLATE_COLUMN(conversion_report_time_type, TEXT, "Whether conversions count on the day of the ad action or of the conversion")
REPORT_TEMPLATE_COLUMN(attribution_type, JSON, "Whose conversions count")
REPORT_TEMPLATE_COLUMN(reporting_time_zone, TEXT, "Time zone of the days of the report")
REPORT_TEMPLATE_COLUMN(ingestion_sources, TEXTS, "Sources of conversions that the report covers")
REPORT_TEMPLATE_COLUMN(updated_time, SECONDS, "When the report template was last changed")

/* metrics: items of DeliveryMetricsResponse */
METRIC_COLUMN(display_name, TEXT, "Name of the metric in Pinterest Ads Manager")
METRIC_COLUMN(definition, TEXT, "How the metric is defined")
METRIC_COLUMN(category, TEXT, "Whether the metric is one of ads or of organic content")

/* metrics_ready_state: BookClosedResponse; the day stands in the question only */
METRICS_READY_STATE_COLUMN(conversion_metrics_ready, FLAG, "Whether the conversions of the day are complete")
METRICS_READY_STATE_COLUMN(non_conversion_metrics_ready, FLAG, "Whether the other metrics of the day are complete")

/*
 * targeting_options: TargetingOptionResponse, an array of objects that map
 * codes to names.  source/list.c makes an object of each pair.
 */
TARGETING_OPTION_COLUMN(name, TEXT, "Name that the code stands for")

#undef ADVERTISER_COLUMN
#undef CAMPAIGN_COLUMN
#undef AD_GROUP_COLUMN
#undef AD_COLUMN
#undef KEYWORD_COLUMN
#undef PRODUCT_GROUP_PROMOTION_COLUMN
#undef AUDIENCE_COLUMN
#undef CUSTOMER_LIST_COLUMN
#undef CONVERSION_TAG_COLUMN
#undef ORDER_LINE_COLUMN
#undef LEAD_FORM_COLUMN
#undef TARGETING_TEMPLATE_COLUMN
#undef REPORT_TEMPLATE_COLUMN
#undef METRIC_COLUMN
#undef METRICS_READY_STATE_COLUMN
#undef TARGETING_OPTION_COLUMN
