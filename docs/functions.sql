-- Writes docs/functions.md, from what the extension says about its objects:
--
--   psql -X -q -A -t -f docs/functions.sql DATABASE | sed 's/ *$//' > docs/functions.md

-- The settings are there once the library is.
DO 'BEGIN PERFORM pinterest.version(); END';

-- Where each is explained
CREATE TEMPORARY TABLE page (name text PRIMARY KEY, link text NOT NULL);
INSERT INTO page VALUES
  ('authorization_url', '[set-up at Pinterest](pinterest-setup.md#5-authorize)'),
  ('authorize', '[set-up at Pinterest](pinterest-setup.md#5-authorize)'),
  ('check', '[monitoring](monitoring.md#pinterestcheck)'),
  ('connect', '[tutorial](tutorial.md#connect)'),
  ('create_views', '[views for reports](refresh.md#views-for-reports)'),
  ('import_tables', '[tutorial](tutorial.md#import_tables)'),
  ('import_template', '[reports of your own](foreign-tables.md#reports-of-your-own)'),
  ('materialize', '[refresh](refresh.md#make-one)'),
  ('refresh', '[refresh](refresh.md#refresh)'),
  ('refresh_all', '[several tables](refresh.md#several-tables)'),
  ('refresh_plan', '[requests](monitoring.md#requests)'),
  ('schedule', '[schedules](refresh.md#schedules)'),
  ('schedule_all', '[schedules](refresh.md#schedules)'),
  ('unschedule', '[schedules](refresh.md#schedules)'),
  ('unschedule_all', '[schedules](refresh.md#schedules)'),
  ('freshness', '[freshness](monitoring.md#freshness)'),
  ('problems', '[problems](monitoring.md#problems)'),
  ('refresh_log', '[history](monitoring.md#history)'),
  ('resource_columns', '[reports of your own](foreign-tables.md#reports-of-your-own)'),
  ('resources', '[foreign tables](foreign-tables.md)'),
  ('schedules', '[schedules](refresh.md#schedules)'),
  ('status', '[status](monitoring.md#status)'),
  ('usage', '[requests](monitoring.md#requests)'),
  ('pinterest_fdw.enable_synchronous', '[live queries](live-queries.md#some-queries-need-no-report)'),
  ('pinterest_fdw.notify', '[notifications](monitoring.md#notifications)'),
  ('pinterest_fdw.report_reuse', '[live queries](live-queries.md#reports-are-used-again)');

-- Comments and descriptions are made for \d: here they are sentences.
CREATE FUNCTION pg_temp.sentence(what text) RETURNS text LANGUAGE sql AS
$$ SELECT upper(left(what, 1)) || substr(what, 2) || CASE WHEN what ~ '[.!?]$' THEN '' ELSE '.' END $$;
CREATE FUNCTION pg_temp.cell(what text) RETURNS text LANGUAGE sql AS
$$ SELECT replace(coalesce(what, ''), '|', '\|') $$;
CREATE FUNCTION pg_temp.see(who text) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce((SELECT E' See ' || link || '.' FROM page WHERE name = who), '') $$;

SELECT '# Functions, views and settings

This page is made by `docs/functions.sql` from what the extension says about its own objects. In psql, `\df+ pinterest.*` and `\d+ pinterest.status` show the same. Each entry names the page that explains it.

