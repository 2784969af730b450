"""What service/server/worker.py uses of gunicorn although gunicorn does not document it: a test for each name.

If one of them fails after an upgrade of gunicorn, adapt service/server/worker.py to the new release.
"""

import ast
import selectors
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

SERVICE = Path(__file__).parents[3] / "service"
ADAPTER = SERVICE / "server" / "worker.py"

UNDOCUMENTED = (
    "LimitRequestHeaders",
    "LimitRequestLine",
    "_DEFER",
    "accept",
    "handle_error",
    "max_keepalived",
    "set_accept_enabled",
    "sock",
    "sockets",
    "wsgi",
)
DOCUMENTED = ("ThreadWorker", "get_thread_pool", "notify")
"""A worker class may be derived from; the docstrings of these methods say when to override or to call them."""

IMPORTS_OF_GUNICORN = {
    "gunicorn.conf.py": {"gunicorn.arbiter.Arbiter"},
    "server/worker.py": {
        "gunicorn.http.errors.LimitRequestHeaders",
        "gunicorn.http.errors.LimitRequestLine",
        "gunicorn.workers.gthread.ThreadWorker",
        "gunicorn.workers.gthread._DEFER",
    },
    "telemetry/logs/access_log.py": {"gunicorn.glogging.Logger"},
}
"""The Arbiter is the argument of the documented hooks; a logger class may be derived from."""

STANDARD_LIBRARY = {"_asdict", "_exit", "_replace"}
"""Documented names that begin with an underscore: of named tuples and of os."""

Connect = Callable[[], socket.socket]


def accepted(worker: ThreadWorker, connect: Connect, sent: bytes) -> tuple[TConn, socket.socket]:
    """A connection as the pool gets it, and the client, which has sent something."""
    client = connect()
    client.sendall(sent)
    worker.accept(worker.sockets[0])
    [(_, connection)] = worker.tpool.submitted
    return connection, client


def error_of(worker: ThreadWorker, connect: Connect, sent: bytes) -> tuple[Any, ...]:
    """The arguments with which the worker calls ``handle_error`` for what a client has sent."""
    calls: list[tuple[Any, ...]] = []
    worker.handle_error = lambda *arguments: calls.append(arguments)
    connection, _ = accepted(worker, connect, sent)
    assert not worker.handle(connection), "the connection is closed afterwards"
    [call] = calls
    assert call[:3] == (None, connection.sock, connection.client)
    return call


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def test_DEFER_returns_a_connection_to_the_poller_until_it_is_readable(worker: ThreadWorker, connect: Connect) -> None:
    client = connect()
    worker.accept(worker.sockets[0])
    [(handle, connection)] = worker.tpool.submitted
    deferred: Future[object] = Future()
    deferred.set_result(_DEFER)
    worker.finish_request(connection, deferred)
    client.sendall(b"x")
    worker.wait_for_and_dispatch_events(timeout=20)
    assert worker.tpool.submitted == [(handle, connection)] * 2


def test_accept_submits_one_connection_of_the_backlog_to_the_pool(worker: ThreadWorker, connect: Connect) -> None:
    worker.set_accept_enabled(True)
    client = connect()
    for _ in range(2):  # the second time, the backlog is empty
        worker.accept(worker.sockets[0])
    [(handle, connection)] = worker.tpool.submitted
    assert handle == worker.handle
    assert isinstance(connection, TConn)
    assert connection.client == client.getsockname()


def test_sock_is_the_socket_of_a_connection(worker: ThreadWorker, connect: Connect) -> None:
    connection, client = accepted(worker, connect, GET)
    assert connection.sock.getpeername() == client.getsockname()


def test_sockets_are_the_listeners_that_the_master_gave_to_the_worker(
    worker: ThreadWorker, listener: socket.socket
) -> None:
    assert worker.sockets == [listener]


def test_set_accept_enabled_adds_the_listeners_to_the_poller_and_removes_them(worker: ThreadWorker) -> None:
    worker.set_accept_enabled(True)
    [key] = worker.poller.get_map().values()
    assert (key.fileobj, key.events) == (worker.sockets[0], selectors.EVENT_READ)
    worker.set_accept_enabled(False)
    assert not worker.poller.get_map()
    assert worker.sockets[0].fileno() >= 0, "it is not closed"


def test_set_accept_enabled_is_called_when_the_worker_starts_and_when_it_stops(worker: ThreadWorker) -> None:
    calls: list[bool] = []
    worker.set_accept_enabled = calls.append
    worker.alive = False
    worker.run()
    assert calls == [True, False]


def test_handle_error_gets_no_request_if_the_request_cannot_be_parsed(worker: ThreadWorker, connect: Connect) -> None:
    *_, error = error_of(worker, connect, b"hello\r\n\r\n")
    assert isinstance(error, Exception)


