"""The image, built once from the working tree, and containers of it."""

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.container import base, pip
from tests.container.containers import Container, running

ROOT = Path(__file__).parents[2]
CONTEXT = ("Dockerfile", ".dockerignore", "setup-venv.sh", "requirements.txt", "service", "model")
"""What goes into the image."""

CONFIGURATION = """
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""
"""What works without systemd and without the right to raise limits."""

Tool = Callable[[str, str], str]
Start = Callable[..., Container]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(900))  # the first one builds the image


@pytest.fixture(scope="session")
def podman(require_tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The path of podman, which is told here what it needs on a machine like a CI runner."""
    path = require_tool("podman", "podman netavark aardvark-dns iptables")
    require_tool("runc", "runc")
    if os.geteuid():
        pytest.skip("building and restricting containers as here needs root")
    file = tmp_path_factory.mktemp("podman") / "containers.conf"
    file.write_text(CONFIGURATION)
    before = os.environ.get("CONTAINERS_CONF")
    os.environ["CONTAINERS_CONF"] = str(file)
    yield path
    os.environ.pop("CONTAINERS_CONF") if before is None else os.environ.update(CONTAINERS_CONF=before)


@pytest.fixture(scope="session")
def image(podman: str, require_tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the image; built unless one of just these files is there already."""
    name = f"localhost/cifar10-test:{_digest()}"
    if subprocess.run([podman, "image", "exists", name], check=False).returncode:
        buildah, debootstrap = require_tool("buildah", "buildah"), require_tool("debootstrap", "debootstrap")
        arguments = {"BASE": base.make(podman, debootstrap), "TORCH_INDEX": "", "REVISION": "0123abc"}
        base.run(
            *(buildah, "bud", "--isolation=chroot", "--network=host", "--format=docker", "--tag", name),
            *(f"--build-arg={key}={value}" for key, value in arguments.items()),
            *pip.mounts(tmp_path_factory.mktemp("pip")),
            str(ROOT),
        )
    return name


@pytest.fixture
def start(podman: str, image: str) -> Iterator[Start]:
    """``start("--memory=120m", drain_seconds=0)`` starts a container of the test's own, perhaps not ready yet."""
    with ExitStack() as stack:
        yield lambda *options, **settings: stack.enter_context(running(podman, image, *options, **settings))


@pytest.fixture(scope="session")
def container(podman: str, image: str) -> Iterator[Container]:
    """A ready container, shared by all tests: leave it as you found it."""
    with running(podman, image) as container:
        yield container.wait_until_ready()


def _digest() -> str:
    parts = [ROOT / name for name in CONTEXT]
    files = [file for part in parts for file in [part, *part.rglob("*")] if file.is_file()]
    digest = hashlib.sha256()
    for path in sorted(file for file in files if "__pycache__" not in file.parts):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
