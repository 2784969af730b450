"""Where a container's numbers come from: versions in the image, the engine, the machine."""

import json
import os
import platform

from model.provenance import machine
from tests.container.base import run
from tests.container.containers import CPUS

LIBRARIES = ("torch", "onnxruntime", "numpy", "pillow", "gunicorn", "flask")
INSIDE = f"""
import platform
from importlib.metadata import distributions
found = {{each.name: each.version for each in distributions()}}
there = [f"{{name}} {{found[name]}}" for name in {LIBRARIES} if name in found]
print(", ".join([f"python {{platform.python_version()}}", *there]))
"""


def setting(podman: str, image: str) -> str:
    """One line that names what the numbers depend on."""
    inside = run(podman, "run", "--rm", "--pull=never", "--entrypoint=python", image, "-c", INSIDE).strip()
    engine = json.loads(run(podman, "info", "--format=json"))
    runtime, groups = engine["host"]["ociRuntime"]["name"], engine["host"]["cgroupVersion"]
    kernel = ".".join(platform.release().split(".")[:2])
    here = machine()
    return (
        f"{inside}; podman {engine['version']['Version']} with {runtime}, control groups {groups}, Linux {kernel}; "
        f"{here['cpu']}, {here['cores']} cores, {CPUS} for the container; load before {os.getloadavg()[0]:.1f}"
    )
