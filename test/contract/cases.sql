-- What the contract test asks of Pinterest: each case is a line "-- name",
-- followed by SQL that runs in a transaction of its own, which is rolled back.
-- The tables are those of the fixed schema.  other.sync_of() reads all that
-- synchronous analytics have of a table; it must be given a condition.

-- advertisers
SELECT * FROM advertisers;

-- campaigns
SELECT * FROM campaigns;

-- ad_groups
SELECT * FROM ad_groups;

-- ads
SELECT * FROM ads;

-- advertiser_report
SELECT * FROM advertiser_report;

-- campaign_report
SELECT * FROM campaign_report;

-- ad_group_report
SELECT * FROM ad_group_report;

-- ad_report
SELECT * FROM ad_report;

-- every column of every report
IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO other
  OPTIONS (columns 'all', historical_date '7 days');
SELECT * FROM other.advertiser_report;
SELECT * FROM other.campaign_report;
SELECT * FROM other.ad_group_report;
SELECT * FROM other.ad_report;

-- one column, and none
SELECT spend_in_dollar FROM campaign_report;
SELECT count(*) FROM campaign_report;
SELECT count(*) FROM ads;

-- several advertisers
ALTER FOREIGN TABLE advertisers OPTIONS (ADD advertiser_id '*');
ALTER FOREIGN TABLE campaigns OPTIONS (ADD advertiser_id '*');
ALTER FOREIGN TABLE advertiser_report OPTIONS (ADD advertiser_id '*');
SELECT * FROM advertisers;
SELECT * FROM campaigns;
SELECT * FROM advertiser_report;

-- all that Pinterest keeps, in several windows
ALTER FOREIGN TABLE campaign_report OPTIONS (ADD historical_date '2000-01-01');
SELECT * FROM campaign_report;

-- today alone
SELECT * FROM campaign_report WHERE date = current_date;

-- a range of dates
SELECT * FROM campaign_report
 WHERE date BETWEEN current_date - 30 AND current_date - 1;

-- hours
IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report) FROM SERVER pinterest INTO other
  OPTIONS (granularity 'hour');
SELECT * FROM other.campaign_report;

-- weeks
IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report) FROM SERVER pinterest INTO other
  OPTIONS (granularity 'week');
SELECT * FROM other.campaign_report;

-- months
IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report) FROM SERVER pinterest INTO other
  OPTIONS (granularity 'month');
SELECT * FROM other.campaign_report;

-- total
IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report) FROM SERVER pinterest INTO other
  OPTIONS (granularity 'total', historical_date '30 days');
SELECT * FROM other.campaign_report;

-- attribution windows 30/30/30
ALTER FOREIGN TABLE campaign_report OPTIONS (ADD click_window_days '30',
  ADD engagement_window_days '30', ADD view_window_days '30');
SELECT * FROM campaign_report WHERE date = current_date - 1;

-- attribution windows 7/7/1
ALTER FOREIGN TABLE campaign_report OPTIONS (ADD click_window_days '7',
  ADD engagement_window_days '7', ADD view_window_days '1');
SELECT * FROM campaign_report WHERE date = current_date - 1;

-- attribution by the time of the conversion, both types
ALTER FOREIGN TABLE campaign_report OPTIONS (
  ADD conversion_report_time 'TIME_OF_CONVERSION',
  ADD attribution_types 'INDIVIDUAL,HOUSEHOLD');
SELECT * FROM campaign_report WHERE date = current_date - 1;

-- time zone of the account, which is not available to every app
\set ON_ERROR_STOP off
ALTER FOREIGN TABLE campaign_report OPTIONS (ADD reporting_timezone 'AD_ACCOUNT_TIME_ZONE');
SELECT * FROM campaign_report WHERE date = current_date - 1;

-- every status, as an option
ALTER FOREIGN TABLE campaigns OPTIONS (ADD entity_statuses 'ACTIVE,PAUSED,ARCHIVED,DRAFT,DELETED_DRAFT');
ALTER FOREIGN TABLE ads OPTIONS (ADD entity_statuses 'ARCHIVED');
SELECT * FROM campaigns;
SELECT * FROM ads;

