-- ===================================================================
-- Options: every wrong name, place, value and combination is an error
-- ===================================================================

SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pinterest_fdw;
RESET client_min_messages;

CREATE ROLE regress_pinterest_owner;
GRANT USAGE ON FOREIGN DATA WRAPPER pinterest_fdw TO regress_pinterest_owner;
CREATE SCHEMA options_test AUTHORIZATION regress_pinterest_owner;
SET search_path = options_test;

-- ===================================================================
-- names and places
-- ===================================================================

-- all that a server can have
CREATE SERVER options_server FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (
    api_url 'https://api.pinterest.com/v5',
    authorization_url 'https://www.pinterest.com/oauth/',
    ca_file '/etc/ssl/certs/ca-certificates.crt',
    proxy 'http://proxy.example.com:3128',
    redirect_uri 'http://localhost:8085/',
    max_connections '8',
    timeout '30',
    report_timeout '600',
    retry_timeout '0',
    advertiser_id '549755885175, 549755885176',
    historical_date '2025-11-01',
    granularity 'day',
    click_window_days '30',
    engagement_window_days '30',
    view_window_days '1',
    conversion_report_time 'TIME_OF_AD_ACTION',
    attribution_types 'INDIVIDUAL, HOUSEHOLD',
    reporting_timezone 'PINTEREST_TIME_ZONE',
    report_reuse '3600',
    synchronous 'off');
DROP SERVER options_server;

CREATE SERVER options_server FOREIGN DATA WRAPPER pinterest_fdw
    OPTIONS (advertiser_id '549755885175');
CREATE USER MAPPING FOR CURRENT_USER SERVER options_server OPTIONS (
    client_id '1480000', client_secret 's3cret', access_token 'pina_abc',
    refresh_token 'pinr_abc');
-- all that a table can have, and a column
CREATE FOREIGN TABLE everything (
    advertiser_id text,
    money numeric OPTIONS (column_name 'SPEND_IN_DOLLAR')
) SERVER options_server OPTIONS (
    resource 'campaign_report',
    advertiser_id '*',
    historical_date '90 days',
    granularity 'week',
    click_window_days '7',
    engagement_window_days '7',
    view_window_days '7',
    conversion_report_time 'time_of_conversion',
    attribution_types 'individual',
    reporting_timezone 'ad_account_time_zone',
    report_reuse '0',
    synchronous 'On',
    campaign_ids '1,2, 3',
    campaign_statuses 'RUNNING,paused',
    campaign_objective_types 'AWARENESS, CONSIDERATION',
    ad_group_ids '4',
    ad_group_statuses 'RUNNING',
    ad_ids '5',
    ad_statuses 'APPROVED',
    product_group_ids '6',
    product_group_statuses 'EXCLUDED',
    product_item_ids '7');

-- a name that is much like another of the same catalog
ALTER SERVER options_server OPTIONS (ADD advertizer_id '1');
ALTER USER MAPPING FOR CURRENT_USER SERVER options_server
    OPTIONS (ADD acess_token 'x');
ALTER FOREIGN TABLE everything OPTIONS (ADD campaign_id '1');
ALTER FOREIGN TABLE everything ALTER COLUMN money OPTIONS (ADD colum_name 'x');
-- a name like no other
ALTER SERVER options_server OPTIONS (ADD foo 'x');
ALTER USER MAPPING FOR CURRENT_USER SERVER options_server OPTIONS (ADD foo 'x');
ALTER FOREIGN TABLE everything OPTIONS (ADD foo 'x');
ALTER FOREIGN TABLE everything ALTER COLUMN money OPTIONS (ADD foo 'x');
-- the wrapper itself has none
ALTER FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (ADD foo 'x');
-- right name, wrong place
ALTER FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (ADD timeout '1');
ALTER SERVER options_server OPTIONS (ADD refresh_token 'x');
ALTER SERVER options_server OPTIONS (ADD resource 'campaigns');
ALTER SERVER options_server OPTIONS (ADD campaign_ids '1');
ALTER USER MAPPING FOR CURRENT_USER SERVER options_server
    OPTIONS (ADD historical_date '1 year');
ALTER FOREIGN TABLE everything OPTIONS (ADD api_url 'https://example.com');
ALTER FOREIGN TABLE everything OPTIONS (ADD client_secret 'x');
ALTER FOREIGN TABLE everything OPTIONS (ADD column_name 'x');
ALTER FOREIGN TABLE everything ALTER COLUMN money
    OPTIONS (ADD granularity 'day');

