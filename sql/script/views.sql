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

COMMENT ON FUNCTION pinterest_internal.list_report_columns() IS
'columns of the tables that pinterest.create_views() is about';

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

COMMENT ON FUNCTION pinterest.create_views(pg_catalog.text) IS
'makes views over the materialized reports by day, in a schema. Of each level, one view has names and currency, and others have sums and ratios by day, week and month. Returns the views.';
