-- ====================================================================
-- Requests to Pinterest
-- ====================================================================

CREATE FUNCTION pinterest_internal.list_usage(
	server pg_catalog.oid,
	role pg_catalog.oid,
	OUT hour pg_catalog.timestamptz,
	OUT kind pg_catalog.text,
	OUT requests pg_catalog.int8)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_list_usage'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 50;

COMMENT ON FUNCTION pinterest_internal.list_usage(pg_catalog.oid, pg_catalog.oid) IS
'requests of the app of a role''s user mapping, by the hour';

-- Requests are those of the app, whatever mapping, database or session of this
-- server has sent them.
CREATE VIEW pinterest.usage WITH (security_barrier) AS
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

COMMENT ON VIEW pinterest.usage IS
'requests to Pinterest within the last two days, by hour and day. They are those of the app, from all databases of this server.';
COMMENT ON COLUMN pinterest.usage.server IS
'foreign server';
COMMENT ON COLUMN pinterest.usage.username IS
'role of the user mapping that has the app';
COMMENT ON COLUMN pinterest.usage.period IS
'"hour" or "day". Days are those of UTC. The earliest hour and day may be incomplete.';
COMMENT ON COLUMN pinterest.usage.began_at IS
'when the hour or day began';
COMMENT ON COLUMN pinterest.usage.kind IS
'what was asked for. "report": to make a report. "poll": whether a report is ready. "analytics": figures at once, in the place of a report. "list": a list of ads. "organic": users, boards and Pins. "organic analytics": their figures. "catalogs": catalogs. "token": an access token. "download": a finished report, which does not count at Pinterest. "all": everything that Pinterest counts.';
COMMENT ON COLUMN pinterest.usage.requests IS
'number of requests, of queries and refreshes';
COMMENT ON COLUMN pinterest.usage.pinterest_limit IS
'Pinterest''s limit in words. Null if there is none for this kind alone.';
COMMENT ON COLUMN pinterest.usage.max_requests_per_day IS
'the server''s option: no more requests are sent on a day than this';

CREATE FUNCTION pinterest_internal.plan_refreshes(
	targets pg_catalog.regclass[],
	since pg_catalog.date,
	last pg_catalog.interval,
	OUT target pg_catalog.regclass,
	OUT reports pg_catalog.int4,
	OUT days pg_catalog.int4,
	OUT advertisers pg_catalog.int4,
	OUT questions pg_catalog.int4)
RETURNS SETOF pg_catalog.record
AS 'MODULE_PATHNAME', 'pinterest_plan_refreshes'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 30;

COMMENT ON FUNCTION pinterest_internal.plan_refreshes(pg_catalog.regclass[], pg_catalog.date, pg_catalog.interval) IS
'reports that refreshes would ask for';

-- What Pinterest counts is each request but the downloads, of which a report has
-- one.  Without a refresh to go by, a report takes an order and a look whether it
-- is ready, and a list a page.  The first report also has the question which days are
-- complete.
CREATE FUNCTION pinterest.refresh_plan(
	targets pg_catalog.regclass[] DEFAULT NULL,
	since pg_catalog.date DEFAULT NULL,
	last pg_catalog.interval DEFAULT NULL,
	OUT target pg_catalog.regclass,
	OUT advertisers pg_catalog.int4,
	OUT reports pg_catalog.int4,
	OUT requests pg_catalog.int8,
	OUT days pg_catalog.int4,
	OUT bytes pg_catalog.int8,
	OUT last_success_at pg_catalog.timestamptz)
RETURNS SETOF pg_catalog.record
LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 30
BEGIN ATOMIC
	SELECT p.target, p.advertisers, p.reports,
		CASE
			WHEN p.reports OPERATOR(pg_catalog.>) 0 AND l.reports OPERATOR(pg_catalog.>) 0
				THEN GREATEST(2, pg_catalog.ceil((l.api_calls OPERATOR(pg_catalog.-) l.reports
						OPERATOR(pg_catalog.-) COALESCE(l.questions, 0))
					OPERATOR(pg_catalog./) l.reports::pg_catalog.numeric)) OPERATOR(pg_catalog.*) p.reports::pg_catalog.numeric
					OPERATOR(pg_catalog.+) p.questions::pg_catalog.numeric
			WHEN p.reports OPERATOR(pg_catalog.>) 0
				THEN (2 OPERATOR(pg_catalog.*) p.reports OPERATOR(pg_catalog.+) p.questions)::pg_catalog.numeric
			WHEN p.reports OPERATOR(pg_catalog.=) 0 THEN COALESCE(l.api_calls, p.advertisers)::pg_catalog.numeric
		END::pg_catalog.int8 AS requests,
		p.days,
		CASE
			WHEN p.reports OPERATOR(pg_catalog.=) 0 THEN l.bytes::pg_catalog.numeric
			WHEN l.days OPERATOR(pg_catalog.>) 0
				THEN pg_catalog.round(l.bytes::pg_catalog.numeric OPERATOR(pg_catalog.*) (p.days::pg_catalog.int8 OPERATOR(pg_catalog.*) p.advertisers)
					OPERATOR(pg_catalog./) l.days::pg_catalog.numeric)
		END::pg_catalog.int8 AS bytes,
		l.finished_at AS last_success_at
	FROM pinterest_internal.plan_refreshes(targets, since, last) AS p
		LEFT JOIN LATERAL (
			SELECT r.api_calls, r.reports, r.bytes, r.days, r.questions, r.finished_at
			FROM pinterest.refresh_log AS r
			WHERE r.target OPERATOR(pg_catalog.=) p.target AND r.outcome OPERATOR(pg_catalog.=) 'succeeded'
			ORDER BY r.id DESC LIMIT 1) AS l ON true;
END;

