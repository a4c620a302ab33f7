"""Reports on their way: asked for together, awaited within the limit of requests."""

import gzip
import json
import time
import zlib

import rows
from connection import Answer, Trouble

# Polls are scarce, time is not.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 20, 300
# Larger ones are not downloaded: a busy account's answer no question better.
LARGEST_REPORT = 50 << 20
# Requests that are kept for what is asked after the reports have come
KEPT_REQUESTS = 4


class Report:
    """A report: what was asked, what was answered, and what it contains."""

    def __init__(self, kind):
        self.kind = kind
        self.refusals = []          # Answers to orders that were refused
        self.order = None           # the one that was accepted
        self.created = None         # the Answer to that
        self.token, self.poll = None, None
        self.seconds = None         # until it was seen to be ready, at most
        self.download = None        # an Answer
        self.has_link = True        # to the download; one without rows need not
        self.trouble = None         # why there is none
        self.document = None        # None, too, for a report without a byte
        self.is_blank = True        # nothing but white space has come

    @property
    def rows(self):
        return list(rows.rows(self.document))


class Desk:
    """Orders reports and gets them."""

    def __init__(self, connection, account, pause=FIRST_PAUSE_S):
        self._connection, self._pause = connection, pause
        self._path = "/ad_accounts/%s/reports" % account
        self.reports, self._ordered_at = {}, {}

    def try_order(self, body):
        """The answer to an order, be it that it is taken or refused.

        Trouble if it is not the order itself that is refused.
        """
        answer = self._connection.ask(self._path, body=body)
        if answer.good or answer.status in (400, 422):
            return answer
        raise Trouble("an order was answered with HTTP %d, code %s: %s" % (
            (answer.status,) + answer.error()))

    def order(self, kind, bodies):
        """Orders a report by the first of several bodies that is accepted."""
        report = self.reports[kind] = Report(kind)
        try:
            for body in bodies:
                answer = self.try_order(body)
                if answer.good:
                    report.order, report.created = body, answer
                    report.token = json.loads(answer.body).get("token")
                    self._ordered_at[kind] = time.monotonic()
                    break
                report.refusals.append(answer)
        except Trouble as trouble:
            report.trouble = str(trouble)
        except (ValueError, AttributeError):
            report.trouble = "an order was answered with what is no JSON object"
        return report

    def _missing(self):
        return [one for one in self.reports.values()
                if one.token and not one.download and not one.trouble]

    def fetch(self, kept=KEPT_REQUESTS):
        """Gets all that was ordered, as far as the requests suffice.

        kept: how many of them are left.
        """
        missing = self._missing()
        if missing:
            self._connection.sleep(self._pause)
        for report in missing:
            try:
                self._await(report, kept)
                self._download(report)
            except Trouble as trouble:
                report.trouble = str(trouble)

    def _await(self, report, kept):
        """Polls a report until it is ready, in pauses that double.

        While it waits for one, the others get ready, too; for each of them, two
        requests have to be left.
        """
        pause = self._pause
        while True:
            answer = self._connection.ask(self._path, [("token", report.token)])
            try:
                report.poll = rows.parse(answer.body)
                status = report.poll.get("report_status")
            except (ValueError, AttributeError):
                raise Trouble("a poll was answered with HTTP %d and no JSON object"
                              % answer.status) from None
            if status == "FINISHED":
                report.seconds = round(time.monotonic()
                                       - self._ordered_at[report.kind])
                return
            if status != "IN_PROGRESS":
                raise Trouble("status %s (HTTP %d)" % (status, answer.status))
            if self._connection.left <= 2 * len(self._missing()) + kept:
                raise Trouble("not ready after %d s" % (
                    time.monotonic() - self._ordered_at[report.kind]))
            self._connection.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _download(self, report):
        size, url = report.poll.get("size"), report.poll.get("url")
        if rows.type_of(size) == "number" and int(size) > LARGEST_REPORT:
            raise Trouble("a report of more than %d MB, not downloaded"
                          % (LARGEST_REPORT >> 20))
        if not url and rows.is_zero(size):
            report.download = Answer(200, [], b"")
            report.has_link = False
            return
        if not isinstance(url, str):
            raise Trouble("finished without a link")
        answer = self._connection.download(url)
        report.download = answer
        if not answer.good:
            raise Trouble("the download was answered with HTTP %d"
                          % answer.status)
        try:
            body = decoded(answer)
        except (ValueError, OSError, EOFError, zlib.error):
            raise Trouble("a download that cannot be decoded") from None
        report.is_blank = not body.strip()
        if not report.is_blank:
            try:
                report.document = rows.parse(body)
            except ValueError:
                raise Trouble("a download that is no JSON") from None


def decoded(answer):
    """The body of a download without its content coding."""
    coding = answer.headers.get("content-encoding", "").strip().lower()
    if coding in ("gzip", "x-gzip") or answer.body[:2] == b"\x1f\x8b":
        return gzip.decompress(answer.body)
    if coding == "deflate":
        return zlib.decompress(answer.body)
    return answer.body
