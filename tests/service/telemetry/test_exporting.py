"""The queue of spans in front of an exporter that is held up."""

import subprocess
import sys
import threading
from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry

from service.telemetry.exporting import DELAY, EXPORT_SIZE, QUEUE_SIZE, SpanQueue
from service.telemetry.finished_span import FinishedSpan
from service.telemetry.metrics.spans import SpanMetrics
from tests.e2e.server import ROOT


class Held:
    """Fake: exports nothing before it is let go."""

    def __init__(self) -> None:
        self.exporting, self.go = threading.Event(), threading.Event()
        self.sent = 0
        self.sizes: list[int] = []

    def export(self, spans: Sequence[FinishedSpan]) -> bool:
        self.exporting.set()
        self.go.wait(20)
        self.sent += len(spans)
        self.sizes.append(len(spans))
        return True

    def shutdown(self) -> None:
        pass


def span() -> FinishedSpan:
    return FinishedSpan("stage", 1, 1, None, 0, 1)


def test_every_span_is_exported_or_counted_as_dropped_and_none_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(QUEUE_SIZE, "10")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5")
    registry, exporter = CollectorRegistry(), Held()
    queue = SpanQueue(SpanMetrics(registry), exporter)
    for _ in range(5):
        queue.add([span()])
    assert exporter.exporting.wait(20)
    for _ in range(17):
        queue.add([span()])
    exporter.go.set()
    queue.shutdown()
    queue.add([span()])
    assert registry.get_sample_value("cifar10_spans_ended_total") == 23
    assert registry.get_sample_value("cifar10_spans_dropped_total") == 8
    assert registry.get_sample_value("cifar10_spans_exported_total", {"result": "success"}) == exporter.sent == 15
    assert caplog.text == ""


def test_of_spans_that_come_at_once_as_many_as_find_room_are_exported_and_no_more_than_allowed_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(QUEUE_SIZE, "10")
    monkeypatch.setenv(EXPORT_SIZE, "4")
    registry, exporter = CollectorRegistry(), Held()
    exporter.go.set()
    queue = SpanQueue(SpanMetrics(registry), exporter)
    queue.add([span()] * 13)
    queue.shutdown()
    assert registry.get_sample_value("cifar10_spans_dropped_total") == 3
    assert exporter.sizes == [4, 4, 2]


def test_spans_that_are_too_few_for_an_export_are_exported_after_the_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DELAY, "1")
    exporter = Held()
    queue = SpanQueue(SpanMetrics(CollectorRegistry()), exporter)
    queue.add([span()])
    assert exporter.exporting.wait(20)
    exporter.go.set()
    queue.shutdown()


def test_an_export_that_fails_is_counted_and_logged_and_the_next_one_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Held):
        def export(self, spans: Sequence[FinishedSpan]) -> bool:
            if self.exporting.is_set():
                return super().export(spans)
            self.exporting.set()
            raise RuntimeError("no such span")

    monkeypatch.setenv(EXPORT_SIZE, "1")
    registry, exporter = CollectorRegistry(), Failing()
    exporter.go.set()
    queue = SpanQueue(SpanMetrics(registry), exporter)
    queue.add([span(), span()])
    queue.shutdown()
    assert registry.get_sample_value("cifar10_spans_exported_total", {"result": "failure"}) == 1
    assert registry.get_sample_value("cifar10_spans_exported_total", {"result": "success"}) == 1
    assert "no such span" in caplog.text


FORKING = """
import os, sys
from prometheus_client import CollectorRegistry
from service.telemetry.exporting import SpanQueue
from service.telemetry.metrics.spans import SpanMetrics
from tests.e2e.server import ROOT
class Told:
    def export(self, spans): return os.write(1, f"{name} {' '.join(spans)}\\n".encode()) > 0
    def shutdown(self): pass
name = "parent"
queue = SpanQueue(SpanMetrics(CollectorRegistry()), Told())
queue.add(["before"])
child = os.fork()
if child == 0:
    name = "child"
queue.add(["after"])
queue.shutdown()
if child:
    os.waitpid(child, 0)
"""


def test_each_process_of_a_fork_exports_what_ended_in_it() -> None:
    ran = subprocess.run([sys.executable, "-c", FORKING], cwd=ROOT, capture_output=True, text=True, check=True)
    assert sorted(ran.stdout.splitlines()) == ["child after", "parent before after"]


@pytest.mark.parametrize("size", ["", "many", "0", "-3"])
def test_a_queue_size_that_makes_no_sense_is_the_default(monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    monkeypatch.setenv(QUEUE_SIZE, size)
    registry = CollectorRegistry()
    queue = SpanQueue(SpanMetrics(registry), Held())
    queue.add([span()])
    assert registry.get_sample_value("cifar10_spans_dropped_total") == 0


@pytest.mark.parametrize(
    ("name", "value"), [(QUEUE_SIZE, "10"), (QUEUE_SIZE, "0"), (DELAY, "0"), (DELAY, "soon"), (EXPORT_SIZE, "9999")]
)
def test_no_size_or_delay_stops_the_start(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    exporter = Held()
    exporter.go.set()
    queue = SpanQueue(SpanMetrics(CollectorRegistry()), exporter)
    queue.add([span()])
    queue.shutdown()
    assert exporter.sent == 1


def test_what_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv(DELAY, "soon")
    exporter = Held()
    SpanQueue(SpanMetrics(CollectorRegistry()), exporter).shutdown()
    assert "OTEL_BSP_SCHEDULE_DELAY=soon is not a positive number: 5000 is used instead" in caplog.text
