"""The sink in front of a pipe, which holds little until somebody reads it."""

import fcntl
import logging
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from service.telemetry import sink as module
from service.telemetry.sink import Sink
from tests.e2e.server import ROOT, eventually

PIPE_BYTES = 4096


class Pipe:
    """Both ends, and what was read from it so far."""

    def __init__(self, flags: int = 0) -> None:
        self.reading, self.writing = os.pipe2(flags)
        fcntl.fcntl(self.writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.text = ""

    def read_until(self, text: str) -> str:
        while text not in self.text:
            assert select.select([self.reading], [], [], 20)[0], f"{text!r} is not in {self.text!r}"
            self.text += os.read(self.reading, PIPE_BYTES).decode()
        return self.text

    def close(self) -> None:
        for end in (self.reading, self.writing):
            os.close(end)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close()


def record(message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("cifar10", logging.INFO, __file__, 1, message, arguments, None)


def log(sink: Sink, *messages: str) -> None:
    for message in messages:
        sink.handle(record(message))


def fill(sink: Sink) -> None:
    """Leave the sink's thread waiting for somebody to read."""
    log(sink, "x" * 2 * PIPE_BYTES)
    eventually(lambda: sink._waiting.qsize() == 0, within=20, what="the sink's thread, waiting to write")


def test_lines_come_out_in_the_order_they_were_logged(pipe: Pipe) -> None:
    sink = Sink(pipe.writing)
    log(sink, *[f"line {number}" for number in range(100)])
    sink.flush()
    assert pipe.read_until("line 99\n").splitlines() == [f"line {number}" for number in range(100)]
    sink.close()


def test_nobody_who_logs_waits_for_whoever_should_read_and_what_that_cost_is_told_in_its_place(pipe: Pipe) -> None:
    sink = Sink(pipe.writing, capacity=10)
    dropped: list[int] = []
    sink.on_drop = dropped.append
    fill(sink)
    log(sink, *[f"line {number}" for number in range(17)])
    assert sum(dropped) == 7
    pipe.read_until("7 log lines were dropped here")
    log(sink, "afterwards")
    lines = pipe.read_until("afterwards\n").splitlines()[1:]
    assert lines[:-2] == [f"line {number}" for number in range(10)]
    assert lines[-2:] == ["7 log lines were dropped here: they could not be written", "afterwards"]
    sink.close()


def test_waiting_for_the_last_lines_ends_though_nobody_reads_them(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAST_LINES_SECONDS", 0.01)
    sink = Sink(pipe.writing)
    fill(sink)
    log(sink, "late")
    sink.flush()
    sink.close()
    assert "late" in pipe.read_until("late\n")


def test_a_reader_that_has_gone_costs_lines_and_nothing_else() -> None:
    pipe = Pipe()
    sink = Sink(pipe.writing)
    dropped: list[int] = []
    sink.on_drop = dropped.append
    os.close(pipe.reading)
    log(sink, "to nobody")
    sink.flush()
    assert sum(dropped) == 1
    os.close(pipe.writing)
    sink.close()


def test_a_file_that_does_not_wait_is_waited_for(pipe: Pipe) -> None:
    os.set_blocking(pipe.writing, False)
    sink = Sink(pipe.writing)
    log(sink, "x" * 3 * PIPE_BYTES, "behind it")
    assert pipe.read_until("behind it\n").startswith("x" * 3 * PIPE_BYTES)
    sink.close()


def test_no_other_process_gets_into_the_middle_of_a_line() -> None:
    pipe = Pipe(os.O_DIRECT)  # each read is what one write has written
    sink = Sink(pipe.writing)
    threads = [threading.Thread(target=log, args=[sink, *["x" * 700] * 50]) for _ in range(4)]
    for thread in threads:
        thread.start()
    read = 0
    while read < 4 * 50 * 701:
        written = os.read(pipe.reading, PIPE_BYTES)
        assert written.endswith(b"x\n")
        read += len(written)
    for thread in threads:
        thread.join()
    sink.close()
    pipe.close()


def test_a_line_that_cannot_be_formatted_is_written_all_the_same(pipe: Pipe) -> None:
    sink = Sink(pipe.writing)
    sink.handle(record("%d images", "no"))
    assert "cannot be formatted: %d images" in pipe.read_until("\n")
    sink.close()


FORKING = """
import logging, os
from service.telemetry.sink import Sink
sink = Sink(1)
def log(message): sink.handle(logging.LogRecord("x", 20, "", 1, message, (), None))
log("before")
child = os.fork()
if child == 0:
    log("of the child")
    sink.flush()
    os._exit(0)
os.waitpid(child, 0)
log("of the parent")
sink.flush()
"""


def test_both_processes_of_a_fork_write_what_they_logged() -> None:
    ran = subprocess.run([sys.executable, "-c", FORKING], cwd=ROOT, capture_output=True, text=True, check=True)
    assert sorted(ran.stdout.splitlines()) == ["before", "of the child", "of the parent"]
