"""Tests of keyword, product and targeting reports; run by selftest.py."""

from decimal import Decimal

import columns
import expect
import targeting
from selftest_client import Case, Client, day, expected

PARTS = (("KEYWORD", "keyword_report"), ("PRODUCT_GROUP", "product_group_report"),
         ("PRODUCT_ITEM", "product_item_report"))
SOME = ["SPEND_IN_MICRO_DOLLAR", "TOTAL_IMPRESSION", "TOTAL_CLICKTHROUGH",
        "TOTAL_ENGAGEMENT", "TOTAL_VIDEO_P0_COMBINED", "TOTAL_CONVERSIONS",
        "TOTAL_DESTINATION_VIEWS", "LEADS",
        "TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR", "REPIN_1"]


def additive(level):
    return [name for name in columns.valid_names(level)
            if columns.COLUMNS[name].kind in ("count", "micro", "amount")
            and name != "TOTAL_IMPRESSION_USER"]


def totals(report, names, key):
    """Sums of columns by key(identity, row); zeros left out."""
    found = {}
    for identity, rows in report.items():
        for row in rows:
            sums = found.setdefault(key(identity, row), {})
            for name in names:
                if name in row:
                    sums[name] = sums.get(name, 0) + Decimal(row[name])
    return found


# Columns that tell apart the rows of one entity and day.
IDS = ("AD_GROUP_ID", "AD_ID", "PIN_ID", "PRODUCT_GROUP_ID")


def key_of(identity, row, names=IDS):
    """What tells a row apart from all others, in a download or in "expect"."""
    lower = "date" in row
    return (identity, row["date" if lower else "DATE"]) + tuple(
        str(row.get(name.lower() if lower else name) or "") for name in names)


def by_entity(identity, row):
    return identity, row.get("DATE"), row.get("HOUR")


class FastCase(Case):
    """With reports that are ready at once, since there are many."""

    @classmethod
    def setUpClass(cls):
        cls.client = Client("--report-delay", "0")


