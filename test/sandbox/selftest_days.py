"""Tests of whose days reports have, and of today; run by selftest.py."""

import datetime
import json
from decimal import Decimal

from days import zone_of
from entities import Dataset, Shape
from reports import Query, Report
from selftest_client import TODAY, day, expected
from selftest_levels import FastCase, totals

SPEND = ["SPEND_IN_MICRO_DOLLAR", "TOTAL_IMPRESSION"]
ZONES = ["Pacific/Kiritimati", "Etc/GMT+12"]
LOCAL = {"reporting_timezone": "AD_ACCOUNT_TIME_ZONE"}
DEFAULTS = {"time_zones": [], "open_hours": None, "week_start": "monday",
            "week_label": "first", "month_label": "first", "latest_end": "today"}


def dates(report):
    return sorted({row["DATE"] for rows in report.values() for row in rows})


def spend(report):
    return sum(Decimal(row.get(SPEND[0], 0)) for rows in report.values()
               for row in rows)


class Days(FastCase):
    def setUp(self):
        super().setUp()
        self.set(**DEFAULTS)

    def set(self, **settings):
        status, answer = self.client.control("POST", "settings", settings)
        self.assertEqual(status, 200, answer)

    def report(self, **more):
        return self.client.report(**dict({"columns": SPEND}, **more))

    def test_settings_are_checked(self):
        for bad in ({"time_zones": "UTC"}, {"time_zones": [7]}, {"open_hours": -1},
                    {"week_label": "middle"}, {"month_label": 1},
                    {"latest_end": "tomorrow"}):
            self.assertEqual(self.client.control("POST", "settings", bad)[0], 400)

    def test_account_says_its_zone(self):
        ids = self.client.info["advertiser_ids"]
        get = lambda one: self.client.api("GET", "/v5/ad_accounts/" + one)[1]
        self.assertNotIn("time_zone", get(ids[0]))
        self.set(time_zones=["Europe/Berlin", None])
        self.assertEqual(get(ids[0])["time_zone"], "Europe/Berlin")
        self.assertNotIn("time_zone", get(ids[1]))
        items = self.client.api("GET", "/v5/ad_accounts")[1]["items"]
        self.assertEqual([one.get("time_zone") for one in items],
                         ["Europe/Berlin", None])

    def test_local_days_are_not_for_everybody(self):
        self.refused(self.client.create(**LOCAL), 400, 1, "reporting_timezone")

    def test_today_is_local(self):
        """At noon of UTC it is tomorrow in one zone, and early in the other."""
        self.set(time_zones=[ZONES[0]], open_hours=1)
        tomorrow = day(-1)
        self.refused(self.client.create(end_date=tomorrow), 400, 1, "future")
        self.refused(self.client.create(end_date=day(-2), **LOCAL), 400, 1,
                     "future")
        report = self.report(start_date=day(0), end_date=tomorrow, **LOCAL)
        self.assertEqual(dates(report), [day(0), tomorrow])
        # The oldest day is local as well.
        self.refused(self.client.create(start_date=day(913), end_date=day(900),
                                        **LOCAL), 400, 1, "914 days")

    def test_local_days_have_the_same_hours(self):
        """What the zones' days are cut of adds up to the same."""
        names = dict(columns=SPEND, start_date=day(9), end_date=day(0))
        utc = spend(self.report(**names))
        hours = self.report(granularity="HOUR", start_date=day(3), columns=SPEND)
        for zone, offset in (("Etc/GMT-5", 5), ("Etc/GMT+7", -7),
                             ("Asia/Kolkata", 5)):
            self.set(time_zones=[zone])
            local = self.report(start_date=day(2), end_date=day(2), **LOCAL)
            first = datetime.datetime.combine(
                TODAY - datetime.timedelta(days=2), datetime.time())
            moment = lambda row: datetime.datetime.fromisoformat(
                row["DATE"]) + datetime.timedelta(hours=int(row["HOUR"]) + offset)
            wanted = sum(Decimal(row.get(SPEND[0], 0)) for rows in hours.values()
                         for row in rows if moment(row).date() == first.date())
            self.assertEqual(spend(local), wanted, zone)
            self.assertGreater(wanted, 0)
        self.assertGreater(utc, 0)

    def test_hours_are_local(self):
        plain = {}
        order = dict(granularity="HOUR", start_date=day(2), end_date=day(2),
                     columns=SPEND)
        self.set(time_zones=["Etc/GMT-5"])
        utc = self.report(**order)
        local = self.report(**dict(order, **LOCAL))
        for identity, rows in utc.items():
            for row in rows:
                if row["HOUR"] + 5 < 24:
                    plain[identity, row["HOUR"] + 5] = row[SPEND[1]]
        found = {(identity, row["HOUR"]): row[SPEND[1]] for identity, rows
                 in local.items() for row in rows if row["HOUR"] >= 5}
        self.assertEqual(found, plain)

    def test_clocks_that_change(self):
        """A day of 23 hours, one of 25, of which two have the same name."""
        zone = zone_of("Europe/Berlin")
        advertiser = Dataset(5, Shape(1, 4, 2, 2)).advertisers[0]
        for date, missing, count in ((datetime.date(2026, 3, 29), 2, 23),
                                     (datetime.date(2025, 10, 26), None, 25)):
            report = Report(advertiser, Query("ADVERTISER", SPEND, date, date,
                                              "HOUR", days=None), TODAY)
            report._cut._days.zone = zone
            hours = report._cut._hours_of(date.toordinal())
            self.assertEqual(len(hours), count)
            self.assertEqual(len({one.label for one in hours}),
                             24 if count == 25 else 23)
            self.assertNotIn(missing, {one.label for one in hours})

    def test_today_grows(self):
        order = dict(start_date=day(1), end_date=day(0), columns=SPEND)
        self.assertEqual(dates(self.report(**order)), [day(1)])
        self.set(open_hours=3)
        found = [self.report(**order) for _ in range(3)]
        self.assertEqual(dates(found[0]), [day(1), day(0)])
        sums = [spend(one) for one in found]
        self.assertTrue(sums[0] < sums[1] < sums[2], sums)
        self.assertEqual(self.client.control("GET", "settings")[1]["open_hours"], 6)
        # Yesterday does not.
        self.assertEqual(*({identity: rows[0] for identity, rows in one.items()
                            if rows[0]["DATE"] == day(1)} for one in found[:2]))
        self.set(open_hours=5)
        hours = self.report(granularity="HOUR", **order)
        self.assertEqual(max(row["HOUR"] for rows in hours.values() for row in rows
                             if row["DATE"] == day(0)), 4)
        self.set(open_hours=40)
        whole = self.report(granularity="DAY", **order)
        self.set(today=day(-1), open_hours=None)
        try:
            self.assertEqual(self.report(**order), whole)
        finally:
            self.set(today=str(TODAY))

    def test_parts_of_local_and_open_days(self):
        """Keywords and targeting values add up to their ad groups there, too."""
        names = SPEND + ["TOTAL_CONVERSIONS"]
        key = lambda _, row: (str(row["AD_GROUP_ID"]), row["DATE"])
        order = dict(columns=names + ["AD_GROUP_ID"], start_date=day(2),
                     end_date=day(0), **LOCAL)
        found = []
        for more in ({"level": "AD_GROUP"}, {"level": "KEYWORD"},
                     {"level": "AD_GROUP_TARGETING", "targeting_types": ["GENDER"]}):
            self.set(time_zones=["America/New_York"], open_hours=6)
            found.append(totals(self.report(**dict(order, **more)), names, key))
        self.assertEqual(found[1], found[0])
        self.assertEqual(found[2], found[0])

    def test_latest_end(self):
        self.set(latest_end="yesterday")
        self.refused(self.client.create(end_date=day(0)), 400, 1,
                     "end_date must be before today")
        self.assertEqual(self.client.create(end_date=day(1))[0], 200)

    def test_labels(self):
        order = {"level": "ADVERTISER", "start_date": day(21), "columns": SPEND}
        self.set(week_start="sunday")
        weeks = self.report(granularity="WEEK", **order)
        self.assertEqual({datetime.date.fromisoformat(one).weekday()
                          for one in dates(weeks)}, {6})
        self.set(week_label="last")
        late = self.report(granularity="WEEK", **order)
        self.assertEqual([datetime.date.fromisoformat(one) for one in dates(late)],
                         [datetime.date.fromisoformat(one)
                          + datetime.timedelta(days=6) for one in dates(weeks)])
        self.assertEqual(spend(late), spend(weeks))
        order["start_date"] = "2026-08-01"
        self.assertEqual(dates(self.report(granularity="MONTH", **order)),
                         ["2026-08-01", "2026-09-01", "2026-10-01"])
        self.set(month_label="last")
        self.assertEqual(dates(self.report(granularity="MONTH", **order)),
                         ["2026-08-31", "2026-09-30", "2026-10-31"])

    def test_expected(self):
        """What is expected follows each setting."""
        ids = self.client.info["advertiser_ids"]
        for granularity, settings in (
                ("DAY", {"open_hours": 7}),
                ("DAY", {"time_zones": ZONES, "open_hours": 2}),
                ("HOUR", {"time_zones": ["Asia/Tokyo", "America/Caracas"]}),
                ("WEEK", {"week_start": "sunday", "week_label": "last"}),
                ("MONTH", {"month_label": "last", "open_hours": 1})):
            arguments = []
            for name, value in settings.items():
                arguments += ["--" + name.replace("_", "-"),
                              ",".join(value) if isinstance(value, list)
                              else str(value)]
            local = "time_zones" in settings
            for one in ids:
                self.set(**dict(DEFAULTS, **settings))
                order = self.client.order(
                    granularity=granularity, columns=SPEND, start_date=day(2),
                    end_date=day(0), **(LOCAL if local else {}))
                made = self.client.api(
                    "POST", "/v5/ad_accounts/%s/reports" % one, order)[1]
                url = self.client.poll(made["token"], one)["url"]
                report = self.client.send("GET", url)[2]
                found = self.read(report)
                rows = expected(
                    "campaign_report", "--advertiser", one, "--start", day(2),
                    "--end", day(0), "--granularity", granularity.lower(),
                    "--columns", ",".join(SPEND), *arguments,
                    *(["--local-days"] if local else []))
                wanted = {(row["campaign_id"], row["date"], row.get("hour")):
                          [Decimal(row[name.lower()]) for name in SPEND]
                          for row in rows}
                self.assertEqual(found, wanted, settings)
                self.assertTrue(wanted)

    @staticmethod
    def read(report):
        return {(identity, row["DATE"],
                 None if "HOUR" not in row else str(row["HOUR"])):
                [Decimal(row.get(name, 0)) for name in SPEND]
                for identity, rows in json.loads(report, parse_float=Decimal).items()
                for row in rows}
