--
-- Scans: all tables, joins, what is left out, rescans, cursors, plans
--
SET search_path = live;
SET client_min_messages = warning;

-- every table gives rows, every row has its key
SELECT count(*) FROM advertisers;
SELECT count(*), count(DISTINCT campaign_id) FROM campaigns;
SELECT count(*), count(DISTINCT ad_group_id) FROM ad_groups;
SELECT count(*), count(DISTINCT ad_id) FROM ads;
SELECT count(*) > 300 AS enough, count(*) = count(DISTINCT date) AS key_holds FROM advertiser_report;
SELECT count(*) > 300 AS enough, count(*) = count(DISTINCT (campaign_id, date)) AS key_holds FROM campaign_report;
SELECT count(*) > 300 AS enough, count(*) = count(DISTINCT (ad_group_id, date)) AS key_holds FROM ad_group_report;
SELECT count(*) > 300 AS enough, count(*) = count(DISTINCT (ad_id, date)) AS key_holds FROM ad_report;

-- archived entities and drafts are listed, so that every report row joins
SELECT DISTINCT status FROM campaigns ORDER BY 1;
SELECT count(*) FROM campaign_report r
 WHERE NOT EXISTS (SELECT FROM campaigns c WHERE c.campaign_id = r.campaign_id AND c.advertiser_id = r.advertiser_id);
SELECT count(*) FROM ad_report r
 WHERE NOT EXISTS (SELECT FROM ads a WHERE a.ad_id = r.ad_id AND a.campaign_id = r.campaign_id AND a.ad_group_id = r.ad_group_id);

-- amounts of all levels agree
SELECT count(DISTINCT (spend, micro, impressions, conversions))
  FROM (SELECT sum(spend_in_dollar) spend, sum(spend_in_micro_dollar) micro, sum(total_impression) impressions, sum(total_conversions) conversions FROM advertiser_report
        UNION ALL SELECT sum(spend_in_dollar), sum(spend_in_micro_dollar), sum(total_impression), sum(total_conversions) FROM campaign_report
        UNION ALL SELECT sum(spend_in_dollar), sum(spend_in_micro_dollar), sum(total_impression), sum(total_conversions) FROM ad_group_report
        UNION ALL SELECT sum(spend_in_dollar), sum(spend_in_micro_dollar), sum(total_impression), sum(total_conversions) FROM ad_report) levels;
SELECT sum(spend_in_micro_dollar) = sum(spend_in_dollar) * 1000000 AS exact FROM campaign_report;

-- the same rows, whichever columns a query uses
CREATE TEMP TABLE whole AS SELECT * FROM campaign_report;
SELECT count(*) = (SELECT count(*) FROM whole) AS same FROM campaign_report;
SELECT count(*) FROM (SELECT date, campaign_id, total_checkout FROM campaign_report
                      EXCEPT ALL SELECT date, campaign_id, total_checkout FROM whole) d;
SELECT count(*) FROM (SELECT date, campaign_id, campaign_name FROM whole
                      EXCEPT ALL SELECT date, campaign_id, campaign_name FROM campaign_report) d;

-- counts and amounts that were left out are 0, the rest is null
SELECT bool_and(total_checkout IS NOT NULL) AS counts, bool_and(total_checkout_value_in_micro_dollar IS NOT NULL) AS amounts,
       bool_or(total_checkout = 0) AS zeros, bool_or(checkout_roas IS NULL) AS ratios
  FROM whole;

-- rescan with a new value each time, as a subplan and below a join
SELECT d.day, (SELECT count(*) > 0 FROM campaign_report r WHERE r.date = live.today() - d.day) AS found
  FROM generate_series(0, 2) AS d(day);
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
SELECT count(*) = (SELECT count(*) * 2 FROM campaigns) AS both
  FROM (VALUES (1), (2)) v(x) CROSS JOIN LATERAL (SELECT campaign_id FROM campaigns WHERE v.x > 0 OFFSET 0) c;
RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_material;

