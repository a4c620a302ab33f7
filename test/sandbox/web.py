"""Requests and answers as the hosts of the sandbox see them."""

import gzip
import json
import zlib
from urllib.parse import parse_qs, unquote


class Request:
    def __init__(self, host, method, target, headers, body):
        self.host, self.method, self.headers, self.body = host, method, headers, body
        self.target = target
        path, _, self.query = target.partition("?")
        self.path = unquote(path)
        self._parsed = None

    def query_lists(self):
        """Query parameters, each with the list of its values."""
        return parse_qs(self.query, keep_blank_values=True)

    def content_type(self):
        return self.headers.get("Content-Type", "").partition(";")[0].strip() \
            .lower()

    def form(self):
        return parse_qs(self.body.decode("utf-8", "replace"),
                        keep_blank_values=True)

    def parsed_body(self):
        """The body for the log: an object, or text if it is none."""
        if not self.body:
            return None
        if self.content_type() == "application/x-www-form-urlencoded":
            return {name: values[0] if len(values) == 1 else values
                    for name, values in self.form().items()}
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body.decode("utf-8", "replace")


class Bytes:
    """A body that is at hand."""

    def __init__(self, data):
        self._data, self.size = data, len(data)

    def read(self, place, length):
        return self._data[place:place + length]


class Part:
    """A range of another body."""

    def __init__(self, body, first, size):
        self._body, self._first, self.size = body, first, size

    def read(self, place, length):
        return self._body.read(self._first + place,
                               min(length, self.size - place))


class Answer:
    """Status, headers and a body with a size and a read()."""

    def __init__(self, status, body, headers=None):
        self.status, self.headers = status, dict(headers or {})
        self.body = Bytes(body) if isinstance(body, bytes) else body


def encoded(data, encoding):
    """Bytes in a content coding."""
    if encoding == "gzip":
        return gzip.compress(data, mtime=0)
    return zlib.compress(data) if encoding == "deflate" else data


def json_answer(value, status=200, headers=None):
    """An answer from anything JSON can write, or from JSON text."""
    written = value if isinstance(value, str) else json.dumps(value)
    return Answer(status, written.encode(),
                  dict({"Content-Type": "application/json"}, **(headers or {})))
