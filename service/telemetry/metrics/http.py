"""Requests as HTTP sees them: rate, errors, duration, size. Names and labels are OpenTelemetry's."""

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.errors import ERRORS
from service.telemetry.observation import Observation

METHODS = ("GET", "POST")
OTHER_METHOD = "_OTHER"
"""Any method no endpoint has, as OpenTelemetry's conventions call it."""

UNMATCHED = "_unmatched"
"""The route of requests that match none; their method counts as ``_OTHER`` too, so that a scanner adds no series."""

QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines: counted nowhere and logged at debug, so that they hide nothing."""

EXPECTED_STATUSES = {
    "/predict": (200, 400, 413, 415, 422, 429, 500, 503, 504),
    "/feedback": (202, 400),
}
"""By route, those that are there from the start. Each is a histogram of its own, so /feedback, which no alert watches,
has its two usual ones; the others appear when they happen, and their codes are counted from 0 in any case."""

_OTHERWISE_EXPECTED = (200,)

DURATION_BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Seconds; finest where predictions lie. 0.25 s and 1 s are the service level objectives' thresholds."""

SIZE_BUCKETS = (1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20)
"""Bytes."""


class HttpMetrics:
    """Rate, errors, duration and size of requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._duration = Histogram(
            "http_server_request_duration_seconds",
            "Time from the request's arrival to its answer, waiting for a thread included.",
            ["http_request_method", "http_route", "http_response_status_code"],
            buckets=DURATION_BUCKETS,
            registry=registry,
        )
        active = Gauge(
            "http_server_active_requests", "Requests being worked on.", ["http_request_method"], registry=registry
        )
        self._body_size = Histogram(
            "http_server_request_body_size_bytes",
            "Size of the bodies that were read.",
            buckets=SIZE_BUCKETS,
            registry=registry,
        )
        refused = Counter(
            "cifar10_requests_refused", "Requests answered with an error, by its code.", ["code"], registry=registry
        )
        self._refused = {error.code: refused.labels(error.code) for error in ERRORS}
        self._active = {method: active.labels(method) for method in (*METHODS, OTHER_METHOD)}
        self._durations: dict[tuple[str, str, int], Histogram] = {}
        for status in (400, 404, 405):
            self._child(OTHER_METHOD, UNMATCHED, status)

    def started(self, method: str) -> None:
        self._active[_known(method)].inc()

    def finished(self, method: str) -> None:
        self._active[_known(method)].dec()

    def record(self, observations: Sequence[Observation]) -> None:
        for one in observations:
            if one.refusal:
                self._refused[one.refusal.code].inc()
            if one.body_bytes is not None:
                self._body_size.observe(one.body_bytes)
            if one.route in QUIET_ROUTES:
                continue
            method, route = (OTHER_METHOD, UNMATCHED) if one.route is None else (_known(one.method), one.route)
            self._child(method, route, one.status).observe(one.seconds, one.trace.exemplar)

    def expect(self, routes: Iterable[tuple[str, str]]) -> None:
        """Create the children of (method, template) pairs: then the first error of a kind is a rise from 0."""
        for method, route in routes:
            if route not in QUIET_ROUTES:
                for status in EXPECTED_STATUSES.get(route, _OTHERWISE_EXPECTED):
                    self._child(method, route, status)

    def _child(self, method: str, route: str, status: int) -> Histogram:
        """Looked up once: ``labels`` takes as long as observing."""
        child = self._durations.get((method, route, status))
        if child is None:
            child = self._durations[method, route, status] = self._duration.labels(method, route, status)
        return child


def _known(method: str) -> str:
    method = "GET" if method == "HEAD" else method
    return method if method in METHODS else OTHER_METHOD
