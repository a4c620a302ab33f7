--
-- The record of refreshes and the status of materialized tables
--
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\set ECHO none
\getenv token PINTEREST_SANDBOX_TOKEN
\getenv advertiser PINTEREST_SANDBOX_ADVERTISER
\set ECHO all
CREATE SCHEMA status;
-- orders the sandbox to change: method, control, body
\setenv ORDER 'import os, sys, urllib.request as u; u.urlopen(u.Request(os.environ["PINTEREST_SANDBOX_CONTROL"] + "/" + sys.argv[2], "".join(sys.argv[3:]).encode(), method=sys.argv[1])).read()'
TRUNCATE pinterest_internal.refresh_runs, pinterest_internal.refresh_ends;
CREATE FOREIGN TABLE status.live (advertiser_id text, campaign_id text, date date, spend_in_dollar numeric)
  SERVER sandbox OPTIONS (resource 'campaign_report', historical_date '20 days');
CREATE FOREIGN TABLE status.campaigns_live (advertiser_id text, campaign_id text, name text)
  SERVER sandbox OPTIONS (resource 'campaigns');
-- what is the same each time
CREATE VIEW status.short AS
  SELECT target, outcome, sqlstate, message, rows > 0 AS rows, inserted > 0 AS inserted, since - live.today() AS since
    FROM pinterest.refresh_log ORDER BY id;

-- ===================================================================
-- new, ready, failed
-- ===================================================================
SELECT pinterest.materialize('status.live', 'status.report', false);
SELECT target, source, status, rows, data_from, data_to, last_success_at, last_error FROM pinterest.status;
SELECT phase, started_at, pid, percent, windows, rows_read, owner = current_user AS owner, authorized, complete_until FROM pinterest.status;
SELECT * FROM pinterest.refresh_log;
SELECT * FROM pinterest.freshness;
SELECT rows > 0 AS rows FROM pinterest.refresh('status.report');
SELECT target, source, advertiser_id = :'advertiser' AS advertiser, status, rows = (SELECT count(*) FROM status.report) AS rows,
       data_from = (SELECT min(date) FROM status.report) AS data_from, data_to = (SELECT max(date) FROM status.report) AS data_to,
       last_success_at BETWEEN now() - interval '1 minute' AND now() AS last_success, last_error, last_error_at, schedule, next_run_at,
       windows, windows_ready, rows_read, bytes_read, bytes_ready
  FROM pinterest.status;
SELECT phase, started_at, pid, percent, complete_until - live.today() AS complete_until, loaded_with IS NOT NULL AS loaded_with FROM pinterest.status;
SELECT target, target_name, source, started_at < finished_at AS times, duration > interval '0' AND duration < interval '1 minute' AS duration,
       outcome, role = current_user AS role, pid = pg_backend_pid() AS pid, since, rows > 0 AS rows, rows = inserted AS inserted,
       updated, deleted, unchanged, api_calls > 0 AS api_calls, bytes > 0 AS bytes, sqlstate, message, detail, hint
  FROM pinterest.refresh_log;
-- the first load leaves statistics
SELECT reltuples = (SELECT count(*) FROM status.report) AS analyzed FROM pg_class WHERE oid = 'status.report'::regclass;
-- a part of it
SELECT rows > 0 AS rows FROM pinterest.refresh('status.report', live.today() - 5);
SELECT status, rows, data_from, data_to = (SELECT max(date) FROM status.report) AS data_to FROM pinterest.status;
SELECT target, advertiser_id = :'advertiser' AS advertiser, last_success_at > now() - interval '1 minute' AS last_success,
       complete_until - live.today() AS complete_until, left_out_since, sqlstate, reason FROM pinterest.freshness;
