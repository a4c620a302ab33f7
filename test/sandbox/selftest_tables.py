"""Tests of the lists of users, Pins, catalogs and money; run by selftest.py."""

import unittest
from urllib.parse import quote

from selftest_client import Case, day, expected
from tables import ROUTES, TABLE_LISTS
from tablelists import iso_time
from useranalytics import SPLITS, DatedList

TIMES = {"2021-03-01T10:11:12", "2021-03-01T10:11:12-00:00", "2021-03-01T10:11:12Z",
         "2021-03-01T10:11:12.000000"}


class Notations(unittest.TestCase):
    def test_times(self):
        self.assertEqual({iso_time(1614593472, one) for one in range(4)}, TIMES)

    def test_one_path_each(self):
        """No path is taken by two lists."""
        paths = ("/v5/pins", "/v5/pins/1", "/v5/pins/analytics", "/v5/pins/1/analytics",
                 "/v5/boards", "/v5/boards/1/pins", "/v5/boards/1/sections",
                 "/v5/user_account", "/v5/user_account/analytics",
                 "/v5/user_account/analytics/top_pins", "/v5/catalogs",
                 "/v5/catalogs/feeds", "/v5/catalogs/feeds/1/processing_results",
                 "/v5/catalogs/product_groups/1/product_counts",
                 "/v5/businesses/employers", "/v5/businesses/1/assets")
        for path in paths:
            self.assertEqual(sum(bool(one.pattern.match(path)) for one in ROUTES), 1, path)

    def test_expected_rows(self):
        """Tables have rows, whose keys are unique."""
        for name, kind in TABLE_LISTS.items():
            if isinstance(kind, DatedList):
                continue
            rows = expected(name)
            self.assertTrue(rows, name)
            columns = [one for one in rows[0] if one == "advertiser_id"] + [
                kind.columns.get(field.name, field.name)
                for field in kind.fields[:kind.keys]]
            keys = [tuple(row[one] for one in columns) for row in rows]
            self.assertEqual(len(keys), len(set(keys)), name)


class Answers(Case):
    def get(self, target, status=200):
        got, answer = self.client.api("GET", "/v5/" + target)
        self.assertEqual(got, status, answer)
        return answer

    def all_of(self, target):
        found, bookmark = [], None
        while True:
            page = self.get(target + ("&bookmark=" + quote(bookmark) if bookmark else ""))
            found += page["items"]
            bookmark = page.get("bookmark")
            if not bookmark:
                return found

    def of(self, path):
        return path + "?ad_account_id=" + self.client.account

    def test_pages(self):
        for name, path, key in (("boards", "boards", "board_id"),
                                ("organic_pins", "pins", "pin_id"),
                                ("feeds", "catalogs/feeds", "feed_id")):
            items = self.all_of(self.of(path) + "&page_size=4")
            self.assertEqual(sorted(item["id"] for item in items),
                             sorted(row[key] for row in expected(name)))
        self.assertIn("password", items[0]["credentials"])

    def test_below(self):
        board = expected("board_sections")[0]["board_id"]
        found = self.get(self.of("boards/%s/sections" % board))["items"]
        self.assertEqual(set(found[0]), {"id", "name"})
        self.get("boards/x/sections", 400)
        for path in ("boards/12/sections", "boards/12/pins",
                     "catalogs/feeds/12/processing_results",
                     "catalogs/processing_results/12/item_issues",
                     "catalogs/product_groups/12/products"):
            self.get(self.of(path), 404)
        self.get(self.of("pins/12"), 404)
        self.get(self.of("pins/13"), 403)

    def test_results_have_no_next_page(self):
        feed = expected("feeds")[0]["feed_id"]
        path = self.of("catalogs/feeds/%s/processing_results" % feed)
        self.assertEqual(self.get(path)["bookmark"], "once more")

    def test_labels(self):
        path = "ad_accounts/%s/labels" % self.client.account
        found = [one for item in self.all_of(path + "?page_size=2")
                 for one in item.get("labels", ())]
        self.assertEqual({one["status"] for one in found}, {"ACTIVE"})
        both = self.all_of(path + "?entity_statuses=ACTIVE,ARCHIVED&page_size=2")
        self.assertEqual(sum(len(item.get("labels", ())) for item in both),
                         len(expected("labels")))

    def test_what_is_required(self):
        account = "ad_accounts/%s/" % self.client.account
        for path in ("conversion_eqs", "audience_insights", "billing_profiles"):
            self.get(account + path, 400)
        self.get(account + "conversion_eqs?lookback_period=2d", 400)
        self.get("pins/analytics?pin_ids=1&start_date=%s&end_date=%s" % (day(3), day(1)),
                 400)

    def test_days(self):
        path = self.of("user_account/analytics")
        found = self.get("%s&start_date=%s&end_date=%s&split_field=SOURCE"
                         % (path, day(2), day(1)))
        self.assertEqual(set(found), set(SPLITS["SOURCE"]))
        days = {one["date"] for one in found["OTHER_PINS"]["daily_metrics"]}
        self.assertLessEqual({day(2), day(1)}, days)
        for start, end in ((day(91), day(80)), (day(1), day(-1)), (day(1), day(2)),
                           ("2026-1-1", day(1))):
            self.get("%s&start_date=%s&end_date=%s" % (path, start, end), 400)

    def test_largest_page(self):
        """Pages may be smaller than what is asked for."""
        self.client.control("POST", "settings", {"largest_page": 2})
        self.addCleanup(self.client.control, "POST", "settings", {"largest_page": None})
        path = self.of("boards") + "&page_size=250"
        self.assertEqual(len(self.get(path)["items"]), 2)
        self.assertEqual(sorted(item["id"] for item in self.all_of(path)),
                         sorted(row["board_id"] for row in expected("boards")))
        self.assertEqual(self.client.control(
            "POST", "settings", {"largest_page": 0})[0], 400)

    def test_schedules(self):
        """Campaigns must be named."""
        path = "ad_accounts/%s/schedules" % self.client.account
        self.get(path, 400)
        one = expected("schedules")[0]
        found = self.get(path + "?entity_ids=" + one["entity_id"])["items"]
        self.assertEqual([item["schedule_id"] for item in found], [one["schedule_id"]])
        self.assertEqual(self.get(path + "?entity_ids=12")["items"], [])

    def test_invoices(self):
        """Each bills what a month's report shows as spent."""
        invoices = {row["billing_period_start_date"]: row["amount_net_micro_currency"]
                    for row in expected("billing_invoices")
                    if row["document_type"] == "INVOICE"}
        first = min(invoices)
        spent = {row["date"]: row["spend_in_micro_dollar"] for row in expected(
            "advertiser_report", "--start", first, "--granularity", "month",
            "--columns", "SPEND_IN_MICRO_DOLLAR")}
        self.assertEqual(len(invoices), 14)
        self.assertEqual(invoices, {month: spent[month] for month in invoices})

    def test_scopes(self):
        path = self.of("boards")
        self.assertIn("SECRET", {one["privacy"] for one in self.get(path)["items"]})
