"""Several worker processes behind one port report as one server."""

import os
import signal

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import Start
from tests.e2e.server import START_SECONDS, Server, eventually, handles_signals
from tests.e2e.traffic import BIRD, answer, post

WORKERS = 2

SCRAPES = 10
"""On a connection each, so that every worker answers some."""


@pytest.fixture
def pair(start: Start) -> Server:
    server = start(workers=WORKERS).wait_until_ready()
    eventually(lambda: all_ready(server), within=START_SECONDS, what="readiness of both workers")
    return server


def metric(server: Server, name: str) -> float:
    """The sum of the samples of that name."""
    families = text_string_to_metric_families(server.ops("/metrics").text)
    return sum(sample.value for family in families for sample in family.samples if sample.name == name)


def all_ready(server: Server) -> bool:
    return metric(server, "cifar10_workers") == WORKERS and server.ready()


def predict(server: Server, times: int) -> None:
    """Each on a connection of its own."""
    for _ in range(times):
        answer = server.predict(BIRD)
        assert (answer.status_code, answer.json()["predict"]) == (200, "bird")


def kill(server: Server, worker: int) -> None:
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: worker not in server.workers(), what="the end of the worker")


def test_every_scrape_shows_the_sum_of_both_workers(pair: Server) -> None:
    predict(pair, 20)
    assert {metric(pair, "cifar10_predictions_total") for _ in range(SCRAPES)} == {20}
    assert {metric(pair, "cifar10_ready") for _ in range(SCRAPES)} == {1}
    assert metric(pair, "cifar10_worker_starts_total") == WORKERS


def test_counters_survive_a_killed_worker_and_no_request_reaches_its_successor_before_it_is_ready(
    pair: Server,
) -> None:
    predict(pair, 20)
    assert metric(pair, "cifar10_predictions_total") == 20
    for worker in pair.workers():
        kill(pair, worker)
        predict(pair, 10)
        eventually(lambda: all_ready(pair), within=START_SECONDS, what="a new worker")
        assert {metric(pair, "cifar10_worker_starts_total") for _ in range(SCRAPES)} <= {WORKERS + 1, WORKERS + 2}
    assert {metric(pair, "cifar10_predictions_total") for _ in range(SCRAPES)} == {40}
    assert metric(pair, "cifar10_worker_starts_total") == WORKERS + 2


def test_each_worker_and_its_successor_is_pinned_to_a_cpu_if_there_are_enough(pair: Server) -> None:
    allowed = os.sched_getaffinity(0)
    expected = [{cpu} for cpu in sorted(allowed)] if len(allowed) == WORKERS else [allowed] * WORKERS
    assert sorted(map(os.sched_getaffinity, pair.workers()), key=min) == expected
    kill(pair, pair.workers()[0])
    eventually(lambda: all_ready(pair), within=START_SECONDS, what="a new worker")
    assert sorted(map(os.sched_getaffinity, pair.workers()), key=min) == expected


def test_sigterm_ends_all_of_them_after_the_drain(start: Start) -> None:
    server = start(workers=WORKERS, drain_seconds=2).wait_until_ready()
    eventually(lambda: all_ready(server), within=START_SECONDS, what="readiness of both workers")
    server.signal(signal.SIGTERM)
    eventually(lambda: not server.ready(), what="unreadiness")
    predict(server, 10)
    assert server.exit_code() == 0
    assert server.log().count('"stopped"') == WORKERS


def test_a_worker_that_was_never_ready_ends_without_closing_the_port_for_others(start: Start) -> None:
    server = start(workers=WORKERS, drain_seconds=100).wait_until_ready()
    eventually(lambda: all_ready(server), within=START_SECONDS, what="readiness of both workers")
    killed, ready = server.workers()
    os.kill(killed, signal.SIGKILL)
    others = {killed, ready}
    eventually(lambda: any(map(handles_signals, {*server.workers()} - others)), what="the one that comes after it")
    server.signal(signal.SIGTERM)
    eventually(lambda: server.workers() == [ready], within=START_SECONDS, what="its end")
    predict(server, 10)
    server.signal(signal.SIGINT)
    assert server.exit_code(within=20) == 0


def test_a_worker_that_gunicorn_adds_on_a_signal_is_counted(pair: Server) -> None:
    pair.signal(signal.SIGTTIN)
    eventually(lambda: metric(pair, "cifar10_workers") == WORKERS + 1, within=START_SECONDS, what="one more worker")
    predict(pair, 10)
    assert {metric(pair, "cifar10_predictions_total") for _ in range(SCRAPES)} == {10}


def test_counters_survive_a_reload(pair: Server) -> None:
    predict(pair, 10)
    assert metric(pair, "cifar10_predictions_total") == 10
    before = pair.workers()
    pair.signal(signal.SIGHUP)
    eventually(lambda: not set(before) & set(pair.workers()), within=START_SECONDS, what="new workers")
    eventually(lambda: all_ready(pair), within=START_SECONDS, what="their readiness")
    predict(pair, 10)
    assert {metric(pair, "cifar10_predictions_total") for _ in range(SCRAPES)} == {20}


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
    with server.connect(), server.connect() as kept:  # neither keeps the worker alive
        kept.sendall(post())
        assert answer(kept).status == 200
        server.process.kill()
        assert server.exit_code() == -signal.SIGKILL
        for port in (server.port, server.ops_port):
            eventually(lambda port=port: server.refuses(port), what=f"the end of port {port}")  # type: ignore[misc]
