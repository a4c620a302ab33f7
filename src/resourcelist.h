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
 *	path		below /ad_accounts/{id}, without a slash at either end; for
 *				reports it is always "reports"
 *	level		reports only: the level, as in the API
 *	history		reports only: days back from today that Pinterest keeps
 *	range		reports only: longest range of one request in days
 *	filters		parameters that may be set as options of the table
 *	description	becomes the comment of the table
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

#define REPORT_FILTERS \
	"campaign_ids campaign_statuses campaign_objective_types" \
	" ad_group_ids ad_group_statuses" \
	" ad_ids ad_statuses" \
	" product_group_ids product_group_statuses product_item_ids"

/* Entities */
ENTITY(advertisers, "", "", "Advertisers (ad accounts) that the token has access to")
ENTITY(campaigns, "campaigns", "campaign_ids entity_statuses", "Campaigns of an advertiser")
ENTITY(ad_groups, "ad_groups", "campaign_ids ad_group_ids entity_statuses", "Ad groups of the campaigns of an advertiser")
ENTITY(ads, "ads", "campaign_ids ad_group_ids ad_ids entity_statuses", "Ads (promoted Pins) of the ad groups of an advertiser")

/* Reports */
REPORT(advertiser_report, ADVERTISER, 914, 186, REPORT_FILTERS, "Performance of advertisers, a row for each advertiser and date")
REPORT(campaign_report, CAMPAIGN, 914, 186, REPORT_FILTERS, "Performance of campaigns, a row for each campaign and date")
REPORT(ad_group_report, AD_GROUP, 914, 186, REPORT_FILTERS, "Performance of ad groups, a row for each ad group and date")
REPORT(ad_report, PIN_PROMOTION, 914, 186, REPORT_FILTERS, "Performance of ads, a row for each ad and date")

#undef REPORT_FILTERS
