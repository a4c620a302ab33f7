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
