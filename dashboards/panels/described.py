"""The parts of every panel: title, description, unit, queries, and links to the runbooks of its alerts."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog import variants
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import DashboardLink, DataSourceRef

from dashboards.links import to_runbooks
from dashboards.variables import DATASOURCE


class Panel(Protocol):
    """The common methods of the SDK's panel builders, which share no base class."""

    def title(self, title: str) -> Any: ...
    def description(self, description: str) -> Any: ...
    def unit(self, unit: str) -> Any: ...
    def datasource(self, datasource: DataSourceRef) -> Any: ...
    def links(self, links: list[Builder[DashboardLink]]) -> Any: ...
    def with_target(self, target: Builder[variants.Dataquery]) -> Any: ...


P = TypeVar("P", bound=Panel)


def described(
    panel: P, title: str, description: str, unit: str, queries: Sequence[Dataquery], alerts: Sequence[str]
) -> P:
    """The panel with these parts; ``alerts`` are the names of alerts about what it shows."""
    panel.title(title).description(description).unit(unit).datasource(DATASOURCE)
    panel.links(to_runbooks(alerts))
    for letter, query in zip("ABCDEFGH"[: len(queries)], queries, strict=True):
        panel.with_target(query.ref_id(letter))
    return panel
