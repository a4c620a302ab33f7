/* sql/pinterest_fdw--1.0.0.sql */

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


-- ====================================================================
-- The fixed schema
-- ====================================================================

CREATE FUNCTION pinterest_internal.list_resources(
	OUT resource pg_catalog.text,
	OUT kind pg_catalog.text,
	OUT key pg_catalog.text[],
	OUT level pg_catalog.text,
	OUT history_days pg_catalog.int4,
	OUT scopes pg_catalog.text[],
	OUT description pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_resources'
LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 30;

COMMENT ON FUNCTION pinterest_internal.list_resources() IS
'the rows of view pinterest.resources';

CREATE VIEW pinterest.resources AS
SELECT r.resource, r.kind, r.key, r.level, r.history_days, r.scopes,
	r.description
FROM pinterest_internal.list_resources() AS r;

COMMENT ON VIEW pinterest.resources IS
'foreign tables that IMPORT FOREIGN SCHEMA ads offers';
COMMENT ON COLUMN pinterest.resources.resource IS
'name of the foreign table, and value of its option "resource"';
COMMENT ON COLUMN pinterest.resources.kind IS
'"entity" or "report"';
COMMENT ON COLUMN pinterest.resources.key IS
'columns of the natural key, in order; the option "key_columns" of a foreign table adds others';
COMMENT ON COLUMN pinterest.resources.level IS
'reporting level, as the API calls it; null for entities';
COMMENT ON COLUMN pinterest.resources.history_days IS
'days back from today that Pinterest keeps; null where it keeps everything';
COMMENT ON COLUMN pinterest.resources.scopes IS
'scopes of OAuth that reading it takes, for pinterest.authorization_url()';
COMMENT ON COLUMN pinterest.resources.description IS
'what the rows are';

CREATE FUNCTION pinterest_internal.list_resource_columns(
	OUT resource pg_catalog.text,
	OUT column_name pg_catalog.text,
	OUT api_name pg_catalog.text,
	OUT type pg_catalog.text,
	OUT unit pg_catalog.text,
	OUT is_key pg_catalog.bool,
	OUT standard pg_catalog.bool,
	OUT description pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_resource_columns'
LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 5000;

COMMENT ON FUNCTION pinterest_internal.list_resource_columns() IS
'the rows of view pinterest.resource_columns';

CREATE VIEW pinterest.resource_columns AS
SELECT c.resource, c.column_name, c.api_name, c.type, c.unit, c.is_key,
	c.standard, c.description
FROM pinterest_internal.list_resource_columns() AS c;

COMMENT ON VIEW pinterest.resource_columns IS
'columns that the foreign tables can have';
COMMENT ON COLUMN pinterest.resource_columns.resource IS
'name of the foreign table, as in pinterest.resources';
COMMENT ON COLUMN pinterest.resource_columns.column_name IS
'name of the column';
COMMENT ON COLUMN pinterest.resource_columns.api_name IS
'what the API calls it, and value of the column''s option "column_name"';
COMMENT ON COLUMN pinterest.resource_columns.type IS
'data type of the column';
COMMENT ON COLUMN pinterest.resource_columns.unit IS
'what the values count or measure; null where there is no unit';
COMMENT ON COLUMN pinterest.resource_columns.is_key IS
'whether the column belongs to the natural key, and so is never null';
COMMENT ON COLUMN pinterest.resource_columns.standard IS
'whether IMPORT FOREIGN SCHEMA creates the column by default';
COMMENT ON COLUMN pinterest.resource_columns.description IS
'what the values are';


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


-- ====================================================================
-- Materialized tables
-- ====================================================================

-- A relation, like pg_catalog.regclass, in a form that survives a dump: written
-- as a qualified name always, and "-" if there is no such relation, read or
-- written.
CREATE TYPE pinterest_internal.relation;

CREATE FUNCTION pinterest_internal.relation_in(pg_catalog.cstring)
RETURNS pinterest_internal.relation
AS 'MODULE_PATHNAME', 'pinterest_relation_in'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION pinterest_internal.relation_in(pg_catalog.cstring) IS
'I/O';

CREATE FUNCTION pinterest_internal.relation_out(pinterest_internal.relation)
RETURNS pg_catalog.cstring
AS 'MODULE_PATHNAME', 'pinterest_relation_out'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION pinterest_internal.relation_out(pinterest_internal.relation) IS
'I/O';

CREATE TYPE pinterest_internal.relation (
	INPUT = pinterest_internal.relation_in,
	OUTPUT = pinterest_internal.relation_out,
	LIKE = pg_catalog.oid
);

COMMENT ON TYPE pinterest_internal.relation IS
'a table, or "-" if it is gone';

CREATE CAST (pinterest_internal.relation AS pg_catalog.oid) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (pinterest_internal.relation AS pg_catalog.regclass) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (pg_catalog.oid AS pinterest_internal.relation) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (pg_catalog.regclass AS pinterest_internal.relation) WITHOUT FUNCTION AS ASSIGNMENT;

CREATE TABLE pinterest_internal.materialized_tables (
	target pinterest_internal.relation PRIMARY KEY,
	source pinterest_internal.relation NOT NULL,
	columns pg_catalog.name[] NOT NULL,
	registered_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
	api_names pg_catalog.text[],
	settings pg_catalog.text[],
	keep_deleted pg_catalog.bool NOT NULL DEFAULT false
);

CREATE INDEX ON pinterest_internal.materialized_tables (source);

COMMENT ON TABLE pinterest_internal.materialized_tables IS
'tables that pinterest.refresh() loads; written by pinterest.materialize()';
COMMENT ON COLUMN pinterest_internal.materialized_tables.target IS
'the table';
COMMENT ON COLUMN pinterest_internal.materialized_tables.source IS
'foreign table that it is loaded from; "-" once that has been dropped';
COMMENT ON COLUMN pinterest_internal.materialized_tables.columns IS
'columns that it takes from there';
COMMENT ON COLUMN pinterest_internal.materialized_tables.registered_at IS
'when it was registered first';
COMMENT ON COLUMN pinterest_internal.materialized_tables.api_names IS
'what Pinterest calls what each of the columns was loaded with, empty if it has not been loaded; null if that is not known';
COMMENT ON COLUMN pinterest_internal.materialized_tables.settings IS
'options that its rows were loaded with, as name=value; null if that is not known';
COMMENT ON COLUMN pinterest_internal.materialized_tables.keep_deleted IS
'whether entities that Pinterest no longer lists stay in it, with the column deleted_at set';


SELECT pg_catalog.pg_extension_config_dump('pinterest_internal.materialized_tables', '');

-- A dump that leaves out a table has its registration nevertheless.
CREATE FUNCTION pinterest_internal.skip_missing_table()
RETURNS pg_catalog.trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION pinterest_internal.skip_missing_table() IS
'keeps a table that is not restored out of pinterest_internal.materialized_tables';

CREATE TRIGGER skip_missing_table
BEFORE INSERT ON pinterest_internal.materialized_tables
FOR EACH ROW WHEN (NEW.target OPERATOR(pg_catalog.=) 0::pg_catalog.oid)
EXECUTE FUNCTION pinterest_internal.skip_missing_table();

-- The record of refreshes: see src/refresh/log.c for why it is two tables.  What is in
-- them is for owners and readers of the tables; the views below see to that.
CREATE SEQUENCE pinterest_internal.refresh_ids;

CREATE TABLE pinterest_internal.refresh_runs (
	id pg_catalog.int8 PRIMARY KEY,
	target pg_catalog.oid,
	target_name pg_catalog.text NOT NULL,
	source pg_catalog.oid NOT NULL,
	source_name pg_catalog.text,
	started_at pg_catalog.timestamptz NOT NULL,
	owner pg_catalog.oid NOT NULL,
	role pg_catalog.oid NOT NULL,
	pid pg_catalog.int4 NOT NULL,
	since pg_catalog.date,
	progress pg_catalog.int8,
	notifies pg_catalog.bool
);

CREATE INDEX ON pinterest_internal.refresh_runs (target, id);

COMMENT ON TABLE pinterest_internal.refresh_runs IS
'refreshes that have begun; see view pinterest.refresh_log';

CREATE TABLE pinterest_internal.refresh_ends (
	id pg_catalog.int8 PRIMARY KEY,
	finished_at pg_catalog.timestamptz,
	rows pg_catalog.int8,
	inserted pg_catalog.int8,
	updated pg_catalog.int8,
	deleted pg_catalog.int8,
	unchanged pg_catalog.int8,
	api_calls pg_catalog.int8,
	bytes pg_catalog.int8,
	table_rows pg_catalog.int8,
	data_from pg_catalog.date,
	data_to pg_catalog.date,
	sqlstate pg_catalog.text,
	message pg_catalog.text,
	detail pg_catalog.text,
	hint pg_catalog.text,
	left_out pg_catalog.text[],
	reasons pg_catalog.text[],
	skipped pg_catalog.bool,
	reports pg_catalog.int8,
	days pg_catalog.int8,
	questions pg_catalog.int8
);

-- Most refreshes succeed: the last failure of a table is found among failures.
CREATE INDEX ON pinterest_internal.refresh_ends (sqlstate);

COMMENT ON TABLE pinterest_internal.refresh_ends IS
'what became of refreshes; see view pinterest.refresh_log';

-- Like those two, for owners and readers of the tables, and not dumped; but it
-- has what is known for as long as the table is there.
CREATE TABLE pinterest_internal.freshness (
	target pg_catalog.oid,
	advertiser_id pg_catalog.text,
	last_success_at pg_catalog.timestamptz,
	complete_until pg_catalog.date,
	left_out_since pg_catalog.timestamptz,
	sqlstate pg_catalog.text,
	reason pg_catalog.text,
	PRIMARY KEY (target, advertiser_id)
);

COMMENT ON TABLE pinterest_internal.freshness IS
'how current materialized tables are for each advertiser; see view pinterest.freshness';


-- What is dropped must not leave a row that another object could match later,
-- when its OID is used again, nor tokens.
CREATE FUNCTION pinterest_internal.forget_dropped()
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'pinterest_forget_dropped'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest_internal.forget_dropped() IS
'takes the objects that a command drops out of the tables of the extension';

-- Every DROP would fail along with this function.  So it passes over that the
-- library is not installed any more, or that one of the schemas has been renamed;
-- and whoever drops something needs no privileges here.
CREATE FUNCTION pinterest_internal.on_drop()
RETURNS pg_catalog.event_trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM pinterest_internal.forget_dropped();
EXCEPTION
	WHEN undefined_file OR undefined_function OR invalid_schema_name OR undefined_table THEN
		RAISE WARNING 'extension pinterest_fdw does not notice what is dropped: %', SQLERRM;
END
$$;

COMMENT ON FUNCTION pinterest_internal.on_drop() IS
'has dropped tables and user mappings forgotten';

CREATE EVENT TRIGGER pinterest_fdw_on_drop
ON sql_drop EXECUTE FUNCTION pinterest_internal.on_drop();

ALTER EVENT TRIGGER pinterest_fdw_on_drop ENABLE ALWAYS;

COMMENT ON EVENT TRIGGER pinterest_fdw_on_drop IS
'has dropped tables and user mappings forgotten';

-- The old name of a server that is renamed is in the command alone, which only
-- an event trigger in C gets to see.
CREATE FUNCTION pinterest_internal.on_alter_server()
RETURNS pg_catalog.event_trigger
AS 'MODULE_PATHNAME', 'pinterest_on_alter_server'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest_internal.on_alter_server() IS
'has authorizations follow a server that is renamed';

CREATE EVENT TRIGGER pinterest_fdw_on_alter_server
ON ddl_command_end WHEN TAG IN ('ALTER SERVER')
EXECUTE FUNCTION pinterest_internal.on_alter_server();

ALTER EVENT TRIGGER pinterest_fdw_on_alter_server ENABLE ALWAYS;

COMMENT ON EVENT TRIGGER pinterest_fdw_on_alter_server IS
'has authorizations follow a server that is renamed';

CREATE FUNCTION pinterest.materialize(
	source pg_catalog.regclass,
	target pg_catalog.text,
	with_data pg_catalog.bool DEFAULT true,
	keep_deleted pg_catalog.bool DEFAULT NULL)
RETURNS pg_catalog.regclass
AS 'MODULE_PATHNAME', 'pinterest_materialize'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.materialize(pg_catalog.regclass, pg_catalog.text, pg_catalog.bool, pg_catalog.bool) IS
'creates an ordinary table like a foreign table, or adopts one, and loads it. With keep_deleted, entities that Pinterest no longer lists stay, and the column deleted_at says since when.';

CREATE TYPE pinterest.refresh_result AS (
	target pg_catalog.regclass,
	rows pg_catalog.int8,
	inserted pg_catalog.int8,
	updated pg_catalog.int8,
	deleted pg_catalog.int8,
	unchanged pg_catalog.int8,
	api_calls pg_catalog.int8,
	bytes pg_catalog.int8,
	started_at pg_catalog.timestamptz,
	finished_at pg_catalog.timestamptz
);

COMMENT ON TYPE pinterest.refresh_result IS
'what a refresh did';
COMMENT ON COLUMN pinterest.refresh_result.target IS
'the table';
COMMENT ON COLUMN pinterest.refresh_result.rows IS
'rows downloaded';
COMMENT ON COLUMN pinterest.refresh_result.inserted IS
'rows that were new';
COMMENT ON COLUMN pinterest.refresh_result.updated IS
'rows that had changed';
COMMENT ON COLUMN pinterest.refresh_result.deleted IS
'rows that Pinterest no longer has, of what was loaded: deleted, or marked as such';
COMMENT ON COLUMN pinterest.refresh_result.unchanged IS
'rows that were not written because they were equal';
COMMENT ON COLUMN pinterest.refresh_result.api_calls IS
'requests sent to Pinterest';
COMMENT ON COLUMN pinterest.refresh_result.bytes IS
'size of the answers';
COMMENT ON COLUMN pinterest.refresh_result.started_at IS
'when the refresh began';
COMMENT ON COLUMN pinterest.refresh_result.finished_at IS
'when it had been applied';

CREATE FUNCTION pinterest.refresh(
	target pg_catalog.regclass,
	since pg_catalog.date DEFAULT NULL,
	last pg_catalog.interval DEFAULT NULL,
	allow_deletion pg_catalog.bool DEFAULT false)
RETURNS pinterest.refresh_result
AS 'MODULE_PATHNAME', 'pinterest_refresh'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.refresh(pg_catalog.regclass, pg_catalog.date, pg_catalog.interval, pg_catalog.bool) IS
'makes a materialized table equal to its foreign table: all of it, from a day on, or the last days. It acts as the owner of the table.';

CREATE PROCEDURE pinterest.refresh_all(
	targets pg_catalog.regclass[] DEFAULT NULL,
	since pg_catalog.date DEFAULT NULL,
	last pg_catalog.interval DEFAULT NULL,
	allow_deletion pg_catalog.bool DEFAULT false)
AS 'MODULE_PATHNAME', 'pinterest_refresh_all'
LANGUAGE C;

COMMENT ON PROCEDURE pinterest.refresh_all(pg_catalog.regclass[], pg_catalog.date, pg_catalog.interval, pg_catalog.bool) IS
'refreshes materialized tables, each in its own transaction. Without an array, it takes those of the caller and of the roles that the caller is a member of. "since" and "last" concern reports only.';


-- ====================================================================
-- Schedules
-- ====================================================================

CREATE TABLE pinterest_internal.schedules (
	name pg_catalog.text COLLATE pg_catalog."C" PRIMARY KEY,
	targets pinterest_internal.relation[],
	every pg_catalog.text NOT NULL,
	cron pg_catalog.text NOT NULL,
	job_name pg_catalog.text NOT NULL,
	last pg_catalog.interval,
	role pg_catalog.text NOT NULL,
	scheduled_at pg_catalog.timestamptz NOT NULL,
	last_run_at pg_catalog.timestamptz,
	several pg_catalog.bool NOT NULL
);

COMMENT ON TABLE pinterest_internal.schedules IS
'jobs of pg_cron that refresh tables; written by pinterest.schedule() and schedule_all(); see view pinterest.schedules';
COMMENT ON COLUMN pinterest_internal.schedules.name IS
'what the job calls the schedule: the name that the table had at first';
COMMENT ON COLUMN pinterest_internal.schedules.targets IS
'the tables; null: all that refresh_all() takes';
COMMENT ON COLUMN pinterest_internal.schedules.every IS
'how often, as it was asked for';
COMMENT ON COLUMN pinterest_internal.schedules.cron IS
'the same as a cron expression, in the time zone of pg_cron';
COMMENT ON COLUMN pinterest_internal.schedules.job_name IS
'name of the job, in the database that pg_cron is in';
COMMENT ON COLUMN pinterest_internal.schedules.last IS
'days to load of reports, counted back from today; null: all';
COMMENT ON COLUMN pinterest_internal.schedules.role IS
'whose job it is';
COMMENT ON COLUMN pinterest_internal.schedules.scheduled_at IS
'when it was scheduled';
COMMENT ON COLUMN pinterest_internal.schedules.last_run_at IS
'when the job began to run the last time';
COMMENT ON COLUMN pinterest_internal.schedules.several IS
'whether it was made by schedule_all()';

SELECT pg_catalog.pg_extension_config_dump('pinterest_internal.schedules', '');

-- A dump that leaves out a table has its schedule nevertheless.
CREATE FUNCTION pinterest_internal.skip_missing_tables()
RETURNS pg_catalog.trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	NEW.targets := ARRAY(
		SELECT t FROM pg_catalog.unnest(NEW.targets) AS t
		WHERE t::pg_catalog.oid OPERATOR(pg_catalog.<>) 0::pg_catalog.oid);
	IF pg_catalog.cardinality(NEW.targets) OPERATOR(pg_catalog.=) 0 THEN
		RETURN NULL;
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION pinterest_internal.skip_missing_tables() IS
'keeps tables that are not restored out of pinterest_internal.schedules';

CREATE TRIGGER skip_missing_tables
BEFORE INSERT ON pinterest_internal.schedules
FOR EACH ROW WHEN (NEW.targets IS NOT NULL)
EXECUTE FUNCTION pinterest_internal.skip_missing_tables();

CREATE FUNCTION pinterest.schedule(
	target pg_catalog.regclass,
	every pg_catalog.text,
	last pg_catalog.interval DEFAULT NULL)
RETURNS pg_catalog.int8
AS 'MODULE_PATHNAME', 'pinterest_schedule'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.schedule(pg_catalog.regclass, pg_catalog.text, pg_catalog.interval) IS
'has pg_cron refresh a materialized table, by a word such as hourly or by a cron expression: everything, or the last days. Returns the id of the job.';

CREATE FUNCTION pinterest.schedule_all(
	every pg_catalog.text,
	last pg_catalog.interval DEFAULT NULL,
	targets pg_catalog.regclass[] DEFAULT NULL)
RETURNS pg_catalog.int8
AS 'MODULE_PATHNAME', 'pinterest_schedule_all'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.schedule_all(pg_catalog.text, pg_catalog.interval, pg_catalog.regclass[]) IS
'has pg_cron refresh several materialized tables by one job. Without an array, it takes all that refresh_all() takes, also tables that come later. Returns the id of the job.';

CREATE FUNCTION pinterest.unschedule(target pg_catalog.regclass)
RETURNS pg_catalog.bool
AS 'MODULE_PATHNAME', 'pinterest_unschedule'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.unschedule(pg_catalog.regclass) IS
'ends all schedules of a table. Returns whether there were any.';

CREATE FUNCTION pinterest.unschedule(
	target pg_catalog.regclass,
	last pg_catalog.interval)
RETURNS pg_catalog.bool
AS 'MODULE_PATHNAME', 'pinterest_unschedule_last'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.unschedule(pg_catalog.regclass, pg_catalog.interval) IS
'ends the schedules of a table that load these last days; null: those that load everything. Returns whether there were any.';

CREATE FUNCTION pinterest.unschedule_all(targets pg_catalog.regclass[] DEFAULT NULL)
RETURNS pg_catalog.int4
AS 'MODULE_PATHNAME', 'pinterest_unschedule_all'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.unschedule_all(pg_catalog.regclass[]) IS
'ends the schedules of several tables. Without an array, it ends all of the caller''s. Returns how many there were.';

CREATE FUNCTION pinterest.unschedule_all(
	targets pg_catalog.regclass[],
	last pg_catalog.interval)
RETURNS pg_catalog.int4
AS 'MODULE_PATHNAME', 'pinterest_unschedule_all_last'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.unschedule_all(pg_catalog.regclass[], pg_catalog.interval) IS
'ends those of the schedules that load these last days; null: those that load everything. Returns how many there were.';

CREATE FUNCTION pinterest_internal.list_schedules(
	OUT target pg_catalog.regclass,
	OUT schedule pg_catalog.text,
	OUT next_run_at pg_catalog.timestamptz,
	OUT name pg_catalog.text,
	OUT last pg_catalog.interval,
	OUT role pg_catalog.text,
	OUT last_run_at pg_catalog.timestamptz,
	OUT due_at pg_catalog.timestamptz,
	OUT cron pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_list_schedules'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 30;

COMMENT ON FUNCTION pinterest_internal.list_schedules() IS
'scheduled tables; next_run_at is null if the job is known to be gone or inactive';

CREATE PROCEDURE pinterest_internal.run_schedule(name pg_catalog.text)
AS 'MODULE_PATHNAME', 'pinterest_run_schedule'
LANGUAGE C;

COMMENT ON PROCEDURE pinterest_internal.run_schedule(pg_catalog.text) IS
'refreshes the tables of a schedule; for the jobs, which would not find a renamed table otherwise';

CREATE VIEW pinterest.schedules WITH (security_barrier) AS
SELECT s.name, s.schedule AS every, s.last,
	pg_catalog.array_agg(s.target ORDER BY s.target) FILTER (WHERE s.target IS NOT NULL) AS targets,
	s.role, s.cron, s.last_run_at, s.next_run_at
FROM pinterest_internal.list_schedules() AS s
	LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) s.target
	LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname OPERATOR(pg_catalog.=) s.role::pg_catalog.name
WHERE pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
	OR (r.oid IS NOT NULL AND pg_catalog.pg_has_role(r.oid, 'USAGE'))
	OR (c.oid IS NOT NULL
		AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
			OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')))
GROUP BY s.name, s.schedule, s.last, s.role, s.cron, s.last_run_at, s.next_run_at;

COMMENT ON VIEW pinterest.schedules IS
'schedules of the tables that the user may use, a row per job';
COMMENT ON COLUMN pinterest.schedules.name IS
'what the job calls the schedule';
COMMENT ON COLUMN pinterest.schedules.every IS
'how often, as it was asked for';
COMMENT ON COLUMN pinterest.schedules.last IS
'days that are loaded of reports, counted back from today; null: all';
COMMENT ON COLUMN pinterest.schedules.targets IS
'the tables, as of now';
COMMENT ON COLUMN pinterest.schedules.role IS
'whose job it is';
COMMENT ON COLUMN pinterest.schedules.cron IS
'when, as a cron expression in the time zone of pg_cron';
COMMENT ON COLUMN pinterest.schedules.last_run_at IS
'when the job began the last time; null: not yet';
COMMENT ON COLUMN pinterest.schedules.next_run_at IS
'when it begins next; null if the job is known to be gone or inactive';


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


-- ====================================================================
-- Status and history of refreshes
-- ====================================================================

CREATE FUNCTION pinterest_internal.inspect_refresh(
	IN id pg_catalog.int8,
	IN target pg_catalog.oid,
	IN pid pg_catalog.int4,
	IN progress pg_catalog.int8,
	OUT running pg_catalog.bool,
	OUT sqlstate pg_catalog.text,
	OUT message pg_catalog.text,
	OUT windows pg_catalog.int8,
	OUT windows_ready pg_catalog.int8,
	OUT rows pg_catalog.int8,
	OUT bytes pg_catalog.int8,
	OUT total_bytes pg_catalog.int8,
	OUT applying pg_catalog.bool)
AS 'MODULE_PATHNAME', 'pinterest_inspect_refresh'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION pinterest_internal.inspect_refresh(pg_catalog.int8, pg_catalog.oid, pg_catalog.int4, pg_catalog.int8) IS
'whether a refresh without an end on record is under way, and how far';

-- Everything that is known of all refreshes.  Only those without an end are
-- looked into: the function is strict.
CREATE VIEW pinterest_internal.refreshes AS
SELECT r.id, r.target, r.target_name, r.source, r.source_name, r.started_at,
	e.finished_at,
	CASE
		WHEN e.id IS NOT NULL AND e.sqlstate IS NULL THEN 'succeeded'
		WHEN e.skipped THEN 'skipped'
		WHEN i.running THEN 'running'
		ELSE 'failed'
	END AS outcome,
	r.owner, r.role, r.pid, r.since,
	COALESCE(e.rows, i.rows) AS rows,
	e.inserted, e.updated, e.deleted, e.unchanged, e.api_calls,
	COALESCE(e.bytes, i.bytes) AS bytes,
	e.table_rows, e.data_from, e.data_to,
	COALESCE(e.sqlstate, i.sqlstate) AS sqlstate,
	COALESCE(e.message, i.message) AS message,
	e.detail, e.hint, e.left_out, e.reasons, e.reports, e.days, e.questions,
	i.windows, i.windows_ready, i.total_bytes, i.applying
FROM pinterest_internal.refresh_runs AS r
	LEFT JOIN pinterest_internal.refresh_ends AS e ON e.id OPERATOR(pg_catalog.=) r.id
	CROSS JOIN LATERAL pinterest_internal.inspect_refresh(
		CASE WHEN e.id IS NULL THEN r.id END,
		COALESCE(r.target, 0::pg_catalog.oid), r.pid,
		COALESCE(r.progress, 0)) AS i;

COMMENT ON VIEW pinterest_internal.refreshes IS
'all refreshes; see view pinterest.refresh_log';


-- What an error says can be the values of rows.  So it is for the owner of the
-- table, or whoever owned it when it is gone; the others see that a refresh has
-- failed, and the SQLSTATE.
CREATE VIEW pinterest.refresh_log WITH (security_barrier) AS
SELECT r.id, c.oid::pg_catalog.regclass AS target, r.target_name,
	r.source_name AS source, r.started_at, r.finished_at,
	COALESCE(r.finished_at, CASE WHEN r.outcome OPERATOR(pg_catalog.=) 'running' THEN pg_catalog.clock_timestamp() END)
		OPERATOR(pg_catalog.-) r.started_at AS duration,
	r.outcome, a.rolname AS role, r.pid, r.since, r.rows, r.inserted, r.updated,
	r.deleted, r.unchanged, r.api_calls, r.bytes, r.sqlstate,
	CASE WHEN may.see_all THEN r.message END AS message,
	CASE WHEN may.see_all THEN r.detail END AS detail,
	CASE WHEN may.see_all THEN r.hint END AS hint,
	r.left_out,
	CASE WHEN may.see_all THEN r.reasons END AS reasons,
	r.reports, r.days, r.questions
FROM pinterest_internal.refreshes AS r
	LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) r.target
	LEFT JOIN pg_catalog.pg_roles AS a ON a.oid OPERATOR(pg_catalog.=) r.role
	CROSS JOIN LATERAL (
		SELECT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
			OR pg_catalog.pg_has_role(COALESCE(c.relowner, r.owner), 'USAGE') AS see_all) AS may
WHERE may.see_all
	OR (a.oid IS NOT NULL AND pg_catalog.pg_has_role(a.oid, 'USAGE'))
	OR (c.oid IS NOT NULL
		AND pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE'));

COMMENT ON VIEW pinterest.refresh_log IS
'refreshes of the tables that the user may use: the last 500 of each';
COMMENT ON COLUMN pinterest.refresh_log.id IS
'number of the refresh, in the order of their beginnings';
COMMENT ON COLUMN pinterest.refresh_log.target IS
'the table; null if it is gone';
COMMENT ON COLUMN pinterest.refresh_log.target_name IS
'what it was called then';
COMMENT ON COLUMN pinterest.refresh_log.source IS
'what the foreign table was called then';
COMMENT ON COLUMN pinterest.refresh_log.started_at IS
'when the refresh began';
COMMENT ON COLUMN pinterest.refresh_log.finished_at IS
'when it ended; null if it is running or nobody knows';
COMMENT ON COLUMN pinterest.refresh_log.duration IS
'time it took, or has taken so far';
COMMENT ON COLUMN pinterest.refresh_log.outcome IS
'"running", "succeeded", "failed", or "skipped" as another refresh was under way';
COMMENT ON COLUMN pinterest.refresh_log.role IS
'who refreshed';
COMMENT ON COLUMN pinterest.refresh_log.pid IS
'process that did';
COMMENT ON COLUMN pinterest.refresh_log.since IS
'first day that the call asked for, which concerns reports by date; null: the historical date';
COMMENT ON COLUMN pinterest.refresh_log.rows IS
'rows downloaded, or so far';
COMMENT ON COLUMN pinterest.refresh_log.inserted IS
'rows that were new';
COMMENT ON COLUMN pinterest.refresh_log.updated IS
'rows that had changed';
COMMENT ON COLUMN pinterest.refresh_log.deleted IS
'rows that Pinterest no longer has, of what was loaded: deleted, or marked as such';
COMMENT ON COLUMN pinterest.refresh_log.unchanged IS
'rows that were not written because they were equal';
COMMENT ON COLUMN pinterest.refresh_log.api_calls IS
'requests sent to Pinterest';
COMMENT ON COLUMN pinterest.refresh_log.bytes IS
'size of the answers, or so far';
COMMENT ON COLUMN pinterest.refresh_log.sqlstate IS
'SQLSTATE of the error, if it failed';
COMMENT ON COLUMN pinterest.refresh_log.message IS
'the error; null for whoever has not the privileges of the owner of the table or of pg_read_all_stats, as are the next two';
COMMENT ON COLUMN pinterest.refresh_log.detail IS
'its detail';
COMMENT ON COLUMN pinterest.refresh_log.hint IS
'its hint: what to do';
COMMENT ON COLUMN pinterest.refresh_log.left_out IS
'advertisers that a successful refresh left out, in whole or in part; null if there are none';
COMMENT ON COLUMN pinterest.refresh_log.reasons IS
'why, in the same order; null as "message" is';
COMMENT ON COLUMN pinterest.refresh_log.reports IS
'reports that a successful refresh has asked for; null if it is not known';
COMMENT ON COLUMN pinterest.refresh_log.days IS
'days that a successful refresh has loaded, of all advertisers together; null where rows have no day';
COMMENT ON COLUMN pinterest.refresh_log.questions IS
'requests of a successful refresh about which days Pinterest calls complete: one call asks once for all of its tables; null if it is not known';

-- The foreign tables that are read for a materialized table: its source, or all that
-- is below it.
CREATE VIEW pinterest_internal.source_tables AS
WITH RECURSIVE below(source, relid) AS (
	SELECT DISTINCT m.source::pg_catalog.oid, m.source::pg_catalog.oid
	FROM pinterest_internal.materialized_tables AS m
	UNION
	SELECT b.source, i.inhrelid
	FROM below AS b
		JOIN pg_catalog.pg_inherits AS i ON i.inhparent OPERATOR(pg_catalog.=) b.relid)
SELECT b.source, f.ftrelid, f.ftserver, f.ftoptions
FROM below AS b
	JOIN pg_catalog.pg_foreign_table AS f ON f.ftrelid OPERATOR(pg_catalog.=) b.relid;

COMMENT ON VIEW pinterest_internal.source_tables IS
'the foreign tables that materialized tables are loaded from: one each, or all that is below a parent';

CREATE VIEW pinterest.status WITH (security_barrier) AS
SELECT m.target::pg_catalog.regclass AS target,
	m.source::pg_catalog.regclass AS source,
	f.advertiser_id,
	CASE
		WHEN f.source IS NULL THEN 'orphaned'
		WHEN latest.outcome OPERATOR(pg_catalog.=) 'running' THEN 'importing'
		WHEN latest.outcome OPERATOR(pg_catalog.=) 'failed' THEN 'failed'
		WHEN success.left_out IS NOT NULL THEN 'partial'
		WHEN success.id IS NOT NULL THEN 'ready'
		ELSE 'new'
	END AS status,
	success.table_rows AS rows, success.data_from, success.data_to,
	success.finished_at AS last_success_at,
	CASE WHEN pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
			OR pg_catalog.pg_has_role(c.relowner, 'USAGE')
		THEN CASE latest.outcome WHEN 'failed' THEN latest.message ELSE failure.message END
		ELSE 'SQLSTATE ' OPERATOR(pg_catalog.||)
			CASE latest.outcome WHEN 'failed' THEN latest.sqlstate ELSE failure.sqlstate END
	END AS last_error,
	CASE latest.outcome
		WHEN 'failed' THEN COALESCE(latest.finished_at, latest.started_at)
		ELSE COALESCE(failure.finished_at, failure.started_at)
	END AS last_error_at,
	schedule.schedule, schedule.next_run_at,
	CASE
		WHEN latest.outcome OPERATOR(pg_catalog.<>) 'running' THEN NULL
		WHEN latest.applying THEN 'applying'
		WHEN latest.rows OPERATOR(pg_catalog.>) 0 OR latest.windows_ready OPERATOR(pg_catalog.>) 0 THEN 'downloading'
		WHEN latest.rows IS NOT NULL THEN 'waiting'
	END AS phase,
	CASE WHEN latest.outcome OPERATOR(pg_catalog.=) 'running' THEN latest.started_at END AS started_at,
	CASE WHEN latest.outcome OPERATOR(pg_catalog.=) 'running' THEN latest.pid END AS pid,
	CASE
		WHEN latest.outcome OPERATOR(pg_catalog.<>) 'running' THEN NULL
		WHEN latest.applying THEN 100
		WHEN latest.windows OPERATOR(pg_catalog.>) 0
			THEN pg_catalog.floor(100.0 OPERATOR(pg_catalog.*) latest.windows_ready OPERATOR(pg_catalog./) latest.windows
				OPERATOR(pg_catalog.*) LEAST(1, latest.bytes OPERATOR(pg_catalog./) NULLIF(latest.total_bytes, 0)::pg_catalog.numeric))
	END::pg_catalog.int4 AS percent,
	latest.windows AS windows, latest.windows_ready,
	CASE WHEN latest.outcome OPERATOR(pg_catalog.=) 'running' THEN latest.rows END AS rows_read,
	CASE WHEN latest.outcome OPERATOR(pg_catalog.=) 'running' THEN latest.bytes END AS bytes_read,
	latest.total_bytes AS bytes_ready,
	pg_catalog.pg_get_userbyid(c.relowner) AS owner,
	f.authorized,
	m.settings AS loaded_with,
	(SELECT pg_catalog.min(x.complete_until) FROM pinterest_internal.freshness AS x
	WHERE x.target OPERATOR(pg_catalog.=) m.target AND x.left_out_since IS NULL) AS complete_until
FROM pinterest_internal.materialized_tables AS m
	JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) m.target
	LEFT JOIN LATERAL (
		SELECT t.source, pg_catalog.string_agg(t.advertiser_id, ',' ORDER BY t.ftrelid) AS advertiser_id,
			pg_catalog.bool_and(t.authorized) AS authorized
		FROM (
			SELECT x.source, x.ftrelid,
				COALESCE(
					(SELECT o.option_value FROM pg_catalog.pg_options_to_table(x.ftoptions) AS o
					WHERE o.option_name OPERATOR(pg_catalog.=) 'advertiser_id'),
					(SELECT o.option_value FROM pg_catalog.pg_options_to_table(s.srvoptions) AS o
					WHERE o.option_name OPERATOR(pg_catalog.=) 'advertiser_id')) AS advertiser_id,
				pinterest_internal.is_authorized(x.ftserver, c.relowner) AS authorized
			FROM pinterest_internal.source_tables AS x
				JOIN pg_catalog.pg_foreign_server AS s ON s.oid OPERATOR(pg_catalog.=) x.ftserver
			WHERE x.source OPERATOR(pg_catalog.=) m.source) AS t
		GROUP BY t.source) AS f ON true
	LEFT JOIN LATERAL (
		SELECT r.* FROM pinterest_internal.refreshes AS r
		WHERE r.target OPERATOR(pg_catalog.=) m.target
			AND r.outcome OPERATOR(pg_catalog.<>) 'skipped'
		ORDER BY r.id DESC LIMIT 1) AS latest ON true
	LEFT JOIN LATERAL (
		SELECT e.* FROM pinterest_internal.refresh_runs AS r
			JOIN pinterest_internal.refresh_ends AS e ON e.id OPERATOR(pg_catalog.=) r.id
		WHERE r.target OPERATOR(pg_catalog.=) m.target AND e.sqlstate IS NULL
		ORDER BY r.id DESC LIMIT 1) AS success ON true
	LEFT JOIN (
		-- not LATERAL: that would look for it among all successes
		SELECT DISTINCT ON (r.target) r.target, r.id, r.started_at, e.finished_at,
			e.sqlstate, e.message
		FROM pinterest_internal.refresh_runs AS r
			JOIN pinterest_internal.refresh_ends AS e ON e.id OPERATOR(pg_catalog.=) r.id
		WHERE e.sqlstate IS NOT NULL AND e.skipped IS NOT TRUE
		ORDER BY r.target, r.id DESC) AS failure
		ON failure.target OPERATOR(pg_catalog.=) m.target
			AND failure.id OPERATOR(pg_catalog.>) COALESCE(success.id, 0)
	LEFT JOIN (
		SELECT l.target, pg_catalog.min(l.next_run_at) AS next_run_at,
			pg_catalog.string_agg(
				l.schedule OPERATOR(pg_catalog.||)
					COALESCE(' (last ' OPERATOR(pg_catalog.||) l.last::pg_catalog.text OPERATOR(pg_catalog.||) ')', ''),
				', ' ORDER BY l.last, l.schedule) AS schedule
		FROM pinterest_internal.list_schedules() AS l
		GROUP BY l.target) AS schedule
		ON schedule.target OPERATOR(pg_catalog.=) m.target
WHERE pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
	OR pg_catalog.pg_has_role(c.relowner, 'USAGE')
	OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE');

COMMENT ON VIEW pinterest.status IS
'how current the materialized tables are that the user may use, a row per table';
COMMENT ON COLUMN pinterest.status.target IS
'the table';
COMMENT ON COLUMN pinterest.status.source IS
'foreign table that it is loaded from; "-" once that has been dropped';
COMMENT ON COLUMN pinterest.status.advertiser_id IS
'advertisers that are asked for, as the option says, or those of all foreign tables below the source';
COMMENT ON COLUMN pinterest.status.status IS
'the first of these that applies: "orphaned": the foreign table is gone, "importing": being loaded, "failed": the last refresh failed, and the table is as it was before, "partial": loaded, but for advertisers that pinterest.freshness names, "ready": loaded, "new": not loaded yet';
COMMENT ON COLUMN pinterest.status.rows IS
'rows that the last successful refresh left in the table; null if it was one from a day on, which does not look at all of it';
COMMENT ON COLUMN pinterest.status.data_from IS
'first day of a row at that time; null likewise, and where rows have no day';
COMMENT ON COLUMN pinterest.status.data_to IS
'last day of a row at that time; null where rows have no day';
COMMENT ON COLUMN pinterest.status.last_success_at IS
'when the last successful refresh ended';
COMMENT ON COLUMN pinterest.status.last_error IS
'what the last refresh failed with; null if it did not; the SQLSTATE alone for whoever has not the privileges of the owner of the table or of pg_read_all_stats';
COMMENT ON COLUMN pinterest.status.last_error_at IS
'when that was';
COMMENT ON COLUMN pinterest.status.schedule IS
'how often it is refreshed, as was asked for, and in parentheses the last days that are loaded, if not everything; null if it is not scheduled';
COMMENT ON COLUMN pinterest.status.next_run_at IS
'when it is refreshed next; null if the job is known to be gone or inactive';
COMMENT ON COLUMN pinterest.status.phase IS
'of a running refresh: "waiting" for what Pinterest prepares, "downloading" or "applying"; null if that cannot be seen';
COMMENT ON COLUMN pinterest.status.started_at IS
'likewise: when it began';
COMMENT ON COLUMN pinterest.status.pid IS
'likewise: its process';
COMMENT ON COLUMN pinterest.status.percent IS
'likewise: how much of the reports has been downloaded; null for lists, whose size nobody knows';
COMMENT ON COLUMN pinterest.status.windows IS
'of a running refresh: reports that it has asked Pinterest for';
COMMENT ON COLUMN pinterest.status.windows_ready IS
'likewise: how many of these Pinterest has prepared';
COMMENT ON COLUMN pinterest.status.rows_read IS
'likewise: rows downloaded';
COMMENT ON COLUMN pinterest.status.bytes_read IS
'likewise: bytes downloaded';
COMMENT ON COLUMN pinterest.status.bytes_ready IS
'likewise: size of the reports that are ready';
COMMENT ON COLUMN pinterest.status.owner IS
'owner of the table, as whom a refresh acts';
COMMENT ON COLUMN pinterest.status.authorized IS
'whether the owner has an authorization that has not ended or can be renewed; null once the source has been dropped';
COMMENT ON COLUMN pinterest.status.loaded_with IS
'options that the rows of the table were loaded with, as name=value, with Pinterest''s defaults; null if that is not known';

COMMENT ON COLUMN pinterest.status.complete_until IS
'last day up to which all days of all advertisers, but of those that are left out, have been loaded after Pinterest called them complete, or, where it does not tell, after they were over; null where rows have no day, or none is complete yet';

CREATE VIEW pinterest.freshness WITH (security_barrier) AS
SELECT m.target::pg_catalog.regclass AS target,
	NULLIF(x.advertiser_id, '') AS advertiser_id,
	x.last_success_at, x.complete_until, x.left_out_since, x.sqlstate,
	CASE WHEN pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
			OR pg_catalog.pg_has_role(c.relowner, 'USAGE')
		THEN x.reason
	END AS reason
FROM pinterest_internal.materialized_tables AS m
	JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) m.target
	JOIN pinterest_internal.freshness AS x ON x.target OPERATOR(pg_catalog.=) m.target
WHERE pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
	OR pg_catalog.pg_has_role(c.relowner, 'USAGE')
	OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE');

COMMENT ON VIEW pinterest.freshness IS
'how current the materialized tables are that the user may use, a row per table and advertiser';
COMMENT ON COLUMN pinterest.freshness.target IS
'the table';
COMMENT ON COLUMN pinterest.freshness.advertiser_id IS
'the advertiser; null for a table that is not about advertisers';
COMMENT ON COLUMN pinterest.freshness.last_success_at IS
'when the last refresh ended that loaded all that it asked for of the advertiser; null: none has';
COMMENT ON COLUMN pinterest.freshness.complete_until IS
'last day up to which all days have been loaded after Pinterest called them complete, or, where it does not tell, after they were over; null where rows have no day, or none is complete yet';
COMMENT ON COLUMN pinterest.freshness.left_out_since IS
'when the first of the refreshes ended that have left the advertiser out since; null: the last one has not';
COMMENT ON COLUMN pinterest.freshness.sqlstate IS
'SQLSTATE of the reason why the last one did';
COMMENT ON COLUMN pinterest.freshness.reason IS
'the reason; null for whoever has not the privileges of the owner of the table or of pg_read_all_stats';


-- ====================================================================
-- Requests to Pinterest
-- ====================================================================

CREATE FUNCTION pinterest_internal.list_usage(
	server pg_catalog.oid,
	role pg_catalog.oid,
	OUT hour pg_catalog.timestamptz,
	OUT kind pg_catalog.text,
	OUT requests pg_catalog.int8)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_list_usage'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 50;

COMMENT ON FUNCTION pinterest_internal.list_usage(pg_catalog.oid, pg_catalog.oid) IS
'requests of the app of a role''s user mapping, by the hour';

-- Requests are those of the app, whatever mapping, database or session of this
-- server has sent them.
CREATE VIEW pinterest.usage WITH (security_barrier) AS
WITH mappings AS (
	SELECT m.srvname AS server, m.usename AS username, u.hour, u.kind, u.requests,
		(SELECT o.option_value::pg_catalog.int8 FROM pg_catalog.pg_options_to_table(s.srvoptions) AS o
		WHERE o.option_name OPERATOR(pg_catalog.=) 'max_requests_per_day') AS max_requests_per_day
	FROM pg_catalog.pg_user_mappings AS m
		JOIN pg_catalog.pg_foreign_server AS s ON s.oid OPERATOR(pg_catalog.=) m.srvid
		JOIN pg_catalog.pg_foreign_data_wrapper AS w ON w.oid OPERATOR(pg_catalog.=) s.srvfdw
		CROSS JOIN LATERAL pinterest_internal.list_usage(m.srvid, m.umuser) AS u
	WHERE w.fdwhandler::pg_catalog.oid OPERATOR(pg_catalog.=)
			'pinterest_internal.pinterest_fdw_handler'::pg_catalog.regproc::pg_catalog.oid
		AND (pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
			OR pg_catalog.pg_has_role(s.srvowner, 'USAGE')
			OR (m.umuser OPERATOR(pg_catalog.=) 0::pg_catalog.oid
				AND pg_catalog.has_server_privilege(s.oid, 'USAGE'))
			OR (m.umuser OPERATOR(pg_catalog.<>) 0::pg_catalog.oid
				AND pg_catalog.pg_has_role(m.umuser, 'USAGE')))
), counts AS (
	SELECT h.server, h.username, 'hour' AS period, h.hour AS began_at, h.kind, h.requests, h.max_requests_per_day
	FROM mappings AS h
	UNION ALL
	SELECT h.server, h.username, 'hour', h.hour, 'all', pg_catalog.sum(h.requests)::pg_catalog.int8, h.max_requests_per_day
	FROM mappings AS h
	WHERE h.kind OPERATOR(pg_catalog.<>) 'download'
	GROUP BY h.server, h.username, h.hour, h.max_requests_per_day
)
SELECT c.server, c.username, c.period, c.began_at, c.kind, c.requests,
	CASE
		WHEN c.kind OPERATOR(pg_catalog.=) 'all' THEN NULL
		WHEN c.kind OPERATOR(pg_catalog.=) ANY ('{report,poll,analytics}'::pg_catalog.text[])
			THEN 'Standard access: 300 a minute, of reports and analytics together'
		WHEN c.kind OPERATOR(pg_catalog.=) 'list' THEN 'Standard access: 1000 a minute'
		WHEN c.kind OPERATOR(pg_catalog.=) 'download' THEN 'not counted by Pinterest'
	END AS pinterest_limit,
	NULL::pg_catalog.int8 AS max_requests_per_day
FROM counts AS c
UNION ALL
SELECT c.server, c.username, 'day',
	pg_catalog.timezone('UTC', pg_catalog.date_trunc('day', pg_catalog.timezone('UTC', c.began_at))),
	c.kind, pg_catalog.sum(c.requests)::pg_catalog.int8,
	CASE c.kind
		WHEN 'all' THEN 'Trial access: 1000 a day'
		WHEN 'download' THEN 'not counted by Pinterest'
	END,
	CASE c.kind WHEN 'all' THEN c.max_requests_per_day END
FROM counts AS c
GROUP BY c.server, c.username, c.max_requests_per_day, c.kind,
	pg_catalog.date_trunc('day', pg_catalog.timezone('UTC', c.began_at));

COMMENT ON VIEW pinterest.usage IS
'requests to Pinterest within the last two days, by hour and day: those of the app, from all databases of this server';
COMMENT ON COLUMN pinterest.usage.server IS
'foreign server';
COMMENT ON COLUMN pinterest.usage.username IS
'role of the user mapping, whose app it is';
COMMENT ON COLUMN pinterest.usage.period IS
'"hour" or "day"; days are those of UTC, and the first one may not be there in full';
COMMENT ON COLUMN pinterest.usage.began_at IS
'when it began';
COMMENT ON COLUMN pinterest.usage.kind IS
'"report": to make one, "poll": whether it is ready, "analytics": in the place of a report, "list", "token", "download": from elsewhere, "all": those that Pinterest counts';
COMMENT ON COLUMN pinterest.usage.requests IS
'how many, of live queries and refreshes';
COMMENT ON COLUMN pinterest.usage.pinterest_limit IS
'what Pinterest takes, of an app and user';
COMMENT ON COLUMN pinterest.usage.max_requests_per_day IS
'the server''s option, which stops the app of each of its mappings before Pinterest does';

CREATE FUNCTION pinterest_internal.plan_refreshes(
	targets pg_catalog.regclass[],
	since pg_catalog.date,
	last pg_catalog.interval,
	OUT target pg_catalog.regclass,
	OUT reports pg_catalog.int4,
	OUT days pg_catalog.int4,
	OUT advertisers pg_catalog.int4,
	OUT questions pg_catalog.int4)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_plan_refreshes'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 30;

COMMENT ON FUNCTION pinterest_internal.plan_refreshes(pg_catalog.regclass[], pg_catalog.date, pg_catalog.interval) IS
'reports that refreshes would ask for';

-- What Pinterest counts is each request but the downloads, of which a report has
-- one.  Without a refresh to go by, a report takes an order and a look whether it
-- is ready, and a list a page.  The first report also has the question which days are
-- complete.
CREATE FUNCTION pinterest.refresh_plan(
	targets pg_catalog.regclass[] DEFAULT NULL,
	since pg_catalog.date DEFAULT NULL,
	last pg_catalog.interval DEFAULT NULL,
	OUT target pg_catalog.regclass,
	OUT advertisers pg_catalog.int4,
	OUT reports pg_catalog.int4,
	OUT requests pg_catalog.int8,
	OUT days pg_catalog.int4,
	OUT bytes pg_catalog.int8,
	OUT last_success_at pg_catalog.timestamptz)
RETURNS SETOF pg_catalog.record
LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 30
BEGIN ATOMIC
	SELECT p.target, p.advertisers, p.reports,
		CASE
			WHEN p.reports OPERATOR(pg_catalog.>) 0 AND l.reports OPERATOR(pg_catalog.>) 0
				THEN GREATEST(2, pg_catalog.ceil((l.api_calls OPERATOR(pg_catalog.-) l.reports
						OPERATOR(pg_catalog.-) COALESCE(l.questions, 0))
					OPERATOR(pg_catalog./) l.reports::pg_catalog.numeric)) OPERATOR(pg_catalog.*) p.reports::pg_catalog.numeric
					OPERATOR(pg_catalog.+) p.questions::pg_catalog.numeric
			WHEN p.reports OPERATOR(pg_catalog.>) 0
				THEN (2 OPERATOR(pg_catalog.*) p.reports OPERATOR(pg_catalog.+) p.questions)::pg_catalog.numeric
			WHEN p.reports OPERATOR(pg_catalog.=) 0 THEN COALESCE(l.api_calls, p.advertisers)::pg_catalog.numeric
		END::pg_catalog.int8 AS requests,
		p.days,
		CASE
			WHEN p.reports OPERATOR(pg_catalog.=) 0 THEN l.bytes::pg_catalog.numeric
			WHEN l.days OPERATOR(pg_catalog.>) 0
				THEN pg_catalog.round(l.bytes::pg_catalog.numeric OPERATOR(pg_catalog.*) (p.days::pg_catalog.int8 OPERATOR(pg_catalog.*) p.advertisers)
					OPERATOR(pg_catalog./) l.days::pg_catalog.numeric)
		END::pg_catalog.int8 AS bytes,
		l.finished_at AS last_success_at
	FROM pinterest_internal.plan_refreshes(targets, since, last) AS p
		LEFT JOIN LATERAL (
			SELECT r.api_calls, r.reports, r.bytes, r.days, r.questions, r.finished_at
			FROM pinterest.refresh_log AS r
			WHERE r.target OPERATOR(pg_catalog.=) p.target AND r.outcome OPERATOR(pg_catalog.=) 'succeeded'
			ORDER BY r.id DESC LIMIT 1) AS l ON true;
END;

COMMENT ON FUNCTION pinterest.refresh_plan(pg_catalog.regclass[], pg_catalog.date, pg_catalog.interval) IS
'says what a refresh would take, without asking Pinterest. Without an array, it is about all tables that refresh_all() takes. Reports and days follow from the options, requests and bytes from what the last refresh took. Bytes are null if there was none.';

-- ====================================================================
-- What a monitor should shout about
-- ====================================================================

CREATE VIEW pinterest.problems WITH (security_barrier) AS
SELECT CASE s.status WHEN 'orphaned' THEN 'source dropped' ELSE 'failed' END AS problem,
	s.target, NULL::pg_catalog.text AS advertiser_id, NULL::pg_catalog.text AS server,
	CASE s.status WHEN 'failed' THEN s.last_error_at END AS since,
	CASE s.status
		WHEN 'orphaned' THEN 'the foreign table that it is loaded from has been dropped'
		ELSE s.last_error
	END AS detail,
	CASE s.status
		WHEN 'orphaned' THEN 'Call pinterest.materialize() with a new foreign table and this table.'
		ELSE 'pinterest.refresh_log has details and hints.'
	END AS hint
FROM pinterest.status AS s
WHERE s.status OPERATOR(pg_catalog.=) ANY ('{orphaned,failed}'::pg_catalog.text[])
UNION ALL
SELECT 'partial', f.target, f.advertiser_id, NULL, f.left_out_since,
	COALESCE(f.reason, 'SQLSTATE ' OPERATOR(pg_catalog.||) f.sqlstate),
	'Its rows stay as they were. See to it that the advertiser can be read, or name others in the option advertiser_id.'
FROM pinterest.freshness AS f
WHERE f.left_out_since IS NOT NULL
UNION ALL
SELECT 'late', l.target, NULL, NULL, l.due_at,
	'schedule "' OPERATOR(pg_catalog.||) l.name OPERATOR(pg_catalog.||) '" has not run since '
		OPERATOR(pg_catalog.||) COALESCE(l.last_run_at::pg_catalog.text, 'it was made'),
	CASE
		WHEN l.next_run_at IS NULL THEN 'Its job is gone or inactive: schedule the table again.'
		ELSE 'See whether pg_cron runs jobs, in its table cron.job_run_details and in the server log.'
	END
FROM pinterest_internal.list_schedules() AS l
	JOIN pinterest.status AS s ON s.target OPERATOR(pg_catalog.=) l.target
WHERE l.due_at OPERATOR(pg_catalog.<) (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) '15 minutes'::pg_catalog.interval)
	AND s.status OPERATOR(pg_catalog.<>) 'importing'
