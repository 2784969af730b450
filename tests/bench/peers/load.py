"""Load from one process that waits for many connections at once: a closed loop, or an open one.

In a closed loop each client sends as soon as it has been answered. In an open one requests are due at a constant rate,
whatever becomes of those before, and latency counts from the moment that a request was due: a server that stalls is
charged for all that would have come meanwhile, which is what "without coordinated omission" means.

``python -m tests.bench.peers.load`` reads an :class:`Order` as JSON and writes a :class:`Result`.
"""

import base64
import json
import select
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from tests.bench.peers.channel import Broken, Channel

MOST = 512
"""Connections of an open loop; a request that finds none free is not sent, and counted."""

RETRY_SECONDS = 0.01


@dataclass(frozen=True)
class Order:
    """``clients`` for a closed loop, ``rate`` a second for an open one; times in seconds; the request in base64."""

    port: int
    request: str
    seconds: float
    patience: float
    clients: int = 0
    rate: float = 0.0


@dataclass
class Result:
    """Latencies in seconds, of answers with 200; ``within`` counts those that came before the time was up."""

    latencies: list[float] = field(default_factory=list)
    within: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)
    """How much later than due each request was begun: this process's fault."""
    processor_seconds: float = 0.0
    """Of this process."""
    ended: float = 0.0
    """When the time was up (monotonic, the same for all processes): nothing was sent after it."""


class Generator:
    """One run of an order."""

    def __init__(self, order: Order) -> None:
        request = base64.b64decode(order.request)
        self._order = order
        self._poll = select.epoll()
        self._watched: dict[int, Channel] = {}
        self._idle = deque(Channel(order.port, request) for _ in range(order.clients or MOST))
        self._start = time.monotonic()
        self._end = self._start + order.seconds
        self.result = Result()

    def run(self) -> Result:
        began = time.process_time()
        number = 0
        while (now := time.monotonic()) < self._end:
            wait = self._end - now
            if self._order.rate:
                while (due := self._start + number / self._order.rate) <= now:
                    self._begin(due)
                    number += 1
                wait = min(wait, max(0.0, due - time.monotonic()))
            else:
                for _ in range(len(self._idle)):
                    self._begin(time.monotonic())
                wait = RETRY_SECONDS if self._idle else wait  # those that could not even connect
            self._serve(wait)
        self.result.ended = time.monotonic()
        until = self._end + self._order.patience
        while self._watched and (now := time.monotonic()) < until:
            self._serve(until - now)
        self.result.errors["timeout"] += len(self._watched)
        self.result.errors += Counter()  # drops zeros
        for channel in [*self._watched.values(), *self._idle]:
            channel.close()
        self.result.processor_seconds = time.process_time() - began
        return self.result

    def _serve(self, wait: float) -> None:
        # epoll rounds its timeout up to milliseconds; select, of this one descriptor, does not.
        if not select.select([self._poll], [], [], wait)[0]:
            return
        for descriptor, _ in self._poll.poll(0):
            channel = self._watched[descriptor]
            try:
                if channel.sending:
                    channel.write()
                    self._poll.modify(descriptor, events(channel))
                    continue
                status = channel.read()
            except (OSError, Broken) as error:
                self._done(descriptor, channel, error)
            else:
                if status is not None:
                    self._done(descriptor, channel, status)

    def _begin(self, due: float) -> None:
        if not self._idle:
            self.result.errors["not sent: all connections busy"] += 1
            return
        # The one used last, so that not more connections are open than are needed.
        channel = self._idle.pop()
        channel.due = due
        self.result.late.append(time.monotonic() - due)
        try:
            descriptor = channel.begin()
        except OSError as error:
            self._failed(channel, error)
            return
        self._poll.register(descriptor, events(channel))
        self._watched[descriptor] = channel

    def _done(self, descriptor: int, channel: Channel, outcome: int | Exception) -> None:
        now = time.monotonic()
        del self._watched[descriptor]
        if channel.connected:
            self._poll.unregister(descriptor)
        if isinstance(outcome, Exception):
            self._failed(channel, outcome)
        else:
            self.result.statuses[str(outcome)] += 1
            if outcome == 200:
                self.result.latencies.append(now - channel.due)
                self.result.within += now <= self._end
            self._idle.append(channel)

    def _failed(self, channel: Channel, error: Exception) -> None:
        channel.close()
        self.result.errors[str(error) if isinstance(error, Broken) else type(error).__name__] += 1
        self._idle.append(channel)


def events(channel: Channel) -> int:
    return select.EPOLLIN | (select.EPOLLOUT if channel.sending else 0)


def main() -> None:
    order = Order(**json.load(sys.stdin))
    json.dump(vars(Generator(order).run()), sys.stdout)


if __name__ == "__main__":
    main()
