import os
import signal
import time

import pytest

from tests.e2e.conftest import Start
from tests.e2e.load import load
from tests.e2e.server import Server, eventually, handles_signals
from tests.e2e.traffic import BIRD, answer, post


def draining(server: Server) -> bool:
    return server.ops("/readyz").status_code == 503


@pytest.mark.parametrize("workers", [1, 2])
def test_no_request_is_lost_when_the_server_is_terminated_under_load(start: Start, workers: int) -> None:
    server = start(workers=workers, drain_seconds=5, grace_seconds=30).wait_until_ready()
    with load(server, kept=3, new=3) as traffic:
        eventually(lambda: len(traffic.outcomes) > 20, within=60, what="traffic")
        server.signal(signal.SIGTERM)
        eventually(lambda: draining(server), what="draining")
        unready = time.monotonic()
        assert server.exit_code() == 0
    after = [outcome for outcome in traffic.outcomes if outcome.asked > unready]
    assert traffic.lost == []
    assert traffic.statuses() == {200}
    assert after
    assert all(outcome.closing for outcome in after)
    assert "Traceback" not in server.log()


def test_a_terminated_server_is_unready_while_it_still_serves(start: Start) -> None:
    server = start(drain_seconds=30).wait_until_ready()
    server.signal(signal.SIGTERM)
    eventually(lambda: draining(server), what="draining")
    found = server.ops("/readyz").json()
    assert (found["ready"], found["state"]) == (False, "draining")
    assert [name for name, check in found["checks"].items() if not check["passed"]] == ["not_draining"]
    assert server.ops("/healthz").status_code == 200
    response = server.predict(BIRD)
    assert (response.status_code, response.headers["Connection"]) == (200, "close")
    server.signal(signal.SIGINT)  # who can't wait presses Control-C
    assert server.exit_code(within=20) == 0


def test_a_request_that_is_being_sent_is_still_answered(start: Start) -> None:
    server = start(grace_seconds=60).wait_until_ready()
    with server.connect() as connection:
        connection.sendall(post()[:-100])
        assert server.predict(BIRD).status_code == 200
        server.signal(signal.SIGTERM)
        eventually(server.refuses, what="the closed listener")
        connection.sendall(post()[-100:])
        assert answer(connection).status == 200
    assert server.exit_code(within=20) == 0


@pytest.mark.parametrize("sent", [b"", post()], ids=["silent", "kept"])
def test_idle_connections_do_not_delay_the_end(start: Start, sent: bytes) -> None:
    server = start(grace_seconds=100).wait_until_ready()
    with server.connect() as connection:
        if sent:
            connection.sendall(sent)
            assert answer(connection).status == 200
        server.predict(BIRD)
        server.signal(signal.SIGTERM)
        assert server.exit_code(within=30) == 0


def test_a_stalled_client_delays_the_end_by_grace_seconds_at_most(start: Start) -> None:
    server = start(grace_seconds=1, body_timeout_seconds=300).wait_until_ready()
    with server.connect() as connection:
        connection.sendall(post(b"", "Content-Length: 5"))
        server.predict(BIRD)
        server.signal(signal.SIGTERM)
        assert server.exit_code(within=30) == 0
    assert "Traceback" not in server.log()


def test_a_server_terminated_while_it_loads_ends_at_once(start: Start) -> None:
    server = start(drain_seconds=300)
    eventually(lambda: any(map(handles_signals, server.workers())), within=60, what="the worker")
    server.signal(signal.SIGTERM)
    assert server.exit_code(within=60) == 0
    assert "Traceback" not in server.log()


def press_control_c(server: Server) -> None:
    """Send SIGINT to every process of the group, as a terminal does."""
    os.killpg(server.process.pid, signal.SIGINT)


def test_control_c_ends_an_idle_server(start: Start) -> None:
    server = start(drain_seconds=300).wait_until_ready()
    press_control_c(server)
    assert server.exit_code(within=10) == 0
    assert "Traceback" not in server.log()


def test_control_c_does_not_wait_for_clients(start: Start) -> None:
    settings = {"drain_seconds": 300, "grace_seconds": 300, "body_timeout_seconds": 300}
    server = start(**settings).wait_until_ready()
    with server.connect() as stalled, server.connect() as silent, server.connect() as busy:
        stalled.sendall(post(BIRD[:100], f"Content-Length: {len(BIRD)}"))
        assert server.predict(BIRD).status_code == 200
        busy.sendall(post())
        press_control_c(server)
        assert server.exit_code(within=10) == 0
        assert silent.fileno() > 0
    assert "Traceback" not in server.log()
