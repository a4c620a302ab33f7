"""Tests of the sandbox itself: python3 test/sandbox/selftest.py

The sandbox must be no kinder than Pinterest, so most tests are refusals.
"""

import gzip
import http.client
import json
import os
import subprocess
import sys
import tempfile
import unittest
import zlib
from decimal import Decimal
from urllib.parse import quote, unquote, urljoin, urlsplit

sys.dont_write_bytecode = True

import columns
import selftest_analytics
import selftest_days
import selftest_levels
import selftest_lists
import selftest_others
import selftest_revisions
import selftest_rules
import selftest_shop
import selftest_tables
from entities import LISTS
from selftest_client import ALL, LEVELS, Case, Client, day, expected


class Authentication(Case):
    def test_bad_tokens(self):
        path = self.client.below
        self.refused(self.client.api("GET", path, token="x"), 401, 2,
                     "Authentication failed.")
        status, headers, _ = self.client.send("GET", path)
        self.assertEqual(status, 401)
        self.assertTrue(headers["x-pinterest-rid"])

    def test_accounts(self):
        get = lambda identity: self.client.api("GET", "/v5/ad_accounts/" + identity)
        self.refused(get("12x"), 400, 400, "Invalid ad account id")
        self.refused(get("1" * 19), 400, 400)
        self.refused(get("1"), 404, 404)
        self.refused(get(self.client.info["unpermitted_advertiser_id"]), 403, 29,
                     "You are not permitted to access the resource")
        status, account = get(self.client.account)
        self.assertEqual((status, account["id"]), (200, self.client.account))
        self.assertNotIn("time_zone", account)
        self.refused(self.client.api("GET", "/v5/nothing"), 404, 404)
        self.refused(self.client.api("DELETE", self.client.below), 405, 405)

    def test_code_and_rotation(self):
        status, answer = self.client.consent()
        self.assertEqual((status, answer["state"]), (302, "a b"))
        form = {"grant_type": "authorization_code", "code": answer["code"],
                "redirect_uri": self.client.info["redirect_uri"]}
        status, first = self.client.token(**form)
        self.assertEqual(status, 200)
        self.assertTrue(first["access_token"].startswith("pina_"))
        self.refused(self.client.token(**form), 401, 2)
        form = {"grant_type": "refresh_token",
                "refresh_token": first["refresh_token"]}
        status, second = self.client.token(**form)
        self.assertEqual(status, 200)
        self.assertTrue(second["refresh_token"].startswith("pinr_"))
        self.refused(self.client.token(**form), 401, 2)
        self.assertEqual(self.client.api(
            "GET", self.client.below, token=second["access_token"])[0], 200)

    def test_token_refusals(self):
        refresh = {"grant_type": "refresh_token", "refresh_token": "pinr_x"}
        self.refused(self.client.token("Basic eDp5", **refresh), 401, 2)
        self.refused(self.client.token(**refresh), 401, 2)
        self.refused(self.client.token(grant_type="password"), 400, 1)
        self.refused(self.client.token(refresh_token="x"), 400, 1)
        self.refused(self.client.token(grant_type="refresh_token"), 400, 1)
        self.refused(self.client.token(extra="1", **refresh), 400, 1)

    def test_consent_refusals(self):
        for change in ({"client_id": "1"}, {"redirect_uri": "http://localhost/"},
                       {"response_type": "token"}, {"scope": "ads:everything"},
                       {"more": "1"}):
            self.refused(self.client.consent(**change), 400, 1)

    def test_scope(self):
        code = self.client.consent(scope="pins:read,boards:read")[1]["code"]
        tokens = self.client.token(
            grant_type="authorization_code", code=code,
            redirect_uri=self.client.info["redirect_uri"])[1]
        self.refused(self.client.api("GET", self.client.below,
                                     token=tokens["access_token"]), 401, 3,
                     "correct set of scopes")

    def test_expiry(self):
        client = Client("--access-token", "pina_mine")
        try:
            self.assertEqual(client.api("GET", client.below,
                                        token="pina_mine")[0], 200)
            client.control("POST", "expire", {"what": "access_token"})
            self.refused(client.api("GET", client.below), 401, 2)
            client.control("POST", "expire", {"what": "refresh_token"})
            self.refused(client.token(
                grant_type="refresh_token",
                refresh_token=client.info["refresh_token"]), 401, 2)
        finally:
            self.assertEqual(client.stop(), (0, ""))


