"""podman and buildah on a machine without systemd, such as a CI runner; they need root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.missing import missing

CONFIGURATION = """
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""
"""Works without systemd and without the right to raise limits."""

VARIABLE = "CONTAINERS_CONF"


@contextmanager
def configured(folder: Path) -> Iterator[None]:
    """Within the block, podman and buildah use :data:`CONFIGURATION`, written to ``folder``."""
    file = folder / "containers.conf"
    file.write_text(CONFIGURATION)
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(file)
    try:
        yield
    finally:
        os.environ.pop(VARIABLE) if before is None else os.environ.update({VARIABLE: before})


def require_root() -> None:
    """Skip the test without root; with ``CI=true`` fail it."""
    if os.geteuid() != 0:
        missing("building and restricting containers as here needs root")
