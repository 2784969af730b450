"""Several worker processes behind one port: who asks about them hears of one server."""

import os
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import Start
from tests.e2e.server import START_SECONDS, Server, eventually, handles_signals
from tests.e2e.traffic import BIRD

WORKERS = 2

ESTABLISHED = "01"
"""A connection's state in /proc/net/tcp."""

FIRST, MOST_LATER = 16, 64
"""Clients: so many come while one worker is held up. If all goes well it gets the next 16, but on a busy machine it is
too late for some. By chance it would hardly catch up with 64."""

SCRAPES = 10
"""Each on a connection of its own, so that both workers answer some."""


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


def test_every_scrape_shows_all_that_both_have_done(pair: Server) -> None:
    predict(pair, 20)
    assert {metric(pair, "cifar10_predictions_total") for _ in range(SCRAPES)} == {20}
    assert {metric(pair, "cifar10_ready") for _ in range(SCRAPES)} == {1}
    assert metric(pair, "cifar10_worker_starts_total") == WORKERS


def test_a_killed_worker_takes_nothing_along_that_was_scraped_and_no_request_meets_its_successor_too_early(
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


def test_each_has_a_cpu_of_its_own_where_there_are_as_many_and_so_has_its_successor(pair: Server) -> None:
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


def test_a_worker_that_was_never_ready_ends_without_closing_the_port_to_the_others(start: Start) -> None:
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


def test_the_number_of_workers_is_the_setting_s_and_no_signal_s(pair: Server) -> None:
    before = pair.workers()
    for number in (signal.SIGTTIN, signal.SIGTTOU):
        pair.signal(number)
    eventually(lambda: pair.log().count("PREDICTOR_WORKERS sets it") == 2, what="both warnings")
    assert pair.workers() == before


def test_what_was_counted_outlives_a_reload(pair: Server) -> None:
    predict(pair, 10)
    assert metric(pair, "cifar10_predictions_total") == 10
    before = pair.workers()
    pair.signal(signal.SIGHUP)
    eventually(lambda: not set(before) & set(pair.workers()), within=START_SECONDS, what="new workers")
    eventually(lambda: all_ready(pair), within=START_SECONDS, what="their readiness")
    predict(pair, 10)
    assert {metric(pair, "cifar10_predictions_total") for _ in range(SCRAPES)} == {20}


def test_clients_go_to_whoever_has_fewer(pair: Server) -> None:
    held_up, other = pair.workers()
    with ExitStack() as stack:

        def come() -> None:
            client = stack.enter_context(requests.Session())
            assert client.post(pair.url(), data=BIRD, timeout=30).status_code == 200

        os.kill(held_up, signal.SIGSTOP)
        try:
            for _ in range(FIRST):
                come()
        finally:
            os.kill(held_up, signal.SIGCONT)
        assert (connections(held_up), connections(other)) == (0, FIRST), "nobody waits for a worker that does not come"
        later = 0
        while connections(held_up) < connections(other):
            later += 1
            assert later <= MOST_LATER
            come()


def connections(worker: int) -> int:
    """Established ones that the process holds; what it has inherited only listens."""
    held = {os.readlink(path) for path in Path(f"/proc/{worker}/fd").iterdir() if path.is_symlink()}
    rows = [row.split() for row in Path(f"/proc/{worker}/net/tcp").read_text().splitlines()[1:]]
    return sum(row[3] == ESTABLISHED and f"socket:[{row[9]}]" in held for row in rows)
