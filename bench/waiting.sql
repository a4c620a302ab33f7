-- What bench/waiting measures; the environment says which sandbox.
SET client_min_messages = warning;
\getenv url PINTEREST_SANDBOX_URL
\getenv token PINTEREST_SANDBOX_TOKEN
\getenv advertiser PINTEREST_SANDBOX_ADVERTISER
CREATE EXTENSION pinterest_fdw;
CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw
  OPTIONS (api_url :'url', advertiser_id :'advertiser');
CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (access_token :'token');

-- eight partitions of ten days
CREATE TABLE report (campaign_id text, date date, total_impression bigint)
  PARTITION BY RANGE (date);
SELECT format('CREATE FOREIGN TABLE report_%s PARTITION OF report FOR VALUES FROM (%L) TO (%L)
                 SERVER pinterest OPTIONS (resource ''campaign_report'', historical_date ''85 days'')',
              i, current_date - 10 * i, current_date - 10 * i + 10)
  FROM generate_series(1, 8) i \gexec

-- Seconds that statements take one after the other
CREATE FUNCTION seconds(VARIADIC statements text[]) RETURNS float LANGUAGE plpgsql AS $$
DECLARE
  began timestamptz := clock_timestamp();
BEGIN
  FOR i IN 1 .. cardinality(statements) LOOP
    EXECUTE 'SELECT count(*) FROM (' || statements[i] || ' OFFSET 0) s';
  END LOOP;
  RETURN extract(epoch FROM clock_timestamp() - began);
END $$;

CREATE TABLE measured (what text, place int, seconds float);
SET pinterest_fdw.report_reuse = 0;
SELECT campaign_id AS campaign FROM report_1 GROUP BY 1 ORDER BY 1 LIMIT 1 \gset
SELECT format($$
INSERT INTO measured SELECT 'one report', 1, seconds('TABLE report_1');
INSERT INTO measured SELECT 'eight statements with a report each', 2,
  seconds(VARIADIC ARRAY(SELECT 'TABLE report_' || i FROM generate_series(1, 8) i));
INSERT INTO measured SELECT 'one statement with eight reports', 3, seconds('TABLE report');
SET pinterest_fdw.report_reuse = 600;
INSERT INTO measured SELECT 'one report, used again', 4, seconds('TABLE report_1');
INSERT INTO measured SELECT 'eight reports, used again', 5, seconds('TABLE report');
SET pinterest_fdw.report_reuse = 0;
INSERT INTO measured SELECT 'none needed (synchronous analytics)', 6,
  seconds('SELECT * FROM report_1 WHERE campaign_id = ''%s'' AND total_impression > 0');
$$, :'campaign') AS measure \gset
:measure
:measure
:measure

WITH medians AS (
  SELECT what, place, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds
    FROM measured GROUP BY 1, 2)
SELECT what, round((seconds / first_value(seconds) OVER (ORDER BY place))::numeric, 3) AS ratio
  FROM medians ORDER BY place;
