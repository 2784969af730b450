"""The server, and the requests that are sent to it."""

import asyncio
import socket
import ssl
import uuid
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from k8s.rollout_check.connection import Connection

PATH = "/predict"


@dataclass(frozen=True)
class Target:
    """A server, by its URL; ``host`` is the Host header, which may differ from the URL."""

    url: str
    secure: bool
    name: str
    port: int
    path: str
    host: str

    @classmethod
    def parse(cls, url: str, host: str | None = None) -> Self:
        """Parse a URL such as ``http://localhost:30080``; a path in it replaces /predict. Raises ``ValueError``."""
        found = urlsplit(url)
        if found.scheme not in ("http", "https") or not found.hostname:
            raise ValueError(f"{url!r} is not an http:// or https:// URL")
        port = found.port or (443 if found.scheme == "https" else 80)
        path = found.path if found.path.strip("/") else PATH
        query = f"?{found.query}" if found.query else ""
        name = found.netloc.rpartition("@")[2]
        return cls(
            url=f"{found.scheme}://{name}{path}{query}",
            secure=found.scheme == "https",
            name=found.hostname,
            port=port,
            path=path + query,
            host=host or name,
        )

    async def addresses(self) -> list[str]:
        """All IP addresses of the host, resolved once so that no request waits for DNS. Raises ``OSError``."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self.name, self.port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(each[4][0]) for each in found))

    async def connect(self, address: str) -> Connection:
        """A new connection. Raises ``OSError``."""
        called = self.host.rpartition(":")[0] or self.host if self.secure else None
        streams = await asyncio.open_connection(address, self.port, ssl=self.tls, server_hostname=called)
        return Connection(*streams)

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        return ssl.create_default_context() if self.secure else None


DEFAULT = Path(__file__).resolve().parents[2] / "test_image.png"


@dataclass(frozen=True)
class Image:
    """An image; the report identifies it by its name."""

    name: str
    data: bytes

    @classmethod
    def read(cls, path: Path) -> "Image":
        """Raises ``OSError``."""
        return cls(path.name, path.read_bytes())

    def request(self, target: Target, keep: bool) -> bytes:
        """The bytes of the request: a form with the part ``file``, as ``curl -F file=@`` sends it."""
        boundary = uuid.uuid4().hex
        form = b"".join([
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="image"\r\n'.encode(),
            b"Content-Type: application/octet-stream\r\n\r\n",
            self.data,
            f"\r\n--{boundary}--\r\n".encode(),
        ])  # fmt: skip
        lines = [
            f"POST {target.path} HTTP/1.1",
            f"Host: {target.host}",
            "User-Agent: rollout-check",
            "Accept: application/json",
            f"Connection: {'keep-alive' if keep else 'close'}",
            f"Content-Type: multipart/form-data; boundary={boundary}",
            f"Content-Length: {len(form)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + form