UNION ALL
SELECT CASE WHEN a.ends_at IS NULL THEN 'not authorized' ELSE 'authorization ends' END,
	NULL, NULL, a.srvname, a.ends_at,
	'user "' OPERATOR(pg_catalog.||) a.owner OPERATOR(pg_catalog.||) '", whose tables are loaded from it',
	'pinterest.check() tells more. Otherwise authorize again with pinterest.authorization_url() and pinterest.authorize().'
FROM (
	SELECT DISTINCT v.srvname, s.owner, s.authorized,
		pinterest_internal.authorization_ends(v.oid, c.relowner) AS ends_at
	FROM pinterest.status AS s
		JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) s.target
		JOIN pinterest_internal.source_tables AS t ON t.source OPERATOR(pg_catalog.=) s.source
		JOIN pg_catalog.pg_foreign_server AS v ON v.oid OPERATOR(pg_catalog.=) t.ftserver) AS a
WHERE a.ends_at IS NOT NULL OR NOT a.authorized
UNION ALL
SELECT 'quota near', NULL, NULL, u.server, u.began_at,
	u.requests::pg_catalog.text OPERATOR(pg_catalog.||) ' of '
		OPERATOR(pg_catalog.||) u.max_requests_per_day::pg_catalog.text
		OPERATOR(pg_catalog.||) ' requests have been sent today',
	'pinterest.usage shows what they were. Refresh less often, or fewer days.'
