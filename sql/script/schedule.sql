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
'schedules of materialized tables, a row for each job. It has the tables that the user may use.';
COMMENT ON COLUMN pinterest.schedules.name IS
'name of the pg_cron job';
COMMENT ON COLUMN pinterest.schedules.every IS
'how often the job runs, as in the call of schedule()';
COMMENT ON COLUMN pinterest.schedules.last IS
'last days that the job loads of reports, counted back from today. Null if it loads everything.';
COMMENT ON COLUMN pinterest.schedules.targets IS
'tables that the job refreshes now';
COMMENT ON COLUMN pinterest.schedules.role IS
'role that the job runs as';
COMMENT ON COLUMN pinterest.schedules.cron IS
'when the job runs, as a cron expression in pg_cron''s time zone';
COMMENT ON COLUMN pinterest.schedules.last_run_at IS
'when the job last began. Null if it has not run yet.';
COMMENT ON COLUMN pinterest.schedules.next_run_at IS
'when the job begins next. Null if the job is gone or inactive.';
