-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pinterest_fdw" to load this file. \quit

-- "pinterest" holds what users call and read, "pinterest_internal" the rest.
-- Both are made here, so that nobody else owns them or has put anything there.
--
-- Everyone may use what is here: the functions run as their caller, and do
-- nothing that he could not do without them.  A refresh acts as the owner of its
-- table, whose privileges the caller must have.  Event triggers look at commands
-- of roles that may have no privileges here; nobody can call their functions.
CREATE SCHEMA pinterest;
CREATE SCHEMA pinterest_internal;

COMMENT ON SCHEMA pinterest IS
'what users of pinterest_fdw call and read';
COMMENT ON SCHEMA pinterest_internal IS
'what pinterest_fdw keeps for itself';


-- ====================================================================
-- The wrapper
-- ====================================================================

CREATE FUNCTION pinterest_internal.pinterest_fdw_handler()
RETURNS pg_catalog.fdw_handler
AS 'MODULE_PATHNAME', 'pinterest_fdw_handler'
LANGUAGE C STRICT;

COMMENT ON FUNCTION pinterest_internal.pinterest_fdw_handler() IS
'handler of foreign data wrapper pinterest_fdw';

CREATE FUNCTION pinterest_internal.pinterest_fdw_validator(pg_catalog.text[], pg_catalog.oid)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'pinterest_fdw_validator'
LANGUAGE C STRICT;

COMMENT ON FUNCTION pinterest_internal.pinterest_fdw_validator(pg_catalog.text[], pg_catalog.oid) IS
'checks the options of foreign data wrapper pinterest_fdw';

CREATE FOREIGN DATA WRAPPER pinterest_fdw
HANDLER pinterest_internal.pinterest_fdw_handler
VALIDATOR pinterest_internal.pinterest_fdw_validator;

COMMENT ON FOREIGN DATA WRAPPER pinterest_fdw IS
'foreign data wrapper for the Pinterest Ads API';

CREATE FUNCTION pinterest.version()
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'pinterest_fdw_version'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION pinterest.version() IS
'versions of pinterest_fdw, of the server and of the libraries in use';
