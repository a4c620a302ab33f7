-- The last four whole weeks, and how they differ from the four before
WITH found AS (
  WITH weeks AS (
    SELECT week >= date_trunc('week', current_date) - interval '4 weeks' AS recent,
           spend_in_dollar AS spend, total_impression AS impressions,
           total_clickthrough AS clicks, currency,
           total_checkout_value_in_micro_dollar / 1000000.0 AS order_value
      FROM reports.advertiser_by_week
     WHERE week >= date_trunc('week', current_date) - interval '8 weeks'
       AND week < date_trunc('week', current_date)
       AND currency = (SELECT currency FROM reports.advertiser
                        GROUP BY currency ORDER BY sum(spend_in_dollar) DESC LIMIT 1)
  ), sums AS (
    SELECT recent, currency, sum(spend) AS spend, sum(impressions) AS impressions,
           sum(clicks) AS clicks,
           sum(clicks) / nullif(sum(impressions), 0) AS click_rate,
           sum(spend) / nullif(sum(clicks), 0) AS cost_per_click,
           sum(order_value) / nullif(sum(spend), 0) AS return_on_ad_spend
      FROM weeks
     GROUP BY recent, currency
  )
  SELECT n.currency, n.spend, n.impressions, n.clicks, n.click_rate, n.cost_per_click,
         n.return_on_ad_spend,
         n.spend / nullif(b.spend, 0) - 1 AS spend_change,
         n.impressions / nullif(b.impressions, 0) - 1 AS impressions_change,
         n.clicks / nullif(b.clicks, 0) - 1 AS clicks_change,
         n.click_rate / nullif(b.click_rate, 0) - 1 AS click_rate_change,
         n.cost_per_click / nullif(b.cost_per_click, 0) - 1 AS cost_per_click_change,
         n.return_on_ad_spend / nullif(b.return_on_ad_spend, 0) - 1 AS return_change
    FROM sums AS n LEFT JOIN sums AS b ON NOT b.recent
   WHERE n.recent
)
SELECT found.* FROM (VALUES (1)) AS one LEFT JOIN found ON true
