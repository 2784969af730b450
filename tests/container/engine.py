"""podman, told what it needs on a machine like a CI runner."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = """
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""
"""What works without systemd and without the right to raise limits."""

VARIABLE = "CONTAINERS_CONF"


@contextmanager
def configured(folder: Path) -> Iterator[None]:
    """For the time of the block, podman and buildah follow :data:`CONFIGURATION`, kept in ``folder``."""
    file = folder / "containers.conf"
    file.write_text(CONFIGURATION)
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(file)
    try:
        yield
    finally:
        os.environ.pop(VARIABLE) if before is None else os.environ.update({VARIABLE: before})