class Lists(Case):
    def get(self, target):
        return self.client.api("GET", self.client.below + "/" + target)

    def test_unlisted(self):
        listed = lambda: [one["id"] for one in self.client.api(
            "GET", "/v5/ad_accounts")[1]["items"]]
        before = listed()
        self.client.control("POST", "settings", {"unlisted": before[:1]})
        self.addCleanup(self.client.control, "POST", "settings", {"unlisted": []})
        self.assertEqual(listed(), before[1:])

    def test_pages(self):
        for name in LISTS:
            found, bookmark, pages = [], None, 0
            while pages == 0 or bookmark:
                status, page = self.get("%s?page_size=5&%s%s" % (
                    name, ALL, "&bookmark=" + quote(bookmark) if bookmark else ""))
                self.assertEqual(status, 200, page)
                found += page["items"]
                bookmark, pages = page.get("bookmark"), pages + 1
            ids = [int(item["id"]) for item in found]
            self.assertEqual(ids, sorted(set(ids)))
            rows = expected(name)
            self.assertEqual([row[LISTS[name].key] for row in rows],
                             [item["id"] for item in found])
            self.assertTrue(any(int(one) > 2 ** 53 for one in ids))
            for row, item in zip(rows, found):
                self.assertEqual(row["name"], item.get("name") or "")
                self.assertEqual(row["advertiser_id"], item["ad_account_id"])

    def test_default_statuses(self):
        items = self.get("campaigns?page_size=250")[1]["items"]
        self.assertEqual({item["status"] for item in items}, {"ACTIVE", "PAUSED"})

    def test_filters(self):
        campaigns = self.get("campaigns?" + ALL)[1]["items"]
        first, second = campaigns[0]["id"], campaigns[1]["id"]
        for form in ("campaign_ids=%s&campaign_ids=%s", "campaign_ids=%s,%s"):
            items = self.get("ad_groups?%s&" % ALL + form % (first, second))
            self.assertEqual({item["campaign_id"] for item in items[1]["items"]},
                             {first, second})
        down = self.get("campaigns?order=DESCENDING&" + ALL)[1]["items"]
        self.assertEqual(down, campaigns[::-1])

    def test_refusals(self):
        for target, part in (
                ("campaigns?page_size=0", "between 1 and 250"),
                ("campaigns?page_size=251", "between 1 and 250"),
                ("campaigns?page_size=x", "was not numeric (was x)"),
                ("campaigns?foo=1", "unexpected query parameter"),
                ("campaigns?campaign_ids=1x", "must match the pattern: ^\\d+$"),
                ("campaigns?campaign_ids=", "must match the pattern"),
                ("campaigns?campaign_ids=" + ",".join(["1"] * 251), "250"),
                ("campaigns?entity_statuses=RUNNING", "is not one of"),
                ("campaigns?order=UP", "is not one of"),
                ("campaigns?ad_group_ids=1", "unexpected query parameter"),
                ("ad_groups?campaign_ids=1&ad_group_ids=1", "only one of"),
                ("ad_groups?translate_interests_to_names=1", "not boolean"),
                ("ads?campaign_ids=1&ad_ids=1", "only one of"),
                ("campaigns?bookmark=abc", "bookmark")):
            self.refused(self.get(target), 400, 1, part)

    def test_bookmarks(self):
        bookmark = self.get("ads?page_size=2")[1]["bookmark"]
        tampered = ("A" if bookmark[0] != "A" else "B") + bookmark[1:]
        for target in ("ads?bookmark=" + tampered,
                       "ads?order=DESCENDING&bookmark=" + quote(bookmark),
                       "ad_groups?bookmark=" + quote(bookmark)):
            self.refused(self.get(target), 400, 1, "bookmark")

    def test_advertisers(self):
        status, page = self.client.api("GET", "/v5/ad_accounts?page_size=1")
        self.assertEqual((status, len(page["items"])), (200, 1))
        page = self.client.api("GET", "/v5/ad_accounts?page_size=1&bookmark="
                               + quote(page["bookmark"]))[1]
        self.assertEqual(page["items"][0]["id"],
                         self.client.info["advertiser_ids"][1])
        self.assertIsNone(page.get("bookmark"))


