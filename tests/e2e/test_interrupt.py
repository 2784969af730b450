import os
import signal

from tests.e2e.conftest import Start
from tests.e2e.server import Server
from tests.e2e.traffic import BIRD, post


def press_control_c(server: Server) -> None:
    """What a terminal does: SIGINT to every process of the group."""
    os.killpg(server.process.pid, signal.SIGINT)


def test_control_c_ends_an_idle_server(start: Start) -> None:
    server = start(drain_seconds=300).wait_until_ready()
    press_control_c(server)
    assert server.exit_code(within=10) == 0
    assert "Traceback" not in server.log()


def test_control_c_waits_for_nobody(start: Start) -> None:
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
