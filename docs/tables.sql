-- Writes docs/tables.md, from what the extension says about its tables:
--
--   psql -X -q -A -t -f docs/tables.sql DATABASE > docs/tables.md
SELECT '# Tables

This page is made by `docs/tables.sql` from the views `pinterest.resources` and `pinterest.resource_columns`. `IMPORT FOREIGN SCHEMA ads` makes the [lists](#lists) and the [reports](#reports), `organic` those of [accounts, boards and Pins](#organic), and `catalogs` those of [feeds and products](#catalogs). Each has the columns that are listed here. Reports can have more: see [more columns of reports](#more-columns-of-reports).

Key columns are in bold. Dates are of the type `date`, or `timestamptz` by the hour.
';

-- What all reports have as standard is listed once.
CREATE TEMPORARY VIEW standard AS
  SELECT c.*, r.kind, count(*) OVER (PARTITION BY r.level IS NOT NULL, c.column_name, c.type, c.description) =
         (SELECT count(*) FROM pinterest.resources s WHERE s.level IS NOT NULL) AND r.level IS NOT NULL
         AND NOT c.is_key AS common
    FROM pinterest.resources r JOIN pinterest.resource_columns c USING (resource)
   WHERE c.standard;

CREATE TEMPORARY VIEW shown AS
  SELECT *, format('| %s | %s | %s |', CASE WHEN is_key THEN format('**%s**', column_name) ELSE column_name END,
                   type, replace(coalesce(description, ''), '|', '\|')) AS line,
         row_number() OVER () AS place
    FROM standard;

SELECT CASE part WHEN 'ads lists' THEN '## Lists' WHEN 'reports' THEN '## Reports

Each report also has the [columns that all reports have](#columns-of-all-reports).'
       ELSE '## ' || initcap(part) END || E'\n\n' ||
       string_agg(format(E'### %s\n\n%s. Scopes: %s%s.%s%s\n\n| column | type | what it is |\n|---|---|---|\n%s\n', resource, description,
                         array_to_string(scopes, ', '),
                         CASE WHEN optional_scopes <> '{}'
                              THEN '; with ' || array_to_string(optional_scopes, ', ') || ' there are more rows' END,
                         CASE WHEN beta THEN ' Not everybody has it.' END,
                         CASE WHEN history_days IS NOT NULL
                              THEN format(' Pinterest keeps %s days.', history_days) END,
                         (SELECT string_agg(line, E'\n' ORDER BY NOT is_key, place) FROM shown s
                           WHERE s.resource = r.resource AND NOT common)), E'\n' ORDER BY place)
  FROM (SELECT *, row_number() OVER () AS place,
               CASE WHEN level IS NOT NULL THEN 'reports' WHEN schema = 'ads' THEN 'ads lists' ELSE schema END AS part
          FROM pinterest.resources) r
 GROUP BY part ORDER BY min(place);

SELECT E'## Columns of all reports\n\n| column | type | what it is |\n|---|---|---|\n' ||
       string_agg(line, E'\n' ORDER BY place) || E'\n'
  FROM (SELECT DISTINCT ON (column_name) * FROM shown WHERE common ORDER BY column_name, place) s;

SELECT format('## More columns of reports

Pinterest knows %s columns of reports in all. Ask for one with `ALTER FOREIGN TABLE ... ADD COLUMN`, or for all of them with the option `columns ''all''` of `IMPORT FOREIGN SCHEMA`. The view `pinterest.resource_columns` lists them:

```sql
SELECT column_name, type, unit, description FROM pinterest.resource_columns
 WHERE resource = ''campaign_report'' AND NOT standard AND column_name LIKE ''%%checkout%%'';
```', count(DISTINCT column_name))
  FROM pinterest.resource_columns JOIN pinterest.resources USING (resource) WHERE level IS NOT NULL;
