"""Reading the paths and selectors that kubectl sends."""

from typing import Any


def split(path: str) -> tuple[str, str, list[str]]:
    """Group and version, namespace or nothing, and what comes after them."""
    parts = path.strip("/").split("/")
    count = 2 if parts[0] == "api" else 3
    version, rest = "/".join(parts[1:count]), parts[count:]
    if len(rest) > 2 and rest[0] == "namespaces":
        return version, rest[1], rest[2:]
    return version, "", rest


def selector(text: str) -> dict[str, str]:
    """What a label or field selector demands; only equality is known."""
    return dict(pair.replace("==", "=").split("=", 1) for pair in text.split(",") if pair)


def at(each: dict[str, Any], path: str) -> str:
    """The value of a field selector's path."""
    value: Any = each
    for key in path.split("."):
        value = value.get(key, {})
    return str(value)
