"""The handler in front of a pipe that holds little until it is read."""

import fcntl
import logging
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from service.telemetry.logs import queue_handler
from service.telemetry.logs.queue_handler import LEVELS, BoundedQueueHandler
from service.telemetry.logs.rate_limit import BURST
from tests.e2e.server import ROOT

PIPE_BYTES = 4096
CAPACITY = 10


class Pipe:
    """Both ends, and the text that was read so far."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        fcntl.fcntl(self.writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.text = ""

    def read_until(self, text: str) -> str:
        while text not in self.text:
            assert select.select([self.reading], [], [], 20)[0], f"{text!r} is not in {self.text!r}"
            self.text += os.read(self.reading, PIPE_BYTES).decode()
        return self.text


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    os.close(pipe.reading)
    os.close(pipe.writing)


@pytest.fixture
def handler(pipe: Pipe) -> Iterator[BoundedQueueHandler]:
    handler = BoundedQueueHandler(pipe.writing, CAPACITY)
    yield handler
    handler.flush()  # before the pipe is closed


def record(message: str, *arguments: object, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord("cifar10", level, __file__, 1, message, arguments, None)


def log(handler: BoundedQueueHandler, *messages: str) -> None:
    for message in messages:
        handler.handle(record(message))


def block(handler: BoundedQueueHandler, pipe: Pipe) -> None:
    """Log a line that does not fit into the pipe, and wait until the handler's thread is writing it."""
    log(handler, "x" * 2 * PIPE_BYTES)
    assert select.select([pipe.reading], [], [], 20)[0]


def test_lines_are_written_in_order(pipe: Pipe) -> None:
    handler = BoundedQueueHandler(pipe.writing)
    log(handler, *[f"line {number}" for number in range(100)])
    handler.flush()
    assert pipe.read_until("line 99\n").splitlines() == [f"line {number}" for number in range(100)]
    assert handler.unwritten == 0


def test_a_blocked_pipe_never_blocks_the_logger_and_further_lines_are_dropped_and_counted(
    pipe: Pipe, handler: BoundedQueueHandler
) -> None:
    block(handler, pipe)
    log(handler, *[f"line {number}" for number in range(CAPACITY + 7)])
    assert handler.unwritten == 7
    pipe.read_until(f"line {CAPACITY - 1}\n")
    log(handler, "afterwards")
    lines = pipe.read_until("afterwards\n").splitlines()[1:]
    assert lines == [*[f"line {number}" for number in range(CAPACITY)], "afterwards"]


def test_a_flush_ends_while_the_pipe_is_blocked(
    pipe: Pipe, handler: BoundedQueueHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_handler, "LAST_LINES_SECONDS", 0.01)
    block(handler, pipe)
    log(handler, "late")
    handler.flush()
    assert "late" in pipe.read_until("late\n")


def test_a_closed_pipe_is_ignored() -> None:
    pipe = Pipe()
    handler = BoundedQueueHandler(pipe.writing)
    os.close(pipe.reading)
    log(handler, "nobody reads this", "nor this")
    handler.flush()
    os.close(pipe.writing)


def test_lines_of_several_threads_are_not_mixed(pipe: Pipe) -> None:
    handler = BoundedQueueHandler(pipe.writing)
    threads = [threading.Thread(target=log, args=[handler, *[letter * 700] * 50]) for letter in "abcd"]
    for thread in threads:
        thread.start()
    reader = threading.Thread(target=pipe.read_until, args=["the end\n"])
    reader.start()
    for thread in threads:
        thread.join()
    log(handler, "the end")
    reader.join()
    lines = pipe.text.splitlines()[:-1]
    assert sorted(lines) == [letter * 700 for letter in "abcd" for _ in range(50)]


def test_a_line_that_cannot_be_formatted_is_written(pipe: Pipe, handler: BoundedQueueHandler) -> None:
    handler.handle(record("%d images", "no"))
    assert "cannot be formatted: %d images" in pipe.read_until("\n")


def test_similar_lines_are_limited_before_they_are_buffered(pipe: Pipe) -> None:
    handler = BoundedQueueHandler(pipe.writing)
    for _ in range(20 * BURST):
        handler.handle(record("collector unreachable", level=logging.WARNING))
    handler.flush()
    assert handler.rate_limit.dropped > 0
    assert handler.logged["warning"] == 20 * BURST


@pytest.mark.parametrize(
    ("number", "level"),
    [(1, "debug"), (10, "debug"), (20, "info"), (25, "info"), (30, "warning"), (40, "error"), (90, "critical")],
)
def test_a_line_is_counted_at_its_level_or_the_next_lower_one(
    handler: BoundedQueueHandler, number: int, level: str
) -> None:
    assert handler.logged == dict.fromkeys(LEVELS, 0)
    handler.handle(record("hello", level=number))
    assert handler.logged == {**dict.fromkeys(LEVELS, 0), level: 1}


FORKING = """
import logging, os
from service.telemetry.logs.queue_handler import BoundedQueueHandler
handler = BoundedQueueHandler(1)
def log(message): handler.handle(logging.LogRecord("x", 20, "", 1, message, (), None))
log("before")
child = os.fork()
log("of the child" if child == 0 else "of the parent")
handler.flush()
if child == 0:
    os._exit(handler.logged["info"])
print("counted by the child:", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print("counted by the parent:", handler.logged["info"])
"""


def test_both_processes_of_a_fork_write_and_count_their_own_lines() -> None:
    ran = subprocess.run([sys.executable, "-c", FORKING], cwd=ROOT, capture_output=True, text=True, check=True)
    assert sorted(ran.stdout.splitlines()) == [
        "before",
        "counted by the child: 1",
        "counted by the parent: 2",
        "of the child",
        "of the parent",
    ]