-- failures: before, during and after the download
\set VERBOSITY terse
SELECT pinterest.refresh('status.report', live.today() + 1);
\set VERBOSITY default
SELECT status, last_error, last_success_at < last_error_at AS later FROM pinterest.status;
\! python3 -c "$ORDER" POST faults '{"match": {"path": "/reports$"}, "status": 403, "body": {"code": 29, "message": "You are not permitted to access that resource."}}'
\set VERBOSITY terse
SELECT pinterest.refresh('status.report');
\set VERBOSITY default
UPDATE status.report SET spend_in_dollar = -1 WHERE date = live.today() - 3;
CREATE FUNCTION status.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today' USING ERRCODE = 'P0042', DETAIL = 'a detail', HINT = 'a hint'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON status.report FOR EACH STATEMENT EXECUTE FUNCTION status.refuse();
SELECT pinterest.refresh('status.report');
SELECT * FROM status.short;
SELECT outcome, sqlstate, message, detail, hint, finished_at > started_at AS finished, api_calls > 2 AS api_calls, bytes > 1000 AS bytes
  FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1;
DROP TRIGGER refuse ON status.report;
-- seen, and cancelled, by another session once it waits for its report
\setenv DATABASE :DBNAME
CREATE TABLE status.seen (target text, status text, phase text, started boolean, percent integer, windows integer, windows_ready integer, rows_read integer, last_error text, log text);
CREATE PROCEDURE status.see_and_cancel() LANGUAGE plpgsql AS $$
BEGIN
	LOOP
		INSERT INTO status.seen
		SELECT s.target::text, s.status, s.phase, s.started_at = l.started_at AND s.pid = l.pid, s.percent, s.windows, s.windows_ready, s.rows_read, s.last_error, l.outcome
		  FROM pinterest.status s JOIN pinterest.refresh_log l ON l.target = s.target AND l.outcome = 'running' WHERE s.windows > 0;
		EXIT WHEN FOUND;
		COMMIT;
		PERFORM pg_sleep(0.05);
	END LOOP;
	COMMIT;
	PERFORM pg_cancel_backend(pid) FROM pinterest.status WHERE status = 'importing';
END $$;
\setenv CANCEL 'CALL status.see_and_cancel()'
\! python3 -c "$ORDER" POST settings '{"report_delay": 600}'
\! psql -X -q -d "$DATABASE" -c "$CANCEL" >/dev/null 2>&1 &
SELECT pinterest.refresh('status.report');
\! python3 -c "$ORDER" POST settings '{"report_delay": 0}'
SELECT status, last_error FROM pinterest.status;
SELECT * FROM status.seen;
SELECT phase, started_at, pid, percent FROM pinterest.status;
SELECT complete_until - live.today() AS complete_until, left_out_since, sqlstate, reason FROM pinterest.freshness;
SELECT rows > 0 AS rows FROM pinterest.refresh('status.report');
SELECT status, last_error, last_error_at FROM pinterest.status;
-- what is not a failure of the table
SELECT pinterest.refresh('pg_class');
SELECT count(*) FROM pinterest.refresh_log;

-- ===================================================================
-- transactions
-- ===================================================================
TRUNCATE pinterest_internal.refresh_runs, pinterest_internal.refresh_ends;
SELECT status, last_success_at, last_error FROM pinterest.status;
SELECT pinterest.materialize('status.campaigns_live', 'status.campaigns');
-- a success is one when it is committed
BEGIN;
SELECT rows > 0 AS rows FROM pinterest.refresh('status.campaigns');
SELECT * FROM status.short;
ROLLBACK;
SELECT * FROM status.short;
-- a failure is one whatever happens
DO $$
BEGIN
	PERFORM pinterest.refresh('status.campaigns', live.today());
EXCEPTION WHEN OTHERS THEN
	NULL;
