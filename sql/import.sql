-- ===================================================================
-- IMPORT FOREIGN SCHEMA
-- ===================================================================

SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pinterest_fdw;
RESET client_min_messages;
\set SHOW_CONTEXT never

CREATE SERVER import_server FOREIGN DATA WRAPPER pinterest_fdw
    OPTIONS (advertiser_id '549755885175');

-- Imports into a schema of its own, shows what came of it, and drops it again.
CREATE FUNCTION import(what text)
RETURNS TABLE (name name, options text[]) LANGUAGE plpgsql AS $$
BEGIN
    CREATE SCHEMA import_test;
    EXECUTE format('IMPORT FOREIGN SCHEMA %s', replace(what, 'SERVER',
                   'FROM SERVER import_server INTO import_test'));
    RETURN QUERY
        SELECT c.relname, t.ftoptions
          FROM pg_class c JOIN pg_foreign_table t ON t.ftrelid = c.oid
         WHERE c.relnamespace = 'import_test'::regnamespace
         ORDER BY c.oid;
    SET LOCAL client_min_messages = warning;
    DROP SCHEMA import_test CASCADE;
    RESET client_min_messages;
END
$$;

-- ===================================================================
-- which tables
-- ===================================================================

SELECT * FROM import('ads SERVER');
SELECT * FROM import('ads LIMIT TO (campaign_report, campaigns) SERVER');
SELECT * FROM import('ads EXCEPT (advertisers, campaigns, ad_groups, ads) SERVER')
 WHERE name !~ '_report$';

SELECT * FROM import('organic SERVER');
SELECT * FROM import('catalogs LIMIT TO (feeds, products) SERVER');

-- wrong names
SELECT * FROM import('pinterest SERVER');
SELECT * FROM import('"ADS" SERVER');
SELECT * FROM import('ads LIMIT TO (campaigns, campain_report) SERVER');
SELECT * FROM import('ads LIMIT TO (facebook_campaigns) SERVER');
SELECT * FROM import('ads LIMIT TO (boards) SERVER');
SELECT name FROM import('ads EXCEPT (campaings, ads) SERVER') WHERE name IN ('campaigns', 'ads');

-- ===================================================================
-- options
-- ===================================================================

-- each table gets those that it takes
SELECT * FROM import($$ads LIMIT TO (advertisers, campaigns, ads, campaign_report) SERVER
    OPTIONS (advertiser_id '1,2', historical_date '90 days', granularity 'week',
             campaign_ids '3', entity_statuses 'ACTIVE', columns 'Standard')$$);
-- quoting
SELECT * FROM import($$ads LIMIT TO (campaigns) SERVER
    OPTIONS (advertiser_id '1''); DROP TABLE x; --')$$);

-- wrong ones
SELECT * FROM import($$ads SERVER OPTIONS (colums 'all')$$);
SELECT * FROM import($$ads SERVER OPTIONS (columns 'some')$$);
SELECT * FROM import($$ads SERVER OPTIONS (granularty 'day')$$);
SELECT * FROM import($$ads SERVER OPTIONS (xyz '1')$$);
SELECT * FROM import($$ads SERVER OPTIONS (timeout '10')$$);
SELECT * FROM import($$ads SERVER OPTIONS (historical_date '720:00')$$);
SELECT * FROM import($$ads SERVER OPTIONS (access_token 'hunter2')$$);
SELECT * FROM import($$ads SERVER OPTIONS (column_name 'x')$$);
SELECT * FROM import($$ads SERVER OPTIONS (resource 'ads')$$);
SELECT * FROM import($$ads LIMIT TO (campaigns) SERVER OPTIONS (granularity 'days')$$);
SELECT * FROM import($$ads LIMIT TO (campaign_report) SERVER OPTIONS (granularity 'days')$$);
SELECT * FROM import($$ads LIMIT TO (ads) SERVER OPTIONS (campaign_ids '1', ad_ids '2')$$);
SELECT * FROM import($$ads LIMIT TO (advertisers, campaigns) SERVER OPTIONS (ad_ids '2')$$);

-- ===================================================================
-- columns
-- ===================================================================

