-- The last 28 whole days.  Each targeting type is a full breakdown of the same spend:
-- take one of them at a time.
WITH found AS (
  SELECT r.targeting_type AS breakdown,
         coalesce(o.name, initcap(replace(r.targeting_value, '_', ' '))) AS value,
         sum(r.spend_in_dollar) AS spend,
         sum(r.total_impression) AS impressions,
         sum(r.total_clickthrough) AS clicks,
         sum(r.total_clickthrough) / nullif(sum(r.total_impression), 0)::numeric AS click_rate
    FROM pinterest_ads.advertiser_targeting_report AS r
    JOIN pinterest_ads.advertisers AS a USING (advertiser_id)
    LEFT JOIN pinterest_ads.targeting_options AS o
      ON o.targeting_type = CASE r.targeting_type WHEN 'COUNTRY' THEN 'LOCATION' ELSE r.targeting_type END
     AND o.code = r.targeting_value
   WHERE r.targeting_type IN ('AGE_BUCKET', 'GENDER', 'APPTYPE', 'PLACEMENT', 'COUNTRY')
     AND r.date BETWEEN current_date - 28 AND current_date - 1
     AND a.currency = (SELECT currency FROM reports.advertiser
                        GROUP BY currency ORDER BY sum(spend_in_dollar) DESC LIMIT 1)
   GROUP BY 1, 2
)
SELECT found.* FROM (VALUES (1)) AS one LEFT JOIN found ON true
 ORDER BY breakdown, spend DESC
