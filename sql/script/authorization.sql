-- ====================================================================
-- Authorization
-- ====================================================================

-- What Pinterest issues.  Written and read by the library alone, past these
-- rights; nobody else has any, and pg_dump leaves the tables' contents out.
-- Row-level security keeps out those, too, who may read all tables.
-- What says whose they are means the same after pg_upgrade, which OIDs of user
-- mappings do not.
CREATE TABLE pinterest_internal.authorizations (
	database pg_catalog.oid,
	role pg_catalog.oid,
	server pg_catalog.name,
	mapping_digest pg_catalog.text,
	access_token pg_catalog.text,
	access_expires_at pg_catalog.timestamptz,
	refresh_token pg_catalog.text,
	refresh_expires_at pg_catalog.timestamptz,
	scope pg_catalog.text,
	issued_at pg_catalog.timestamptz,
	attempted_at pg_catalog.timestamptz,
	failed_at pg_catalog.timestamptz,
	failure_sqlstate pg_catalog.int4,
	failure pg_catalog.text,
	failure_detail pg_catalog.text,
	failure_hint pg_catalog.text,
	PRIMARY KEY (database, role, server, mapping_digest)
);

COMMENT ON TABLE pinterest_internal.authorizations IS
'tokens that Pinterest has issued, for superusers only; pinterest.check() shows their state';
COMMENT ON COLUMN pinterest_internal.authorizations.database IS
'OID of the database that they were issued in, in pg_database: a copy of it does not use them';
COMMENT ON COLUMN pinterest_internal.authorizations.role IS
'OID of the user mapping''s role, in pg_authid; 0: public';
COMMENT ON COLUMN pinterest_internal.authorizations.server IS
'name of the user mapping''s server';
COMMENT ON COLUMN pinterest_internal.authorizations.mapping_digest IS
'SHA-256 of the tokens and the client_id that stand in the user mapping while these count';
COMMENT ON COLUMN pinterest_internal.authorizations.access_token IS
'what requests are sent with';
COMMENT ON COLUMN pinterest_internal.authorizations.access_expires_at IS
'when it ends; null if that is not known';
COMMENT ON COLUMN pinterest_internal.authorizations.refresh_token IS
'what a renewal is asked with, and replaces';
COMMENT ON COLUMN pinterest_internal.authorizations.refresh_expires_at IS
'when it ends, unless it is used before; null if that is not known';
COMMENT ON COLUMN pinterest_internal.authorizations.scope IS
'what it allows';
COMMENT ON COLUMN pinterest_internal.authorizations.issued_at IS
'when Pinterest issued the tokens';
COMMENT ON COLUMN pinterest_internal.authorizations.attempted_at IS
'when a renewal began of which the outcome is not known; null normally';
COMMENT ON COLUMN pinterest_internal.authorizations.failed_at IS
'when the latest renewal failed; null if it did not';
COMMENT ON COLUMN pinterest_internal.authorizations.failure_sqlstate IS
'its SQLSTATE, as the server encodes it';
COMMENT ON COLUMN pinterest_internal.authorizations.failure IS
'its message';
COMMENT ON COLUMN pinterest_internal.authorizations.failure_detail IS
'the detail of it';
COMMENT ON COLUMN pinterest_internal.authorizations.failure_hint IS
'and the hint';

-- ANALYZE would keep samples of them.
ALTER TABLE pinterest_internal.authorizations
	ALTER COLUMN access_token SET STATISTICS 0,
	ALTER COLUMN refresh_token SET STATISTICS 0;
ALTER TABLE pinterest_internal.authorizations ENABLE ROW LEVEL SECURITY;

CREATE TABLE pinterest_internal.authorization_requests (
	state_digest pg_catalog.text PRIMARY KEY,
	database pg_catalog.oid NOT NULL,
	role pg_catalog.oid NOT NULL,
	server pg_catalog.name NOT NULL,
	redirect_uri pg_catalog.text NOT NULL,
	requested_at pg_catalog.timestamptz NOT NULL,
	used_at pg_catalog.timestamptz
);

COMMENT ON TABLE pinterest_internal.authorization_requests IS
'browsers that pinterest.authorization_url() has sent to Pinterest within the last day';
COMMENT ON COLUMN pinterest_internal.authorization_requests.state_digest IS
'SHA-256 of the state in the URL';
COMMENT ON COLUMN pinterest_internal.authorization_requests.database IS
'OID of the database that it was called in, in pg_database';
COMMENT ON COLUMN pinterest_internal.authorization_requests.role IS
'OID of the role whose user mapping is to be authorized, in pg_authid; 0: public';
COMMENT ON COLUMN pinterest_internal.authorization_requests.server IS
'name of the server of that mapping';
COMMENT ON COLUMN pinterest_internal.authorization_requests.redirect_uri IS
'where Pinterest sends the browser back to';
COMMENT ON COLUMN pinterest_internal.authorization_requests.requested_at IS
'when that was';
COMMENT ON COLUMN pinterest_internal.authorization_requests.used_at IS
'when pinterest.authorize() used the state up; null: not yet';

ALTER TABLE pinterest_internal.authorization_requests ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION pinterest.authorization_url(
	server pg_catalog.text,
	scopes pg_catalog.text[] DEFAULT '{}')
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'pinterest_authorization_url'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.authorization_url(pg_catalog.text, pg_catalog.text[]) IS
'returns the URL where a browser lets the current user''s mapping for a server into Pinterest. Without scopes, it asks for those that the foreign tables of the server need.';

CREATE FUNCTION pinterest.authorize(
	server pg_catalog.text,
	redirected_url pg_catalog.text)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'pinterest_authorize'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.authorize(pg_catalog.text, pg_catalog.text) IS
'takes the address that Pinterest sent the browser to, or its query, and stores the tokens that Pinterest issues for it';

CREATE FUNCTION pinterest_internal.is_authorized(server pg_catalog.oid, role pg_catalog.oid)
RETURNS pg_catalog.bool
AS 'MODULE_PATHNAME', 'pinterest_is_authorized'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION pinterest_internal.is_authorized(pg_catalog.oid, pg_catalog.oid) IS
'whether a role has an authorization that has not ended or can be renewed';

CREATE FUNCTION pinterest_internal.authorization_ends(server pg_catalog.oid, role pg_catalog.oid)
RETURNS pg_catalog.timestamptz
AS 'MODULE_PATHNAME', 'pinterest_authorization_ends'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION pinterest_internal.authorization_ends(pg_catalog.oid, pg_catalog.oid) IS
'when the authorization of a role ends, if that is within seven days, or the half of its life if that is less; else null';

CREATE FUNCTION pinterest.check(
	server pg_catalog.text,
	OUT item pg_catalog.text,
	OUT ok pg_catalog.bool,
	OUT detail pg_catalog.text,
	OUT hint pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_check'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 10;

COMMENT ON FUNCTION pinterest.check(pg_catalog.text) IS
'checks what must be right for the current user to read from Pinterest: a row for each thing, with what is wrong and what to do';