CREATE SCHEMA import_standard;
IMPORT FOREIGN SCHEMA ads FROM SERVER import_server INTO import_standard;
CREATE SCHEMA import_all;
IMPORT FOREIGN SCHEMA ads FROM SERVER import_server INTO import_all
    OPTIONS (columns 'all');
CREATE SCHEMA import_hour;
IMPORT FOREIGN SCHEMA ads FROM SERVER import_server INTO import_hour
    OPTIONS (columns 'all', granularity 'hour');
CREATE SCHEMA import_total;
-- the server's granularity counts, too
ALTER SERVER import_server OPTIONS (ADD granularity 'total');
IMPORT FOREIGN SCHEMA ads FROM SERVER import_server INTO import_total;
ALTER SERVER import_server OPTIONS (DROP granularity);

\d import_standard.campaigns

-- what reports begin with, and how their columns are tied to Pinterest's
SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attfdwoptions
  FROM pg_attribute
 WHERE attrelid IN ('import_standard.campaign_report'::regclass,
                    'import_hour.campaign_report'::regclass,
                    'import_total.campaign_report'::regclass)
   AND attnum BETWEEN 1 AND 5
 ORDER BY attrelid, attnum;
SELECT attrelid::regclass, attname, attfdwoptions
  FROM pg_attribute JOIN pg_foreign_table ON ftrelid = attrelid
 WHERE attrelid::regclass::text ~ '^import_.*_report$' AND attfdwoptions IS NOT NULL
 ORDER BY 1, 2;

-- key columns first and never null, others nullable
SELECT count(*)
  FROM pg_attribute a JOIN pg_foreign_table ON ftrelid = attrelid
 WHERE attnum > 1 AND attnotnull
   AND NOT (SELECT attnotnull FROM pg_attribute b
             WHERE b.attrelid = a.attrelid AND b.attnum = a.attnum - 1);

-- all is more than standard, and by hour there are no conversions
SELECT relname,
       count(*) FILTER (WHERE relnamespace = 'import_all'::regnamespace) >
       count(*) FILTER (WHERE relnamespace = 'import_standard'::regnamespace) AS more,
       count(*) FILTER (WHERE relnamespace = 'import_all'::regnamespace) >
       count(*) FILTER (WHERE relnamespace = 'import_hour'::regnamespace) AS fewer,
       count(*) FILTER (WHERE relnamespace = 'import_standard'::regnamespace) -
       count(*) FILTER (WHERE relnamespace = 'import_total'::regnamespace) AS no_date
  FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0
 WHERE relkind = 'f' AND relname ~ '_report$'
 GROUP BY relname ORDER BY relname;
SELECT relnamespace::regnamespace, array_agg(attname ORDER BY attnum)
  FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
 WHERE relname = 'campaign_report' AND attname IN ('spend_in_dollar', 'total_conversions')
   AND relnamespace::regnamespace::text ~ '^import_'
 GROUP BY 1 ORDER BY relnamespace::regnamespace::text COLLATE "C";

-- ===================================================================
-- options of columns: where the name does not say which one it is
-- ===================================================================

SELECT attname, attfdwoptions, count(*) AS tables
  FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
 WHERE relnamespace = 'import_all'::regnamespace AND attfdwoptions IS NOT NULL
 GROUP BY attname, attfdwoptions ORDER BY attname COLLATE "C", attfdwoptions;
ALTER FOREIGN TABLE import_all.campaigns RENAME name TO title;
ALTER FOREIGN TABLE import_all.campaigns ALTER COLUMN name OPTIONS (ADD column_name 'name');
ALTER FOREIGN TABLE import_all.campaigns RENAME name TO title;
ALTER FOREIGN TABLE import_all.campaigns RENAME campaign_id TO id;
ALTER FOREIGN TABLE import_all.campaign_report RENAME campaign_name TO title;
ALTER FOREIGN TABLE import_all.campaign_report RENAME TO other_name;

-- ===================================================================
-- clean up
-- ===================================================================

SET client_min_messages = warning;
DROP SERVER import_server CASCADE;
DROP SCHEMA import_standard, import_all, import_hour, import_total;
DROP FUNCTION import;
