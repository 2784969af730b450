"""Requests: rate, errors, duration and size. Names and labels are OpenTelemetry's.

A duration histogram is ten series and a pod has at most 500, so only statuses that describe the server have one of
their own. Other errors share one ``4xx``; ``cifar10_requests_refused_total`` counts them by code. The classes match
``http_response_status_code=~"4.."`` as numbers do.
"""

from collections.abc import Iterable, Sequence
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.errors import ERRORS
from service.telemetry.observation import Observation

METHODS = ("GET", "POST")
OTHER_METHOD = "_OTHER"
"""Any other method, as OpenTelemetry's conventions call it."""

UNMATCHED = "_unmatched"
"""The route of requests that match no rule."""

PROBE_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Requested periodically by machines: they share one counter, and are logged at debug level."""

STATUSES = {
    "/predict": ("200", "4xx", "429", "500", "503", "504"),
    "/feedback": ("202", "4xx", "5xx"),
    "/model": ("200", "5xx"),
    UNMATCHED: ("4xx",),
}
"""Values of the status label by route; all exist from the start."""

_OTHER_STATUSES = ("200", "4xx", "5xx")

DURATION_BUCKETS = (0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0)
"""Seconds; 0.25 s and 1 s are the thresholds of the service level objectives."""

SIZE_BUCKETS = (1 << 12, 1 << 16, 1 << 20, 1 << 23)
"""Bytes; the last is the default maximum."""


class HttpMetrics:
    """Rate, errors, duration and size of requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter, gauge = partial(Counter, registry=registry), partial(Gauge, registry=registry)
        histogram = partial(Histogram, registry=registry)
        self._duration = histogram(
            "http_server_request_duration_seconds",
            "Time from the arrival of a request to its answer, including the wait for a thread.",
            ["http_request_method", "http_route", "http_response_status_code"],
            buckets=DURATION_BUCKETS,
        )
        active = gauge("http_server_active_requests", "Requests in progress.", ["http_request_method"])
        self._body_size = histogram(
            "http_server_request_body_size_bytes", "Bytes read of request bodies.", buckets=SIZE_BUCKETS
        )
        self._operational = counter("cifar10_operational_requests", "Probes and scrapes on the API's port.")
        refused = counter("cifar10_requests_refused", "Requests answered with an error, by error code.", ["code"])
        self._refused = {error.code: refused.labels(error.code) for error in ERRORS}
        self._active = {method: active.labels(method) for method in (*METHODS, OTHER_METHOD)}
        self._durations: dict[tuple[str, str, str], Histogram] = {}
        self.expect([(OTHER_METHOD, UNMATCHED)])

    def started(self, method: str) -> None:
        self._active[_label(method)].inc()

    def finished(self, method: str) -> None:
        self._active[_label(method)].dec()

    def record(self, observations: Sequence[Observation]) -> None:
        for one in observations:
            if one.body_bytes is not None:
                self._body_size.observe(one.body_bytes)
            if one.refusal:
                self._refused[one.refusal.code].inc()
            if one.route in PROBE_ROUTES:
                self._operational.inc()
            else:
                self._child(one).observe(one.seconds, one.trace.exemplar)

    def expect(self, routes: Iterable[tuple[str, str]]) -> None:
        """Create the series of (method, rule) pairs, so that ``rate()`` sees the first error of a kind."""
        for method, route in routes:
            if route not in PROBE_ROUTES:
                for status in STATUSES.get(route, _OTHER_STATUSES):
                    self._durations[method, route, status] = self._duration.labels(method, route, status)

    def _child(self, one: Observation) -> Histogram:
        # Requests that match no rule share one method, so that a scanner adds no series.
        method, route = (OTHER_METHOD, UNMATCHED) if one.route is None else (_label(one.method), one.route)
        key = (method, route, status_label(route, one.status))
        if key not in self._durations:
            self._durations[key] = self._duration.labels(*key)
        return self._durations[key]


def status_label(route: str, status: int) -> str:
    """The value of the status label for an answer."""
    return str(status) if str(status) in STATUSES.get(route, _OTHER_STATUSES) else f"{status // 100}xx"


def _label(method: str) -> str:
    method = "GET" if method == "HEAD" else method
    return method if method in METHODS else OTHER_METHOD
