"""In what two builds differ, value by value."""

from collections.abc import Iterator
from typing import Any

from k8s.drill.catalogue import ADDED
from tests.k8s.manifests import Manifests, Object

GONE = "gone"


def difference(healthy: Manifests, broken: Manifests) -> dict[str, Any]:
    """As ``injected`` of an expect.yaml has it: by ``Kind/name``, what was added or has another value now."""
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
    """A list of named things by their names, another list of things by their places; a list of words is one value."""
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        names = [each.get("name") for each in value]
        return dict(zip(names if None not in names else map(str, range(len(value))), value, strict=True))
    return value
