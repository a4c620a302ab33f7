--
-- Materialized tables: creating, adopting, registering, refreshing
--
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\set ECHO none
\getenv token PINTEREST_SANDBOX_TOKEN
\getenv advertiser PINTEREST_SANDBOX_ADVERTISER
\set ECHO all
CREATE SCHEMA ads;
-- orders the sandbox to change: method, control, body
\setenv ORDER 'import os, sys, urllib.request as u; u.urlopen(u.Request(os.environ["PINTEREST_SANDBOX_CONTROL"] + "/" + sys.argv[2], "".join(sys.argv[3:]).encode(), method=sys.argv[1])).read()'
-- what a refresh did, but for the figures that may differ from day to day
CREATE FUNCTION ads.refreshed(target regclass, since date DEFAULT NULL)
RETURNS TABLE (rows boolean, inserted boolean, updated boolean, deleted boolean, unchanged boolean, adds_up boolean)
LANGUAGE sql AS $$
	SELECT r.rows > 0, r.inserted > 0, r.updated > 0, r.deleted > 0, r.unchanged > 0,
	       r.rows = r.inserted + r.updated + r.unchanged
	  FROM pinterest.refresh(target, since) AS r $$;
-- rows that are in only one of two tables
CREATE FUNCTION ads.differences(a regclass, b regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	result bigint;
BEGIN
	EXECUTE format('WITH a AS (SELECT to_jsonb(x) FROM %s x), b AS (SELECT to_jsonb(x) FROM %s x)
		SELECT count(*) FROM ((TABLE a EXCEPT ALL TABLE b) UNION ALL (TABLE b EXCEPT ALL TABLE a)) d', a, b) INTO result;
	RETURN result;
END $$;

-- ===================================================================
-- materialize() creates
-- ===================================================================
SELECT pinterest.materialize('live.campaigns', 'ads.campaigns');
SELECT ads.differences('live.campaigns', 'ads.campaigns'), count(*) FROM ads.campaigns;
SELECT pinterest.materialize('live.campaign_report', 'ads.campaign_report', false);
SELECT count(*) FROM ads.campaign_report;
-- the columns, comments and the key of the foreign table
SELECT count(*) FROM (SELECT attname, atttypid, atttypmod, attcollation FROM pg_attribute WHERE attrelid = 'live.campaign_report'::regclass AND attnum > 0
                      EXCEPT SELECT attname, atttypid, atttypmod, attcollation FROM pg_attribute WHERE attrelid = 'ads.campaign_report'::regclass) d;
SELECT obj_description('ads.campaign_report'::regclass), col_description('ads.campaign_report'::regclass, 3);
SELECT count(*) FROM pg_attribute WHERE attrelid = 'ads.campaign_report'::regclass AND attnum > 0
   AND col_description(attrelid, attnum) IS NULL;
SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE conrelid IN ('ads.campaigns'::regclass, 'ads.campaign_report'::regclass) AND contype = 'p' ORDER BY 1;
SELECT target, source, columns[1:3] FROM pinterest_internal.materialized_tables ORDER BY target;
-- where to: as for any other table
SET search_path = ads, public;
SELECT pinterest.materialize('live.campaigns', '"Odd ""name"', false);
SELECT pinterest.materialize('live.campaigns', 'no such name', false);
SELECT pinterest.materialize('live.campaigns', 'nowhere.campaigns', false);
SET search_path = nowhere;
SELECT pinterest.materialize('live.campaigns', 'campaigns', false);
RESET search_path;
SELECT pinterest.materialize('live.campaigns', 'pg_temp.campaigns', false);
SELECT target FROM pinterest_internal.materialized_tables ORDER BY target;
-- by week and month, and totals, which have no date; a column comment
CREATE FOREIGN TABLE live.weekly (advertiser_id text, campaign_id text, date date, spend_in_dollar numeric)
  SERVER sandbox OPTIONS (resource 'campaign_report', granularity 'week');
COMMENT ON COLUMN live.weekly.spend_in_dollar IS 'our own words';
COMMENT ON FOREIGN TABLE live.weekly IS 'of our own as well';
SELECT pinterest.materialize('live.weekly', 'ads.weekly');
SELECT col_description('ads.weekly'::regclass, 4), obj_description('ads.weekly'::regclass);
SELECT bool_and(extract(isodow FROM date) = 1) AS mondays, min(date) BETWEEN date_trunc('week', live.today() - interval '1 year') AND live.today() - interval '1 year' + interval '7 days' AS whole_weeks FROM ads.weekly;
SELECT * FROM ads.refreshed('ads.weekly', live.today() - 31);
CREATE FOREIGN TABLE live.monthly (advertiser_id text, campaign_id text, date date, spend_in_dollar numeric)
  SERVER sandbox OPTIONS (resource 'campaign_report', granularity 'month');
SELECT pinterest.materialize('live.monthly', 'ads.monthly');
SELECT bool_and(extract(day FROM date) = 1) AS firsts, count(DISTINCT date) >= 12 AS enough FROM ads.monthly;
SELECT * FROM ads.refreshed('ads.monthly', live.today() - 31);
CREATE FOREIGN TABLE live.total (advertiser_id text, campaign_id text, spend_in_dollar numeric)
  SERVER sandbox OPTIONS (resource 'campaign_report', granularity 'total', historical_date '30 days');
SELECT pinterest.materialize('live.total', 'ads.total');
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'ads.total'::regclass AND contype = 'p';
SELECT pinterest.refresh('ads.total', live.today());
-- not from these
SELECT pinterest.materialize('pg_class', 'ads.x');
SELECT pinterest.materialize('ads.campaigns', 'ads.x');
SELECT pinterest.materialize(0, 'ads.x');
CREATE FOREIGN TABLE live.no_key (advertiser_id text, date date, spend_in_dollar numeric)
  SERVER sandbox OPTIONS (resource 'campaign_report');
SELECT pinterest.materialize('live.no_key', 'ads.x');
SELECT pinterest.materialize(NULL, 'ads.x');

-- ===================================================================
-- refresh() makes equal
-- ===================================================================
SELECT * FROM ads.refreshed('ads.campaign_report');
SELECT ads.differences('live.campaign_report', 'ads.campaign_report');
SELECT target, rows = unchanged AS all_unchanged, inserted, updated, deleted, api_calls > 0 AS calls, bytes > 0 AS bytes,
       started_at BETWEEN now() AND finished_at AS started, finished_at <= clock_timestamp() AS finished
  FROM pinterest.refresh('ads.campaign_report');
-- what has changed at Pinterest is written, and nothing else; the table remains
-- the same one
DELETE FROM ads.campaign_report WHERE date = (SELECT max(date) FROM ads.campaign_report WHERE date < live.today() - 40);
INSERT INTO ads.campaign_report (advertiser_id, campaign_id, date) VALUES (:'advertiser', '1', live.today());
CREATE TEMP TABLE before AS SELECT ctid AS place, xmin AS writer, to_jsonb(r) AS content, advertiser_id, campaign_id, date FROM ads.campaign_report r;
CREATE TEMP TABLE identity AS SELECT 'ads.campaign_report'::regclass::oid AS oid, pg_relation_filenode('ads.campaign_report') AS filenode;
CREATE VIEW ads.spend AS SELECT sum(spend_in_dollar) AS spend FROM ads.campaign_report;
GRANT SELECT ON ads.campaign_report TO PUBLIC;
\! python3 -c "$ORDER" POST settings '{"revision": 20}'
CREATE TEMP TABLE after AS SELECT to_jsonb(r) AS content, advertiser_id, campaign_id, date FROM live.campaign_report r;
SELECT inserted > 0 AS some_inserted, updated > 0 AS some_updated, deleted > 0 AS some_deleted,
       rows - (SELECT count(*) FROM after) AS rows,
       inserted - (SELECT count(*) FROM after LEFT JOIN before USING (advertiser_id, campaign_id, date) WHERE before IS NULL) AS inserted,
       updated - (SELECT count(*) FROM after JOIN before USING (advertiser_id, campaign_id, date) WHERE before.content <> after.content) AS updated,
       deleted - (SELECT count(*) FROM before LEFT JOIN after USING (advertiser_id, campaign_id, date) WHERE after IS NULL) AS deleted,
       unchanged - (SELECT count(*) FROM after JOIN before USING (advertiser_id, campaign_id, date) WHERE before.content = after.content) AS unchanged
  FROM pinterest.refresh('ads.campaign_report');
SELECT ads.differences('live.campaign_report', 'ads.campaign_report');
SELECT count(*) - (SELECT count(*) FROM after JOIN before USING (advertiser_id, campaign_id, date) WHERE before.content = after.content) AS rewritten
  FROM ads.campaign_report r JOIN before b ON b.place = r.ctid AND b.writer = r.xmin;
SELECT oid = 'ads.campaign_report'::regclass AS same_oid, filenode = pg_relation_filenode('ads.campaign_report') AS same_file FROM identity;
SELECT has_table_privilege('public', 'ads.campaign_report', 'SELECT') AS granted, spend > 0 AS view FROM ads.spend;
SELECT inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.campaigns');
SELECT ads.differences('live.campaigns', 'ads.campaigns');
-- older history, and advertisers that are not loaded, stay
INSERT INTO ads.campaign_report (advertiser_id, campaign_id, date) VALUES
  (:'advertiser', '1', live.today() - 2000), ('1', '1', live.today());
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.campaign_report');
SELECT date - live.today() AS day FROM ads.campaign_report WHERE campaign_id = '1' ORDER BY 1;
-- with "since", earlier days stay, too
UPDATE ads.campaign_report SET spend_in_dollar = -1 WHERE date IN (live.today() - 3, live.today() - 100);
SELECT inserted, updated > 0 AS updated, deleted, rows < 100 AS few FROM pinterest.refresh('ads.campaign_report', live.today() - 10);
SELECT DISTINCT date - live.today() AS day FROM ads.campaign_report WHERE spend_in_dollar = -1;
\set VERBOSITY terse
SELECT pinterest.refresh('ads.campaign_report', live.today() + 1);
SELECT pinterest.refresh('ads.campaign_report', 'infinity');
\set VERBOSITY default
SELECT inserted > 0 AS older, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.campaign_report', '1990-01-01');
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.campaign_report', '-infinity');
SELECT pinterest.refresh('ads.campaigns', live.today());
-- not these
SELECT pinterest.refresh(NULL);
SELECT pinterest.refresh(0);
SELECT pinterest.refresh('live.campaigns');
SELECT pinterest.refresh('pg_class');
BEGIN READ ONLY;
SELECT pinterest.refresh('ads.campaigns');
ROLLBACK;
BEGIN READ ONLY;
SELECT pinterest.materialize('live.campaigns', 'ads.x');
ROLLBACK;
-- twice in a transaction; what is rolled back has not happened
BEGIN;
UPDATE ads.campaigns SET name = 'x';
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.campaigns');
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.campaigns');
ROLLBACK;
SELECT ads.differences('live.campaigns', 'ads.campaigns');
-- the settings of the session do not matter
UPDATE ads.campaigns SET name = 'x';
CREATE FUNCTION ads.wrong(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR ads.= (LEFTARG = text, RIGHTARG = text, FUNCTION = ads.wrong);
SET search_path = ads, pg_catalog;
SET datestyle = 'German';
SET timezone = 'Pacific/Kiritimati';
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.campaigns');
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.campaign_report');
RESET search_path;
RESET datestyle;
RESET timezone;
DROP OPERATOR ads.= (text, text);

-- ===================================================================
-- what must not be believed
-- ===================================================================
-- a list without entities, where there are more than seven rows
CREATE FOREIGN TABLE live.filtered (advertiser_id text, campaign_id text, name text)
  SERVER sandbox OPTIONS (resource 'campaigns');
SELECT pinterest.materialize('live.filtered', 'ads.filtered');
SELECT campaign_id AS one FROM ads.filtered ORDER BY 1 LIMIT 1 \gset
INSERT INTO ads.filtered VALUES (:'advertiser', 'x', 'more'), (:'advertiser', 'y', 'more');
ALTER FOREIGN TABLE live.filtered OPTIONS (ADD campaign_ids '1');
\set VERBOSITY terse
SELECT pinterest.refresh('ads.filtered');
\set VERBOSITY default
SELECT count(*) FROM ads.filtered;
-- one that has entities is believed, whatever it lacks
ALTER FOREIGN TABLE live.filtered OPTIONS (SET campaign_ids :'one');
SELECT rows, inserted, updated, deleted, unchanged FROM pinterest.refresh('ads.filtered');
ALTER FOREIGN TABLE live.filtered OPTIONS (DROP campaign_ids);
SELECT rows, inserted, updated, deleted, unchanged FROM pinterest.refresh('ads.filtered');
-- and seven rows may go
INSERT INTO ads.filtered VALUES (:'advertiser', 'x', 'more');
ALTER FOREIGN TABLE live.filtered OPTIONS (ADD campaign_ids '1');
SELECT rows, inserted, updated, deleted, unchanged FROM pinterest.refresh('ads.filtered');
-- nothing to lose
SELECT rows, inserted, updated, deleted, unchanged FROM pinterest.refresh('ads.filtered');
-- right all the same
INSERT INTO ads.filtered SELECT :'advertiser', i, 'more' FROM generate_series(1, 8) i;
SELECT rows, inserted, updated, deleted, unchanged FROM pinterest.refresh('ads.filtered', allow_deletion => true);
ALTER FOREIGN TABLE live.filtered OPTIONS (DROP campaign_ids);
SELECT rows, inserted, updated, deleted, unchanged FROM pinterest.refresh('ads.filtered');
-- of all advertisers, those without an answer keep their rows
ALTER FOREIGN TABLE live.filtered OPTIONS (ADD advertiser_id '*');
INSERT INTO ads.filtered VALUES ('1', '1', 'stays'), (:'advertiser', '1', 'goes');
SELECT rows, inserted, updated, deleted, unchanged FROM pinterest.refresh('ads.filtered');
SELECT name FROM ads.filtered WHERE campaign_id = '1';
-- an entity that is listed twice
\! python3 -c "$ORDER" POST faults '{"match": {"path": "/campaigns$"}, "body": {"items": [{"id": "1", "name": "a"}, {"id": "2"}, {"id": "1", "name": "b"}], "bookmark": null}}'
SELECT count(*), count(DISTINCT campaign_id) FROM live.filtered;
-- an error on the way
\! python3 -c "$ORDER" POST faults '{"match": {"path": "/campaigns$"}, "status": 403, "body": {"code": 29, "message": "You are not permitted to access that resource."}}'
\set VERBOSITY sqlstate
SELECT pinterest.refresh('ads.filtered');
\set VERBOSITY default
SELECT ads.differences('live.filtered', 'ads.filtered');
\! python3 -c "$ORDER" DELETE faults

-- ===================================================================
-- adopting tables
-- ===================================================================
CREATE FOREIGN TABLE live.report (advertiser_id text, campaign_id text, date date, spend_in_dollar numeric, total_impression bigint)
  SERVER sandbox OPTIONS (resource 'campaign_report', historical_date '60 days');
CREATE TABLE ads.report (
	day_of_week int GENERATED ALWAYS AS (extract(isodow FROM date)) STORED,
	id int GENERATED ALWAYS AS IDENTITY,
	note text DEFAULT 'none',
	total_impression bigint,
	date date,
	campaign_id text COLLATE "C",
	advertiser_id text,
	dropped text,
	spend_in_dollar numeric
) PARTITION BY RANGE (date);
ALTER TABLE ads.report DROP COLUMN dropped;
CREATE TABLE ads.report_rest PARTITION OF ads.report DEFAULT;
DO $$
BEGIN
	EXECUTE format('CREATE TABLE ads.report_now PARTITION OF ads.report FOR VALUES FROM (%L) TO (MAXVALUE)', live.today() - 20);
END $$;
SELECT pinterest.materialize('live.report', 'ads.report');
ALTER TABLE ads.report ADD PRIMARY KEY (date, campaign_id, advertiser_id);
SELECT pinterest.materialize('live.report', 'ads.report');
SELECT tableoid::regclass, count(*) > 20 AS filled, count(*) = count(id) AND count(*) = count(note) AND count(*) = count(day_of_week) AS defaults
  FROM ads.report GROUP BY 1 ORDER BY 1;
UPDATE ads.report SET note = 'ours', total_impression = -1;
DELETE FROM ads.report WHERE date = live.today() - 5;
SELECT * FROM ads.refreshed('ads.report');
SELECT note, count(*) > 0 AS some FROM ads.report GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM (SELECT * FROM live.report EXCEPT ALL
                      SELECT advertiser_id, campaign_id, date, spend_in_dollar, total_impression FROM ads.report) d;
-- what does not fit
CREATE TABLE ads.unfit (advertiser_id varchar(20), campaign_id text, spend_in_dollar numeric GENERATED ALWAYS AS (1) STORED,
                        total_impression int);
SELECT pinterest.materialize('live.report', 'ads.unfit');
DROP TABLE ads.unfit;
CREATE TABLE ads.unfit (LIKE live.report);
SELECT pinterest.materialize('live.report', 'ads.unfit');
CREATE UNIQUE INDEX unfit_index ON ads.unfit (advertiser_id, campaign_id, date) WHERE total_impression > 0;
SELECT pinterest.materialize('live.report', 'ads.unfit');
DROP INDEX ads.unfit_index;
CREATE UNIQUE INDEX unfit_index ON ads.unfit (advertiser_id, campaign_id, date, total_impression);
SELECT pinterest.materialize('live.report', 'ads.unfit');
DROP INDEX ads.unfit_index;
CREATE UNIQUE INDEX unfit_index ON ads.unfit (advertiser_id, lower(campaign_id), date);
SELECT pinterest.materialize('live.report', 'ads.unfit');
DROP INDEX ads.unfit_index;
ALTER TABLE ads.unfit ADD UNIQUE (date, advertiser_id, campaign_id) DEFERRABLE;
SELECT pinterest.materialize('live.report', 'ads.unfit');
CREATE UNIQUE INDEX unfit_index ON ads.unfit (date, advertiser_id, campaign_id) INCLUDE (total_impression);
SELECT pinterest.materialize('live.report', 'ads.unfit', false);
DROP INDEX ads.unfit_index;
SELECT pinterest.refresh('ads.unfit');
DROP TABLE ads.unfit;
SELECT pinterest.materialize('live.report', 'ads.spend');
SELECT pinterest.materialize('live.report', 'live.report');
-- not another source in place of the first, as long as that is there
SELECT pinterest.materialize('live.filtered', 'ads.campaigns', false);
SELECT source FROM pinterest_internal.materialized_tables WHERE target = 'ads.campaigns'::regclass;
SELECT pinterest.materialize('live.campaigns', 'ads.campaigns', false);
CREATE FOREIGN TABLE live.first (advertiser_id text, campaign_id text, name text)
  SERVER sandbox OPTIONS (resource 'campaigns');
SELECT pinterest.materialize('live.first', 'ads.second', false);
DROP FOREIGN TABLE live.first;
SELECT pinterest.materialize('live.filtered', 'ads.second', false);
SELECT source, columns FROM pinterest_internal.materialized_tables WHERE target = 'ads.second'::regclass;
DROP TABLE ads.second;
-- names are not cut: two long ones would become one table
SELECT pinterest.materialize('live.filtered', 'ads.' || repeat('x', 63), false);
DROP TABLE ads.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;
SELECT pinterest.materialize('live.filtered', 'ads.' || repeat('x', 64), false);
SELECT pinterest.materialize('live.filtered', repeat('x', 64) || '.filtered', false);
SELECT pinterest.materialize('live.filtered', 'ads."' || repeat('€', 22) || '"', false);
SELECT pinterest.materialize('live.filtered', ' ads . "' || repeat('€', 19) || '."".xx"', false)::text ~ '\."€+\."""?\.xx"$' AS sixty_three;
SELECT pinterest.materialize('live.filtered', 'ads."' || repeat('""', 64) || '"', false);
SELECT count(*) FROM pg_class WHERE relnamespace = 'ads'::regnamespace AND relname ~ '(xxx|€)' AND relkind = 'r';
SELECT format('DROP TABLE %s', oid::regclass) AS drop FROM pg_class WHERE relnamespace = 'ads'::regnamespace AND relname ~ '€' AND relkind = 'r' \gset
:drop;

-- ===================================================================
-- the foreign table changes
-- ===================================================================
ALTER FOREIGN TABLE live.report ADD COLUMN total_engagement bigint, ADD COLUMN "Odd ""name" text OPTIONS (column_name 'CAMPAIGN_NAME');
SELECT inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.report');
SELECT count(*) > 0 AS some, count(*) = count(total_engagement) AND count(*) = count("Odd ""name") AS filled FROM ads.report;
SELECT col_description('ads.report'::regclass, attnum) FROM pg_attribute WHERE attrelid = 'ads.report'::regclass AND attname = 'total_engagement';
SELECT columns FROM pinterest_internal.materialized_tables WHERE target = 'ads.report'::regclass;
ALTER FOREIGN TABLE live.report DROP COLUMN "Odd ""name";
SELECT pinterest.refresh('ads.report');
SELECT pinterest.materialize('live.report', 'ads.report');
ALTER TABLE ads.report DROP COLUMN total_engagement;
SELECT pinterest.refresh('ads.report');
SELECT pinterest.materialize('live.report', 'ads.report');
ALTER TABLE ads.report ADD COLUMN total_engagement int;
SELECT pinterest.refresh('ads.report');
ALTER TABLE ads.report ALTER COLUMN total_engagement TYPE bigint;
SELECT inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.report');
-- or goes
DROP FOREIGN TABLE live.report;
SELECT target, source FROM pinterest_internal.materialized_tables WHERE target = 'ads.report'::regclass;
SELECT pinterest.refresh('ads.report');

-- ===================================================================
-- triggers, foreign keys, interrupted refreshes
-- ===================================================================
-- a trigger names what it uses with its schema, or has a search path of its own
CREATE FUNCTION public.helper() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION ads.on_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS 'BEGIN PERFORM helper(); RETURN new; END';
CREATE TRIGGER on_change BEFORE UPDATE ON ads.campaigns FOR EACH ROW EXECUTE FUNCTION ads.on_change();
CREATE TABLE ads.child (advertiser_id text, campaign_id text, FOREIGN KEY (advertiser_id, campaign_id) REFERENCES ads.campaigns);
INSERT INTO ads.child SELECT advertiser_id, campaign_id FROM ads.campaigns;
INSERT INTO ads.campaigns (advertiser_id, campaign_id) VALUES (:'advertiser', '1');
UPDATE ads.campaigns SET name = 'x';
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.campaigns');
INSERT INTO ads.campaigns (advertiser_id, campaign_id) VALUES (:'advertiser', '1');
INSERT INTO ads.child VALUES (:'advertiser', '1');
\set VERBOSITY sqlstate
SELECT pinterest.refresh('ads.campaigns');
\set VERBOSITY default
TRUNCATE ads.child;
-- failed or cancelled on the last row: nothing has changed
UPDATE ads.campaigns SET name = 'x' WHERE campaign_id <> '1';
CREATE OR REPLACE FUNCTION ads.on_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF new.campaign_id = (SELECT max(campaign_id) FROM ads.campaigns) THEN
		RAISE 'not this one';
	END IF;
	RETURN new;
END $$;
SELECT pinterest.refresh('ads.campaigns');
SELECT count(*), bool_and(coalesce(name = 'x', campaign_id = '1')) AS unchanged FROM ads.campaigns;
CREATE OR REPLACE FUNCTION ads.on_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF new.campaign_id = (SELECT max(campaign_id) FROM ads.campaigns) THEN
		PERFORM pg_cancel_backend(pg_backend_pid()), pg_sleep(600);
	END IF;
	RETURN new;
END $$;
SELECT pinterest.refresh('ads.campaigns');
SELECT count(*), bool_and(coalesce(name = 'x', campaign_id = '1')) AS unchanged FROM ads.campaigns;
SELECT count(*) FROM pg_locks WHERE classid = 'pinterest_internal.materialized_tables'::regclass;
DROP TRIGGER on_change ON ads.campaigns;
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.campaigns');
-- within an exception block
DO $$
BEGIN
	UPDATE ads.campaigns SET name = 'x';
	PERFORM pinterest.refresh('ads.campaigns');
	RAISE 'away with it';
EXCEPTION WHEN raise_exception THEN
	NULL;
END $$;
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.campaigns');
-- more than fits into memory
SET work_mem = '64kB';
SELECT ads.differences('live.ad_report', pinterest.materialize('live.ad_report', 'ads.ad_report'));
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.ad_report');
RESET work_mem;
SELECT count(*) FROM pg_ls_tmpdir() WHERE name LIKE 'pgsql_tmp' || pg_backend_pid() || '.%';

-- ===================================================================
-- privileges
-- ===================================================================
CREATE ROLE regress_pinterest_analyst;
CREATE ROLE regress_pinterest_reader;
GRANT CREATE ON SCHEMA ads TO regress_pinterest_analyst;
GRANT USAGE ON SCHEMA live, ads TO regress_pinterest_analyst, regress_pinterest_reader;
\set ECHO none
CREATE USER MAPPING FOR regress_pinterest_analyst SERVER sandbox OPTIONS (access_token :'token');
\set ECHO all
SET ROLE regress_pinterest_analyst;
SELECT pinterest.materialize('live.filtered', 'ads.mine', false);
RESET ROLE;
GRANT SELECT ON live.filtered, live.campaigns TO regress_pinterest_analyst;
SET ROLE regress_pinterest_analyst;
SELECT pinterest.materialize('live.filtered', 'ads.mine');
SELECT relowner::regrole FROM pg_class WHERE oid = 'ads.mine'::regclass;
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.mine');
-- neither other people's tables
SELECT pinterest.materialize('live.campaigns', 'ads.campaigns');
SELECT pinterest.refresh('ads.campaigns');
-- nor the registry
SELECT target FROM pinterest_internal.materialized_tables WHERE target = 'ads.mine'::regclass;
INSERT INTO pinterest_internal.materialized_tables VALUES ('ads.mine', 'live.campaigns', '{}');
UPDATE pinterest_internal.materialized_tables SET source = 'live.campaigns';
DELETE FROM pinterest_internal.materialized_tables;
-- all on the table is not enough
RESET ROLE;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON ads.filtered TO regress_pinterest_analyst;
SET ROLE regress_pinterest_analyst;
SELECT pinterest.refresh('ads.filtered');
RESET ROLE;
-- a member of the owner acts as that, with its mapping and privileges
CREATE ROLE regress_pinterest_team;
GRANT USAGE, CREATE ON SCHEMA ads TO regress_pinterest_team;
GRANT regress_pinterest_team TO regress_pinterest_analyst;
ALTER TABLE ads.filtered OWNER TO regress_pinterest_team;
REVOKE ALL ON ads.filtered FROM regress_pinterest_analyst;
UPDATE ads.filtered SET name = 'x';
SET ROLE regress_pinterest_analyst;
SELECT pinterest.refresh('ads.filtered');
RESET ROLE;
GRANT SELECT ON live.filtered TO regress_pinterest_team;
SET ROLE regress_pinterest_analyst;
SELECT pinterest.refresh('ads.filtered');
RESET ROLE;
\set ECHO none
CREATE USER MAPPING FOR regress_pinterest_team SERVER sandbox OPTIONS (access_token :'token');
\set ECHO all
SET ROLE regress_pinterest_analyst;
SELECT inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.filtered');
RESET ROLE;
-- new columns as well
ALTER FOREIGN TABLE live.filtered ADD COLUMN status text;
SET ROLE regress_pinterest_analyst;
SELECT inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.filtered');
RESET ROLE;
-- but not those of types that bring code of others along
CREATE ROLE regress_pinterest_other;
CREATE DOMAIN ads.others AS text CHECK (value <> '');
ALTER DOMAIN ads.others OWNER TO regress_pinterest_other;
CREATE DOMAIN ads.ours AS ads.others;
ALTER FOREIGN TABLE live.filtered ADD COLUMN objective_type ads.others;
SELECT pinterest.refresh('ads.filtered');
ALTER FOREIGN TABLE live.filtered ALTER COLUMN objective_type TYPE ads.ours;
SELECT pinterest.refresh('ads.filtered');
\set VERBOSITY terse
SELECT pinterest.materialize('live.filtered', 'ads.refused');
\set VERBOSITY default
ALTER DOMAIN ads.others OWNER TO regress_pinterest_team;
SELECT inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.filtered');
-- whatever they belonged to before
ALTER DOMAIN ads.others OWNER TO regress_pinterest_other;
SELECT pinterest.refresh('ads.filtered');
SELECT pinterest.materialize('live.filtered', 'ads.filtered');
ALTER FOREIGN TABLE live.filtered DROP COLUMN objective_type;
SELECT pinterest.materialize('live.filtered', 'ads.filtered', false);
ALTER TABLE ads.filtered DROP COLUMN objective_type;
DROP DOMAIN ads.ours, ads.others;
-- a superuser who adopts somebody's table does so for that
REVOKE SELECT ON live.filtered FROM regress_pinterest_team;
SELECT pinterest.materialize('live.filtered', 'ads.filtered', false);
GRANT SELECT ON live.filtered TO regress_pinterest_team;
-- whoever reads the table needs nothing else
GRANT SELECT ON ads.filtered TO regress_pinterest_reader;
SET ROLE regress_pinterest_reader;
SELECT count(*) > 0 AS readable FROM ads.filtered;
SELECT pinterest.refresh('ads.filtered');
RESET ROLE;

-- ===================================================================
-- dropping
-- ===================================================================
SET ROLE regress_pinterest_analyst;
DROP TABLE ads.mine;
RESET ROLE;
SELECT target FROM pinterest_internal.materialized_tables ORDER BY target::text COLLATE "C";
ALTER TABLE ads.filtered RENAME TO renamed;
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.renamed');
ALTER TABLE ads.report DETACH PARTITION ads.report_rest;
DROP TABLE ads.report CASCADE;
SELECT count(*) FROM pinterest_internal.materialized_tables WHERE source = 0;
\! python3 -c "$ORDER" POST settings '{"revision": 0}'
DROP SCHEMA ads CASCADE;
SELECT count(*) FROM pinterest_internal.materialized_tables;
DROP USER MAPPING FOR regress_pinterest_analyst SERVER sandbox;
DROP USER MAPPING FOR regress_pinterest_team SERVER sandbox;
DROP OWNED BY regress_pinterest_analyst, regress_pinterest_reader, regress_pinterest_team;
DROP ROLE regress_pinterest_analyst, regress_pinterest_reader, regress_pinterest_team, regress_pinterest_other;
DROP FOREIGN TABLE live.filtered, live.weekly, live.monthly, live.total, live.no_key;
DROP FUNCTION public.helper();
RESET client_min_messages;