class ReportLife(Case):
    def test_life(self):
        status, made = self.client.create()
        self.assertEqual((status, made["report_status"], made["message"]),
                         (200, "IN_PROGRESS", None))
        self.client.control("POST", "settings", {"report_delay": 3600})
        slow = self.client.create()[1]["token"]
        self.client.control("POST", "settings", {"report_delay": 0.05})
        self.assertEqual(self.client.poll(slow), {
            "report_status": "IN_PROGRESS", "url": None, "size": None})
        other = self.client.info["advertiser_ids"][1]
        for token, account in (("x", None), (made["token"], other)):
            self.assertEqual(self.client.poll(token, account)["report_status"],
                             "DOES_NOT_EXIST")
        state = self.client.finish()
        body = self.client.send("GET", state["url"])[2]
        self.assertEqual(len(body), state["size"])
        self.client.control("POST", "expire", {"what": "links"})
        status, _, body = self.client.send("GET", state["url"])
        self.assertEqual(status, 403)
        self.assertIn(b"Request has expired", body)
        fresh = self.client.poll(state["token"])["url"]
        self.assertNotEqual(fresh, state["url"])
        self.assertEqual(self.client.send("GET", fresh)[0], 200)
        self.client.control("POST", "expire", {"what": "reports"})
        self.assertEqual(self.client.poll(state["token"])["report_status"],
                         "EXPIRED")

    def test_together(self):
        settings = lambda value: self.client.control(
            "POST", "settings", {"reports_at_once": value, "report_delay": 0})
        state = lambda token: self.client.poll(token)["report_status"]
        settings(2)
        first = self.client.create()[1]["token"]
        self.assertEqual(state(first), "IN_PROGRESS")
        second = self.client.create()[1]["token"]
        for token in (first, second):
            self.assertEqual(self.client.wait(token)["report_status"], "FINISHED")
        settings(3)
        third = self.client.create()[1]["token"]
        settings(1)
        self.client.finish()
        self.assertEqual(state(third), "IN_PROGRESS")
        self.client.control("POST", "settings", {"report_delay": 0.05})

    def test_download_host(self):
        url = self.client.finish()["url"]
        status, _, body = self.client.send("GET", url, None,
                                           {"Authorization": "Bearer x"})
        self.assertEqual(status, 400)
        self.assertIn(b"Only one auth mechanism", body)
        self.assertEqual(self.client.send("GET", url[:-1] + "x")[0], 403)
        self.assertEqual(self.client.send("GET", url.split("?")[0])[0], 403)
        status, headers, whole = self.client.send("GET", url)
        self.assertEqual((status, headers["Content-Length"]),
                         (200, str(len(whole))))
        etag = headers["ETag"]
        status, headers, rest = self.client.send(
            "GET", url, None, {"Range": "bytes=10-", "If-Range": etag})
        self.assertEqual((status, rest), (206, whole[10:]))
        self.assertEqual(headers["Content-Range"],
                         "bytes 10-%d/%d" % (len(whole) - 1, len(whole)))
        self.assertEqual(self.client.send("GET", url, None, {
            "Range": "bytes=10-", "If-Range": '"other"'})[2], whole)
        self.assertEqual(self.client.send("GET", url, None, {
            "Range": "bytes=%d-" % len(whole)})[0], 416)

    def test_empty(self):
        self.assertEqual(self.client.report(columns=["CAMPAIGN_ID"]), {})
        self.assertEqual(self.client.report(start_date=day(0),
                                            end_date=day(0)), {})

    def test_empty_forms(self):
        """A report without rows may be written in other ways; others may not."""
        for form in ("[]", "", "\n", "null", "{}"):
            self.client.control("POST", "settings", {"empty_report": form})
            state = self.client.finish(columns=["CAMPAIGN_ID"])
            self.assertEqual(state["size"], len(form))
            self.assertEqual(self.client.send("GET", state["url"])[2],
                             form.encode())
            self.assertTrue(self.client.report())

    def change(self, **settings):
        """Change settings until the end of the test."""
        before = self.client.control("GET", "settings")[1]
        self.addCleanup(self.client.control, "POST", "settings",
                        {name: before[name] for name in settings})
        self.assertEqual(
            self.client.control("POST", "settings", settings)[0], 200)

    def test_empty_without_link(self):
        self.change(empty_report="none", size_format="fraction")
        state = self.client.finish(columns=["CAMPAIGN_ID"])
        self.assertEqual((state["url"], state["size"]), (None, 0))
        self.assertIsInstance(state["size"], Decimal)
        self.assertTrue(self.client.finish()["url"])

    def test_empty_entities(self):
        for form, value in (("[]", []), ("null", None)):
            self.change(empty_entity=form)
            report = self.client.report(columns=["CAMPAIGN_ID"])
            self.assertTrue(report)
            self.assertEqual([one for one in report.values() if one != value], [])

    def test_blank_days(self):
        rows = lambda: [row for rows in self.client.report().values() for row in rows]
        before = rows()
        days = sorted({row["DATE"] for row in before})
        self.assertGreater(len(days), 3)
        self.change(blank_days=[[self.client.account, days[1], days[2]]])
        self.assertEqual(rows(), [row for row in before
                                  if row["DATE"] not in days[1:3]])
        self.change(blank_days=[["1", days[1], days[2]]])
        self.assertEqual(rows(), before)

    def test_byte_order_mark(self):
        plain = self.client.send("GET", self.client.finish()["url"])[2]
        self.change(byte_order_mark=True)
        self.assertEqual(self.client.send("GET", self.client.finish()["url"])[2],
                         b"\xef\xbb\xbf" + plain)

    def test_download_encoding(self):
        """Ranges are those of the encoded bytes."""
        url = self.client.finish()["url"]
        plain = self.client.send("GET", url)[2]
        for encoding, decode in (("gzip", gzip.decompress),
                                 ("deflate", zlib.decompress)):
            self.change(download_encoding=encoding)
            status, headers, body = self.client.send(
                "GET", url, None, {"Accept-Encoding": "identity"})
            self.assertEqual((status, headers["Content-Encoding"]),
                             (200, encoding))
            self.assertEqual(decode(body), plain)
            status, headers, rest = self.client.send(
                "GET", url, None, {"Range": "bytes=10-"})
            self.assertEqual((status, rest), (206, body[10:]))
        self.change(download_encoding="offered")
        tags = []
        for accepted, encoding, decode in (
                ("identity", None, bytes), ("gzip", "gzip", gzip.decompress)):
            status, headers, body = self.client.send(
                "GET", url, None, {"Accept-Encoding": accepted})
            self.assertEqual((status, headers.get("Content-Encoding"),
                              decode(body)), (200, encoding, plain))
            tags.append(headers["ETag"])
        self.assertNotEqual(*tags)

    def test_api_encoding(self):
        self.change(api_encoding="gzip")
        status, headers, body = self.client.send("GET", "/v5/ad_accounts")
        self.assertEqual((status, headers["Content-Encoding"]), (401, "gzip"))
        self.assertEqual(json.loads(gzip.decompress(body))["code"], 2)

    def test_download_redirects(self):
        self.change(download_redirects=2)
        url = self.client.finish()["url"]
        for _ in range(2):
            status, headers, _ = self.client.send("GET", url)
            self.assertEqual(status, 307)
            url = urljoin(url, headers["Location"])
        self.assertEqual(self.client.send("GET", url)[0], 200)
        self.assertEqual(self.client.send("GET", url[:-1] + "x")[0], 403)


