"""Requests at a constant rate, whatever becomes of those before: an open loop, as many clients together are one."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from k8s.rollout_check.client import Client
from k8s.rollout_check.outcome import Lost, Outcome, Unsent

TOO_MANY = "--max-in-flight were unanswered"


@dataclass(frozen=True)
class Shape:
    """``rate`` in requests a second; ``timeout`` in seconds, from the moment a request is sent; ``most`` at once.

    ``keep`` is whether connections are kept: all, none, or, if it is None, every second one.
    """

    rate: float
    timeout: float
    most: int
    keep: bool | None = None

    def kept(self, number: int) -> bool:
        return number % 2 == 0 if self.keep is None else self.keep

    def turn(self, number: int) -> int:
        """Of the images; with every second connection kept, each is sent on both kinds."""
        return number // 2 if self.keep is None else number


@dataclass
class Load:
    """Sends until it is cancelled. What is kept in memory, some 0.2 kB a request, is :attr:`outcomes`."""

    client: Client
    shape: Shape
    outcomes: list[Outcome] = field(default_factory=list)
    unsent: Counter[str] = field(default_factory=Counter)
    """Requests that this machine could not send, by reason."""
    _in_flight: int = 0

    async def send(self, tasks: asyncio.TaskGroup, start: float) -> None:
        """Start a task for each request at its moment; moments that were missed are made up for at once.

        ``start`` is the loop's time, from which the outcomes' times count.
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
