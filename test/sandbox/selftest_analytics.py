"""Tests of the synchronous analytics; run by selftest.py."""

from decimal import Decimal
from urllib.parse import urlencode

import analytics
import columns
from selftest_client import Case, day

KINDS = {"": ("ADVERTISER", "AD_ACCOUNT_ID", None),
         "/campaigns": ("CAMPAIGN", "CAMPAIGN_ID", "campaign_ids"),
         "/ad_groups": ("AD_GROUP", "AD_GROUP_ID", "ad_group_ids"),
         "/ads": ("PIN_PROMOTION", "AD_ID", "ad_ids"),
         "/product_groups": ("PRODUCT_GROUP", "PRODUCT_GROUP_ID",
                             "product_group_ids")}
METRICS = ("SPEND_IN_MICRO_DOLLAR", "SPEND_IN_DOLLAR", "TOTAL_IMPRESSION",
           "TOTAL_CONVERSIONS", "CTR")


class Analytics(Case):
    def ask(self, kind="/campaigns", targeting="", **changes):
        """Status and answer of a request with some parameters changed."""
        given = {"start_date": day(9), "end_date": day(1), "granularity": "DAY",
                 "columns": "SPEND_IN_DOLLAR"}
        if kind:
            given[KINDS[kind][2]] = self.some(kind)
        given.update(changes)
        return self.client.api(
            "GET", "%s%s/%sanalytics?%s" % (
                self.client.below, kind, targeting, urlencode(
                    {name: value for name, value in given.items()
                     if value is not None}, doseq=True)))

    def some(self, kind, most=4):
        """Ids of entities that have a report."""
        level = KINDS[kind][0]
        found = self.client.report(level=level, start_date=day(9),
                                   columns=["TOTAL_IMPRESSION"])
        return sorted(found, key=int)[:most]

    def test_same_as_report(self):
        for kind, (level, field, ids) in KINDS.items():
            for granularity in ("DAY", "TOTAL", "WEEK", "MONTH"):
                with self.subTest(kind=kind, granularity=granularity):
                    chosen = {ids: self.some(kind)} if ids else {}
                    report = self.client.report(
                        level=level, granularity=granularity, start_date=day(9),
                        columns=list(METRICS), **chosen)
                    wanted = {(identity, row.get("DATE")): row for identity, rows
                              in report.items() for row in rows}
                    status, answer = self.ask(kind, granularity=granularity,
                                              columns=",".join(METRICS), **chosen)
                    self.assertEqual(status, 200, answer)
                    found = {(row[field], row.get("DATE")): row for row in answer}
                    self.assertEqual(len(found), len(answer))
                    self.compare(wanted, found)

    def compare(self, wanted, found):
        """The same rows, but for those that have nothing in them."""
        self.assertTrue(wanted)
        for key, row in found.items():
            for name in METRICS:
                self.assertEqual(Decimal(row.get(name, 0)),
                                 Decimal(wanted.get(key, {}).get(name, 0)),
                                 (key, name))
        self.assertEqual(set(wanted) - set(found), set())

    def test_awkward(self):
        """Zeros and rows of zeros come sometimes, ids are always text."""
        status, answer = self.ask(columns="SPEND_IN_DOLLAR,TOTAL_CONVERSIONS,"
                                  "CAMPAIGN_NAME,CAMPAIGN_ID",
                                  start_date=day(60))
        self.assertEqual(status, 200)
        zeros = [row for row in answer if row.get("SPEND_IN_DOLLAR") == 0]
        self.assertTrue(zeros)
        self.assertTrue([row for row in zeros
                         if not row.get("TOTAL_CONVERSIONS")])
        self.assertTrue([row for row in answer if "SPEND_IN_DOLLAR" not in row])
        for row in answer:
            self.assertIsInstance(row["CAMPAIGN_ID"], str)
            self.assertIn("CAMPAIGN_NAME", row)

    def test_columns(self):
        """What the description lists, and nothing else."""
        self.assertEqual(len(analytics.SYNC_COLUMNS), 175)
        for kind, (level, _, _) in KINDS.items():
            valid = [name for name, column in analytics.SYNC_COLUMNS.items()
                     if columns.is_valid(column, level)]
            status, answer = self.ask(kind, columns=",".join(valid))
            self.assertEqual(status, 200, answer)
        self.refused(self.ask(columns="TOTAL_DESTINATION_VIEWS"), 400, 1,
                     "is not one of")
        self.refused(self.ask(columns="CAMPAIGN_STATUS"), 400, 1, "is not one of")
        self.refused(self.ask(columns="AD_ID"), 400, 1, "not available")

    def test_refusals(self):
        lots = [str(one) for one in range(251)]
        for changes, part in (
                ({"foo": 1}, "unexpected query parameter"),
                ({"entity_statuses": "ACTIVE"}, "unexpected query parameter"),
                ({"campaign_statuses": "RUNNING"}, "unexpected query parameter"),
                ({"ad_group_ids": "1"}, "unexpected query parameter"),
                ({"attribution_types": "HOUSEHOLD"}, "unexpected query parameter"),
                ({"targeting_types": "GENDER"}, "unexpected query parameter"),
                ({"start_date": None}, "required"),
                ({"end_date": None}, "required"),
                ({"columns": None}, "required"),
                ({"columns": ["SPEND_IN_DOLLAR", "CTR"]}, "given twice"),
                ({"columns": "CTR,CTR"}, "non-unique"),
                ({"columns": ""}, "is not one of"),
                ({"columns": "DATE"}, "is not one of"),
                ({"granularity": None}, "required"),
                ({"granularity": "WEEKLY"}, "is not one of"),
                ({"campaign_ids": None}, "required"),
                ({"campaign_ids": lots}, "more than 250"),
                ({"campaign_ids": "1" * 19}, "pattern"),
                ({"campaign_ids": "x"}, "pattern"),
                ({"campaign_ids": "626735565838"}, "does not belong"),
                ({"start_date": "2026-1-1"}, "does not match"),
                ({"start_date": day(0), "end_date": day(1)}, "after end_date"),
                ({"end_date": day(-1)}, "future"),
                ({"start_date": day(90)}, "within 90 days"),
                ({"granularity": "HOUR", "start_date": day(8)}, "within 8 days"),
                ({"granularity": "HOUR", "start_date": day(4)}, "3 days"),
                ({"click_window_days": 2}, "is not one of"),
                ({"click_window_days": 1}, "not a valid combination"),
                ({"conversion_report_time": "NOW"}, "is not one of"),
                ({"reporting_timezone": "AD_ACCOUNT_TIME_ZONE"}, "not available"),
                ({"aggregate_report_rows": "true"}, "not available")):
            with self.subTest(**changes):
                self.refused(self.ask(**changes), 400, 1, part)
        self.refused(self.ask("", campaign_ids="1"), 400, 1, "unexpected")
        self.refused(self.ask("/ads", ad_ids=None), 400, 1, "campaign_ids and pin_ids")
        self.refused(self.ask("/ads", ad_ids=None, pin_ids="1"), 400, 1, "both")
        self.assertEqual(self.ask(aggregate_report_rows="false")[0], 200)
        self.assertEqual(self.ask(start_date=day(89), end_date=day(0))[0], 200)
        self.assertEqual(self.ask(granularity="HOUR", start_date=day(3))[0], 200)

    def test_pins(self):
        ads = self.client.api("GET", self.client.below + "/ads?page_size=250")[1]
        one = next(ad for ad in ads["items"])
        status, answer = self.ask(
            "/ads", ad_ids=None, pin_ids=one["pin_id"],
            campaign_ids=one["campaign_id"], start_date=day(80))
        self.assertEqual(status, 200, answer)
        self.assertEqual({row["AD_ID"] for row in answer}, {one["id"]})

    def test_access(self):
        path = "/campaigns/analytics?" + urlencode({
            "start_date": day(2), "end_date": day(1), "granularity": "DAY",
            "columns": "CTR", "campaign_ids": "1"})
        self.refused(self.client.api("GET", self.client.below + path,
                                     token="wrong"), 401, 2)
        self.refused(self.client.api("GET", "/v5/ad_accounts/1" + path), 404, 404)
        self.refused(self.client.api("POST", self.client.below + path), 405, 405)
        self.refused(self.client.api(
            "GET", self.client.below + "/product_groups/targeting_analytics"),
            404, 404)

    def test_rate_limit(self):
        """They spend the quota of reports."""
        self.client.control("POST", "settings", {"requests_per_minute": 0})
        try:
            self.refused(self.ask("", columns="CTR"), 429, 8)
        finally:
            self.client.control("POST", "settings", {"requests_per_minute": None})

    def test_targeting(self):
        for kind in ("", "/campaigns", "/ad_groups", "/ads"):
            level, field, ids = KINDS[kind]
            chosen = {ids: self.some(kind)} if ids else {}
            types = ["GENDER", "KEYWORD", "AUDIENCE_INCLUDE"]
            report = self.client.report(
                level=level + "_TARGETING", columns=list(METRICS),
                start_date=day(9), targeting_types=types, **chosen)
            wanted = {(identity, row["DATE"], row["TARGETING_TYPE"],
                       str(row["TARGETING_VALUE"])): row
                      for identity, rows in report.items() for row in rows}
            status, answer = self.ask(kind, "targeting_", columns=",".join(METRICS),
                                      targeting_types=",".join(types), **chosen)
            self.assertEqual(status, 200, answer)
            found = {(row["metrics"][field], row["metrics"]["DATE"],
                      row["targeting_type"], row["targeting_value"]): row["metrics"]
                     for row in answer["data"]}
            self.compare(wanted, found)
        for changes, part in (
                ({}, "required"), ({"targeting_types": "NONSENSE"}, "is not one of"),
                ({"targeting_types": "LOCAL_ADS_STORE_CODE"}, "is not one of"),
                ({"targeting_types": "QUIZ_RESULT"}, "is not one of"),
                ({"targeting_types": ["GENDER", "GEO"]}, "given twice"),
                ({"targeting_types": "GENDER", "attribution_types": "ALL"},
                 "is not one of"),
                ({"targeting_types": "GENDER",
                  "columns": "TOTAL_IMPRESSION_USER"}, "not available"),
                ({"targeting_types": "GENDER", "campaign_ids": None}, "required")):
            self.refused(self.ask("/campaigns", "targeting_", **changes), 400, 1,
                         part)
        self.assertEqual(self.ask("/ads", "targeting_",
                                  targeting_types="QUIZ_RESULT")[1], {"data": []})
