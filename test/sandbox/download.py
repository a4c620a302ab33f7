"""The host that report files are downloaded from, in the manner of S3."""

import re
from xml.sax.saxutils import escape

from web import Answer, Bytes, Part

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


def _refusal(status, code, message, headers=None):
    text = ('<?xml version="1.0" encoding="UTF-8"?>\n'
            "<Error><Code>%s</Code><Message>%s</Message>"
            "<RequestId>SANDBOX</RequestId></Error>" % (code, escape(message)))
    return Answer(status, text.encode(),
                  dict({"Content-Type": "application/xml"}, **(headers or {})))


def _range(request, size, etag):
    """(first, last) of the bytes asked for, None: all, False: not there."""
    found = _RANGE.match(request.headers.get("Range", ""))
    if not found or not (found.group(1) or found.group(2)):
        return None
    if request.headers.get("If-Range", etag) != etag:
        return None
    if not found.group(1):
        length = int(found.group(2))
        return (max(0, size - length), size - 1) if length and size else False
    first = int(found.group(1))
    last = min(int(found.group(2)) if found.group(2) else size - 1, size - 1)
    if first >= size:
        return False
    return (first, last) if first <= last else None


class DownloadHost:
    def __init__(self, jobs):
        self._jobs = jobs

    def answer(self, request, change=None):
        """Serve a signed link; change: what a fault does to the content."""
        if "Authorization" in request.headers:
            return _refusal(400, "InvalidArgument", "Only one auth mechanism "
                            "allowed; only the X-Amz-Algorithm query parameter, "
                            "Signature query string parameter or the "
                            "Authorization header should be specified")
        signature = request.query_lists().get("X-Amz-Signature")
        if not signature:
            return _refusal(403, "AccessDenied", "Access Denied")
        link = self._jobs.link(signature[0])
        if (link is None or request.method != "GET"
                or (link.path, link.query) != (request.path, request.query)):
            return _refusal(403, "SignatureDoesNotMatch", "The request signature "
                            "we calculated does not match the signature you "
                            "provided. Check your key and signing method.")
        if link.expired:
            return _refusal(403, "AccessDenied", "Request has expired")
        content = link.job.content
        if content is None:
            return _refusal(404, "NoSuchKey", "The specified key does not exist.")
        body, etag = content, content.etag
        if change:
            body = Bytes(change(content.read(0, content.size)))
        headers = {"Content-Type": "binary/octet-stream", "ETag": etag,
                   "Accept-Ranges": "bytes"}
        wanted = _range(request, body.size, etag)
        if wanted is False:
            return _refusal(416, "InvalidRange",
                            "The requested range is not satisfiable",
                            {"Content-Range": "bytes */%d" % body.size})
        if wanted is None:
            return Answer(200, body, headers)
        first, last = wanted
        headers["Content-Range"] = "bytes %d-%d/%d" % (first, last, body.size)
        return Answer(206, Part(body, first, last - first + 1), headers)
