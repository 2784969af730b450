"""Colours for good, suspicious and bad values."""

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    FieldColorModeId,
    RangeMap,
    RegexMap,
    SpecialValueMap,
    SpecialValueMatch,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)

GOOD, LOOK, BAD, NEUTRAL, OFF = "green", "orange", "red", "blue", "#6e7079"

QUANTILES: Mapping[str, str] = {"p50": GOOD, "p95": LOOK, "p99": BAD}

Steps = Sequence[tuple[float | None, str]]
"""Lower bounds and their colours; the first has no bound."""

Words = Mapping[int, tuple[str, str]]
"""Text and colour by value."""


def above(limit: float, look: float | None = None) -> Steps:
    """Bad from ``limit``, suspicious from ``look``."""
    return [(None, GOOD), *([(look, LOOK)] if look is not None else []), (limit, BAD)]


def below(limit: float, look: float | None = None) -> Steps:
    """Bad below ``limit``, suspicious below ``look``."""
    return [(None, BAD), (limit, GOOD)] if look is None else [(None, BAD), (limit, LOOK), (look, GOOD)]


def whatever() -> Steps:
    """One colour for all values."""
    return [(None, NEUTRAL)]


def steps(limits: Steps) -> ThresholdsConfig:
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps([Threshold(value, color) for value, color in limits])


def colored_by(mode: str) -> FieldColor:
    return FieldColor().mode(FieldColorModeId(mode))


def meaning(words: Words, absent: str) -> list[ValueMap | RangeMap | RegexMap | SpecialValueMap]:
    """The texts of ``words``; ``absent`` for null and NaN, such as a share of zero requests."""
    nothing = DashboardSpecialValueMapOptions(SpecialValueMatch.NULL_AND_NAN, ValueMappingResult(absent, OFF))
    named = {str(value): ValueMappingResult(text, color) for value, (text, color) in words.items()}
    return [*([ValueMap(named)] if named else []), SpecialValueMap(nothing)]
