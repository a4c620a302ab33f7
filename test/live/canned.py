"""A Pinterest without a server, for tests: it answers as a test wants it to."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from connection import Answer

ACCOUNT = "549755885175"
API_URL = "https://api.example/v5"
TOKEN = "pina_canned"
METRICS = {"SPEND_IN_MICRO_DOLLAR": 5, "TOTAL_IMPRESSION": 7}


class Canned:
    """Its method send stands for connection.send.

    refuse: a function of an order that gives the message of its refusal, or
    None.  document: a function of an order that gives the report: text, or
    anything else as JSON.  lists: documents by the end of a path.  file:
    headers of downloads.
    """

    def __init__(self, document=lambda order: {}, refuse=lambda order: None,
                 lists=None, file=None):
        self.document, self.refuse = document, refuse
        self.lists, self.file = lists or {}, dict(file or {})
        self.orders, self.requests = [], []
        self.status = "FINISHED"
        self.size = len             # a function of the file's content

    def send(self, method, url, headers, body):
        parts = urlsplit(url)
        self.requests.append((method, url, dict(headers)))
        if parts.netloc != "api.example":
            return self._download(parts)
        if not parts.path.endswith("/reports"):
            return self._list(parts.path[len("/v5"):])
        if method == "POST":
            return self._order(json.loads(body))
        return self._poll(int(parse_qs(parts.query)["token"][0]))

    @staticmethod
    def _json(value, status=200):
        return Answer(status, [("Content-Type", "application/json")],
                      json.dumps(value).encode())

    def _list(self, path):
        for end, document in self.lists.items():
            if path.endswith(end):
                return document if isinstance(document, Answer) \
                    else self._json(document)
        if path == "/ad_accounts/" + ACCOUNT:
            return self._json({"id": ACCOUNT, "name": "Maison É"})
        return self._json({"items": []})

    def _order(self, order):
        message = self.refuse(order)
        if message is not None:
            return self._json({"code": 1, "message": message}, 400)
        self.orders.append(order)
        return self._json({"report_status": "IN_PROGRESS", "message": None,
                           "token": str(len(self.orders) - 1)})

    def _file_of(self, number):
        document = self.document(self.orders[number])
        if isinstance(document, bytes):
            return document
        return (document if isinstance(document, str)
                else json.dumps(document)).encode()

    def _poll(self, number):
        if self.status != "FINISHED":
            return self._json({"report_status": self.status, "url": None})
        return self._json({
            "report_status": "FINISHED", "size": self.size(self._file_of(number)),
            "url": "https://x.files.example/%d?signature" % number})

    def _download(self, parts):
        number = int(re.search(r"\d+", parts.path).group())
        if self.file.get("Location") and parts.query == "signature":
            return Answer(307, [("Location", self.file["Location"] % number)], b"")
        body = self._file_of(number)
        headers = dict({"Content-Length": str(len(body))}, **self.file)
        return Answer(200, headers.items(), body)


def repeated(answers):
    """A document for each call, in turn; the last one goes on."""
    left = list(answers)
    return lambda *_: left.pop(0) if len(left) > 1 else left[0]