FROM pinterest.usage AS u
WHERE u.period OPERATOR(pg_catalog.=) 'day' AND u.kind OPERATOR(pg_catalog.=) 'all'
	AND u.began_at OPERATOR(pg_catalog.=)
		pg_catalog.timezone('UTC', pg_catalog.date_trunc('day', pg_catalog.timezone('UTC', pg_catalog.now())))
	AND (10 OPERATOR(pg_catalog.*) u.requests) OPERATOR(pg_catalog.>=) (8 OPERATOR(pg_catalog.*) u.max_requests_per_day);

COMMENT ON VIEW pinterest.problems IS
'what somebody has to see to, among what the user may use, a row per thing. No row: all is well.';
COMMENT ON COLUMN pinterest.problems.problem IS
'"failed": the last refresh did, "partial": an advertiser was left out, "late": a schedule did not run, "source dropped", "authorization ends": within seven days, "not authorized", "quota near": four fifths of max_requests_per_day';
COMMENT ON COLUMN pinterest.problems.target IS
'the table that it is about, if it is about one';
COMMENT ON COLUMN pinterest.problems.advertiser_id IS
'the advertiser likewise';
COMMENT ON COLUMN pinterest.problems.server IS
'the foreign server likewise';
COMMENT ON COLUMN pinterest.problems.since IS
'since when it is so; when an authorization ends; when a schedule was due';
COMMENT ON COLUMN pinterest.problems.detail IS
'what is known of it';
COMMENT ON COLUMN pinterest.problems.hint IS
'what to do';


