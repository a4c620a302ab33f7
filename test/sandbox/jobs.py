"""Report jobs and the signed links to their files."""

import hashlib
import secrets
import tempfile
import threading
import time
from collections import OrderedDict
from datetime import datetime, timezone
from itertools import chain
from urllib.parse import quote

from encoding import RowWriter, by_date, by_id

# Reports up to this size are kept in memory, larger ones in a nameless file.
_IN_MEMORY = 1 << 20

# So many contents are kept in case that the same is asked for once more.
_KEPT = 32


class Content:
    """Bytes of known size that can be read from any place."""

    def __init__(self, pieces):
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)
        self._lock = threading.Lock()
        digest, self.size = hashlib.sha256(), 0
        for piece in pieces:
            self._file.write(piece)
            digest.update(piece)
            self.size += len(piece)
        self.etag = '"%s"' % digest.hexdigest()[:32]

    def read(self, place, length):
        with self._lock:
            self._file.seek(place)
            return self._file.read(length)


def _blocks(pieces, size=1 << 16):
    """Text in small pieces as bytes in larger ones."""
    held, length = [], 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= size:
            yield "".join(held).encode()
            held, length = [], 0
    yield "".join(held).encode()


def _unless_empty(pieces, empty):
    """The pieces of a file, or what stands for one without rows."""
    first = [piece for _, piece in zip(range(2), pieces)]
    if "".join(first) == "{}":
        yield empty
        return
    yield from first
    yield from pieces


class Contents:
    """What reports contain, by what was asked for: the last ones."""

    def __init__(self):
        self._lock, self._kept = threading.Lock(), OrderedDict()

    def get(self, key, pieces):
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        content = Content(_blocks(pieces))
        with self._lock:
            self._kept[key] = content
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return content


class Batch:
    """Reports none of which is ready before the last of them is asked for."""

    def __init__(self, wanted):
        self.wanted, self.count = wanted, 0

    @property
    def full(self):
        return self.count >= self.wanted


class Job:
    """A report on its way.

    It is written while the client waits for it: before the answer to the
    request, if it shall be ready without delay, so that the first poll finds it.
    """

    def __init__(self, advertiser_id, report, settings, sort, batch, write):
        self.advertiser_id, self._write_content = advertiser_id, write
        # Real tokens need escaping in a URL, too.
        self.token = "HY/%s+%s==" % (secrets.token_hex(12), secrets.token_hex(12))
        now = time.monotonic()
        self._ready_at = now + settings.report_delay
        self.ends_at = now + settings.report_lifetime
        self._batch = batch
        batch.count += 1
        self.content, self.failed = None, False
        writer = RowWriter(report.query, settings.hour_format,
                           settings.broken_texts)
        if sort == "BY_DATE" and report.query.granularity != "TOTAL":
            pieces = by_date(report, writer)
        else:
            pieces = by_id(report, writer, settings.empty_entity)
        pieces = _unless_empty(pieces, settings.empty_report.replace("none", ""))
        if settings.byte_order_mark:
            pieces = chain(("\ufeff",), pieces)
        self._pieces, self._at_once = pieces, settings.report_delay == 0

    def start(self):
        if self._at_once:
            self._write()
        else:
            threading.Thread(target=self._write, daemon=True).start()

    def _write(self):
        try:
            self.content = self._write_content(self._pieces)
        except Exception:
            self.failed = True
            raise

    @property
    def status(self):
        now = time.monotonic()
        if now >= self.ends_at:
            return "EXPIRED"
        if self.failed:
            return "FAILED"
        if self.content is None or now < self._ready_at or not self._batch.full:
            return "IN_PROGRESS"
        return "FINISHED"


class Link:
    def __init__(self, job, path, query, lifetime):
        self.job, self.path, self.query = job, path, query
        self.ends_at = time.monotonic() + lifetime

    @property
    def expired(self):
        return time.monotonic() >= self.ends_at


class Jobs:
    """All report jobs, by token, and all links, by signature."""

    def __init__(self, settings):
        self._settings, self._lock = settings, threading.Lock()
        self._jobs, self._links, self._contents = {}, {}, Contents()
        self._batch = Batch(settings.reports_at_once)
        self.download_url = None

    def create(self, advertiser_id, report, sort, asked):
        """A new report; asked tells it apart from others with other contents."""
        wanted = self._settings.reports_at_once
        key = (advertiser_id, self._settings.hour_format,
               self._settings.row_split, self._settings.broken_texts,
               self._settings.empty_report,
               self._settings.empty_entity, self._settings.byte_order_mark, asked)
        with self._lock:
            if self._batch.full or self._batch.wanted != wanted:
                self._batch = Batch(wanted)
            job = Job(advertiser_id, report, self._settings, sort, self._batch,
                      lambda pieces: self._contents.get(key, pieces))
            self._forget()
            self._jobs[job.token] = job
        job.start()
        return job

    def _forget(self):
        """Drop the contents of expired reports; they stay known as expired."""
        for job in self._jobs.values():
            if job.status == "EXPIRED":
                job.content = None

    def poll(self, advertiser_id, token):
        """What Pinterest says about a report."""
        with self._lock:
            job = self._jobs.get(token)
        if job is None or job.advertiser_id != advertiser_id:
            return {"report_status": "DOES_NOT_EXIST", "url": None, "size": None}
        status = job.status
        if status != "FINISHED":
            return {"report_status": status, "url": None, "size": None}
        size = job.content.size
        has_link = size > 0 or self._settings.empty_report != "none"
        return {"report_status": status,
                "url": self._sign(job) if has_link else None,
                "size": float(size) if self._settings.size_format == "fraction"
                else size}

    def _sign(self, job):
        """A new link to a report's file."""
        signature, lifetime = secrets.token_hex(32), self._settings.link_lifetime
        now = datetime.now(timezone.utc)
        path = "/async_reporting_v3/%s-%s-%s/metrics_report.txt" % (
            job.advertiser_id, now.strftime("%Y%m%d"), secrets.token_hex(8))
        parts = (("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
                 ("X-Amz-Credential", now.strftime("SANDBOX/%Y%m%d/us-east-1/"
                                                   "s3/aws4_request")),
                 ("X-Amz-Date", now.strftime("%Y%m%dT%H%M%SZ")),
                 ("X-Amz-Expires", str(int(lifetime))),
                 ("X-Amz-SignedHeaders", "host"), ("X-Amz-Signature", signature))
        query = "&".join("%s=%s" % (name, quote(value, safe=""))
                         for name, value in parts)
        with self._lock:
            self._links[signature] = Link(job, path, query, lifetime)
        return "%s%s?%s" % (self.download_url, path, query)

    def link(self, signature):
        with self._lock:
            return self._links.get(signature)

    def expire(self, what):
        with self._lock:
            everything = self._links if what == "links" else self._jobs
            for one in everything.values():
                one.ends_at = 0