-- status, as a qual
SELECT * FROM campaigns WHERE status = 'PAUSED';
SELECT * FROM ad_groups WHERE status IN ('ACTIVE', 'ARCHIVED');
SELECT * FROM ads WHERE status <> 'ACTIVE';
SELECT * FROM campaigns WHERE status = 'NO_SUCH_STATUS';

-- ids, as an option
ALTER FOREIGN TABLE campaigns OPTIONS (ADD campaign_ids '626735565838,626735565839');
ALTER FOREIGN TABLE ads OPTIONS (ADD campaign_ids '626735565838');
ALTER FOREIGN TABLE campaign_report OPTIONS (ADD campaign_ids '626735565838');
SELECT * FROM campaigns;
SELECT * FROM ads;
SELECT * FROM campaign_report;

-- ids, as a qual
SELECT * FROM campaigns WHERE campaign_id = '626735565838';
SELECT * FROM ad_groups WHERE campaign_id IN ('626735565838', '626735565839');
SELECT * FROM ad_groups WHERE ad_group_id = '2680067996745';
SELECT * FROM ads WHERE ad_group_id = '2680067996745';
SELECT * FROM ads WHERE ad_id = '687195905986';
SELECT * FROM campaign_report WHERE campaign_id = '626735565838';
SELECT * FROM ad_group_report WHERE ad_group_id = '2680067996745';
SELECT * FROM ad_report WHERE ad_id = '687195905986';
SELECT * FROM campaigns WHERE campaign_id = 'not an id';

-- many ids, as a qual
SELECT * FROM campaigns
 WHERE campaign_id IN (SELECT (626735565838 + i)::text FROM generate_series(1, 1000) i);
SELECT * FROM campaign_report
 WHERE campaign_id = ANY (ARRAY(SELECT (626735565838 + i)::text FROM generate_series(1, 1000) i));

-- ids of what rows belong to, as a qual
SELECT * FROM keywords WHERE parent_id = '2680067996745';
SELECT * FROM product_group_promotions WHERE ad_group_id = '2680067996745';
SELECT * FROM product_group_promotions WHERE product_group_promotion_id IN ('2680067996745', '2680067996746') AND status = 'ACTIVE';
SELECT * FROM ad_report WHERE campaign_id = '626735565838' AND ad_group_id = '2680067996745' AND date = current_date - 1;
ALTER FOREIGN TABLE product_item_report ADD COLUMN product_group_id text;
SELECT * FROM product_item_report WHERE product_group_id = '2680067996745' AND product_item_id = '1' AND date = current_date - 1;

-- summary statuses and targeting types, as a qual
SELECT * FROM ad_report WHERE campaign_status IN ('RUNNING', 'PAUSED') AND ad_group_status = 'RUNNING'
  AND ad_status = 'APPROVED' AND campaign_objective_type = 'AWARENESS' AND date = current_date - 1;
SELECT * FROM product_group_report WHERE product_group_status = 'RUNNING' AND date = current_date - 1;
SELECT * FROM campaign_targeting_report WHERE targeting_type IN ('GENDER', 'COUNTRY') AND date = current_date - 1;
SELECT * FROM targeting_options WHERE targeting_type = 'GENDER';

-- the order of ids, and small pages
CREATE FOREIGN TABLE other.numbered (campaign_id bigint OPTIONS (column_name 'id'))
  SERVER pinterest OPTIONS (resource 'campaigns');
SELECT * FROM other.numbered ORDER BY campaign_id DESC LIMIT 3;
SELECT name FROM ads LIMIT 1;

-- filters of reports
ALTER FOREIGN TABLE ad_report OPTIONS (
  ADD campaign_statuses 'RUNNING,PAUSED', ADD campaign_objective_types 'AWARENESS,CONSIDERATION',
  ADD ad_group_statuses 'RUNNING', ADD ad_statuses 'APPROVED');
