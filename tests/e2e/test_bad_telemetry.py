"""OpenTelemetry's variables with values that its SDK fails on, some of them when it is imported."""

from tests.e2e.conftest import Start
from tests.e2e.server import eventually
from tests.e2e.traffic import BIRD
from tests.otlp_sink import running as collecting

BAD = {
    "OTEL_PROPAGATORS": "nope",
    "OTEL_ATTRIBUTE_COUNT_LIMIT": "abc",
    "OTEL_SPAN_LINK_COUNT_LIMIT": "-1",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "many",
    "OTEL_PYTHON_FLASK_EXCLUDED_URLS": "[",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
}


def test_bad_variables_are_named_once_and_their_defaults_hold(start: Start) -> None:
    with collecting() as collector:
        server = start(
            log_format="json", OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint, OTEL_BSP_SCHEDULE_DELAY=200, **BAD
        ).wait_until_ready()
        assert server.predict(BIRD).status_code == 200
        eventually(lambda: collector.named("POST /predict"), what="the span")
    warnings = [line["message"] for line in server.records() if line["level"] == "warning"]
    assert sorted(line.partition("=")[0] for line in warnings) == sorted(BAD)