class PartLevels(FastCase):
    def report(self, level, start=day(9), **more):
        return self.client.report(level=level, start_date=start, **more)

    def test_downloads_match_expected(self):
        for level, resource in PARTS:
            names = columns.valid_names(level)
            report = self.report(level, columns=names)
            rows = expected(resource, "--start", day(9), "--columns",
                            ",".join(names))
            key = expect.LEVELS[resource][1]
            found = {key_of(identity, row): row for identity, of_one
                     in report.items() for row in of_one}
            self.assertGreater(len(rows), 50)
            self.assertEqual(len(rows), sum(map(len, report.values())))
            self.assertEqual({key_of(row[key], row) for row in rows}, set(found))
            for row in rows:
                self.same_row(row, found[key_of(row[key], row)], names)

    def test_sums_agree_with_ad_groups(self):
        names = additive("PRODUCT_ITEM")
        key = lambda _, row: (str(row["AD_GROUP_ID"]), row["DATE"])
        order = {"columns": names + ["AD_GROUP_ID"], "start": day(31)}
        whole = totals(self.report("AD_GROUP", **order), names, key)
        with_products = {row["ad_group_id"] for row
                         in expected("product_group_promotions")}
        for level, _ in PARTS:
            report = self.report(level, **order)
            for rows in report.values():
                for row in rows:
                    self.assertTrue(set(row).intersection(expect.PRESENCE), row)
            wanted = whole if level == "KEYWORD" else {
                one: sums for one, sums in whole.items()
                if one[0] in with_products}
            self.assertTrue(wanted)
            self.assertEqual(totals(report, names, key), wanted, level)

    def test_items_agree_with_groups(self):
        names = additive("PRODUCT_ITEM")
        key = lambda _, row: (str(row["PRODUCT_GROUP_ID"]), row["DATE"])
        order = {"columns": names + ["PRODUCT_GROUP_ID"]}
        items = self.report("PRODUCT_ITEM", **order)
        self.assertEqual(totals(items, names, key),
                         totals(self.report("PRODUCT_GROUP", **order), names, key))

    def test_ids_are_listed(self):
        for level, listed, key in (
                ("KEYWORD", "keywords", "keyword_id"),
                ("PRODUCT_GROUP", "product_group_promotions",
                 "product_group_promotion_id")):
            known = {row[key] for row in expected(listed)}
            reported = set(self.report(level, columns=SOME, start=day(40)))
            self.assertTrue(reported & known, level)
            # Archived keywords are not listed any more.
            self.assertEqual(level == "KEYWORD", bool(reported - known))
        of_keyword = {row["keyword_id"]: row["match_type"]
                      for row in expected("keywords")}
        self.assertFalse(any("NEGATIVE" in of_keyword.get(one, "") for one in
                             self.report("KEYWORD", columns=SOME)))

    def test_product_filters(self):
        everything = self.report("PRODUCT_ITEM", columns=SOME)
        one = sorted(everything)[0]
        self.assertEqual(self.report("PRODUCT_ITEM", columns=SOME,
                                     product_item_ids=[one]),
                         {one: everything[one]})
        by_day = lambda _, row: row["DATE"]
        part = self.report("PRODUCT_GROUP", columns=SOME, product_item_ids=[one])
        self.assertEqual(totals(part, SOME, by_day),
                         totals({one: everything[one]}, SOME, by_day))
        groups = self.report("PRODUCT_GROUP", columns=SOME)
        first = sorted(groups)[0]
        self.assertEqual(self.report("PRODUCT_GROUP", columns=SOME,
                                     product_group_ids=[first]),
                         {first: groups[first]})
        running = self.report("PRODUCT_GROUP", product_group_statuses=["RUNNING"],
                              columns=["PRODUCT_GROUP_STATUS"] + SOME)
        self.assertEqual({row["PRODUCT_GROUP_STATUS"] for rows in running.values()
                          for row in rows}, {"RUNNING"})
        self.assertEqual(
            {row["product_group_id"] for row in expected(
                "product_group_report", "--statuses", "RUNNING", "--start",
                day(9), "--columns", "LEADS")}, set(running))

    def test_several_accounts(self):
        """Each ad account has all kinds of data, and nobody else's."""
        ids = self.client.info["advertiser_ids"]
        seen = set()
        for account in ids:
            rows = expected("keyword_report", "--advertiser", account, "--start",
                            day(5), "--columns", "LEADS")
            found = {row["keyword_id"] for row in rows}
            self.assertTrue(found and not found & seen)
            seen |= found
        both = expected("keyword_report", "--advertiser", ids[0], "--advertiser",
                        ids[1], "--start", day(5), "--columns", "LEADS")
        self.assertEqual({row["keyword_id"] for row in both}, seen)