-- ====================================================================
-- Views for reports
-- ====================================================================

-- Columns of the materialized tables that the user may read, as the catalog knows
-- them; with a unit, if they can be added up: ratios and averages are numeric, as are
-- amounts of spend, and who was reached on two days may be the same people.  Of each resource one table counts: the first that has rows by day.
CREATE FUNCTION pinterest_internal.list_report_columns(
	OUT resource pg_catalog.text,
	OUT target pg_catalog.regclass,
	OUT column_name pg_catalog.text,
	OUT standard_name pg_catalog.text,
	OUT unit pg_catalog.text,
	OUT is_key pg_catalog.bool)
RETURNS SETOF pg_catalog.record
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
	WITH tables AS (
		SELECT DISTINCT ON (r.option_value) r.option_value AS resource, m.target, m.columns, m.api_names
		FROM pinterest_internal.materialized_tables AS m
			JOIN pinterest_internal.source_tables AS f ON f.source = m.source::oid
			JOIN pg_foreign_server AS s ON s.oid = f.ftserver
			CROSS JOIN LATERAL pg_options_to_table(f.ftoptions) AS r
		WHERE r.option_name = 'resource'
			AND has_table_privilege(m.target::oid, 'SELECT')
			AND COALESCE(
				(SELECT o.option_value FROM pg_options_to_table(f.ftoptions) AS o WHERE o.option_name = 'granularity'),
				(SELECT o.option_value FROM pg_options_to_table(s.srvoptions) AS o WHERE o.option_name = 'granularity'),
				'day') = 'day'
			AND NOT EXISTS (SELECT FROM pg_options_to_table(f.ftoptions) AS o WHERE o.option_name = 'template_id')
		ORDER BY r.option_value, m.registered_at, f.ftrelid)
	SELECT t.resource, t.target::regclass, n.name::text, c.column_name,
		CASE
			WHEN c.description ~* 'not additive|unique' THEN NULL
			WHEN c.type = 'bigint' OR c.column_name LIKE '%spend_in_dollar' THEN c.unit
		END, c.is_key
	FROM tables AS t
		CROSS JOIN LATERAL unnest(t.columns, t.api_names) WITH ORDINALITY AS n (name, api_name, place)
		JOIN pinterest.resource_columns AS c ON c.resource = t.resource
			AND CASE WHEN COALESCE(n.api_name, '') = '' THEN c.column_name = n.name::text ELSE c.api_name = n.api_name END
	ORDER BY t.resource, n.place