END $$;
BEGIN;
SAVEPOINT s;
SELECT pinterest.refresh('status.campaigns', live.today());
ROLLBACK TO s;
SELECT rows > 0 AS rows FROM pinterest.refresh('status.campaigns');
SELECT rows > 0 AS rows FROM pinterest.refresh('status.campaigns');
COMMIT;
SELECT * FROM status.short;
-- with one snapshot for all: no failure of the table, either
SELECT count(*) FROM status.short;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pinterest.refresh('status.campaigns');
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT pinterest.refresh('status.campaigns');
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT pinterest.materialize('status.campaigns_live', 'status.frozen');
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT pinterest.materialize('status.campaigns_live', 'status.frozen', with_data => false);
ROLLBACK;
SELECT count(*) FROM status.short;
-- a table that does not come to be
\! python3 -c "$ORDER" POST faults '{"match": {"path": "/campaigns$"}, "status": 403, "body": {"code": 29, "message": "You are not permitted to access that resource."}}'
\set VERBOSITY terse
SELECT pinterest.materialize('status.campaigns_live', 'status.never');
\set VERBOSITY default
SELECT target, target_name, outcome, sqlstate FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1;
-- nor one that goes
CREATE TABLE status.going (LIKE status.campaigns INCLUDING ALL);
SELECT pinterest.materialize('status.campaigns_live', 'status.going');
DROP TABLE status.going;
SELECT target, target_name, outcome, sqlstate FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1;
SELECT target FROM pinterest.status ORDER BY 1;

-- ===================================================================
-- history
-- ===================================================================
-- a date that Pinterest's history has long left behind
CREATE FOREIGN TABLE status.old_live (advertiser_id text, campaign_id text, date date, spend_in_dollar numeric)
  SERVER sandbox OPTIONS (resource 'campaign_report', historical_date '2019-06-30');
SELECT pinterest.materialize('status.old_live', 'status.old');
SELECT data_from - live.today() AS data_from, data_to - live.today() AS data_to FROM pinterest.status WHERE target = 'status.old'::regclass;
-- what was loaded then, Pinterest no longer has
UPDATE status.old SET date = date - 100 WHERE date BETWEEN live.today() - 913 AND live.today() - 814;
SELECT campaign_id AS one FROM status.old ORDER BY 1 LIMIT 1 \gset
INSERT INTO status.old VALUES (:'advertiser', :'one', '2019-07-01', 1);
SELECT count(*) AS older FROM status.old WHERE date < live.today() - 913 \gset
SELECT inserted > 0 AS inserted, updated, deleted FROM pinterest.refresh('status.old');
SELECT count(*) = :older AS stays FROM status.old WHERE date < live.today() - 913;
SELECT rows = (SELECT count(*) FROM status.old) AS rows, data_from, data_to - live.today() AS data_to FROM pinterest.status WHERE target = 'status.old'::regclass;
SELECT inserted, updated, deleted FROM pinterest.refresh('status.old', live.today() - 30);
SELECT rows = (SELECT count(*) FROM status.old) AS rows, data_from, data_to - live.today() AS data_to FROM pinterest.status WHERE target = 'status.old'::regclass;
-- a shorter history loads, and deletes, no more than that
ALTER FOREIGN TABLE status.old_live OPTIONS (SET historical_date '30 days');
UPDATE status.old SET spend_in_dollar = -1;
SELECT inserted, updated > 0 AS updated, deleted FROM pinterest.refresh('status.old');
SELECT max(date) - live.today() AS untouched FROM status.old WHERE spend_in_dollar = -1;
SELECT rows = (SELECT count(*) FROM status.old) AS rows, data_from, data_to - live.today() AS data_to FROM pinterest.status WHERE target = 'status.old'::regclass;
-- what others delete is noticed
DELETE FROM status.old WHERE date < live.today() - 100;
SELECT rows > 0 AS rows FROM pinterest.refresh('status.old');
SELECT rows = (SELECT count(*) FROM status.old) AS rows, data_from = (SELECT min(date) FROM status.old) AS data_from FROM pinterest.status WHERE target = 'status.old'::regclass;
-- nothing to load from any more
DROP FOREIGN TABLE status.old_live;
SELECT source, status, rows > 0 AS rows FROM pinterest.status WHERE target = 'status.old'::regclass;
SELECT count(*) FROM pinterest_internal.freshness WHERE target = 'status.old'::regclass;
SELECT 'status.old'::regclass::oid AS old \gset
DROP TABLE status.old;
SELECT count(*) FROM pinterest_internal.freshness WHERE target = :old;
-- by hour, days are those of UTC
CREATE FOREIGN TABLE status.hourly_live (advertiser_id text, campaign_id text, date timestamptz, spend_in_dollar numeric)
  SERVER sandbox OPTIONS (resource 'campaign_report', granularity 'hour', historical_date '2 days');
