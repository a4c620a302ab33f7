-- Evidence needs a row of each query: one without values stands for "none", here and
-- in the other ones.
WITH found AS (
  SELECT problem, target::text AS "table", advertiser_id,
         to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS since, detail, hint
    FROM pinterest.problems
)
SELECT found.* FROM (VALUES (1)) AS one LEFT JOIN found ON true
