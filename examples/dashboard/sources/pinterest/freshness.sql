-- Days are midnight in UTC, see weekly.sql.
WITH found AS (
  SELECT target::text AS "table", status, rows,
         data_from::timestamp AT TIME ZONE 'UTC' AS data_from,
         data_to::timestamp AT TIME ZONE 'UTC' AS data_to,
         to_char(last_success_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS loaded_at
    FROM pinterest.status
)
SELECT found.* FROM (VALUES (1)) AS one LEFT JOIN found ON true
 ORDER BY "table"
