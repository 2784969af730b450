import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.peers import tree
from tests.e2e.server import eventually

FAMILY = "trap '' TERM; sleep 60 & sleep 60 & wait; wait"
"""A shell that does not care for SIGTERM, with two children that do not either."""


@pytest.fixture
def family() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(["sh", "-c", FAMILY]) as process:
        eventually(lambda: len(tree.members(process.pid)) == 3)
        yield process
        process.kill()


def test_all_descendants_are_counted(family: "subprocess.Popen[bytes]") -> None:
    memory = tree.memory(family.pid)
    assert memory.resident > memory.proportional > 0
    assert tree.processor_seconds(family.pid) >= 0


def test_all_of_them_can_be_stopped_and_go_on(family: "subprocess.Popen[bytes]") -> None:
    def states() -> set[str]:
        stats = [Path(f"/proc/{pid}/stat").read_text() for pid in tree.members(family.pid)]
        return {stat.rpartition(")")[2].split()[0] for stat in stats}

    tree.tell(family.pid, signal.SIGSTOP)
    eventually(lambda: states() == {"T"})
    tree.tell(family.pid, signal.SIGCONT)
    eventually(lambda: states() == {"S"})


def test_the_end_takes_those_along_that_ignore_it(family: "subprocess.Popen[bytes]") -> None:
    _, *children = tree.members(family.pid)
    tree.end(family.pid, patience=0.1)
    assert family.wait(10) < 0
    eventually(lambda: not any(map(tree._lives, children)))


def test_this_process_spends_processor_time() -> None:
    before = tree.processor_seconds(os.getpid())
    eventually(lambda: sum(range(100_000)) and tree.processor_seconds(os.getpid()) > before)
