"""When whoever should read the log does not, as a node's full disk makes happen."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.telemetry.recorder import MOST_WAITING
from tests.e2e.server import Server, eventually
from tests.e2e.traffic import BIRD

PIPE_BYTES = 16384
SENT = MOST_WAITING + 100


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[int]:
    os.mkfifo(tmp_path / "log")
    reading = os.open(tmp_path / "log", os.O_RDWR | os.O_NONBLOCK)
    fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    yield reading
    os.close(reading)


@pytest.fixture
def unread(tmp_path: Path, pipe: int) -> Iterator[Server]:
    server = Server(tmp_path / "log", log_format="json")
    try:
        yield server
    finally:
        server.kill()


def test_answers_and_scrapes_go_on_and_what_was_left_out_is_told_later(unread: Server, pipe: int) -> None:
    eventually(unread.ready, within=100, what="readiness")
    for _ in range(SENT):
        assert unread.predict(BIRD).status_code == 200
    assert f'cifar10_predictions_total{{predicted_class="bird"}} {SENT}.0' in unread.ops("/metrics").text
    log = b""

    def told() -> bool:
        nonlocal log
        try:
            log += os.read(pipe, PIPE_BYTES)
        except BlockingIOError:
            return False
        return b"requests were not recorded" in log

    eventually(told, what="the warning")
    os.killpg(unread.process.pid, 2)
    assert unread.exit_code(within=20) == 0
