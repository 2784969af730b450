"""The code, libraries and machine that a published figure was made with."""

import hashlib
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

TRAINING_SOURCES = (
    "labels.py",
    "network.py",
    "data.py",
    "augment.py",
    "optimiser.py",
    "train.py",
    "distil.py",
)
LIBRARIES = ("torch", "onnxruntime", "numpy", "pillow")


def code_sha256() -> str:
    """Hash of the source files that determine the result of training."""
    digest = hashlib.sha256()
    for name in TRAINING_SOURCES:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that affect the figures."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def machine() -> dict[str, str | int]:
    """Processor model, architecture and the number of processors this process may use."""
    return {"cpu": _cpu_model(), "architecture": platform.machine(), "cores": len(os.sched_getaffinity(0))}


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
