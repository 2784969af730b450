"""What the picture is made of, on a terminal and elsewhere."""

import os
import pty
import subprocess
import sys

import pytest

from k8s.rollout_check.picture import BLOCKS, PLAIN
from tests.e2e.server import ROOT
from tests.k8s.rollout_check.fake import prediction, running
from tests.k8s.rollout_check.tool import QUICK, rollout_check


def on_a_terminal(url: str, encoding: str) -> str:
    """The report as it comes out of a terminal."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "k8s.rollout_check", *QUICK, "--url", url, "--", "true"]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    with subprocess.Popen(command, cwd=ROOT, stdout=slave, stderr=subprocess.DEVNULL, env=environment):
        os.close(slave)
        printed = b""
        while data := _read(master):
            printed += data
    os.close(master)
    return printed.decode()


def _read(master: int) -> bytes:
    try:
        return os.read(master, 1 << 16)
    except OSError:  # so Linux says that the other end is closed
        return b""


@pytest.mark.parametrize(("encoding", "block"), [("utf-8", BLOCKS.levels[-1]), ("ascii", PLAIN.levels[-1])])
def test_a_terminal_gets_blocks_if_it_can_show_them(encoding: str, block: str) -> None:
    with running(lambda _: prediction()) as fake:
        report = on_a_terminal(fake.url, encoding)
    assert f"\nanswered  {block}" in report.replace("\r", "")


def test_a_file_gets_plain_characters() -> None:
    with running(lambda _: prediction()) as fake:
        report = rollout_check("--url", fake.url).report
    assert report.isascii()
    assert f"\nanswered  {PLAIN.levels[-1]}" in report
