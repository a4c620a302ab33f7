"""Requests to Pinterest: counted, with the token for the API's host alone."""

import http.client
import ipaddress
import json
import re
import ssl
import time
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

# All requests of one run, whatever for
LIMIT = 69
TIMEOUT_S = 90
# Of one answer; a report of more is not needed to answer any question.
MOST_BYTES = 64 << 20
MOST_REDIRECTS = 3
# Before a request is sent once more; the usual one, where none is told
LONGEST_WAIT_S, USUAL_WAIT_S = 120, 5
# Pinterest's code of a fault that passes, and the words that come with others
_TRY_AGAIN, _FAULT_WORDS = 12, "went wrong on our end"
_REDIRECTS = (301, 302, 303, 307, 308)
_RETRY_AFTER = re.compile(r"retry after\s+(\d+)\s+second", re.IGNORECASE)


class Trouble(Exception):
    """A question cannot be answered; the text says why."""


class Unusable(Exception):
    """Nothing can be asked at all; the text says what to do."""


class Answer:
    """Status, headers and body of an answer."""

    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers}
        # Of a download: the statuses of the redirects that led to it
        self.redirects = []

    @property
    def good(self):
        return 200 <= self.status < 300

    def error(self):
        """Code and message of a refusal, as far as there are any."""
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            return None, ""
        return found.get("code"), str(found.get("message") or "")

    def told_wait(self):
        """Seconds after which Pinterest says to try again, or None."""
        found = _RETRY_AFTER.search(self.error()[1])
        told = found.group(1) if found else self.headers.get(
            "retry-after", self.headers.get("x-ratelimit-reset", ""))
        return int(told) if told.isdigit() else None

    @property
    def passes(self):
        """Whether it is a fault or a limit that passes, and says nothing of the
        request."""
        code, message = self.error()
        return self.status == 429 or self.status >= 500 or (
            self.status == 400 and (code == _TRY_AGAIN
                                    or _FAULT_WORDS in message
                                    or bool(_RETRY_AFTER.search(message))))


def is_local(host):
    """Whether a host is this machine, which may be spoken to in plain text."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def check_url(url):
    """The parts of a URL; Trouble unless it is one of https, or local."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Trouble("an address that is none") from None
    if host and (parts.scheme == "https"
                 or parts.scheme == "http" and is_local(host)):
        return parts
    raise Trouble("an address that is neither https nor on this machine")


def _connect(parts):
    """A connection to the host of a URL, through the environment's proxy."""
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_S)
    context = ssl.create_default_context()
    proxy = getproxies().get("https")
    if not proxy or proxy_bypass(parts.hostname):
        return http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT_S,
                                           context=context)
    by = urlsplit(proxy if "//" in proxy else "//" + proxy)
    connection = http.client.HTTPSConnection(by.hostname, by.port or 8080,
                                             timeout=TIMEOUT_S, context=context)
    connection.set_tunnel(parts.hostname, parts.port or 443)
    return connection


def send(method, url, headers, body):
    """One request and its answer; Trouble if there is none.

    Nothing is added: like the product's downloads, it names no encoding that it
    would take.
    """
    parts = check_url(url)
    try:
        connection = _connect(parts)
        try:
            target = (parts.path or "/") + (
                "?" + parts.query if parts.query else "")
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(),
                          answer.read(MOST_BYTES))
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Trouble("no answer (%s)" % type(error).__name__) from None


class Connection:
    """The API of one account, and the count of what was asked."""

    def __init__(self, api_url, token, sender=send, sleep=time.sleep):
        self._api_url, self._token = api_url.rstrip("/"), token
        self._send, self.sleep = sender, sleep
        self.count, self.answers = 0, []

    @property
    def left(self):
        return LIMIT - self.count

    def _one(self, method, url, headers, body=None):
        if self.left <= 0:
            raise Trouble("not asked, to stay below %d requests" % (LIMIT + 1))
        self.count += 1
        return self._send(method, url, headers, body)

    def ask(self, path, query=(), body=None):
        """The answer of the API, whatever its status.

        query: pairs; body: sent as JSON, by POST.  After a fault that passes it
        is sent once more, if the wait is bearable; Trouble if that is no better.
        """
        url = self._api_url + path
        if query:
            url += "?" + "&".join("%s=%s" % (name, quote(str(value), safe=""))
                                  for name, value in query)
        headers = {"Authorization": "Bearer " + self._token,
                   "Accept": "application/json",
                   "User-Agent": "pinterest_fdw-probe"}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        method = "GET" if body is None else "POST"
        answer = self._one(method, url, headers, body)
        if answer.passes:
            told = answer.told_wait()
            wait = USUAL_WAIT_S if told is None else told
            if wait <= LONGEST_WAIT_S:
                self.sleep(wait)
                answer = self._one(method, url, headers, body)
        if answer.passes:
            raise Trouble("throttled, or a fault at Pinterest (HTTP %d, code %s)"
                          % (answer.status, answer.error()[0]))
        self.answers.append(answer)
        return answer

    def download(self, url):
        """What is behind the link of a report, without the token."""
        redirects = []
        while True:
            answer = self._one("GET", url, {"User-Agent": "pinterest_fdw-probe"})
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target \
                    or len(redirects) == MOST_REDIRECTS:
                answer.redirects = redirects
                return answer
            redirects.append(answer.status)
            url = urljoin(url, target)
