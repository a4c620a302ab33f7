"""What stands between PostgreSQL and the sandbox: TLS, and proxies.

    python3 test/lib/gateway.py --target HOST:PORT --cert FILE --key FILE

Each way to answer has a listener of its own.  One line of JSON says their
ports, as soon as all of them listen:

    tls         TLS, and the sandbox behind it
    handshake   refuses the handshake of TLS with an alert
    closes      closes the connection when the handshake begins
    resets      resets it then
    ssh         speaks another protocol than HTTP or TLS

Proxies, which take CONNECT:

    tunnel      good, with headers that are not Pinterest's; it knows a host
                "sandbox.example", which is the listener "tls"
    secure      likewise, with TLS
    drops       closes the connection in place of an answer
    hollow      opens the tunnel and closes it at once
    403, 407, 502, 503
                answer with this status, and such headers
    socks       SOCKS 5, wants a password
    socks_down  SOCKS 5, finds nobody there

It ends with its parent, which it knows by its standard input.
"""

import argparse
import json
import os
import socket
import ssl
import struct
import sys
import threading

_HEADERS = ("x-pinterest-rid: rid-of-the-proxy\r\nRetry-After: 3000\r\n"
            "Content-Type: text/plain\r\n")


def _pass_on(source, sink):
    """Copy bytes in one direction until the end."""
    try:
        while data := source.recv(1 << 16):
            sink.sendall(data)
    except OSError:
        pass
    for one in (source, sink):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def _join(one, other):
    """Copy bytes in both directions until either end closes."""
    thread = threading.Thread(target=_pass_on, args=(one, other), daemon=True)
    thread.start()
    _pass_on(other, one)
    thread.join()


def _address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def _read_head(client):
    """The head of a request; what is none gets the answer of a web server."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        data = client.recv(1)
        if not data:
            raise OSError("closed")
        head += data
        if not head.isascii() or head[:1] != b"C":
            client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            raise OSError("no request")
    return head.decode("ascii")


def _connect(target):
    """A connection without delays, as there are two hops."""
    server = socket.create_connection(target)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


class Gateway:
    def __init__(self, options):
        self._target = _address(options.target)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(options.cert, options.key)
        self.ports = {}
        for name in ("tls", "handshake", "closes", "resets", "ssh", "tunnel",
                     "secure", "drops", "hollow", "socks", "socks_down"):
            self._listen(name, getattr(self, "_" + name))
        for status in (403, 407, 502, 503):
            self._listen(str(status), lambda client, status=status:
                         self._refuse(client, status))

    def _listen(self, name, answer):
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.ports[name] = listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(listener, answer),
                         daemon=True).start()

    @staticmethod
    def _accept(listener, answer):
        def serve(client):
            try:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                answer(client)
            except OSError:
                pass
            client.close()
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],),
                             daemon=True).start()

    def _tls(self, client):
        with self._context.wrap_socket(client, server_side=True) as wrapped:
            _join(wrapped, _connect(self._target))

    @staticmethod
    def _handshake(client):
        client.recv(1 << 16)
        client.sendall(b"\x15\x03\x03\x00\x02\x02\x28")
        client.recv(1 << 16)

    @staticmethod
    def _closes(client):
        client.recv(1 << 16)

    @staticmethod
    def _resets(client):
        client.recv(1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          struct.pack("ii", 1, 0))

    @staticmethod
    def _ssh(client):
        client.recv(1 << 16)
        client.sendall(b"SSH-2.0-gateway\r\nInvalid identification.\r\n")

    def _tunnel(self, client):
        host, port = _address(_read_head(client).split(" ")[1])
        if host == "sandbox.example":
            host, port = "127.0.0.1", self.ports["tls"]
        target = host, port
        server = _connect(target)
        client.sendall(("HTTP/1.1 200 Connected\r\n%s\r\n" % _HEADERS).encode())
        _join(client, server)

    def _secure(self, client):
        with self._context.wrap_socket(client, server_side=True) as wrapped:
            self._tunnel(wrapped)

    @staticmethod
    def _drops(client):
        _read_head(client)

    @staticmethod
    def _hollow(client):
        _read_head(client)
        client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")

    @staticmethod
    def _refuse(client, status):
        _read_head(client)
        client.sendall(("HTTP/1.1 %d No\r\n%sContent-Length: 3\r\n\r\nNo\n"
                        % (status, _HEADERS)).encode())
        client.recv(1)

    @staticmethod
    def _socks(client):
        client.recv(1 << 16)
        client.sendall(b"\x05\xff")
        client.recv(1)

    @staticmethod
    def _socks_down(client):
        client.recv(1 << 16)
        client.sendall(b"\x05\x00")
        client.recv(1 << 16)
        client.sendall(b"\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00")
        client.recv(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--target", "--cert", "--key"):
        parser.add_argument(name, required=True)
    print(json.dumps(Gateway(parser.parse_args()).ports), flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
