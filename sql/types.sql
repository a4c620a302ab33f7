--
-- Values become Datums of the column's own type, exactly or not at all
--
SET search_path = live;
SET client_min_messages = warning;

-- ids are text, however Pinterest writes them
SELECT bool_and(advertiser_id ~ '^\d{18}$') AS advertiser, bool_and(campaign_id ~ '^\d+$') AS campaign,
       bool_and(ad_group_id ~ '^\d+$') AS ad_group, bool_and(ad_id ~ '^\d+$') AS ad, bool_or(length(a.pin_id) >= 18) AS pin
  FROM ad_report r JOIN ads a USING (advertiser_id, campaign_id, ad_group_id, ad_id);

-- beyond what a double can hold
SELECT max(total_impression) > 9007199254740992 AS large, max(spend_in_micro_dollar) > 9007199254740992 AS larger FROM campaign_report;
SELECT count(*) FROM campaign_report WHERE spend_in_dollar * 1000000 <> spend_in_micro_dollar;

-- text as it was meant: quotes, backslashes, other scripts, emoji
SELECT name FROM campaigns ORDER BY length(name), name COLLATE "C";
SELECT count(*) FROM campaign_report r WHERE NOT EXISTS
  (SELECT FROM campaigns c WHERE c.campaign_id = r.campaign_id AND c.name = r.campaign_name);

-- times, flags, lists, objects
SELECT pg_typeof(created_time), pg_typeof(is_performance_plus), pg_typeof(tracking_urls) FROM campaigns LIMIT 1;
SELECT bool_and(created_time BETWEEN '2015-01-01' AND now()) AS sensible FROM campaigns;
SELECT pg_typeof(permissions), permissions FROM advertisers;
SELECT count(*) > 0 AS objects FROM campaigns WHERE jsonb_typeof(tracking_urls) = 'object';
SELECT count(*) > 0 AS lists FROM ad_groups WHERE targeting_template_ids IS NOT NULL;

-- the column's own type decides
CREATE DOMAIN live.positive AS numeric CHECK (VALUE >= 0);
CREATE DOMAIN live.given AS numeric NOT NULL;
CREATE FOREIGN TABLE live.own (
  campaign_id bigint,
  date timestamp,
  spend_in_dollar numeric(30,2),
  spend_in_micro_dollar positive,
  total_impression text,
  total_clickthrough double precision,
  campaign_name varchar(7),
  ctr real,
  campaign_status json,
  total_checkout jsonb,
  total_engagement int
) SERVER sandbox OPTIONS (resource 'campaign_report', historical_date '20 days');
ALTER FOREIGN TABLE own DROP COLUMN total_engagement;
SELECT count(*) > 0 AS rows, bool_and(o.date = date_trunc('day', o.date)) AS dates, bool_and(o.campaign_id::text = r.campaign_id) AS ids,
       bool_and(o.total_impression = r.total_impression::text OR o.total_impression::numeric = r.total_impression) AS texts,
       bool_and(o.spend_in_dollar = round(r.spend_in_dollar, 2)) AS money,
       bool_and(o.spend_in_micro_dollar = r.spend_in_micro_dollar) AS domains,
       bool_and(o.total_checkout::numeric = r.total_checkout) AS jsonbs,
       bool_and(json_typeof(o.campaign_status) = 'string') AS jsons
  FROM own o JOIN campaign_report r ON r.campaign_id = o.campaign_id::text AND r.date = o.date::date;

-- what does not fit is an error that names column, table and entity
SELECT count(campaign_name) FROM own;
ALTER FOREIGN TABLE own ALTER COLUMN campaign_name TYPE text;
SELECT count(campaign_name) > 0 AS fits FROM own;
\set VERBOSITY sqlstate
ALTER FOREIGN TABLE own ALTER COLUMN total_impression TYPE smallint;
SELECT max(total_impression) FROM own;
ALTER FOREIGN TABLE own ALTER COLUMN total_impression TYPE uuid;
ALTER FOREIGN TABLE own ALTER COLUMN date TYPE text;
ALTER FOREIGN TABLE own ALTER COLUMN total_impression TYPE bigint;
ALTER FOREIGN TABLE own ALTER COLUMN spend_in_dollar TYPE bigint;
SELECT sum(spend_in_dollar) FROM own;
ALTER FOREIGN TABLE own ALTER COLUMN spend_in_dollar TYPE numeric;
ALTER FOREIGN TABLE own ALTER COLUMN campaign_name TYPE boolean;
SELECT count(campaign_name) FROM own;
ALTER FOREIGN TABLE own ALTER COLUMN campaign_name TYPE text;
ALTER FOREIGN TABLE own ALTER COLUMN ctr TYPE given;
SELECT count(ctr) FROM own;
\set VERBOSITY default
ALTER FOREIGN TABLE own ALTER COLUMN ctr TYPE numeric;

-- settings of the session do not change what is read
SET DateStyle = 'ISO, MDY';
SELECT md5(string_agg(r::text, '|' ORDER BY date, campaign_id)) AS plain FROM campaign_report r WHERE date >= live.today() - 9 \gset
SET DateStyle = 'German, DMY';
SET IntervalStyle = 'sql_standard';
SET TimeZone = 'Pacific/Kiritimati';
SET extra_float_digits = 0;
-- which PostgreSQL 19 and newer do not have any more
DO $$BEGIN IF current_setting('server_version_num')::int < 190000 THEN SET standard_conforming_strings = off; END IF; END$$;
SELECT count(*) > 0 AS rows, count(*) FILTER (WHERE date IS NULL) AS undated FROM campaign_report WHERE date >= live.today() - 9;
SET DateStyle = 'ISO, MDY';
SELECT md5(string_agg(r::text, '|' ORDER BY date, campaign_id)) = :'plain' AS same FROM campaign_report r WHERE date >= live.today() - 9;
RESET ALL;
SET search_path = live;
SET client_min_messages = warning;
DROP FOREIGN TABLE own;
DROP DOMAIN positive, given;
