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