SET timezone = 'Pacific/Kiritimati';
SELECT pinterest.materialize('status.hourly_live', 'status.hourly');
SELECT data_from = (SELECT min(date AT TIME ZONE 'UTC')::date FROM status.hourly) AS data_from,
       data_to = (SELECT max(date AT TIME ZONE 'UTC')::date FROM status.hourly) AS data_to
  FROM pinterest.status WHERE target = 'status.hourly'::regclass;
INSERT INTO status.hourly VALUES (:'advertiser', '1', '2024-02-29 23:30+00');
SELECT inserted, updated, deleted FROM pinterest.refresh('status.hourly');
SELECT data_from, data_to = (SELECT max(date AT TIME ZONE 'UTC')::date FROM status.hourly) AS data_to
  FROM pinterest.status WHERE target = 'status.hourly'::regclass;
RESET timezone;

-- ===================================================================
-- the record does not grow for ever
-- ===================================================================
TRUNCATE pinterest_internal.refresh_runs, pinterest_internal.refresh_ends;
INSERT INTO pinterest_internal.refresh_runs (id, target, target_name, source, started_at, owner, role, pid)
SELECT -i, 'status.campaigns'::regclass, 'many', 0, now() - i * interval '1 hour', 10, 10, 0 FROM generate_series(1, 600) i;
INSERT INTO pinterest_internal.refresh_ends (id, finished_at, sqlstate, message)
SELECT -i, now(), '00000', 'x' FROM generate_series(1, 600) i;
UPDATE pinterest_internal.refresh_ends SET sqlstate = NULL WHERE id = -580;
INSERT INTO pinterest_internal.refresh_runs (id, target, target_name, source, started_at, owner, role, pid)
VALUES (-601, NULL, 'gone lately', 0, now() - interval '89 days', 10, 10, 0), (-602, 99999999, 'gone long ago', 0, now() - interval '91 days', 10, 10, 0),
       (-603, 'status.report'::regclass, 'old', 0, now() - interval '91 days', 10, 10, 0);
SELECT setval('pinterest_internal.refresh_ids', nextval('pinterest_internal.refresh_ids') / 10 * 10 + 9) > 0 AS next_ends_with_zero;
SELECT pinterest.refresh('status.campaigns', live.today());
SELECT count(*), count(*) FILTER (WHERE id > 0) AS new, count(*) FILTER (WHERE id = -580) AS last_success, min(id) FILTER (WHERE id < 0 AND id <> -580) AS oldest,
       count(*) - count(e) AS without_end
  FROM pinterest_internal.refresh_runs LEFT JOIN pinterest_internal.refresh_ends e USING (id) WHERE target = 'status.campaigns'::regclass;
SELECT count(*) FROM pinterest_internal.refresh_ends WHERE id NOT IN (SELECT id FROM pinterest_internal.refresh_runs);
SELECT target_name FROM pinterest_internal.refresh_runs WHERE id < -600 ORDER BY id;
SELECT status FROM pinterest.status WHERE target = 'status.campaigns'::regclass;

