"""Two workers in one process; tests/e2e/test_workers.py has two processes."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from flask import Flask

from service.app import Predictor, create_app
from service.multiprocess import peers
from service.multiprocess.peers import Peers
from service.multiprocess.worker_slot import WorkerSlot
from service.server import ops_server
from service.settings import Settings
from tests.service.fakes import ColourEngine
from tests.service.messages import body
from tests.service.pictures import plain

SLOTS = 3
"""One more than the workers of most tests."""


@pytest.fixture
def slots() -> Iterator[list[WorkerSlot]]:
    slots = [WorkerSlot() for _ in range(SLOTS)]
    yield slots
    for slot in slots:
        if not slot.taken:  # a server owns the listener of a taken slot
            slot.close()


@pytest.fixture
def join(settings: Settings, slots: list[WorkerSlot]) -> Iterator[Callable[[WorkerSlot], Flask]]:
    """``join(slot)`` starts a worker in the slot, which answers its peers."""
    apps: list[Flask] = []

    def join(slot: WorkerSlot) -> Flask:
        app = create_app(settings, ColourEngine())
        predictor: Predictor = app.extensions["predictor"]
        predictor.join(slots, slot)
        if not slot.taken:
            slot.taken = True
            ops_server.serve(predictor.peer, slot.listener)
        predictor.start().join()
        apps.append(app)
        return app

    yield join
    for app in apps:
        app.extensions["predictor"].stop()


@pytest.fixture
def pair(join: Callable[[WorkerSlot], Flask], slots: list[WorkerSlot]) -> tuple[Flask, Flask]:
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


def test_a_scrape_of_either_worker_shows_both(pair: tuple[Flask, Flask]) -> None:
    one, other = pair
    predict(one, 2)
    predict(other, 3)
    assert predicted(one) == predicted(other) == 5
    assert value(one, "cifar10_workers") == 2
    assert value(one, "cifar10_worker_starts_total") == 2


def test_two_workers_have_the_same_series_as_one(pair: tuple[Flask, Flask], settings: Settings) -> None:
    def names(app: Flask) -> set[str]:
        return {line.rpartition(" ")[0] for line in app.test_client().get("/metrics").text.splitlines()}

    alone = create_app(settings, ColourEngine())
    alone.extensions["predictor"].start().join()
    assert names(pair[0]) == names(alone)
    alone.extensions["predictor"].stop()


def test_the_counters_of_a_worker_that_has_ended_are_kept(
    pair: tuple[Flask, Flask], slots: list[WorkerSlot], join: Callable[[WorkerSlot], Flask]
) -> None:
    one, other = pair
    predict(other, 3)
    assert predicted(one) == 3
    slots[1].vacate()  # as gunicorn's master does when the process has ended
    assert predicted(one) == 3
    assert value(one, "cifar10_workers") == 1
    slots[1].listener, slots[2].taken = slots[2].listener, True  # the server of the first worker still runs
    successor = join(slots[1])
    predict(successor, 1)
    assert predicted(one) == predicted(successor) == 4
    assert value(one, "cifar10_worker_starts_total") == 3


def test_the_last_known_counters_of_a_worker_that_does_not_answer_are_used(
    pair: tuple[Flask, Flask], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = pair
    predict(other, 3)
    assert predicted(one) == 3
    monkeypatch.setattr(peers, "_get", lambda slot, path: None)
    assert predicted(one) == 3
    assert "worker 2 did not answer; this scrape uses its last known counters" in caplog.text
    assert one.test_client().get("/healthz").status_code == 200


def test_the_server_is_ready_if_all_workers_are(pair: tuple[Flask, Flask]) -> None:
    one, other = (app.test_client() for app in pair)
    assert one.get("/readyz").status_code == 200
    pair[1].extensions["predictor"].lifecycle.drain()
    for client in (one, other):
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert body(answer)["state"] == "draining"
    assert value(pair[0], "cifar10_ready") == 0


def test_a_worker_that_has_ended_does_not_make_the_server_unready(
    pair: tuple[Flask, Flask], slots: list[WorkerSlot]
) -> None:
    pair[1].extensions["predictor"].lifecycle.drain()
    slots[1].vacate()
    assert pair[0].test_client().get("/readyz").status_code == 200


def test_the_server_is_not_alive_if_one_worker_is_not(pair: tuple[Flask, Flask]) -> None:
    one, other = pair
    assert one.test_client().get("/healthz").status_code == 200
    other.extensions["predictor"].batcher.close(1.0)
    assert one.test_client().get("/healthz").status_code == 503


def test_without_peers_everything_is_empty() -> None:
    alone = Peers()
    alone.bequeath(b"1")
    alone.announce({})
    assert (alone.inherited(), alone.counters(), alone.readiness(), alone.alive()) == (b"", [], [], True)


def test_a_slot_is_occupied_from_the_first_report_of_its_worker_until_it_is_vacated() -> None:
    with closing(WorkerSlot()) as slot:
        assert not slot.occupied
        slot.readiness.write(b"{}")
        slot.counters.write(b"[]")
        slot.taken, slot.cpu = True, 1
        assert slot.occupied
        slot.vacate()
        assert not slot.occupied
        assert (slot.taken, slot.cpu) == (False, None)
        assert slot.counters.read() == b"[]", "the counters are for the next worker"


def test_each_slot_listens_on_its_own_address() -> None:
    with closing(WorkerSlot()) as one, closing(WorkerSlot()) as other:
        assert one.listener.getsockname() != other.listener.getsockname()
        with closing(socket.socket(one.listener.family, socket.SOCK_STREAM)) as client:
            client.connect(one.listener.getsockname())
