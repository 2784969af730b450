"""How much is logged, and how bad it is."""

import logging

from prometheus_client import CollectorRegistry, Counter

LEVELS = ("debug", "info", "warning", "error", "critical")


class LogMetrics(logging.Handler):
    """A handler that counts what reaches it, before floods are cut."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__()
        messages = Counter("cifar10_log_messages", "Lines logged, by level.", ["level"], registry=registry)
        self._messages = {level: messages.labels(level) for level in LEVELS}

    def emit(self, record: logging.LogRecord) -> None:
        self._messages[LEVELS[min(max(record.levelno // 10, 1), len(LEVELS)) - 1]].inc()