-- ===================================================================
-- values: addresses and files
-- ===================================================================

ALTER SERVER options_server OPTIONS (ADD api_url 'http://127.0.0.1:8080/v5');
ALTER SERVER options_server OPTIONS (SET api_url 'http://127.8.9.10');
ALTER SERVER options_server OPTIONS (SET api_url 'HTTP://LocalHost:1/');
ALTER SERVER options_server OPTIONS (SET api_url 'http://[::1]:8080');
ALTER SERVER options_server OPTIONS (SET api_url 'https://[2001:db8::1]:443/v5/');
ALTER SERVER options_server OPTIONS (SET api_url '');
ALTER SERVER options_server OPTIONS (SET api_url 'api.pinterest.com');
ALTER SERVER options_server OPTIONS (SET api_url 'ftp://api.pinterest.com');
ALTER SERVER options_server OPTIONS (SET api_url 'http://api.pinterest.com/v5');
ALTER SERVER options_server OPTIONS (SET api_url 'http://127.0.0.1.example.com');
ALTER SERVER options_server OPTIONS (SET api_url 'http://localhost.example.com');
ALTER SERVER options_server OPTIONS (SET api_url 'http://127.1');
ALTER SERVER options_server OPTIONS (SET api_url 'http://128.0.0.1');
ALTER SERVER options_server OPTIONS (SET api_url 'http://[::2]');
-- addresses of this machine, in forms that not everyone reads like that
ALTER SERVER options_server OPTIONS (SET api_url 'http://2130706433');
ALTER SERVER options_server OPTIONS (SET api_url 'https://0x7f.1');
ALTER SERVER options_server OPTIONS (SET api_url 'http://0177.0.0.1/');
ALTER SERVER options_server OPTIONS (SET api_url 'http://localhost.');
ALTER SERVER options_server OPTIONS (SET api_url 'http://%6cocalhost');
ALTER SERVER options_server OPTIONS (SET api_url 'http://[::ffff:127.0.0.1]');
ALTER SERVER options_server OPTIONS (SET api_url 'http://[::1%25lo]');
ALTER SERVER options_server OPTIONS (SET api_url 'http:/localhost');
ALTER SERVER options_server OPTIONS (SET api_url 'http:///localhost');
ALTER SERVER options_server OPTIONS (SET api_url 'http://localhost@example.com');
ALTER SERVER options_server OPTIONS (SET api_url 'http://example.com?@localhost');
ALTER SERVER options_server OPTIONS (SET api_url 'http://[0:0:0:0:0:0:0:1]:65535');
ALTER SERVER options_server OPTIONS (SET api_url 'HTTPS://Example.COM:443');
ALTER SERVER options_server OPTIONS (SET api_url 'https://example.com:');
ALTER SERVER options_server OPTIONS (SET api_url 'https://example.com:0443');
ALTER SERVER options_server OPTIONS (SET api_url 'https://@example.com');
ALTER SERVER options_server OPTIONS (SET api_url 'https://exa%6dple.com');
ALTER SERVER options_server OPTIONS (SET api_url 'http://[::1');
ALTER SERVER options_server OPTIONS (SET api_url 'https://');
ALTER SERVER options_server OPTIONS (SET api_url 'https://:443');
ALTER SERVER options_server OPTIONS (SET api_url 'https://example.com:0');
ALTER SERVER options_server OPTIONS (SET api_url 'https://example.com:65536');
ALTER SERVER options_server OPTIONS (SET api_url 'https://example.com:443x');
ALTER SERVER options_server OPTIONS (SET api_url 'https://me:hunter2@example.com');
ALTER SERVER options_server OPTIONS (SET api_url 'http://127.0.0.1\@example.com');
ALTER SERVER options_server OPTIONS (SET api_url 'https://example.com/a b');
ALTER SERVER options_server OPTIONS (SET api_url 'https://example.com/v5?x=1');
ALTER SERVER options_server OPTIONS (SET api_url 'https://example.com/v5#x');
ALTER SERVER options_server OPTIONS (DROP api_url);
ALTER SERVER options_server OPTIONS (ADD authorization_url 'http://example.com');

