"""kubectl, its configuration, the builds, and modules run as commands."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.k8s.builds import combine, edit
from tests.k8s.manifests import K8S, ROOT, Manifests, build


@pytest.fixture(scope="session")
def kubectl(require_tool: Callable[[str, str], str]) -> str:
    return require_tool("kubectl", "kubernetes-client")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kubectl: str) -> Path:
    """The path of a kubeconfig that is used instead of the user's; written by ``write_kubeconfig``."""
    path = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(path))
    monkeypatch.setenv("KUBECACHEDIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return path


@pytest.fixture
def run_unread() -> Callable[..., tuple[int, str]]:
    """Runs Python with a stdout that is closed, as after ``head`` has ended: its exit code and its stderr."""

    def run(*arguments: str) -> tuple[int, str]:
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, *arguments]
        with os.fdopen(writer, "wb") as stdout:
            done = subprocess.run(command, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stderr

    return run


@pytest.fixture(scope="session")
def built(kubectl: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Manifests]:
    """Builds by name, each made once.

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
