"""gunicorn's threaded worker, adapted to slow clients, malformed requests and orderly shutdown.

This is the only module that uses names which gunicorn does not document. tests/service/server/test_gunicorn_contract.py
lists each of them and fails if a release of gunicorn changes it.
"""

import logging
import os
import select
import socket
import sys
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
from service.server.connections import await_close, shut_down
from service.server.drain import drain_on_sigterm
from service.settings import Settings
from service.telemetry.middleware import ARRIVED, TAKEN
from service.telemetry.stages import Stages

log = logging.getLogger("cifar10")

IDLE_SECONDS = 2.0
"""How long a connection that has sent nothing may stay open when the worker has stopped accepting."""

MAX_BACKLOG = 2048
"""Connections that a stopping worker accepts: gunicorn's default backlog."""

NOTIFY_SECONDS = 0.5
"""Minimum time between two calls of gunicorn's ``notify``; slow requests are looked for as often."""

ERRORS: dict[type, type[ServiceError]] = {LimitRequestLine: UriTooLong, LimitRequestHeaders: HeaderTooLarge}
"""The error for each of gunicorn's; :class:`MalformedRequest` for others."""


class Deferral(Future[Any]):
    """A completed future whose result is decided when it is read."""

    def __init__(self, decide: Callable[[], Any]) -> None:
        super().__init__()
        self.set_result(None)
        self._decide = decide

    def result(self, timeout: float | None = None) -> Any:
        return self._decide()


class RequestThreads(ThreadPoolExecutor):
    """The thread pool. It knows when each request arrived and when a thread took it, and ends slow requests."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.threads, "request")
        self._read_seconds = settings.body_timeout_seconds
        self._total_seconds = 2 * settings.body_timeout_seconds + settings.deadline_seconds
        self._has_sent: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
        self._running: dict[Any, float] = {}
        self.current = threading.local()
        """When the current thread's request ``arrived`` and was ``taken`` by the thread (monotonic)."""
        self.stopped_at: float | None = None
        """When the worker stopped accepting (monotonic)."""

    def stop(self) -> None:
        """The worker stops accepting: every connection gets a thread, and silent ones are ended soon."""
        self.stopped_at = time.monotonic()

    def submit(self, handle: Callable[..., Any], /, *connections: Any, **_: Any) -> "Future[Any]":
        """Handle a connection on a thread. One that has sent nothing is deferred: it waits in the poller."""
        [connection] = connections
        if connection not in self._has_sent and self.stopped_at is None:
            self._has_sent[connection] = False
            return Deferral(lambda: self._deferred(handle, connection))
        self._has_sent[connection] = True
        return super().submit(self._handle, handle, connection, time.monotonic())

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing, because a signal handler calls it, perhaps during ``submit``; the threads end with the process."""

    def timed(self, wsgi_app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        """WSGI middleware that adds these times to the environ."""

        def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            environ[ARRIVED], environ[TAKEN] = self.current.arrived, self.current.taken
            return wsgi_app(environ, start_response)

        return application

    def end_slow(self) -> None:
        """End what takes too long: receiving a request, sending an answer, and sending nothing to a stopping server."""
        now = time.monotonic()
        for connection, taken in self._running.copy().items():
            if now - taken > self._total_seconds:
                shut_down(connection.sock, socket.SHUT_RDWR)
            elif now - taken > self._read_seconds:
                shut_down(connection.sock, socket.SHUT_RD)
        if self.stopped_at is not None and now - self.stopped_at > IDLE_SECONDS:
            for connection in [connection for connection, has_sent in self._has_sent.items() if not has_sent]:
                shut_down(connection.sock, socket.SHUT_RD)

    def _deferred(self, handle: Callable[[Any], Any], connection: Any) -> Any:
        if self.stopped_at is None:
            return _DEFER
        self._has_sent[connection] = True
        return self._handle(handle, connection, time.monotonic())  # the poller takes no more connections

    def _handle(self, handle: Callable[[Any], Any], connection: Any, arrived: float) -> Any:
        taken = time.monotonic()
        self.current.arrived, self.current.taken = arrived, taken
        self._running[connection] = taken
        try:
            kept = handle(connection)
        finally:
            del self._running[connection]
        if not kept:
            await_close(connection.sock)  # gunicorn would wait for it on the main thread
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
        self._parent = os.getppid()
        self._notified, self._loaded = 0.0, False
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
        drain_on_sigterm(predictor.lifecycle, self.settings, self._stop_keeping_connections, self._threads.stop)
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
            sys.setswitchinterval(1e-5)  # no connection may arrive between the last accept() and close()
            for listener in self.sockets:
                with suppress(OSError):  # too many open files
                    for _ in range(MAX_BACKLOG if self._loaded else 0):
                        if not select.select([listener], [], [], 0)[0]:
                            break
                        self.accept(listener)
                listener.close()

    def notify(self) -> None:
        """Called in every turn of the main loop, for the arbiter; also ends slow requests, and orphaned workers."""
        if (now := time.monotonic()) < self._notified + NOTIFY_SECONDS:
            return
        self._notified = now
        self._threads.end_slow()
        if os.getppid() != self._parent and self.predictor and self._threads.stopped_at is None:
            self.predictor.lifecycle.drain()
            self._threads.stop()
        super().notify()

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer a request that cannot be parsed. A request that was parsed is answered by the application."""
        if req is not None or self.predictor is None:
            log.warning("the connection of %s is closed: %s", addr, exc)
            return
        kind = ERRORS.get(type(exc), MalformedRequest)
        stages = Stages(self._threads.current.arrived, self._threads.current.taken)
        malformed_request.refuse(client, addr[0] if addr else None, kind(f"{exc}."), stages, self.predictor.recorder)
