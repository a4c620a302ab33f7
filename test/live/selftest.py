#!/usr/bin/env python3
"""Tests of the probe: python3 test/live/selftest.py

Against the sandbox it must report what the sandbox was told to be.  What the
sandbox cannot be comes from canned answers.
"""

import datetime
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "sandbox"))

import orders
import probe
from canned import ACCOUNT, API_URL, METRICS, TOKEN, Canned
from case import Case, Question
from connection import LIMIT, Answer, Connection, Trouble, check_url
from entities import Dataset, Shape
from fetching import Desk
from placeholders import Placeholders
from selftest_client import TODAY, Client

SHAPE = Shape(2, 4, 2, 2)
QUESTIONS = {one.name: one for one in probe.FIRST + probe.THEN}
# What the sandbox is, where it is not as assumed, or does not tell
NOT_TOLD = {"time zone": "no time_zone", "hours of the account":
            "refused: HTTP 400, code 1: Invalid request: reporting_timezone is not"
            " available to your app."}


def strings(value, wanted):
    """All texts in fields whose names a function wants, at any depth."""
    if isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str) and wanted(name):
                yield one
            yield from strings(one, wanted)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one, wanted)


def run(environment, *arguments, sender=None):
    """Exit status, output and result of a run within this process."""
    out, errors = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "result.json")
        more = {"sender": sender} if sender else {}
        status = probe.main(["--today", str(TODAY), "--pause", "0.05", "--json",
                             path, *arguments], environment, out, errors, **more)
        result = None
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                result = json.load(file)
    return status, out.getvalue() + errors.getvalue(), result


