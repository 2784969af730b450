"""What the telemetry itself has lost: log lines, and requests that were answered but not recorded."""

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
        self.lines_cut = dropped.labels(FLOOD).inc
        self.lines_unwritten = dropped.labels(UNREAD).inc
        self.requests_unrecorded = unrecorded.inc