$$;

COMMENT ON FUNCTION pinterest_internal.list_report_columns() IS
'columns of the tables that pinterest.create_views() is about';

CREATE FUNCTION pinterest.create_views(schema pg_catalog.text)
RETURNS SETOF pg_catalog.regclass
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	level record;
	grain text;
	targets jsonb;
	names jsonb;
	keys text;
	metrics text;
	totals text;
	ratios text;
	joins text;
	columns text;
	spend text;
BEGIN
	IF schema IS NULL THEN
		RAISE EXCEPTION 'argument "schema" of pinterest.create_views() must not be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF to_regnamespace(quote_ident(schema)) IS NULL THEN
		EXECUTE format('CREATE SCHEMA %I', schema);
	END IF;
	SELECT jsonb_object_agg(DISTINCT c.resource, c.target::text) INTO targets
	FROM pinterest_internal.list_report_columns() AS c;

	-- a sum over several levels would count the same spend several times: so there
	-- are views of one level each
	FOR level IN
		SELECT l.name, l.name || '_report' AS resource, l.entities, l.id
		FROM (VALUES ('advertiser', NULL, NULL), ('campaign', 'campaigns', 'campaign_id'),
			('ad_group', 'ad_groups', 'ad_group_id'), ('ad', 'ads', 'ad_id'),
			('keyword', NULL, NULL), ('product_group', NULL, NULL), ('product_item', NULL, NULL)) AS l (name, entities, id)
		WHERE targets ? (l.name || '_report')
	LOOP
		SELECT jsonb_object_agg(c.standard_name, c.column_name) INTO names
		FROM pinterest_internal.list_report_columns() AS c
		WHERE c.resource = level.resource;

		-- keys but the day, and what they are called
		SELECT string_agg(format('r.%I', c.column_name), ', '),
			string_agg(format('v.%I', c.column_name), ', ')
		INTO columns, keys
		FROM pinterest_internal.list_report_columns() AS c
		WHERE c.resource = level.resource AND c.is_key AND c.standard_name <> 'date';
		joins := '';
		IF targets ? 'advertisers' THEN
			columns := columns || ', a.name AS advertiser_name, a.currency';
			keys := keys || ', v.advertiser_name, v.currency';
			joins := format(' LEFT JOIN %s AS a ON a.advertiser_id = r.%I',
				targets ->> 'advertisers', names ->> 'advertiser_id');
		END IF;
		IF level.entities IS NOT NULL AND targets ? level.entities THEN
			columns := columns || format(', e.name AS %I', level.name || '_name');
			keys := keys || format(', v.%I', level.name || '_name');
			joins := joins || format(' LEFT JOIN %s AS e ON e.advertiser_id = r.%I AND e.%I = r.%I',
				targets ->> level.entities, names ->> 'advertiser_id', level.id, names ->> level.id);
		END IF;

		SELECT string_agg(format('r.%I', c.column_name), ', '),
			string_agg(format('sum(v.%I)%s AS %I', c.column_name,
				CASE c.unit WHEN 'currency' THEN '' ELSE '::bigint' END, c.column_name), ', ')
		INTO metrics, totals
		FROM pinterest_internal.list_report_columns() AS c
		WHERE c.resource = level.resource AND NOT c.is_key AND c.unit IS NOT NULL;
		CONTINUE WHEN metrics IS NULL;

		EXECUTE format('CREATE OR REPLACE VIEW %I.%I AS SELECT r.%I AS date, %s, %s FROM %s AS r%s',
			schema, level.name, names ->> 'date', columns, metrics, targets ->> level.resource, joins);
		EXECUTE format('COMMENT ON VIEW %I.%I IS %L', schema, level.name,
			format('metrics by day that can be added up, from %s; not together with those of another level', targets ->> level.resource));
		RETURN NEXT format('%I.%I', schema, level.name)::regclass;

		-- a ratio is one of sums, so it cannot be added up, nor averaged
		spend := CASE
			WHEN names ? 'spend_in_micro_dollar' THEN format('(sum(v.%I) / 1000000.0)', names ->> 'spend_in_micro_dollar')
			WHEN names ? 'spend_in_dollar' THEN format('sum(v.%I)', names ->> 'spend_in_dollar')
		END;
		SELECT string_agg(format(', round(%s * %s / nullif(%s, 0), 6) AS %I', q.factor,
			q.dividend, q.divisor, q.name), '' ORDER BY q.place)
		INTO ratios
		FROM (
			SELECT p.place, p.name, p.factor,
				CASE p.dividend WHEN 'spend' THEN spend ELSE 'sum(v.' || quote_ident(names ->> p.dividend) || ')::numeric' END AS dividend,
				CASE p.divisor WHEN 'spend' THEN spend ELSE 'sum(v.' || quote_ident(names ->> p.divisor) || ')' END AS divisor
			FROM (VALUES (1, 'click_rate', '1', 'total_clickthrough', 'total_impression'),
				(2, 'engagement_rate', '1', 'total_engagement', 'total_impression'),
				(3, 'cost_per_1000_impressions', '1000', 'spend', 'total_impression'),
				(4, 'cost_per_click', '1', 'spend', 'total_clickthrough'),
				(5, 'cost_per_engagement', '1', 'spend', 'total_engagement'),
				(6, 'cost_per_conversion', '1', 'spend', 'total_conversions'),
				(7, 'return_on_ad_spend', '0.000001', 'total_checkout_value_in_micro_dollar', 'spend'))
				AS p (place, name, factor, dividend, divisor)) AS q
		WHERE q.dividend IS NOT NULL AND q.divisor IS NOT NULL;

		FOREACH grain IN ARRAY '{day,week,month}'::text[]
		LOOP
			EXECUTE format('CREATE OR REPLACE VIEW %1$I.%2$I AS SELECT pg_catalog.date_trunc(%3$L, v.date)::pg_catalog.date AS %3$I, %4$s, %5$s%6$s FROM %1$I.%7$I AS v GROUP BY pg_catalog.date_trunc(%3$L, v.date), %4$s',
				schema, level.name || '_by_' || grain, grain, keys, totals, ratios, level.name);
			EXECUTE format('COMMENT ON VIEW %I.%I IS %L', schema, level.name || '_by_' || grain,
				format('metrics by %s, and ratios of their sums, which cannot be added up', grain));
			RETURN NEXT format('%I.%I', schema, level.name || '_by_' || grain)::regclass;
		END LOOP;
	END LOOP;
