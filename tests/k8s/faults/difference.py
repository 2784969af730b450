"""The differences between two builds, value by value."""

from collections.abc import Iterator
from typing import Any

from k8s.drill.catalogue import ADDED
from tests.k8s.manifests import Manifests, Object

GONE = "gone"


def difference(healthy: Manifests, broken: Manifests) -> dict[str, Any]:
    """Added and changed values by ``Kind/name``, in the format of ``injected`` in expect.yaml."""
    before, after = _by_name(healthy), _by_name(broken)
    found: dict[str, Any] = dict.fromkeys(after.keys() - before.keys(), ADDED)
    found |= dict.fromkeys(before.keys() - after.keys(), GONE)
    for name in before.keys() & after.keys():
        if changes := dict(_changes("", before[name], after[name])):
            found[name] = changes
    return found


def _by_name(manifests: Manifests) -> dict[str, Object]:
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in manifests.objects}


def _changes(path: str, before: Any, after: Any) -> Iterator[tuple[str, Any]]:
    before, after = _keyed(before), _keyed(after)
    if not (isinstance(before, dict) and isinstance(after, dict)):
        if before != after:
            yield path, after
        return
    for key in after:
        if key in before:
            yield from _changes(f"{path}/{key}", before[key], after[key])
        else:
            yield f"{path}/{key}", after[key]
    for key in before.keys() - after.keys():
        yield f"{path}/{key}", GONE


def _keyed(value: Any) -> Any:
    """A list of objects as a mapping by name or index; other values unchanged."""
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        names = [each.get("name") for each in value]
        return dict(zip(names if None not in names else map(str, range(len(value))), value, strict=True))
    return value