class SharedParts(FastCase):
    """What several ad groups share has rows by ad group, or as it is asked for."""

    def rows(self, level, split, *asked):
        self.client.control("POST", "settings", {"row_split": split})
        return self.client.report(level=level, columns=SOME + list(asked))

    def most(self, level, split, *asked):
        """The most rows of one entity and day."""
        count = {}
        for identity, rows in self.rows(level, split, *asked).items():
            for row in rows:
                key = identity, row["DATE"]
                count[key] = count.get(key, 0) + 1
        return max(count.values())

    def test_reports_file_them_once(self):
        for level, _ in PARTS:
            with self.subTest(level):
                always = self.most(level, "ad_group")
                self.assertGreater(always, 1)
                self.assertEqual(self.most(level, "ad_group", "AD_GROUP_ID"),
                                 always)
                self.assertEqual(self.most(level, "requested"), 1)
                self.assertEqual(self.most(level, "requested", "AD_GROUP_ID"),
                                 always)
                self.assertGreater(self.most(level, "requested", "CAMPAIGN_NAME"),
                                   1)

    def test_pins(self):
        level, always = "KEYWORD", self.most("KEYWORD", "ad_group")
        self.assertGreater(self.most(level, "pin"), always)
        for asked in ("PIN_ID", "AD_ID", "PIN_PROMOTION_NAME"):
            self.assertEqual(self.most(level, "requested", asked),
                             self.most(level, "pin"))

    def test_sums_stay(self):
        for level, _ in PARTS:
            wanted = None
            for split in ("requested", "ad_group", "pin"):
                for asked in ((), ("AD_GROUP_ID",), ("CAMPAIGN_ID", "PIN_ID")):
                    found = totals(self.rows(level, split, *asked), SOME,
                                   by_entity)
                    wanted = wanted or found
                    self.assertEqual(found, wanted, (level, split, asked))

    def test_items_in_several_groups(self):
        client = Client("--report-delay", "0", "--overlapping")
        try:
            count = {}
            names = ["AD_GROUP_ID", "PRODUCT_GROUP_ID", "PIN_ID"]
            for identity, rows in client.report(
                    level="PRODUCT_ITEM", columns=SOME + names).items():
                for row in rows:
                    groups, pins = count.setdefault(
                        (identity, row["DATE"], str(row["AD_GROUP_ID"])),
                        (set(), set()))
                    groups.add(str(row["PRODUCT_GROUP_ID"]))
                    pins.add(str(row["PIN_ID"]))
            self.assertGreater(max(len(one[0]) for one in count.values()), 1)
            self.assertGreater(max(len(one[1]) for one in count.values()), 1)
            of_account = lambda _, row: row["DATE"]
            sums = [totals(client.report(level=level, columns=SOME), SOME,
                           of_account)
                    for level in ("PRODUCT_GROUP", "PRODUCT_ITEM")]
            self.assertEqual(*sums)
        finally:
            self.assertEqual(client.stop(), (0, ""))


class TargetingLevels(FastCase):
    def report(self, level, types, names, **more):
        """A targeting report over any number of types."""
        found = {}
        for place in range(0, len(types), 5):
            for identity, rows in self.client.report(
                    level=level, targeting_types=list(types[place:place + 5]),
                    columns=names, **more).items():
                found.setdefault(identity, []).extend(rows)
        return found

    def test_downloads_match_expected(self):
        for resource, (level, key, _) in expect.LEVELS.items():
            if not level.endswith("_TARGETING"):
                continue
            chosen = {"CAMPAIGN_TARGETING": ["AUDIENCE_MULTIPLIER"],
                      "PRODUCT_ITEM_TARGETING": ["MEDIA_TYPE"]}.get(level, [])
            chosen = chosen + ["LOCATION", "KEYWORD", "AGE_BUCKET_AND_GENDER"]
            ids = IDS[:1] if level.startswith("PRODUCT") else ()
            names = [name for name in columns.valid_names(level)
                     if len(name) % 3 == 0 or name in (
                         "SPEND_IN_DOLLAR", "SPEND_IN_MICRO_DOLLAR", *ids)]
            rows = expected(resource, "--start", day(3), "--columns",
                            ",".join(names + list(expect.PRESENCE)),
                            "--targeting-types", ",".join(chosen))
            key = key or "advertiser_id"
            found = {(row["TARGETING_TYPE"], str(row["TARGETING_VALUE"]))
                     + key_of(identity, row, ids): row for identity, of_one in
                     self.report(level, chosen, names + [
                         name for name in expect.PRESENCE if name not in names],
                         start_date=day(3)).items() for row in of_one}
            identify = lambda row: (row["targeting_type"], row["targeting_value"]
                                    ) + key_of(row[key], row, ids)
            self.assertEqual({identify(row) for row in rows}, set(found))
            self.assertEqual({one[0] for one in found}, set(chosen))
            for row in rows:
                self.same_row(row, found[identify(row)], names)

    def test_each_type_is_a_full_breakdown(self):
        for level in columns.LEVELS:
            if not level.endswith("_TARGETING"):
                continue
            base = level[:-len("_TARGETING")]
            names, types = SOME, targeting.types_at(level)
            if level == "CAMPAIGN_TARGETING":
                names = additive(level)
            elif level not in ("ADVERTISER_TARGETING", "PRODUCT_ITEM_TARGETING"):
                types = types[2:5]
            whole = totals(self.client.report(level=base, columns=names), names,
                           by_entity)
            split = self.report(level, types, names)
            for kind in types:
                of_type = {identity: [row for row in rows
                                      if row["TARGETING_TYPE"] == kind]
                           for identity, rows in split.items()}
                self.assertEqual(totals(of_type, names, by_entity), whole, kind)
                self.assertGreater(len({row["TARGETING_VALUE"] for rows
                                        in of_type.values() for row in rows}), 1)

    def test_values_are_listed(self):
        """Codes may be numbers, and those of audiences are the account's."""
        report = self.report("CAMPAIGN_TARGETING", (
            "LOCATION", "AUDIENCE_INCLUDE", "TARGETED_INTEREST"), SOME)
        rows = [row for of_one in report.values() for row in of_one]
        audiences = {row["audience_id"] for row in expected("audiences")}
        known = {"LOCATION": targeting.OPTIONS["LOCATION"],
                 "TARGETED_INTEREST": targeting.OPTIONS["INTEREST"],
                 "AUDIENCE_INCLUDE": audiences}
        for row in rows:
            self.assertIn(str(row["TARGETING_VALUE"]), known[row["TARGETING_TYPE"]])
        self.assertEqual({type(row["TARGETING_VALUE"]) for row in rows}, {str, int})

    def test_by_date(self):
        report = self.client.report(
            level="AD_GROUP_TARGETING", targeting_types=["GENDER"],
            primary_sort="BY_DATE")
        row = next(iter(report[day(1)].values()))[0]
        self.assertEqual((row["DATE"], row["TARGETING_TYPE"]), (day(1), "GENDER"))


