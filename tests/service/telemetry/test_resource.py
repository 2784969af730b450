"""What spans say they come from."""

import pytest
from flask import Flask

from service.settings import Settings
from service.version import VERSION
from tests.otlp_sink import Sink
from tests.service.telemetry.traced import predict, received, serving


def test_the_resource_is_what_the_environment_says(
    sink: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "k8s.pod.name=cifar10-abc,service.version=7")
    for app in serving(settings):
        predict(app)
        resource = received(app, sink).resources[0]
    assert resource["service.name"] == "cifar10"
    assert resource["service.version"] == "7"
    assert resource["k8s.pod.name"] == "cifar10-abc"


def test_the_resource_names_the_release(traced: Flask, sink: Sink) -> None:
    predict(traced)
    assert received(traced, sink).resources[0]["service.version"] == VERSION
