/* sql/pinterest_fdw--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION pinterest_fdw" to load this file. \quit

-- Everyone may use what is here: the functions run as their caller, and do
-- nothing that he could not do without them.
GRANT USAGE ON SCHEMA pinterest TO PUBLIC;


-- ====================================================================
-- The wrapper
-- ====================================================================

CREATE FUNCTION pinterest.pinterest_fdw_handler()
RETURNS pg_catalog.fdw_handler
AS 'MODULE_PATHNAME', 'pinterest_fdw_handler'
LANGUAGE C STRICT;

COMMENT ON FUNCTION pinterest.pinterest_fdw_handler() IS
'handler of foreign data wrapper pinterest_fdw';

CREATE FUNCTION pinterest.pinterest_fdw_validator(pg_catalog.text[], pg_catalog.oid)
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'pinterest_fdw_validator'
LANGUAGE C STRICT;

COMMENT ON FUNCTION pinterest.pinterest_fdw_validator(pg_catalog.text[], pg_catalog.oid) IS
'checks the options of foreign data wrapper pinterest_fdw';

CREATE FOREIGN DATA WRAPPER pinterest_fdw
HANDLER pinterest.pinterest_fdw_handler
VALIDATOR pinterest.pinterest_fdw_validator;

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

CREATE FUNCTION pinterest.list_resources(
	OUT resource pg_catalog.text,
	OUT kind pg_catalog.text,
	OUT key pg_catalog.text[],
	OUT level pg_catalog.text,
	OUT history_days pg_catalog.int4,
	OUT description pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_resources'
LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 30;

COMMENT ON FUNCTION pinterest.list_resources() IS
'the rows of view pinterest.resources';

CREATE VIEW pinterest.resources AS
SELECT r.resource, r.kind, r.key, r.level, r.history_days, r.description
FROM pinterest.list_resources() AS r;

COMMENT ON VIEW pinterest.resources IS
'foreign tables that IMPORT FOREIGN SCHEMA ads offers';
COMMENT ON COLUMN pinterest.resources.resource IS
'name of the foreign table, and value of its option "resource"';
COMMENT ON COLUMN pinterest.resources.kind IS
'"entity" or "report"';
COMMENT ON COLUMN pinterest.resources.key IS
'columns of the natural key, in order';
COMMENT ON COLUMN pinterest.resources.level IS
'reporting level, as the API calls it; null for entities';
COMMENT ON COLUMN pinterest.resources.history_days IS
'days back from today that Pinterest keeps; null where it keeps everything';
COMMENT ON COLUMN pinterest.resources.description IS
'what the rows are';

CREATE FUNCTION pinterest.list_resource_columns(
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

COMMENT ON FUNCTION pinterest.list_resource_columns() IS
'the rows of view pinterest.resource_columns';

CREATE VIEW pinterest.resource_columns AS
SELECT c.resource, c.column_name, c.api_name, c.type, c.unit, c.is_key,
	c.standard, c.description
FROM pinterest.list_resource_columns() AS c;

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

GRANT SELECT ON pinterest.resources, pinterest.resource_columns TO PUBLIC;


-- ====================================================================
-- Authorization
-- ====================================================================

-- What Pinterest issues.  Written and read by the library alone, past these
-- rights; nobody else has any, and pg_dump leaves the tables' contents out.
-- Row-level security keeps out those, too, who may read all tables.
CREATE TABLE pinterest.authorizations (
	user_mapping pg_catalog.oid,
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
	PRIMARY KEY (user_mapping, mapping_digest)
);

COMMENT ON TABLE pinterest.authorizations IS
'tokens that Pinterest has issued, for superusers only; pinterest.check() shows their state';
COMMENT ON COLUMN pinterest.authorizations.user_mapping IS
'OID of the user mapping, in pg_user_mapping';
COMMENT ON COLUMN pinterest.authorizations.mapping_digest IS
'SHA-256 of the tokens that stand in the user mapping while these count';
COMMENT ON COLUMN pinterest.authorizations.access_token IS
'what requests are sent with';
COMMENT ON COLUMN pinterest.authorizations.access_expires_at IS
'when it ends; null if that is not known';
COMMENT ON COLUMN pinterest.authorizations.refresh_token IS
'what a renewal is asked with, and replaces';
COMMENT ON COLUMN pinterest.authorizations.refresh_expires_at IS
'when it ends, unless it is used before; null if that is not known';
COMMENT ON COLUMN pinterest.authorizations.scope IS
'what it allows';
COMMENT ON COLUMN pinterest.authorizations.issued_at IS
'when Pinterest issued the tokens';
COMMENT ON COLUMN pinterest.authorizations.attempted_at IS
'when a renewal began of which the outcome is not known; null normally';
COMMENT ON COLUMN pinterest.authorizations.failed_at IS
'when the latest renewal failed; null if it did not';
COMMENT ON COLUMN pinterest.authorizations.failure_sqlstate IS
'its SQLSTATE, as the server encodes it';
COMMENT ON COLUMN pinterest.authorizations.failure IS
'its message';
COMMENT ON COLUMN pinterest.authorizations.failure_detail IS
'the detail of it';
COMMENT ON COLUMN pinterest.authorizations.failure_hint IS
'and the hint';

-- ANALYZE would keep samples of them.
ALTER TABLE pinterest.authorizations
	ALTER COLUMN access_token SET STATISTICS 0,
	ALTER COLUMN refresh_token SET STATISTICS 0;
ALTER TABLE pinterest.authorizations ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON pinterest.authorizations FROM PUBLIC;

CREATE TABLE pinterest.authorization_requests (
	state_digest pg_catalog.text PRIMARY KEY,
	user_mapping pg_catalog.oid NOT NULL,
	redirect_uri pg_catalog.text NOT NULL,
	requested_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
	used_at pg_catalog.timestamptz
);

COMMENT ON TABLE pinterest.authorization_requests IS
'browsers that pinterest.authorization_url() has sent to Pinterest within the last day';
COMMENT ON COLUMN pinterest.authorization_requests.state_digest IS
'SHA-256 of the state in the URL';
COMMENT ON COLUMN pinterest.authorization_requests.user_mapping IS
'OID of the user mapping that is to be authorized';
COMMENT ON COLUMN pinterest.authorization_requests.redirect_uri IS
'where Pinterest sends the browser back to';
COMMENT ON COLUMN pinterest.authorization_requests.requested_at IS
'when that was';
COMMENT ON COLUMN pinterest.authorization_requests.used_at IS
'when pinterest.authorize() used the state up; null: not yet';

ALTER TABLE pinterest.authorization_requests ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON pinterest.authorization_requests FROM PUBLIC;

CREATE FUNCTION pinterest.authorization_url(
	server pg_catalog.name,
	scopes pg_catalog.text[] DEFAULT '{ads:read}')
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'pinterest_authorization_url'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.authorization_url(pg_catalog.name, pg_catalog.text[]) IS
'where to send the browser to let the current user''s mapping for a server into Pinterest';

CREATE FUNCTION pinterest.authorize(
	server pg_catalog.name,
	redirected_url pg_catalog.text)
RETURNS pg_catalog.text
AS 'MODULE_PATHNAME', 'pinterest_authorize'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.authorize(pg_catalog.name, pg_catalog.text) IS
'takes the URL that Pinterest sent the browser back to, and stores the tokens issued for it';

CREATE FUNCTION pinterest.check(
	server pg_catalog.name,
	OUT item pg_catalog.text,
	OUT ok pg_catalog.bool,
	OUT detail pg_catalog.text,
	OUT hint pg_catalog.text)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_check'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE ROWS 10;

COMMENT ON FUNCTION pinterest.check(pg_catalog.name) IS
'what must be right for the current user to read from Pinterest: whether it is, what is wrong, what to do';


-- ====================================================================
-- Materialized tables
-- ====================================================================

-- A relation, like pg_catalog.regclass, in a form that survives a dump: written
-- as a qualified name always, and "-" if there is no such relation, read or
-- written.
CREATE TYPE pinterest.relation;

CREATE FUNCTION pinterest.relation_in(pg_catalog.cstring)
RETURNS pinterest.relation
AS 'MODULE_PATHNAME', 'pinterest_relation_in'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION pinterest.relation_in(pg_catalog.cstring) IS
'I/O';

CREATE FUNCTION pinterest.relation_out(pinterest.relation)
RETURNS pg_catalog.cstring
AS 'MODULE_PATHNAME', 'pinterest_relation_out'
LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION pinterest.relation_out(pinterest.relation) IS
'I/O';

CREATE TYPE pinterest.relation (
	INPUT = pinterest.relation_in,
	OUTPUT = pinterest.relation_out,
	LIKE = pg_catalog.oid
);

COMMENT ON TYPE pinterest.relation IS
'a table, or "-" if it is gone';

CREATE CAST (pinterest.relation AS pg_catalog.oid) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (pinterest.relation AS pg_catalog.regclass) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (pg_catalog.oid AS pinterest.relation) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (pg_catalog.regclass AS pinterest.relation) WITHOUT FUNCTION AS ASSIGNMENT;

CREATE TABLE pinterest.materialized_tables (
	target pinterest.relation PRIMARY KEY,
	source pinterest.relation NOT NULL,
	columns pg_catalog.name[] NOT NULL,
	registered_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now()
);

COMMENT ON TABLE pinterest.materialized_tables IS
'tables that pinterest.refresh() loads; written by pinterest.materialize()';
COMMENT ON COLUMN pinterest.materialized_tables.target IS
'the table';
COMMENT ON COLUMN pinterest.materialized_tables.source IS
'foreign table that it is loaded from; "-" once that has been dropped';
COMMENT ON COLUMN pinterest.materialized_tables.columns IS
'columns that it takes from there';
COMMENT ON COLUMN pinterest.materialized_tables.registered_at IS
'when it was registered first';

REVOKE ALL ON pinterest.materialized_tables FROM PUBLIC;
GRANT SELECT ON pinterest.materialized_tables TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('pinterest.materialized_tables', '');

-- A dump that leaves out a table has its registration nevertheless.
CREATE FUNCTION pinterest.skip_missing_table()
RETURNS pg_catalog.trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION pinterest.skip_missing_table() IS
'keeps a table that is not restored out of pinterest.materialized_tables and pinterest.schedules';

CREATE TRIGGER skip_missing_table
BEFORE INSERT ON pinterest.materialized_tables
FOR EACH ROW WHEN (NEW.target OPERATOR(pg_catalog.=) 0::pg_catalog.oid)
EXECUTE FUNCTION pinterest.skip_missing_table();

-- The record of refreshes: see src/refresh/log.c for why it is two tables.  What is in
-- them is for owners and readers of the tables; the views below see to that.
CREATE SEQUENCE pinterest.refresh_ids;

CREATE TABLE pinterest.refresh_runs (
	id pg_catalog.int8 PRIMARY KEY,
	target pg_catalog.oid,
	target_name pg_catalog.text NOT NULL,
	source pg_catalog.oid NOT NULL,
	source_name pg_catalog.text,
	started_at pg_catalog.timestamptz NOT NULL,
	role pg_catalog.oid NOT NULL,
	pid pg_catalog.int4 NOT NULL,
	since pg_catalog.date,
	progress pg_catalog.int8
);

CREATE INDEX ON pinterest.refresh_runs (target, id);

COMMENT ON TABLE pinterest.refresh_runs IS
'refreshes that have begun; see view pinterest.refresh_log';

CREATE TABLE pinterest.refresh_ends (
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
	hint pg_catalog.text
);

COMMENT ON TABLE pinterest.refresh_ends IS
'what became of refreshes; see view pinterest.refresh_log';

REVOKE ALL ON pinterest.refresh_runs, pinterest.refresh_ends FROM PUBLIC;
REVOKE ALL ON SEQUENCE pinterest.refresh_ids FROM PUBLIC;

-- What is dropped must not leave a row that another object could match later,
-- when its OID is used again, nor tokens.  DROP is anyone's command, hence SECURITY
-- DEFINER; and as the command would fail along with this function, it is not
-- one that needs the library.
CREATE FUNCTION pinterest.forget_dropped_objects()
RETURNS pg_catalog.event_trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM pinterest.materialized_tables AS m
	USING pg_catalog.pg_event_trigger_dropped_objects() AS d
	WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
		AND d.objid OPERATOR(pg_catalog.=) m.target
		AND d.objsubid OPERATOR(pg_catalog.=) 0;
	UPDATE pinterest.materialized_tables AS m SET source = '-'
	FROM pg_catalog.pg_event_trigger_dropped_objects() AS d
	WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
		AND d.objid OPERATOR(pg_catalog.=) m.source
		AND d.objsubid OPERATOR(pg_catalog.=) 0;
	UPDATE pinterest.refresh_runs AS r SET target = NULL
	FROM pg_catalog.pg_event_trigger_dropped_objects() AS d
	WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
		AND d.objid OPERATOR(pg_catalog.=) r.target
		AND d.objsubid OPERATOR(pg_catalog.=) 0;
	DELETE FROM pinterest.authorizations AS a
	USING pg_catalog.pg_event_trigger_dropped_objects() AS d
	WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_user_mapping'::pg_catalog.regclass
		AND d.objid OPERATOR(pg_catalog.=) a.user_mapping;
END
$$;

COMMENT ON FUNCTION pinterest.forget_dropped_objects() IS
'removes dropped tables from pinterest.materialized_tables and the record of refreshes, and the tokens of dropped user mappings';

CREATE EVENT TRIGGER pinterest_fdw_forget_dropped_objects
ON sql_drop EXECUTE FUNCTION pinterest.forget_dropped_objects();

COMMENT ON EVENT TRIGGER pinterest_fdw_forget_dropped_objects IS
'removes dropped tables from pinterest.materialized_tables, and the tokens of dropped user mappings';

CREATE FUNCTION pinterest.materialize(
	source pg_catalog.regclass,
	target pg_catalog.text,
	with_data pg_catalog.bool DEFAULT true)
RETURNS pg_catalog.regclass
AS 'MODULE_PATHNAME', 'pinterest_materialize'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.materialize(pg_catalog.regclass, pg_catalog.text, pg_catalog.bool) IS
'creates or adopts an ordinary table like a foreign one, registers it and loads it';

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
'rows that Pinterest no longer has, within the range loaded';
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
	since pg_catalog.date DEFAULT NULL)
RETURNS pinterest.refresh_result
AS 'MODULE_PATHNAME', 'pinterest_refresh'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.refresh(pg_catalog.regclass, pg_catalog.date) IS
'makes a materialized table equal to its foreign table, from a day on';

CREATE PROCEDURE pinterest.refresh_all(
	VARIADIC targets pg_catalog.regclass[] DEFAULT '{}')
AS 'MODULE_PATHNAME', 'pinterest_refresh_all'
LANGUAGE C;

COMMENT ON PROCEDURE pinterest.refresh_all(pg_catalog.regclass[]) IS
'refreshes materialized tables, each in its own transaction; none named: all that the caller may';


-- ====================================================================
-- Schedules
-- ====================================================================

CREATE TABLE pinterest.schedules (
	name pg_catalog.text PRIMARY KEY,
	target pinterest.relation NOT NULL UNIQUE,
	every pg_catalog.text NOT NULL,
	cron pg_catalog.text NOT NULL,
	job_name pg_catalog.text NOT NULL
);

COMMENT ON TABLE pinterest.schedules IS
'tables that jobs of pg_cron refresh; written by pinterest.schedule()';
COMMENT ON COLUMN pinterest.schedules.name IS
'what the job calls the schedule: the name that the table had at first';
COMMENT ON COLUMN pinterest.schedules.target IS
'the table';
COMMENT ON COLUMN pinterest.schedules.every IS
'how often, as it was asked for';
COMMENT ON COLUMN pinterest.schedules.cron IS
'the same as a cron expression, in the time zone of pg_cron';
COMMENT ON COLUMN pinterest.schedules.job_name IS
'name of the job, in the database that pg_cron is in';

REVOKE ALL ON pinterest.schedules FROM PUBLIC;
GRANT SELECT ON pinterest.schedules TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('pinterest.schedules', '');

CREATE TRIGGER skip_missing_table
BEFORE INSERT ON pinterest.schedules
FOR EACH ROW WHEN (NEW.target OPERATOR(pg_catalog.=) 0::pg_catalog.oid)
EXECUTE FUNCTION pinterest.skip_missing_table();

CREATE FUNCTION pinterest.schedule(
	target pg_catalog.regclass,
	every pg_catalog.text)
RETURNS pg_catalog.int8
AS 'MODULE_PATHNAME', 'pinterest_schedule'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.schedule(pg_catalog.regclass, pg_catalog.text) IS
'has pg_cron refresh a materialized table: hourly, daily, weekly, monthly, or by a cron expression; returns the job''s id';

CREATE FUNCTION pinterest.unschedule(target pg_catalog.regclass)
RETURNS pg_catalog.bool
AS 'MODULE_PATHNAME', 'pinterest_unschedule'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.unschedule(pg_catalog.regclass) IS
'ends the scheduled refreshes of a table; returns whether there were any';

CREATE FUNCTION pinterest.list_schedules(
	OUT target pg_catalog.regclass,
	OUT schedule pg_catalog.text,
	OUT next_run_at pg_catalog.timestamptz)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_list_schedules'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 30;

COMMENT ON FUNCTION pinterest.list_schedules() IS
'scheduled tables; next_run_at is null if the job is known to be gone or inactive';

CREATE FUNCTION pinterest.scheduled_table(name pg_catalog.text)
RETURNS pg_catalog.regclass
AS 'MODULE_PATHNAME', 'pinterest_scheduled_table'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.scheduled_table(pg_catalog.text) IS
'table of a schedule; for the jobs, which would not find a renamed table otherwise';

CREATE FUNCTION pinterest.remove_jobs(job_names pg_catalog.text[])
RETURNS pg_catalog.void
AS 'MODULE_PATHNAME', 'pinterest_remove_jobs'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

REVOKE ALL ON FUNCTION pinterest.remove_jobs(pg_catalog.text[]) FROM PUBLIC;

COMMENT ON FUNCTION pinterest.remove_jobs(pg_catalog.text[]) IS
'removes jobs of pg_cron; for the schedules of dropped tables';

-- As above: whatever goes wrong here must not keep anyone from dropping.
CREATE FUNCTION pinterest.forget_dropped_schedules()
RETURNS pg_catalog.event_trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	gone pg_catalog.text[];
BEGIN
	WITH deleted AS (
		DELETE FROM pinterest.schedules AS s
		USING pg_catalog.pg_event_trigger_dropped_objects() AS d
		WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
			AND d.objid OPERATOR(pg_catalog.=) s.target
			AND d.objsubid OPERATOR(pg_catalog.=) 0
		RETURNING s.job_name)
	SELECT pg_catalog.array_agg(deleted.job_name) INTO gone FROM deleted;
	IF gone IS NOT NULL THEN
		BEGIN
			PERFORM pinterest.remove_jobs(gone);
		EXCEPTION WHEN OTHERS THEN
			RAISE WARNING 'could not remove the scheduled jobs of dropped tables: %', SQLERRM;
		END;
	END IF;
END
$$;

COMMENT ON FUNCTION pinterest.forget_dropped_schedules() IS
'removes the schedules of dropped tables';

CREATE EVENT TRIGGER pinterest_fdw_forget_dropped_schedules
ON sql_drop EXECUTE FUNCTION pinterest.forget_dropped_schedules();

COMMENT ON EVENT TRIGGER pinterest_fdw_forget_dropped_schedules IS
'removes the schedules of dropped tables';


-- ====================================================================
-- Status and history of refreshes
-- ====================================================================

CREATE FUNCTION pinterest.inspect_refresh(
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
	OUT total_bytes pg_catalog.int8)
AS 'MODULE_PATHNAME', 'pinterest_inspect_refresh'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION pinterest.inspect_refresh(pg_catalog.int8, pg_catalog.oid, pg_catalog.int4, pg_catalog.int8) IS
'whether a refresh without an end on record is under way, and how far';

-- Everything that is known of all refreshes.  Only those without an end are
-- looked into: the function is strict.
CREATE VIEW pinterest.refreshes AS
SELECT r.id, r.target, r.target_name, r.source, r.source_name, r.started_at,
	e.finished_at,
	CASE
		WHEN e.id IS NOT NULL AND e.sqlstate IS NULL THEN 'succeeded'
		WHEN i.running THEN 'running'
		ELSE 'failed'
	END AS outcome,
	r.role, r.pid, r.since,
	COALESCE(e.rows, i.rows) AS rows,
	e.inserted, e.updated, e.deleted, e.unchanged, e.api_calls,
	COALESCE(e.bytes, i.bytes) AS bytes,
	e.table_rows, e.data_from, e.data_to,
	COALESCE(e.sqlstate, i.sqlstate) AS sqlstate,
	COALESCE(e.message, i.message) AS message,
	e.detail, e.hint,
	i.windows, i.windows_ready, i.total_bytes
FROM pinterest.refresh_runs AS r
	LEFT JOIN pinterest.refresh_ends AS e ON e.id OPERATOR(pg_catalog.=) r.id
	CROSS JOIN LATERAL pinterest.inspect_refresh(
		CASE WHEN e.id IS NULL THEN r.id END,
		COALESCE(r.target, 0::pg_catalog.oid), r.pid,
		COALESCE(r.progress, 0)) AS i;

COMMENT ON VIEW pinterest.refreshes IS
'all refreshes; see view pinterest.refresh_log';

REVOKE ALL ON pinterest.refreshes FROM PUBLIC;

CREATE VIEW pinterest.refresh_log WITH (security_barrier) AS
SELECT r.id, c.oid::pg_catalog.regclass AS target, r.target_name,
	r.source_name AS source, r.started_at, r.finished_at,
	COALESCE(r.finished_at, CASE WHEN r.outcome OPERATOR(pg_catalog.=) 'running' THEN pg_catalog.clock_timestamp() END)
		OPERATOR(pg_catalog.-) r.started_at AS duration,
	r.outcome, a.rolname AS role, r.pid, r.since, r.rows, r.inserted, r.updated,
	r.deleted, r.unchanged, r.api_calls, r.bytes, r.sqlstate, r.message,
	r.detail, r.hint
FROM pinterest.refreshes AS r
	LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) r.target
	LEFT JOIN pg_catalog.pg_roles AS a ON a.oid OPERATOR(pg_catalog.=) r.role
WHERE pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
	OR (a.oid IS NOT NULL AND pg_catalog.pg_has_role(a.oid, 'USAGE'))
	OR (c.oid IS NOT NULL
		AND (pg_catalog.pg_has_role(c.relowner, 'USAGE')
			OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')));

COMMENT ON VIEW pinterest.refresh_log IS
'refreshes of the last time, of the tables that the user may use';
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
'"running", "succeeded" or "failed"';
COMMENT ON COLUMN pinterest.refresh_log.role IS
'who refreshed';
COMMENT ON COLUMN pinterest.refresh_log.pid IS
'process that did';
COMMENT ON COLUMN pinterest.refresh_log.since IS
'first day asked for; null: all';
COMMENT ON COLUMN pinterest.refresh_log.rows IS
'rows downloaded, or so far';
COMMENT ON COLUMN pinterest.refresh_log.inserted IS
'rows that were new';
COMMENT ON COLUMN pinterest.refresh_log.updated IS
'rows that had changed';
COMMENT ON COLUMN pinterest.refresh_log.deleted IS
'rows that Pinterest no longer has, within the range loaded';
COMMENT ON COLUMN pinterest.refresh_log.unchanged IS
'rows that were not written because they were equal';
COMMENT ON COLUMN pinterest.refresh_log.api_calls IS
'requests sent to Pinterest';
COMMENT ON COLUMN pinterest.refresh_log.bytes IS
'size of the answers, or so far';
COMMENT ON COLUMN pinterest.refresh_log.sqlstate IS
'SQLSTATE of the error, if it failed';
COMMENT ON COLUMN pinterest.refresh_log.message IS
'the error';
COMMENT ON COLUMN pinterest.refresh_log.detail IS
'its detail';
COMMENT ON COLUMN pinterest.refresh_log.hint IS
'its hint: what to do';

CREATE VIEW pinterest.status WITH (security_barrier) AS
SELECT m.target::pg_catalog.regclass AS target,
	m.source::pg_catalog.regclass AS source,
	COALESCE(
		(SELECT o.option_value FROM pg_catalog.pg_options_to_table(f.ftoptions) AS o
		WHERE o.option_name OPERATOR(pg_catalog.=) 'advertiser_id'),
		(SELECT o.option_value FROM pg_catalog.pg_options_to_table(s.srvoptions) AS o
		WHERE o.option_name OPERATOR(pg_catalog.=) 'advertiser_id')) AS advertiser_id,
	CASE latest.outcome
		WHEN 'running' THEN 'importing'
		WHEN 'succeeded' THEN 'ready'
		WHEN 'failed' THEN 'failed'
		ELSE 'new'
	END AS status,
	success.table_rows AS rows, success.data_from, success.data_to,
	success.finished_at AS last_success_at,
	CASE latest.outcome WHEN 'failed' THEN latest.message ELSE failure.message END AS last_error,
	CASE latest.outcome
		WHEN 'failed' THEN COALESCE(latest.finished_at, latest.started_at)
		ELSE COALESCE(failure.finished_at, failure.started_at)
	END AS last_error_at,
	schedule.schedule, schedule.next_run_at,
	latest.windows AS windows, latest.windows_ready,
	CASE WHEN latest.outcome OPERATOR(pg_catalog.=) 'running' THEN latest.rows END AS rows_read,
	CASE WHEN latest.outcome OPERATOR(pg_catalog.=) 'running' THEN latest.bytes END AS bytes_read,
	latest.total_bytes AS bytes_ready
FROM pinterest.materialized_tables AS m
	JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) m.target
	LEFT JOIN pg_catalog.pg_foreign_table AS f ON f.ftrelid OPERATOR(pg_catalog.=) m.source
	LEFT JOIN pg_catalog.pg_foreign_server AS s ON s.oid OPERATOR(pg_catalog.=) f.ftserver
	LEFT JOIN LATERAL (
		SELECT r.* FROM pinterest.refreshes AS r
		WHERE r.target OPERATOR(pg_catalog.=) m.target
		ORDER BY r.id DESC LIMIT 1) AS latest ON true
	LEFT JOIN LATERAL (
		SELECT e.* FROM pinterest.refresh_runs AS r
			JOIN pinterest.refresh_ends AS e ON e.id OPERATOR(pg_catalog.=) r.id
		WHERE r.target OPERATOR(pg_catalog.=) m.target AND e.sqlstate IS NULL
		ORDER BY r.id DESC LIMIT 1) AS success ON true
	LEFT JOIN LATERAL (
		SELECT e.*, r.started_at FROM pinterest.refresh_runs AS r
			JOIN pinterest.refresh_ends AS e ON e.id OPERATOR(pg_catalog.=) r.id
		WHERE r.target OPERATOR(pg_catalog.=) m.target AND e.sqlstate IS NOT NULL
		ORDER BY r.id DESC LIMIT 1) AS failure ON true
	LEFT JOIN pinterest.list_schedules() AS schedule
		ON schedule.target OPERATOR(pg_catalog.=) m.target
WHERE pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
	OR pg_catalog.pg_has_role(c.relowner, 'USAGE')
	OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE');

COMMENT ON VIEW pinterest.status IS
'the materialized tables that the user may use: how current they are';
COMMENT ON COLUMN pinterest.status.target IS
'the table';
COMMENT ON COLUMN pinterest.status.source IS
'foreign table that it is loaded from; "-" once that has been dropped';
COMMENT ON COLUMN pinterest.status.advertiser_id IS
'advertisers that are asked for, as the option says';
COMMENT ON COLUMN pinterest.status.status IS
'"new": not loaded yet, "importing": being loaded, "ready": loaded, "failed": the last refresh failed, and the table is as it was before';
COMMENT ON COLUMN pinterest.status.rows IS
'rows that the last successful refresh left in the table';
COMMENT ON COLUMN pinterest.status.data_from IS
'first day of a row at that time; null where rows have no day';
COMMENT ON COLUMN pinterest.status.data_to IS
'last day of a row, likewise';
COMMENT ON COLUMN pinterest.status.last_success_at IS
'when the last successful refresh ended';
COMMENT ON COLUMN pinterest.status.last_error IS
'what the last failed refresh failed with, even if another has succeeded since';
COMMENT ON COLUMN pinterest.status.last_error_at IS
'when that was';
COMMENT ON COLUMN pinterest.status.schedule IS
'"hourly", "daily", "weekly", "monthly" or a cron expression; null if it is not scheduled';
COMMENT ON COLUMN pinterest.status.next_run_at IS
'when it is refreshed next; null if the job is known to be gone or inactive';
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

GRANT SELECT ON pinterest.refresh_log, pinterest.status TO PUBLIC;
