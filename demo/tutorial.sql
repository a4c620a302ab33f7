\set QUIET off
\pset footer off
\set ECHO none
\getenv api_url PINTEREST_API_URL
\getenv advertiser_id PINTEREST_ADVERTISER_ID
\getenv access_token PINTEREST_ACCESS_TOKEN
\getenv authorization_url PINTEREST_AUTHORIZATION_URL
\getenv client_id PINTEREST_CLIENT_ID
\getenv client_secret PINTEREST_CLIENT_SECRET
\if :{?authorization_url}
\else
\set authorization_url ''
\endif
SELECT count(*) > 0 AS has_cron FROM pg_available_extensions
 WHERE name = 'pg_cron' AND current_setting('shared_preload_libraries') ~ 'pg_cron' \gset
\if :has_cron
\set ECHO queries
CREATE EXTENSION pg_cron;
\set ECHO none
\endif
SELECT format('{"api_url": "%s"%s}', :'api_url',
              ', "authorization_url": "' || nullif(:'authorization_url', '') || '"') AS options,
       clock_timestamp() AS began \gset

\echo
\echo '1. Four statements: from an empty database to ten tables that are loaded on schedule.'
\echo
\timing on
\set ECHO queries
CREATE EXTENSION pinterest_fdw;
\set ECHO none
\if :{?client_id}
\echo 'SELECT pinterest.connect(client_id => ..., client_secret => ...,'
\echo '                         advertiser_id => ':'advertiser_id'', options => ':'options'');'
SELECT pinterest.connect(client_id => :'client_id', client_secret => :'client_secret',
                         advertiser_id => :'advertiser_id', options => :'options') AS url \gset
\echo :url
\echo
\echo 'The browser goes there, access is allowed, and this is where it lands:'
\set landed `"$BROWSER" :'url'`
\echo :landed
\echo
\set ECHO queries
SELECT pinterest.authorize('pinterest', :'landed');
\else
\set ECHO queries
CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw
  OPTIONS (api_url :'api_url', advertiser_id :'advertiser_id');
\set ECHO none
\echo 'CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest'
\echo '  OPTIONS (access_token ...);'
CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest
  OPTIONS (access_token :'access_token');
\set ECHO queries
\endif
CALL pinterest.import_tables('{advertisers,campaigns,ad_groups,ads,audiences,advertiser_report,
  campaign_report,ad_group_report,ad_report,keyword_report}', every => 'hourly', last => '30 days');
\timing off
\set ECHO none
SELECT 'In all: ' || round(extract(epoch FROM clock_timestamp() - :'began'), 1) || ' seconds.' AS total \gset
\echo
\echo :total
\echo
\set ECHO queries
SELECT target, status, rows, data_from, data_to, schedule, last_error FROM pinterest.status;
SELECT item, ok, detail FROM pinterest.check('pinterest') WHERE item <> 'versions';

\echo '2. Query Pinterest, live.'
\echo
SELECT date, round(sum(spend_in_dollar), 2) AS spend
  FROM pinterest_live.campaign_report
 WHERE date >= current_date - 7
 GROUP BY date
 ORDER BY date;

\echo '3. Keep the copies up to date, by schedule or at any time.'
\echo
SELECT rows, inserted, updated, deleted
  FROM pinterest.refresh('pinterest_ads.campaign_report', last => '30 days');
SELECT 'live' AS source, count(*) AS rows, count(DISTINCT date) AS days,
       sum(spend_in_dollar) AS spend
  FROM pinterest_live.campaign_report
UNION ALL
SELECT 'materialized', count(*), count(DISTINCT date), sum(spend_in_dollar)
  FROM pinterest_ads.campaign_report;

\echo '4. Spend by week, of the last half year.'
\echo
SELECT date_trunc('week', date)::date AS week,
       round(sum(spend_in_dollar), 2) AS spend,
       repeat('█', (40 * sum(spend_in_dollar) /
                    nullif(max(sum(spend_in_dollar)) OVER (), 0))::int) AS chart
  FROM pinterest_ads.campaign_report
 WHERE date >= date_trunc('week', current_date - 182)
 GROUP BY week
 ORDER BY week;