END
$$;

COMMENT ON FUNCTION pinterest.create_views(pg_catalog.text) IS
'makes views over the materialized reports by day, in a schema. Of each level, one view has names and currency, and others have sums and ratios by day, week and month. Returns the views.';


-- ====================================================================
-- Checks of DDL
-- ====================================================================

CREATE FUNCTION pinterest_internal.check_ddl(tag pg_catalog.text)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'pinterest_check_ddl'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest_internal.check_ddl(pg_catalog.text) IS
'refuses columns that a foreign table of pinterest_fdw cannot have, and to move objects of the extension';

CREATE FUNCTION pinterest_internal.end_schedules()
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'pinterest_end_schedules'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest_internal.end_schedules() IS
'has the jobs of all schedules removed if the extension is dropped';

-- Like on_drop(), it lets commands pass if the library is not installed any more;
-- but not those that take from under it what it calls.
CREATE FUNCTION pinterest_internal.on_ddl()
RETURNS pg_catalog.event_trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF TG_EVENT OPERATOR(pg_catalog.=) 'ddl_command_start' THEN
		PERFORM pinterest_internal.end_schedules();
	ELSE
		PERFORM pinterest_internal.check_ddl(TG_TAG);
	END IF;
EXCEPTION
	WHEN undefined_file OR undefined_function OR invalid_schema_name OR undefined_table THEN
		IF TG_TAG OPERATOR(pg_catalog.=) ANY ('{ALTER SCHEMA,ALTER FUNCTION,ALTER ROUTINE}'::pg_catalog.text[])
			AND pg_catalog.to_regprocedure('pinterest_internal.check_ddl(pg_catalog.text)') IS NULL
		THEN
			RAISE EXCEPTION 'cannot rename or move objects of extension pinterest_fdw'
				USING ERRCODE = 'object_not_in_prerequisite_state',
				HINT = 'Leave them as they are. DROP EXTENSION pinterest_fdw removes them.';
		END IF;
		RAISE WARNING 'extension pinterest_fdw does not look at %: %', TG_TAG, SQLERRM;
