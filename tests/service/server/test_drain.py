import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from service.lifecycle import Lifecycle, State
from service.server.drain import drain_on_sigterm
from service.settings import Settings


class Timers:
    """Replaces ``threading.Timer``; a timer runs when a test says so."""

    def __init__(self) -> None:
        self._started: list[Callable[[], object]] = []
        self.seconds: list[float] = []

    def __call__(self, seconds: float, function: Callable[..., object], arguments: Any) -> "Timers":
        self.seconds.append(seconds)
        self._started.append(lambda: function(*arguments))
        return self

    def start(self) -> None:
        """A timer starts."""

    def run_next(self) -> None:
        self._started.pop(0)()


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    timers = Timers()
    monkeypatch.setattr(threading, "Timer", timers)
    return timers


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What happened, in order; SIGTERM had a handler before."""
    events: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: events.append("previous handler"))
    monkeypatch.setattr(os, "kill", lambda pid, number: events.append(f"{signal.Signals(number).name} to {pid}"))
    yield events
    signal.signal(signal.SIGTERM, before)


def install(lifecycle: Lifecycle, events: list[str]) -> None:
    drain_on_sigterm(
        lifecycle,
        Settings(drain_seconds=5.0, grace_seconds=20.0),
        on_drain=lambda: events.append("drain"),
        on_stop=lambda: events.append("stop"),
    )


def ready() -> Lifecycle:
    lifecycle = Lifecycle()
    for name in ("weights", "warm_up", "golden_images"):
        lifecycle.passed(name, "fine")
    lifecycle.serve()
    return lifecycle


def test_a_ready_server_serves_for_a_while_before_it_stops(events: list[str], timers: Timers) -> None:
    lifecycle = ready()
    install(lifecycle, events)
    signal.raise_signal(signal.SIGTERM)
    assert lifecycle.state is State.DRAINING
    assert (events, timers.seconds) == (["drain"], [5.0])
    timers.run_next()
    assert events == ["drain", "stop", "previous handler"]


def test_a_server_that_does_not_end_in_time_gets_sigquit(events: list[str], timers: Timers) -> None:
    install(ready(), events)
    signal.raise_signal(signal.SIGTERM)
    timers.run_next()
    assert timers.seconds == [5.0, 20.0]
    timers.run_next()
    assert events[-1] == f"SIGQUIT to {os.getpid()}"


def test_a_server_that_is_not_ready_stops_immediately(events: list[str], timers: Timers) -> None:
    install(Lifecycle(), events)
    signal.raise_signal(signal.SIGTERM)
    assert events == ["drain", "stop", "previous handler"]
    assert timers.seconds == [20.0]


@pytest.mark.parametrize("lifecycle", [ready(), Lifecycle()], ids=["ready", "loading"])
def test_further_signals_are_ignored(events: list[str], timers: Timers, lifecycle: Lifecycle) -> None:
    install(lifecycle, events)
    signal.raise_signal(signal.SIGTERM)
    after_the_first = events.copy(), timers.seconds.copy()
    signal.raise_signal(signal.SIGTERM)
    assert (events, timers.seconds) == after_the_first
