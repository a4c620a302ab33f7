--
-- Refreshes of tables that others depend on: triggers, row-level security,
-- foreign keys, views, constraints, columns of one's own, partitions
--
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\set ECHO none
\getenv token PINTEREST_SANDBOX_TOKEN
\getenv advertiser PINTEREST_SANDBOX_ADVERTISER
\set ECHO all
CREATE SCHEMA ads;
-- what a refresh did; each kind of change to the campaigns is made on purpose
CREATE FUNCTION ads.refreshed(target regclass)
RETURNS TABLE (inserted bigint, updated bigint, deleted bigint, unchanged boolean)
LANGUAGE sql AS $$
	SELECT r.inserted, r.updated, r.deleted, r.unchanged > 0 FROM pinterest.refresh(target) AS r $$;
CREATE FUNCTION ads.differences(a regclass, b regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	result bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM ((TABLE %1$s EXCEPT ALL TABLE %2$s) UNION ALL (TABLE %2$s EXCEPT ALL TABLE %1$s)) d', a, b) INTO result;
	RETURN result;
END $$;
CREATE FOREIGN TABLE live.small (advertiser_id text, campaign_id text, name text, status text)
  SERVER sandbox OPTIONS (resource 'campaigns');
SELECT pinterest.materialize('live.small', 'ads.small');
-- one row of each kind: missing, wrong, one too many
CREATE PROCEDURE ads.disturb() LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM ads.small WHERE campaign_id = (SELECT min(campaign_id) FROM ads.small);
	UPDATE ads.small SET name = 'x' WHERE campaign_id = (SELECT max(campaign_id) FROM ads.small);
	INSERT INTO ads.small SELECT advertiser_id, '1', 'gone', NULL FROM ads.small LIMIT 1;
END $$;

-- ===================================================================
-- triggers
-- ===================================================================
CREATE TABLE ads.audit (at text, op text, old_name text, new_name text, n bigint);
CREATE FUNCTION ads.row_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ads.audit VALUES (tg_when, tg_op, CASE WHEN tg_op <> 'INSERT' THEN old.name END,
	                              CASE WHEN tg_op <> 'DELETE' THEN new.name END, 1);
	RETURN CASE WHEN tg_op = 'DELETE' THEN old ELSE new END;
END $$;
CREATE FUNCTION ads.statement_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ads.audit VALUES ('STATEMENT', tg_op, NULL, NULL, (SELECT count(*) FROM changed));
	RETURN NULL;
END $$;
CALL ads.disturb();
CREATE TRIGGER b BEFORE INSERT OR UPDATE OR DELETE ON ads.small FOR EACH ROW EXECUTE FUNCTION ads.row_trigger();
CREATE TRIGGER a AFTER INSERT OR UPDATE OR DELETE ON ads.small FOR EACH ROW EXECUTE FUNCTION ads.row_trigger();
CREATE TRIGGER i AFTER INSERT ON ads.small REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ads.statement_trigger();
CREATE TRIGGER u AFTER UPDATE ON ads.small REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ads.statement_trigger();
CREATE TRIGGER d AFTER DELETE ON ads.small REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ads.statement_trigger();
SELECT * FROM ads.refreshed('ads.small');
-- only for rows that change, and once per command
SELECT at, op, old_name IN ('x', 'gone') AS old, new_name <> 'x' AS new, n FROM ads.audit ORDER BY at COLLATE "C", op COLLATE "C";
TRUNCATE ads.audit;
SELECT * FROM ads.refreshed('ads.small');
SELECT * FROM ads.audit WHERE at <> 'STATEMENT' OR n > 0;
DROP TRIGGER b ON ads.small;
DROP TRIGGER a ON ads.small;
DROP TRIGGER i ON ads.small;
DROP TRIGGER u ON ads.small;
DROP TRIGGER d ON ads.small;
-- a trigger's own view of a row counts, and what it keeps out stays out
CREATE FUNCTION ads.change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF tg_op = 'DELETE' THEN
		RETURN NULL;
	END IF;
	new.status := lower(new.status);
	RETURN new;
END $$;
CREATE TRIGGER c BEFORE INSERT OR UPDATE OR DELETE ON ads.small FOR EACH ROW EXECUTE FUNCTION ads.change();
CALL ads.disturb();
SELECT inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.small');
SELECT bool_or(campaign_id = '1') AS kept FROM ads.small;
DROP TRIGGER c ON ads.small;
-- a refresh within a refresh of the same table
CREATE FUNCTION ads.again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pinterest.refresh('ads.small');
	RETURN NULL;
END $$;
CREATE TRIGGER again AFTER UPDATE ON ads.small FOR EACH STATEMENT EXECUTE FUNCTION ads.again();
\set VERBOSITY terse
SELECT * FROM ads.refreshed('ads.small');
\set VERBOSITY default
DROP TRIGGER again ON ads.small;
-- constraint triggers, also those that would wait for the end of the transaction
CREATE FUNCTION ads.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''not %'', tg_op; END';
CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE OR INSERT ON ads.small DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (new.name <> 'x') EXECUTE FUNCTION ads.refuse();
UPDATE ads.small SET name = 'x' WHERE name <> 'gone';
SELECT * FROM ads.refreshed('ads.small');
SELECT bool_and(name = 'x' OR name = 'gone') AS unchanged FROM ads.small;
DROP TRIGGER refuse ON ads.small;
SELECT updated > 0 AS updated FROM pinterest.refresh('ads.small');
SELECT ads.differences('live.small', 'ads.small');

-- ===================================================================
-- row-level security
-- ===================================================================
CREATE ROLE regress_pinterest_owner;
CREATE ROLE regress_pinterest_loader IN ROLE regress_pinterest_owner;
CREATE ROLE regress_pinterest_admin BYPASSRLS IN ROLE regress_pinterest_owner;
GRANT USAGE ON SCHEMA live TO PUBLIC;
GRANT ALL ON SCHEMA ads TO PUBLIC;
GRANT SELECT ON live.small TO regress_pinterest_owner;
\set ECHO none
CREATE USER MAPPING FOR regress_pinterest_owner SERVER sandbox OPTIONS (access_token :'token');
\set ECHO all
ALTER TABLE ads.small OWNER TO regress_pinterest_owner;
ALTER TABLE ads.audit OWNER TO regress_pinterest_owner;
ALTER TABLE ads.small ENABLE ROW LEVEL SECURITY;
CALL ads.disturb();
-- not for the owner
SET ROLE regress_pinterest_owner;
SELECT * FROM ads.refreshed('ads.small');
RESET ROLE;
-- nor for who acts as the owner
CALL ads.disturb();
SET ROLE regress_pinterest_loader;
SELECT * FROM ads.refreshed('ads.small');
RESET ROLE;
-- if it is forced on the owner, who sees no row without a policy, all are new
ALTER TABLE ads.small FORCE ROW LEVEL SECURITY;
CALL ads.disturb();
SET ROLE regress_pinterest_loader;
SELECT * FROM ads.refreshed('ads.small');
RESET ROLE;
-- a policy that hides some of the rows that are loaded
CREATE POLICY visible ON ads.small USING (name <> 'x');
SET ROLE regress_pinterest_loader;
SELECT * FROM ads.refreshed('ads.small');
SET row_security = off;
SELECT * FROM ads.refreshed('ads.small');
RESET row_security;
-- also for those who bypass it on their own
SET ROLE regress_pinterest_admin;
SELECT * FROM ads.refreshed('ads.small');
RESET ROLE;
SELECT * FROM ads.refreshed('ads.small');
-- one that lets nobody write
CREATE POLICY nobody ON ads.small AS RESTRICTIVE FOR INSERT WITH CHECK (false);
SET ROLE regress_pinterest_loader;
SELECT * FROM ads.refreshed('ads.small');
RESET ROLE;
DROP POLICY nobody ON ads.small;
SELECT count(*) FROM ads.small WHERE name IN ('x', 'gone');
-- a policy that shows all that is loaded
DROP POLICY visible ON ads.small;
\set ECHO none
SELECT format('CREATE POLICY ours ON ads.small USING (advertiser_id = ANY (%L))', string_to_array(:'advertiser', ',')) AS policy \gset
\set ECHO all
:policy;
INSERT INTO ads.small VALUES ('1', '1', 'of somebody else', NULL);
SET ROLE regress_pinterest_loader;
SELECT * FROM ads.refreshed('ads.small');
RESET ROLE;
CALL ads.disturb();
SET ROLE regress_pinterest_owner;
SELECT * FROM ads.refreshed('ads.small');
RESET ROLE;
SELECT ads.differences('live.small', 'ads.small');
DELETE FROM ads.small WHERE advertiser_id = '1';
ALTER TABLE ads.small OWNER TO CURRENT_USER;
ALTER TABLE ads.small DISABLE ROW LEVEL SECURITY;

-- ===================================================================
-- foreign keys
-- ===================================================================
SELECT advertiser_id AS adv, campaign_id AS one FROM ads.small ORDER BY 2 LIMIT 1 \gset
CREATE TABLE ads.cascaded (a text, c text, FOREIGN KEY (a, c) REFERENCES ads.small ON DELETE CASCADE);
CREATE TABLE ads.nulled (a text, c text, FOREIGN KEY (a, c) REFERENCES ads.small ON DELETE SET NULL);
CREATE TABLE ads.deferred (a text, c text, FOREIGN KEY (a, c) REFERENCES ads.small DEFERRABLE INITIALLY DEFERRED);
INSERT INTO ads.small VALUES (:'adv', '1', 'gone', NULL);
INSERT INTO ads.cascaded VALUES (:'adv', '1'), (:'adv', :'one');
INSERT INTO ads.nulled VALUES (:'adv', '1'), (:'adv', :'one');
UPDATE ads.small SET name = 'x' WHERE campaign_id = :'one';
SELECT * FROM ads.refreshed('ads.small');
SELECT count(*), count(c) FROM ads.cascaded;
SELECT count(*), count(c) FROM ads.nulled;
INSERT INTO ads.small VALUES (:'adv', '1', 'gone', NULL);
INSERT INTO ads.deferred VALUES (:'adv', '1'), (:'adv', :'one');
\set VERBOSITY sqlstate
SELECT * FROM ads.refreshed('ads.small');
\set VERBOSITY default
-- what is put off is checked at once
BEGIN;
DELETE FROM ads.deferred WHERE c = '1';
INSERT INTO ads.deferred VALUES (:'adv', '2');
\set VERBOSITY sqlstate
SELECT * FROM ads.refreshed('ads.small');
\set VERBOSITY default
ROLLBACK;
DELETE FROM ads.deferred WHERE c = '1';
SELECT * FROM ads.refreshed('ads.small');
SELECT count(*) FROM ads.small WHERE campaign_id = '1';
DROP TABLE ads.cascaded, ads.nulled, ads.deferred;
-- and one that the table has itself
CREATE TABLE ads.statuses (status text PRIMARY KEY);
INSERT INTO ads.statuses SELECT DISTINCT status FROM ads.small;
ALTER TABLE ads.small ADD FOREIGN KEY (status) REFERENCES ads.statuses;
CALL ads.disturb();
SELECT * FROM ads.refreshed('ads.small');
TRUNCATE ads.small CASCADE;
DELETE FROM ads.statuses WHERE status = 'ACTIVE';
\set VERBOSITY sqlstate
SELECT * FROM ads.refreshed('ads.small');
\set VERBOSITY default
SELECT count(*) FROM ads.small;
DROP TABLE ads.statuses CASCADE;
SELECT inserted > 0 AS inserted, updated, deleted FROM pinterest.refresh('ads.small');

-- ===================================================================
-- views, rules, constraints, columns of one's own
-- ===================================================================
CREATE VIEW ads.names AS SELECT * FROM ads.small WHERE name IS NOT NULL;
CREATE MATERIALIZED VIEW ads.count AS SELECT count(*) AS n FROM ads.small;
CREATE FUNCTION ads.first_name() RETURNS text STABLE LANGUAGE sql BEGIN ATOMIC SELECT min(name) FROM ads.small; END;
CALL ads.disturb();
SELECT * FROM ads.refreshed('ads.small');
ALTER FOREIGN TABLE live.small ADD COLUMN objective_type text;
SELECT inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.small');
SELECT (SELECT count(*) FROM ads.names) = n AS same, ads.first_name() IS NOT NULL AS some FROM ads.count;
-- columns that Pinterest does not have
ALTER TABLE ads.small ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY,
  ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN label text GENERATED ALWAYS AS (upper(name)) STORED,
  ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
UPDATE ads.small SET tags = '{ours}';
CALL ads.disturb();
SELECT * FROM ads.refreshed('ads.small');
SELECT count(*) FILTER (WHERE tags = '{}') AS new, bool_and(label IS NOT DISTINCT FROM upper(name)) AS labels,
       count(DISTINCT id) = count(*) AS ids FROM ads.small;
-- one that must be given is missed
ALTER TABLE ads.small ALTER COLUMN tags DROP DEFAULT;
DELETE FROM ads.small WHERE campaign_id = (SELECT min(campaign_id) FROM ads.small);
\set VERBOSITY terse
SELECT * FROM ads.refreshed('ads.small');
\set VERBOSITY default
ALTER TABLE ads.small DROP COLUMN tags;
-- a constraint that Pinterest does not know
DELETE FROM ads.small WHERE campaign_id = (SELECT min(campaign_id) FROM ads.small);
ALTER TABLE ads.small ADD CONSTRAINT short CHECK (length(name) < 3) NOT VALID;
\set VERBOSITY sqlstate
SELECT * FROM ads.refreshed('ads.small');
\set VERBOSITY default
ALTER TABLE ads.small DROP CONSTRAINT short;
-- a rule besides
CREATE TABLE ads.notes (note text);
CREATE RULE note AS ON UPDATE TO ads.small DO ALSO INSERT INTO ads.notes VALUES (old.name);
CALL ads.disturb();
TRUNCATE ads.notes;
SELECT * FROM ads.refreshed('ads.small');
SELECT count(*) FROM ads.notes;
DROP RULE note ON ads.small;
-- and one instead
CREATE RULE instead AS ON DELETE TO ads.small DO INSTEAD NOTHING;
CALL ads.disturb();
SELECT * FROM ads.refreshed('ads.small');
DROP RULE instead ON ads.small;
SELECT * FROM ads.refreshed('ads.small');
-- other kinds of storage
ALTER TABLE ads.small SET UNLOGGED;
CALL ads.disturb();
SELECT * FROM ads.refreshed('ads.small');
ALTER TABLE ads.small SET (fillfactor = 50), ALTER COLUMN name SET STORAGE EXTERNAL;
CALL ads.disturb();
SELECT * FROM ads.refreshed('ads.small');
-- tables that inherit from it are none of its own
CREATE TABLE ads.heir () INHERITS (ads.small);
INSERT INTO ads.heir (advertiser_id, campaign_id, name, id) VALUES (:'adv', :'one', 'heir', 1), (:'adv', '1', 'heir', 2);
SELECT * FROM ads.refreshed('ads.small');
SELECT count(*) FROM ads.heir;
DROP TABLE ads.heir;
-- columns with the names that our own statements use
CREATE FOREIGN TABLE live.names (advertiser_id text, n text OPTIONS (column_name 'id'), t text OPTIONS (column_name 'name'), "select" text OPTIONS (column_name 'status'))
  SERVER sandbox OPTIONS (resource 'campaigns');
SELECT pinterest.materialize('live.names', 'ads."t n"');
UPDATE ads."t n" SET t = 'x';
SELECT inserted, updated > 0 AS updated, deleted, unchanged FROM pinterest.refresh('ads."t n"');
DROP TABLE ads."t n";

-- ===================================================================
-- partitions
-- ===================================================================
CREATE FOREIGN TABLE live.days (advertiser_id text, campaign_id text, date date, spend_in_dollar numeric)
  SERVER sandbox OPTIONS (resource 'campaign_report', historical_date '60 days');
-- by advertiser, and within that by month
CREATE TABLE ads.days (LIKE live.days, PRIMARY KEY (advertiser_id, campaign_id, date)) PARTITION BY LIST (advertiser_id);
CREATE TABLE ads.days_one PARTITION OF ads.days FOR VALUES IN (:'adv') PARTITION BY RANGE (date);
DO $$
BEGIN
	FOR i IN -3 .. 0 LOOP
		EXECUTE format('CREATE TABLE ads.days_%s PARTITION OF ads.days_one FOR VALUES FROM (%L) TO (%L)', i + 3,
		               date_trunc('month', live.today()) + i * interval '1 month', date_trunc('month', live.today()) + (i + 1) * interval '1 month');
	END LOOP;
END $$;
SELECT pinterest.materialize('live.days', 'ads.days');
SELECT ads.differences('live.days', 'ads.days'), count(DISTINCT tableoid) > 1 AS spread FROM ads.days;
UPDATE ads.days SET spend_in_dollar = -1 WHERE date = live.today() - 3;
DELETE FROM ads.days WHERE date = live.today() - 40;
SELECT inserted > 0 AS inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.days');
SELECT ads.differences('live.days', 'ads.days');
-- partitions that another one takes the place of, by whatever columns
ALTER TABLE ads.days_one DETACH PARTITION ads.days_0;
ALTER TABLE ads.days_one ATTACH PARTITION ads.days_0 DEFAULT;
SELECT inserted, updated, deleted FROM pinterest.refresh('ads.days');
CREATE TABLE ads.other_order (spend_in_dollar numeric, gone int, date date, campaign_id text, advertiser_id text);
ALTER TABLE ads.other_order DROP COLUMN gone, ALTER advertiser_id SET NOT NULL, ALTER campaign_id SET NOT NULL, ALTER date SET NOT NULL;
DROP TABLE ads.days_3;
DO $$
BEGIN
	EXECUTE format('ALTER TABLE ads.days_one ATTACH PARTITION ads.other_order FOR VALUES FROM (%L) TO (MAXVALUE)', date_trunc('month', live.today()));
END $$;
SELECT inserted > 0 AS inserted, updated, deleted FROM pinterest.refresh('ads.days');
SELECT ads.differences('live.days', 'ads.days');
-- a partition that is missing
DROP TABLE ads.days_0, ads.other_order;
\set VERBOSITY sqlstate
SELECT pinterest.refresh('ads.days');
\set VERBOSITY default
DO $$
BEGIN
	PERFORM pinterest.refresh('ads.days');
EXCEPTION WHEN check_violation THEN
	RAISE WARNING '%', sqlerrm;
END $$;
CREATE TABLE ads.days_rest PARTITION OF ads.days_one DEFAULT;
SELECT inserted > 0 AS inserted, updated, deleted FROM pinterest.refresh('ads.days');
DROP TABLE ads.days;
-- by hash
CREATE TABLE ads.days (LIKE live.days, PRIMARY KEY (advertiser_id, campaign_id, date)) PARTITION BY HASH (campaign_id);
CREATE TABLE ads.days_even PARTITION OF ads.days FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE ads.days_odd PARTITION OF ads.days FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT pinterest.materialize('live.days', 'ads.days');
UPDATE ads.days SET spend_in_dollar = -1 WHERE date = live.today() - 3;
SELECT inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.days');
-- a new column reaches all of them
ALTER FOREIGN TABLE live.days ADD COLUMN total_impression bigint;
SELECT inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('ads.days');
SELECT ads.differences('live.days', 'ads.days');

DROP SCHEMA ads CASCADE;
DROP FOREIGN TABLE live.small, live.names, live.days;
REVOKE ALL ON SCHEMA live FROM PUBLIC;
DROP USER MAPPING FOR regress_pinterest_owner SERVER sandbox;
DROP ROLE regress_pinterest_owner, regress_pinterest_loader, regress_pinterest_admin;
RESET client_min_messages;
