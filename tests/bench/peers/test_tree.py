import os
import subprocess
from collections.abc import Iterator

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


def test_the_end_takes_those_along_that_ignore_it(family: "subprocess.Popen[bytes]") -> None:
    _, *children = tree.members(family.pid)
    tree.end(family.pid, patience=0.1)
    assert family.wait(10) < 0
    eventually(lambda: not any(map(tree._lives, children)))


def test_this_process_spends_processor_time() -> None:
    before = tree.processor_seconds(os.getpid())
    eventually(lambda: sum(range(100_000)) and tree.processor_seconds(os.getpid()) > before)
