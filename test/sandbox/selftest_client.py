"""What the tests of the sandbox share: a sandbox of their own, and requests."""

import base64
import csv
import datetime
import http.client
import io
import json
import os
import signal
import subprocess
import sys
import time
import unittest
from decimal import Decimal
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import columns

HERE = os.path.dirname(os.path.abspath(__file__))
TODAY = datetime.date(2026, 10, 20)
ALL = "&".join("entity_statuses=" + one for one in (
    "ACTIVE", "PAUSED", "ARCHIVED", "DRAFT", "DELETED_DRAFT"))
LEVELS = (("ADVERTISER", "advertiser_report"), ("CAMPAIGN", "campaign_report"),
          ("AD_GROUP", "ad_group_report"), ("PIN_PROMOTION", "ad_report"))
DATA = ["--advertisers", "2", "--campaigns", "6", "--ad-groups", "2", "--ads",
        "2", "--seed", "5", "--today", str(TODAY)]


def day(back):
    return str(TODAY - datetime.timedelta(days=back))


class Client:
    """A sandbox of its own, and requests to it."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [sys.executable, HERE] + DATA + ["--report-delay", "0.05",
                                             "--parent-pid", str(os.getpid())]
            + list(options), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.info = json.loads(self.process.stdout.readline())
        self.account = self.info["advertiser_ids"][0]
        self.below = "/v5/ad_accounts/" + self.account

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        noise = self.process.communicate(timeout=60)[1].decode()
        return self.process.returncode, noise

    def send(self, method, url, body=None, headers=None, connection=None):
        """Status, headers and body of an answer; url may lack the host."""
        parts = urlsplit(url)
        host = parts.netloc or urlsplit(self.info["api_url"]).netloc
        target = parts.path + ("?" + parts.query if parts.query else "")
        own = connection or http.client.HTTPConnection(host, timeout=60)
        try:
            own.request(method, target, body, headers or {})
            answer = own.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            if connection is None:
                own.close()

    def api(self, method, path, body=None, token=None, **headers):
        """Status and decoded body of a request with a token."""
        given = {"Authorization": "Bearer " + (token or self.info["access_token"])}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            given["Content-Type"] = "application/json"
        given.update((name.replace("_", "-"), value)
                     for name, value in headers.items())
        status, _, answer = self.send(method, path, body, given)
        return status, json.loads(answer, parse_float=Decimal)

    def control(self, method, name, body=None):
        status, _, answer = self.send(
            method, self.info["control_url"] + "/" + name,
            None if body is None else json.dumps(body))
        return status, json.loads(answer)

    def order(self, **changes):
        """A report request with some fields changed; None leaves one out."""
        order = {"start_date": day(7), "end_date": day(1), "granularity": "DAY",
                 "level": "CAMPAIGN", "columns": ["SPEND_IN_DOLLAR"]}
        order.update(changes)
        return {name: value for name, value in order.items() if value is not None}

    def create(self, **changes):
        return self.api("POST", self.below + "/reports", self.order(**changes))

    def poll(self, token, account=None):
        return self.api("GET", "/v5/ad_accounts/%s/reports?token=%s" % (
            account or self.account, quote(token, safe="")))[1]

    def finish(self, **changes):
        """The finished state of a new report."""
        status, made = self.create(**changes)
        assert status == 200, made
        return self.wait(made["token"])

    @staticmethod
    def wait_for(condition):
        """Wait until a function returns something true."""
        for _ in range(6000):
            if condition():
                return
            time.sleep(0.02)
        raise AssertionError("waited in vain")

    def wait(self, token):
        """The state of a report as soon as it is not in progress."""
        while True:
            state = self.poll(token)
            if state["report_status"] != "IN_PROGRESS":
                return dict(state, token=token)
            time.sleep(0.02)

    def download(self, token):
        url = self.wait(token)["url"]
        return json.loads(self.send("GET", url)[2], parse_float=Decimal)

    def report(self, **changes):
        url = self.finish(**changes)["url"]
        return json.loads(self.send("GET", url)[2], parse_float=Decimal)

    def token(self, authorization=None, **form):
        if authorization is None:
            plain = "%(client_id)s:%(client_secret)s" % self.info
            authorization = "Basic " + base64.b64encode(plain.encode()).decode()
        status, _, body = self.send(
            "POST", "/v5/oauth/token", urlencode(form),
            {"Authorization": authorization,
             "Content-Type": "application/x-www-form-urlencoded"})
        return status, json.loads(body)

    def consent(self, **changes):
        form = {"client_id": self.info["client_id"], "response_type": "code",
                "redirect_uri": self.info["redirect_uri"], "scope": "ads:read",
                "state": "a b"}
        form.update(changes)
        form = {name: value for name, value in form.items() if value is not None}
        status, headers, body = self.send("GET", "/oauth/?" + urlencode(form))
        if status != 302:
            return status, json.loads(body)
        return status, {name: values[0] for name, values
                        in parse_qs(urlsplit(headers["Location"]).query).items()}


def expected(*arguments):
    """Rows that the command "expect" prints, as dicts."""
    text = subprocess.run([sys.executable, HERE, "expect"] + DATA
                          + list(arguments), stdout=subprocess.PIPE,
                          check=True).stdout.decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = Client()

    @classmethod
    def tearDownClass(cls):
        code, noise = cls.client.stop()
        assert (code, noise) == (0, ""), noise

    def setUp(self):
        for name in ("faults", "log"):
            self.client.control("DELETE", name)

    def refused(self, answer, status, code, *parts):
        self.assertEqual((answer[0], answer[1].get("code")), (status, code), answer)
        for part in parts:
            self.assertIn(part, answer[1]["message"])

    def same_row(self, row, found, names):
        """A row of "expect" and one of a download say the same."""
        for name in names:
            kind, text = columns.COLUMNS[name].kind, row[name.lower()]
            if kind in ("count", "micro", "amount"):
                self.assertEqual(Decimal(text), found.get(name, 0), name)
                self.assertNotEqual(found.get(name, 1), 0)
            elif text == "":
                self.assertIsNone(found.get(name), name)
            elif kind in ("ratio", "number"):
                self.assertEqual(Decimal(text), found[name], name)
            elif kind == "json":
                self.assertEqual(json.loads(text), found[name])
            elif kind == "flag":
                self.assertEqual(text, "t" if found[name] else "f")
            else:
                self.assertEqual(text, str(found[name]), name)
        self.assertEqual(Decimal(row["spend_in_dollar"]),
                         Decimal(row["spend_in_micro_dollar"]) / 10 ** 6)
