-- The last 28 whole days, with the ad that spent most and its Pin
WITH found AS (
  WITH ads AS (
    SELECT DISTINCT ON (a.campaign_id) a.advertiser_id, a.campaign_id, r.ad_name, a.pin_id
      FROM reports.ad AS r JOIN pinterest_ads.ads AS a USING (advertiser_id, ad_id)
     WHERE r.date BETWEEN current_date - 28 AND current_date - 1
     GROUP BY a.advertiser_id, a.campaign_id, r.ad_id, r.ad_name, a.pin_id
     ORDER BY a.campaign_id, sum(r.spend_in_dollar) DESC, r.ad_id
  )
  SELECT c.campaign_name AS campaign,
         sum(c.spend_in_dollar) AS spend,
         sum(c.total_impression) AS impressions,
         sum(c.total_clickthrough) AS clicks,
         sum(c.total_clickthrough) / nullif(sum(c.total_impression), 0)::numeric AS click_rate,
         sum(c.spend_in_dollar) / nullif(sum(c.total_clickthrough), 0) AS cost_per_click,
         sum(c.total_checkout_value_in_micro_dollar) / 1000000
           / nullif(sum(c.spend_in_dollar), 0) AS return_on_ad_spend,
         ads.ad_name AS best_ad,
         'https://www.pinterest.com/pin/' || ads.pin_id || '/' AS pin
    FROM reports.campaign AS c LEFT JOIN ads USING (advertiser_id, campaign_id)
   WHERE c.date BETWEEN current_date - 28 AND current_date - 1
     AND c.currency = (SELECT currency FROM reports.advertiser
                        GROUP BY currency ORDER BY sum(spend_in_dollar) DESC LIMIT 1)
   GROUP BY c.advertiser_id, c.campaign_id, c.campaign_name, ads.ad_name, ads.pin_id
  HAVING sum(c.spend_in_dollar) > 0
   ORDER BY spend DESC
   LIMIT 10
)
SELECT found.* FROM (VALUES (1)) AS one LEFT JOIN found ON true
 ORDER BY spend DESC