- [Functions and procedures](#functions-and-procedures)
- [Views](#views)
- [Types](#types)
- [Settings](#settings)
- [As psql lists them](#as-psql-lists-them)

Everybody may use all of this. Functions run as their caller. A refresh acts as [the owner of the table](refresh.md#who-may-do-what).

## Functions and procedures
';

CREATE TEMPORARY VIEW routine AS
  SELECT p.oid, p.proname AS name, p.prokind,
         (SELECT string_agg(regexp_replace(concat_ws(' ', a.name, format_type(a.type, NULL),
                              'DEFAULT ' || pg_get_function_arg_default(p.oid, a.place::int)),
                              '(DEFAULT (NULL|''[^'']*''))::[a-z]+(\[\])?', '\1'), ', ' ORDER BY a.place)
            FROM unnest(p.proargtypes::oid[], p.proargnames[1:p.pronargs]) WITH ORDINALITY AS a (type, name, place)) AS arguments,
         (SELECT string_agg(format('| `%s` | %s |', a.name, format_type(a.type, NULL)), E'\n' ORDER BY a.place)
            FROM unnest(p.proallargtypes, p.proargmodes, p.proargnames) WITH ORDINALITY AS a (type, mode, name, place)
           WHERE a.mode = 'o') AS results,
         CASE WHEN p.proretset THEN 'set of ' ELSE '' END || format_type(p.prorettype, NULL) AS returns,
         obj_description(p.oid, 'pg_proc') AS description
    FROM pg_proc p WHERE p.pronamespace = 'pinterest'::regnamespace;

SELECT string_agg(format(E'### %s\n\n%s\n%s%s%s\n', name, forms, descriptions, pg_temp.see(name), results), E'\n' ORDER BY name)
  FROM (SELECT name,
               E'```\n' || string_agg(format('%s pinterest.%s(%s)%s', CASE prokind WHEN 'p' THEN 'CALL' ELSE 'SELECT' END,
                                             name, arguments,
                                             CASE WHEN prokind <> 'p' AND results IS NULL THEN ' → ' || returns ELSE '' END),
                                      E'\n' ORDER BY arguments) || E'\n```\n' AS forms,
               string_agg(pg_temp.sentence(description), E'\n\n' ORDER BY arguments) AS descriptions,
               coalesce(max(E'\n\n| column | type |\n|---|---|\n' || results), '') AS results
          FROM routine GROUP BY name) r;

SELECT '## Views
';

SELECT string_agg(format(E'### %s\n\n%s%s\n\n| column | type | what it is |\n|---|---|---|\n%s\n', c.relname,
                         pg_temp.sentence(obj_description(c.oid, 'pg_class')), pg_temp.see(c.relname::text),
                         (SELECT string_agg(format('| `%s` | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
                                                   pg_temp.cell(col_description(c.oid, a.attnum))), E'\n' ORDER BY a.attnum)
                            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)),
                  E'\n' ORDER BY c.relname)
  FROM pg_class c WHERE c.relnamespace = 'pinterest'::regnamespace AND c.relkind = 'v';

SELECT '## Types
';

SELECT string_agg(format(E'### %s\n\n%s\n\n| field | type | what it is |\n|---|---|---|\n%s\n', t.typname,
                         pg_temp.sentence(obj_description(t.oid, 'pg_type')),
                         (SELECT string_agg(format('| `%s` | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
                                                   pg_temp.cell(col_description(t.typrelid, a.attnum))), E'\n' ORDER BY a.attnum)
                            FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0)), E'\n' ORDER BY t.typname)
  FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
 WHERE t.typnamespace = 'pinterest'::regnamespace;

SELECT '## Settings

Settings are for a session (`SET`), a role (`ALTER ROLE ... SET`) or a database (`ALTER DATABASE ... SET`). They exist once the library has been loaded, which any function of the extension does.

| setting | default | values | what it does |
|---|---|---|---|';

SELECT string_agg(format('| `%s` | `%s` | %s | %s |', name, boot_val,
                         CASE vartype WHEN 'bool' THEN '`on`, `off`' ELSE format('%s to %s', min_val, max_val) END,
                         concat_ws(' ', short_desc, extra_desc) || pg_temp.see(name)), E'\n' ORDER BY name)
  FROM pg_settings WHERE name LIKE 'pinterest\_fdw.%';

SELECT E'\n## As psql lists them\n\n```\n=# \\df pinterest.*';
\pset format aligned
\pset tuples_only off
\pset footer off
\df pinterest.*
\pset format unaligned
\pset tuples_only on
SELECT E'```';
