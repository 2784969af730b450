import time

from tests.container.conftest import Start
from tests.e2e.load import load
from tests.e2e.server import eventually


def test_no_request_is_lost_when_it_is_terminated_under_load(start: Start) -> None:
    container = start().wait_until_ready()
    with load(container, kept=2, new=2) as traffic:
        eventually(lambda: len(traffic.outcomes) > 20, within=60, what="traffic")
        container.terminate()
        began = time.monotonic()
        assert container.exit_code() == 0
    assert traffic.lost == []
    assert traffic.statuses() == {200}
    assert any(outcome.asked > began for outcome in traffic.outcomes)
