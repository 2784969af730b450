"""The end of a worker: it becomes unready, serves on for a while, stops accepting, and finishes within a time."""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

from service.lifecycle import Lifecycle
from service.settings import Settings


def drain_on_sigterm(
    lifecycle: Lifecycle, settings: Settings, on_drain: Callable[[], object], on_stop: Callable[[], object]
) -> None:
    """Replace the handler of SIGTERM; call it in the main thread.

    SIGTERM makes the server unready and calls ``on_drain``. After ``drain_seconds``, ``on_stop`` and the previous
    handler are called. After ``grace_seconds`` more, SIGQUIT ends the process.
    """
    previous = signal.getsignal(signal.SIGTERM)
    assert callable(previous)

    def stop(number: int, frame: FrameType | None) -> None:
        on_stop()
        previous(number, frame)
        _later(settings.grace_seconds, os.kill, os.getpid(), signal.SIGQUIT)

    def handle(number: int, frame: FrameType | None) -> None:
        if not lifecycle.checks()["not_draining"].passed:  # a second signal, as when a process group is signalled
            return
        serving = lifecycle.ready
        lifecycle.drain()
        on_drain()
        if serving:
            _later(settings.drain_seconds, stop, number, frame)
        else:
            stop(number, frame)

    signal.signal(signal.SIGTERM, handle)


def _later(seconds: float, function: Callable[..., object], *arguments: object) -> None:
    timer = threading.Timer(seconds, function, arguments)
    timer.daemon = True
    timer.start()
