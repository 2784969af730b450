"""The builds, made once for all tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.k8s.compose import combine, edit
from tests.k8s.manifests import K8S, Manifests, build


@pytest.fixture(scope="session")
def kubectl(require_tool: Callable[[str, str], str]) -> str:
    return require_tool("kubectl", "kubernetes-client")


@pytest.fixture(scope="session")
def built(kubectl: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Manifests]:
    """What comes of a name.

    ``overlays/local`` is that kustomization, ``overlays/local:hpa+otel`` the same with these components in its list,
    ``hpa+otel`` the base with these components.
    """
    cache: dict[str, Manifests] = {}

    def get(name: str) -> Manifests:
        if name not in cache:
            cache[name] = build(kubectl, _folder(name, tmp_path_factory))
        return cache[name]

    return get


def _folder(name: str, temporary: pytest.TempPathFactory) -> Path:
    if (K8S / name).is_dir():
        return K8S / name
    overlay, _, components = name.rpartition(":")
    chosen = components.split("+")
    return edit(temporary.mktemp("k8s"), overlay, chosen) if overlay else combine(temporary.mktemp("overlay"), chosen)
