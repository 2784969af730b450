import asyncio

import pytest

from k8s.rollout_check.connection import Connection
from k8s.rollout_check.pool import Pool

KEPT = 3


class FakeConnection(Connection):
    """Says nothing; the server has hung up on it when it is not :attr:`usable`."""

    usable = True

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True
        self.usable = False


class Opened(list[FakeConnection]):
    async def connect(self) -> Connection:
        self.append(FakeConnection())
        return self[-1]


async def use(pool: Pool) -> Connection:
    async with pool.connection() as connection:
        return connection


def test_kept_connections_are_used_in_turn() -> None:
    opened = Opened()
    pool = Pool(opened.connect, KEPT)

    async def run() -> list[Connection]:
        return [await use(pool) for _ in range(3 * KEPT)]

    assert asyncio.run(run()) == [*opened] * 3
    assert len(opened) == KEPT


def test_no_request_waits_for_a_connection_and_no_more_are_kept_than_wanted() -> None:
    opened = Opened()
    pool = Pool(opened.connect, KEPT)

    async def hold(over: asyncio.Event) -> None:
        async with pool.connection():
            await over.wait()

    async def run() -> None:
        over = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(2 * KEPT):
                tasks.create_task(hold(over))
            await asyncio.sleep(0)
            over.set()

    asyncio.run(run())
    assert len(opened) == 2 * KEPT
    assert sum(connection.usable for connection in opened) == KEPT


def test_one_that_the_server_has_closed_is_not_used_again() -> None:
    opened = Opened()
    pool = Pool(opened.connect, KEPT)

    async def run() -> Connection:
        for _ in range(KEPT):
            await use(pool)
        opened[0].usable = False
        return await use(pool)

    assert asyncio.run(run()) is opened[KEPT]


def test_one_that_failed_is_closed() -> None:
    opened = Opened()
    pool = Pool(opened.connect, KEPT)

    async def fail() -> None:
        async with pool.connection():
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(fail())
    assert opened[0].closed


def test_closing_closes_all() -> None:
    opened = Opened()
    pool = Pool(opened.connect, KEPT)

    async def run() -> None:
        for _ in range(KEPT):
            await use(pool)

    asyncio.run(run())
    pool.close()
    assert [connection.closed for connection in opened] == [True] * KEPT
