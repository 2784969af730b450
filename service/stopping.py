"""How a worker ends: after a drain, with all that has reached it answered, or at once."""

import logging
import os
import select
import socket
import threading
import time
from abc import ABC, abstractmethod
from types import FrameType
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from service.app import Predictor
from service.cell import Cell
from service.sealing import seal
from service.settings import LAST_LINES_SECONDS
from service.telemetry import bounded

HANDSHAKE_SECONDS = 0.05
"""How long a connection that has begun may take to be made when no other can begin any more."""


class StoppableWorker(ThreadWorker, ABC):  # type: ignore[misc]
    """SIGTERM makes it unready first and stops it ``drain_seconds`` later."""

    ending: Cell
    """Not empty once the whole server ends; set before the process is forked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._draining = False
        self._quitting = False
        self._last = False
        """Whether nobody takes connections when this worker has ended: all end, and at the same time."""

    @property
    def predictor(self) -> Predictor:
        predictor: Predictor = self.wsgi.extensions["predictor"]
        return predictor

    @abstractmethod
    def accept_one(self, listener: socket.socket) -> None:
        """Take a connection, which then counts in ``nr_conns``; nothing happens if there is none."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM: become unready, keep serving for ``drain_seconds``, then finish."""
        if not getattr(self, "wsgi", None):  # SIGTERM came before the application was built
            super().handle_exit(sig, frame)
            return
        if self._draining:  # a second one, as when a whole process group is signalled
            return
        self._draining = True
        lifecycle = self.predictor.lifecycle
        waiting = lifecycle.ready
        lifecycle.drain()
        self.max_keepalived = 0  # from now on every answer closes its connection, so that clients move on
        if not waiting:
            super().handle_exit(sig, frame)
            return
        self._last = bool(self.ending.read())
        timer = threading.Timer(self.predictor.settings.drain_seconds, super().handle_exit, (sig, frame))
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
            self.predictor.record()
        bounded.run(logging.shutdown, LAST_LINES_SECONDS, "last lines")
        os._exit(0)

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                if listener.sock is not None:  # else closed by an earlier call
                    self._take_last(listener)
            soon = time.monotonic() + STOP_KEEPALIVE_LINGER
            for conn in self.pending_conns:
                conn.timeout = min(conn.timeout, soon)

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in list(self.keepalived_conns):  # a copy, as threads may add to it
            conn.timeout = min(conn.timeout, deadline)

    def _take_last(self, listener: socket.socket) -> None:
        """Serve the connections the kernel has already accepted for us; closing would reset them."""
        listener.setblocking(False)
        patience = HANDSHAKE_SECONDS if self._last and seal(listener) else 0.0
        before = -1
        while before != self.nr_conns and select.select([listener], [], [], patience)[0]:
            before = self.nr_conns
            self.accept_one(listener)
        listener.close()
