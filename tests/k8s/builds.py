"""Kustomizations that a user would write, and the builds that are checked.

The builds are the base and the overlays, the base with each sensible combination of components, and each overlay with
one component removed, added or replaced.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from tests.k8s.manifests import K8S


def combine(folder: Path, components: Sequence[str], on: str = "base") -> Path:
    """Write an overlay that adds components to one of ours into an empty folder."""
    folder = folder.resolve()
    overlay = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(K8S / on, folder)],
        "components": [os.path.relpath(K8S / "components" / each, folder) for each in components],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    return folder


def edit(folder: Path, overlay: str, components: Sequence[str]) -> Path:
    """Write one of our overlays with other components into an empty folder."""
    for part in ("base", "components"):
        (folder / part).symlink_to(K8S / part)
    shutil.copytree(K8S / overlay, folder / overlay)
    kustomization = _read(overlay)
    private = [each for each in kustomization["components"] if not each.startswith("../")]
    kustomization["components"] = [*private, *(f"../../components/{each}" for each in components)]
    (folder / overlay / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return folder / overlay


def listed(overlay: str) -> tuple[str, ...]:
    """The components of one of our overlays."""
    return tuple(Path(each).name for each in _read(overlay)["components"] if each.startswith("../"))


def _read(overlay: str) -> Any:
    return yaml.safe_load((K8S / overlay / "kustomization.yaml").read_text())


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