class Data(Case):
    def test_downloads_match_expected(self):
        for level, resource in LEVELS:
            names = columns.valid_names(level)
            report = self.client.report(level=level, columns=names,
                                        start_date=day(40))
            rows = expected(resource, "--start", day(40), "--end", day(1),
                            "--columns", ",".join(names))
            key = {"ADVERTISER": "advertiser_id", "CAMPAIGN": "campaign_id",
                   "AD_GROUP": "ad_group_id", "PIN_PROMOTION": "ad_id"}[level]
            found = {(identity, row["DATE"]): row for identity, of_one
                     in report.items() for row in of_one}
            self.assertEqual({(row[key], row["date"]) for row in rows}, set(found))
            for row in rows:
                self.same_row(row, found[row[key], row["date"]], names)

    def test_sums_and_presence(self):
        names = [name for name in columns.valid_names("ADVERTISER")
                 if columns.COLUMNS[name].kind in columns.METRICS]
        presence = ("SPEND_IN_MICRO_DOLLAR", "TOTAL_IMPRESSION",
                    "TOTAL_CLICKTHROUGH", "TOTAL_ENGAGEMENT",
                    "TOTAL_VIDEO_P0_COMBINED", "TOTAL_CONVERSIONS",
                    "TOTAL_DESTINATION_VIEWS", "LEADS")
        totals = []
        for level, _ in LEVELS:
            total = {}
            for rows in self.client.report(level=level, columns=names,
                                           start_date=day(186)).values():
                for row in rows:
                    self.assertTrue(any(name in row for name in presence), row)
                    for name, value in row.items():
                        if name != "DATE" and columns.COLUMNS[name].kind in (
                                "count", "micro", "amount") and \
                                name != "TOTAL_IMPRESSION_USER":
                            total[name] = total.get(name, 0) + Decimal(value)
            totals.append(total)
        self.assertTrue(all(total == totals[0] for total in totals))
        never = [name for name in names if name not in totals[0]
                 and columns.COLUMNS[name].kind in ("count", "micro", "amount")]
        self.assertLess(len(never), 60, never)

    def test_week_start(self):
        """Weeks begin with the day that they are labeled by."""
        order = {"level": "ADVERTISER", "start_date": day(9), "end_date": day(2)}
        days = {row["DATE"]: row["SPEND_IN_DOLLAR"] for rows
                in self.client.report(**order).values() for row in rows}
        for name, labels in (("sunday", (9, 2)), ("monday", (15, 8))):
            self.client.control("POST", "settings", {"week_start": name})
            found = {row["DATE"]: row["SPEND_IN_DOLLAR"] for rows in
                     self.client.report(granularity="WEEK", **order).values()
                     for row in rows}
            self.assertEqual(found, {
                day(label): sum(spend for date, spend in days.items()
                                if day(label) <= date < day(label - 7))
                for label in labels})

    def test_granularities(self):
        total = {}
        for granularity in ("DAY", "WEEK", "MONTH", "TOTAL"):
            rows = [row for of_one in self.client.report(
                granularity=granularity, start_date=day(100),
                columns=["SPEND_IN_MICRO_DOLLAR"]).values() for row in of_one]
            total[granularity] = sum(row["SPEND_IN_MICRO_DOLLAR"] for row in rows)
            self.assertEqual("DATE" in rows[0], granularity != "TOTAL")
        self.assertEqual(len(set(total.values())), 1, total)
        order = {"start_date": day(3), "columns": [
            "SPEND_IN_MICRO_DOLLAR", "TOTAL_CONVERSIONS", "TOTAL_CLICKTHROUGH"]}
        sums = []
        for granularity in ("DAY", "HOUR"):
            rows = [row for of_one in self.client.report(
                granularity=granularity, **order).values() for row in of_one]
            sums.append([sum(row.get(name, 0) for row in rows)
                         for name in order["columns"]])
        self.assertEqual(sums[0][::2], sums[1][::2])
        self.assertEqual(sums[1][1], 0)
        self.assertTrue(all("HOUR" in row for row in rows))

    def test_filters(self):
        everything = self.client.report()
        one = next(iter(everything))
        self.assertEqual(self.client.report(campaign_ids=[one]),
                         {one: everything[one]})
        running = self.client.report(campaign_statuses=["RUNNING"],
                                     columns=["CAMPAIGN_STATUS", "TOTAL_IMPRESSION"])
        self.assertEqual({row["CAMPAIGN_STATUS"] for rows in running.values()
                          for row in rows}, {"RUNNING"})
        some = self.client.report(metrics_filters=[{
            "field": "SPEND_IN_DOLLAR", "operator": "GREATER_THAN",
            "values": [500]}])
        self.assertTrue(some and all(row["SPEND_IN_DOLLAR"] > 500 for rows
                                     in some.values() for row in rows))
        wide = self.client.report(columns=["TOTAL_CONVERSIONS"],
                                  view_window_days=30)
        self.assertNotEqual(wide, self.client.report(columns=["TOTAL_CONVERSIONS"]))
        by_date = self.client.report(primary_sort="BY_DATE")
        self.assertEqual(by_date[day(1)][one][0]["DATE"], day(1))

    def test_awkwardness(self):
        state = self.client.finish(level="PIN_PROMOTION", start_date=day(60), columns=[
            "TOTAL_IMPRESSION", "SPEND_IN_MICRO_DOLLAR", "AD_ID", "CAMPAIGN_ID",
            "AD_NAME", "CAMPAIGN_NAME", "TOTAL_CLICKTHROUGH"])
        text = self.client.send("GET", state["url"])[2].decode()
        for part in ('"AD_ID":"', '"AD_ID":', ".0,", "9007199254740993", "\\u",
                     "é", "\\\\"):
            self.assertIn(part, text)
        numbers = [row["AD_ID"] for rows in json.loads(text).values()
                   for row in rows]
        self.assertEqual({type(one) for one in numbers}, {str, int})

    def test_odd_days(self):
        names = ["TOTAL_IMPRESSION", "TOTAL_CLICKTHROUGH", "TOTAL_CONVERSIONS",
                 "SPEND_IN_MICRO_DOLLAR", "TOTAL_ENGAGEMENT"]
        rows = [frozenset(row) - {"DATE"} for of_one in self.client.report(
            level="PIN_PROMOTION", start_date=day(186), columns=names).values()
            for row in of_one]
        for alone in names:
            self.assertIn(frozenset([alone]), rows)

    def test_deterministic(self):
        other = Client()
        try:
            self.assertEqual(other.info["advertiser_ids"],
                             self.client.info["advertiser_ids"])
            order = {"level": "AD_GROUP", "start_date": day(30)}
            self.assertEqual(other.send("GET", other.finish(**order)["url"])[2],
                             self.client.send("GET", self.client.finish(
                                 **order)["url"])[2])
        finally:
            self.assertEqual(other.stop(), (0, ""))

    def test_revisions(self):
        order = {"start_date": day(60), "columns": ["SPEND_IN_MICRO_DOLLAR"]}
        cells, previous = [], None
        for revision in range(3):
            self.client.control("POST", "settings", {"revision": revision})
            cells.append({(identity, row["DATE"]): row["SPEND_IN_MICRO_DOLLAR"]
                          for identity, rows in self.client.report(**order).items()
                          for row in rows})
            names = {item["id"]: item["name"] for item in self.client.api(
                "GET", self.client.below + "/campaigns?" + ALL)[1]["items"]}
            if previous:
                self.assertEqual(sum(names[one] != previous[one]
                                     for one in names), 1)
            previous = names
        self.client.control("POST", "settings", {"revision": 0})
        for old, new in zip(cells, cells[1:]):
            self.assertTrue(set(new) - set(old), "no insert")
            self.assertTrue(set(old) - set(new), "no delete")
            changed = [one for one in set(old) & set(new) if old[one] != new[one]]
            self.assertTrue(changed, "no update")
            self.assertGreater(min(one[1] for one in changed), day(29))
        rows = expected("campaign_report", "--start", day(60), "--columns",
                        "SPEND_IN_MICRO_DOLLAR", "--revision", "2")
        self.assertEqual({(row["campaign_id"], row["date"]):
                          int(row["spend_in_micro_dollar"]) for row in rows
                          if row["spend_in_micro_dollar"] != "0"}, cells[2])


