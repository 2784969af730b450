"""The metrics of an application, without a request."""

from flask import Flask
from prometheus_client.metrics_core import Metric

from service.app import Predictor

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def families(predictor: Predictor) -> list[Metric]:
    """All metric families of one worker; requests that wait to be recorded are recorded first."""
    return predictor.workers.own()


def series(app: Flask) -> Series:
    """The value of each name with its labels."""
    samples = [sample for family in families(app.extensions["predictor"]) for sample in family.samples]
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}


def value(predictor: Predictor, name: str, **labels: str) -> float | None:
    """The value of one series; ``None`` if there is no such series."""
    samples = (sample for family in families(predictor) for sample in family.samples)
    return next((one.value for one in samples if one.name == name and one.labels == labels), None)
