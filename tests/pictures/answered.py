"""A source of made-up answers, for tests of the renderer."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.prometheus import Point, Series
from tests.pictures.panel import Panel, Window

WINDOW = Window(1_700_000_000, 1_700_000_060, 10)
MOMENTS = [WINDOW.start + 10 * number for number in range(7)]


def series(*values: float, **labels: str) -> Series:
    """A value for each step of the window, from its start."""
    return Series(labels, dict(zip(MOMENTS, values, strict=False)))


@dataclass(frozen=True)
class Answered:
    """The same answer to every query."""

    answers: Sequence[Series] = ()
    window: Window = WINDOW
    variables: Mapping[str, str] = field(default_factory=lambda: defaultdict(lambda: ".*"))

    def answer(self, query: Mapping[str, Any]) -> list[Series]:
        return [*self.answers]

    def exemplars(self, query: Mapping[str, Any]) -> list[Point]:
        return []


class Everything(Answered):
    """To every query two series, with all labels that its legend or its grouping names."""

    def answer(self, query: Mapping[str, Any]) -> list[Series]:
        expr, legend = query["expr"], query.get("legendFormat", "")
        named = {name for found in re.findall(r"by \(([^)]*)\)", expr) for name in re.split(r",\s*", found)}
        named |= set(re.findall(r"\{\{(\w+)\}\}", legend)) | ({"le"} if query.get("format") == "heatmap" else set())
        return [
            series(
                0.2 * number, 0.5, 1, **{name: str(number) if name == "le" else f"{name}-{number}" for name in named}
            )
            for number in (1, 2)
        ]


def panel(json: Mapping[str, Any], *answers: Sequence[Series], width: float = 400, height: float = 240) -> Panel:
    """A panel with a target for each answer, unless it has targets."""
    targets = [{"refId": letter, "legendFormat": "{{name}}"} for letter in "ABCD"[: len(answers)]]
    return Panel({"targets": targets, **json}, answers, WINDOW, (), (), width, height)
