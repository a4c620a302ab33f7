-- The server and the foreign tables that the following tests use.  The
-- sandbox's whereabouts come from the environment.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pinterest_fdw;
\set ECHO none
\getenv url PINTEREST_SANDBOX_URL
\getenv token PINTEREST_SANDBOX_TOKEN
\getenv advertiser PINTEREST_SANDBOX_ADVERTISER
DROP SERVER IF EXISTS sandbox CASCADE;
CREATE SERVER sandbox FOREIGN DATA WRAPPER pinterest_fdw
  OPTIONS (api_url :'url', advertiser_id :'advertiser', retry_timeout '60',
    report_reuse '0');
CREATE USER MAPPING FOR CURRENT_USER SERVER sandbox OPTIONS (access_token :'token');
\set ECHO all
DROP SCHEMA IF EXISTS live CASCADE;
CREATE SCHEMA live;
IMPORT FOREIGN SCHEMA ads FROM SERVER sandbox INTO live;
-- How a query is sent to Pinterest: a property of its foreign scan, with days
-- counted from today (UTC).
CREATE FUNCTION live.asked(query text, property text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
	item text;
	days text[];
BEGIN
	EXECUTE 'EXPLAIN (VERBOSE, FORMAT JSON) ' || query INTO plan;
	FOR item IN
		SELECT jsonb_array_elements_text(
			jsonb_path_query_first(plan, ('strict $.**."Pinterest ' || property || '"')::jsonpath))
	LOOP
		days := regexp_match(item, '^(\d+-\d+-\d+)\.\.(\d+-\d+-\d+)$');
		RETURN NEXT CASE WHEN days IS NULL THEN item ELSE
			format('%s..%s', days[1]::date - (now() AT TIME ZONE 'UTC')::date,
				   days[2]::date - (now() AT TIME ZONE 'UTC')::date) END;
	END LOOP;
END $$;
-- today, as Pinterest counts days
CREATE FUNCTION live.today() RETURNS date STABLE LANGUAGE sql
  RETURN (now() AT TIME ZONE 'UTC')::date;