class Faults(Case):
    def fault(self, **order):
        status, answer = self.client.control("POST", "faults", order)
        self.assertEqual(status, 200, answer)

    def test_statuses_and_counting(self):
        self.fault(match={"method": "POST", "path": "/reports$"}, nth=2, count=2,
                   status=429, body={"code": 2726, "message":
                                     "Reporting query cost limit exceeded. "
                                     "Retry after 2 seconds."},
                   headers={"X-RateLimit-Reset": 2})
        seen = [self.client.create()[0] for _ in range(4)]
        self.assertEqual(seen, [200, 429, 429, 200])
        self.assertEqual(self.client.control("GET", "faults")[1][0]["hits"], 2)
        entries = self.client.control("GET", "log")[1]
        self.assertEqual([entry["status"] for entry in entries], seen)

    def test_report_status(self):
        token = self.client.finish()["token"]
        self.fault(report_status="FAILED")
        self.assertEqual(self.client.poll(token)["report_status"], "FAILED")
        self.assertEqual(self.client.poll(token)["report_status"], "FINISHED")

    def test_wire(self):
        url = self.client.finish()["url"]
        whole = self.client.send("GET", url)[2]
        self.fault(match={"host": "download"}, cut=100)
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.client.send("GET", url)
        self.assertEqual(caught.exception.partial, whole[:100])
        self.fault(match={"host": "download"}, drop=True)
        with self.assertRaises(http.client.RemoteDisconnected):
            self.client.send("GET", url)
        self.fault(match={"host": "download"}, replace=["DATE", "DATUM"])
        status, headers, body = self.client.send("GET", url)
        self.assertEqual(body, whole.replace(b"DATE", b"DATUM"))
        self.fault(match={"path": "/ad_accounts$"}, drip=0.0005)
        self.assertEqual(self.client.api("GET", "/v5/ad_accounts")[0], 200)

    def test_delay(self):
        self.fault(match={"path": "/ad_accounts$"}, delay=3600)
        late = http.client.HTTPConnection(
            urlsplit(self.client.info["api_url"]).netloc, timeout=60)
        late.request("GET", "/v5/ad_accounts")
        entry = lambda: self.client.control("GET", "log")[1][0]
        self.client.wait_for(lambda: self.client.control("GET", "log")[1])
        self.assertEqual(self.client.api("GET", "/v5/ad_accounts")[0], 200)
        self.assertIsNone(entry()["duration"], "still on hold")
        late.close()
        self.client.wait_for(lambda: entry()["duration"])
        self.assertIsNone(entry()["status"], "nobody is there for an answer")

    def test_end_of_delay(self):
        self.fault(match={"path": "/ad_accounts$"}, delay=3600)
        held = http.client.HTTPConnection(
            urlsplit(self.client.info["api_url"]).netloc, timeout=60)
        held.request("GET", "/v5/ad_accounts")
        self.client.wait_for(lambda: self.client.control("GET", "log")[1])
        self.client.control("DELETE", "faults")
        self.assertEqual(held.getresponse().status, 401)
        held.close()

    def test_matches_and_end(self):
        self.fault(match={"body": '"level": "AD_GROUP"'}, status=500, count=-1)
        self.assertEqual([self.client.create(level=level)[0] for level in
                          ("CAMPAIGN", "AD_GROUP", "CAMPAIGN")], [200, 500, 200])
        self.client.control("DELETE", "faults")
        get = lambda: self.client.api("GET", "/v5/ad_accounts")[0]
        self.fault(match={"path": "/ad_accounts$"}, status=500, count=-1, lasts=3600)
        self.assertEqual([get(), get()], [500, 500])
        self.client.control("DELETE", "faults")
        self.fault(match={"path": "/ad_accounts$"}, status=500, count=-1, lasts=0.05)
        self.assertEqual(get(), 500)
        self.client.wait_for(lambda: get() == 200)

    def test_lost_answer(self):
        code = self.client.consent()[1]["code"]
        tokens = self.client.token(
            grant_type="authorization_code", code=code,
            redirect_uri=self.client.info["redirect_uri"])[1]
        form = {"grant_type": "refresh_token",
                "refresh_token": tokens["refresh_token"]}
        self.fault(match={"host": "oauth"}, drop="after")
        with self.assertRaises(http.client.RemoteDisconnected):
            self.client.token(**form)
        self.refused(self.client.token(**form), 401, 2)

    def test_echo(self):
        sent = "Bearer %s\nGET /v5/ad_accounts?page_size=25\n\n" \
            % self.client.info["access_token"]
        for form, decoded in (("plain", str), ("percent_twice",
                              lambda text: unquote(unquote(text)))):
            self.fault(status=400, echo=form,
                       body={"code": 1, "message": "got {request}."})
            answer = self.client.api("GET", "/v5/ad_accounts?page_size=25")
            self.assertEqual(answer[0], 400)
            self.assertEqual(decoded(answer[1]["message"]), "got %s." % sent)

    def test_bad_orders(self):
        for order in ({}, {"status": 99}, {"what": 1}, {"match": {"x": 1}}, 5,
                      {"match": {"path": "("}, "status": 500},
                      {"replace": ["a"]}, {"status": 500, "nth": "1"},
                      {"status": 500, "lasts": "1"},
                      {"status": 500, "echo": "aloud"}):
            self.assertEqual(self.client.control("POST", "faults", order)[0], 400)
        for order in ({"x": 1}, {"today": "2026-13-01"}, {"revision": -1}):
            self.assertEqual(self.client.control("POST", "settings", order)[0], 400)
        self.assertEqual(self.client.control("POST", "expire", {})[0], 400)


