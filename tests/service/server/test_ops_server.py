"""The operations server, and the limit of connections of the API's server."""

import http.client
import resource
from contextlib import closing

import pytest

from service.app import Predictor
from service.server import ops_server
from service.server.connections import MAX_CONNECTIONS, OTHER_FILES, raise_open_files_limit


def get(port: int, path: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_the_operations_server_has_only_probes_and_metrics(predictor: Predictor) -> None:
    listener = ops_server.bind("127.0.0.1", 0)
    ops_server.serve(predictor.ops, listener)
    port = listener.getsockname()[1]
    assert get(port, "/healthz")[0] == 200
    assert get(port, "/readyz")[0] == 200
    assert b"cifar10_ready 1.0" in get(port, "/metrics")[1]
    assert get(port, "/predict")[0] == 404
    assert get(port, "/model")[0] == 404


def test_a_port_in_use_is_an_error() -> None:
    with closing(ops_server.bind("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        ops_server.bind("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize(
    ("soft", "hard", "raised_to", "connections"),
    [
        (1024, 1 << 20, MAX_CONNECTIONS + OTHER_FILES, MAX_CONNECTIONS),
        (1024, 2048, 2048, 2048 - OTHER_FILES),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, None, MAX_CONNECTIONS),
        (1024, resource.RLIM_INFINITY, MAX_CONNECTIONS + OTHER_FILES, MAX_CONNECTIONS),
        (1 << 20, 1 << 20, None, MAX_CONNECTIONS),
        (200, 200, None, 89),
    ],
)
def test_connections_are_limited_by_open_files_and_exceed_the_threads(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, raised_to: int | None, connections: int
) -> None:
    raised: list[int] = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda which, limits: raised.append(limits[0]))
    assert raise_open_files_limit(threads=88) == connections
    assert raised == ([raised_to] if raised_to else [])