COMMENT ON FUNCTION pinterest.refresh_plan(pg_catalog.regclass[], pg_catalog.date, pg_catalog.interval) IS
'says what a refresh would take, without asking Pinterest. Without an array, it is about all tables that refresh_all() takes. Reports and days follow from the options, requests and bytes from what the last refresh took. Bytes are null if there was none.';

-- ====================================================================
-- What a monitor should shout about
-- ====================================================================

CREATE VIEW pinterest.problems WITH (security_barrier) AS
SELECT CASE s.status WHEN 'orphaned' THEN 'source dropped' ELSE 'failed' END AS problem,
	s.target, NULL::pg_catalog.text AS advertiser_id, NULL::pg_catalog.text AS server,
	CASE s.status WHEN 'failed' THEN s.last_error_at END AS since,
	CASE s.status
		WHEN 'orphaned' THEN 'the foreign table that it is loaded from has been dropped'
		ELSE s.last_error
	END AS detail,
	CASE s.status
		WHEN 'orphaned' THEN 'Call pinterest.materialize() with a new foreign table and this table.'
		ELSE 'pinterest.refresh_log has details and hints.'
	END AS hint
FROM pinterest.status AS s
WHERE s.status OPERATOR(pg_catalog.=) ANY ('{orphaned,failed}'::pg_catalog.text[])
UNION ALL
SELECT 'partial', f.target, f.advertiser_id, NULL, f.left_out_since,
	COALESCE(f.reason, 'SQLSTATE ' OPERATOR(pg_catalog.||) f.sqlstate),
	'Its rows stay as they were. See to it that the advertiser can be read, or name others in the option advertiser_id.'
FROM pinterest.freshness AS f
WHERE f.left_out_since IS NOT NULL
UNION ALL
SELECT 'late', l.target, NULL, NULL, l.due_at,
	'schedule "' OPERATOR(pg_catalog.||) l.name OPERATOR(pg_catalog.||) '" has not run since '
		OPERATOR(pg_catalog.||) COALESCE(l.last_run_at::pg_catalog.text, 'it was made'),
	CASE
		WHEN l.next_run_at IS NULL THEN 'Its job is gone or inactive: schedule the table again.'
		ELSE 'See whether pg_cron runs jobs, in its table cron.job_run_details and in the server log.'
	END
FROM pinterest_internal.list_schedules() AS l
	JOIN pinterest.status AS s ON s.target OPERATOR(pg_catalog.=) l.target
WHERE l.due_at OPERATOR(pg_catalog.<) (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) '15 minutes'::pg_catalog.interval)
	AND s.status OPERATOR(pg_catalog.<>) 'importing'
UNION ALL
SELECT CASE WHEN a.ends_at IS NULL THEN 'not authorized' ELSE 'authorization ends' END,
	NULL, NULL, a.srvname, a.ends_at,
	'user "' OPERATOR(pg_catalog.||) a.owner OPERATOR(pg_catalog.||) '", whose tables are loaded from it',
	'pinterest.check() tells more. Otherwise authorize again with pinterest.authorization_url() and pinterest.authorize().'
FROM (
	SELECT DISTINCT v.srvname, s.owner, s.authorized,
		pinterest_internal.authorization_ends(v.oid, c.relowner) AS ends_at
	FROM pinterest.status AS s
		JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) s.target
		JOIN pinterest_internal.source_tables AS t ON t.source OPERATOR(pg_catalog.=) s.source
		JOIN pg_catalog.pg_foreign_server AS v ON v.oid OPERATOR(pg_catalog.=) t.ftserver) AS a
WHERE a.ends_at IS NOT NULL OR NOT a.authorized
UNION ALL
SELECT 'quota near', NULL, NULL, u.server, u.began_at,
	u.requests::pg_catalog.text OPERATOR(pg_catalog.||) ' of '
		OPERATOR(pg_catalog.||) u.max_requests_per_day::pg_catalog.text
		OPERATOR(pg_catalog.||) ' requests have been sent today',
	'pinterest.usage shows what they were. Refresh less often, or fewer days.'
FROM pinterest.usage AS u
WHERE u.period OPERATOR(pg_catalog.=) 'day' AND u.kind OPERATOR(pg_catalog.=) 'all'
	AND u.began_at OPERATOR(pg_catalog.=)
		pg_catalog.timezone('UTC', pg_catalog.date_trunc('day', pg_catalog.timezone('UTC', pg_catalog.now())))
	AND (10 OPERATOR(pg_catalog.*) u.requests) OPERATOR(pg_catalog.>=) (8 OPERATOR(pg_catalog.*) u.max_requests_per_day);

COMMENT ON VIEW pinterest.problems IS
'what somebody has to see to, a row for each problem. No row means that all is well. It has what the user may use.';
COMMENT ON COLUMN pinterest.problems.problem IS
'what is wrong. "failed": the last refresh failed. "partial": an advertiser was left out. "late": a schedule did not run. "source dropped": the foreign table is gone. "authorization ends": it ends within seven days. "not authorized": the owner has no valid authorization. "quota near": four fifths of max_requests_per_day are used.';
COMMENT ON COLUMN pinterest.problems.target IS
'table that the problem is about. Null if it is about a server.';
COMMENT ON COLUMN pinterest.problems.advertiser_id IS
'advertiser that the problem is about. Null if it is not about one.';
COMMENT ON COLUMN pinterest.problems.server IS
'foreign server that the problem is about. Null if it is not about one.';
COMMENT ON COLUMN pinterest.problems.since IS
'since when there is the problem. For "authorization ends": when it ends. For "late": when the schedule was due.';
COMMENT ON COLUMN pinterest.problems.detail IS
'what is known about the problem';
COMMENT ON COLUMN pinterest.problems.hint IS
'what to do';