END
$$;

COMMENT ON FUNCTION pinterest_internal.on_ddl() IS
'has commands checked that make or alter tables, or drop the extension';


-- ====================================================================
-- Privileges
-- ====================================================================

-- Default privileges of whoever creates the extension may have granted more than
-- is granted here: a trigger on one of these tables would run with its owner's
-- rights, and a function in one of these schemas could be taken for one of ours.
DO $$
DECLARE
	object pg_catalog.record;
BEGIN
	FOR object IN
		SELECT o.kind, i.identity, a.grantee
		FROM pg_catalog.pg_depend AS d
			JOIN pg_catalog.pg_extension AS e
				ON e.oid OPERATOR(pg_catalog.=) d.refobjid
			CROSS JOIN LATERAL (
				SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.relacl, c.relowner
				FROM pg_catalog.pg_class AS c
				WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
					AND c.oid OPERATOR(pg_catalog.=) d.objid
				UNION ALL
				SELECT 'ROUTINE', p.proacl, p.proowner
				FROM pg_catalog.pg_proc AS p
				WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
					AND p.oid OPERATOR(pg_catalog.=) d.objid
				UNION ALL
				SELECT 'TYPE', t.typacl, t.typowner
				FROM pg_catalog.pg_type AS t
				WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass
					AND t.oid OPERATOR(pg_catalog.=) d.objid
				UNION ALL
				SELECT 'SCHEMA', n.nspacl, n.nspowner
				FROM pg_catalog.pg_namespace AS n
				WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
					AND n.oid OPERATOR(pg_catalog.=) d.objid
				UNION ALL
				SELECT 'FOREIGN DATA WRAPPER', w.fdwacl, w.fdwowner
				FROM pg_catalog.pg_foreign_data_wrapper AS w
				WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass
					AND w.oid OPERATOR(pg_catalog.=) d.objid) AS o (kind, acl, owner)
			CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, 0) AS i
			CROSS JOIN LATERAL (
				SELECT DISTINCT x.grantee FROM pg_catalog.aclexplode(o.acl) AS x) AS a
		WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass
			AND e.extname OPERATOR(pg_catalog.=) 'pinterest_fdw'
			AND d.deptype OPERATOR(pg_catalog.=) 'e'
			AND a.grantee OPERATOR(pg_catalog.<>) o.owner
	LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON %s %s FROM %s', object.kind, object.identity,
			CASE object.grantee WHEN 0 THEN 'PUBLIC'
				ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(object.grantee)) END);
	END LOOP;