ALTER SERVER options_server OPTIONS (ADD redirect_uri 'localhost:8085');
ALTER SERVER options_server OPTIONS (ADD redirect_uri 'https://');
ALTER SERVER options_server OPTIONS (ADD redirect_uri 'https://example.com/#x');
ALTER SERVER options_server OPTIONS (ADD redirect_uri 'http://localhost:0/');
ALTER SERVER options_server OPTIONS (ADD redirect_uri 'pdk1480000://callback?x=1');
ALTER SERVER options_server OPTIONS (SET redirect_uri 'pdk1480000:///callback');
ALTER SERVER options_server OPTIONS (DROP redirect_uri);

ALTER SERVER options_server OPTIONS (ADD ca_file 'certs/ca.crt');
ALTER SERVER options_server OPTIONS (ADD ca_file '');

ALTER SERVER options_server OPTIONS (ADD proxy 'socks5h://[::1]:1080');
ALTER SERVER options_server OPTIONS (SET proxy 'proxy.example.com');
ALTER SERVER options_server OPTIONS (SET proxy 'ftp://proxy.example.com');
ALTER SERVER options_server OPTIONS (SET proxy 'http://me:hunter2@proxy.example.com');
ALTER SERVER options_server OPTIONS (SET proxy 'http://proxy.example.com/path');
ALTER SERVER options_server OPTIONS (SET proxy 'proxy.example.com:99999');
ALTER SERVER options_server OPTIONS (SET proxy 'Socks5://10.1:1080');
ALTER SERVER options_server OPTIONS (DROP proxy);

-- ===================================================================
-- values: numbers
-- ===================================================================

ALTER SERVER options_server OPTIONS (ADD max_connections '0');
ALTER SERVER options_server OPTIONS (ADD max_connections '33');
ALTER SERVER options_server OPTIONS (ADD max_connections '');
ALTER SERVER options_server OPTIONS (ADD max_connections '-1');
ALTER SERVER options_server OPTIONS (ADD max_connections '4.5');
ALTER SERVER options_server OPTIONS (ADD max_connections '99999999999999999999');
ALTER SERVER options_server OPTIONS (ADD timeout '0');
ALTER SERVER options_server OPTIONS (ADD timeout '3601');
ALTER SERVER options_server OPTIONS (ADD timeout '60s');
ALTER SERVER options_server OPTIONS (ADD report_timeout '0');
ALTER SERVER options_server OPTIONS (ADD report_timeout '86401');
ALTER SERVER options_server OPTIONS (ADD retry_timeout '86401');
ALTER SERVER options_server OPTIONS (ADD report_reuse '3601');
ALTER SERVER options_server OPTIONS (ADD report_reuse 'never');
ALTER FOREIGN TABLE everything OPTIONS (SET report_reuse '-1');
ALTER FOREIGN TABLE everything OPTIONS (SET synchronous 'sometimes');
-- the text is another one since PostgreSQL 18
\set VERBOSITY sqlstate
SET pinterest_fdw.report_reuse = 3601;
\set VERBOSITY default
SET pinterest_fdw.report_reuse = '10min';
SHOW pinterest_fdw.report_reuse;
RESET pinterest_fdw.report_reuse;

-- ===================================================================
-- values: advertisers and history
-- ===================================================================

ALTER SERVER options_server OPTIONS (SET advertiser_id '');
ALTER SERVER options_server OPTIONS (SET advertiser_id 'my shop');
ALTER SERVER options_server OPTIONS (SET advertiser_id '1234567890123456789');
ALTER SERVER options_server OPTIONS (SET advertiser_id '1,,2');
ALTER SERVER options_server OPTIONS (SET advertiser_id '1,2,');
ALTER SERVER options_server OPTIONS (SET advertiser_id '1, 2, 1');
ALTER SERVER options_server OPTIONS (SET advertiser_id '1,*');

