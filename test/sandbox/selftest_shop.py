"""Tests of the shop's ads: figures that hang together, and names without traps."""

import csv
import subprocess
import sys
import unittest

from selftest_client import HERE

ARGUMENTS = ["--shop", "--campaigns", "10", "--ad-groups", "1", "--ads", "1"]
DAYS = ["--today", "2026-05-20", "--start", "2025-10-01", "--end", "2026-01-31"]
COUNTS = ("total_impression", "total_clickthrough", "total_checkout", "total_page_visit",
          "spend_in_micro_dollar", "total_checkout_value_in_micro_dollar")


def rows(resource, *more):
    arguments = list(ARGUMENTS)
    if resource.endswith("_report"):
        names = COUNTS if resource.startswith("advertiser") else COUNTS + ("campaign_name",)
        arguments += DAYS + ["--columns", ",".join(names).upper()]
    output = subprocess.run([sys.executable, HERE, "expect", resource, *arguments, *more],
                            check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    return list(csv.DictReader(output.splitlines()))


class Shop(unittest.TestCase):
    def test_names(self):
        for resource in ("campaigns", "ad_groups", "ads"):
            found = rows(resource)
            self.assertGreaterEqual(len(found), 10)
            for one in found:
                self.assertRegex(one["name"], r"^[A-Z][\w ,:%]+$")
                self.assertEqual(one["status"], "ACTIVE")

    def test_figures(self):
        found = rows("campaign_report")
        seasons = {}
        for one in found:
            shown, clicks, orders, visits, spend, _ = (int(one[name]) for name in COUNTS)
            self.assertTrue(0 < clicks < shown / 40, one)
            self.assertTrue(0.2 * clicks < visits < clicks, one)
            self.assertTrue(orders <= visits, one)
            self.assertTrue(200000 < spend / clicks < 1200000, one)
            seasons.setdefault(one["campaign_name"], set()).add(one["date"][5:7])
        self.assertEqual(seasons["Holiday Gift Guide"], {"10", "11", "12"})
        self.assertEqual(len(seasons["Kitchen Essentials"]), 4)
        self.assertNotIn("Summer Outdoor Living", seasons)

    def test_sums(self):
        """Ads and breakdowns add up to campaigns."""
        def sums(found):
            return [sum(int(one[name]) for one in found) for name in COUNTS]
        whole = sums(rows("campaign_report"))
        self.assertEqual(sums(rows("ad_report")), whole)
        self.assertEqual(sums(rows("advertiser_targeting_report", "--targeting-types",
                                   "GENDER")), whole)
