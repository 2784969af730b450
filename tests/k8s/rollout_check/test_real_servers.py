"""Rollouts of the real server, without a cluster."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.server import Server, running
from tests.k8s.rollout_check.stand_ins import node_port
from tests.k8s.rollout_check.tool import rollout_check

pytestmark = [pytest.mark.e2e, pytest.mark.torch]

STAND_IN = [sys.executable, "-m", "tests.k8s.rollout_check.stand_ins"]

RATE = 16
DRAIN_SECONDS = 3
"""Long enough for each kept connection to be used and closed gracefully."""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Three servers: an old one, its replacement, and one that is killed."""
    with ExitStack() as stack:
        started = [
            stack.enter_context(running(tmp_path_factory.mktemp("server"), drain_seconds=drain, deadline_seconds=60))
            for drain in (DRAIN_SECONDS, 0, 0)
        ]
        yield [server.wait_until_ready() for server in started]


def until_gone(server: Server) -> str:
    return shlex.join([*STAND_IN, "wait-until-closed", str(server.port)])


def test_a_graceful_replacement_loses_nothing(servers: list[Server], tmp_path: Path) -> None:
    old, new, _ = servers
    endpoint = tmp_path / "endpoint"
    endpoint.write_text(str(old.port))
    command = [*STAND_IN, "replace", str(endpoint), str(new.port), str(old.process.pid)]
    with node_port(endpoint) as port:
        url = f"http://127.0.0.1:{port}"
        done = rollout_check("--url", url, "--until", until_gone(old), "-o", "json", command=command, rate=RATE)
    assert done.json["losses"] == []
    assert done.code == 0
    assert done.json["phases"]["during"]["ok"] >= RATE * DRAIN_SECONDS / 2
    assert old.exit_code() == 0


def test_killing_a_server_loses_requests(servers: list[Server]) -> None:
    *_, victim = servers
    [worker] = victim.workers()
    kill = ["kill", "-KILL", str(victim.process.pid), str(worker)]
    done = rollout_check("--url", victim.url(), "--until", until_gone(victim), "-o", "json", command=kill, rate=RATE)
    assert done.code == 1
    kinds = {loss["kind"] for loss in done.json["losses"]}
    assert "connection refused" in kinds
    assert kinds <= {"connection refused", "connection reset", "closed without an answer"}
    after = done.json["phases"]["after"]
    assert after["sent"] == after["lost"] > 0
