"""gunicorn's threaded worker, with what it lacks: a drain delay, and threads that no idle client can hold."""

import logging
import math
import os
import select
import selectors
import socket
import threading
import time
from collections import deque
from functools import cached_property, partial
from types import FrameType
from typing import Any

from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from service import unparsed
from service.app import Predictor
from service.cell import Cell
from service.connection import Connection
from service.lingering import Lingering
from service.sealing import seal
from service.settings import LAST_LINES_SECONDS
from service.telemetry import bounded
from service.threads import Threads
from service.turns import Turns
from service.turnstile import Turnstile, Verdict

HANDSHAKE_SECONDS = 0.05
"""How long a connection that has begun may take to be made when no other can begin any more."""

NOTIFY_SECONDS = 0.5

MOST_ACCEPTED = 512
"""Connections in one turn of the main thread."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """One process, many threads; SIGTERM makes it unready first and stops it ``drain_seconds`` later."""

    turns: Turns
    ending: Cell
    """Not empty once the whole server ends."""
    cpu: int | None
    """That it stays on. All three are set before the process is forked."""

    @property
    def _predictor(self) -> Predictor:
        predictor: Predictor = self.wsgi.extensions["predictor"]
        return predictor

    @cached_property
    def _turnstile(self) -> Turnstile:
        ours = self._predictor
        settings = ours.settings
        return Turnstile(
            ours.batcher,
            ours.lifecycle,
            ours.tracing,
            ours.recorder,
            most=settings.queue_capacity,
            trust_request_start=settings.trust_request_start,
        )

    @cached_property
    def _lingering(self) -> Lingering:
        return Lingering(self.poller, self._close)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._coming: set[TConn] = set()
        self._draining = False
        self._quitting = False
        self._notified = -math.inf
        self._last = False
        """Whether nobody takes connections when this worker has ended: all end, and at the same time."""

    def get_thread_pool(self) -> Threads:
        return Threads(self.cfg.threads)

    def accept(self, listener: socket.socket) -> None:
        """Take what has connected, :data:`MOST_ACCEPTED` at a time; a connection gets a thread when it sends something.

        Few a turn would keep clients waiting for seconds where a turn is long, as it is while hundreds are refused.
        """
        for _ in range(MOST_ACCEPTED):
            before = self.nr_conns
            if self.turns.leaves(before):
                self.set_accept_enabled(False)
                return
            self._accept_one(listener)
            if self.nr_conns == before or self.nr_conns >= self.worker_connections:
                return
            self.turns.tell(self.nr_conns)

    def _accept_one(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:  # no file descriptor or memory left for it: some will be given back
            self.log.warning("cannot accept a connection: %s", error.strerror)
            self._close_oldest()
            return
        connection = Connection(client.family, client.type, client.proto, client.detach())
        self.nr_conns += 1
        conn = TConn(self.cfg, connection, address, listener.getsockname())
        conn.timeout = time.monotonic() + self._predictor.settings.body_timeout_seconds
        self.pending_conns.append(conn)
        self.poller.register(connection, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        conn.data_ready = True  # though perhaps not on the socket any more, once it has been looked at
        self._readable(conn, self.pending_conns)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        self._readable(conn, self.keepalived_conns)

    def _readable(self, conn: TConn, among: deque[TConn]) -> None:
        """Hand what has come to a thread, unless it is a request for a prediction that there is no room for.

        A connection that is kept stays registered, as refusals come in thousands.
        """
        try:
            among.remove(conn)
        except ValueError:  # closed in the same turn, to make room for another
            return
        conn.sock.arrived = time.monotonic()
        keeps = self.alive and len(self.keepalived_conns) < self.max_keepalived
        client = conn.client[0] if conn.client else None
        verdict = self._turnstile.look(conn.sock, client, len(self._coming), keeps)
        if verdict is Verdict.KEEP:
            self._keep_refused(conn, among)
            return
        self.poller.unregister(conn.sock)
        if verdict is Verdict.CLOSE:
            self._lingering.begin(conn)
            return
        if verdict is Verdict.COMING:
            self._coming.add(conn)
        self._begin(conn)

    def _keep_refused(self, conn: TConn, among: deque[TConn]) -> None:
        conn.set_timeout()
        self.keepalived_conns.append(conn)
        if among is self.pending_conns:
            self.poller.modify(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def _begin(self, conn: TConn) -> None:
        self.tpool.submit(self._serve, conn)

    def _serve(self, conn: TConn) -> None:
        """In a thread: handle what has come. What is kept leaves the main thread alone until more comes."""
        kept = False
        try:
            kept = self.handle(conn)
        finally:
            self._coming.discard(conn)
            if not (kept and self.alive and self._keep(conn)):
                self.method_queue.defer(self._finish, conn, kept)

    def _finish(self, conn: TConn, kept: bool) -> None:
        """In the main thread. gunicorn would wait here for the client to close first."""
        if not kept:
            self._lingering.begin(conn)
        elif not self._keep(conn):
            conn.sock.arrived = time.monotonic()
            self._begin(conn)

    def _keep(self, conn: TConn) -> bool:
        """Wait for the next request, unless it has been read already, behind the one before."""
        if conn.parser.unreader.buf.getvalue():
            return False
        conn.set_timeout()
        self.keepalived_conns.append(conn)
        if not self.alive:  # perhaps since a moment ago
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))
        return True

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in list(self.keepalived_conns):  # a copy, as threads may add to it
            conn.timeout = min(conn.timeout, deadline)

    def handle(self, conn: TConn) -> Any:
        conn.sock.taken = time.monotonic()
        conn.sock.deadline = conn.sock.taken + self._predictor.settings.body_timeout_seconds
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        conn.sock.close_after_answer = req.force_close
        with conn.sock.in_one_piece():
            return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what the application has not: mostly what is no HTTP, before there was a request."""
        unparsed.refuse(client, addr[0] if addr else None, exc, self._predictor.recorder)

    def _keepalive_after(self, conn: TConn, keepalive: Any) -> bool:
        if keepalive and _is_read(conn.parser.mesg.body):
            conn.parser.mesg = None  # else gunicorn makes sure of it twice more
            return True
        try:
            return bool(super()._keepalive_after(conn, keepalive))
        except ParseException:  # in the rest of a body; its request has been answered, so it needs no second answer
            return False

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def _close_oldest(self) -> None:
        """Make room: of the connections that ask for nothing, the one that has done so longest."""
        for conns in (self.pending_conns, self.keepalived_conns):
            if conns:
                conns[0].timeout = 0.0
                break
        super().murder_pending()
        self.murder_keepalived()

    def murder_pending(self) -> None:
        super().murder_pending()
        if self.nr_conns >= self.worker_connections:
            self._close_oldest()
        self._lingering.end_overdue()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM: become unready, keep serving for ``drain_seconds``, then finish."""
        if not getattr(self, "wsgi", None):  # SIGTERM came before the application was built
            super().handle_exit(sig, frame)
            return
        if self._draining:  # a second one, as when a whole process group is signalled
            return
        self._draining = True
        lifecycle = self._predictor.lifecycle
        waiting = lifecycle.ready
        lifecycle.drain()
        self.max_keepalived = 0  # from now on every answer closes its connection, so that clients move on
        if not waiting:
            super().handle_exit(sig, frame)
            return
        self._last = bool(self.ending.read())
        timer = threading.Timer(self._predictor.settings.drain_seconds, super().handle_exit, (sig, frame))
        timer.daemon = True
        timer.start()

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        """SIGINT or SIGQUIT: end at once. The interpreter's own exit would wait for the threads' slowest client.

        At a Ctrl-C both come, the second in the middle of this.
        """
        if self._quitting:
            return
        self._quitting = True
        self.cfg.worker_int(self)
        if getattr(self, "wsgi", None):
            self._predictor.record()
        bounded.run(logging.shutdown, LAST_LINES_SECONDS, "last lines")
        os._exit(0)

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled and not self._leaves_it_to_others())
        if not enabled and not self.alive:
            for listener in self.sockets:
                if listener.sock is not None:  # else closed by an earlier call
                    self._take_last(listener)
            soon = time.monotonic() + STOP_KEEPALIVE_LINGER
            for conn in self.pending_conns:
                conn.timeout = min(conn.timeout, soon)

    def _leaves_it_to_others(self) -> bool:
        """Whether a connection shall wait for another worker: for now, or because this one could not answer it yet."""
        return self.turns.remaining > 0 or (self._predictor.lifecycle.starting and self.turns.others)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        remaining = self.turns.remaining
        self.turns.tell(self.nr_conns if self.alive and (self._accepting or remaining) else None)
        super().wait_for_and_dispatch_events(min(timeout, remaining or timeout))

    def notify(self) -> None:
        """Tell the arbiter that this worker lives, which it wants to know once in many seconds."""
        if (now := time.monotonic()) >= self._notified + NOTIFY_SECONDS:
            self._notified = now
            super().notify()

    def wake(self) -> None:
        """Have the main thread look again at what has changed; from any thread, and from a signal handler."""
        if self.alive:  # else the queue may be closed, and its file descriptor be something else
            self.method_queue.defer(lambda: None)

    def _take_last(self, listener: socket.socket) -> None:
        """Serve the connections the kernel has already accepted for us; closing would reset them."""
        listener.setblocking(False)
        patience = HANDSHAKE_SECONDS if self._last and seal(listener) else 0.0
        before = -1
        while before != self.nr_conns and select.select([listener], [], [], patience)[0]:
            before = self.nr_conns
            self._accept_one(listener)
        listener.close()


def _is_read(body: Any) -> bool:
    """Whether nothing is left of a body of known length."""
    return getattr(body.reader, "length", None) == 0 and not body.buf.tell()
