"""The ops port while the API is loaded: how long the kubelet and Prometheus would wait."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

EVERY_SECONDS = {"/readyz": 0.1, "/metrics": 0.5}
TIMEOUT_SECONDS = 5.0


class Watch:
    """Seconds that each answer took, by path; a failure counts as :data:`TIMEOUT_SECONDS`."""

    def __init__(self, port: int) -> None:
        self.seconds: dict[str, list[float]] = {path: [] for path in EVERY_SECONDS}
        self._port = port
        self._over = threading.Event()

    def ask(self, path: str) -> None:
        while not self._over.wait(EVERY_SECONDS[path]):
            began = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                took = time.monotonic() - began if answer.status == http.HTTPStatus.OK else TIMEOUT_SECONDS
            except (OSError, http.client.HTTPException):
                took = TIMEOUT_SECONDS
            finally:
                connection.close()
            self.seconds[path].append(took)

    def stop(self) -> None:
        self._over.set()


@contextmanager
def watching(ops_port: int) -> Iterator[Watch]:
    """Ask again and again for the time of the block."""
    watch = Watch(ops_port)
    threads = [threading.Thread(target=watch.ask, args=[path]) for path in EVERY_SECONDS]
    for thread in threads:
        thread.start()
    try:
        yield watch
    finally:
        watch.stop()
        for thread in threads:
            thread.join()
