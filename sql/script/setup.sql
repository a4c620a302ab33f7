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
'makes a server and the current user''s mapping, or alters what is given and differs; returns where to send the browser, for pinterest.authorize()';
