"""Ids, headers and arrival times of requests."""

import re
import time
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import Predictor, create_app
from service.settings import Settings
from service.telemetry.middleware import ARRIVED, MAX_WAIT_SECONDS, TAKEN
from service.telemetry.stages import STAGES
from tests.service.fakes import ColourEngine
from tests.service.pictures import plain
from tests.service.scrape import value

COUNT = "http_server_request_duration_seconds_count"


def counted(predictor: Predictor, method: str, route: str, status: str) -> float | None:
    labels = {"http_request_method": method, "http_route": route, "http_response_status_code": status}
    return value(predictor, COUNT, **labels)


def test_a_valid_request_id_is_returned(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "a-1.b_2:3"}).headers["X-Request-Id"] == "a-1.b_2:3"


@pytest.mark.parametrize("given", ["", "x" * 65, "with space", "<script>", "é"])
def test_any_other_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": given})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])


def test_server_timing_contains_every_stage(client: FlaskClient) -> None:
    header = client.post("/predict", data=plain("cat")).headers["Server-Timing"]
    assert re.findall(r"(\w+);dur=[\d.]+", header) == [*STAGES, "total"]


def test_a_refusal_has_its_stages(client: FlaskClient) -> None:
    header = client.post("/predict", data=b"no image").headers["Server-Timing"]
    assert "decode;dur=" in header
    assert "inference" not in header


def test_requests_are_counted_by_method_route_and_status(client: FlaskClient, predictor: Predictor) -> None:
    client.post("/predict", data=plain("cat"))
    client.post("/predict", data=b"no image")
    assert counted(predictor, "POST", "/predict", "200") == 1.0
    assert counted(predictor, "POST", "/predict", "4xx") == 1.0
    assert value(predictor, "cifar10_requests_refused_total", code="unsupported_format") == 1.0


def test_requests_without_a_route_share_one_series(client: FlaskClient, predictor: Predictor) -> None:
    for number in range(50):
        client.open(f"/admin/{number}.php", method=f"SCAN{number}")
    assert counted(predictor, "_OTHER", "_unmatched", "4xx") == 50.0


def test_the_stack_trace_of_a_bug_has_the_ids_of_the_answer(
    app: Flask, client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(predictor.batcher, "submit", lambda *given, **named: 1 / 0)
    answer = client.post("/predict", data=plain("cat"), headers={"X-Request-Id": "abc"})
    assert answer.status_code == 500
    (line,) = [record for record in caplog.records if record.exc_info]
    fields = line.fields  # type: ignore[attr-defined]
    assert fields["request_id"] == "abc"
    assert answer.headers["traceresponse"] == f"00-{fields['trace_id']}-{fields['span_id']}-00"


def wait(settings: Settings, *, trust: bool, header: str = "", environ: dict[str, Any] | None = None) -> float:
    """Milliseconds that a request waited for its thread, as its answer says."""
    client = create_app(replace(settings, trust_request_start=trust), ColourEngine()).test_client()
    answer = client.get("/healthz", headers={"X-Request-Start": header} if header else {}, environ_overrides=environ)
    [found] = re.findall(r"wait;dur=([\d.]+)", answer.headers["Server-Timing"])
    return float(found)


@pytest.mark.parametrize("trust", [True, False])
def test_a_request_waits_from_its_arrival_until_a_thread_takes_it(settings: Settings, trust: bool) -> None:
    assert wait(settings, trust=trust, environ={ARRIVED: 100.0, TAKEN: 100.25}) == 250.0


def test_without_times_of_the_server_a_request_has_not_waited(settings: Settings) -> None:
    assert wait(settings, trust=True) == 0.0


@pytest.mark.parametrize(("prefix", "unit"), [("t=", 1), ("", 1), ("", 1e3), ("t=", 1e6)])
def test_a_trusted_request_start_counts_in_every_unit_that_proxies_send(
    settings: Settings, prefix: str, unit: float
) -> None:
    header = f"{prefix}{(time.time() - 30) * unit:.3f}"
    assert wait(settings, trust=True, header=header) == pytest.approx(30_000, abs=10_000)


def test_a_request_start_is_ignored_unless_it_is_trusted(settings: Settings) -> None:
    assert wait(settings, trust=False, header=f"t={time.time() - 30}") == 0.0


@pytest.mark.parametrize("header", ["t=", "soon", "nan", "inf", "-1", f"t={10**400}"])
def test_a_malformed_request_start_is_ignored(settings: Settings, header: str) -> None:
    assert wait(settings, trust=True, header=header, environ={ARRIVED: 99.0, TAKEN: 99.5}) == 500.0


@pytest.mark.parametrize("ago", [-1000.0, MAX_WAIT_SECONDS + 1000])
def test_a_request_start_in_the_future_or_long_ago_is_ignored(settings: Settings, ago: float) -> None:
    assert wait(settings, trust=True, header=f"t={time.time() - ago}") == 0.0


def test_a_request_start_after_the_thread_took_the_request_is_no_negative_wait(settings: Settings) -> None:
    assert wait(settings, trust=True, header=f"t={time.time()}", environ={ARRIVED: 90.0, TAKEN: 91.0}) == 0.0
