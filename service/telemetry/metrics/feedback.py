"""What clients later tell about predictions: the live confusion matrix."""

from prometheus_client import CollectorRegistry, Counter


class FeedbackMetrics:
    """Feedback by predicted and true class: all hundred pairs from the start, for ``rate`` to see the first."""

    def __init__(self, registry: CollectorRegistry, classes: tuple[str, ...]) -> None:
        pairs = Counter(
            "cifar10_feedback", "Predictions whose true class was reported, by predicted and true class.",
            ["predicted_class", "label"], registry=registry,
        )  # fmt: skip
        self._pairs = {(one, other): pairs.labels(one, other) for one in classes for other in classes}

    def received(self, predicted_class: str, label: str) -> None:
        """Count one; both must be classes."""
        self._pairs[predicted_class, label].inc()
