"""An open-loop load: requests at a constant rate, independent of earlier responses."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from k8s.rollout_check.client import Client
from k8s.rollout_check.outcome import Lost, Outcome, Unsent

TOO_MANY = "--max-in-flight was reached"


@dataclass(frozen=True)
class Shape:
    """``rate`` in requests per second, ``timeout`` of a request in seconds, at most ``most`` requests in flight.

    ``keep`` tells whether connections are kept: all, none, or every second one if it is ``None``.
    """

    rate: float
    timeout: float
    most: int
    keep: bool | None = None

    def kept(self, number: int) -> bool:
        return number % 2 == 0 if self.keep is None else self.keep

    def turn(self, number: int) -> int:
        """The number of the image. If every second connection is kept, each image is sent on both kinds."""
        return number // 2 if self.keep is None else number


@dataclass
class Load:
    """Sends until it is cancelled, and keeps the outcome of each request in memory."""

    client: Client
    shape: Shape
    outcomes: list[Outcome] = field(default_factory=list)
    unsent: Counter[str] = field(default_factory=Counter)
    """Number of requests that this machine could not send, by reason."""
    _in_flight: int = 0

    async def send(self, tasks: asyncio.TaskGroup, start: float) -> None:
        """Start a task for each request when it is due; overdue requests are started immediately.

        ``start`` is the time of the event loop that outcomes are relative to.
        """
        loop = asyncio.get_running_loop()
        number = 0
        while True:
            due = number / self.shape.rate
            await asyncio.sleep(start + due - loop.time())
            if self._in_flight >= self.shape.most:
                self.unsent[TOO_MANY] += 1
            else:
                self._in_flight += 1
                tasks.create_task(self._one(number, start, due))
            number += 1

    async def _one(self, number: int, start: float, due: float) -> None:
        now = asyncio.get_running_loop().time
        late, kept = now() - start - due, self.shape.kept(number)
        try:
            seen = await self.client.send(self.shape.turn(number), kept, self.shape.timeout)
        except Lost as lost:
            self.outcomes.append(Outcome(due, now() - start, late, kept, lost=lost.kind, detail=lost.detail))
        except Unsent as unsent:
            self.unsent[str(unsent)] += 1
        else:
            self.outcomes.append(Outcome(due, now() - start, late, kept, seen.version, seen.pod))
        finally:
            self._in_flight -= 1
