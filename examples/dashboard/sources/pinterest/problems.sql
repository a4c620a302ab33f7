-- A row without a problem stands for "none": a query must have a row.
SELECT problem, target::text AS "table", advertiser_id,
       to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS since, detail, hint
  FROM pinterest.problems
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL
 WHERE NOT EXISTS (SELECT FROM pinterest.problems)