-- ===================================================================
-- privileges
-- ===================================================================
TRUNCATE pinterest_internal.refresh_runs, pinterest_internal.refresh_ends;
CREATE ROLE regress_pinterest_owner;
CREATE ROLE regress_pinterest_reader;
CREATE ROLE regress_pinterest_refresher IN ROLE regress_pinterest_owner;
CREATE ROLE regress_pinterest_monitor IN ROLE pg_monitor;
CREATE ROLE regress_pinterest_stranger;
GRANT USAGE, CREATE ON SCHEMA status TO PUBLIC;
GRANT SELECT ON status.short TO PUBLIC;
GRANT SELECT ON status.campaigns_live TO regress_pinterest_owner;
GRANT USAGE ON SCHEMA live TO PUBLIC;
GRANT SELECT ON status.campaigns TO regress_pinterest_reader;
\set ECHO none
CREATE USER MAPPING FOR regress_pinterest_owner SERVER sandbox OPTIONS (access_token :'token');
\set ECHO all
ALTER TABLE status.campaigns OWNER TO regress_pinterest_owner;
SET ROLE regress_pinterest_owner;
SELECT rows > 0 AS rows FROM pinterest.refresh('status.campaigns');
SET ROLE regress_pinterest_refresher;
SELECT rows > 0 AS rows FROM pinterest.refresh('status.campaigns');
SET ROLE regress_pinterest_reader;
SELECT pinterest.refresh('status.campaigns');
SET ROLE regress_pinterest_stranger;
SELECT pinterest.refresh('status.campaigns');
CALL pinterest.refresh_all();
RESET ROLE;
-- who sees what
SET ROLE regress_pinterest_owner;
SELECT target, status FROM pinterest.status;
SELECT target, outcome, role FROM pinterest.refresh_log ORDER BY id;
SET ROLE regress_pinterest_reader;
SELECT target, status FROM pinterest.status;
SELECT target, outcome, role FROM pinterest.refresh_log ORDER BY id;
SELECT target, left_out_since FROM pinterest.freshness;
SET ROLE regress_pinterest_monitor;
SELECT target, status FROM pinterest.status ORDER BY 1;
SELECT target, outcome, role FROM pinterest.refresh_log ORDER BY id;
SET ROLE regress_pinterest_stranger;
SELECT target, status FROM pinterest.status;
SELECT target, outcome, role FROM pinterest.refresh_log ORDER BY id;
SELECT target FROM pinterest.freshness;
-- the tables behind them are nobody's
SELECT count(*) FROM pinterest_internal.refresh_runs;
SELECT count(*) FROM pinterest_internal.refresh_ends;
SELECT count(*) FROM pinterest_internal.freshness;
SELECT count(*) FROM pinterest_internal.refreshes;
INSERT INTO pinterest_internal.refresh_ends (id) VALUES (1);
SELECT nextval('pinterest_internal.refresh_ids');
DELETE FROM pinterest.status;
-- nor does a function of the user's see more than the user
CREATE FUNCTION status.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE WARNING 'leaked %', $1; RETURN true; END $$;
SELECT target FROM pinterest.status WHERE status.leak(status);
SELECT target FROM pinterest.refresh_log WHERE status.leak(outcome);
RESET ROLE;
-- one's own refreshes stay visible
REVOKE regress_pinterest_owner FROM regress_pinterest_refresher;
SET ROLE regress_pinterest_refresher;
SELECT target, status FROM pinterest.status;
SELECT target, outcome, role FROM pinterest.refresh_log ORDER BY id;
RESET ROLE;

-- ===================================================================
-- names that do not exist
-- ===================================================================
SELECT '-'::pinterest_internal.relation, 'nowhere.nothing'::pinterest_internal.relation, '"No ""table"'::pinterest_internal.relation, 'pg_class'::pinterest_internal.relation;
SELECT 'a.b.c.d'::pinterest_internal.relation;
SELECT 12345678::oid::pinterest_internal.relation;
SELECT 'pg_class'::pinterest_internal.relation::regclass, 'pg_class'::pinterest_internal.relation = 'pg_class'::regclass AS equal;
INSERT INTO pinterest_internal.materialized_tables VALUES ('nowhere.nothing', 'nowhere.nothing', '{}'), ('-', '-', '{}');
SELECT target FROM pinterest_internal.materialized_tables ORDER BY target::text;
-- as an argument
SELECT count(*) FROM (SELECT pinterest.refresh(target) FROM pinterest_internal.materialized_tables WHERE target = 'status.campaigns'::regclass) r;

DROP USER MAPPING FOR regress_pinterest_owner SERVER sandbox;
DROP SCHEMA status CASCADE;
SELECT target FROM pinterest.status;
DROP OWNED BY regress_pinterest_owner, regress_pinterest_reader, regress_pinterest_refresher, regress_pinterest_monitor, regress_pinterest_stranger;
REVOKE USAGE ON SCHEMA live FROM PUBLIC;
DROP ROLE regress_pinterest_owner, regress_pinterest_reader, regress_pinterest_refresher, regress_pinterest_monitor, regress_pinterest_stranger;
RESET client_min_messages;
