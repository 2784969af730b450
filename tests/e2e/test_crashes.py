import os
import signal

from tests.e2e.conftest import Start
from tests.e2e.server import START_SECONDS, eventually
from tests.e2e.traffic import BIRD


def test_a_crashed_worker_is_replaced(start: Start) -> None:
    server = start().wait_until_ready()
    [crashed] = server.workers()
    os.kill(crashed, signal.SIGKILL)
    eventually(lambda: server.workers() not in ([crashed], []), what="a new worker")
    eventually(server.ready, within=START_SECONDS, what="readiness")
    assert server.predict(BIRD).json()["predict"] == "bird"
    assert server.ops("/metrics").status_code == 200
    assert server.get("/readyz").json()["ready"]


def test_a_worker_does_not_outlive_a_crashed_master(start: Start) -> None:
    server = start().wait_until_ready()
    server.process.kill()
    assert server.exit_code() == -signal.SIGKILL
    for port in (server.port, server.ops_port):
        eventually(lambda port=port: server.refuses(port), what=f"the end of port {port}")  # type: ignore[misc]
