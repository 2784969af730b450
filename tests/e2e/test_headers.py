import re

import pytest
import requests

from service.telemetry.stages import STAGES
from tests.e2e.server import Server
from tests.e2e.traffic import BIRD


@pytest.mark.parametrize("given", ["abc-123", "a" * 64, "trace:1.2_3"])
def test_a_sane_request_id_is_echoed(server: Server, given: str) -> None:
    response = server.predict(BIRD, **{"X-Request-Id": given})
    assert response.headers["X-Request-Id"] == response.json()["request_id"] == given


@pytest.mark.parametrize("given", ["a" * 65, "two words", '"><script>', "", "\xfc"])
def test_any_other_request_id_is_replaced(server: Server, given: str) -> None:
    response = server.predict(BIRD, **{"X-Request-Id": given})
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-Id"])


def test_no_two_requests_get_the_same_id(server: Server) -> None:
    assert len({server.get("/healthz").headers["X-Request-Id"] for _ in range(5)}) == 5


def stages(response: requests.Response) -> dict[str, float]:
    found = re.findall(r"(\w+);dur=(\d+\.\d+)", response.headers["Server-Timing"])
    return {name: float(milliseconds) for name, milliseconds in found}


def test_the_answer_has_the_time_of_every_stage(server: Server) -> None:
    spent = stages(server.predict(BIRD))
    assert list(spent) == [*STAGES, "total"]
    assert sum(list(spent.values())[:-1]) <= spent["total"] + 0.01  # each is rounded to a microsecond


def test_the_stages_add_up_to_the_total(server: Server) -> None:
    found = [stages(server.predict(BIRD)) for _ in range(20)]
    # The best of many: on a busy machine a thread may lose the processor between any two of them.
    assert min(2 * spent["total"] - sum(spent.values()) for spent in found) < 0.5


def test_a_refusal_has_the_times_of_the_stages_that_it_passed(server: Server) -> None:
    assert list(stages(server.predict(b"no image"))) == ["wait", "receive", "decode", "total"]


def test_connections_are_kept(server: Server) -> None:
    with requests.Session() as session:
        answers = [session.post(server.url(), data=BIRD, timeout=30) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert {answer.headers["Connection"] for answer in answers} == {"keep-alive"}