SELECT * FROM ad_report WHERE date = current_date - 1;

-- no such advertiser
\set ON_ERROR_STOP off
ALTER FOREIGN TABLE campaigns OPTIONS (ADD advertiser_id '1234567');
SELECT * FROM campaigns;

-- keywords
SELECT * FROM keywords;

-- product_group_promotions
SELECT * FROM product_group_promotions;

-- audiences
SELECT * FROM audiences;

-- audiences that others share
SELECT * FROM audiences WHERE ownership_type = 'RECEIVED';

-- customer_lists
SELECT * FROM customer_lists;

-- conversion_tags
SELECT * FROM conversion_tags;

-- order_lines
SELECT * FROM order_lines;

-- lead_forms
SELECT * FROM lead_forms;

-- targeting_templates
SELECT * FROM targeting_templates;

-- report_templates
SELECT * FROM report_templates;

-- labels
SELECT * FROM labels;

-- promotions
SELECT * FROM promotions;

-- advertiser_defined_events
SELECT * FROM advertiser_defined_events;

-- page_visit_tags
SELECT * FROM page_visit_tags;

-- conversion_quality
SELECT * FROM conversion_quality;

-- audience_insights
SELECT * FROM audience_insights;

-- customer_segments
SELECT * FROM customer_segments;

-- schedules
SELECT * FROM schedules;

-- ad_pins
SELECT * FROM ad_pins;

-- billing_profiles
SELECT * FROM billing_profiles;

-- billing_invoices
SELECT * FROM billing_invoices;

-- credits
SELECT * FROM credits;

-- businesses
SELECT * FROM businesses;

-- business_ad_accounts
SELECT * FROM business_ad_accounts;

-- user_accounts
SELECT * FROM user_accounts;

-- boards
SELECT * FROM boards;

-- board_sections
SELECT * FROM board_sections;

-- organic_pins
SELECT * FROM organic_pins;

-- board_pins
SELECT * FROM board_pins;

-- catalogs
SELECT * FROM catalogs;

-- feeds
SELECT * FROM feeds;

-- feed_processing_results
SELECT * FROM feed_processing_results;

-- feed_item_issues
SELECT * FROM feed_item_issues;

-- product_groups
SELECT * FROM product_groups;

-- product_group_counts
SELECT * FROM product_group_counts;

-- products
SELECT * FROM products;

-- user_account_report
ALTER FOREIGN TABLE user_account_report OPTIONS (ADD historical_date '100 days');
SELECT * FROM user_account_report;

-- pin_report
ALTER FOREIGN TABLE pin_report OPTIONS (ADD historical_date '5 days');
SELECT * FROM pin_report;

-- top_pins
ALTER FOREIGN TABLE top_pins OPTIONS (ADD historical_date '2 days');
SELECT * FROM top_pins;

-- top_video_pins
ALTER FOREIGN TABLE top_video_pins OPTIONS (ADD historical_date '2 days');
SELECT * FROM top_video_pins;

-- labels of a campaign
SELECT * FROM labels WHERE parent_id = '626735565838';

-- metrics
SELECT * FROM metrics;

-- metrics_ready_state
SELECT * FROM metrics_ready_state;

-- targeting_options
SELECT * FROM targeting_options;

-- keyword_report
ALTER FOREIGN TABLE keyword_report OPTIONS (ADD historical_date '5 days');
SELECT * FROM keyword_report;

-- rows that are finer than by ad group
ALTER FOREIGN TABLE keyword_report ADD COLUMN pin_promotion_id text,
  OPTIONS (ADD historical_date '2 days', ADD key_columns 'pin_promotion_id, campaign_id');
SELECT * FROM keyword_report;
ALTER FOREIGN TABLE product_item_report ADD COLUMN pin_id text,
  OPTIONS (ADD historical_date '2 days', ADD key_columns 'pin_id');
SELECT * FROM product_item_report;

