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
'the last 500 refreshes of each table. It has the tables that the user may use.';
COMMENT ON COLUMN pinterest.refresh_log.id IS
'number of the refresh. Refreshes that began later have higher numbers.';
COMMENT ON COLUMN pinterest.refresh_log.target IS
'table that was refreshed. Null if it has been dropped.';
COMMENT ON COLUMN pinterest.refresh_log.target_name IS
'name of the table at that time';
COMMENT ON COLUMN pinterest.refresh_log.source IS
'name of the foreign table at that time';
COMMENT ON COLUMN pinterest.refresh_log.started_at IS
'when the refresh began';
COMMENT ON COLUMN pinterest.refresh_log.finished_at IS
'when the refresh ended. Null if it is running, or if its end is not known.';
COMMENT ON COLUMN pinterest.refresh_log.duration IS
'how long the refresh took, or has taken so far';
COMMENT ON COLUMN pinterest.refresh_log.outcome IS
'"running", "succeeded", "failed", or "skipped". A refresh is skipped if another one of the same table is running.';
COMMENT ON COLUMN pinterest.refresh_log.role IS
'role that called the refresh';
COMMENT ON COLUMN pinterest.refresh_log.pid IS
'process that ran the refresh';
COMMENT ON COLUMN pinterest.refresh_log.since IS
'first day that the call asked for, in reports by date. Null if it asked for everything from the historical date on.';
COMMENT ON COLUMN pinterest.refresh_log.rows IS
'rows that were downloaded, or have been so far';
COMMENT ON COLUMN pinterest.refresh_log.inserted IS
'new rows';
COMMENT ON COLUMN pinterest.refresh_log.updated IS
'rows that had changed';
COMMENT ON COLUMN pinterest.refresh_log.deleted IS
'rows of the loaded range that Pinterest no longer has. They were deleted, or marked as deleted.';
COMMENT ON COLUMN pinterest.refresh_log.unchanged IS
'rows that were equal, and so were not written';
COMMENT ON COLUMN pinterest.refresh_log.api_calls IS
'requests that were sent to Pinterest';
COMMENT ON COLUMN pinterest.refresh_log.bytes IS
'size of the answers, or of those so far';
COMMENT ON COLUMN pinterest.refresh_log.sqlstate IS
'SQLSTATE of the error. Null if the refresh did not fail.';
COMMENT ON COLUMN pinterest.refresh_log.message IS
'message of the error. Null if the refresh did not fail, or if the user has neither the privileges of the table''s owner nor those of pg_read_all_stats.';
COMMENT ON COLUMN pinterest.refresh_log.detail IS
'detail of the error. Null in the same cases as message.';
COMMENT ON COLUMN pinterest.refresh_log.hint IS
'what to do about the error. Null in the same cases as message.';
COMMENT ON COLUMN pinterest.refresh_log.left_out IS
'advertisers that a successful refresh left out, in whole or in part. Null if there are none.';
COMMENT ON COLUMN pinterest.refresh_log.reasons IS
'why each advertiser of left_out was left out, in the same order. Null if there are none, or if the user may not see messages.';
COMMENT ON COLUMN pinterest.refresh_log.reports IS
'reports that a successful refresh asked Pinterest for. Null if that is not known.';
COMMENT ON COLUMN pinterest.refresh_log.days IS
'days that a successful refresh loaded, added up over the advertisers. Null if rows have no day.';
COMMENT ON COLUMN pinterest.refresh_log.questions IS
'requests of a successful refresh that asked which days Pinterest calls complete. One call of refresh_all() asks once for all its tables. Null if that is not known.';

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
'how current the materialized tables are, a row for each table. It has the tables that the user may use.';
COMMENT ON COLUMN pinterest.status.target IS
'materialized table';
COMMENT ON COLUMN pinterest.status.source IS
'foreign table that the table is loaded from. "-" if it has been dropped.';
COMMENT ON COLUMN pinterest.status.advertiser_id IS
'advertisers that are asked for, as in the option. If the source has child tables, the advertisers of all of them.';
COMMENT ON COLUMN pinterest.status.status IS
'the first of these that applies. "orphaned": the foreign table is gone. "importing": a refresh is running. "failed": the last refresh failed, and the table is as it was before. "partial": loaded without the advertisers that pinterest.freshness names. "ready": loaded. "new": not loaded yet.';
COMMENT ON COLUMN pinterest.status.rows IS
'rows of the table after the last successful refresh. Null if that refresh loaded only the last days.';
COMMENT ON COLUMN pinterest.status.data_from IS
'first day that the table had rows of after the last successful refresh. Null if that refresh loaded only the last days, or if rows have no day.';
COMMENT ON COLUMN pinterest.status.data_to IS
'last day that the table had rows of after the last successful refresh. Null if rows have no day.';
COMMENT ON COLUMN pinterest.status.last_success_at IS
'when the last successful refresh ended';
COMMENT ON COLUMN pinterest.status.last_error IS
'error of the last refresh. Null if it did not fail. The SQLSTATE alone if the user has neither the privileges of the table''s owner nor those of pg_read_all_stats.';
COMMENT ON COLUMN pinterest.status.last_error_at IS
'when the last refresh failed. Null if it did not fail.';
COMMENT ON COLUMN pinterest.status.schedule IS
'how often the table is refreshed, as in the call of schedule(). The last days that are loaded stand in parentheses. Null if there is no schedule.';
COMMENT ON COLUMN pinterest.status.next_run_at IS
'when a schedule refreshes the table next. Null if there is none, or if the job is gone or inactive.';
COMMENT ON COLUMN pinterest.status.phase IS
'what a running refresh does: "waiting" for reports that Pinterest prepares, "downloading" or "applying". Null if no refresh is running, or if that cannot be seen.';
COMMENT ON COLUMN pinterest.status.started_at IS
'when the running refresh began. Null if none is running.';
COMMENT ON COLUMN pinterest.status.pid IS
'process of the running refresh. Null if none is running.';
COMMENT ON COLUMN pinterest.status.percent IS
'how much of the reports the running refresh has downloaded. Null if none is running, and for lists: their size is not known before.';
COMMENT ON COLUMN pinterest.status.windows IS
'reports that the running refresh has asked Pinterest for';
COMMENT ON COLUMN pinterest.status.windows_ready IS
'how many of these reports Pinterest has prepared';
COMMENT ON COLUMN pinterest.status.rows_read IS
'rows that the running refresh has downloaded';
COMMENT ON COLUMN pinterest.status.bytes_read IS
'bytes that the running refresh has downloaded';
COMMENT ON COLUMN pinterest.status.bytes_ready IS
'size of the reports that Pinterest has prepared for the running refresh, in bytes';
COMMENT ON COLUMN pinterest.status.owner IS
'owner of the table. A refresh acts as this role.';
COMMENT ON COLUMN pinterest.status.authorized IS
'whether the owner''s authorization is valid or can be renewed. Null if the foreign table has been dropped.';
COMMENT ON COLUMN pinterest.status.loaded_with IS
'options that the rows were loaded with, as name=value, including Pinterest''s defaults. Null if that is not known.';

