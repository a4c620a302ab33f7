--
-- Plans around foreign scans: repeated, parameterized, cached, parallel, below
-- Append and locks; estimates; and what cannot be done
--
SET search_path = live, public;
SET client_min_messages = warning;

CREATE TEMP TABLE c AS SELECT * FROM campaigns;
CREATE TEMP TABLE r AS SELECT * FROM campaign_report WHERE date >= live.today() - 20;
CREATE TEMP TABLE chosen AS SELECT campaign_id, row_number() OVER (ORDER BY campaign_id) AS n FROM c;
ANALYZE chosen;

-- a function whose plans are cached
CREATE FUNCTION live.days_of(id text, since date) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT count(*) FROM campaign_report WHERE campaign_id = id AND date >= since);
END $$;
SELECT n, live.days_of(campaign_id, live.today() - n::int) = (SELECT count(*) FROM r WHERE r.campaign_id = chosen.campaign_id AND date >= live.today() - n::int) AS same
  FROM chosen UNION ALL SELECT 7, live.days_of('no id', live.today()) = 0 UNION ALL SELECT 8, live.days_of(NULL, NULL) = 0 ORDER BY 1;
CREATE FUNCTION live.names_of(statuses text[]) RETURNS SETOF text STABLE LANGUAGE sql AS
  'SELECT name FROM campaigns WHERE status = ANY (statuses)';
SELECT s, (SELECT count(*) FROM live.names_of(s)) = (SELECT count(*) FROM c WHERE status = ANY (s)) AS same
  FROM (VALUES (ARRAY['ACTIVE']), (ARRAY['PAUSED', 'DRAFT']), (ARRAY['none']), (ARRAY[]::text[]), (NULL), (ARRAY[NULL, 'ACTIVE'])) v(s);
DROP FUNCTION live.names_of(text[]);

-- cursors
BEGIN;
DECLARE s SCROLL CURSOR FOR SELECT campaign_id = (SELECT campaign_id FROM c LIMIT 1) AS first FROM campaigns;
FETCH 1 FROM s;
MOVE 3 IN s;
MOVE BACKWARD ALL IN s;
FETCH 1 FROM s;
CLOSE s;
DECLARE h SCROLL CURSOR WITH HOLD FOR SELECT name FROM campaigns WHERE status = 'ACTIVE' ORDER BY 1;
COMMIT;
MOVE ALL IN h;
FETCH BACKWARD 1 FROM h \gset last_
SELECT :'last_name' = max(name) AS same FROM c WHERE status = 'ACTIVE';
CLOSE h;

-- a nested loop, with and without a parameter; the inner scan is asked once
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_material = off;
SET enable_memoize = off;
SELECT count(*) = (SELECT count(*) FROM r JOIN chosen USING (campaign_id) WHERE n <= 2 AND date >= live.today() - 3) AS same
  FROM chosen JOIN campaign_report r USING (campaign_id) WHERE n <= 2 AND date >= live.today() - 3;
SELECT count(*) = (SELECT count(*) FROM chosen JOIN c ON c.created_time > '2021-06-01' AND n > length(c.name) - 8) AS same
  FROM chosen JOIN campaigns c ON c.created_time > '2021-06-01' AND n > length(c.name) - 8;
SELECT count(*) FROM chosen o WHERE EXISTS (SELECT FROM campaigns c WHERE c.campaign_id = o.campaign_id) \gset found_
SELECT :found_count = count(*) AS same FROM chosen;
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_material;
RESET enable_memoize;

-- a correlated subquery whose scan is left early, and goes on the next time
SELECT n, (SELECT campaign_id FROM campaigns WHERE n >= 0 ORDER BY campaign_id OFFSET n - 1 LIMIT 1) = campaign_id AS same
  FROM chosen ORDER BY n;
SELECT n, EXISTS (SELECT FROM ads a WHERE length(a.ad_id) + n > 12 + n) AS found FROM chosen WHERE n <= 3 ORDER BY n;

-- LATERAL
SELECT n, s.days = (SELECT count(DISTINCT date) FROM r WHERE r.campaign_id = o.campaign_id AND date >= live.today() - 5) AS same
  FROM chosen o CROSS JOIN LATERAL (SELECT count(DISTINCT date) AS days FROM campaign_report r WHERE r.campaign_id = o.campaign_id AND date >= live.today() - 5) s
 ORDER BY n;

-- a parallel plan around it
CREATE TABLE live.big AS SELECT n, (SELECT min(campaign_id) FROM c) AS campaign_id FROM generate_series(1, 20000) n;
ALTER TABLE live.big SET (parallel_workers = 2);
ANALYZE live.big;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM big JOIN campaigns USING (campaign_id);
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
DROP TABLE live.big;

-- inheritance, and Append of local and foreign tables
CREATE TABLE live.parent (campaign_id text, status text);
INSERT INTO live.parent VALUES ('local', 'ACTIVE');
CREATE FOREIGN TABLE live.child (campaign_id text OPTIONS (column_name 'id')) INHERITS (live.parent)
  SERVER sandbox OPTIONS (resource 'campaigns');
SELECT count(*) = (SELECT count(*) + 1 FROM c WHERE status = 'ACTIVE') AS same, count(DISTINCT tableoid) AS tables
  FROM parent WHERE status = 'ACTIVE';
