"""Real gunicorn workers in this process, without a master."""

import os
import selectors
import socket
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import _DEFER, ThreadWorker

TIMEOUT_SECONDS = 20


@dataclass(eq=False)
class Connection:
    """A connection as gunicorn passes it to the pool, and the client's end."""

    sock: socket.socket
    client: socket.socket


@pytest.fixture
def connection() -> Iterator[Connection]:
    ours, client = socket.socketpair()
    with ours, client:
        client.settimeout(TIMEOUT_SECONDS)
        yield Connection(ours, client)


def readable(threads: Any, connection: Connection) -> None:
    """The connection was new once, and has sent something since."""
    assert threads.submit(lambda connection: True, connection).result() is _DEFER


def hello(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """A WSGI application."""
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def connect(listener: socket.socket) -> Iterator[Callable[[], socket.socket]]:
    """``connect()`` is a client's connection to the listener."""
    clients: list[socket.socket] = []

    def connect() -> socket.socket:
        clients.append(socket.create_connection(listener.getsockname(), TIMEOUT_SECONDS))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def start(listener: socket.socket) -> Iterator[Callable[..., Any]]:
    """``start(ThreadWorker)`` is a worker that is ready to run, or to have its methods called."""
    workers: list[Any] = []

    def start(kind: type[ThreadWorker], **attributes: object) -> ThreadWorker:
        worker = kind(1, os.getppid(), [listener], Mock(wsgi=lambda: hello), 30, Config(), Mock())
        vars(worker).update(attributes)
        worker.tpool = worker.get_thread_pool()
        worker.poller = selectors.DefaultSelector()
        worker.method_queue.init()
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        if isinstance(worker.tpool, ThreadPoolExecutor):
            ThreadPoolExecutor.shutdown(worker.tpool)
        worker.poller.close()
        worker.method_queue.close()
        worker.tmp.close()


class Pool:
    """A thread pool that only remembers what is submitted."""

    def __init__(self) -> None:
        self.submitted: list[tuple[Callable[[Any], Any], Any]] = []

    def submit(self, handle: Callable[[Any], Any], connection: Any) -> Mock:
        self.submitted.append((handle, connection))
        return Mock()

    def shutdown(self, wait: bool) -> None:
        pass


@pytest.fixture
def worker(start: Callable[..., ThreadWorker]) -> Iterator[ThreadWorker]:
    """gunicorn's own worker with a :class:`Pool`."""
    worker = start(ThreadWorker)
    worker.tpool = Pool()
    yield worker
    for _, connection in worker.tpool.submitted:
        connection.close()