-- a plan that is executed many times
PREPARE days(date, date) AS SELECT count(DISTINCT date) FROM advertiser_report WHERE date BETWEEN $1 AND $2;
EXECUTE days(live.today() - 3, live.today() - 1);
EXECUTE days(live.today() - 3, live.today() - 1);
EXECUTE days(live.today() - 3, live.today() - 1);
EXECUTE days(live.today() - 3, live.today() - 1);
EXECUTE days(live.today() - 3, live.today() - 1);
EXECUTE days(live.today() - 4, live.today() - 1);
EXECUTE days(live.today() - 1, live.today() - 4);
EXECUTE days(NULL, live.today());
DEALLOCATE days;

-- cursors
BEGIN;
DECLARE c CURSOR FOR SELECT campaign_id FROM campaign_report;
MOVE 5 IN c;
MOVE 100 IN c;
CLOSE c;
DECLARE h CURSOR WITH HOLD FOR SELECT ad_id FROM ads;
COMMIT;
MOVE ALL IN h;
CLOSE h;

-- several scans at once, and one that ends early
SELECT count(*) FROM campaigns c JOIN ad_groups g USING (campaign_id) JOIN ads a USING (ad_group_id);
SELECT count(*) FROM (SELECT * FROM ad_report LIMIT 3) r;

-- through a view, COPY, CREATE TABLE AS
CREATE VIEW live.names AS SELECT campaign_id, name FROM campaigns;
SELECT count(name) FROM live.names;
COPY (SELECT count(*) FROM names) TO STDOUT;
CREATE TEMP TABLE copied AS SELECT * FROM ads;
SELECT count(*) FROM copied;
DROP VIEW live.names;

-- read only
INSERT INTO campaigns (advertiser_id, campaign_id) VALUES ('1', '2');
UPDATE campaigns SET name = 'x';
DELETE FROM campaigns;
ANALYZE campaigns;

-- standing filters, and several advertisers
CREATE FOREIGN TABLE live.archived (campaign_id text OPTIONS (column_name 'id'), status text)
  SERVER sandbox OPTIONS (resource 'campaigns', entity_statuses 'archived');
SELECT DISTINCT status FROM archived;
ALTER FOREIGN TABLE archived OPTIONS (ADD advertiser_id '*');
SELECT DISTINCT status FROM archived;
DROP FOREIGN TABLE archived;
CREATE FOREIGN TABLE live.running (campaign_id text, date date, campaign_status text, total_impression bigint)
  SERVER sandbox OPTIONS (resource 'campaign_report', campaign_statuses 'running, paused', historical_date '30 days');
SELECT DISTINCT campaign_status FROM running ORDER BY 1;
SELECT min(date) >= live.today() - 30 AS recent FROM running;
DROP FOREIGN TABLE running;

-- a name of one's own for a column, any of Pinterest's report columns
CREATE FOREIGN TABLE live.renamed (who text OPTIONS (column_name 'CAMPAIGN_ID'), day date OPTIONS (column_name 'DATE'),
                                   money numeric OPTIONS (column_name 'SPEND_IN_DOLLAR'), total_checkout_quantity bigint)
  SERVER sandbox OPTIONS (resource 'campaign_report');
SELECT count(*) FROM (SELECT who, day, money, total_checkout_quantity FROM renamed
                      EXCEPT ALL SELECT campaign_id, date, spend_in_dollar, total_checkout_quantity FROM whole) d;
DROP FOREIGN TABLE renamed;

-- a field that the catalog does not know is taken as it comes
ALTER FOREIGN TABLE campaigns ADD COLUMN type_again text OPTIONS (column_name 'type');
ALTER FOREIGN TABLE campaigns ADD COLUMN no_such_field text OPTIONS (column_name 'no_such_field');
SELECT DISTINCT type_again, no_such_field FROM campaigns;
ALTER FOREIGN TABLE campaigns DROP COLUMN type_again, DROP COLUMN no_such_field;
SELECT count(name) FROM campaigns;
