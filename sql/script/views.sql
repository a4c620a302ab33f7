-- ====================================================================
-- Views for reports
-- ====================================================================

-- Columns of the materialized tables that the user may read, as the catalog knows
-- them; with a unit, if they can be added up: ratios and averages are numeric, as are
-- amounts of spend, and who was reached on two days may be the same people.  Of each resource one table counts: the first that has rows by day.
CREATE FUNCTION pinterest_internal.list_report_columns(
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

COMMENT ON FUNCTION pinterest_internal.list_report_columns() IS
'columns of the tables that pinterest.create_views() is about';

CREATE FUNCTION pinterest.create_views(schema pg_catalog.text)
RETURNS SETOF pg_catalog.regclass
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	level record;
	grain text;
	targets jsonb;
	names jsonb;
	keys text;
	metrics text;
	totals text;
	ratios text;
	joins text;
	columns text;
	spend text;
BEGIN
	IF schema IS NULL THEN
		RAISE EXCEPTION 'argument "schema" of pinterest.create_views() must not be null' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF to_regnamespace(quote_ident(schema)) IS NULL THEN
		EXECUTE format('CREATE SCHEMA %I', schema);
	END IF;
	SELECT jsonb_object_agg(DISTINCT c.resource, c.target::text) INTO targets
	FROM pinterest_internal.list_report_columns() AS c;

	-- a sum over several levels would count the same spend several times: so there
	-- are views of one level each
	FOR level IN
		SELECT l.name, l.name || '_report' AS resource, l.entities, l.id
		FROM (VALUES ('advertiser', NULL, NULL), ('campaign', 'campaigns', 'campaign_id'),
			('ad_group', 'ad_groups', 'ad_group_id'), ('ad', 'ads', 'ad_id'),
			('keyword', NULL, NULL), ('product_group', NULL, NULL), ('product_item', NULL, NULL)) AS l (name, entities, id)
		WHERE targets ? (l.name || '_report')
	LOOP
		SELECT jsonb_object_agg(c.standard_name, c.column_name) INTO names
		FROM pinterest_internal.list_report_columns() AS c
		WHERE c.resource = level.resource;

		-- keys but the day, and what they are called
		SELECT string_agg(format('r.%I', c.column_name), ', '),
			string_agg(format('v.%I', c.column_name), ', ')
		INTO columns, keys
		FROM pinterest_internal.list_report_columns() AS c
		WHERE c.resource = level.resource AND c.is_key AND c.standard_name <> 'date';
		joins := '';
		IF targets ? 'advertisers' THEN
			columns := columns || ', a.name AS advertiser_name, a.currency';
			keys := keys || ', v.advertiser_name, v.currency';
			joins := format(' LEFT JOIN %s AS a ON a.advertiser_id = r.%I',
				targets ->> 'advertisers', names ->> 'advertiser_id');
		END IF;
		IF level.entities IS NOT NULL AND targets ? level.entities THEN
			columns := columns || format(', e.name AS %I', level.name || '_name');
			keys := keys || format(', v.%I', level.name || '_name');
			joins := joins || format(' LEFT JOIN %s AS e ON e.advertiser_id = r.%I AND e.%I = r.%I',
				targets ->> level.entities, names ->> 'advertiser_id', level.id, names ->> level.id);
		END IF;

		SELECT string_agg(format('r.%I', c.column_name), ', '),
			string_agg(format('sum(v.%I)%s AS %I', c.column_name,
				CASE c.unit WHEN 'currency' THEN '' ELSE '::bigint' END, c.column_name), ', ')
		INTO metrics, totals
		FROM pinterest_internal.list_report_columns() AS c
		WHERE c.resource = level.resource AND NOT c.is_key AND c.unit IS NOT NULL;
		CONTINUE WHEN metrics IS NULL;

		EXECUTE format('CREATE OR REPLACE VIEW %I.%I AS SELECT r.%I AS date, %s, %s FROM %s AS r%s',
			schema, level.name, names ->> 'date', columns, metrics, targets ->> level.resource, joins);
		EXECUTE format('COMMENT ON VIEW %I.%I IS %L', schema, level.name,
			format('metrics by day that can be added up, from %s; not together with those of another level', targets ->> level.resource));
		RETURN NEXT format('%I.%I', schema, level.name)::regclass;

		-- a ratio is one of sums, so it cannot be added up, nor averaged
		spend := CASE
			WHEN names ? 'spend_in_micro_dollar' THEN format('(sum(v.%I) / 1000000.0)', names ->> 'spend_in_micro_dollar')
			WHEN names ? 'spend_in_dollar' THEN format('sum(v.%I)', names ->> 'spend_in_dollar')
		END;
		SELECT string_agg(format(', round(%s * %s / nullif(%s, 0), 6) AS %I', q.factor,
			q.dividend, q.divisor, q.name), '' ORDER BY q.place)
		INTO ratios
		FROM (
			SELECT p.place, p.name, p.factor,
				CASE p.dividend WHEN 'spend' THEN spend ELSE 'sum(v.' || quote_ident(names ->> p.dividend) || ')::numeric' END AS dividend,
				CASE p.divisor WHEN 'spend' THEN spend ELSE 'sum(v.' || quote_ident(names ->> p.divisor) || ')' END AS divisor
			FROM (VALUES (1, 'click_rate', '1', 'total_clickthrough', 'total_impression'),
				(2, 'engagement_rate', '1', 'total_engagement', 'total_impression'),
				(3, 'cost_per_1000_impressions', '1000', 'spend', 'total_impression'),
				(4, 'cost_per_click', '1', 'spend', 'total_clickthrough'),
				(5, 'cost_per_engagement', '1', 'spend', 'total_engagement'),
				(6, 'cost_per_conversion', '1', 'spend', 'total_conversions'),
				(7, 'return_on_ad_spend', '0.000001', 'total_checkout_value_in_micro_dollar', 'spend'))
				AS p (place, name, factor, dividend, divisor)) AS q
		WHERE q.dividend IS NOT NULL AND q.divisor IS NOT NULL;

		FOREACH grain IN ARRAY '{day,week,month}'::text[]
		LOOP
			EXECUTE format('CREATE OR REPLACE VIEW %1$I.%2$I AS SELECT pg_catalog.date_trunc(%3$L, v.date)::pg_catalog.date AS %3$I, %4$s, %5$s%6$s FROM %1$I.%7$I AS v GROUP BY pg_catalog.date_trunc(%3$L, v.date), %4$s',
				schema, level.name || '_by_' || grain, grain, keys, totals, ratios, level.name);
			EXECUTE format('COMMENT ON VIEW %I.%I IS %L', schema, level.name || '_by_' || grain,
				format('metrics by %s, and ratios of their sums, which cannot be added up', grain));
			RETURN NEXT format('%I.%I', schema, level.name || '_by_' || grain)::regclass;
		END LOOP;
	END LOOP;
END
$$;

COMMENT ON FUNCTION pinterest.create_views(pg_catalog.text) IS
'makes views over the materialized reports by day, in a schema. Of each level, one view has names and currency, and others have sums and ratios by day, week and month. Returns the views.';
