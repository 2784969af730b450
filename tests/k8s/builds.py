"""Every build that is checked.

They are the base and the overlays, the base with each sensible combination of components, and each overlay with a
component less, one more, or another in place of its own.
"""

from collections.abc import Iterator
from itertools import product

from tests.k8s.compose import listed

OVERLAYS = ("overlays/local", "overlays/production")

SCALERS = ("hpa", "hpa-active-requests", "keda")
MONITORS = ("monitoring", "monitoring-helm-stack")
APART = ("network-policy", "otel", "cpu-limit", "registry")  # they touch nothing that another component touches

ONE_OF: tuple[tuple[tuple[str, ...], ...], ...] = (
    ((), *((each,) for each in SCALERS)),
    ((), *((each,) for each in MONITORS)),
    ((), ("gateway",)),
    ((), APART),
)

COMBINATIONS = tuple(sum(choice, start=()) for choice in product(*ONE_OF))

COMPONENTS = (*SCALERS, *MONITORS, "gateway", *APART)

NOT_TOGETHER = {("overlays/production", "registry")}  # there an image has a digest


def variants(overlay: str) -> Iterator[tuple[str, ...]]:
    own = listed(overlay)
    for each in own:
        yield _ordered({*own} - {each})
    for each in COMPONENTS:
        if each not in own and (overlay, each) not in NOT_TOGETHER:
            rivals = next((group for group in (SCALERS, MONITORS) if each in group), ())
            yield _ordered({*own} - {*rivals} | {each})
    yield ("keda", "monitoring-helm-stack", "network-policy", "gateway", "otel")


def _ordered(components: set[str]) -> tuple[str, ...]:
    return tuple(sorted(components, key=COMPONENTS.index))


BUILDS = (
    "base",
    *OVERLAYS,
    *("+".join(each) for each in (*COMBINATIONS, *((each,) for each in APART)) if each),
    *(f"{overlay}:{'+'.join(each)}" for overlay in OVERLAYS for each in variants(overlay)),
)
