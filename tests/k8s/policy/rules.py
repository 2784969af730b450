"""Rules that every build keeps, each declared with mutants that break it.

A rule takes the objects of one build and yields a sentence for each violation. A mutant is one change to one object of
a build that keeps the rule; the rule must report it.
"""

import copy
from collections.abc import Callable, Iterator
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

Check = Callable[[Manifests], Iterator[str]]


@dataclass(frozen=True)
class Mutant:
    target: str
    """A kind with a single object, or ``Kind/name``, where ``name`` may be a prefix."""
    path: str
    """Dotted; a final ``-`` appends to a list. The empty path is the object itself, to ``DELETE`` or ``COPY``."""
    value: Any
    """The new value, or a function of the old one."""
    build: str

    def __str__(self) -> str:
        names = {id(DELETE): "deleted", id(COPY): "copied"}
        value = names.get(id(self.value), getattr(self.value, "__name__", self.value))
        return f"{self.target} {self.path} {value}"

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


@dataclass(frozen=True)
class Rule:
    check: Check
    mutants: tuple[Mutant, ...]

    @property
    def name(self) -> str:
        return self.check.__name__

    def __call__(self, manifests: Manifests) -> list[str]:
        """The violations of the rule."""
        return [f"{self.name}: {violation}" for violation in self.check(manifests)]


def rule(*groups: list[Mutant]) -> Callable[[Check], Rule]:
    return lambda check: Rule(check, tuple(mutant for group in groups for mutant in group))


def mutants(*changes: tuple[str, Any], target: str = DEPLOYMENT, build: str = "overlays/production") -> list[Mutant]:
    """One mutant for each change, a path and a value."""
    return [Mutant(target, path, value, build) for path, value in changes]


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
