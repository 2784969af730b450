"""Annotations on every graph: releases, models, Deployment changes and critical alerts."""

from dataclasses import dataclass

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import AnnotationQuery

from dashboards.promql import expand
from dashboards.variables import DATASOURCE


@dataclass(frozen=True)
class Mark(Builder[AnnotationQuery]):
    """Marks the times at which the query has a value; ``title`` and ``text`` may contain labels."""

    name: str
    color: str
    expr: str
    title: str
    text: str

    def build(self) -> AnnotationQuery:
        return _PrometheusAnnotation(self)


class _PrometheusAnnotation(AnnotationQuery):
    """Adds the fields of Grafana's Prometheus data source, which the SDK lacks."""

    def __init__(self, mark: Mark) -> None:
        super().__init__(name=mark.name, datasource=DATASOURCE, icon_color=mark.color, expr=expand(mark.expr))
        self._texts: dict[str, object] = {"titleFormat": mark.title, "textFormat": mark.text}

    def to_json(self) -> dict[str, object]:
        return super().to_json() | self._texts


def _new(series: str, *by: str) -> str:
    """Values of the labels ``by`` that no replica had ten minutes ago."""
    labels = ", ".join(by)
    return f"count by ({labels}) ({series}) unless count by ({labels}) ({series} offset 10m)"


RELEASE = Mark(
    "Releases", "blue",
    _new("cifar10_build_info{service}", "version", "revision"),
    "Release {{version}}", "First replica of revision {{revision}}",
)  # fmt: skip

MODEL = Mark(
    "Models", "purple",
    _new("cifar10_model_info{service}", "model_name", "model_version", "weights_digest"),
    "Model {{model_name}} {{model_version}}", "First replica with the weights {{weights_digest}}",
)  # fmt: skip

DEPLOYMENT = Mark(
    "Changes of the Deployment", "blue",
    "sum by (namespace, deployment) (changes(kube_deployment_metadata_generation{deployment}[2m])) > 0",
    "{{deployment}} changed", "A new image, setting or number of replicas, in {{namespace}}",
)  # fmt: skip

ALERTS = Mark(
    "Alerts", "red",
    'max by (alertname, namespace) (ALERTS{alert,alertstate="firing",severity="critical"})',
    "{{alertname}}", "critical, {{namespace}}",
)  # fmt: skip
