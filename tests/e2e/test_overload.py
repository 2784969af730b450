import threading
from collections import Counter

import requests

from tests.e2e.conftest import Start
from tests.e2e.server import Server
from tests.e2e.test_endpoints import samples
from tests.e2e.traffic import BIRD, assert_refused, parts, problem

CLIENTS = 20
ROUNDS = 4


def flood(server: Server) -> list[requests.Response]:
    """What many clients, all at once, are answered to requests that fill the queue each."""
    answers: list[requests.Response] = []

    def client() -> None:
        for _ in range(ROUNDS):
            answers.append(requests.post(server.url(), files=parts(*[BIRD] * 4), timeout=60))

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert server.ops("/readyz").status_code == 200  # overload is no reason to lose a replica
    for thread in threads:
        thread.join()
    return answers


def test_overload_is_refused_at_once_and_passes(start: Start) -> None:
    server = start(queue_capacity=4, max_images=4, max_batch=4, deadline_seconds=60).wait_until_ready()
    answers = flood(server)
    counts = Counter(answer.status_code for answer in answers)
    assert len(answers) == CLIENTS * ROUNDS
    assert counts.keys() == {200, 429}, counts
    for answer in answers:
        if answer.status_code == 429:
            assert problem(answer)["code"] == "queue_full"
            assert int(answer.headers["Retry-After"]) >= 1
        else:
            assert [one["predict"] for one in answer.json()["predictions"]] == ["bird"] * 4
    seen = samples(server.ops("/metrics").text)
    assert seen['cifar10_requests_refused_total{"code": "queue_full"}'] == counts[429]
    assert seen['cifar10_predictions_total{"predicted_class": "bird"}'] == 4 * counts[200]
    assert server.predict(BIRD).status_code == 200


def test_a_prediction_that_comes_too_late_is_not_waited_for(start: Start) -> None:
    server = start(deadline_seconds=0.01, max_images=256, queue_capacity=256).wait_until_ready()
    late = requests.post(server.url(), files=parts(*[BIRD] * 256), timeout=60)
    assert "deadline" in assert_refused(late, 504, "deadline_exceeded")
    assert {server.predict(BIRD).status_code for _ in range(20)} <= {200, 504}
    assert server.ready()
