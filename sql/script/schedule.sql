-- ====================================================================
-- Schedules
-- ====================================================================

CREATE TABLE pinterest_internal.schedules (
	name pg_catalog.text PRIMARY KEY,
	target pinterest_internal.relation NOT NULL UNIQUE,
	every pg_catalog.text NOT NULL,
	cron pg_catalog.text NOT NULL,
	job_name pg_catalog.text NOT NULL
);

COMMENT ON TABLE pinterest_internal.schedules IS
'tables that jobs of pg_cron refresh; written by pinterest.schedule()';
COMMENT ON COLUMN pinterest_internal.schedules.name IS
'what the job calls the schedule: the name that the table had at first';
COMMENT ON COLUMN pinterest_internal.schedules.target IS
'the table';
COMMENT ON COLUMN pinterest_internal.schedules.every IS
'how often, as it was asked for';
COMMENT ON COLUMN pinterest_internal.schedules.cron IS
'the same as a cron expression, in the time zone of pg_cron';
COMMENT ON COLUMN pinterest_internal.schedules.job_name IS
'name of the job, in the database that pg_cron is in';


SELECT pg_catalog.pg_extension_config_dump('pinterest_internal.schedules', '');

CREATE TRIGGER skip_missing_table
BEFORE INSERT ON pinterest_internal.schedules
FOR EACH ROW WHEN (NEW.target OPERATOR(pg_catalog.=) 0::pg_catalog.oid)
EXECUTE FUNCTION pinterest_internal.skip_missing_table();

CREATE FUNCTION pinterest.schedule(
	target pg_catalog.regclass,
	every pg_catalog.text)
RETURNS pg_catalog.int8
AS 'MODULE_PATHNAME', 'pinterest_schedule'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.schedule(pg_catalog.regclass, pg_catalog.text) IS
'has pg_cron refresh a materialized table: hourly, daily, weekly, monthly, or by a cron expression; returns the job''s id';

CREATE FUNCTION pinterest.unschedule(target pg_catalog.regclass)
RETURNS pg_catalog.bool
AS 'MODULE_PATHNAME', 'pinterest_unschedule'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest.unschedule(pg_catalog.regclass) IS
'ends the scheduled refreshes of a table; returns whether there were any';

CREATE FUNCTION pinterest_internal.list_schedules(
	OUT target pg_catalog.regclass,
	OUT schedule pg_catalog.text,
	OUT next_run_at pg_catalog.timestamptz)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_list_schedules'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 30;

COMMENT ON FUNCTION pinterest_internal.list_schedules() IS
'scheduled tables; next_run_at is null if the job is known to be gone or inactive';

CREATE FUNCTION pinterest_internal.scheduled_tables(name pg_catalog.text)
RETURNS pg_catalog.regclass[]
AS 'MODULE_PATHNAME', 'pinterest_scheduled_tables'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION pinterest_internal.scheduled_tables(pg_catalog.text) IS
'table of a schedule, or none if it is gone; for the jobs, which would not find a renamed table otherwise';