END
$$;

GRANT USAGE ON SCHEMA pinterest, pinterest_internal TO PUBLIC;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA pinterest, pinterest_internal TO PUBLIC;
GRANT USAGE ON TYPE pinterest.refresh_result, pinterest_internal.relation TO PUBLIC;

-- What the views show is chosen by them; the tables can be read so that whoever
-- owns a database can dump it.
GRANT SELECT ON pinterest.resources, pinterest.resource_columns,
	pinterest.refresh_log, pinterest.status, pinterest.freshness, pinterest.schedules,
	pinterest.usage, pinterest.problems,
	pinterest_internal.materialized_tables, pinterest_internal.schedules TO PUBLIC;


-- ====================================================================
-- Event triggers on the commands of others
-- ====================================================================

-- Last, as they would look at the commands above as well.
CREATE EVENT TRIGGER pinterest_fdw_on_ddl ON ddl_command_end
WHEN TAG IN ('CREATE FOREIGN TABLE', 'ALTER FOREIGN TABLE', 'ALTER TABLE',
	'IMPORT FOREIGN SCHEMA', 'ALTER SCHEMA', 'ALTER VIEW', 'ALTER SEQUENCE',
	'ALTER INDEX', 'ALTER TYPE', 'ALTER FUNCTION', 'ALTER PROCEDURE',
	'ALTER ROUTINE', 'ALTER EXTENSION')
EXECUTE FUNCTION pinterest_internal.on_ddl();

ALTER EVENT TRIGGER pinterest_fdw_on_ddl ENABLE ALWAYS;

COMMENT ON EVENT TRIGGER pinterest_fdw_on_ddl IS
'refuses columns that a foreign table of pinterest_fdw cannot have, and to move objects of the extension';

CREATE EVENT TRIGGER pinterest_fdw_before_drop ON ddl_command_start
WHEN TAG IN ('DROP EXTENSION', 'DROP OWNED')
EXECUTE FUNCTION pinterest_internal.on_ddl();

ALTER EVENT TRIGGER pinterest_fdw_before_drop ENABLE ALWAYS;

COMMENT ON EVENT TRIGGER pinterest_fdw_before_drop IS
'has the jobs of all schedules removed if the extension is dropped';
