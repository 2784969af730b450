import pytest

from service.telemetry.environment import CHECKS, mend

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_PROPAGATORS", "b3"),
        ("OTEL_PROPAGATORS", "tracecontext,nope"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ("OTEL_TRACES_SAMPLER_ARG", "nan"),
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "abc"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "-1"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zip"),
        ("OTEL_PYTHON_FLASK_EXCLUDED_URLS", "["),
        ("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST", "("),
    ],
)
def test_what_cannot_be_used_is_taken_out_and_told_in_one_line(name: str, value: str) -> None:
    environ = {**ENDPOINT, name: value}
    [line] = mend(environ)
    assert line.startswith(f"{name}={value!r} is not valid: expected ")
    assert "\n" not in line
    assert environ == ENDPOINT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_PROPAGATORS", "tracecontext, baggage"),
        ("OTEL_PROPAGATORS", "none"),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.01"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "128"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "unset"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2.5"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_PYTHON_EXCLUDED_URLS", "client/.*/info,model"),
    ],
)
def test_what_can_be_used_is_left_alone(name: str, value: str) -> None:
    environ = {**ENDPOINT, name: value}
    assert mend(environ) == []
    assert environ == {**ENDPOINT, name: value}


@pytest.mark.parametrize("name", CHECKS)
def test_what_is_empty_counts_as_not_set(name: str) -> None:
    environ = {**ENDPOINT, name: " "}
    assert mend(environ) == []
    assert environ == ENDPOINT


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"])
def test_another_protocol_is_not_there(name: str) -> None:
    [line] = mend({**ENDPOINT, name: "grpc"})
    assert line == f"{name}='grpc': no protocol but http/protobuf is there, and it is used"


@pytest.mark.parametrize("endpoint", [{}, ENDPOINT])
def test_another_exporter_is_not_there(endpoint: dict[str, str]) -> None:
    [line] = mend({**endpoint, "OTEL_TRACES_EXPORTER": "console, otlp"})
    assert line == "OTEL_TRACES_EXPORTER='console, otlp': no exporter but otlp is there"


@pytest.mark.parametrize("off", [{}, {**ENDPOINT, "OTEL_SDK_DISABLED": "true"}])
def test_nothing_is_said_where_no_traces_are_asked_for(off: dict[str, str]) -> None:
    assert mend({**off, "OTEL_PROPAGATORS": "nope", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}) == []


def test_a_value_does_not_make_a_line_long() -> None:
    [line] = mend({**ENDPOINT, "OTEL_ATTRIBUTE_COUNT_LIMIT": "x" * 100_000})
    assert len(line) < 300
