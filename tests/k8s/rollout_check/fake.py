"""A fake server with scripted responses."""

import itertools
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class HangUp(Exception):
    """Close the connection instead of responding, optionally with a reset."""

    def __init__(self, reset: bool = False) -> None:
        self.reset = reset


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def prediction(label: str = "bird", version: str = "1.0.0", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(body={"predict": label, "model": {"name": "fake", "version": version}}, headers=named)


def problem(status: int, code: str, detail: str) -> Reply:
    return Reply(status, {"status": status, "code": code, "detail": detail})


@dataclass(frozen=True)
class Request:
    """``number`` counts all requests from 0, ``on_connection`` those of its connection."""

    number: int
    on_connection: int
    path: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[[Request], Reply]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is none of its business."""


@dataclass
class Fake:
    port: int
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Fake]:
    """A fake server on a port of 127.0.0.1. The tool's first request is its check before the load."""
    numbers = itertools.count()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        seen = 0

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = Request(next(numbers), self.seen, self.path, dict(self.headers), body)
            self.seen += 1
            fake.requests.append(request)
            try:
                self._answer(behaviour(request))
            except HangUp as how:
                if how.reset:
                    self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.rfile.close()
                    self.connection.close()
                self.close_connection = True

        def _answer(self, reply: Reply) -> None:
            data = json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with _Server(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        fake = Fake(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
