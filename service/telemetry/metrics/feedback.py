"""What clients later tell about predictions: the live confusion matrix."""

from prometheus_client import CollectorRegistry, Counter


class FeedbackMetrics:
    """Feedback by predicted and true class.

    From the start there are only the ten right pairs, at 0. A confusion appears when it is first reported: all hundred
    would take a fifth of a pod's budget of 500 series, most of them for nothing, as a good model confuses few pairs.
    There can't be more than that hundred. What it costs is that ``rate`` does not see the first of each confusion.
    """

    def __init__(self, registry: CollectorRegistry, classes: tuple[str, ...]) -> None:
        self._pairs = Counter(
            "cifar10_feedback", "Predictions whose true class was reported, by predicted and true class.",
            ["predicted_class", "label"], registry=registry,
        )  # fmt: skip
        for name in classes:
            self._pairs.labels(name, name)

    def received(self, predicted_class: str, label: str) -> None:
        """Count one; both must be classes, as every pair is a series for as long as the process lives."""
        self._pairs.labels(predicted_class, label).inc()