-- whatever the session's formats are
SET datestyle = 'German';
SET intervalstyle = 'sql_standard';
ALTER SERVER options_server OPTIONS (ADD historical_date '2001-02-28');
ALTER SERVER options_server OPTIONS (SET historical_date '1 year 2 mons');
RESET datestyle;
RESET intervalstyle;
ALTER SERVER options_server OPTIONS (SET historical_date 'P90D');
ALTER SERVER options_server OPTIONS (SET historical_date '10 years');
ALTER SERVER options_server OPTIONS (SET historical_date '36 hours');
ALTER SERVER options_server OPTIONS (SET historical_date 'P1Y2M10DT12H');
ALTER SERVER options_server OPTIONS (SET historical_date '@ 90days');
ALTER SERVER options_server OPTIONS (SET historical_date '1.5 months');
-- a day
ALTER SERVER options_server OPTIONS (SET historical_date '20251101');
ALTER SERVER options_server OPTIONS (SET historical_date '2025-1-5');
ALTER SERVER options_server OPTIONS (SET historical_date '');
ALTER SERVER options_server OPTIONS (SET historical_date 'yesterday');
ALTER SERVER options_server OPTIONS (SET historical_date '2025-02-29');
ALTER SERVER options_server OPTIONS (SET historical_date '2025-13-01');
ALTER SERVER options_server OPTIONS (SET historical_date '01.11.2025');
ALTER SERVER options_server OPTIONS (SET historical_date '2025-11-01 00:00');
ALTER SERVER options_server OPTIONS (SET historical_date '9999-12-31');
ALTER SERVER options_server OPTIONS (SET historical_date '90');
ALTER SERVER options_server OPTIONS (SET historical_date '100000');
ALTER SERVER options_server OPTIONS (SET historical_date '1-2');
ALTER SERVER options_server OPTIONS (SET historical_date '720:00');
ALTER SERVER options_server OPTIONS (SET historical_date '90 days 12:00');
ALTER SERVER options_server OPTIONS (SET historical_date '30 1 day');
ALTER SERVER options_server OPTIONS (SET historical_date 'P0001-02-03');
ALTER SERVER options_server OPTIONS (SET historical_date 'P00010203T040506');
ALTER SERVER options_server OPTIONS (SET historical_date '20251301');
ALTER SERVER options_server OPTIONS (SET historical_date '251101');
ALTER SERVER options_server OPTIONS (SET historical_date '2025-11');
ALTER SERVER options_server OPTIONS (SET historical_date '2025-11-01-01');
ALTER SERVER options_server OPTIONS (SET historical_date '2025/11/01');
ALTER SERVER options_server OPTIONS (SET historical_date '0 days');
ALTER SERVER options_server OPTIONS (SET historical_date 'infinity');
ALTER SERVER options_server OPTIONS (SET historical_date 'today');
ALTER SERVER options_server OPTIONS (SET historical_date '23 hours');
ALTER SERVER options_server OPTIONS (SET historical_date '-90 days');
ALTER SERVER options_server OPTIONS (SET historical_date '90 days ago');
ALTER SERVER options_server OPTIONS (SET historical_date '2 months -1 day');
ALTER SERVER options_server OPTIONS (SET historical_date '11 years');
ALTER SERVER options_server OPTIONS (DROP historical_date);

-- ===================================================================
-- values: credentials, which messages do not show
-- ===================================================================

ALTER USER MAPPING FOR CURRENT_USER SERVER options_server
    OPTIONS (SET access_token '');
ALTER USER MAPPING FOR CURRENT_USER SERVER options_server
    OPTIONS (SET access_token 'pina_hunter2 ');
ALTER USER MAPPING FOR CURRENT_USER SERVER options_server
    OPTIONS (SET refresh_token E'pinr_hunter2\r\nX-Header: x');
ALTER USER MAPPING FOR CURRENT_USER SERVER options_server
    OPTIONS (SET client_id E'\t');
ALTER USER MAPPING FOR CURRENT_USER SERVER options_server
    OPTIONS (SET client_secret E'hunter2\x7f');

-- ===================================================================
-- values: one of several
-- ===================================================================

ALTER SERVER options_server OPTIONS (ADD granularity 'DAYS');
ALTER SERVER options_server OPTIONS (ADD granularity 'quarter');
ALTER SERVER options_server OPTIONS (ADD granularity '');
ALTER SERVER options_server OPTIONS (ADD conversion_report_time 'TIME_OF_CONVERSIONS');
ALTER SERVER options_server OPTIONS (ADD conversion_report_time 'now');
ALTER SERVER options_server OPTIONS (ADD attribution_types 'INDIVIDUAL,HOUSEHOLDS');
ALTER SERVER options_server OPTIONS (ADD attribution_types 'individual,INDIVIDUAL');
ALTER SERVER options_server OPTIONS (ADD attribution_types 'INDIVIDUAL,');
ALTER SERVER options_server OPTIONS (ADD reporting_timezone 'Europe/Berlin');

-- ===================================================================
-- attribution windows
-- ===================================================================

