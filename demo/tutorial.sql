\set QUIET off
\pset footer off
\set ECHO none
\getenv api_url PINTEREST_API_URL
\getenv advertiser_id PINTEREST_ADVERTISER_ID
\getenv access_token PINTEREST_ACCESS_TOKEN
\getenv authorization_url PINTEREST_AUTHORIZATION_URL
\getenv client_id PINTEREST_CLIENT_ID
\getenv client_secret PINTEREST_CLIENT_SECRET
\set ECHO queries

\echo
\echo '1. Connect: the extension, an advertiser, an authorization.'
\echo
CREATE EXTENSION pinterest_fdw;
CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw
  OPTIONS (api_url :'api_url', advertiser_id :'advertiser_id');
\set ECHO none
\echo 'CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest'
\if :{?client_id}
\echo '  OPTIONS (client_id ...);'
ALTER SERVER pinterest OPTIONS (ADD authorization_url :'authorization_url');
CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest
  OPTIONS (client_id :'client_id', client_secret :'client_secret');
\set ECHO queries
SELECT pinterest.authorization_url('pinterest') AS url \gset
\echo 'Open this URL in a browser, and paste where it lands after access is allowed:'
\echo :url
\echo
\set landed `"$BROWSER" :'url'`
SELECT pinterest.authorize('pinterest', :'landed');
SELECT item, ok, detail FROM pinterest.check('pinterest') WHERE item <> 'versions';
\else
\echo '  OPTIONS (access_token \'(not shown)\');'
CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest
  OPTIONS (access_token :'access_token');
\set ECHO queries
\endif

\echo
\echo '2. Query Pinterest, live.'
\echo
CREATE SCHEMA pinterest_live;
IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report)
  FROM SERVER pinterest INTO pinterest_live;
SELECT date, round(sum(spend_in_dollar), 2) AS spend
  FROM pinterest_live.campaign_report
 WHERE date >= current_date - 7
 GROUP BY date
 ORDER BY date;

\echo '3. Keep a copy, and keep it up to date.'
\echo
CREATE SCHEMA pinterest_ads;
SELECT pinterest.materialize('pinterest_live.campaign_report',
                             'pinterest_ads.campaign_report');
SELECT rows, inserted, updated, deleted
  FROM pinterest.refresh('pinterest_ads.campaign_report');
SELECT status, rows, data_from, data_to, last_error FROM pinterest.status;
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
