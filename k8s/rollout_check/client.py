"""Sends requests, without retries."""

import asyncio
import errno
import os
import ssl

from k8s.rollout_check.answers import Judge, Seen
from k8s.rollout_check.connection import Answer, Connection, MalformedAnswer, Pool
from k8s.rollout_check.outcome import Lost, Unsent
from k8s.rollout_check.target import Image, Target

OURS = {errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM}
"""Errors of this machine: out of file descriptors, ports or memory."""


class Client:
    """Sends images to one address of a target, on kept connections or on new ones."""

    def __init__(self, target: Target, address: str, images: list[Image], judge: Judge, kept: int) -> None:
        self._target = target
        self._address = address
        self._judge = judge
        self._pool = Pool(self._connect, kept)
        self._requests = [
            {keep: (image.name, image.request(target, keep)) for keep in (True, False)} for image in images
        ]

    async def send(self, number: int, keep: bool, timeout: float) -> Seen:
        """Send the next image; ``timeout`` in seconds. Raises :class:`Lost` or :class:`Unsent`."""
        name, request = self._requests[number % len(self._requests)][keep]
        try:
            async with asyncio.timeout(timeout):
                answer = await (self._on_kept(request) if keep else self._on_new(request))
        except (OSError, asyncio.IncompleteReadError, MalformedAnswer) as error:
            if isinstance(error, OSError) and error.errno in OURS:
                raise Unsent(os.strerror(error.errno)) from error
            raise failure(error) from error
        return self._judge.judge(name, answer)

    def close(self) -> None:
        self._pool.close()

    async def _connect(self) -> Connection:
        return await self._target.connect(self._address)

    async def _on_kept(self, request: bytes) -> Answer:
        async with self._pool.connection() as connection:
            answer = await connection.ask(request)
            if not answer.keeps:
                connection.close()
            return answer

    async def _on_new(self, request: bytes) -> Answer:
        connection = await self._connect()
        try:
            return await connection.ask(request)
        finally:
            connection.close()


def failure(error: Exception) -> Lost:
    """The error as one of a few kinds, by which the report groups."""
    match error:
        case TimeoutError():
            return Lost("timeout")
        case ConnectionRefusedError():
            return Lost("connection refused")
        case ConnectionError():
            return Lost("connection reset")
        case ssl.SSLError():
            return Lost("TLS failed", str(error))
        case OSError():
            return Lost("unreachable", error.strerror or str(error))
        case asyncio.IncompleteReadError(partial=b""):
            return Lost("closed without an answer")
        case asyncio.IncompleteReadError():
            return Lost("answer cut off")
        case _:
            return Lost("not HTTP", str(error))