-- product_group_report
ALTER FOREIGN TABLE product_group_report OPTIONS (ADD historical_date '5 days');
SELECT * FROM product_group_report;

-- product_item_report
ALTER FOREIGN TABLE product_item_report OPTIONS (ADD historical_date '5 days');
SELECT * FROM product_item_report;

-- advertiser_targeting_report
ALTER FOREIGN TABLE advertiser_targeting_report OPTIONS (ADD historical_date '5 days');
SELECT * FROM advertiser_targeting_report;

-- campaign_targeting_report
ALTER FOREIGN TABLE campaign_targeting_report OPTIONS (ADD historical_date '5 days');
SELECT * FROM campaign_targeting_report;

-- ad_group_targeting_report
ALTER FOREIGN TABLE ad_group_targeting_report OPTIONS (ADD historical_date '5 days');
SELECT * FROM ad_group_targeting_report;

-- ad_targeting_report
ALTER FOREIGN TABLE ad_targeting_report OPTIONS (ADD historical_date '5 days');
SELECT * FROM ad_targeting_report;

-- product_group_targeting_report
ALTER FOREIGN TABLE product_group_targeting_report OPTIONS (ADD historical_date '5 days');
SELECT * FROM product_group_targeting_report;

-- product_item_targeting_report
ALTER FOREIGN TABLE product_item_targeting_report OPTIONS (ADD historical_date '5 days');
SELECT * FROM product_item_targeting_report;

-- windows of product items
SELECT date, product_item_id, total_impression FROM product_item_report;

-- weeks, months and a total
CREATE FOREIGN TABLE other.weekly (campaign_id text, date date, total_impression bigint)
  SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'week');
CREATE FOREIGN TABLE other.monthly (campaign_id text, date date, total_impression bigint)
  SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'month');
CREATE FOREIGN TABLE other.total (campaign_id text, total_impression bigint)
  SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'total', historical_date '30 days');
SELECT * FROM other.weekly;
SELECT * FROM other.monthly;
SELECT * FROM other.total;

-- hours
CREATE FOREIGN TABLE other.hourly (campaign_id text, date timestamptz, total_impression bigint)
  SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'hour');
SELECT * FROM other.hourly;

-- synchronous analytics
SELECT * FROM other.sync_of('advertiser_report', 'advertiser_id', 'AND date > current_date - 80');
SELECT * FROM other.sync_of('campaign_report', 'campaign_id', 'AND date > current_date - 80');
SELECT * FROM other.sync_of('ad_group_report', 'ad_group_id', 'AND date > current_date - 80');
SELECT * FROM other.sync_of('ad_report', 'ad_id', 'AND date > current_date - 80');
SELECT * FROM other.sync_of('product_group_report', 'product_group_id', 'AND date > current_date - 8');

-- synchronous analytics with attribution
ALTER FOREIGN TABLE campaign_report OPTIONS (ADD click_window_days '7',
  ADD engagement_window_days '7', ADD view_window_days '1',
  ADD conversion_report_time 'TIME_OF_CONVERSION');
SELECT * FROM other.sync_of('campaign_report', 'campaign_id', 'AND date = current_date - 1');

-- synchronous analytics, in total
ALTER FOREIGN TABLE campaign_report DROP COLUMN date;
ALTER FOREIGN TABLE campaign_report OPTIONS (ADD historical_date '60 days', ADD granularity 'total');
SELECT * FROM other.sync_of('campaign_report', 'campaign_id', '');

-- synchronous analytics of ids that are none of the advertiser's
SELECT campaign_id, total_impression FROM campaign_report
 WHERE campaign_id = '626735565838' AND date > current_date - 3
   AND total_impression > 0;

-- authorization
SELECT pinterest.authorization_url('pinterest') AS url \gset
\set landed `:browse :'url'`
SELECT pinterest.authorize('pinterest', :'landed');
SELECT count(*) FROM campaigns;

-- renewal
ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest
  OPTIONS (DROP access_token, ADD refresh_token :'refresh_token');
SELECT count(*) FROM campaigns;
