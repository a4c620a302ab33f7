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
