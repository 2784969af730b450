"""kubectl, pointed at a fake API server."""

from pathlib import Path

import pytest
import yaml

CONTEXT = "kind-drill"


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kubectl: str) -> Path:
    """A file that kubectl reads, and nothing of the user's; fill it with :func:`point`."""
    path = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(path))
    monkeypatch.setenv("KUBECACHEDIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return path


def point(kubeconfig: Path, port: int, *contexts: str) -> None:
    """Let all contexts lead to a port of this machine; the first is the current one."""
    names = contexts or (CONTEXT,)
    kubeconfig.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "fake", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
                "users": [{"name": "nobody", "user": {}}],
                "contexts": [{"name": name, "context": {"cluster": "fake", "user": "nobody"}} for name in names],
                "current-context": names[0],
            }
        )
    )
