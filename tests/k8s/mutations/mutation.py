"""One change to one object of a good build, and the rule that notices it."""

import copy
from dataclasses import dataclass
from typing import Any

from tests.k8s.manifests import Manifests, Object

DELETE = object()
COPY = object()

DEPLOYMENT = "Deployment"
SPEC = "spec.template.spec."
CONTAINER = SPEC + "containers.0."
SECURITY = CONTAINER + "securityContext."
ENV = CONTAINER + "env."


@dataclass(frozen=True)
class Mutation:
    rule: str
    target: str
    """A kind of which there is one object, or ``Kind/name``; generated names may go on after that."""
    path: str
    """Dotted; ``-`` at its end adds to a list. The empty path is the object itself, to ``DELETE`` or ``COPY``."""
    value: Any
    """What is there then; a function is given what is there."""
    build: str = "overlays/production"

    def __str__(self) -> str:
        names = {id(DELETE): "nothing", id(COPY): "two"}
        value = names.get(id(self.value), getattr(self.value, "__name__", self.value))
        return f"{self.rule}: {self.target} {self.path} is {value}"

    def apply(self, good: Manifests) -> Manifests:
        bad = Manifests(copy.deepcopy(list(good.objects)))
        kind, _, name = self.target.partition("/")
        (target,) = [each for each in bad.of(kind) if each["metadata"]["name"].startswith(name)]
        if self.path:
            _change(target, self.path, self.value)
            return bad
        return Manifests(
            [*bad.objects, target] if self.value is COPY else [each for each in bad.objects if each is not target]
        )


def broken_by(rule: str, *changes: tuple[str, Any], target: str = DEPLOYMENT, build: str = "") -> list[Mutation]:
    """Several changes, each of which breaks a rule."""
    return [
        Mutation(rule, target, path, value, build) if build else Mutation(rule, target, path, value)
        for path, value in changes
    ]


def _change(target: Object | list[Any], path: str, value: object) -> None:
    *way, last = path.split(".")
    at: Any = target
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
    if isinstance(at, list) and last == "-":
        at.append(value)
    elif value is DELETE:
        del at[int(last) if isinstance(at, list) else last]
    else:
        key = int(last) if isinstance(at, list) else last
        at[key] = value(at[key]) if callable(value) else value
