"""Getters for JSON with missing fields: they return an empty value instead of raising an error."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]

_QUANTITY = re.compile(r"([0-9.]+(?:[eE][+-]?[0-9]+)?)([numkKMGTPE]i?)?")
_SCALE = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}


def field(obj: Any, *path: str) -> Any:
    """The value at the path, or ``None``."""
    for key in path:
        if not isinstance(obj, Mapping):
            return None
        obj = obj.get(key)
    return obj


def text(obj: Any, *path: str) -> str:
    """The string at the path, or an empty one."""
    value = field(obj, *path)
    return value if isinstance(value, str) else ""


def number(obj: Any, *path: str, default: int = 0) -> int:
    """The whole number at the path, or the default."""
    value = field(obj, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def true(obj: Any, *path: str) -> bool:
    return field(obj, *path) is True


def mapping(obj: Any, *path: str) -> Json:
    """The object at the path, or an empty one."""
    value = field(obj, *path)
    return value if isinstance(value, Mapping) else {}


def listed(obj: Any, *path: str) -> list[Json]:
    """The objects of the list at the path, or none."""
    value = field(obj, *path)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def strings(obj: Any, *path: str) -> list[str]:
    """The strings of the list at the path, or none."""
    value = field(obj, *path)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def named(objects: list[Json], key: str, value: str) -> Json:
    """The first of the objects whose ``key`` is the value, or an empty one."""
    return next((each for each in objects if each.get(key) == value), {})


def when(obj: Any, *path: str) -> datetime | None:
    """The time at the path, or ``None`` if it is missing or the zero time."""
    return moment(field(obj, *path))


def moment(value: Any) -> datetime | None:
    """A time in Kubernetes' format, with or without fractions of a second."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found.year > 1970 else None


def quantity(value: Any) -> float | None:
    """``100m`` is 0.1, ``64Mi`` is 67108864; ``None`` for other values."""
    match = _QUANTITY.fullmatch(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if not match:
        return None
    unit = match[2] or ""
    if unit.endswith("i"):
        return float(match[1]) * float(1024 ** ("KMGTPE".index(unit[0].upper()) + 1))
    return float(match[1]) * _SCALE.get(unit, 1e18)


def kind(obj: Json) -> str:
    return text(obj, "kind")


def name(obj: Json) -> str:
    return text(obj, "metadata", "name")


def namespace(obj: Json) -> str:
    return text(obj, "metadata", "namespace") or "default"


def labels(obj: Json) -> Json:
    return mapping(obj, "metadata", "labels")


def ref(obj: Json) -> str:
    """The kubectl reference, such as ``deployment/web``."""
    return f"{kind(obj).lower()}/{name(obj)}"


def condition(obj: Json, type_: str) -> Json:
    """The status condition of that type, or an empty one."""
    return named(listed(obj, "status", "conditions"), "type", type_)


def selects(selector: Json, of: Json) -> bool:
    """Whether a label selector (``matchLabels``, ``matchExpressions``) matches the labels; an empty one matches all."""
    for key, value in mapping(selector, "matchLabels").items():
        if of.get(key) != value:
            return False
    return all(_holds(each, of) for each in listed(selector, "matchExpressions"))


def _holds(expression: Json, of: Json) -> bool:
    key, values = text(expression, "key"), strings(expression, "values")
    match text(expression, "operator"):
        case "In":
            return of.get(key) in values
        case "NotIn":
            return of.get(key) not in values
        case "Exists":
            return key in of
        case "DoesNotExist":
            return key not in of
    return False
