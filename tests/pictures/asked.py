"""The answers of a real Prometheus to what a dashboard asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tests.e2e.prometheus import Point, Prometheus, Series
from tests.monitoring.live import pace, panels
from tests.pictures.panel import Window


class Source(Protocol):
    """Where answers come from, and from when to when."""

    @property
    def window(self) -> Window: ...

    @property
    def variables(self) -> Mapping[str, str]:
        """What is chosen at the top of the dashboard."""
        ...

    def answer(self, query: Mapping[str, Any]) -> list[Series]:
        """To a target of a panel, or to a mark."""
        ...

    def exemplars(self, query: Mapping[str, Any]) -> list[Point]:
        """When and of what size the single requests were that a target shows beside its series."""
        ...


@dataclass(frozen=True)
class Asked:
    """``variables`` are the values chosen at the top of a dashboard; windows are at the rig's pace."""

    prometheus: Prometheus
    window: Window
    variables: Mapping[str, str]

    def answer(self, query: Mapping[str, Any]) -> list[Series]:
        expr = self._expr(query)
        if query.get("instant"):
            return self.prometheus.instant(expr, self.window.end)
        return self.prometheus.range(expr, *self.window)

    def exemplars(self, query: Mapping[str, Any]) -> list[Point]:
        if not query.get("exemplar"):
            return []
        return self.prometheus.exemplar_points(self._expr(query), self.window.start, self.window.end)

    def _expr(self, query: Mapping[str, Any]) -> str:
        return panels.substituted(pace.expression(query["expr"]), self.variables)
