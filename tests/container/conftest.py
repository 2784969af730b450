"""The image, built once from the working tree, and its containers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.container import build
from tests.container.build import Tool
from tests.container.containers import Container, running
from tests.container.engine import configured, require_root
from tests.marks import mark

Start = Callable[..., Container]

MARKS = (pytest.mark.e2e, pytest.mark.timeout(900))
"""The first test builds the image."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, Path(__file__).parent, *MARKS)


@pytest.fixture(scope="session")
def podman(require_tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The path of podman."""
    path = require_tool("podman", "podman netavark aardvark-dns iptables")
    require_tool("runc", "runc")
    require_root()
    with configured(tmp_path_factory.mktemp("podman")):
        yield path


@pytest.fixture(scope="session")
def image(podman: str, require_tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the default image, which has PyTorch."""
    return build.image(podman, require_tool, tmp_path_factory.mktemp("pip"))


@pytest.fixture(scope="session")
def slim(podman: str, require_tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the image with ONNX Runtime."""
    return build.image(podman, require_tool, tmp_path_factory.mktemp("pip"), target="slim")


@pytest.fixture
def start(podman: str, image: str) -> Iterator[Start]:
    """``start("--memory=120m", drain_seconds=0)`` starts a container for this test; it may not be ready yet."""
    with ExitStack() as stack:
        yield lambda *options, **settings: stack.enter_context(running(podman, image, *options, **settings))


@pytest.fixture(scope="session")
def container(podman: str, image: str) -> Iterator[Container]:
    """A ready container that all tests share and none changes."""
    with running(podman, image) as container:
        yield container.wait_until_ready()
