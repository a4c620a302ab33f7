"""Faults that a test orders: what goes wrong, with which request, how often.

A fault is an object; all fields are optional, but one action is needed:

    match           method, host ("api", "oauth", "download"; the API's host
                    includes the token endpoint), path, query and body (regular
                    expressions, searched for); default: any request
    nth, count      the first matching request that is hit (1), and how many
                    are hit from there on (1; -1: all)
    lasts           seconds after the first hit when it hits no more, whatever
                    its count
    status, body    answer this, without doing what was asked; a body is text
                    or anything else, which is sent as JSON
    headers         add these to the answer, the true one or the above
    echo            "{request}" in the body and headers above stands for what
                    was sent, in one of the forms of ECHOES: Authorization,
                    request line, body
    report_status   answer polls of a report with this
    replace         [old, new]: replace text in the body, adapt its length
    delay           seconds before anything happens
    drip            seconds between single bytes of the body
                    (neither goes on when the faults have been deleted)
    cut             send only so many bytes of the body, then close
    drop            true: close without doing or answering anything; "after":
                    do what was asked, then close without an answer

Of several faults that hit the same request the oldest one counts.
"""

import base64
import json
import re
import threading
import time
from urllib.parse import quote

from errors import ApiError

_ACTIONS = ("status", "body", "headers", "delay", "cut", "drop", "drip",
            "report_status", "replace", "echo")
_MATCHES = ("method", "path", "query", "body", "host")
_REPORT_STATUSES = ("IN_PROGRESS", "FINISHED", "FAILED", "EXPIRED",
                    "DOES_NOT_EXIST", "CANCELLED")

# How servers repeat what they were sent, some of them in more than one way at
# once
ECHOES = {
    "plain": lambda text: text,
    "lower": str.lower,
    "percent": lambda text: quote(text, safe=""),
    "percent_all": lambda text: "".join("%%%02x" % ord(c) for c in text),
    "percent_twice": lambda text: quote(quote(text, safe=""), safe=""),
    "json": lambda text: json.dumps(text),
    "json_all": lambda text: "".join("\\u%04x" % ord(c) for c in text),
    "html": lambda text: "".join("&#x%x;" % ord(c) for c in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
}


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) \
        and value >= 0


def _refuse(message):
    raise ApiError(400, 0, "bad fault: " + message)