UPDATE live.parent SET status = 'PAUSED';
UPDATE ONLY live.parent SET status = 'PAUSED';
DROP TABLE live.parent CASCADE;

-- into other places
CREATE VIEW live.active AS SELECT * FROM campaigns WHERE status = 'ACTIVE';
CREATE TEMP TABLE copied AS SELECT * FROM live.active;
INSERT INTO copied SELECT * FROM live.active;
SELECT count(*) = (SELECT 2 * count(*) FROM c WHERE status = 'ACTIVE') AS same FROM copied;
COPY (SELECT count(*) = (SELECT count(*) FROM c WHERE status = 'ACTIVE') FROM live.active) TO STDOUT;
UPDATE copied SET name = a.name || '!' FROM live.active a WHERE a.campaign_id = copied.campaign_id;
DELETE FROM copied USING campaigns c WHERE c.campaign_id = copied.campaign_id AND c.status = 'ACTIVE';
SELECT count(*) FROM copied;
DROP VIEW live.active;

-- system columns
SELECT DISTINCT tableoid::regclass FROM campaigns;
SELECT ctid FROM campaigns;
SELECT xmin FROM campaigns;
SELECT count(*) FROM campaigns WHERE tableoid = 'campaigns'::regclass AND campaign_id IS NULL;

-- rows of local tables may be locked beside it
SELECT count(*) = (SELECT count(*) FROM chosen) AS same
  FROM (SELECT n FROM chosen JOIN campaigns USING (campaign_id) FOR UPDATE OF chosen) l;

-- what cannot be done
INSERT INTO campaigns (advertiser_id, campaign_id) VALUES ('1', '2');
INSERT INTO campaigns (advertiser_id, campaign_id) VALUES ('1', '2') ON CONFLICT DO NOTHING;
UPDATE campaigns SET name = 'x' WHERE false;
DELETE FROM campaigns WHERE campaign_id = '1' RETURNING *;
EXPLAIN DELETE FROM campaigns;
TRUNCATE campaigns;
TRUNCATE chosen, campaigns, ads;
SELECT * FROM campaigns FOR UPDATE;
SELECT 1 FROM chosen JOIN campaigns USING (campaign_id) FOR SHARE;
COPY campaigns FROM '/dev/null';
SELECT is_insertable_into FROM information_schema.tables WHERE table_schema = 'live' AND table_name = 'campaigns';

-- how many rows the planner expects, and whether that is near the truth
CREATE FUNCTION live.expected(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN jsonb_path_query_first(plan, 'strict $.**."Plan Rows"');
END $$;
CREATE FUNCTION live.near(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	real bigint;
BEGIN
	EXECUTE 'SELECT count(*) FROM (' || query || ') q' INTO real;
	RETURN live.expected(query) BETWEEN real / 2 - 1 AND real * 2 + 1;
END $$;
\c
SET search_path = live;
SET client_min_messages = warning;
-- a guess: by days
SELECT expected('SELECT * FROM ad_report WHERE date >= live.today() - 9'), expected('SELECT * FROM ad_report WHERE date > live.today()'),
       expected('SELECT * FROM ad_groups');
-- what was read last
SELECT count(*) > 0 AS read FROM ad_report WHERE date >= live.today() - 40;
SELECT count(*) > 0 AS read FROM ad_groups;
SELECT near('SELECT * FROM ad_report WHERE date BETWEEN live.today() - 9 AND live.today() - 1'), near('SELECT * FROM ad_groups');
-- statistics
ANALYZE ads, campaign_report (campaign_id, date);
SELECT reltuples = (SELECT count(*) FROM ads) AS exact FROM pg_class WHERE oid = 'ads'::regclass;
SELECT attname, n_distinct < 0 OR n_distinct > 1 AS known FROM pg_stats WHERE schemaname = 'live' AND tablename = 'campaign_report' ORDER BY 1;
SELECT near('SELECT * FROM ads WHERE creative_type = ''VIDEO'''), near('SELECT * FROM ads WHERE creative_type = ''VIDEO'' AND status = ''ACTIVE'''),
       near('SELECT * FROM campaign_report WHERE date >= live.today() - 60');
-- a join is driven from the smaller side
CREATE FUNCTION live.join_plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		-- which side of an equality is written first depends on the version
		CONTINUE WHEN line ~ '^\s+Filter: ';
		CONTINUE WHEN line ~ 'Pinterest (Way|Endpoint|Level|Granularity|Columns|Advertisers)';
		RETURN NEXT regexp_replace(line, '\d{4}-\d\d-\d\d', 'YYYY-MM-DD', 'g');
	END LOOP;
END $$;
CREATE TEMP TABLE one AS SELECT min(campaign_id) AS campaign_id FROM campaigns;
CREATE TEMP TABLE many AS SELECT campaign_id FROM campaigns, generate_series(1, 1000);
ANALYZE one, many;
SELECT * FROM join_plan('SELECT count(*) FROM one JOIN campaign_report r USING (campaign_id)');
SELECT * FROM join_plan('SELECT count(*) FROM one JOIN ads USING (campaign_id)');
SELECT * FROM join_plan('SELECT count(*) FROM many JOIN campaign_report r USING (campaign_id) WHERE date >= live.today() - 5');
SELECT * FROM join_plan('SELECT count(*) FROM many JOIN ads USING (campaign_id)');
DROP FUNCTION live.expected(text), live.near(text), live.join_plan(text), live.days_of(text, date);