ALTER SERVER options_server OPTIONS (ADD click_window_days '5');
ALTER SERVER options_server OPTIONS (ADD view_window_days 'none');
-- each of them is fine, together with the defaults of the others they are not
ALTER SERVER options_server OPTIONS (ADD click_window_days '7');
ALTER SERVER options_server OPTIONS (ADD engagement_window_days '14');
ALTER SERVER options_server OPTIONS (ADD view_window_days '60');
ALTER SERVER options_server OPTIONS (ADD click_window_days '1', ADD engagement_window_days '30');
ALTER SERVER options_server OPTIONS (ADD click_window_days '0', ADD engagement_window_days '0', ADD view_window_days '0');
-- these are
ALTER SERVER options_server OPTIONS (ADD click_window_days '60');
ALTER SERVER options_server OPTIONS (ADD engagement_window_days '7');
ALTER SERVER options_server OPTIONS (ADD view_window_days '7');
-- changed and dropped ones are checked, too
ALTER SERVER options_server OPTIONS (SET view_window_days '30');
ALTER SERVER options_server OPTIONS (DROP click_window_days, SET engagement_window_days '1');

-- ===================================================================
-- tables
-- ===================================================================

CREATE FOREIGN TABLE t (campaign_id text) SERVER options_server;
CREATE FOREIGN TABLE t (campaign_id text) SERVER options_server
    OPTIONS (resource '');
CREATE FOREIGN TABLE t (campaign_id text) SERVER options_server
    OPTIONS (resource 'campaign');
CREATE FOREIGN TABLE t (campaign_id text) SERVER options_server
    OPTIONS (resource 'adds');
ALTER FOREIGN TABLE everything OPTIONS (DROP resource);
ALTER FOREIGN TABLE everything OPTIONS (SET resource 'campaigns');

CREATE FOREIGN TABLE t (campaign_id text) SERVER options_server
    OPTIONS (resource 'campaigns', campaign_ids '1,2', entity_statuses 'active,archived');
-- what only reports have
ALTER FOREIGN TABLE t OPTIONS (ADD historical_date '2025-11-01');
ALTER FOREIGN TABLE t OPTIONS (ADD granularity 'day');
ALTER FOREIGN TABLE t OPTIONS (ADD click_window_days '30');
ALTER FOREIGN TABLE t OPTIONS (ADD engagement_window_days '30');
ALTER FOREIGN TABLE t OPTIONS (ADD view_window_days '1');
ALTER FOREIGN TABLE t OPTIONS (ADD conversion_report_time 'TIME_OF_AD_ACTION');
ALTER FOREIGN TABLE t OPTIONS (ADD attribution_types 'HOUSEHOLD');
ALTER FOREIGN TABLE t OPTIONS (ADD reporting_timezone 'PINTEREST_TIME_ZONE');
-- filters of other resources
ALTER FOREIGN TABLE t OPTIONS (ADD ad_ids '1');
ALTER FOREIGN TABLE t OPTIONS (SET resource 'advertisers');
ALTER FOREIGN TABLE everything OPTIONS (ADD entity_statuses 'ACTIVE');
ALTER FOREIGN TABLE everything OPTIONS (ADD targeting_types 'GENDER');
-- values of filters
ALTER FOREIGN TABLE t OPTIONS (SET campaign_ids '1,x');
ALTER FOREIGN TABLE t OPTIONS (SET campaign_ids '123456789012345678901');
ALTER FOREIGN TABLE t OPTIONS (SET campaign_ids '');
ALTER FOREIGN TABLE t OPTIONS (SET campaign_ids '1,1');
ALTER FOREIGN TABLE t OPTIONS (SET entity_statuses 'ACTIVE,ARCHIVE');
ALTER FOREIGN TABLE t OPTIONS (SET entity_statuses 'RUNNING');
ALTER FOREIGN TABLE t OPTIONS (SET entity_statuses 'ACTIVE;PAUSED');
ALTER FOREIGN TABLE everything OPTIONS (SET campaign_statuses 'RUNING');
ALTER FOREIGN TABLE everything OPTIONS (SET campaign_statuses
    'RUNNING,PAUSED,NOT_STARTED,COMPLETED,ADVERTISER_DISABLED,ARCHIVED');
ALTER FOREIGN TABLE everything OPTIONS (SET campaign_statuses
    'RUNNING,PAUSED,NOT_STARTED,COMPLETED,ADVERTISER_DISABLED,ARCHIVED,DRAFT');
