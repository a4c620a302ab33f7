-- ====================================================================
-- Setting up
-- ====================================================================

CREATE FUNCTION pinterest.connect(
	client_id pg_catalog.text DEFAULT NULL,
	client_secret pg_catalog.text DEFAULT NULL,
	advertiser_id pg_catalog.text DEFAULT NULL,
	historical_date pg_catalog.text DEFAULT NULL,
	server pg_catalog.text DEFAULT 'pinterest',
	scopes pg_catalog.text[] DEFAULT '{ads:read}',
	options pg_catalog.jsonb DEFAULT '{}')
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'pinterest_connect'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.connect(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text[], pg_catalog.jsonb) IS
'makes a server and a mapping of the current user, or changes what is given. Returns the URL to open in a browser; pinterest.authorize() takes the address where it lands.';

CREATE PROCEDURE pinterest.import_tables(
	tables pg_catalog.text[] DEFAULT NULL,
	every pg_catalog.text DEFAULT NULL,
	last pg_catalog.interval DEFAULT NULL,
	columns pg_catalog.text DEFAULT 'standard',
	live_schema pg_catalog.text DEFAULT 'pinterest_live',
	schema pg_catalog.text DEFAULT 'pinterest_ads',
	server pg_catalog.text DEFAULT 'pinterest')
AS 'MODULE_PATHNAME', 'pinterest_import_tables'
LANGUAGE C;

COMMENT ON PROCEDURE pinterest.import_tables(pg_catalog.text[], pg_catalog.text, pg_catalog.interval, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'makes foreign tables and their copies, loads the copies side by side, and schedules them: the last days as often as "every" says, and everything once a week. What exists already stays.';

CREATE FUNCTION pinterest.import_template(
	server pg_catalog.text,
	template_id pg_catalog.text,
	name pg_catalog.text)
RETURNS pg_catalog.regclass
AS 'MODULE_PATHNAME', 'pinterest_import_template'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.import_template(pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
'makes a foreign table that runs a report template of Ads Manager, with the columns and the granularity of the template';
