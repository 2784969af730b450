"""A real nginx in place of the Service and the Ingress controller."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.e2e.server import eventually, free_ports

CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream pods {{
        {servers}
        keepalive 8;
    }}
    server {{
        listen 127.0.0.1:{port};
        location = /version {{ return 200 "{version}"; }}
        location / {{
            proxy_pass http://pods;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_next_upstream off;  # a retry would hide a lost request
        }}
    }}
}}
"""


class Nginx:
    """Listens on ``port`` of 127.0.0.1 and forwards to the configured ports; initially none."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.port, _ = free_ports()
        self._folder = folder
        self._version = 0
        self._write([])
        file = self._folder / "nginx.conf"
        self._process = subprocess.Popen([binary, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(file)])
        eventually(self._is_in_effect, what="nginx's start")

    def route(self, ports: Sequence[int]) -> None:
        """Forward new requests to these ports only; requests in progress are finished."""
        self._write(ports)
        self._process.send_signal(signal.SIGHUP)
        eventually(self._is_in_effect, what="nginx's new configuration")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _write(self, ports: Sequence[int]) -> None:
        self._version += 1
        # nginx needs at least one server; without an endpoint it answers 502.
        names = [f"server 127.0.0.1:{port} max_fails=0;" for port in ports] or ["server 127.0.0.1:9 down;"]
        servers = "\n        ".join(names)
        text = CONFIGURATION.format(folder=self._folder, servers=servers, port=self.port, version=self._version)
        partial = self._folder / "nginx.conf.partial"
        partial.write_text(text)
        os.replace(partial, self._folder / "nginx.conf")

    def _is_in_effect(self) -> bool:
        try:
            found = requests.get(f"http://127.0.0.1:{self.port}/version", timeout=5).text
        except requests.ConnectionError:
            return False
        return found == str(self._version) and self._accepting() == 1

    def _accepting(self) -> int:
        """Number of workers that accept connections; after a reload an old one may briefly do so too."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(b"shutting down" not in _title(child) for child in children)


def _title(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:  # it has exited
        return b"shutting down"


@contextmanager
def running(binary: str, folder: Path) -> Iterator[Nginx]:
    """nginx with its files in ``folder``, which is created; stopped when the block ends."""
    folder.mkdir()
    nginx = Nginx(binary, folder)
    try:
        yield nginx
    finally:
        nginx.stop()
