import re

import requests

from service.telemetry.stages import STAGES
from tests.e2e.conftest import Start
from tests.e2e.server import Server, eventually
from tests.e2e.traffic import BIRD, CLASSES, samples

MAX_LINE = 10_000
"""Bytes."""

STEPS = [
    r"settings: .*PREDICTOR_DRAIN_SECONDS=0",
    r"feedback: PREDICTOR_FEEDBACK_KEY is empty, so prediction ids are not signed and can be forged",
    r"listening: API on http://127\.0\.0\.1:\d+, operations on port \d+, 1 workers",
    r"model: \S+ \S+, (\d+\.\d+% accuracy on the test images|not tested), weights sha256 [0-9a-f]{12}",
    r"engine: onnxruntime, (float32|int8), \d+ threads, [\d.]+ CPUs available",
    r"warm-up: batch of 1 in [\d.]+ ms, batch of 16 in [\d.]+ ms",
    r"self-test: \d+ of \d+ golden images right, ",
    r"ready in [\d.]+ s",
]


def test_every_step_of_the_start_is_one_log_line(server: Server) -> None:
    records = server.records()[: len(STEPS)]
    for record, step in zip(records, STEPS, strict=True):
        assert re.match(step, record["message"])
        assert record["level"] == "info"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["time"])


def test_a_prediction_is_one_json_object_with_its_request_id(server: Server) -> None:
    server.predict(BIRD, **{"X-Request-Id": "find-me"})
    eventually(lambda: "find-me" in server.log(), what="the log line")
    [record] = [record for record in server.records() if record.get("request_id") == "find-me"]
    assert record["message"].startswith("POST /predict 200 in ")
    assert (record["method"], record["route"], record["status"]) == ("POST", "/predict", 200)
    assert (record["level"], record["predict"], record["client"]) == ("info", ["bird"], "127.0.0.1")
    assert tuple(record["stages_ms"]) == STAGES
    assert "code" not in record


def test_a_refusal_is_logged_with_its_code(server: Server) -> None:
    server.predict(b"no image", **{"X-Request-Id": "refused-me"})
    eventually(lambda: "refused-me" in server.log(), what="the log line")
    [record] = [record for record in server.records() if record.get("request_id") == "refused-me"]
    assert (record["status"], record["code"]) == (415, "unsupported_format")


def test_every_line_is_a_json_object_whatever_clients_send(sturdy: Server) -> None:
    sturdy.get('/%22}%0A{"forged": 1}%00\u2028', headers={"X-Request-Id": '"'})
    with sturdy.connect() as connection:
        connection.sendall(b'"}\n{"forged": 2}\r\n\r\n')
        connection.recv(1000)
    assert all("forged" not in record for record in sturdy.records())


def test_no_client_can_make_a_line_long(sturdy: Server) -> None:
    before = len(sturdy.records())
    files = [("file", ("f" * 3000, b"no")), ("file", ("b", b"no"))]
    requests.post(sturdy.url(), files=files, headers={"X-Request-Id": "long-name"}, timeout=30)
    requests.post(sturdy.url(), files=[("file", ("f" * 500_000, b"no"))], timeout=30)
    sturdy.get("/" + "\u2028" * 300)
    with sturdy.connect() as connection:
        connection.sendall(b"x" * 4000 + b"\r\n\r\n")
        connection.recv(1000)
    eventually(lambda: len(sturdy.records()) >= before + 4, what="the log lines")
    assert max(len(line) for line in sturdy.log().splitlines()) < MAX_LINE


def test_probes_are_not_logged(server: Server) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        server.get(path)
        server.ops(path)
    assert not any(record.get("route") in ("/healthz", "/readyz", "/metrics") for record in server.records())


def test_a_new_server_counts_every_class_from_zero_and_writes_readable_text(start: Start) -> None:
    server = start(log_format="text").wait_until_ready()
    seen = samples(server.ops("/metrics").text)
    assert [seen[f'cifar10_predictions_total{{"predicted_class": "{name}"}}'] for name in CLASSES] == [0.0] * 10
    server.predict(BIRD)
    server.get("/a%0A12:00:00 ERROR forged")
    eventually(lambda: " 404 in " in server.log(), what="the log line")
    lines = server.log().splitlines()
    expected = [*STEPS, r"POST /predict 200 in [\d.]+ ms bird [01]\.\d\d$", r"GET /a.*forged 404 in "]
    for line, step in zip(lines, expected, strict=True):
        assert re.match(r"\d\d:\d\d:\d\d INFO +" + step, line)
