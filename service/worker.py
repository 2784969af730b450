"""gunicorn's threaded worker, with what it lacks for many clients, and for more than it can answer."""

import math
import selectors
import socket
import time
from collections import deque
from contextlib import suppress
from functools import cached_property, partial
from typing import Any

from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn

from service import unparsed
from service.connection import Connection
from service.lingering import Lingering
from service.stopping import StoppableWorker
from service.threads import Threads
from service.turns import Turns
from service.turnstile import Turnstile, Verdict

FEW_CONNECTIONS = 16
"""With no more, a thread that has answered waits for the next request on the same connection."""

SOON_SECONDS = 0.002
"""For so long."""

NOTIFY_SECONDS = 0.5

MOST_ACCEPTED = 512
"""Connections in one turn of the main thread."""


class Worker(StoppableWorker):
    """One process, many threads; none of them is held for long by a client that asks for nothing."""

    turns: Turns
    cpu: int | None
    """That it stays on. Both are set before the process is forked."""

    @cached_property
    def _turnstile(self) -> Turnstile:
        ours = self.predictor
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
        self._notified = -math.inf

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
            self.accept_one(listener)
            if self.nr_conns == before or self.nr_conns >= self.worker_connections:
                return
            self.turns.tell(self.nr_conns)

    def accept_one(self, listener: socket.socket) -> None:
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
        conn.timeout = time.monotonic() + self.predictor.settings.body_timeout_seconds
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
        """In a thread. A connection that is kept leaves the main thread alone until more comes."""
        kept = False
        try:
            kept = self._answer(conn)
        finally:
            if not (kept and self.alive and self._keep(conn)):
                self.method_queue.defer(self._finish, conn, kept)

    def _answer(self, conn: TConn) -> bool:
        """Handle what has come, and what comes soon after; whether the connection is kept."""
        while self.handle(conn):
            if not self._more_comes(conn):
                return True
        return False

    def _more_comes(self, conn: TConn) -> bool:
        """Whether the next request comes so soon that the main thread and another one need not be woken for it.

        It does where few clients ask in turn. Where there are many, the main thread finds several at once.
        """
        if self.nr_conns > FEW_CONNECTIONS or not self.alive or _has_read_ahead(conn):
            return False
        if self.predictor.batcher.room < 1:  # whether it is refused, the main thread finds with less effort
            return False
        if not conn.sock.readable_within(SOON_SECONDS):
            return False
        conn.sock.arrived = time.monotonic()
        return True

    def _finish(self, conn: TConn, kept: bool) -> None:
        """In the main thread. gunicorn would wait here for the client to close first."""
        if not kept:
            self._lingering.begin(conn)
        elif not self._keep(conn):
            conn.sock.arrived = time.monotonic()
            self._begin(conn)

    def _keep(self, conn: TConn) -> bool:
        """Wait for the next request, unless it has been read already, behind the one before."""
        if _has_read_ahead(conn):
            return False
        with suppress(ValueError):  # the poller is closed: the worker ends
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))
        # From now on the main thread may close it, to make room for another.
        conn.set_timeout()
        self.keepalived_conns.append(conn)
        if not self.alive:  # perhaps since a moment ago
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
        if not self._accepting:
            self.wake()
        return True

    def handle(self, conn: TConn) -> Any:
        conn.sock.taken = time.monotonic()
        conn.sock.deadline = conn.sock.taken + self.predictor.settings.body_timeout_seconds
        try:
            return super().handle(conn)
        finally:
            self._coming.discard(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        conn.sock.close_after_answer = req.force_close
        with conn.sock.in_one_piece():
            return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what the application has not: mostly what is no HTTP, before there was a request."""
        unparsed.refuse(client, addr[0] if addr else None, exc, self.predictor.recorder)

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

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled and not self._leaves_it_to_others())

    def _leaves_it_to_others(self) -> bool:
        """Whether a connection shall wait for another worker: for now, or because this one could not answer it yet."""
        return self.turns.remaining > 0 or (self.predictor.lifecycle.starting and self.turns.others)

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


def _is_read(body: Any) -> bool:
    """Whether nothing is left of a body of known length."""
    return getattr(body.reader, "length", None) == 0 and not body.buf.tell()


def _has_read_ahead(conn: TConn) -> bool:
    """Whether some of the next request has been read with the one before, so that the socket does not tell of it."""
    return bool(conn.parser.unreader.buf.getvalue())