class Fault:
    """One fault, with a count of the requests that matched it."""

    def __init__(self, order, identity):
        if not isinstance(order, dict):
            _refuse("not an object")
        for name in order:
            if name not in _ACTIONS + ("match", "nth", "count", "lasts"):
                _refuse("unknown field %r" % name)
        self.id, self.order, self._seen, self.hits = identity, order, 0, 0
        self.deleted = threading.Event()
        match = order.get("match", {})
        if not isinstance(match, dict) or any(name not in _MATCHES
                                              for name in match):
            _refuse("match takes " + ", ".join(_MATCHES))
        self._method, self._host = match.get("method"), match.get("host")
        if self._host not in (None, "api", "oauth", "download"):
            _refuse("unknown host %r" % self._host)
        try:
            self._path = re.compile(match.get("path", ""))
            self._query = re.compile(match.get("query", ""))
            self._body = re.compile(match.get("body", ""))
        except (re.error, TypeError) as error:
            _refuse(str(error))
        self._nth, self._count = order.get("nth", 1), order.get("count", 1)
        for value in (self._nth, self._count):
            if not isinstance(value, int) or isinstance(value, bool):
                _refuse("nth and count are integers")
        self._lasts, self._ends_at = order.get("lasts"), None
        if self._lasts is not None and not _number(self._lasts):
            _refuse("lasts is seconds")
        self._read_actions(order)

    def _read_actions(self, order):
        self.status, self.body = order.get("status"), order.get("body")
        self.headers = order.get("headers", {})
        self.delay, self.drip = order.get("delay", 0), order.get("drip", 0)
        self.cut, self.drop = order.get("cut"), order.get("drop", False)
        self.replace, self.echo = order.get("replace"), order.get("echo")
        self.report_status = order.get("report_status")
        if not any(name in order for name in _ACTIONS):
            _refuse("it does nothing; actions are " + ", ".join(_ACTIONS))
        if self.status is not None and not (isinstance(self.status, int)
                                            and 100 <= self.status <= 599):
            _refuse("status %r" % (self.status,))
        if not isinstance(self.headers, dict):
            _refuse("headers are an object")
        if not (_number(self.delay) and _number(self.drip)):
            _refuse("delay and drip are seconds")
        if self.cut is not None and not (isinstance(self.cut, int)
                                         and self.cut >= 0):
            _refuse("cut is a number of bytes")
        if self.drop not in (True, False, "after"):
            _refuse('drop is true, or "after" to do first what was asked')
        if self.replace is not None and not (
                isinstance(self.replace, list) and len(self.replace) == 2
                and all(isinstance(part, str) for part in self.replace)
                and self.replace[0]):
            _refuse("replace is [old, new]")
        if self.echo is not None and self.echo not in ECHOES:
            _refuse("echo is one of " + ", ".join(ECHOES))
        if self.report_status not in (None,) + _REPORT_STATUSES:
            _refuse("unknown report_status")

    def hits_now(self, request):
        """Whether this very request is hit; counts the ones that match."""
        if self._method and request.method != self._method:
            return False
        # The token endpoint is on the API's host.
        hosts = (request.host, "api" if request.host == "oauth" else request.host)
        if self._host and self._host not in hosts:
            return False
        if not (self._path.search(request.path)
                and self._query.search(request.query)
                and self._body.search(request.body.decode("utf-8", "replace"))):
            return False
        if self.report_status and not (request.method == "GET"
                                       and request.path.endswith("/reports")):
            return False
        self._seen += 1
        if self._seen < self._nth:
            return False
        if self._lasts is not None:
            if self._ends_at is None:
                self._ends_at = time.monotonic() + self._lasts
            if time.monotonic() > self._ends_at:
                return False
        return self._count < 0 or self._seen < self._nth + self._count

    @property
    def answers(self):
        """Whether the fault answers in place of the sandbox."""
        return self.status is not None or self.body is not None \
            or self.report_status is not None

    def echoed(self, value, request):
        """A value with what the request sent in the place of "{request}"."""
        if self.echo is None:
            return value
        if isinstance(value, dict):
            return {name: self.echoed(part, request) for name, part in value.items()}
        if not isinstance(value, str):
            return value
        sent = "%s\n%s %s\n\n%s" % (
            request.headers.get("Authorization", ""),
            request.method, request.target,
            request.body.decode("utf-8", "replace"))
        return value.replace("{request}", ECHOES[self.echo](sent))

    def answer(self, request):
        """Status and body of the fault's own answer."""
        if self.report_status is not None:
            return self.status or 200, {"report_status": self.report_status,
                                        "url": None, "size": None}
        status = self.status or 200
        if self.body is None:
            return status, {"code": status, "message": "Fault by request."}
        return status, self.echoed(self.body, request)

    def replaced(self, body):
        old, new = (part.encode() for part in self.replace)
        return body.replace(old, new)


class Faults:
    def __init__(self):
        self._lock = threading.Lock()
        self._faults, self._next = [], 1

    def add(self, orders):
        """Add one fault or a list of them; returns their ids."""
        orders = orders if isinstance(orders, list) else [orders]
        with self._lock:
            new = [Fault(order, self._next + place)
                   for place, order in enumerate(orders)]
            self._next += len(new)
            self._faults.extend(new)
            return [fault.id for fault in new]

    def clear(self):
        with self._lock:
            for fault in self._faults:
                fault.deleted.set()
            self._faults = []

    def all(self):
        with self._lock:
            return [dict(fault.order, id=fault.id, hits=fault.hits)
                    for fault in self._faults]

    def find(self, request):
        """The first fault that hits a request, if any."""
        with self._lock:
            hit = None
            for fault in self._faults:
                if fault.hits_now(request) and hit is None:
                    fault.hits += 1
                    hit = fault
            return hit


def body_bytes(body):
    """A fault's body: text as it is, anything else as JSON."""
    if isinstance(body, str):
        return body.encode()
    return json.dumps(body).encode()
