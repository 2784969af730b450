"""Nobody reads stderr, as when a node's disk is full, and no collector accepts the spans."""

import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from service.telemetry.logs.queue_handler import CAPACITY
from tests.e2e.server import Server, eventually
from tests.e2e.traffic import BIRD, answer

PIPE_BYTES = 16384
ENOUGH = CAPACITY + 200
"""More lines than the pipe and the buffer hold."""

TIMEOUT = 20
"""Seconds."""


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[int]:
    os.mkfifo(tmp_path / "log")
    reading = os.open(tmp_path / "log", os.O_RDWR | os.O_NONBLOCK)
    fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    yield reading
    os.close(reading)


@pytest.fixture
def unread(tmp_path: Path, pipe: int) -> Iterator[Server]:
    """A ready server whose log is full."""
    server = Server(
        tmp_path / "log",
        log_format="json",
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9",
        OTEL_TRACES_SAMPLER="parentbased_always_off",
        OTEL_BSP_MAX_QUEUE_SIZE=20,
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE=20,
    )
    try:
        eventually(server.ready, within=100, what="readiness")
        with requests.Session() as session:
            for _ in range(ENOUGH):
                assert session.get(server.url("/model"), timeout=TIMEOUT).status_code == 200
        yield server
    finally:
        server.kill()


def refused(server: Server, request: bytes) -> int:
    with server.connect(TIMEOUT) as connection:
        connection.sendall(request)
        return answer(connection).status


def test_a_blocked_stderr_does_not_delay_answers_and_the_lines_lost_are_counted(unread: Server) -> None:
    for number in range(150):
        assert refused(unread, b"GARBAGE %d\r\n\r\n" % number) == 400
    for _ in range(50):
        sampled = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
        assert requests.post(unread.url(), data=BIRD, headers=sampled, timeout=TIMEOUT).status_code == 200
    text = unread.ops("/metrics").text
    assert 'cifar10_predictions_total{predicted_class="bird"} 50.0' in text
    assert 'cifar10_requests_refused_total{code="malformed_request"} 150.0' in text
    assert "cifar10_requests_unrecorded_total 0.0" in text
    lines = "cifar10_log_lines_dropped_total"
    for lost in (f'{lines}{{reason="unread"}}', f'{lines}{{reason="flood"}}', "cifar10_spans_dropped_total"):
        assert f"\n{lost} " in text
        assert f"\n{lost} 0.0" not in text
    os.killpg(unread.process.pid, signal.SIGINT)
    assert unread.exit_code(within=20) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_blocked_stderr_does_not_delay_the_end(unread: Server, number: signal.Signals) -> None:
    unread.signal(number)
    assert unread.exit_code(within=20) == 0
