--
-- What is asked of Pinterest, and that the result does not depend on it
--
SET search_path = live;
SET client_min_messages = warning;
SET TimeZone = 'UTC';

-- a year takes two windows
SELECT count(*) FROM asked('SELECT * FROM campaign_report', 'Windows');
CREATE FOREIGN TABLE live.oldest (campaign_id text, date date, total_impression bigint)
  SERVER sandbox OPTIONS (resource 'campaign_report', historical_date '2001-01-01');
SELECT * FROM asked('SELECT * FROM oldest', 'Windows');
SELECT count(DISTINCT date) FROM oldest;
DROP FOREIGN TABLE oldest;

-- conditions on the date narrow the windows
SELECT * FROM asked('SELECT * FROM campaign_report WHERE date >= live.today() - 7', 'Windows');
SELECT * FROM asked('SELECT * FROM campaign_report WHERE date > live.today() - 7 AND date < live.today() - 2', 'Windows');
SELECT * FROM asked('SELECT * FROM campaign_report WHERE live.today() - 7 = date', 'Windows');
SELECT * FROM asked('SELECT * FROM campaign_report WHERE date BETWEEN live.today() - 200 AND live.today() - 1', 'Windows');
SELECT * FROM asked('SELECT * FROM campaign_report WHERE live.today() - 5 <= date AND live.today() - 3 >= date', 'Windows');
SELECT * FROM asked('SELECT * FROM campaign_report WHERE date >= now() - interval ''2 days''', 'Windows');
SELECT * FROM asked('SELECT * FROM campaign_report WHERE date < (live.today() - 5)::timestamp + interval ''1 hour'' AND date > live.today() - 8', 'Windows');
-- nothing to ask for
SELECT * FROM asked('SELECT * FROM campaign_report WHERE date > live.today()', 'Windows');
SELECT * FROM asked('SELECT * FROM campaign_report WHERE date = NULL', 'Windows');
SELECT * FROM asked('SELECT * FROM campaign_report WHERE date < ''-infinity''', 'Windows');
SELECT * FROM asked('SELECT * FROM campaign_report WHERE date >= ''infinity''', 'Windows');
SELECT * FROM asked('SELECT * FROM campaign_report WHERE date > live.today() - 3 AND date < live.today() - 5', 'Windows');
-- no bound in these
SELECT count(*) FROM asked('SELECT * FROM campaign_report WHERE date < ''infinity''', 'Windows');
SELECT count(*) FROM asked('SELECT * FROM campaign_report WHERE date <> live.today()', 'Windows');
SELECT count(*) FROM asked('SELECT * FROM campaign_report WHERE date > live.today() - 3 OR total_impression > 5', 'Windows');
SELECT count(*) FROM asked('SELECT * FROM campaign_report WHERE date > live.today() - (random() * 3)::int', 'Windows');
-- an operator that only looks like one
CREATE OPERATOR live.>= (FUNCTION = date_lt, LEFTARG = date, RIGHTARG = date);
SELECT count(*) FROM asked('SELECT * FROM campaign_report WHERE date OPERATOR(live.>=) live.today() - 3', 'Windows');
DROP OPERATOR live.>= (date, date);

-- weeks and months are asked for as a whole, and never cut between windows
CREATE FOREIGN TABLE live.weekly (campaign_id text, date date, total_impression bigint)
  SERVER sandbox OPTIONS (resource 'campaign_report', granularity 'week');
SELECT bool_and(extract(isodow FROM live.today() + split_part(w, '..', 2)::int) = 7 OR w LIKE '%..0') AS end_on_sunday
  FROM asked('SELECT * FROM weekly', 'Windows') w;
SELECT extract(isodow FROM live.today() + split_part(w, '..', 1)::int) AS first, extract(isodow FROM live.today() + split_part(w, '..', 2)::int) AS last
  FROM asked('SELECT * FROM weekly WHERE date = live.today() - 20', 'Windows') w;
DROP FOREIGN TABLE weekly;
CREATE FOREIGN TABLE live.total (campaign_id text, total_impression bigint)
  SERVER sandbox OPTIONS (resource 'campaign_report', granularity 'total');
SELECT * FROM total;
ALTER FOREIGN TABLE total OPTIONS (ADD historical_date '30 days');
SELECT * FROM asked('SELECT * FROM total', 'Windows');
DROP FOREIGN TABLE total;

-- only the columns that a query uses, and those that decide which rows there are
SELECT * FROM asked('SELECT date, total_checkout FROM campaign_report WHERE ctr > 0.01 ORDER BY campaign_name', 'Columns');
SELECT * FROM asked('SELECT count(*) FROM campaign_report', 'Columns');
SELECT count(*) FROM asked('SELECT r FROM campaign_report r', 'Columns');

-- the same with and without
CREATE TEMP TABLE whole AS SELECT * FROM campaign_report;
CREATE FUNCTION live.differs(condition text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	result bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM ((SELECT date, campaign_id, spend_in_dollar FROM campaign_report WHERE %1$s EXCEPT ALL SELECT date, campaign_id, spend_in_dollar FROM whole WHERE %1$s) UNION ALL (SELECT date, campaign_id, spend_in_dollar FROM whole WHERE %1$s EXCEPT ALL SELECT date, campaign_id, spend_in_dollar FROM campaign_report WHERE %1$s)) d', condition)
	INTO result;
	RETURN result;
END $$;
SELECT condition, live.differs(condition)
  FROM (VALUES ('date >= live.today() - 7'), ('date < live.today() - 300'), ('date = live.today() - 1'),
               ('date BETWEEN live.today() - 40 AND live.today() - 20'), ('date > live.today() - 3 OR total_impression = 0'),
               ('date IN (live.today() - 1, live.today() - 9)'), ('NOT date < live.today() - 5'),
               ('date >= now() - interval ''36 hours'''), ('date::text LIKE ''%-01'''), ('total_checkout > 3 AND date > ''-infinity'''),
               ('campaign_id = (SELECT min(campaign_id) FROM campaigns) AND date < ''infinity''')) AS v(condition);
DROP FUNCTION live.differs(text);