class Sandbox(unittest.TestCase):
    """The probe beside a sandbox whose readings change."""

    @classmethod
    def setUpClass(cls):
        cls.client = Client("--campaigns", "4", "--plausible", "--report-delay",
                            "0.02")

    @classmethod
    def tearDownClass(cls):
        code, noise = cls.client.stop()
        assert (code, noise) == (0, ""), noise

    def setUp(self):
        for name in ("faults", "log"):
            self.client.control("DELETE", name)

    @property
    def environment(self):
        return {"PINTEREST_ADVERTISER_ID": self.client.account,
                "PINTEREST_ACCESS_TOKEN": self.client.info["access_token"],
                "PINTEREST_API_URL": self.client.info["api_url"]}

    def ask(self, name, *kinds):
        """What comes of one question that some reports answer."""
        info = self.client.info
        connection = Connection(info["api_url"], info["access_token"])
        case = Case(connection, Desk(connection, self.client.account, 0.02),
                    Placeholders(info["access_token"]), self.client.account,
                    TODAY)
        probe._look(case)
        for kind in kinds:
            case.desk.order(kind, orders.reports(TODAY)[kind])
        case.desk.fetch()
        return probe._answer(case, QUESTIONS[name])

    def told(self, name, value, default):
        """Changes a setting of the sandbox for the rest of a test."""
        self.client.control("POST", "settings", {name: value})
        self.addCleanup(self.client.control, "POST", "settings", {name: default})

    def test_run(self):
        """All questions, as the program is run."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "result.json")
            done = subprocess.run(
                [os.path.join(HERE, "run"), "--today", str(TODAY), "--pause",
                 "0.05", "--json", path], stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=dict(os.environ, **self.environment))
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(path, encoding="ascii") as file:
                written = file.read()
        result, shown = json.loads(written), (done.stdout + done.stderr).decode()
        for one in result["questions"]:
            if one["name"] in NOT_TOLD:
                self.assertEqual((one["verdict"], one["came"]),
                                 ("open", NOT_TOLD[one["name"]]))
            else:
                self.assertEqual(one["verdict"], "as assumed", one)
            self.assertIn(one["name"] + ": " + one["verdict"], shown)
        self.assertEqual(len(result["questions"]), len(QUESTIONS))
        self.assertIn("issue tracker", shown)
        self.check_requests(result["requests"])
        self.check_secrets(shown, written)

    def check_requests(self, told):
        log = self.client.control("GET", "log")[1]
        self.assertEqual(len(log), told)
        self.assertLess(told, LIMIT + 1)
        self.assertEqual({one["method"] for one in log}, {"GET", "POST"})
        reports = self.client.below + "/reports"
        made = [json.dumps(one["body"], sort_keys=True) for one in log
                if one["method"] == "POST"]
        self.assertEqual({one["path"] for one in log if one["method"] == "POST"},
                         {reports})
        self.assertEqual(len(set(made)), len(made))
        downloads = [one for one in log if one["host"] == "download"]
        self.assertEqual({one["authorization"] for one in downloads}, {None})
        self.assertNotIn("accept-encoding", downloads[0]["headers"])

    def check_secrets(self, *outputs):
        advertisers = Dataset(5, SHAPE).advertisers
        everything = [one.item for one in advertisers] + [
            campaign for one in advertisers for campaign in one.campaigns]
        secrets = {self.client.info["access_token"]}
        secrets.update(one for one in strings(
            everything, lambda name: name == "id" or name.endswith("_id"))
            if len(one) > 4)
        # Keywords are in their values.
        secrets.update(strings(everything, lambda name: name in (
            "name", "username", "brand_label", "value")))
        # That keyword is no secret.
        secrets.discard("null")
        self.assertGreater(len(secrets), 200)
        self.assertIn(self.client.account, secrets)
        for output in outputs:
            self.assertEqual([one for one in secrets if one in output], [])

    def test_weeks(self):
        for start, verdict in (("sunday", "as assumed"), ("wednesday", "DIFFERS"),
                               ("monday", "as assumed")):
            self.told("week_start", start, "monday")
            found = self.ask("labels of weeks", "days", "weeks")
            self.assertEqual(found["verdict"], verdict, found)
            self.assertEqual(set(found["facts"]["labels"]), {start.capitalize()})
            self.assertEqual(found["facts"]["way"], "first day", found)
            self.assertEqual(found["facts"]["fit"], found["facts"]["periods"])
            self.assertEqual(found["facts"]["first_cut"], start == "wednesday")

    def test_last_days_as_labels(self):
        for name, setting, verdict, label in (
                ("weeks", "week_label", "DIFFERS", "Sunday"),
                ("months", "month_label", "as assumed", "last day")):
            self.told(setting, "last", "first")
            found = self.ask("labels of " + name, "days", name)
            self.assertEqual((found["verdict"], set(found["facts"]["labels"])),
                             (verdict, {label}), found)

    def test_a_day_that_is_open(self):
        for hours, later in ((3, "more"), (30, "the same")):
            self.told("open_hours", hours, None)
            found = self.ask("today", "days")
            self.assertEqual((found["verdict"], found["facts"]), ("as assumed", {
                "accepted": True, "latest_days_ago": 0, "later": later}))
        self.told("latest_end", "yesterday", "today")
        found = self.ask("today", "days")
        self.assertEqual((found["verdict"], found["facts"]),
                         ("as assumed", {"accepted": False}))

    def test_time_zones(self):
        for name, ahead, verdict in (
                ("Asia/Tokyo", 9, "as assumed"),
                ("America/Caracas", -4, "as assumed"), (None, 0, "DIFFERS")):
            self.told("time_zones", [name], [])
            found = self.ask("hours of the account", "hours", "local hours")
            self.assertEqual((found["verdict"], found["facts"]), (verdict, {
                "accepted": True, "ahead": ahead, "named": name is not None}))
            self.assertEqual(self.ask("time zone")["came"],
                             "time_zone, another one than UTC" if name
                             else "no time_zone")

    def test_repeated_items(self):
        self.told("repeated_items", True, False)
        for name in ("accounts", "entities", "pages of Pins",
                     "pages of product groups", "pages of invoices"):
            found = self.ask(name)
            self.assertEqual(found["verdict"], "DIFFERS", found)

    def test_short_pages(self):
        self.told("largest_page", 2, None)
        for name in ("pages of Pins", "pages of product groups", "pages of invoices"):
            found = self.ask(name)
            self.assertEqual(found["verdict"], "DIFFERS", found)
            self.assertTrue(found["facts"]["short"])

    def test_single_pins(self):
        """An app that may ask for analytics of one Pin at once only."""
        self.told("pins_analytics", False, True)
        found = self.ask("analytics of several Pins")
        self.assertEqual((found["verdict"], found["facts"]), ("DIFFERS", {"status": 403}))

    def test_scopes_of_pins(self):
        """What a token may not read is open."""
        self.client.control("POST", "faults", {
            "match": {"path": "/pins$"}, "count": -1, "status": 401,
            "body": {"code": 3, "message": "Authorization failed."}})
        found = self.ask("order of Pins")
        self.assertEqual(found["verdict"], "open", found)

    def test_refused_columns(self):
        """A column that is always asked for, and that this account does not have."""
        self.client.control("POST", "faults", {
            "match": {"method": "POST", "body": "LEADS"}, "count": -1,
            "status": 400, "body": {"code": 1, "message":
                                    "Columns LEADS are not available."}})
        found = self.ask("metrics always asked for", "empty")
        self.assertEqual((found["verdict"], found["facts"]),
                         ("DIFFERS", {"refused": True}))

    def test_split_rows(self):
        """Rows may be those of ads although nobody asks for these."""
        for split, verdict in (("pin", "DIFFERS"), ("requested", "as assumed"),
                               ("ad_group", "as assumed")):
            self.told("row_split", split, "ad_group")
            found = self.ask("grain of keywords", "keywords")
            self.assertEqual((found["verdict"], found["facts"]["repeat_alone"]),
                             (verdict, split == "pin"), found)
            self.assertEqual(found["facts"]["differ_in"], ["AD_ID", "PIN_ID"])

    def test_hours(self):
        for form, shown in (("space", "9999-99-99 99:99:99"),
                            ("T", "9999-99-99T99:99:99"), ("field", "9999-99-99")):
            self.told("hour_format", form, "field")
            found = self.ask("form of hours", "hours")
            self.assertEqual((found["verdict"], found["facts"]["forms"]), (
                "as assumed", ["DATE %s, HOUR %s" % (shown, "number" if form ==
                                                      "field" else "(missing)")]))

    def test_empty_reports(self):
        for form, shown in (("[]", "[]"), ("", "0 bytes"), ("\n", "1 bytes"),
                            ("null", "null"), ("{}", "{}")):
            self.told("empty_report", form, "{}")
            found = self.ask("empty report", "empty")
            self.assertEqual((found["verdict"], found["facts"]["body"],
                              found["facts"]["size"],
                              found["facts"]["content_length"]), (
                "as assumed", shown, str(len(form)), str(len(form))))

    def test_empty_without_link(self):
        self.told("size_format", "fraction", "integer")
        self.told("empty_report", "none", "{}")
        found = self.ask("empty report", "empty")
        self.assertEqual((found["verdict"], found["facts"]["body"],
                          found["facts"]["size"]), ("as assumed", "no link", "0.0"))

    def test_download_settings(self):
        """Encoded, moved and marked downloads are read."""
        for name, value, normal in (("download_encoding", "gzip", "identity"),
                                    ("download_redirects", 3, 0),
                                    ("byte_order_mark", True, False)):
            self.told(name, value, normal)
            found = self.ask("downloads", "days")
            self.assertEqual(found["verdict"], "as assumed")

    def test_rate_limit_headers(self):
        self.client.control("POST", "faults", {
            "headers": {"x-ratelimit-remaining": 299}, "count": -1})
        status, shown, result = run(self.environment)
        self.assertEqual(status, 0)
        self.assertIn("x-ratelimit-remaining: 299", shown)

    def test_wrong_token(self):
        """It says so at once."""
        status, shown, _ = run(dict(self.environment,
                                    PINTEREST_ACCESS_TOKEN="pina_wrong"))
        self.assertEqual(status, 2)
        self.assertIn("does not take the token", shown)
        self.assertNotIn("pina_wrong", shown)
        self.assertEqual(len(self.client.control("GET", "log")[1]), 1)
        other = self.client.info["unpermitted_advertiser_id"]
        status, shown, _ = run(dict(self.environment,
                                    PINTEREST_ADVERTISER_ID=other))
        self.assertEqual(status, 2)
        self.assertIn("does not let this token read the account", shown)
        self.assertNotIn(other, shown)

    def test_faults(self):
        """What one question meets is no matter for the others."""
        self.client.control("POST", "faults", [
            {"match": {"path": "/delivery_metrics$"}, "count": -1, "status": 403,
             "body": {"code": 29, "message": "Not for Café %s, 12345678901"
                                             % self.client.account}},
            {"match": {"path": "/ads$"}, "count": -1, "body": "no JSON"},
            {"match": {"body": "KEYWORD"}, "status": 401,
             "body": {"code": 3, "message": "scopes"}},
            {"match": {"host": "download"}, "cut": 1}])
        status, shown, result = run(self.environment)
        self.assertEqual(status, 0)
        found = {one["name"]: one for one in result["questions"]}
        self.assertEqual(found["metrics"]["came"],
                         "refused: HTTP 403, code 29: Not for Café a1, #")
        for name in ("metrics", "entities", "250 ids", "grain of keywords",
                     "form of days"):
            self.assertEqual(found[name]["verdict"], "open", found[name])
        for name in ("accounts", "grain of product groups", "oldest day"):
            self.assertEqual(found[name]["verdict"], "as assumed", found[name])

    def test_never_ready(self):
        """Reports that do not come cost no more requests than there may be."""
        self.client.control("POST", "faults", {"report_status": "IN_PROGRESS",
                                               "count": -1})
        info = self.client.info
        pauses = []
        connection = Connection(info["api_url"], info["access_token"],
                                sleep=pauses.append)
        case = Case(connection, Desk(connection, self.client.account),
                    Placeholders(info["access_token"]), self.client.account,
                    TODAY)
        result = probe.ask_all(case)
        found = {one["name"]: one for one in result["questions"]}
        self.assertEqual(found["empty report"]["verdict"], "open")
        self.assertIn("not ready", found["empty report"]["came"])
        self.assertEqual(found["oldest day"]["verdict"], "as assumed")
        self.assertEqual(len(self.client.control("GET", "log")[1]),
                         result["requests"])
        self.assertLess(result["requests"], LIMIT + 1)
        # It waited, but not for ever.
        self.assertGreater(sum(pauses), 300)
        self.assertLess(sum(pauses), 7200)


class Readings(unittest.TestCase):
    """What the sandbox cannot be: canned answers."""

    def ask(self, name, pinterest, *kinds):
        self.pauses = []
        connection = Connection(API_URL, TOKEN, pinterest.send,
                                self.pauses.append)
        case = Case(connection, Desk(connection, ACCOUNT), Placeholders(TOKEN),
                    ACCOUNT, TODAY)
        case.description = {"id": ACCOUNT}
        for kind in kinds:
            case.desk.order(kind, orders.reports(TODAY)[kind])
        for limit, pair in orders.limits(TODAY).items():
            case.limits[limit] = pair, [case.desk.try_order(pair[0])] \
                if "oldest" in name or "items" in name else []
        case.desk.fetch()
        self.case = case
        return probe._answer(case, QUESTIONS[name])

    def check(self, found, verdict, *parts):
        self.assertEqual(found["verdict"], verdict, found)
        for part in parts:
            self.assertIn(part, found["came"])

    @staticmethod
    def items(order, split, always=False):
        """A report of one item in two ad groups, of two ads each: rows of these if
        they are asked for, or always."""
        row = dict(METRICS, DATE=order["end_date"])
        if not split:
            return {"77": [row]}
        groups = [dict(row, AD_GROUP_ID=one, CAMPAIGN_ID=8) for one in (1, 2)]
        if "AD_ID" in order["columns"]:
            return {"77": [dict(one, AD_ID=ad) for one in groups for ad in (3, 4)]}
        return {"77": groups * 2 if always else groups}

    def test_grain(self):
        for kind in ("keywords", "product groups", "product items"):
            name = "grain of " + kind
            found = self.ask(name, Canned(lambda one: self.items(one, False)), kind)
            self.check(found, "as assumed", "no key repeats", "came: none")
            found = self.ask(name, Canned(lambda one: self.items(one, True)), kind)
            self.check(found, "as assumed", "differ in AD_ID",
                       "with AD_GROUP_ID alone no key repeats")
            found = self.ask(name, Canned(
                lambda one: self.items(one, True, True)), kind)
            self.check(found, "DIFFERS", "with AD_GROUP_ID alone keys repeat, too")

    def test_repeated_object(self):
        """An id that is there twice does not hide rows."""
        text = '{"7":[{"DATE":"%s","TOTAL_IMPRESSION":1}],' \
               '"7":[{"DATE":"%s","TOTAL_IMPRESSION":2}]}' % (TODAY, TODAY)
        found = self.ask("grain of keywords", Canned(lambda one: text), "keywords")
        self.check(found, "DIFFERS", "2 rows, 1 keys")
        self.assertEqual(found["facts"]["objects_repeated"], 1)

    def test_refused_parents(self):
        """Without the columns of ads, if Pinterest refuses these."""
        refuse = lambda order: "Columns AD_ID, PIN_ID are not available." \
            if "AD_ID" in order["columns"] else None
        document = lambda one: self.items(one, False)
        found = self.ask("grain of product items", Canned(document, refuse),
                         "product items")
        self.check(found, "as assumed",
                   "asked with CAMPAIGN_ID, AD_GROUP_ID, PIN_ID ")
        found = self.ask("column of another level", Canned(document, refuse),
                         "product items")
        self.check(found, "as assumed", "PIN_ID are not available")
        self.assertTrue(found["facts"]["takes_pin"])
        found = self.ask("column of another level", Canned(document),
                         "product items")
        self.check(found, "DIFFERS", "takes AD_ID")

    @staticmethod
    def daily(order, label=lambda first, last: first, weekly=True):
        """A report in which each day has as many impressions as its number."""
        day = datetime.date.fromisoformat
        start, end = day(order["start_date"]), day(order["end_date"])
        one = datetime.timedelta(days=1)
        sums = {}
        while start <= end:
            first = start - start.weekday() * one
            key = start if order["granularity"] == "DAY" else \
                label(first, first + 6 * one)
            sums[key] = sums.get(key, 0) + start.toordinal() % 97
            start += one
        return {ACCOUNT: [{"DATE": str(key), "TOTAL_IMPRESSION": value}
                          for key, value in sums.items()]}

    def test_week_labeled_by_its_end(self):
        document = lambda order: self.daily(order, lambda first, last: last)
        found = self.ask("labels of weeks", Canned(document), "days", "weeks")
        self.check(found, "DIFFERS", "Sunday (", "that is its last day",
                   "(7 of 7 fit)", "covers the days asked for")

    def test_whole_weeks(self):
        """The first week may be there as a whole, whatever was asked for."""
        def document(order):
            if order["granularity"] == "WEEK":
                start = datetime.date.fromisoformat(order["start_date"])
                order = dict(order, start_date=str(
                    start - datetime.timedelta(days=start.weekday())))
            return self.daily(order)
        found = self.ask("labels of weeks", Canned(document), "days", "weeks")
        self.check(found, "as assumed", "Monday (", "covers all of it")

    def test_today(self):
        found = self.ask("today", Canned(self.daily), "days")
        self.check(found, "as assumed", "of today")
        refuse = lambda order: "end_date must be in the past." \
            if order["end_date"] == str(TODAY) else None
        found = self.ask("today", Canned(self.daily, refuse), "days")
        self.check(found, "as assumed", "end_date must be in the past.")
        refuse = lambda order: "Not this one." \
            if order["end_date"] == str(TODAY) else None
        found = self.ask("today", Canned(self.daily, refuse), "days")
        self.check(found, "DIFFERS", "Not this one.")

    def test_limits(self):
        day = lambda back: str(TODAY - datetime.timedelta(days=back))
        older = lambda back: lambda order: "Too old." \
            if order["start_date"] < day(back) else None
        for back, verdict, part in (
                (914, "DIFFERS", "914 days are taken"),
                (913, "as assumed", "913 days are taken, 914 are not: HTTP 400"),
                (912, "DIFFERS", "913 days are refused, too")):
            self.check(self.ask("oldest day", Canned(refuse=older(back))), verdict,
                       part)
        longer = lambda days: lambda order: "Too long." if (
            datetime.date.fromisoformat(order["end_date"])
            - datetime.date.fromisoformat(order["start_date"])).days >= days \
            else None
        for days, verdict, part in ((187, "DIFFERS", "187 days are taken"),
                                    (186, "as assumed", "186 days are taken"),
                                    (185, "DIFFERS", "186 days are refused")):
            self.check(self.ask("longest range", Canned(
                self.daily, longer(days)), "days"), verdict, part)
        for days, verdict, part in ((4, "DIFFERS", "4 days are taken"),
                                    (3, "as assumed", "3 days are taken")):
            self.check(self.ask("longest range by the hour", Canned(
                self.daily, longer(days)), "hours"), verdict, part)

    def test_faults_are_no_limits(self):
        """An order that is throttled is not one that is refused."""
        found = self.ask("longest range", Canned(refuse=lambda order:
                         "Reporting query cost limit. Retry after 30 seconds."),
                         "days")
        self.check(found, "open", "throttled")
        self.assertEqual(self.pauses[0], 30)

    def test_layouts(self):
        row = dict(METRICS, DATE=str(TODAY))
        for document, form in (({str(TODAY): [row]}, "date > row"),
                               ({str(TODAY): {"7": [row]}}, "date > id > row"),
                               ([row], "row"), ({"items": [row]},
                                                "other name > row")):
            found = self.ask("sorted by date", Canned(lambda _: document),
                             "by date")
            self.check(found, "as assumed" if form == "date > id > row"
                       else "DIFFERS", form)
            found = self.ask("layout", Canned(lambda _: document), "days")
            self.check(found, "DIFFERS", form)

    def test_identity(self):
        row = dict(METRICS, DATE=str(TODAY), KEYWORD_ID="7", Firstname="Ann")
        found = self.ask("identity", Canned(lambda _: {"7": [row]}), "keywords")
        self.check(found, "DIFFERS", "1 of 1 rows are below an id",
                   "(other), KEYWORD_ID (keywords)")
        found = self.ask("identity", Canned(lambda _: [row]), "product items")
        self.check(found, "DIFFERS", "0 of 1 rows are below an id")

    def test_id_types(self):
        text = '{"7":[{"AD_GROUP_ID":%s,"TOTAL_IMPRESSION":1}]}'
        for written, verdict, kind in (
                ('"12"', "as assumed", "string"), ("12", "as assumed", "number"),
                ("5.49755885175E11", "DIFFERS", "number with fraction")):
            found = self.ask("ids in rows", Canned(lambda _: text % written),
                             "keywords")
            self.check(found, verdict, kind)

    def test_targeting(self):
        rows = [dict(METRICS, TARGETING_TYPE=one, TARGETING_VALUE="x")
                for one in ("GENDER", "APPTYPE")]
        found = self.ask("no targeting types", Canned(lambda _: {"7": rows}),
                         "targeting")
        self.check(found, "open", "APPTYPE, GENDER")
        found = self.ask("no targeting types", Canned(refuse=lambda _: "Needed."),
                         "targeting")
        self.check(found, "as assumed", "refused: HTTP 400, code 1: Needed.")

    def test_empty_forms(self):
        for body, part in (("null", "null"), (' {"12":[]}', '{"9":[]}'),
                           (" \n", "content-length 2")):
            self.check(self.ask("empty report", Canned(lambda _: body), "empty"),
                       "as assumed", part)
        pinterest = Canned(lambda _: "")
        for size, verdict, part in ((None, "as assumed", "size None (null)"),
                                    (17, "DIFFERS", "size 17 (number)")):
            pinterest.size = lambda body: size
            self.check(self.ask("empty report", pinterest, "empty"), verdict,
                       "0 bytes; " + part)

    def test_sizes(self):
        pinterest = Canned(self.daily)
        pinterest.size = lambda body: str(len(body))
        self.check(self.ask("sizes", pinterest, "days"), "DIFFERS", "string",
                   "1 of 1")
        pinterest.size = lambda body: len(body) + 1
        self.check(self.ask("sizes", pinterest, "days"), "DIFFERS", "number",
                   "0 of 1")

    def test_downloads(self):
        document = lambda order: gzip.compress(
            json.dumps(self.daily(order)).encode())
        found = self.ask("downloads", Canned(document, file={
            "Content-Encoding": "gzip"}), "days")
        self.check(found, "as assumed", "content-encoding gzip", "host files.example")
        self.assertEqual(len(self.case.ready("days").rows), 187)
        pinterest = Canned(self.daily, file={
            "Location": "https://y.files.example/%d"})
        found = self.ask("downloads", pinterest, "days")
        self.check(found, "as assumed", "redirects 307")
        self.assertEqual(len(self.case.ready("days").rows), 187)
        for _, url, headers in pinterest.requests:
            self.assertEqual("Authorization" in headers, "api.example" in url)
        found = self.ask("downloads", Canned(self.daily, file={
            "Location": "https://y.files.example/%d?signature"}), "days")
        self.check(found, "open")

    def test_zeros(self):
        found = self.ask("zeros", Canned(lambda _: {"7": [
            dict(METRICS, TOTAL_CLICKTHROUGH=0), {"TOTAL_IMPRESSION": 0}]}), "days")
        self.check(found, "DIFFERS", "of 2 rows, 2 have a zero or null, 1 no other")

    def test_always_asked(self):
        refuse = lambda order: "Columns LEADS are not available." \
            if "LEADS" in order["columns"] else None
        found = self.ask("metrics always asked for", Canned(refuse=refuse), "empty")
        self.check(found, "DIFFERS", "LEADS")
        self.check(self.ask("empty report", Canned(refuse=refuse), "empty"),
                   "as assumed")

    def test_lists(self):
        twice = [{"id": ACCOUNT, "name": "A"}] * 2
        for name, path, items, verdict, part in (
                ("accounts", "/ad_accounts", twice, "DIFFERS", "1 of them repeated"),
                ("accounts", "/ad_accounts", [], "DIFFERS", "not among them"),
                ("entities", "/ad_groups", twice, "DIFFERS",
                 "2 ad groups, 1 of them repeated"),
                ("entities", "/ads", twice, "DIFFERS", "2 ads, 1 of them repeated"),
                ("metrics", "/delivery_metrics", [{"name": "A"}, {"name": "A"}],
                 "DIFFERS", "1 of them repeated"),
                ("metrics", "/delivery_metrics", [{}], "DIFFERS", "1 without"),
                ("unknown ad group", "/keywords", twice, "DIFFERS", "a list of 2"),
                ("keywords of no parent", "/keywords", [
                    {"id": "1", "parent_id": ACCOUNT, "parent_type": "ad_account"},
                    {"id": "2", "parent_id": "3", "parent_type": "campaign"}],
                 "DIFFERS", "2 listed, 1 of them the account's own; parent types:"
                 " AD_ACCOUNT, CAMPAIGN")):
            found = self.ask(name, Canned(lists={path: {"items": items}}))
            self.check(found, verdict, part)
        refusal = Answer(404, [], b'{"code":404,"message":"No ad group."}')
        found = self.ask("unknown ad group", Canned(lists={"/keywords": refusal}))
        self.check(found, "DIFFERS", "HTTP 404, code 404: No ad group.")

    def test_pages(self):
        """An entity may come again on the next page."""
        pinterest = Canned()
        page = {"items": [{"id": "1"}, {"id": "2"}], "bookmark": "b"}
        pinterest.lists = {"/ad_groups": page}
        found = self.ask("entities", pinterest)
        self.check(found, "DIFFERS", "4 ad groups, 2 of them repeated")
        self.assertIn("bookmark=b", pinterest.requests[1][1])

    def test_long_urls(self):
        lists = {"/ads": {"items": [{"id": "1%017d" % one} for one in range(300)]}}
        pinterest = Canned(lists=lists)
        self.ask("entities", pinterest)
        found = probe._answer(self.case, QUESTIONS["250 ids"])
        self.check(found, "as assumed", "250 ids, 250 of them different")
        self.assertEqual(pinterest.requests[-1][1].count("&ad_ids="), 250)
        pinterest.lists = {"/ads": Answer(414, [], b"")}
        self.check(probe._answer(self.case, QUESTIONS["250 ids"]), "DIFFERS",
                   "HTTP 414")

    def test_options(self):
        for document, verdict in ((None, "as assumed"), ([], "as assumed"),
                                  ([None], "as assumed"),
                                  ([{"a": "b"}], "as assumed"),
                                  ({"a": "b"}, "DIFFERS"), ([["a"]], "DIFFERS"),
                                  ([{"a": {}}], "DIFFERS")):
            found = self.ask("targeting options", Canned(lists={
                "/KEYWORD": document, "/AUDIENCE_INCLUDE": [],
                "/AUDIENCE_EXCLUDE": []}))
            self.check(found, verdict, "KEYWORD: ")

    def test_time_zone(self):
        self.ask("accounts", Canned())
        self.case.description = {"time_zone": "Europe/Berlin"}
        self.check(probe._answer(self.case, QUESTIONS["time zone"]), "as assumed",
                   "another one than UTC")


class Safety(unittest.TestCase):
    ENVIRONMENT = {"PINTEREST_ADVERTISER_ID": ACCOUNT,
                   "PINTEREST_ACCESS_TOKEN": TOKEN, "PINTEREST_API_URL": API_URL}

    def test_an_empty_account(self):
        """Little can be told, nothing fails, and the limit holds."""
        pinterest = Canned()
        status, shown, result = run(self.ENVIRONMENT, sender=pinterest.send)
        self.assertEqual((status, result["requests"]),
                         (0, len(pinterest.requests)))
        self.assertNotIn("cannot be told", shown)
        self.assertLess(len(pinterest.requests), LIMIT + 1)

    def test_odd_answers(self):
        """Answers that nobody has thought of leave a question open."""
        for document in ([1], 7, "x", {"items": 7}, {"items": [7]}, None):
            pinterest = Canned(lambda _: json.dumps(document), lists={
                end: document for end in ("s", "D", "E")})
            status, shown, result = run(self.ENVIRONMENT, sender=pinterest.send)
            self.assertEqual(status, 0)
            self.assertLess(len(pinterest.requests), LIMIT + 1)

    def test_environment(self):
        for change in ({"PINTEREST_ADVERTISER_ID": ""},
                       {"PINTEREST_ADVERTISER_ID": ACCOUNT + ",1"},
                       {"PINTEREST_ACCESS_TOKEN": ""},
                       {"PINTEREST_ACCESS_TOKEN": "a\nb"},
                       {"PINTEREST_API_URL": "http://api.example/v5"},
                       {"PINTEREST_API_URL": "ftp://localhost/v5"}):
            pinterest = Canned()
            status, shown, _ = run(dict(self.ENVIRONMENT, **change),
                                   sender=pinterest.send)
            self.assertEqual((status, pinterest.requests), (2, []))
            self.assertIn(next(iter(change)), shown)

    def test_unreachable(self):
        def fail(*_):
            raise Trouble("no answer (ConnectionRefusedError)")
        status, shown, _ = run(self.ENVIRONMENT, sender=fail)
        self.assertEqual(status, 2)
        self.assertIn("no answer (ConnectionRefusedError)", shown)

    def test_limit(self):
        connection = Connection(API_URL, TOKEN, Canned().send)
        for _ in range(LIMIT):
            connection.ask("/ad_accounts")
        with self.assertRaises(Trouble):
            connection.ask("/ad_accounts")
        self.assertEqual(connection.count, LIMIT)

    def test_addresses(self):
        for url in ("http://files.example/x", "file:///etc/passwd", "//x",
                    "https://", "http://127.0.0.1.example/", "https://x:y/"):
            with self.assertRaises(Trouble):
                check_url(url)
        for url in ("https://files.example/x", "http://127.0.0.1:1/x",
                    "http://[::1]/", "http://localhost/"):
            check_url(url)

    def test_placeholders(self):
        hidden = Placeholders("secret")
        self.assertEqual(hidden.learn("a", "123456"), "a1")
        self.assertEqual(hidden.learn("g", 123456789012), "g1")
        self.assertEqual(hidden.learn("a", "123456"), "a1")
        hidden.learn_name("Émile")
        self.assertEqual(
            hidden.message("secret of\n Émile: 123456, 9123456, 123456789012,"
                           " 998877665544"),
            "(token) of (name): a1, 9123456, g1, #")
        self.assertEqual(hidden.clean_all({"a": ["123456", 7, None]}),
                         {"a": ["a1", 7, None]})
        self.assertLess(len(hidden.message("x" * 9999)), 400)

    def test_last_resort(self):
        """Wherever they come from, no id and no token are shown."""
        pinterest = Canned(Readings.daily, file={
            "Content-Type": "x/%s-%s-998877665544" % (ACCOUNT, TOKEN)})
        status, shown, result = run(self.ENVIRONMENT, sender=pinterest.send)
        for output in (shown, json.dumps(result)):
            self.assertIn("x/a1-(token)-#", output)
            for secret in (ACCOUNT, TOKEN, "998877665544"):
                self.assertNotIn(secret, output)

    def test_a_question_that_fails(self):
        def ask(case):
            raise KeyError("549755885175")
        found = probe._answer(None, Question("x", "y", ask))
        self.assertEqual((found["verdict"], found["came"]),
                         ("open", "cannot be told: KeyError in ask"))


class Orders(unittest.TestCase):
    def test_every_day(self):
        """On each day of four years the reports can tell what they are for."""
        for number in range(4 * 366):
            today = datetime.date(2026, 1, 1) + datetime.timedelta(days=number)
            day = today - datetime.timedelta(days=orders.in_the_middle(today))
            self.assertEqual(day.weekday(), 2)
            self.assertNotIn((day + datetime.timedelta(days=1)).day, (1, 2))
            self.assertGreater((today - day).days, 31)
            weeks = orders.reports(today)["weeks"][0]
            self.assertEqual(weeks["start_date"], str(day))

    def test_one_of_each_kind(self):
        bodies = [body for kinds in (orders.reports(TODAY),
                                     orders.without_ads(TODAY),
                                     orders.limits(TODAY))
                  for some in kinds.values() for body in some]
        self.assertEqual(len({json.dumps(one, sort_keys=True) for one in bodies}),
                         len(bodies))


if __name__ == "__main__":
    unittest.main()
