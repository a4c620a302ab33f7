# Copyright (c) 2026, pinterest_fdw contributors

"""A free-form HTTP server: it sends bytes, whether or not they are HTTP.

The first part of a path names the cell that is being tried.  So several cells can
be tried at once, and none sees the answers of another.
"""

import socket
import struct
import threading
import urllib.parse


class Wire:
    """Bytes to send, and what happens to the connection afterwards.

    end: "keep" for the next request, "close", "reset", or "stall", which says
    nothing more until the other side gives up.
    """

    def __init__(self, chunks, end='keep'):
        self.chunks = [chunks] if isinstance(chunks, bytes) else chunks
        self.end = end


class Request:
    def __init__(self, method, target, headers, body):
        self.method = method
        self.cell, _, rest = target.lstrip('/').partition('/')
        self.path, _, query = ('/' + rest).partition('?')
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.headers = headers
        self.body = body


class Server:
    """cells: what answers a Request, by the name of the cell."""

    def __init__(self):
        self.cells = {}
        self.arrived = {}
        self.socket = socket.create_server(('127.0.0.1', 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.url = f'http://127.0.0.1:{self.port}'
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.socket.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                stream = connection.makefile('rb')
                while self.answer(connection, stream):
                    pass
            except OSError:
                pass

    def answer(self, connection, stream):
        request = read_request(stream)
        if request is None or request.cell not in self.cells:
            return False
        wire = self.cells[request.cell](request)
        for chunk in wire.chunks:
            connection.sendall(chunk)
        if wire.end == 'stall':
            self.arrived[request.cell].set()
            connection.recv(1)
        if wire.end == 'reset':
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        return wire.end == 'keep'

    def expect(self, cell, handler):
        """Lets a cell be answered; the event is set when it has been stalled."""
        self.arrived[cell] = threading.Event()
        self.cells[cell] = handler
        return self.arrived[cell]

    def forget(self, cell):
        del self.cells[cell], self.arrived[cell]


def read_request(stream):
    line = stream.readline(65536).split()
    if len(line) < 2:
        return None
    headers = {}
    while True:
        name, _, value = stream.readline(65536).partition(b':')
        if not value:
            break
        headers[name.strip().lower().decode('latin-1')] = value.strip().decode('latin-1')
    body = stream.read(int(headers.get('content-length', 0)))
    return Request(line[0].decode('latin-1'), line[1].decode('latin-1'), headers, body)


def http(body=b'', status='200 OK', length=None, headers=(), end='keep'):
    """An answer that is HTTP.  length: what Content-Length says, False for none."""
    if isinstance(body, str):
        body = body.encode('utf-8', 'surrogatepass')
    lines = [f'HTTP/1.1 {status}', *headers]
    if length is not False:
        lines.append(f'Content-Length: {len(body) if length is None else length}')
    if end != 'keep':
        lines.append('Connection: close')
    head = '\r\n'.join([*lines, '', '']).encode('latin-1')
    return Wire([head, body], end)
