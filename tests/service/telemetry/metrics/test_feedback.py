from prometheus_client import CollectorRegistry

from model.labels import CLASSES
from service.telemetry.metrics.feedback import FeedbackMetrics


def matrix(registry: CollectorRegistry) -> dict[tuple[str, str], float]:
    """Counts by predicted and true class."""
    [family] = [family for family in registry.collect() if family.name == "cifar10_feedback"]
    counts = [one for one in family.samples if one.name.endswith("_total")]
    return {(one.labels["predicted_class"], one.labels["label"]): one.value for one in counts}


def test_every_confusion_is_there_from_the_start() -> None:
    registry = CollectorRegistry()
    FeedbackMetrics(registry, CLASSES)
    assert matrix(registry) == {(one, other): 0.0 for one in CLASSES for other in CLASSES}


def test_feedback_is_counted_by_predicted_and_true_class() -> None:
    registry = CollectorRegistry()
    feedback = FeedbackMetrics(registry, CLASSES)
    feedback.received("cat", "dog")
    feedback.received("cat", "dog")
    feedback.received("cat", "cat")
    found = {pair: count for pair, count in matrix(registry).items() if count}
    assert found == {("cat", "dog"): 2.0, ("cat", "cat"): 1.0}
