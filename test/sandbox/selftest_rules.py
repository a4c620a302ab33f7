"""Tests of the rules for report requests; run by selftest.py."""

import columns
from selftest_client import Case, day


class ReportRules(Case):
    def test_refusals(self):
        lots = [str(one) for one in range(501)]
        for change, part in (
                ({"columns": None}, "'columns' is a required property"),
                ({"level": None}, "'level' is a required property"),
                ({"start_date": None}, "'start_date' is a required property"),
                ({"granularity": None}, "'granularity' is a required property"),
                ({"foo": 1}, "'foo' was unexpected"),
                ({"columns": []}, "too short"),
                ({"columns": "SPEND_IN_DOLLAR"}, "not of type 'array'"),
                ({"columns": ["NONSENSE"]}, "'NONSENSE' is not one of ['SPEND"),
                ({"columns": ["spend_in_dollar"]}, "is not one of"),
                ({"columns": ["DATE"]}, "'DATE' is not one of"),
                ({"columns": ["SPEND_IN_DOLLAR"] * 2}, "non-unique"),
                ({"columns": ["AD_ID"]}, "Columns AD_ID are not available."),
                ({"columns": ["AD_NAME", "AD_GROUP_ID"]},
                 "Columns AD_NAME, AD_GROUP_ID are not available."),
                ({"level": "KEYWORD", "columns": ["TOTAL_IMPRESSION_USER"]},
                 "are not available."),
                ({"level": "CAMPAIGN_TARGETING",
                  "columns": ["TOTAL_IMPRESSION_FREQUENCY"]}, "not available."),
                ({"level": "CAMPAIGNS"}, "is not one of"),
                ({"granularity": "WEEKLY"}, "is not one of"),
                ({"start_date": "2026-1-01"}, "does not match"),
                ({"start_date": "20261001"}, "does not match"),
                ({"start_date": "2026-02-30"}, "not a date"),
                ({"start_date": 20261001}, "not of type 'string'"),
                ({"start_date": day(1), "end_date": day(2)}, "after end_date"),
                ({"end_date": day(-1)}, "future"),
                ({"start_date": day(914), "end_date": day(900)}, "914 days"),
                ({"start_date": day(187), "end_date": day(1)}, "186 days"),
                ({"granularity": "HOUR", "start_date": day(8),
                  "end_date": day(7)}, "8 days"),
                ({"granularity": "HOUR", "start_date": day(4)}, "3 days"),
                ({"level": "PRODUCT_ITEM", "start_date": day(92),
                  "end_date": day(80)}, "92 days"),
                ({"level": "PRODUCT_ITEM", "start_date": day(32)}, "31 days"),
                ({"level": "PRODUCT_ITEM", "ad_ids": ["1"]}, "not supported"),
                ({"start_hour": 1}, "only allowed for hourly"),
                ({"campaign_ids": lots}, "too long"),
                ({"campaign_ids": []}, "too short"),
                ({"campaign_ids": [1]}, "not of type 'string'"),
                ({"campaign_ids": ["C1"]}, "must match the pattern"),
                ({"campaign_statuses": ["ACTIVE"]}, "is not one of"),
                ({"campaign_statuses": ["RUNNING"] * 7}, "too long"),
                ({"ad_statuses": ["RUNNING"]}, "is not one of"),
                ({"campaign_objective_types": ["SALES"] * 8}, "too long"),
                ({"targeting_types": ["GENDER"]}, "_TARGETING"),
                ({"level": "AD_GROUP_TARGETING",
                  "targeting_types": ["GENDER"] * 6}, "too long"),
                ({"level": "AD_GROUP_TARGETING",
                  "targeting_types": ["AUDIENCE_MULTIPLIER"]}, "CAMPAIGN_TARG"),
                ({"level": "PRODUCT_GROUP_TARGETING",
                  "targeting_types": ["MEDIA_TYPE"]}, "PRODUCT_ITEM_TARG"),
                ({"level": "CAMPAIGN_TARGETING"}, "'targeting_types' is a req"),
                ({"level": "CAMPAIGN_TARGETING", "targeting_types": []}, "short"),
                ({"level": "CAMPAIGN_TARGETING",
                  "targeting_types": ["GENDER", "AGE"]}, "is not one of"),
                ({"level": "CAMPAIGN_TARGETING",
                  "targeting_types": ["GENDER", "GENDER"]}, "non-unique"),
                ({"level": "PRODUCT_GROUP_TARGETING", "targeting_types": ["GEO"],
                  "columns": ["OUTBOUND_CTR"]}, "OUTBOUND_CTR are not available."),
                ({"level": "PRODUCT_GROUP_TARGETING", "targeting_types": ["GEO"],
                  "columns": ["COST_PER_OUTBOUND_CLICK"]}, "not available."),
                ({"level": "PRODUCT_ITEM", "columns": ["AD_ID"]}, "not available."),
                ({"level": "PRODUCT_ITEM_TARGETING", "targeting_types": ["GEO"],
                  "columns": ["PIN_PROMOTION_ID"]}, "not available."),
                ({"level": "PRODUCT_GROUP", "columns": ["PRODUCT_ITEM_NAME"]},
                 "not available."),
                ({"level": "AD_GROUP", "columns": ["AD_NAME"]}, "not available."),
                ({"level": "PRODUCT_ITEM", "ad_statuses": ["PAUSED"]},
                 "not supported"),
                ({"level": "PRODUCT_ITEM_TARGETING", "targeting_types": ["GEO"],
                  "start_date": day(32)}, "31 days"),
                ({"product_item_ids": ["1"]}, "not supported"),
                ({"level": "PRODUCT_GROUP",
                  "product_group_statuses": ["ACTIVE"]}, "is not one of"),
                ({"product_group_ids": ["1"]}, "not supported"),
                ({"click_window_days": 2}, "is not one of"),
                ({"click_window_days": "30"}, "not of type 'integer'"),
                ({"click_window_days": True}, "not of type 'integer'"),
                ({"click_window_days": 1, "engagement_window_days": 30,
                  "view_window_days": 1}, "1/30/1"),
                ({"view_window_days": 60}, "30/30/60"),
                ({"conversion_report_time": "NOW"}, "is not one of"),
                ({"attribution_types": "INDIVIDUAL"}, "not of type 'array'"),
                ({"metrics_filters": [{"field": "CTR", "operator": "LESS_THAN",
                                       "values": [1]}]}, "is not one of"),
                ({"metrics_filters": [{"field": "SPEND_IN_DOLLAR"}]},
                 "'operator' is a required property"),
                ({"primary_sort": "BY_NAME"}, "is not one of"),
                ({"report_format": "XML"}, "is not one of"),
                ({"report_format": "CSV"}, "CSV"),
                ({"reporting_timezone": "AD_ACCOUNT_TIME_ZONE"}, "not available"),
                ({"combine_targeting_types": 1}, "not of type 'boolean'")):
            self.refused(self.client.create(**change), 400, 1, part)

    def test_accepted(self):
        for change in (
                {"start_date": day(913), "end_date": day(728)},
                {"start_date": day(186)}, {"end_date": day(0)},
                {"level": "PRODUCT_ITEM", "start_date": day(91),
                 "end_date": day(61)},
                {"level": "CAMPAIGN_TARGETING", "targeting_types": [
                    "AUDIENCE_MULTIPLIER", "GEO", "AGE_BUCKET", "REGION",
                    "LOCATION"]},
                {"granularity": "HOUR", "start_date": day(7), "end_date": day(5)},
                {"click_window_days": 7, "engagement_window_days": 7,
                 "view_window_days": 7}, {"campaign_ids": ["1"] * 500},
                {"campaign_statuses": ["RUNNING", "PAUSED", "COMPLETED",
                                       "ARCHIVED", "DRAFT", "NOT_STARTED"]}):
            self.assertEqual(self.client.create(**change)[0], 200, change)

    def test_transport(self):
        path, order = self.client.below + "/reports", self.client.order()
        post = lambda body, **headers: self.client.api("POST", path, body, **headers)
        self.refused(post(b"{"), 400, 1, "not valid JSON")
        self.refused(post(b'{"level":"CAMPAIGN","level":"CAMPAIGN"}'), 400, 1)
        self.refused(post([order]), 400, 1, "not of type 'object'")
        self.refused(post(order, Content_Type="text/plain"), 400, 1, "Content-Type")
        self.refused(post(order, Accept="text/html"), 406, 406)
        self.refused(self.client.api("POST", path + "?a=1", order), 400, 1)
        self.refused(self.client.api("GET", path), 400, 1, "'token'")

    def test_columns(self):
        self.assertEqual(len(columns.COLUMNS), 626)
        for level in columns.LEVELS:
            types = ["GENDER"] if level.endswith("_TARGETING") else None
            self.assertEqual(self.client.create(
                level=level, targeting_types=types,
                columns=columns.valid_names(level))[0], 200)

    def test_rate_limit(self):
        self.client.control("POST", "settings", {"requests_per_minute": 2,
                                                 "rate_window": 3600})
        try:
            path = self.client.below + "/reports?token=x"
            for _ in range(2):
                self.assertEqual(self.client.api("GET", path)[0], 200)
            self.refused(self.client.api("GET", path), 429, 8, "rate limit")
            # as if an hour had passed
            self.client.control("POST", "settings", {"rate_window": 0})
            self.assertEqual(self.client.api("GET", path)[0], 200)
        finally:
            self.client.control("POST", "settings", {"requests_per_minute": None})
