"""What the server span says; that it is what the Flask instrumentation would say is compared in test_spans."""

from typing import Any

import pytest
from opentelemetry.instrumentation import wsgi
from opentelemetry.trace import SpanContext

from service.telemetry.observation import Observation
from service.telemetry.server_span import KEPT, STABLE, Conventions, ServerSpan, keep
from service.telemetry.stages import Stages
from service.telemetry.trace_context import TraceContext


class Watched(dict[str, Any]):
    """Remembers what is read."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        self.read: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)

    __getitem__ = get


def span() -> ServerSpan:
    kept = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "RAW_URI": "/model", "PATH_INFO": "/model"}
    given = {"url.path": "/model", "http.route": "/model"}
    return ServerSpan("GET /model", SpanContext(1, 1, is_remote=False), None, 0, given, kept)


def observation() -> Observation:
    return Observation(
        "some-id", TraceContext("", "", sampled=True), Stages(), "GET", "/model", "/model", None, status=200
    )


def test_all_that_the_instrumentation_reads_of_a_request_is_kept_and_nothing_else() -> None:
    environ = Watched(dict.fromkeys(KEPT, "1"))
    wsgi.collect_request_attributes(environ, STABLE)
    del environ["RAW_URI"]
    wsgi.collect_request_attributes(environ, STABLE)
    assert environ.read - {"SERVER_NAME"} == set(KEPT)  # which it reads for the conventions of old
    assert set(keep({**environ, "RAW_URI": "/", "wsgi.input": object(), "gunicorn.socket": object()})) == set(KEPT)


@pytest.mark.parametrize("name", ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"])
def test_of_more_attributes_than_the_environment_allows_the_oldest_are_dropped_and_counted(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    everything = Conventions().attributes(span(), observation())
    monkeypatch.setenv(name, "2")
    attributes: Any = Conventions().attributes(span(), observation())
    assert dict(attributes) == {"http.response.status_code": 200, "cifar10.request.id": "some-id"}
    assert attributes.dropped == len(everything) - 2


def test_longer_values_than_the_environment_allows_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "4")
    assert Conventions().attributes(span(), observation())["cifar10.request.id"] == "some"