ALTER FOREIGN TABLE everything OPTIONS (SET ad_group_statuses 'APPROVED');
ALTER FOREIGN TABLE everything OPTIONS (SET ad_statuses 'REJECT');
ALTER FOREIGN TABLE everything OPTIONS (SET product_group_statuses 'EXCLUDE');
ALTER FOREIGN TABLE everything OPTIONS (SET campaign_objective_types 'SALES');
-- how many ids there may be
DO $$
DECLARE
    name text;
    n int;
BEGIN
    FOREACH name IN ARRAY ARRAY['t', 'everything'] LOOP
        FOREACH n IN ARRAY ARRAY[250, 251, 500, 501] LOOP
            BEGIN
                EXECUTE format('ALTER FOREIGN TABLE %I OPTIONS (SET campaign_ids %L)', name,
                               (SELECT string_agg(i::text, ',') FROM generate_series(1, n) i));
                RAISE INFO '%: % ids are fine', name, n;
            EXCEPTION WHEN invalid_parameter_value THEN
                RAISE INFO '%: % ids: %', name, n, SQLERRM;
            END;
        END LOOP;
    END LOOP;
END
$$;
-- filters that exclude each other
CREATE FOREIGN TABLE t2 (ad_id text) SERVER options_server
    OPTIONS (resource 'ads', campaign_ids '1', ad_ids '2');
CREATE FOREIGN TABLE t2 (ad_id text) SERVER options_server
    OPTIONS (resource 'ads', ad_group_ids '1');
ALTER FOREIGN TABLE t2 OPTIONS (ADD campaign_ids '1');
ALTER FOREIGN TABLE t2 OPTIONS (SET resource 'ad_groups', ADD campaign_ids '1');
ALTER FOREIGN TABLE t2 OPTIONS (ADD campaign_ids '1', DROP ad_group_ids);
-- attribution windows
ALTER FOREIGN TABLE everything OPTIONS (SET click_window_days '1');
-- columns
ALTER FOREIGN TABLE everything ALTER COLUMN money OPTIONS (SET column_name '');
ALTER FOREIGN TABLE everything ALTER COLUMN money
    OPTIONS (SET column_name 'SPEND_IN_DOLLAR,CLICKTHROUGH_1');

-- ===================================================================
-- what counts on a superuser's server only
-- ===================================================================

SET ROLE regress_pinterest_owner;
CREATE SERVER owned_server FOREIGN DATA WRAPPER pinterest_fdw
    OPTIONS (redirect_uri 'http://localhost:8085/', max_connections '2', advertiser_id '1');
CREATE FOREIGN TABLE owned (campaign_id text) SERVER owned_server
    OPTIONS (resource 'campaigns');
EXPLAIN (COSTS OFF) SELECT * FROM owned;
ALTER SERVER owned_server OPTIONS (ADD api_url 'https://example.com');
EXPLAIN (COSTS OFF) SELECT * FROM owned;
-- an owner who is no superuser can set everything, and use it without these
ALTER SERVER owned_server OPTIONS (SET max_connections '3');
ALTER SERVER owned_server OPTIONS (DROP api_url, ADD authorization_url 'https://example.com');
EXPLAIN (COSTS OFF) SELECT * FROM owned;
CREATE USER MAPPING FOR CURRENT_USER SERVER owned_server OPTIONS (client_id '1480000', client_secret 's3cret');
SELECT pinterest.authorization_url('owned_server');
ALTER SERVER owned_server OPTIONS (DROP authorization_url, ADD ca_file '/tmp/ca.crt');
EXPLAIN (COSTS OFF) SELECT * FROM owned;
SELECT * FROM pinterest.check('owned_server') WHERE NOT ok;
ALTER SERVER owned_server OPTIONS (DROP ca_file, ADD proxy 'proxy.example.com');
EXPLAIN (COSTS OFF) SELECT * FROM owned;
RESET ROLE;
-- neither can superusers
EXPLAIN (COSTS OFF) SELECT * FROM owned;
-- on a superuser's server nobody else can change or drop them
ALTER SERVER owned_server OWNER TO CURRENT_USER;
GRANT USAGE ON FOREIGN SERVER owned_server TO regress_pinterest_owner;
SET ROLE regress_pinterest_owner;
EXPLAIN (COSTS OFF) SELECT * FROM owned;
ALTER SERVER owned_server OPTIONS (SET proxy 'proxy.example.org');
ALTER SERVER owned_server OPTIONS (DROP proxy);
RESET ROLE;

