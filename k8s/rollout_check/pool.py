"""Kept connections, used in turn, so that each is idle for a while between two requests, as a real client's are."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from k8s.rollout_check.connection import Connection


class Pool:
    """Keeps so many; opens more while all are busy, as nothing may wait for one."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int) -> None:
        self._connect = connect
        self._size = size
        self._idle: deque[Connection] = deque()
        self._busy = 0

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """One that the server, as far as is known, has not closed; kept afterwards if it is :attr:`usable` still."""
        self._idle = deque(each for each in self._idle if each.usable)
        self._busy += 1
        try:
            enough = len(self._idle) + self._busy > self._size
            connection = self._idle.popleft() if self._idle and enough else await self._connect()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
        finally:
            self._busy -= 1
        if connection.usable and len(self._idle) < self._size:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        for each in self._idle:
            each.close()
        self._idle.clear()
