-- Whole weeks only: the present one would look like a drop.  Amounts of several
-- currencies cannot be added up, so the dashboard is about the one with most spend.
-- Evidence shows days of UTC, but takes a date for midnight in the zone of whoever builds.
WITH found AS (
  SELECT week::timestamp AT TIME ZONE 'UTC' AS week, currency,
         sum(spend_in_dollar) AS spend,
         sum(total_impression) AS impressions,
         sum(total_clickthrough) AS clicks,
         sum(total_checkout) AS orders,
         sum(total_checkout_value_in_micro_dollar) / 1000000 AS order_value,
         sum(total_clickthrough) / nullif(sum(total_impression), 0)::numeric AS click_rate,
         sum(spend_in_dollar) / nullif(sum(total_clickthrough), 0) AS cost_per_click,
         sum(total_checkout_value_in_micro_dollar) / 1000000
           / nullif(sum(spend_in_dollar), 0) AS return_on_ad_spend
    FROM reports.advertiser_by_week
   WHERE week >= date_trunc('week', current_date) - interval '26 weeks'
     AND week < date_trunc('week', current_date)
     AND currency = (SELECT currency FROM reports.advertiser
                      GROUP BY currency ORDER BY sum(spend_in_dollar) DESC LIMIT 1)
   GROUP BY week, currency
)
SELECT found.* FROM (VALUES (1)) AS one LEFT JOIN found ON true
 ORDER BY week
