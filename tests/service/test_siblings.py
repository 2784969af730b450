"""Two workers, here in one process; tests/e2e/test_workers.py has real ones."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from service import ops, siblings
from service.app import Predictor, create_app
from service.settings import Settings
from service.siblings import Siblings
from service.slots import Slot
from tests.service.answers import body
from tests.service.fakes import ColourEngine
from tests.service.pictures import plain

SLOTS = 3
"""One more than there are workers."""


@pytest.fixture
def slots() -> Iterator[list[Slot]]:
    slots = [Slot() for _ in range(SLOTS)]
    yield slots
    for slot in slots:
        if not slot.taken:  # else it is served until the process ends
            slot.close()


@pytest.fixture
def join(settings: Settings, slots: list[Slot]) -> Iterator[Callable[[Slot], Flask]]:
    """``join(slot)`` starts a worker in the slot that answers the others."""
    apps: list[Flask] = []

    def join(slot: Slot) -> Flask:
        app = create_app(settings, ColourEngine())
        predictor: Predictor = app.extensions["predictor"]
        predictor.join(slots, slot, lambda: None)
        if not slot.taken:
            slot.taken = True
            ops.serve(predictor.inside, slot.listener)
        predictor.start().join()
        apps.append(app)
        return app

    yield join
    for app in apps:
        app.extensions["predictor"].stop()


@pytest.fixture
def pair(join: Callable[[Slot], Flask], slots: list[Slot]) -> tuple[Flask, Flask]:
    return join(slots[0]), join(slots[1])


def predicted(app: Flask) -> float:
    text = app.test_client().get("/metrics").text
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith("cifar10_predictions_total"))


def predict(app: Flask, times: int) -> None:
    for _ in range(times):
        assert app.test_client().post("/predict", data=plain("cat")).status_code == 200


def value(app: Flask, name: str) -> float:
    [line] = [line for line in app.test_client().get("/metrics").text.splitlines() if line.startswith(f"{name} ")]
    return float(line.split()[-1])


def test_whichever_is_scraped_shows_what_both_have_counted(pair: tuple[Flask, Flask]) -> None:
    one, other = pair
    predict(one, 2)
    predict(other, 3)
    assert predicted(one) == predicted(other) == 5
    assert value(one, "cifar10_workers") == 2
    assert value(one, "cifar10_worker_starts_total") == 2


def test_a_server_of_two_has_no_more_series_than_a_server_of_one(pair: tuple[Flask, Flask], settings: Settings) -> None:
    def names(app: Flask) -> set[str]:
        return {line.rpartition(" ")[0] for line in app.test_client().get("/metrics").text.splitlines()}

    alone = create_app(settings, ColourEngine())
    alone.extensions["predictor"].start().join()
    assert names(pair[0]) == names(alone)
    alone.extensions["predictor"].stop()


def test_what_a_worker_had_counted_when_it_was_last_scraped_outlives_it(
    pair: tuple[Flask, Flask], slots: list[Slot], join: Callable[[Slot], Flask]
) -> None:
    one, other = pair
    predict(other, 3)
    assert predicted(one) == 3
    slots[1].vacate()  # as gunicorn's master does when the process has ended
    assert predicted(one) == 3
    assert value(one, "cifar10_workers") == 1
    slots[1].listener, slots[2].taken = slots[2].listener, True  # here, the ended one would go on answering
    next_one = join(slots[1])
    predict(next_one, 1)
    assert predicted(one) == predicted(next_one) == 4
    assert value(one, "cifar10_worker_starts_total") == 3


def test_of_a_worker_that_does_not_answer_the_last_word_counts(
    pair: tuple[Flask, Flask], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = pair
    predict(other, 3)
    assert predicted(one) == 3
    monkeypatch.setattr(siblings, "_ask", lambda slot, path: None)
    assert predicted(one) == 3
    assert "another worker does not answer" in caplog.text
    assert one.test_client().get("/healthz").status_code == 200, "one that hangs is gunicorn's to end"


def test_the_server_is_ready_when_all_its_workers_are(pair: tuple[Flask, Flask]) -> None:
    one, other = (app.test_client() for app in pair)
    assert one.get("/readyz").status_code == 200
    pair[1].extensions["predictor"].lifecycle.drain()
    for client in (one, other):
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert body(answer)["state"] == "draining"
    assert value(pair[0], "cifar10_ready") == 0


def test_a_worker_that_has_ended_does_not_make_the_server_unready(pair: tuple[Flask, Flask], slots: list[Slot]) -> None:
    pair[1].extensions["predictor"].lifecycle.drain()
    slots[1].vacate()
    assert pair[0].test_client().get("/readyz").status_code == 200


def test_the_server_is_not_alive_when_one_of_its_workers_is_not(pair: tuple[Flask, Flask]) -> None:
    one, other = pair
    assert one.test_client().get("/healthz").status_code == 200
    other.extensions["predictor"].batcher.close(1.0)
    assert one.test_client().get("/healthz").status_code == 503


def test_who_has_joined_nobody_is_alone() -> None:
    alone = Siblings()
    alone.bequeath(b"1")
    alone.announce(b"{}")
    assert (alone.inherited(), alone.counted(), alone.readiness(), alone.alive()) == (b"", [], [], True)
