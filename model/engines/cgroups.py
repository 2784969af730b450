"""Where the kernel keeps what it grants this process: its control groups (version 1, version 2 and hybrid)."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MOUNT = "sys/fs/cgroup"

MOST_BYTES = 1 << 16
"""More than any file here has. The kernel gives all of it at once, of /proc/cpuinfo perhaps the first cores only."""


def folders(root: Path, controller: str) -> Iterator[Path]:
    """The folders that may hold a controller's files, the process's own group first, then those above it.

    ``root`` is where ``/proc`` and ``/sys`` are looked up. Not all of them exist: inside a container often only the
    mount itself does.
    """
    for line in text(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            mounts = ["", "unified"]  # "unified" is where hybrid systems mount version 2
        elif controller in controllers.split(","):
            mounts = list(dict.fromkeys((controllers, controller)))
        else:
            continue
        for mount in mounts:
            yield from _upwards(root / MOUNT / mount, path)


def text(path: Path) -> str:
    """What a file of the kernel's holds, or nothing.

    A file object would take three times the system calls, after each of which the thread has to win the interpreter's
    lock back from all others.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(file, MOST_BYTES).decode(errors="replace")
    except OSError:
        return ""
    finally:
        os.close(file)


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    relative = PurePosixPath(path.lstrip("/"))
    if ".." not in relative.parts:  # a group outside this namespace
        for folder in (relative, *relative.parents):
            if folder != PurePosixPath("."):
                yield mount / folder
    yield mount
