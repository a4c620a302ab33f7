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
'schema of IMPORT FOREIGN SCHEMA that has the table';
COMMENT ON COLUMN pinterest.resources.optional_scopes IS
'OAuth scopes that add rows: those of secret boards';
COMMENT ON COLUMN pinterest.resources.beta IS
'whether only some advertisers or apps have it. pinterest.import_tables() imports such a table only if it is named.';

DROP FUNCTION pinterest_internal.list_resources();

-- Whoever may read tables can make views over them.
GRANT SELECT ON pinterest_internal.source_tables TO PUBLIC;

-- Columns of the materialized tables that the user may read, as the catalog knows
-- them; with a unit, if they can be added up: ratios and averages are numeric, as are
-- amounts of spend, and who was reached on two days may be the same people.  Of each resource one table counts: the first that has rows by day.
CREATE OR REPLACE FUNCTION pinterest_internal.list_report_columns(
	OUT resource pg_catalog.text,
	OUT target pg_catalog.regclass,
	OUT column_name pg_catalog.text,
	OUT standard_name pg_catalog.text,
	OUT unit pg_catalog.text,
	OUT is_key pg_catalog.bool)
RETURNS SETOF pg_catalog.record
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
	WITH tables AS (
		SELECT DISTINCT ON (r.option_value) r.option_value AS resource, m.target, m.columns, m.api_names
		FROM pinterest_internal.materialized_tables AS m
			JOIN pinterest_internal.source_tables AS f ON f.source = m.source::oid
			JOIN pg_foreign_server AS s ON s.oid = f.ftserver
			CROSS JOIN LATERAL pg_options_to_table(f.ftoptions) AS r
		WHERE r.option_name = 'resource'
			AND has_table_privilege(m.target::oid, 'SELECT')
			AND has_schema_privilege((SELECT c.relnamespace FROM pg_class AS c WHERE c.oid = m.target::oid), 'USAGE')
			AND COALESCE(
				(SELECT o.option_value FROM pg_options_to_table(f.ftoptions) AS o WHERE o.option_name = 'granularity'),
				(SELECT o.option_value FROM pg_options_to_table(s.srvoptions) AS o WHERE o.option_name = 'granularity'),
				'day') = 'day'
			AND NOT EXISTS (SELECT FROM pg_options_to_table(f.ftoptions) AS o WHERE o.option_name = 'template_id')
		ORDER BY r.option_value, m.registered_at, f.ftrelid)
	SELECT t.resource, t.target::regclass, n.name::text, c.column_name,
		CASE
			WHEN c.description ~* 'not additive|unique' THEN NULL
			WHEN c.type = 'bigint' OR c.column_name LIKE '%spend_in_dollar' THEN c.unit
		END, c.is_key
	FROM tables AS t
		CROSS JOIN LATERAL unnest(t.columns, t.api_names) WITH ORDINALITY AS n (name, api_name, place)
		JOIN pinterest.resource_columns AS c ON c.resource = t.resource
			AND CASE WHEN COALESCE(n.api_name, '') = '' THEN c.column_name = n.name::text ELSE c.api_name = n.api_name END
	ORDER BY t.resource, n.place
$$;

-- A view that is there keeps its columns in their order, with privileges and all that
-- depends on it; what is new follows them.
CREATE FUNCTION pinterest_internal.replace_view(
	schema pg_catalog.text,
	name pg_catalog.text,
	columns pg_catalog.text[],
	expressions pg_catalog.text[],
	comments pg_catalog.text[],
	source pg_catalog.text,
	comment pg_catalog.text)
RETURNS pg_catalog.regclass
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	view text := format('%I.%I', schema, name);
	list text;
	of_column record;
BEGIN
	SELECT string_agg(format('%s AS %I', c.expression, c.name), ', ' ORDER BY a.attnum NULLS LAST, c.place)
	INTO list
	FROM unnest(columns, expressions) WITH ORDINALITY AS c (name, expression, place)
		LEFT JOIN pg_attribute AS a ON a.attrelid = to_regclass(view)
			AND a.attname = c.name AND a.attnum > 0 AND NOT a.attisdropped;
	EXECUTE format('CREATE OR REPLACE VIEW %s AS SELECT %s FROM %s', view, list, source);
	EXECUTE format('COMMENT ON VIEW %s IS %L', view, comment);
	FOR of_column IN
		SELECT c.name, c.comment FROM unnest(columns, comments) AS c (name, comment)
	LOOP
		EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', view, of_column.name, of_column.comment);
	END LOOP;
	RETURN view::regclass;
