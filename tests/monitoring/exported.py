"""What the service exports, before anybody has asked it anything."""

from service.app import create_app
from service.settings import Settings
from service.telemetry.metrics.catalogue import Metrics
from service.telemetry.metrics.lifecycle import MODEL_INFO_LABELS

Exported = dict[str, list[dict[str, str]]]
"""The labels of the samples there are, by name."""


def exported() -> Exported:
    metrics: Metrics = create_app(Settings(), None).extensions["predictor"].metrics
    found: Exported = {"cifar10_model_info": [dict.fromkeys(MODEL_INFO_LABELS, "")]}  # is there once the model is
    # What the kernel does not tell here is described all the same.
    for family in [*metrics.registry.collect(), *metrics.runtime.describe()]:
        for sample in family.samples:
            found.setdefault(sample.name, []).append(dict(sample.labels))
    return found
