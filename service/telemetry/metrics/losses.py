"""What the telemetry itself has lost: log lines, and requests that were answered but not recorded."""

from functools import partial

from prometheus_client import CollectorRegistry, Counter

FLOOD, UNREAD = "flood", "unread"


class LossMetrics:
    """Losses are told in the log as well, once it can be written again."""

    def __init__(self, registry: CollectorRegistry) -> None:
        dropped = Counter(
            "cifar10_log_lines_dropped",
            "Log lines left out: more of a kind than are let through, or more than could be written.",
            ["reason"],
            registry=registry,
        )
        unrecorded = Counter(
            "cifar10_requests_unrecorded",
            "Requests that some metric, span or log line is missing for, since recording failed or took too long.",
            registry=registry,
        )
        self.lines_cut = partial(_add, dropped.labels(FLOOD))
        self.lines_unwritten = partial(_add, dropped.labels(UNREAD))
        self.requests_unrecorded = partial(_add, unrecorded)


def _add(counter: Counter, count: int) -> None:
    counter.inc(count)