class AllGranularities(FastCase):
    def test_sums(self):
        """At each level, all granularities add up to the same."""
        plain = [name for name in SOME
                 if not columns.COLUMNS[name].conversion]
        for level in columns.LEVELS:
            order = {"level": level, "columns": SOME, "start_date": day(3)}
            key = lambda identity, row: (
                identity, row.get("TARGETING_TYPE"), row.get("TARGETING_VALUE"))
            if level.endswith("_TARGETING"):
                order["targeting_types"] = ["GENDER", "PLACEMENT"]
            sums = {}
            for granularity in ("DAY", "HOUR", "WEEK", "MONTH", "TOTAL"):
                report = self.client.report(granularity=granularity, **order)
                rows = [row for of_one in report.values() for row in of_one]
                self.assertEqual("DATE" in rows[0], granularity != "TOTAL")
                self.assertEqual("HOUR" in rows[0], granularity == "HOUR")
                found = totals(report, plain, key)
                sums[granularity] = {one: of_one for one, of_one in found.items()
                                     if of_one}
            for granularity, found in sums.items():
                self.assertEqual(found, sums["DAY"], (level, granularity))

    def test_hourly_breakdowns(self):
        """By the hour, too, values and keywords add up to the whole."""
        names = ["SPEND_IN_MICRO_DOLLAR", "TOTAL_IMPRESSION", "REPIN_1"]
        order = {"granularity": "HOUR", "start_date": day(2), "columns": names,
                 "end_date": day(2)}
        hours = lambda **more: totals(self.client.report(**order, **more), names,
                                      by_entity)
        self.assertEqual(hours(level="PRODUCT_GROUP"), hours(
            level="PRODUCT_GROUP_TARGETING", targeting_types=["COUNTRY"]))
        self.assertEqual(
            hours(level="CAMPAIGN", start_hour=5, end_hour=9),
            hours(level="CAMPAIGN_TARGETING", targeting_types=["GENDER"],
                  start_hour=5, end_hour=9))

    def test_revision(self):
        """A revision shows in keyword reports as it does in those of ad groups."""
        client = Client("--revision", "2")
        try:
            by_day = lambda _, row: row["DATE"]
            found = [totals(client.report(level=level, columns=SOME,
                                          start_date=day(28)), SOME, by_day)
                     for level in ("AD_GROUP", "KEYWORD")]
            self.assertEqual(found[0], found[1])
        finally:
            self.assertEqual(client.stop(), (0, ""))
