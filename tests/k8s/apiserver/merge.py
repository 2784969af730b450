"""Patches of ``kubectl apply``, as far as our objects need them."""

import copy
from typing import Any

KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "ports": ("containerPort", "port"),
    "topologySpreadConstraints": ("topologyKey",),
}
"""Merge keys of lists; other lists are replaced."""

DIRECTIVES = ("$setElementOrder/", "$retainKeys", "$patch", "$deleteFromPrimitiveList/")


def merge(value: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(value) if isinstance(value, dict) else {}
    for key, change in patch.items():
        if change is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), change)
    return merged


def strategic(value: Any, patch: Any) -> Any:
    """A strategic merge patch. Raises ``ValueError`` for an unknown directive."""
    if patch.get("$patch") == "replace":
        return _clean(patch)
    merged = dict(value) if isinstance(value, dict) else {}
    if "$retainKeys" in patch:
        merged = {key: each for key, each in merged.items() if key in patch["$retainKeys"]}
    for key, change in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            raise ValueError(f"the fake cluster does not know the directive {key}")
        if key.startswith(DIRECTIVES):
            continue
        if change is None:
            merged.pop(key, None)
        elif isinstance(change, dict):
            merged[key] = strategic(merged.get(key), change)
        elif isinstance(change, list) and key in KEYS and change and isinstance(change[0], dict):
            merged[key] = _items(merged.get(key, []), change, KEYS[key])
        else:
            merged[key] = copy.deepcopy(change)
    return merged


def _items(items: list[Any], changes: list[Any], keys: tuple[str, ...]) -> list[Any]:
    merged = list(items)
    for change in changes:
        key = next(each for each in keys if each in change)
        at = next((place for place, each in enumerate(merged) if each.get(key) == change[key]), None)
        if change.get("$patch") == "delete":
            if at is not None:
                del merged[at]
        elif at is None:
            merged.append(_clean(change))
        else:
            merged[at] = strategic(merged[at], change)
    return merged


def _clean(patch: Any) -> Any:
    return strategic({}, {key: value for key, value in patch.items() if key != "$patch"})
