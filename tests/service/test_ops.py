import http.client
from contextlib import closing

import pytest

from service import ops
from service.app import Predictor


def get(port: int, path: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_probes_and_metrics_are_served_on_their_own_port_and_nothing_else(predictor: Predictor) -> None:
    listener = ops.bind("127.0.0.1", 0)
    ops.serve(predictor.ops, listener)
    port = listener.getsockname()[1]
    assert get(port, "/healthz")[0] == 200
    assert get(port, "/readyz")[0] == 200
    assert b"cifar10_ready 1.0" in get(port, "/metrics")[1]
    assert get(port, "/predict")[0] == 404
    assert get(port, "/model")[0] == 404


def test_a_port_in_use_is_an_error_at_once() -> None:
    with closing(ops.bind("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        ops.bind("127.0.0.1", taken.getsockname()[1])
