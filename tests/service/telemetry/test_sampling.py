"""What is asked of a sampler and made of its answer, against what the SDK's own tracer does of the same request."""

from collections.abc import Sequence
from typing import Any

import pytest
from opentelemetry.context import Context
from opentelemetry.instrumentation.wsgi import wsgi_getter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes

from service.telemetry.sampling import Sampling

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"

ENVIRONS: dict[str, dict[str, str]] = {
    "no parent": {},
    "sampled": {"HTTP_TRACEPARENT": f"00-{TRACE}-{PARENT}-01"},
    "not sampled": {"HTTP_TRACEPARENT": f"00-{TRACE}-{PARENT}-00"},
    "with a state": {"HTTP_TRACEPARENT": f"00-{TRACE}-{PARENT}-01", "HTTP_TRACESTATE": "vendor=1,other=2"},
    "no trace": {"HTTP_TRACEPARENT": f"00-{'0' * 32}-{PARENT}-01"},
    "nonsense": {"HTTP_TRACEPARENT": "nonsense"},
}


class Asked(Sampler):
    """Fake: remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        parent = get_current_span(parent_context).get_span_context()
        own = trace_id if parent.is_valid else "a new one"
        self.asked.append((parent, own, name, kind, attributes, links, trace_state))
        return SamplingResult(Decision.RECORD_AND_SAMPLE, {"sampled.by": "test"}, TraceState([("test", "1")]))

    def get_description(self) -> str:
        return "asked"


@pytest.mark.parametrize("environ", ENVIRONS.values(), ids=ENVIRONS)
def test_the_sampler_is_asked_what_the_sdk_would_ask(environ: dict[str, str]) -> None:
    sampler = Asked()
    provider = TracerProvider(sampler, shutdown_on_exit=False)
    attributes: dict[str, Any] = {"url.path": "/predict"}
    trace_id, span_id, parent, verdict = Sampling(provider).start(environ, "POST /predict", attributes)
    context = TraceContextTextMapPropagator().extract(environ, getter=wsgi_getter)
    span: Any = provider.get_tracer("test").start_span("POST /predict", context, SpanKind.SERVER, attributes)
    ours, theirs = sampler.asked
    assert ours == theirs
    assert parent == span.parent
    assert (trace_id == span.context.trace_id) is (parent is not None)
    assert 0 < trace_id < 2**128
    assert 0 < span_id < 2**64
    assert verdict.attributes == span.attributes
    assert verdict.trace_state == span.context.trace_state


@pytest.mark.parametrize(
    ("sampler", "environ", "expected"),
    [
        ("always_on", "not sampled", True),
        ("always_off", "sampled", False),
        ("parentbased_always_on", "not sampled", False),
        ("parentbased_always_on", "no parent", True),
        ("parentbased_always_off", "sampled", True),
        ("parentbased_always_off", "no parent", False),
    ],
)
def test_the_sampler_that_the_environment_names_decides(
    monkeypatch: pytest.MonkeyPatch, sampler: str, environ: str, expected: bool
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    *_, verdict = Sampling(TracerProvider(shutdown_on_exit=False)).start(ENVIRONS[environ], "POST", {})
    assert (verdict.decision is Decision.RECORD_AND_SAMPLE) is expected


def test_a_ratio_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    sampling = Sampling(TracerProvider(shutdown_on_exit=False))
    for _ in range(100):
        trace_id, *_, verdict = sampling.start({}, "POST", {})
        assert (verdict.decision is Decision.RECORD_AND_SAMPLE) is (trace_id % 2**64 < 2**63)


def test_propagators_are_asked_about_every_request_where_the_environment_names_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []

    def extract(environ: dict[str, str], getter: object) -> Context:
        seen.append(environ)
        return Context()

    monkeypatch.setenv("OTEL_PROPAGATORS", "tracecontext")
    monkeypatch.setattr("opentelemetry.propagate.extract", extract)
    Sampling(TracerProvider(shutdown_on_exit=False)).start({"HTTP_B3": "1"}, "POST", {})
    assert seen == [{"HTTP_B3": "1"}]