-- ===================================================================
-- what comes to light only when table and server are taken together
-- ===================================================================

ALTER SERVER options_server OPTIONS (DROP engagement_window_days,
    SET view_window_days '30', SET click_window_days '60');
CREATE FOREIGN TABLE windows (campaign_id text) SERVER options_server
    OPTIONS (resource 'campaign_report', click_window_days '30', view_window_days '60');
CREATE FOREIGN TABLE windows (campaign_id text) SERVER options_server
    OPTIONS (resource 'campaign_report', click_window_days '30', engagement_window_days '7');
EXPLAIN (COSTS OFF) SELECT * FROM windows;

CREATE SERVER bare_server FOREIGN DATA WRAPPER pinterest_fdw;
CREATE FOREIGN TABLE no_advertiser (campaign_id text) SERVER bare_server
    OPTIONS (resource 'campaigns');
EXPLAIN (COSTS OFF) SELECT * FROM no_advertiser;

-- ===================================================================
-- columns
-- ===================================================================

\set SHOW_CONTEXT never
CREATE FOREIGN TABLE columns (campaign_id text, spend_in_dolar numeric)
    SERVER bare_server OPTIONS (resource 'campaign_report', advertiser_id '1');
CREATE FOREIGN TABLE columns (campaign_id text, money numeric OPTIONS (column_name 'spend_in_dollar'))
    SERVER bare_server OPTIONS (resource 'campaign_report', advertiser_id '1');
ALTER FOREIGN TABLE columns ALTER COLUMN money
    OPTIONS (SET column_name 'SPEND_IN_DOLLARS');
ALTER FOREIGN TABLE columns ALTER COLUMN money
    OPTIONS (SET column_name 'MONEY');
ALTER FOREIGN TABLE columns ALTER COLUMN money OPTIONS (DROP column_name);
ALTER FOREIGN TABLE columns RENAME COLUMN campaign_id TO campain_id;
ALTER FOREIGN TABLE columns ADD COLUMN total_impression bigint GENERATED ALWAYS AS (1) STORED;
-- at the wrong level
ALTER FOREIGN TABLE columns ADD COLUMN ad_name text;
-- not by hour, and not of that type
ALTER FOREIGN TABLE columns ADD COLUMN total_conversions bigint;
ALTER FOREIGN TABLE columns OPTIONS (ADD granularity 'hour');
ALTER FOREIGN TABLE columns DROP COLUMN total_conversions, ADD COLUMN date date;
ALTER FOREIGN TABLE columns OPTIONS (ADD granularity 'hour');
CREATE DOMAIN day AS date;
ALTER FOREIGN TABLE columns ALTER COLUMN date TYPE day, OPTIONS (ADD granularity 'hour');
ALTER FOREIGN TABLE columns ALTER COLUMN date TYPE timestamptz, OPTIONS (ADD granularity 'hour');
-- no date
ALTER FOREIGN TABLE columns OPTIONS (SET granularity 'total');
-- entities
CREATE FOREIGN TABLE entity (campaign_id text, nam text)
    SERVER bare_server OPTIONS (resource 'campaigns', advertiser_id '1');
CREATE FOREIGN TABLE entity (campaign_id text, brand_new text)
    SERVER bare_server OPTIONS (resource 'campaigns', advertiser_id '1');
CREATE FOREIGN TABLE entity (campaign_id text, brand_new text OPTIONS (column_name 'brand_new'))
    SERVER bare_server OPTIONS (resource 'campaigns', advertiser_id '1');
ALTER TABLE entity ADD COLUMN name text GENERATED ALWAYS AS ('x') STORED;
-- a foreign table gets its parent's columns
CREATE TABLE parent (campaign_id text);
CREATE FOREIGN TABLE child () INHERITS (parent)
    SERVER bare_server OPTIONS (resource 'campaigns', advertiser_id '1');
ALTER TABLE parent ADD COLUMN no_such_thing text;
ALTER TABLE parent ADD COLUMN name text;
-- types
CREATE TYPE pair AS (a int, b int);
CREATE TYPE mood AS ENUM ('RUNNING', 'PAUSED');
CREATE DOMAIN pairs AS pair;
DO $$
DECLARE
    name text;
    type text;
    refused text;
