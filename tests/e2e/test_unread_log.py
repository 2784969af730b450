"""When whoever should read the log does not, as a node's full disk makes happen, and nobody takes the spans either."""

import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from service.telemetry.sink import CAPACITY
from tests.e2e.server import Server, eventually
from tests.e2e.traffic import BIRD, answer

PIPE_BYTES = 16384
ENOUGH = CAPACITY + 200
"""Lines that neither the pipe nor the queue in front of it hold."""

TIMEOUT = 20
"""Seconds; whoever waits for the log waits for ever."""


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


def test_answers_and_scrapes_go_on_and_what_was_left_out_is_told_later(unread: Server, pipe: int) -> None:
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
    log = b""

    def told() -> bool:
        nonlocal log
        try:
            log += os.read(pipe, PIPE_BYTES)
        except BlockingIOError:
            return False
        return b"log lines were dropped here" in log

    eventually(told, what="the warning")
    os.killpg(unread.process.pid, signal.SIGINT)
    assert unread.exit_code(within=20) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_end_does_not_wait_for_the_log(unread: Server, number: signal.Signals) -> None:
    unread.signal(number)
    assert unread.exit_code(within=20) == 0