COMMENT ON COLUMN pinterest.status.complete_until IS
'last day up to which all days are complete for all advertisers, except those that are left out. A day is complete if it was loaded after Pinterest called it complete. Where Pinterest does not tell, it was loaded after it was over. Null if no day is complete yet, or if rows have no day.';

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
'how current the materialized tables are, a row for each table and advertiser. It has the tables that the user may use.';
COMMENT ON COLUMN pinterest.freshness.target IS
'materialized table';
COMMENT ON COLUMN pinterest.freshness.advertiser_id IS
'advertiser. Null if the table is not about advertisers.';
COMMENT ON COLUMN pinterest.freshness.last_success_at IS
'when the last refresh ended that loaded everything it asked for of this advertiser. Null if there was none.';
COMMENT ON COLUMN pinterest.freshness.complete_until IS
'last day up to which all days are complete in the table: they were loaded after Pinterest called them complete. Where Pinterest does not tell, they were loaded after they were over. Null if no day is complete yet, or if rows have no day.';
COMMENT ON COLUMN pinterest.freshness.left_out_since IS
'end of the first refresh in a row that left this advertiser out. Null if the last refresh did not leave it out.';
COMMENT ON COLUMN pinterest.freshness.sqlstate IS
'SQLSTATE of the reason why the last refresh left the advertiser out';
COMMENT ON COLUMN pinterest.freshness.reason IS
'why the last refresh left the advertiser out. Null if the user has neither the privileges of the table''s owner nor those of pg_read_all_stats.';
