/* sql/pinterest_fdw--1.0.0--1.1.0.sql */

-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION pinterest_fdw UPDATE TO '1.1.0'" to load this file. \quit

-- The view lists tables of other schemas, too, and says more of each.  What depends on
-- it stays as it is.
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

REVOKE ALL ON FUNCTION pinterest_internal.list_tables() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pinterest_internal.list_tables() TO PUBLIC;

CREATE OR REPLACE VIEW pinterest.resources AS
SELECT r.resource, r.kind, r.key, r.level, r.history_days, r.scopes,
	r.description, r.schema, r.optional_scopes, r.beta
FROM pinterest_internal.list_tables() AS r;

COMMENT ON VIEW pinterest.resources IS
'foreign tables that IMPORT FOREIGN SCHEMA offers';
COMMENT ON COLUMN pinterest.resources.schema IS
'schema of IMPORT FOREIGN SCHEMA that offers it';
COMMENT ON COLUMN pinterest.resources.optional_scopes IS
'scopes with which there are more rows: those of secret boards';
COMMENT ON COLUMN pinterest.resources.beta IS
'whether Pinterest has it for some advertisers or apps only; pinterest.import_tables() imports it if it is named';

DROP FUNCTION pinterest_internal.list_resources();

-- Requests of users and catalogs are counted by themselves.
CREATE OR REPLACE VIEW pinterest.usage WITH (security_barrier) AS
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
		WHEN c.kind OPERATOR(pg_catalog.=) 'organic' THEN 'Standard access: that of Pinterest''s category org_read'
		WHEN c.kind OPERATOR(pg_catalog.=) 'organic analytics' THEN 'Standard access: that of Pinterest''s category org_analytics'
		WHEN c.kind OPERATOR(pg_catalog.=) 'catalogs' THEN 'Standard access: that of Pinterest''s category catalogs_read'
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

COMMENT ON COLUMN pinterest.usage.kind IS
'"report": to make one, "poll": whether it is ready, "analytics": in the place of a report, "list", "organic": of users, boards and Pins, "organic analytics", "catalogs", "token", "download": from elsewhere, "all": those that Pinterest counts';
