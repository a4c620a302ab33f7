"""The HTTP side: two listeners, keep-alive, faults on the wire."""

import itertools
import socket
import socketserver
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from api import Api
from control import Control
from download import DownloadHost
from faults import Faults, body_bytes
from jobs import Jobs
from requestlog import RequestLog
from web import Answer, Bytes, Request, encoded, json_answer

_BLOCK = 1 << 16
_NO_BODY = (204, 304)


class _Dropped(Exception):
    """The connection is to be closed without (further) answer."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "sandbox", ""
    disable_nagle_algorithm = True
    timeout = 600

    def setup(self):
        super().setup()
        self.connection_number = next(self.server.sandbox.connections)

    def dispatch(self):
        """Answer one request of any method."""
        try:
            body = self._read_body()
            if body is None:
                return
            request = Request(self._host(), self.command, self.path,
                              self.headers, body)
            if request.path.startswith("/sandbox") and request.host == "api":
                self._send(request, self.server.sandbox.control.answer(request))
            else:
                self._serve(request)
        except (_Dropped, OSError):
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = dispatch

    def _host(self):
        if self.server.is_download:
            return "download"
        path = self.path.partition("?")[0]
        return "oauth" if path in ("/oauth/", "/v5/oauth/token") else "api"

    def _read_body(self):
        if "Transfer-Encoding" in self.headers:
            # Like many front ends, this one wants to know the length.
            self.close_connection = True
            self._send(None, json_answer({"code": 411, "message":
                                          "Length required."}, 411))
            return None
        length = self.headers.get("Content-Length", "0")
        wanted = int(length) if length.isdigit() else 0
        body = self.rfile.read(wanted)
        if len(body) < wanted:
            raise _Dropped
        return body

    def _serve(self, request):
        sandbox = self.server.sandbox
        entry = sandbox.log.begin(request, self.connection_number)
        try:
            fault = sandbox.faults.find(request)
            if fault:
                entry["fault"] = fault.id
                self._pause(fault, fault.delay)
                if fault.drop is True:
                    raise _Dropped
            answer = self._answer(request, fault)
            if fault and fault.drop == "after":
                raise _Dropped
            self._send(request, answer, fault, lambda sent: sandbox.log.end(
                entry, answer.status, sent))
        finally:
            sandbox.log.end(entry, None, 0)

    def _answer(self, request, fault):
        """The true answer, or the one that a fault puts in its place."""
        sandbox = self.server.sandbox
        if fault and fault.answers:
            status, body = fault.answer(request)
            kind = "application/xml" if request.host == "download" \
                else "application/json"
            answer = Answer(status, body_bytes(body), {"Content-Type": kind})
        else:
            change = fault.replaced if fault and fault.replace else None
            try:
                answer = self._true_answer(request, change)
            except Exception as error:      # a bug of the sandbox: say so
                sandbox.complain(request, error)
                answer = json_answer({"code": 500, "message":
                                      "sandbox error: %r" % error}, 500)
        encoding = sandbox.settings.api_encoding
        if request.host == "api" and encoding != "identity":
            answer.body = Bytes(encoded(answer.body.read(0, answer.body.size),
                                        encoding))
            answer.headers["Content-Encoding"] = encoding
        if fault:
            headers = fault.echoed(fault.headers, request)
            answer.headers.update((name, str(value)) for name, value
                                  in headers.items())
        return answer

    def _true_answer(self, request, change):
        sandbox = self.server.sandbox
        if request.host == "download":
            return sandbox.downloads.answer(request, change)
        answer = sandbox.api.answer(request)
        if change:
            answer.body = Bytes(change(answer.body.read(0, answer.body.size)))
        answer.headers.setdefault("x-pinterest-rid", uuid.uuid4().hex[:16])
        return answer

    def _pause(self, fault, seconds):
        """Wait, but not longer than the client does, or than the fault is there."""
        end = time.monotonic() + seconds
        while seconds > 0 and not fault.deleted.wait(min(seconds, 0.05)):
            seconds = end - time.monotonic()
            if self._client_left():
                raise _Dropped
        if fault.deleted.is_set() and self._client_left():
            raise _Dropped

    def _client_left(self):
        try:
            self.connection.setblocking(False)
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except (BlockingIOError, InterruptedError):
            return False
        finally:
            self.connection.settimeout(self.timeout)

    def _send(self, request, answer, fault=None, ending=None):
        """Send an answer, or as much of it as a fault allows.

        ending is called with the number of bytes just before the last ones
        leave: whoever has read the answer finds the log complete.
        """
        body, ending = answer.body, ending or (lambda sent: None)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        if answer.status not in _NO_BODY:
            self.send_header("Content-Length",
                             answer.headers.get("Content-Length", str(body.size)))
        if self.close_connection:
            self.send_header("Connection", "close")
        limit = body.size
        if fault and fault.cut is not None:
            limit = min(limit, fault.cut)
        if request is None or request.method == "HEAD" \
                or answer.status in _NO_BODY:
            body, limit = Bytes(b""), 0
        if not limit:
            ending(0)
        self.end_headers()
        place, block = 0, 1 if fault and fault.drip else _BLOCK
        while place < limit:
            piece = body.read(place, min(block, limit - place))
            place += len(piece)
            if place >= limit:
                ending(place)
            self.wfile.write(piece)
            if fault and fault.drip:
                self._pause(fault, fault.drip)
        if limit < body.size:
            raise _Dropped

    def log_message(self, *arguments):
        """The sandbox keeps its own log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address, sandbox, is_download):
        self.sandbox, self.is_download = sandbox, is_download
        super().__init__(address, Handler)

    def server_bind(self):
        # HTTPServer would look up the host's name, which can take long.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.sandbox.complain(None, error)


class Sandbox:
    """Both listeners with everything they serve."""

    def __init__(self, options, dataset, settings, tokens):
        self.settings, self.oauth, self._dataset = settings, tokens, dataset
        self.log, self.faults = RequestLog(options.log_file), Faults()
        self.connections = itertools.count(1)
        self.jobs = Jobs(settings)
        self.api = Api(dataset, settings, tokens, self.jobs, options.plausible)
        self.downloads, self.control = DownloadHost(self.jobs, settings), Control(self)
        self.servers = [
            _Server((options.host, options.port), self, False),
            _Server((options.host, options.download_port), self, True)]
        base, self.jobs.download_url = (
            "http://%s:%d" % server.server_address[:2] for server in self.servers)
        self.info = {
            "api_url": base + "/v5", "download_url": self.jobs.download_url,
            "control_url": base + "/sandbox",
            "authorization_url": base + "/oauth/",
            "redirect_uri": tokens.redirect_uri,
            "access_token": tokens.access_token,
            "refresh_token": tokens.refresh_token,
            "client_id": tokens.client_id, "client_secret": tokens.client_secret,
            "advertiser_ids": [one.id for one in dataset.advertisers],
            "unpermitted_advertiser_id": dataset.unpermitted.id,
            "denied_advertiser_ids": [one.id for one in dataset.denied]}

    def data(self):
        """All ad accounts as they are now."""
        return self._dataset.at(self.settings.revision)

    @staticmethod
    def complain(request, error):
        where = "%s %s" % (request.method, request.path) if request else "server"
        sys.stderr.write("sandbox: %s: %r\n" % (where, error))
