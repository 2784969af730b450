"""The kustomizations that a user would write, or make of ours."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.k8s.manifests import K8S


def combine(folder: Path, components: Sequence[str], on: str = "base") -> Path:
    """Write, into an empty folder, an overlay that adds these components to one of ours."""
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
    """Write, into an empty folder, one of our overlays with these components in its list in place of its own."""
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
