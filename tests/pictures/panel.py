"""A panel of a dashboard's JSON, with the answers to its queries."""

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.e2e.prometheus import Point, Series
from tests.pictures import colors


class Window(NamedTuple):
    """Seconds since the epoch, and from one value to the next."""

    start: float
    end: float
    step: float


@dataclass(frozen=True)
class Mark:
    """When something was the case that a dashboard marks on its graphs."""

    color: str
    moments: Sequence[float]


@dataclass(frozen=True)
class Field:
    """One series as a panel shows it: its name, and what the panel says of series with this name."""

    name: str
    config: Mapping[str, Any]
    series: Series
    place: int
    """Among the panel's series, from 0."""

    @property
    def unit(self) -> str:
        return str(self.config.get("unit", "none"))

    @property
    def color(self) -> str:
        mode = self.config.get("color", {}).get("mode", "palette-classic")
        match mode:
            case "fixed":
                return colors.named(self.config["color"]["fixedColor"])
            case "palette-classic":
                return colors.of_place(self.place)
        raise ValueError(f"unknown colours of series: {mode}")


@dataclass(frozen=True)
class Panel:
    """``answers`` has the series of each query; ``width`` and ``height`` are what the title leaves, in pixels."""

    json: Mapping[str, Any]
    answers: Sequence[Sequence[Series]]
    window: Window
    marks: Sequence[Mark]
    exemplars: Sequence[Point]
    width: float
    height: float

    @property
    def options(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.json.get("options", {})
        return found

    @property
    def defaults(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.json.get("fieldConfig", {}).get("defaults", {})
        return found

    @property
    def nothing(self) -> str:
        """What the panel says when there is nothing to show."""
        return str(self.defaults.get("noValue", "No data"))

    def config(self, name: str) -> Mapping[str, Any]:
        """The field options of what has this name, the overrides that match it included."""
        found: dict[str, Any] = copy.deepcopy(dict(self.defaults))
        for override in self.json.get("fieldConfig", {}).get("overrides", []):
            if _matches(override["matcher"], name):
                for each in override["properties"]:
                    _put(found, each["id"].split("."), each["value"])
        return found

    def fields(self) -> list[Field]:
        """The series of all queries, by the names that the legends and transformations give them."""
        found: list[Field] = []
        for target, answer in zip(self.json["targets"], self.answers, strict=True):
            for series in answer:
                name = self._renamed(legend(target["legendFormat"], series.labels))
                found.append(Field(name, self.config(name), series, len(found)))
        return found

    def _renamed(self, name: str) -> str:
        for step in self.json.get("transformations", []):
            if step["id"] != "renameByRegex":
                raise ValueError(f"unknown transformation of series: {step['id']}")
            name = re.sub(
                step["options"]["regex"].strip("/"), _pattern(step["options"]["renamePattern"]), name, count=1
            )
        return name


def legend(template: str, labels: Mapping[str, str]) -> str:
    """The name that a legend's template gives a series; a label that it lacks is left out."""
    return re.sub(r"\{\{ ?(\w+) ?\}\}", lambda found: labels.get(found[1], ""), template).strip()


def _pattern(replacement: str) -> str:
    """``$1`` is Python's ``\\1``."""
    return re.sub(r"\$(\d)", r"\\\1", replacement)


def _matches(matcher: Mapping[str, Any], name: str) -> bool:
    match matcher["id"]:
        case "byName":
            return bool(matcher["options"] == name)
        case "byRegexp":
            return re.search(matcher["options"].strip("/"), name) is not None
    raise ValueError(f"unknown matcher of an override: {matcher['id']}")


def _put(config: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        config = config.setdefault(name, {})
    config[path[-1]] = value