END
$$;

COMMENT ON FUNCTION pinterest_internal.replace_view(pg_catalog.text, pg_catalog.text, pg_catalog.text[], pg_catalog.text[], pg_catalog.text[], pg_catalog.text, pg_catalog.text) IS
'makes a view of pinterest.create_views(), or adds columns to it';

REVOKE ALL ON FUNCTION pinterest_internal.replace_view(pg_catalog.text, pg_catalog.text, pg_catalog.text[], pg_catalog.text[], pg_catalog.text[], pg_catalog.text, pg_catalog.text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pinterest_internal.replace_view(pg_catalog.text, pg_catalog.text, pg_catalog.text[], pg_catalog.text[], pg_catalog.text[], pg_catalog.text, pg_catalog.text) TO PUBLIC;

CREATE OR REPLACE FUNCTION pinterest.create_views(schema pg_catalog.text)
RETURNS SETOF pg_catalog.regclass
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	level record;
	grain text;
	targets jsonb;
	names jsonb;
	report jsonb;
	entity jsonb;
	keys text[];
	key_expressions text[];
	key_comments text[];
	metrics text[];
	totals text[];
	metric_comments text[];
	ratios text[];
	ratio_expressions text[];
	ratio_comments text[];
	joins text;
	spend text;
BEGIN
	IF schema IS NULL THEN
		RAISE EXCEPTION 'argument "schema" of pinterest.create_views() must not be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF to_regnamespace(quote_ident(schema)) IS NULL THEN
		EXECUTE format('CREATE SCHEMA %I', schema);
	END IF;
	SELECT jsonb_object_agg(x.resource, x.target), jsonb_object_agg(x.resource, x.names)
	INTO targets, names
	FROM (SELECT c.resource, c.target::text AS target, jsonb_object_agg(c.standard_name, c.column_name) AS names
		FROM pinterest_internal.list_report_columns() AS c
		GROUP BY c.resource, c.target) AS x;

	-- a sum over several levels would count the same spend several times: so there
	-- are views of one level each
	FOR level IN
		SELECT l.name, l.name || '_report' AS resource, l.entities, l.id
		FROM (VALUES ('advertiser', NULL, NULL), ('campaign', 'campaigns', 'campaign_id'),
			('ad_group', 'ad_groups', 'ad_group_id'), ('ad', 'ads', 'ad_id'),
			('keyword', NULL, NULL), ('product_group', NULL, NULL), ('product_item', NULL, NULL)) AS l (name, entities, id)
		WHERE targets ? (l.name || '_report')
	LOOP
		report := names -> level.resource;
		SELECT array_agg(c.column_name ORDER BY c.place) FILTER (WHERE c.is_key AND c.standard_name <> 'date'),
			array_agg(format('r.%I', c.column_name) ORDER BY c.place) FILTER (WHERE c.is_key AND c.standard_name <> 'date'),
			array_agg(d.description ORDER BY c.place) FILTER (WHERE c.is_key AND c.standard_name <> 'date'),
			array_agg(c.column_name ORDER BY c.place) FILTER (WHERE NOT c.is_key AND c.unit IS NOT NULL),
			array_agg(format('sum(v.%I)%s', c.column_name, CASE c.unit WHEN 'currency' THEN '' ELSE '::bigint' END) ORDER BY c.place)
				FILTER (WHERE NOT c.is_key AND c.unit IS NOT NULL),
			array_agg(d.description ORDER BY c.place) FILTER (WHERE NOT c.is_key AND c.unit IS NOT NULL)
		INTO keys, key_expressions, key_comments, metrics, totals, metric_comments
		FROM pinterest_internal.list_report_columns() WITH ORDINALITY
				AS c (resource, target, column_name, standard_name, unit, is_key, place)
			JOIN pinterest.resource_columns AS d ON d.resource = c.resource AND d.column_name = c.standard_name
		WHERE c.resource = level.resource;
		CONTINUE WHEN metrics IS NULL;

		-- names and currency, of lists that have them
		joins := '';
		entity := names -> 'advertisers';
		IF entity ?| '{name,currency}' THEN
			joins := format(' LEFT JOIN %s AS a ON a.%I = r.%I', targets ->> 'advertisers',
				entity ->> 'advertiser_id', report ->> 'advertiser_id');
			IF entity ? 'name' THEN
				keys := keys || 'advertiser_name'::text;
				key_expressions := key_expressions || format('a.%I', entity ->> 'name');
				key_comments := key_comments || 'Name that the advertiser has now'::text;
			END IF;
			IF entity ? 'currency' THEN
				keys := keys || 'currency'::text;
				key_expressions := key_expressions || format('a.%I', entity ->> 'currency');
				key_comments := key_comments || 'Currency of the amounts. Amounts of several currencies cannot be added up.'::text;
			END IF;
		END IF;
		entity := names -> level.entities;
		IF entity ? 'name' THEN
			joins := joins || format(' LEFT JOIN %s AS e ON e.%I = r.%I AND e.%I = r.%I',
				targets ->> level.entities, entity ->> 'advertiser_id', report ->> 'advertiser_id',
				entity ->> level.id, report ->> level.id);
			keys := keys || (level.name || '_name');
			key_expressions := key_expressions || format('e.%I', entity ->> 'name');
			key_comments := key_comments || format('Name that the %s has now', replace(level.name, '_', ' '));
		END IF;

		RETURN NEXT pinterest_internal.replace_view(schema, level.name,
			'date'::text || keys || metrics,
			format('r.%I', report ->> 'date') || key_expressions ||
				ARRAY(SELECT format('r.%I', m) FROM unnest(metrics) AS m),
			'Day'::text || key_comments || metric_comments,
			format('%s AS r%s', targets ->> level.resource, joins),
			format('metrics by day that can be added up, from %s; not together with those of another level', targets ->> level.resource));

		-- a ratio is one of sums, so it cannot be added up, nor averaged
		spend := CASE
			WHEN report ? 'spend_in_micro_dollar' THEN format('(sum(v.%I) / 1000000.0)', report ->> 'spend_in_micro_dollar')
			WHEN report ? 'spend_in_dollar' THEN format('sum(v.%I)', report ->> 'spend_in_dollar')
		END;
		SELECT array_agg(q.name ORDER BY q.place),
			array_agg(format('round(%s * %s / nullif(%s, 0), 6)', q.factor, q.dividend, q.divisor) ORDER BY q.place),
			array_agg(q.comment ORDER BY q.place)
		INTO ratios, ratio_expressions, ratio_comments
		FROM (
			SELECT p.place, p.name, p.factor, p.comment,
				CASE p.dividend WHEN 'spend' THEN spend ELSE 'sum(v.' || quote_ident(report ->> p.dividend) || ')::numeric' END AS dividend,
				CASE p.divisor WHEN 'spend' THEN spend ELSE 'sum(v.' || quote_ident(report ->> p.divisor) || ')' END AS divisor
			FROM (VALUES (1, 'click_rate', '1', 'total_clickthrough', 'total_impression', 'Clicks per impression'),
				(2, 'engagement_rate', '1', 'total_engagement', 'total_impression', 'Engagements per impression'),
				(3, 'cost_per_1000_impressions', '1000', 'spend', 'total_impression', 'Spend per 1,000 impressions, in the currency of the advertiser'),
				(4, 'cost_per_click', '1', 'spend', 'total_clickthrough', 'Spend per click, in the currency of the advertiser'),
				(5, 'cost_per_engagement', '1', 'spend', 'total_engagement', 'Spend per engagement, in the currency of the advertiser'),
				(6, 'cost_per_conversion', '1', 'spend', 'total_conversions', 'Spend per conversion, in the currency of the advertiser'),
				(7, 'return_on_ad_spend', '0.000001', 'total_checkout_value_in_micro_dollar', 'spend', 'Value of checkouts per amount of spend'))
				AS p (place, name, factor, dividend, divisor, comment)) AS q
		WHERE q.dividend IS NOT NULL AND q.divisor IS NOT NULL;

		key_expressions := ARRAY(SELECT format('v.%I', k) FROM unnest(keys) AS k);
		FOREACH grain IN ARRAY '{day,week,month}'::text[]
		LOOP
			RETURN NEXT pinterest_internal.replace_view(schema, level.name || '_by_' || grain,
				grain || keys || metrics || ratios,
				format('pg_catalog.date_trunc(%L, v.date)::pg_catalog.date', grain) ||
					key_expressions || totals || ratio_expressions,
				CASE grain WHEN 'day' THEN 'Day' WHEN 'week' THEN 'Monday of the week' ELSE 'First day of the month' END ||
					key_comments || metric_comments || ratio_comments,
				format('%I.%I AS v GROUP BY pg_catalog.date_trunc(%L, v.date), %s', schema, level.name, grain,
					array_to_string(key_expressions, ', ')),
				format('metrics by %s, and ratios of their sums, which cannot be added up', grain));
		END LOOP;
	END LOOP;
END
$$;

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
'what was asked for. "report": to make a report. "poll": whether a report is ready. "analytics": figures at once, in the place of a report. "list": a list of ads. "organic": users, boards and Pins. "organic analytics": their figures. "catalogs": catalogs. "token": an access token. "download": a finished report, which does not count at Pinterest. "all": everything that Pinterest counts.';

-- ====================================================================
-- Comments of views, in plain words
-- ====================================================================

COMMENT ON VIEW pinterest.freshness IS
'how current the materialized tables are, a row for each table and advertiser. It has the tables that the user may use.';
COMMENT ON VIEW pinterest.problems IS
'what somebody has to see to, a row for each problem. No row means that all is well. It has what the user may use.';
COMMENT ON VIEW pinterest.refresh_log IS
'the last 500 refreshes of each table. It has the tables that the user may use.';
COMMENT ON VIEW pinterest.status IS
'how current the materialized tables are, a row for each table. It has the tables that the user may use.';
COMMENT ON VIEW pinterest.schedules IS
'schedules of materialized tables, a row for each job. It has the tables that the user may use.';
COMMENT ON VIEW pinterest.usage IS
'requests to Pinterest within the last two days, by hour and day. They are those of the app, from all databases of this server.';
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
COMMENT ON COLUMN pinterest.refresh_log.id IS
'number of the refresh. Refreshes that began later have higher numbers.';
COMMENT ON COLUMN pinterest.refresh_log.target IS
'table that was refreshed. Null if it has been dropped.';
COMMENT ON COLUMN pinterest.refresh_log.target_name IS
'name of the table at that time';
COMMENT ON COLUMN pinterest.refresh_log.source IS
'name of the foreign table at that time';
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
COMMENT ON COLUMN pinterest.resource_columns.resource IS
'foreign table, as in pinterest.resources';
COMMENT ON COLUMN pinterest.resource_columns.api_name IS
'name of the column in Pinterest''s API. It is also the value of the column''s option column_name.';
COMMENT ON COLUMN pinterest.resource_columns.unit IS
'unit of the values. Null if there is none.';
COMMENT ON COLUMN pinterest.resource_columns.is_key IS
'whether the column belongs to the natural key. Such a column is never null.';
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
COMMENT ON COLUMN pinterest.usage.username IS
'role of the user mapping that has the app';
COMMENT ON COLUMN pinterest.usage.period IS
'"hour" or "day". Days are those of UTC. The earliest hour and day may be incomplete.';
COMMENT ON COLUMN pinterest.usage.began_at IS
'when the hour or day began';
COMMENT ON COLUMN pinterest.usage.requests IS
'number of requests, of queries and refreshes';
COMMENT ON COLUMN pinterest.usage.pinterest_limit IS
'Pinterest''s limit in words. Null if there is none for this kind alone.';
COMMENT ON COLUMN pinterest.usage.max_requests_per_day IS
'the server''s option: no more requests are sent on a day than this';
