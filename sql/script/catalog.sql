-- ====================================================================
-- The fixed schema
-- ====================================================================

CREATE FUNCTION pinterest_internal.list_tables(
	OUT resource pg_catalog.text,
	OUT kind pg_catalog.text,
	OUT key pg_catalog.text[],
	OUT level pg_catalog.text,
	OUT history_days pg_catalog.int4,
	OUT scopes pg_catalog.text[],
	OUT description pg_catalog.text,
	OUT schema pg_catalog.text,
	OUT optional_scopes pg_catalog.text[],
	OUT beta pg_catalog.bool)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_resources'
LANGUAGE C STABLE STRICT PARALLEL SAFE ROWS 60;

COMMENT ON FUNCTION pinterest_internal.list_tables() IS
'the rows of view pinterest.resources';

CREATE VIEW pinterest.resources AS
SELECT r.resource, r.kind, r.key, r.level, r.history_days, r.scopes,
	r.description, r.schema, r.optional_scopes, r.beta
FROM pinterest_internal.list_tables() AS r;

COMMENT ON VIEW pinterest.resources IS
'foreign tables that IMPORT FOREIGN SCHEMA offers';
COMMENT ON COLUMN pinterest.resources.resource IS
'name of the foreign table, and value of its option resource';
COMMENT ON COLUMN pinterest.resources.kind IS
'"entity", or "report" if rows have a day';
COMMENT ON COLUMN pinterest.resources.key IS
'columns of the natural key, in order. The option key_columns of a foreign table adds others.';
COMMENT ON COLUMN pinterest.resources.level IS
'reporting level, as Pinterest''s API calls it. Null if the table is not one of Pinterest''s ads reports.';
COMMENT ON COLUMN pinterest.resources.history_days IS
'days back from today that Pinterest keeps. Null if Pinterest keeps everything.';
COMMENT ON COLUMN pinterest.resources.scopes IS
'OAuth scopes that are needed to read the table. pinterest.authorization_url() takes them.';
COMMENT ON COLUMN pinterest.resources.description IS
'what the rows are';
COMMENT ON COLUMN pinterest.resources.schema IS
'schema of IMPORT FOREIGN SCHEMA that has the table';
COMMENT ON COLUMN pinterest.resources.optional_scopes IS
'OAuth scopes that add rows: those of secret boards';
COMMENT ON COLUMN pinterest.resources.beta IS
'whether only some advertisers or apps have it. pinterest.import_tables() imports such a table only if it is named.';

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
'foreign table, as in pinterest.resources';
COMMENT ON COLUMN pinterest.resource_columns.column_name IS
'name of the column';
COMMENT ON COLUMN pinterest.resource_columns.api_name IS
'name of the column in Pinterest''s API. It is also the value of the column''s option column_name.';
COMMENT ON COLUMN pinterest.resource_columns.type IS
'data type of the column';
COMMENT ON COLUMN pinterest.resource_columns.unit IS
'unit of the values. Null if there is none.';
COMMENT ON COLUMN pinterest.resource_columns.is_key IS
'whether the column belongs to the natural key. Such a column is never null.';
COMMENT ON COLUMN pinterest.resource_columns.standard IS
'whether IMPORT FOREIGN SCHEMA creates the column by default';
COMMENT ON COLUMN pinterest.resource_columns.description IS
'what the values are';