BEGIN
    FOREACH name IN ARRAY ARRAY['campaign_id', 'name', 'created_time', 'start_time',
                                'is_campaign_budget_optimization', 'tracking_urls'] LOOP
        refused := '';
        FOREACH type IN ARRAY ARRAY['text', 'varchar(100)', 'name', '"char"', 'int4', 'int8', 'numeric',
                                    'float8', 'bool', 'date', 'timestamp', 'timestamptz', 'json', 'jsonb',
                                    'text[]', 'int4range', 'point', 'uuid', 'pair', 'pairs', 'pair[]',
                                    'mood', 'day'] LOOP
            BEGIN
                EXECUTE format('CREATE FOREIGN TABLE typed (%I %s) SERVER bare_server
                                OPTIONS (resource ''campaigns'', advertiser_id ''1'')', name, type);
                DROP FOREIGN TABLE typed;
            EXCEPTION WHEN fdw_invalid_data_type THEN
                refused := refused || ' ' || type;
            END;
        END LOOP;
        RAISE INFO '% cannot be:%', name, refused;
    END LOOP;
END
$$;
CREATE FOREIGN TABLE typed (total_impression pair) SERVER bare_server
    OPTIONS (resource 'campaign_report', advertiser_id '1');
-- further columns of the key
CREATE FOREIGN TABLE keyed (keyword_id text, ad_group_id text, pin_promotion_id text, campaign_id text,
                            total_impression bigint)
    SERVER bare_server OPTIONS (resource 'keyword_report', advertiser_id '1',
                                key_columns 'PIN_PROMOTION_ID, campaign_id');
ALTER FOREIGN TABLE keyed OPTIONS (SET key_columns 'pin_promotion');
ALTER FOREIGN TABLE keyed OPTIONS (SET key_columns 'nothing_like_it');
ALTER FOREIGN TABLE keyed OPTIONS (SET key_columns 'total_impression');
ALTER FOREIGN TABLE keyed OPTIONS (SET key_columns 'ad_group_id');
ALTER FOREIGN TABLE keyed OPTIONS (SET key_columns 'product_item_name');
ALTER FOREIGN TABLE keyed OPTIONS (SET key_columns 'campaign_id, CAMPAIGN_ID');
ALTER FOREIGN TABLE keyed OPTIONS (SET key_columns 'campaign_id,,pin_id');
ALTER FOREIGN TABLE keyed OPTIONS (SET key_columns '');
ALTER FOREIGN TABLE keyed OPTIONS (SET key_columns 'campaign_id, pin_id');
ALTER FOREIGN TABLE keyed ADD COLUMN pin_id text, OPTIONS (SET key_columns 'campaign_id, pin_id');
ALTER FOREIGN TABLE keyed DROP COLUMN campaign_id;
ALTER FOREIGN TABLE keyed OPTIONS (DROP key_columns);
ALTER FOREIGN TABLE keyed DROP COLUMN campaign_id;
ALTER FOREIGN TABLE entity OPTIONS (ADD key_columns 'name');
CREATE FOREIGN TABLE of_ads (ad_id text, pin_id text) SERVER bare_server
    OPTIONS (resource 'ad_group_report', advertiser_id '1', key_columns 'pin_id');
CREATE FOREIGN TABLE of_items (ad_id text, pin_id text) SERVER bare_server
    OPTIONS (resource 'product_item_report', advertiser_id '1');
-- a restore gives columns their options later
SET check_function_bodies = off;
CREATE FOREIGN TABLE restored (campaign_id text, money numeric) SERVER bare_server
    OPTIONS (resource 'campaign_report', advertiser_id '1');
EXPLAIN (COSTS OFF) SELECT * FROM restored;
ALTER FOREIGN TABLE ONLY restored ALTER COLUMN money OPTIONS (column_name 'SPEND_IN_DOLLAR');
RESET check_function_bodies;
ALTER FOREIGN TABLE restored OPTIONS (SET advertiser_id '2');

-- ===================================================================
-- clean up
-- ===================================================================

SET client_min_messages = warning;
DROP SERVER options_server, bare_server, owned_server CASCADE;
DROP SCHEMA options_test CASCADE;
REVOKE ALL ON FOREIGN DATA WRAPPER pinterest_fdw FROM regress_pinterest_owner;
DROP ROLE regress_pinterest_owner;
