from prometheus_client import CollectorRegistry

from model.labels import CLASSES
from service.app import Predictor
from service.telemetry.metrics.feedback import FeedbackMetrics


def matrix(registry: CollectorRegistry) -> dict[tuple[str, str], float]:
    """Counts by predicted and true class."""
    [family] = [family for family in registry.collect() if family.name == "cifar10_feedback"]
    counts = [one for one in family.samples if one.name.endswith("_total")]
    return {(one.labels["predicted_class"], one.labels["label"]): one.value for one in counts}


def test_from_the_start_there_are_the_ten_right_pairs_only() -> None:
    registry = CollectorRegistry()
    FeedbackMetrics(registry, CLASSES)
    assert matrix(registry) == {(name, name): 0.0 for name in CLASSES}


def test_a_confusion_appears_when_it_is_reported() -> None:
    registry = CollectorRegistry()
    feedback = FeedbackMetrics(registry, CLASSES)
    feedback.received("cat", "dog")
    feedback.received("cat", "dog")
    feedback.received("cat", "cat")
    assert matrix(registry) == {**{(name, name): 0.0 for name in CLASSES}, ("cat", "dog"): 2.0, ("cat", "cat"): 1.0}


def test_there_can_be_no_more_than_a_hundred_pairs() -> None:
    registry = CollectorRegistry()
    feedback = FeedbackMetrics(registry, CLASSES)
    for predicted_class in CLASSES:
        for label in CLASSES:
            feedback.received(predicted_class, label)
    assert len(matrix(registry)) == 100


def test_the_usual_answers_to_feedback_are_there_from_the_start(predictor: Predictor) -> None:
    for status in ("202", "400"):
        labels = {"http_request_method": "POST", "http_route": "/feedback", "http_response_status_code": status}
        assert predictor.metrics.registry.get_sample_value("http_server_request_duration_seconds_count", labels) == 0.0
