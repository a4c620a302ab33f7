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
