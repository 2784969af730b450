"""Metrics, traces and logs of the real server, as a real Prometheus and a real OTLP collector get them."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict

from tests.e2e.conftest import Start
from tests.e2e.load import load
from tests.e2e.prometheus import scraping
from tests.e2e.server import Server, eventually
from tests.e2e.traffic import BIRD, SAMPLES
from tests.otlp_sink import running as collecting

Tool = Callable[[str, str], str]


ENOUGH = 300
"""Requests that are recorded before the test continues."""

ANSWERED = 'cifar10_stage_duration_seconds_count{stage="inference"}'
PREDICTED = 'http_server_request_duration_seconds_count{http_route="/predict",http_response_status_code="200"}'

# Where every request is sampled, a machine as small as this one may not keep up with exporting the spans.
SAMPLING = {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1", "OTEL_BSP_SCHEDULE_DELAY": "200"}


def histograms(server: Server) -> int:
    """The number of histograms in OpenMetrics; the strict parser must accept the text."""
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    families = strict(server.get("/metrics", headers=accept).text)  # type: ignore[no-untyped-call]
    return sum(family.type == "histogram" for family in families)


def series(server: Server) -> set[str]:
    """Names and labels of the series in a scrape."""
    lines = server.ops("/metrics").text.splitlines()
    return {line.rpartition(" ")[0] for line in lines if not line.startswith("#")}


def test_an_exemplar_leads_from_a_histogram_to_its_trace_and_its_log_line(
    start: Start, require_tool: Tool, tmp_path: Path
) -> None:
    executable = require_tool("prometheus", "prometheus")
    with collecting() as collector:
        server = start(log_format="json", OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint, **SAMPLING).wait_until_ready()
        with scraping(executable, tmp_path, server.ops_port) as prometheus:
            began = time.time()
            with load(server, kept=4, new=4) as clients:
                eventually(lambda: (prometheus.value(ANSWERED) or 0) > ENOUGH, within=60, what="the load's scrape")
                assert prometheus.value('min_over_time(up{job="cifar10"}[1m])') == 1
                assert histograms(server) > 0
            assert not clients.lost
            assert clients.statuses() == {200}
            answers = len(clients.outcomes)
            eventually(lambda: prometheus.value(ANSWERED) == answers, what="the scrape of every request")
            assert prometheus.value(PREDICTED) == answers
            spans_sent = lambda: len(collector.spans) == prometheus.value("cifar10_spans_ended_total")  # noqa: E731
            eventually(spans_sent, what="the export of every span")
            assert prometheus.value("cifar10_spans_dropped_total") == 0
            spans = {span.trace_id.hex() for span in collector.named("POST /predict")}
            logged = {line["trace_id"] for line in server.records() if line.get("route") == "/predict"}
            assert len(logged) == answers
            for histogram in ("http_server_request_duration_seconds_bucket", "cifar10_stage_duration_seconds_bucket"):
                found = prometheus.exemplars(histogram, began - 10, time.time() + 10)
                assert found, histogram
                assert found <= spans
                assert found <= logged


def test_promtool_accepts_the_metrics(server: Server, require_tool: Tool) -> None:
    promtool = require_tool("promtool", "prometheus")
    with load(server, kept=2, new=2) as clients:
        eventually(lambda: len(clients.outcomes) > 20, what="the load")
        text = server.ops("/metrics").text
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_hostile_requests_and_many_scrapes_add_no_series(sturdy: Server) -> None:
    sturdy.predict(BIRD)
    before = series(sturdy)
    for number in range(500):
        sturdy.get(f"/{number}.php", headers={"Host": f"{number}.example", "User-Agent": f"scanner/{number}"})
        sturdy.predict(b"not an image %d" % number)
    for _ in range(240):  # an hour's worth at one every 15 seconds
        sturdy.ops("/metrics")
    assert series(sturdy) == before


def test_a_server_that_is_killed_and_started_again_has_the_series_it_had(start: Start) -> None:
    first = start().wait_until_ready()
    for image in (*SAMPLES.values(), b"no image"):
        first.predict(image)
    before = series(first)
    first.kill()
    assert series(start().wait_until_ready()) == before


def warnings(server: Server) -> list[str]:
    return [line["message"] for line in server.records() if line["level"] == "warning"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_PROPAGATORS", "nope"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "-1"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "many"),
        ("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE", "["),
    ],
)
def test_a_bad_variable_does_not_fail_a_start_or_a_request(start: Start, name: str, value: str) -> None:
    server = start(log_format="json", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", **{name: value})
    server.wait_until_ready()
    assert server.predict(BIRD).status_code == 200
    [warning] = warnings(server)
    assert warning.startswith("tracing is disabled: ")


def test_another_protocol_is_reported_and_spans_are_sent_over_http(start: Start) -> None:
    with collecting() as collector:
        settings = {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}
        server = start(log_format="json", OTEL_BSP_SCHEDULE_DELAY=200, **settings).wait_until_ready()
        assert server.predict(BIRD).status_code == 200
        eventually(lambda: collector.named("POST /predict"), what="the span")
    assert warnings(server) == ["OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not supported: http/protobuf is used"]
