#!/usr/bin/env python3
"""Tests of what becomes of the sandbox's data from revision to revision."""

import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest

import selftest_client
from selftest_client import ALL, HERE, Case, Client, day, expected

# Tables with the id and the name of their entities, which can be archived or not.
ARCHIVED = (("campaigns", "campaign_id", "name"),
            ("ad_groups", "ad_group_id", "name"), ("ads", "ad_id", "name"),
            ("product_group_promotions", "product_group_promotion_id",
             "catalog_product_group_name"))
OTHERS = (("keywords", "keyword_id", "value"),
          ("audiences", "audience_id", "name"),
          ("customer_lists", "customer_list_id", "name"),
          ("conversion_tags", "conversion_tag_id", "name"),
          ("order_lines", "order_line_id", "name"),
          ("lead_forms", "lead_form_id", "name"),
          ("targeting_templates", "targeting_template_id", "name"),
          ("report_templates", "report_template_id", "name"),
          ("metrics", "name", "display_name"),
          ("targeting_options", "code", "name"))
LIVELY = ("--turnover", "--advertisers", "3", "--campaigns", "3")
REVISIONS = range(11)


def write_expected(folder, wanted):
    """Has tables written to a folder: (name of the file, arguments) of each."""
    plan = os.path.join(folder, "plan")
    with open(plan, "w", encoding="utf-8") as file:
        json.dump([{"file": os.path.join(folder, name),
                    "arguments": [*arguments, *selftest_client.DATA, *LIVELY]}
                   for name, arguments in wanted], file)
    subprocess.run([sys.executable, HERE, "expect-all", plan], check=True)


class Turnover(unittest.TestCase):
    """Contents, as "expect" has them."""

    @classmethod
    def setUpClass(cls):
        tables = [(name, ()) for name, _, _ in ARCHIVED + OTHERS] + [
            ("campaign_report", ("--columns", "TOTAL_IMPRESSION", "--start", day(5)))]
        cls.tables = {}
        with tempfile.TemporaryDirectory() as folder:
            write_expected(folder, [
                ("%s %d" % (table, revision), (table, *more, "--revision", revision))
                for revision in REVISIONS for table, more in tables])
            for table, _ in tables:
                for revision in REVISIONS:
                    with open(os.path.join(folder, "%s %d" % (table, revision)),
                              encoding="utf-8", newline="") as file:
                        cls.tables[table, revision] = list(csv.DictReader(file))

    def events(self, resource, key, field):
        """What happens to the entities of a list over the revisions."""
        found, before = set(), None
        for revision in REVISIONS:
            rows = self.tables[resource, revision]
            now = {row[key]: row for row in rows}
            self.assertTrue(now, "nothing is left")
            self.assertEqual(len(now), len(rows))
            for one in set(now) & set(before or now):
                old = (before or now)[one]
                if old[field] != now[one][field]:
                    found.add("rename")
                if old.get("status") != now[one].get("status"):
                    self.assertEqual(now[one]["status"], "ARCHIVED")
                    found.add("archive")
            if before is not None:
                found |= {"add"} if set(now) - set(before) else set()
                found |= {"remove"} if set(before) - set(now) else set()
            before = now
        return found

    def test_entities_come_and_go(self):
        for resource, key, field in ARCHIVED:
            self.assertEqual(self.events(resource, key, field), {
                "add", "remove", "rename", "archive"}, resource)
        for resource, key, field in OTHERS:
            self.assertTrue(self.events(resource, key, field).issuperset({
                "add", "remove", "rename"}), resource)

    def test_metrics_are_corrected(self):
        found, before, there = set(), {}, set()
        for revision in REVISIONS:
            now = {(row["campaign_id"], row["date"]): int(row["total_impression"])
                   for row in self.tables["campaign_report", revision]}
            campaigns = {row["campaign_id"]
                         for row in self.tables["campaigns", revision]}
            for one in set(before) | set(now):
                old, new = before.get(one), now.get(one)
                # Campaigns that come and go are another matter.
                if old != new and one[0] in campaigns & there:
                    found.add("comes" if old is None else "goes" if new is None
                              else "up" if new > old else "down")
            before, there = now, campaigns
        self.assertEqual(found, {"up", "down", "comes", "goes"})

    def test_many_at_once(self):
        tables = ("campaigns", "metrics", "advertiser_report")
        with tempfile.TemporaryDirectory() as folder:
            write_expected(folder, [(one, (one, "--revision", 3)) for one in tables])
            for one in tables:
                alone = subprocess.run(
                    [sys.executable, HERE, "expect", one, "--revision", "3",
                     *selftest_client.DATA, *LIVELY], check=True,
                    stdout=subprocess.PIPE).stdout
                with open(os.path.join(folder, one), "rb") as file:
                    self.assertEqual(file.read(), alone)


class Access(Case):
    """Ad accounts that lose their access and get it back."""

    @classmethod
    def setUpClass(cls):
        cls.client = Client(*LIVELY)

    def test_access(self):
        seen = {}
        for revision in REVISIONS:
            if revision:
                self.assertEqual(self.client.control("POST", "revision"),
                                 (200, {"revision": revision}))
            _, page = self.client.api("GET", "/v5/ad_accounts?page_size=250")
            listed = {one["id"] for one in page["items"]}
            for one, access in self.client.control("GET", "access")[1]:
                seen.setdefault(one, []).append(access)
                below = self.client.api("GET", "/v5/ad_accounts/%s/campaigns" % one)
                self.assertEqual(below[0], 200 if access == "full" else 403)
                self.assertEqual(one in listed, access != "unlisted")
        always, *others = [set(one) for one in seen.values()]
        self.assertEqual(always, {"full"})
        self.assertEqual(others, [{"full", "denied", "unlisted"}] * 2)

        # What is served is what is expected, at the last revision, too.
        _, page = self.client.api("GET", self.client.below + "/campaigns?page_size=250&"
                                  + ALL)
        self.assertEqual(
            [one["name"] for one in page["items"]],
            [row["name"] for row in expected("campaigns", *LIVELY, "--revision", "10")])
        found = self.client.report(columns=["TOTAL_IMPRESSION"], start_date=day(5))
        rows = expected("campaign_report", *LIVELY, "--revision", "10", "--columns",
                        "TOTAL_IMPRESSION", "--start", day(5))
        self.assertEqual(
            {(one, row["DATE"]): row["TOTAL_IMPRESSION"] for one, of in found.items()
             for row in of},
            {(row["campaign_id"], row["date"]): int(row["total_impression"])
             for row in rows if row["total_impression"] != "0"})


if __name__ == "__main__":
    unittest.main()
