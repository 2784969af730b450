"""Where requests go."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from urllib.parse import urlsplit

from k8s.rollout_check.connection import Connection

PATH = "/predict"


@dataclass(frozen=True)
class Target:
    """A server by its URL; ``host`` is what the requests call it, perhaps not the URL's own name."""

    url: str
    secure: bool
    name: str
    port: int
    path: str
    host: str

    @classmethod
    def parse(cls, url: str, host: str | None = None) -> Self:
        """Of ``http://localhost:30080``, say; a path in it takes the place of /predict. Raises ``ValueError``."""
        found = urlsplit(url)
        if found.scheme not in ("http", "https") or not found.hostname:
            raise ValueError(f"{url!r} is no http:// or https:// URL")
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
        """Every IP address of the name. Raises ``OSError``.

        It is looked up once, so that no request waits for a name server.
        """
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
