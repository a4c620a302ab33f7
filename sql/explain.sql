--
-- EXPLAIN
--
SET search_path = live;
\pset format unaligned

-- the advertiser and the days are not the same everywhere, nor are some
-- details between PostgreSQL's versions
CREATE FUNCTION live.shown(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
		line := regexp_replace(line, '\n[\s"<]*Disabled\y[^\n]*', '', 'g');
		line := regexp_replace(line, 'rows=(\d+)\.00', 'rows=\1');
		line := regexp_replace(line, 'SubPlan expr_', 'SubPlan ');
		line := regexp_replace(line, '\d{4}-\d\d-\d\d', 'YYYY-MM-DD', 'g');
		line := regexp_replace(line, '(Advertisers"?:.*?|^\s+"?)\d{18}', '\1NNN', 'g');
		line := regexp_replace(line, '<Item>\d+</Item>', '<Item>NNN</Item>');
		line := regexp_replace(line, '(Time"?[:>] ?)[\d.]+', '\1N');
		RETURN NEXT regexp_replace(line, '((Bytes)"?[:>] ?)\d+', '\1N');
	END LOOP;
END $$;

SELECT * FROM live.shown('(COSTS OFF) SELECT name FROM campaigns');
SELECT * FROM live.shown('(COSTS OFF) SELECT name FROM advertisers');
SELECT * FROM live.shown('(COSTS OFF) SELECT date, sum(spend_in_dollar) FROM campaign_report WHERE date >= live.today() - 7 GROUP BY 1');
SELECT * FROM live.shown('(COSTS OFF, FORMAT JSON) SELECT date FROM ad_report WHERE date = live.today() - 1');
SELECT * FROM live.shown('(COSTS OFF, FORMAT YAML) SELECT name FROM ads LIMIT 1');
SELECT * FROM live.shown('(COSTS OFF, ANALYZE, BUFFERS OFF, TIMING OFF, SUMMARY OFF) SELECT name FROM campaigns LIMIT 1');
SELECT * FROM live.shown('(COSTS OFF, ANALYZE, BUFFERS OFF, TIMING OFF, SUMMARY OFF) SELECT count(*) FROM campaign_report WHERE date > live.today()');
-- a value that only execution knows
SELECT * FROM live.shown('(COSTS OFF) SELECT (SELECT count(*) FROM advertiser_report r WHERE r.date = live.today() - d) FROM generate_series(1, 2) d');
-- the planner does not want to repeat it
SELECT * FROM live.shown('(COSTS OFF) SELECT count(*) FROM campaigns c JOIN campaign_report r USING (campaign_id) WHERE r.date >= live.today() - 3');
-- what Pinterest filters by; a long list is cut short
SELECT * FROM live.shown('(COSTS OFF) SELECT name FROM ads WHERE status = ''ACTIVE'' AND ad_id IN (''1'', ''2'', ''x'')');
SELECT * FROM live.shown('(COSTS OFF) SELECT name FROM campaigns WHERE campaign_id = ANY (ARRAY[' ||
  (SELECT string_agg(quote_literal(n), ', ') FROM generate_series(1, 30) n) || '])') WHERE shown !~ 'Filter:';
SELECT * FROM live.shown('(COSTS OFF) SELECT * FROM targeting_options WHERE targeting_type IN (''GENDER'', ''APPTYPE'')') WHERE shown !~ 'Filter:';
SELECT * FROM live.shown('(COSTS OFF, FORMAT XML) SELECT name FROM ads WHERE status = ''ACTIVE'' AND campaign_id = ''1''');
SELECT * FROM live.shown('(COSTS OFF, FORMAT JSON) SELECT name FROM campaigns WHERE campaign_id IN (''1'', ''2'')');
SELECT * FROM live.shown('(COSTS OFF) SELECT count(*) FROM campaigns WHERE campaign_id = ''none''');
-- times, if they are wanted
SELECT * FROM live.shown('(COSTS OFF, ANALYZE, BUFFERS OFF, SUMMARY OFF) SELECT name FROM campaigns WHERE status = ''DRAFT''') WHERE shown ~ 'Pinterest.*Time';
-- one that needs no report, and two that do
SELECT * FROM live.shown('(COSTS OFF) SELECT date, ctr FROM campaign_report WHERE campaign_id = ''1'' AND date > live.today() - 30 AND spend_in_dollar > 0');
SELECT * FROM live.shown('(COSTS OFF) SELECT date, ctr FROM campaign_report WHERE campaign_id = ''1'' AND date > live.today() - 30');
SET pinterest_fdw.enable_synchronous = off;
SELECT * FROM live.shown('(COSTS OFF) SELECT date, ctr FROM campaign_report WHERE campaign_id = ''1'' AND date > live.today() - 30 AND spend_in_dollar > 0');
RESET pinterest_fdw.enable_synchronous;
DROP FUNCTION live.shown(text);
