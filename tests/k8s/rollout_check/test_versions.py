"""The report as a user sees it: versions and pods over time, on a terminal and in a file."""

import itertools
import os
import pty
import subprocess
import sys

import pytest

from k8s.rollout_check.report import BLOCKS, PLAIN
from tests.e2e.server import ROOT
from tests.k8s.rollout_check.fake import Behaviour, Reply, Request, prediction, running
from tests.k8s.rollout_check.tool import QUICK, rollout_check

OLD = 12
"""Number of requests to the old version."""


def updated(label: str = "bird") -> Behaviour:
    numbers = itertools.count()

    def behaviour(_: Request) -> Reply:
        if next(numbers) < OLD:
            return prediction(version="1.0.0", X_Pod="a")
        return prediction(label, version="2.0.0", X_Pod="b")

    return behaviour


def drawn(report: str, label: str, scale: str) -> str:
    """A line of the chart, without its label and scale."""
    [line] = [line for line in report.splitlines() if line.startswith(f"{label} ")]
    assert line.endswith(scale)
    return line[10:].removesuffix(scale)


def test_versions_and_pods_are_drawn_over_time() -> None:
    with running(updated()) as fake:
        done = rollout_check("--url", fake.url, "--pod-header", "X-Pod")
    assert done.code == 0
    old = drawn(done.report, "1.0.0", f" {OLD - 1} answers")
    new = drawn(done.report, "2.0.0", f" {len(fake.requests) - OLD} answers")
    assert (old[0] == " ", old[-1] == " ") == (False, True)
    assert (new[0] == " ", new[-1] == " ") == (True, False)
    assert drawn(done.report, "a", f" {OLD - 1} answers") == old


def test_json_counts_versions_and_pods_by_interval() -> None:
    with running(updated()) as fake:
        timeline = rollout_check("--url", fake.url, "--pod-header", "X-Pod", "-o", "json").json["timeline"]
    assert sum(piece["versions"].get("1.0.0", 0) for piece in timeline) == OLD - 1
    assert sum(piece["versions"].get("2.0.0", 0) for piece in timeline) == len(fake.requests) - OLD
    assert timeline[0]["pods"].keys() == {"a"}
    assert timeline[-1]["pods"].keys() <= {"b"}
    assert [piece["start"] for piece in timeline] == sorted(piece["start"] for piece in timeline)


def test_another_class_from_another_version_is_reported_but_not_lost() -> None:
    with running(updated("cat")) as fake:
        done = rollout_check("--url", fake.url)
    assert done.code == 0
    assert "Different classes by version: test_image.png is bird in 1.0.0, cat in 2.0.0." in done.report


def on_a_terminal(url: str, encoding: str) -> str:
    """The report on a terminal."""
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
def test_a_terminal_gets_block_characters_if_its_encoding_has_them(encoding: str, block: str) -> None:
    with running(lambda _: prediction()) as fake:
        report = on_a_terminal(fake.url, encoding)
    assert f"\nanswered  {block}" in report.replace("\r", "")


def test_a_file_gets_ascii_characters() -> None:
    with running(lambda _: prediction()) as fake:
        report = rollout_check("--url", fake.url).report
    assert report.isascii()
    assert f"\nanswered  {PLAIN.levels[-1]}" in report
