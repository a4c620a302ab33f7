"""The host that report files are downloaded from, in the manner of S3."""

import re
from xml.sax.saxutils import escape

from web import Answer, Bytes, Part, encoded

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
# How often a link has led on stands at the beginning of its path.
_HOPS = re.compile(r"(?:/region-(\d{1,3}))?(.*)$", re.S)


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
    def __init__(self, jobs, settings):
        self._jobs, self._settings = jobs, settings

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
        hops, path = _HOPS.match(request.path).groups()
        if (link is None or request.method != "GET"
                or (link.path, link.query) != (path, request.query)):
            return _refusal(403, "SignatureDoesNotMatch", "The request signature "
                            "we calculated does not match the signature you "
                            "provided. Check your key and signing method.")
        if link.expired:
            return _refusal(403, "AccessDenied", "Request has expired")
        if int(hops or 0) < self._settings.download_redirects:
            return self._redirect(int(hops or 0) + 1, path, request.query)
        content = link.job.content
        if content is None:
            return _refusal(404, "NoSuchKey", "The specified key does not exist.")
        body, etag = content, content.etag
        if change:
            body = Bytes(change(content.read(0, content.size)))
        headers = {"Content-Type": "binary/octet-stream", "ETag": etag,
                   "Accept-Ranges": "bytes"}
        encoding = self._settings.download_encoding
        if encoding == "offered":
            encoding = "identity"
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("Accept-Encoding", ""):
                encoding, etag = "gzip", etag[:-1] + '-gzip"'
                headers["ETag"] = etag
        if encoding != "identity":
            body = Bytes(encoded(body.read(0, body.size), encoding))
            headers["Content-Encoding"] = encoding
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

    def _redirect(self, hops, path, query):
        """On to another region: an absolute URL at first, then a path."""
        target = "%s/region-%d%s?%s" % (
            self._jobs.download_url if hops % 2 else "", hops, path, query)
        answer = _refusal(307, "TemporaryRedirect", "Please re-send this request "
                          "to the specified temporary endpoint.")
        answer.headers["Location"] = target
        return answer