def test_LimitRequestLine_is_the_error_of_a_long_request_line(worker: ThreadWorker, connect: Connect) -> None:
    *_, error = error_of(worker, connect, b"GET /%s HTTP/1.1\r\n\r\n" % (b"x" * 10_000))
    assert isinstance(error, LimitRequestLine)


@pytest.mark.parametrize("headers", [b"X-Many: 1\r\n" * 200, b"X-Long: %s\r\n" % (b"x" * 20_000)], ids=["many", "long"])
def test_LimitRequestHeaders_is_the_error_of_many_or_long_headers(
    worker: ThreadWorker, connect: Connect, headers: bytes
) -> None:
    *_, error = error_of(worker, connect, b"GET / HTTP/1.1\r\n%s\r\n" % headers)
    assert isinstance(error, LimitRequestHeaders)


def test_wsgi_is_the_application_that_answers_requests(worker: ThreadWorker, connect: Connect) -> None:
    worker.load_wsgi()
    assert worker.wsgi is worker.app.wsgi()
    connection, client = accepted(worker, connect, GET)
    assert worker.handle(connection), "the connection is kept alive"
    assert client.recv(1000).endswith(b"hello")


def test_max_keepalived_of_zero_closes_every_connection_after_its_answer(
    worker: ThreadWorker, connect: Connect
) -> None:
    worker.load_wsgi()
    assert worker.max_keepalived > 0
    worker.max_keepalived = 0
    connection, client = accepted(worker, connect, GET)
    assert not worker.handle(connection)
    assert b"Connection: close\r\n" in client.recv(1000)


def test_the_documented_names_are_documented() -> None:
    assert "Override this method" in (ThreadWorker.get_thread_pool.__doc__ or "")
    assert "must arrange to have this method called" in (ThreadWorker.notify.__doc__ or "")


def test_there_are_at_most_ten_undocumented_names_each_with_a_test() -> None:
    assert len(UNDOCUMENTED) <= 10
    tests = [name for name in globals() if name.startswith("test_")]
    for name in UNDOCUMENTED:
        assert any(test.startswith(f"test_{name.removeprefix('_')}_") for test in tests), name


def test_the_adapter_uses_the_listed_names_and_no_others(worker: ThreadWorker) -> None:
    worker.load_wsgi()
    tree = ast.parse(ADAPTER.read_text())
    [adapter] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Worker"]
    overridden = {node.name for node in adapter.body if isinstance(node, ast.FunctionDef)}
    of_worker = (overridden | attributes(adapter, "self", "super()")) & {*dir(ThreadWorker), *vars(worker)}
    of_connections = attributes(tree, "connection")
    imported = {name.rpartition(".")[2] for name in imports(tree) if name.startswith("gunicorn.")}
    assert imported | of_worker | of_connections == {*UNDOCUMENTED, *DOCUMENTED}


def test_the_thread_pool_overrides_only_methods_of_the_base_class() -> None:
    tree = ast.parse(ADAPTER.read_text())
    [pool] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "RequestThreads"]
    added = attributes(pool, "self") | {node.name for node in pool.body if isinstance(node, ast.FunctionDef)}
    with ThreadPoolExecutor(1) as base:
        assert added & {*dir(ThreadPoolExecutor), *vars(base)} == {"__init__", "submit", "shutdown"}


@pytest.mark.parametrize("path", sorted(SERVICE.rglob("*.py")), ids=lambda path: str(path.relative_to(SERVICE)))
def test_only_the_adapter_uses_private_names_of_libraries(path: Path) -> None:
    tree = ast.parse(path.read_text())
    name = str(path.relative_to(SERVICE))
    assert {each for each in imports(tree) if each.split(".")[0] == "gunicorn"} == IMPORTS_OF_GUNICORN.get(name, set())
    assert set(private_names_of_others(tree)) == ({"_DEFER"} if path == ADAPTER else set())


def attributes(tree: ast.AST, *of: str) -> set[str]:
    """The attributes of these variables or calls that the code uses."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {node.attr for node in found if ast.unparse(node.value) in of}


def imports(tree: ast.AST) -> Iterator[str]:
    """The full names of what is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def private_names_of_others(tree: ast.AST) -> Iterator[str]:
    """Private names that the module imports, or uses as attributes without defining them."""
    defined: set[str] = set()
    used: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                defined.add(name)
            case ast.Attribute(attr=name, ctx=ast.Store()):
                defined.add(name)
            case ast.Attribute(attr=name):
                used.add(name)
    imported = {part for name in imports(tree) for part in name.split(".")}
    for name in (used - defined - STANDARD_LIBRARY) | imported:
        if name.startswith("_") and not (name.startswith("__") and name.endswith("__")):
            yield name
