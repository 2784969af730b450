"""Requests as HTTP sees them: rate, errors, duration, size. Names and labels are OpenTelemetry's."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from service.errors import ERRORS
from service.telemetry.metrics import statuses
from service.telemetry.metrics.histogram import Histogram
from service.telemetry.metrics.statuses import UNMATCHED
from service.telemetry.observation import Observation

METHODS = ("GET", "POST")
OTHER_METHOD = "_OTHER"
"""Any method no endpoint has, as OpenTelemetry's conventions call it."""

QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines: one counter has them all, and they are logged at debug, so that they hide
nothing."""

DURATION_BUCKETS = (0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0)
"""Seconds; finest where predictions lie. 0.25 s and 1 s are the service level objectives' thresholds."""

SIZE_BUCKETS = (1 << 12, 1 << 16, 1 << 20, 1 << 23)
"""Bytes; the last is the default cap."""


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
            "Size of the bodies, as far as they were read.",
            buckets=SIZE_BUCKETS,
            registry=registry,
        )
        self._operational = Counter(
            "cifar10_operational_requests", "Probes and scrapes on the API's port, which no histogram counts.",
            registry=registry,
        )  # fmt: skip
        refused = Counter(
            "cifar10_requests_refused", "Requests answered with an error, by its code.", ["code"], registry=registry
        )
        self._refused = {error.code: refused.labels(error.code) for error in ERRORS}
        self._active = {method: active.labels(method) for method in (*METHODS, OTHER_METHOD)}
        self._durations: dict[tuple[str, str, str], Histogram] = {}
        self.expect([(OTHER_METHOD, UNMATCHED)])

    def started(self, method: str) -> None:
        self._active[_known(method)].inc()

    def finished(self, method: str) -> None:
        self._active[_known(method)].dec()

    def record(self, observations: Sequence[Observation]) -> None:
        self._body_size.observe_all([one.body_bytes for one in observations if one.body_bytes is not None])
        answered: defaultdict[tuple[str, str | None, int], list[Observation]] = defaultdict(list)
        for one in observations:
            answered[one.method, one.route, one.status].append(one)
            if one.refusal:
                self._refused[one.refusal.code].inc()
        for (method, route, status), alike in answered.items():
            if route in QUIET_ROUTES:
                self._operational.inc(len(alike))
                continue
            exemplars = [(one.seconds, labels) for one in alike if (labels := one.trace.exemplar)]
            self._duration_of(method, route, status).observe_all([one.seconds for one in alike], exemplars)

    def expect(self, routes: Iterable[tuple[str, str]]) -> None:
        """Create the children of (method, template) pairs: then the first error of a kind is a rise from 0."""
        for method, route in routes:
            if route not in QUIET_ROUTES:
                for status in statuses.of(route):
                    self._child(method, route, status)

    def _duration_of(self, method: str, route: str | None, status: int) -> Histogram:
        if route is None:  # whoever matches none counts as one method too, so that a scanner adds no series
            return self._child(OTHER_METHOD, UNMATCHED, statuses.label(UNMATCHED, status))
        return self._child(_known(method), route, statuses.label(route, status))

    def _child(self, method: str, route: str, status: str) -> Histogram:
        """Looked up once: ``labels`` takes as long as observing."""
        child = self._durations.get((method, route, status))
        if child is None:
            child = self._durations[method, route, status] = self._duration.labels(method, route, status)
        return child


def _known(method: str) -> str:
    """HEAD is the GET it stands for."""
    method = "GET" if method == "HEAD" else method
    return method if method in METHODS else OTHER_METHOD