class Server(Case):
    def test_log_and_keep_alive(self):
        connection = http.client.HTTPConnection(
            urlsplit(self.client.info["api_url"]).netloc, timeout=60)
        headers = {"Authorization": "Bearer " + self.client.info["access_token"]}
        for target in ("/v5/ad_accounts", self.client.below + "/ads?page_size=1",
                       "/v5/nothing"):
            self.client.send("GET", target, None, headers, connection)
        connection.close()
        self.client.token(grant_type="refresh_token", refresh_token="pinr_secret")
        text = json.dumps(self.client.control("GET", "log")[1])
        entries = json.loads(text)
        self.assertEqual([entry["seq"] for entry in entries], [1, 2, 3, 4])
        self.assertEqual(len({entry["connection"] for entry in entries[:3]}), 1)
        self.assertEqual(entries[1]["query"], {"page_size": ["1"]})
        self.assertEqual([entry["status"] for entry in entries],
                         [200, 200, 404, 401])
        self.assertEqual([entry["host"] for entry in entries],
                         ["api"] * 3 + ["oauth"])
        self.assertEqual(entries[0]["authorization"], "Bearer")
        for secret in ("pinr_secret", self.client.info["access_token"],
                       self.client.info["client_secret"]):
            self.assertNotIn(secret, text)

    def test_ready_file_and_parent(self):
        with tempfile.TemporaryDirectory() as folder:
            ready, log = os.path.join(folder, "ready"), os.path.join(folder, "log")
            parent = subprocess.Popen([sys.executable, "-c", "input()"],
                                      stdin=subprocess.PIPE)
            client = Client("--ready-file", ready, "--log-file", log,
                            "--parent-pid", str(parent.pid))
            with open(ready, encoding="ascii") as file:
                self.assertEqual(json.load(file), client.info)
            client.api("GET", "/v5/ad_accounts")
            with open(log, encoding="utf-8") as file:
                self.assertEqual(json.loads(file.readline())["status"], 200)
            parent.communicate(b"\n")
            self.assertEqual(client.process.communicate(timeout=60), (b"", b""))
            self.assertEqual(client.process.returncode, 0)
            self.assertFalse(os.path.exists(ready))


def load_tests(loader, tests, _):
    """Add the tests of the other files."""
    for module in (selftest_analytics, selftest_days, selftest_lists,
                   selftest_levels, selftest_others, selftest_revisions,
                   selftest_rules, selftest_shop, selftest_tables):
        tests.addTests(loader.loadTestsFromModule(module))
    return tests


if __name__ == "__main__":
    unittest.main()
