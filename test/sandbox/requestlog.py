"""The record of all requests, for tests to look at.  It holds no secrets.

An entry has: seq, host ("api", "oauth", "download"), method, path, query (each
parameter with the list of its values), headers (some, in lower case),
authorization (the scheme, or null) and credential (a fingerprint), body
(decoded; secrets as fingerprints), connection (a number: the same for requests
that shared a connection), time (Unix time), duration (seconds), status and
bytes (of the body; null while there is no answer, status stays null if there
is none), fault (the id of the one that hit it), in_flight (requests being
answered when it arrived, itself included).
"""

import hashlib
import json
import threading
import time

_HEADERS = ("Accept", "Accept-Encoding", "Connection", "Content-Length",
            "Content-Type", "If-Range", "Range", "Transfer-Encoding",
            "User-Agent")
_SECRET_FIELDS = ("client_secret", "code", "refresh_token", "access_token",
                  "password")


def fingerprint(secret):
    """Tells secrets apart without showing them."""
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()[:12]


def _redacted(body):
    if not isinstance(body, dict):
        return body
    return {name: fingerprint(value)
            if name in _SECRET_FIELDS and isinstance(value, str) else value
            for name, value in body.items()}


class RequestLog:
    LIMIT = 100000

    def __init__(self, path=None):
        self._lock = threading.Lock()
        self._entries, self._in_flight = [], 0
        self._file = open(path, "a", encoding="utf-8") if path else None

    def begin(self, request, connection):
        """Record a request that has just arrived; returns its entry."""
        scheme, _, credential = request.headers.get("Authorization", "") \
            .partition(" ")
        entry = {
            "seq": 0, "host": request.host, "method": request.method,
            "path": request.path, "query": request.query_lists(),
            "headers": {name.lower(): request.headers[name] for name in _HEADERS
                        if name in request.headers},
            "authorization": scheme or None,
            "credential": fingerprint(credential) if credential else None,
            "body": _redacted(request.parsed_body()),
            "connection": connection, "time": time.time(), "duration": None,
            "status": None, "bytes": None, "fault": None, "in_flight": 0,
        }
        with self._lock:
            self._in_flight += 1
            entry["in_flight"] = self._in_flight
            if len(self._entries) < self.LIMIT:
                self._entries.append(entry)
            entry["seq"] = len(self._entries)
        return entry

    def end(self, entry, status, sent):
        """Note, once, how a request ended; no status: it was not answered."""
        with self._lock:
            if entry["duration"] is not None:
                return
            self._in_flight -= 1
            entry["status"], entry["bytes"] = status, sent
            entry["duration"] = round(time.time() - entry["time"], 6)
            if self._file:
                self._file.write(json.dumps(entry) + "\n")
                self._file.flush()

    def entries(self):
        with self._lock:
            return [dict(entry) for entry in self._entries]

    def clear(self):
        with self._lock:
            self._entries = []
