-- Writes docs/tables.md, from what the extension says about its tables:
--
--   psql -X -q -A -t -f docs/tables.sql DATABASE > docs/tables.md
SELECT '# Tables

This page is made by `docs/tables.sql` from the views `pinterest.resources` and `pinterest.resource_columns`. `IMPORT FOREIGN SCHEMA ads` makes all of these tables. Each has the columns that are listed here. Reports can have more: see [more columns of reports](#more-columns-of-reports).

Key columns are in bold. Dates are of the type `date`, or `timestamptz` by the hour.
';

-- What all reports have as standard is listed once.
CREATE TEMPORARY VIEW standard AS
  SELECT c.*, r.kind, count(*) OVER (PARTITION BY r.kind, c.column_name, c.type, c.description) =
         (SELECT count(*) FROM pinterest.resources s WHERE s.kind = r.kind) AND r.kind = 'report'
         AND NOT c.is_key AS common
    FROM pinterest.resources r JOIN pinterest.resource_columns c USING (resource)
   WHERE c.standard;

CREATE TEMPORARY VIEW shown AS
  SELECT *, format('| %s | %s | %s |', CASE WHEN is_key THEN format('**%s**', column_name) ELSE column_name END,
                   type, replace(coalesce(description, ''), '|', '\|')) AS line,
         row_number() OVER () AS place
    FROM standard;

SELECT CASE kind WHEN 'entity' THEN '## Lists' ELSE '## Reports

Each report also has the [columns that all reports have](#columns-of-all-reports).' END || E'\n\n' ||
       string_agg(format(E'### %s\n\n%s. Scopes: %s.%s\n\n| column | type | what it is |\n|---|---|---|\n%s\n', resource, description,
                         array_to_string(scopes, ', '),
                         CASE WHEN history_days IS NOT NULL
                              THEN format(' Pinterest keeps %s days.', history_days) END,
                         (SELECT string_agg(line, E'\n' ORDER BY NOT is_key, place) FROM shown s
                           WHERE s.resource = r.resource AND NOT common)), E'\n' ORDER BY place)
  FROM (SELECT *, row_number() OVER () AS place FROM pinterest.resources) r
 GROUP BY kind ORDER BY min(place);

SELECT E'## Columns of all reports\n\n| column | type | what it is |\n|---|---|---|\n' ||
       string_agg(line, E'\n' ORDER BY place) || E'\n'
  FROM (SELECT DISTINCT ON (column_name) * FROM shown WHERE common ORDER BY column_name, place) s;

SELECT format('## More columns of reports

Pinterest knows %s columns of reports in all. Ask for one with `ALTER FOREIGN TABLE ... ADD COLUMN`, or for all of them with the option `columns ''all''` of `IMPORT FOREIGN SCHEMA`. The view `pinterest.resource_columns` lists them:

```sql
SELECT column_name, type, unit, description FROM pinterest.resource_columns
 WHERE resource = ''campaign_report'' AND NOT standard AND column_name LIKE ''%%checkout%%'';
```', count(DISTINCT column_name))
  FROM pinterest.resource_columns JOIN pinterest.resources USING (resource) WHERE kind = 'report';
