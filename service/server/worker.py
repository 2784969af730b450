"""gunicorn's threaded worker, adapted to slow clients, malformed requests and orderly shutdown.

This is the only module that uses names which gunicorn does not document. tests/service/server/test_gunicorn_contract.py
lists each of them and fails if a release of gunicorn changes it.
"""

import select
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.workers.gthread import _DEFER, ThreadWorker

from service.app import Predictor
from service.errors import HeaderTooLarge, MalformedRequest, ServiceError, UriTooLong
from service.multiprocess.worker_slot import WorkerSlot
from service.server import cpu_pinning, malformed_request, ops_server
from service.server.drain import drain_on_sigterm
from service.settings import Settings
from service.telemetry.middleware import ARRIVED, TAKEN
from service.telemetry.stages import Stages

CLOSE_SECONDS = 2.0
"""How long a client may take to close a connection after the last answer. Closing it at once could reset the
connection, and the client would lose the answer."""

IDLE_SECONDS = 2.0
"""How long a connection that has sent nothing may stay open when the worker has stopped accepting."""

NOTIFY_SECONDS = 0.5


class RequestThreads(ThreadPoolExecutor):
    """The thread pool. It knows when each request arrived and when a thread took it, and ends slow requests.

    A connection that has sent nothing does not get a thread: it is returned to gunicorn's poller.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.threads, "request")
        self._read_seconds = settings.body_timeout_seconds
        # A client may take as long to receive the answer as to send the request.
        self._total_seconds = 2 * settings.body_timeout_seconds + settings.deadline_seconds
        self._has_sent: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
        self._running: dict[Any, float] = {}
        self._local = threading.local()
        self.stopped_at: float | None = None
        """When the worker stopped accepting (monotonic)."""

    def stop(self) -> None:
        """The worker stops accepting: every connection gets a thread, and silent ones are ended soon."""
        self.stopped_at = time.monotonic()

    def submit(self, handle: Callable[..., Any], /, *connections: Any) -> "Future[Any]":  # type: ignore[override]
        [connection] = connections
        is_new = connection not in self._has_sent
        self._has_sent[connection] = not is_new
        if is_new and self.stopped_at is None:
            deferred: Future[Any] = Future()
            deferred.set_result(_DEFER)
            return deferred
        return super().submit(self._handle, handle, connection, time.monotonic())

    def stages(self) -> Stages:
        """The stages of the current thread's request so far."""
        return Stages(self._local.arrived, self._local.taken)

    def timed(self, wsgi_app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        """WSGI middleware that adds these times to the environ."""

        def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            environ[ARRIVED], environ[TAKEN] = self._local.arrived, self._local.taken
            return wsgi_app(environ, start_response)

        return application

    def end_slow(self) -> None:
        """End what takes too long: receiving a request, sending an answer, and sending nothing to a stopping server."""
        now = time.monotonic()
        for connection, taken in list(self._running.items()):
            if now - taken > self._total_seconds:
                _shut_down(connection, socket.SHUT_RDWR)
            elif now - taken > self._read_seconds:
                _shut_down(connection, socket.SHUT_RD)
        if self.stopped_at is not None and now - self.stopped_at > IDLE_SECONDS:
            for connection in [connection for connection, has_sent in self._has_sent.items() if not has_sent]:
                _shut_down(connection, socket.SHUT_RD)

    def _handle(self, handle: Callable[[Any], Any], connection: Any, arrived: float) -> Any:
        taken = time.monotonic()
        self._local.arrived, self._local.taken = arrived, taken
        self._running[connection] = taken
        try:
            kept = handle(connection)
        finally:
            del self._running[connection]
        if not kept:
            _await_close(connection.sock)
        return kept


class Worker(ThreadWorker):  # type: ignore[misc]
    """One process with many threads. The hooks in gunicorn.conf.py set the attributes before the fork."""

    settings: Settings
    slots: list[WorkerSlot]
    slot: WorkerSlot
    ops_listener: socket.socket
    predictor: Predictor | None = None

    def get_thread_pool(self) -> RequestThreads:
        self._threads = RequestThreads(self.settings)
        self._notified = 0.0
        self._loaded = False
        return self._threads

    def start(self) -> None:
        """Start the application, the operations server and the handler of SIGTERM; wait until the model is loaded.

        Until then, connections wait in the listening socket's backlog, or another worker accepts them.
        """
        app = self.wsgi
        app.wsgi_app = self._threads.timed(app.wsgi_app)
        predictor: Predictor = app.extensions["predictor"]
        self.predictor = predictor
        cpu_pinning.pin(self.slot.cpu)
        predictor.join(self.slots, self.slot)
        drain_on_sigterm(
            predictor.lifecycle,
            drain_seconds=self.settings.drain_seconds,
            grace_seconds=self.settings.grace_seconds,
            on_drain=self._stop_keeping_connections,
            on_stop=self._threads.stop,
        )
        loading = predictor.start()
        ops_server.serve(predictor.peer, self.slot.listener)
        ops_server.serve(predictor.ops, self.ops_listener)
        while loading.is_alive() and self._threads.stopped_at is None:
            self.notify()
            loading.join(NOTIFY_SECONDS)
        self._loaded = not loading.is_alive()

    def _stop_keeping_connections(self) -> None:
        self.max_keepalived = 0  # every answer closes its connection, so that clients connect to another replica

    def set_accept_enabled(self, enabled: bool) -> None:
        """When the worker stops, accept the connections in the backlog: closing the socket would reset them."""
        super().set_accept_enabled(enabled)
        if self._threads.stopped_at is not None and not enabled:
            for listener in self.sockets:
                while self._loaded and select.select([listener], [], [], 0)[0]:
                    self.accept(listener)
                listener.close()

    def notify(self) -> None:
        """Called in every turn of the main loop; gunicorn's own writes to a file each time."""
        if (now := time.monotonic()) >= self._notified + NOTIFY_SECONDS:
            self._notified = now
            self._threads.end_slow()
            super().notify()

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer a request that cannot be parsed; other errors are gunicorn's to answer."""
        if req is not None or self.predictor is None:
            super().handle_error(req, client, addr, exc)
            return
        host = addr[0] if addr else None
        malformed_request.refuse(client, host, _service_error(exc), self._threads.stages(), self.predictor.recorder)


def _service_error(error: Exception) -> ServiceError:
    if isinstance(error, LimitRequestLine):
        return UriTooLong(f"{error}.")
    if isinstance(error, LimitRequestHeaders):
        return HeaderTooLarge(f"Too many or too long headers: {error}.")
    return MalformedRequest(f"{error}.")


def _shut_down(connection: Any, how: int) -> None:
    with suppress(OSError):  # it is closed already
        connection.sock.shutdown(how)


def _await_close(sock: socket.socket) -> None:
    """Wait for the client to close, on this thread, so that gunicorn does not wait on the main thread."""
    end = time.monotonic() + CLOSE_SECONDS
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        while (remaining := end - time.monotonic()) > 0:
            sock.settimeout(remaining)
            if not sock.recv(1 << 16):
                return
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RD)  # a later recv() returns at once
