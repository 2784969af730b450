"""The image, built from the working tree."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from tests.container import base, pip

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ("requirements.txt", "requirements-onnxruntime.txt", "requirements-torch.txt")
CONTEXT = ("Dockerfile", ".dockerignore", "setup-venv.sh", *REQUIREMENTS, "service", "model")
"""What goes into the image."""

REVISION = "0123abc"

Tool = Callable[[str, str], str]


def image(podman: str, require_tool: Tool, folder: Path, target: str = "torch") -> str:
    """The name of the image that is a target's; built unless one of just these files is there already.

    ``require_tool(name, package)`` is the path of a program. ``folder`` is empty.
    """
    name = f"localhost/cifar10-test-{target}:{_digest()}"
    if not base.exists(podman, name):
        buildah, debootstrap = require_tool("buildah", "buildah"), require_tool("debootstrap", "debootstrap")
        arguments = {"BASE": base.make(podman, debootstrap), "TORCH_INDEX": "", "REVISION": REVISION}
        base.run(
            # OCI's own format has no place for a HEALTHCHECK.
            *(
                buildah,
                "bud",
                "--isolation=chroot",
                "--network=host",
                "--format=docker",
                "--target",
                target,
                "--tag",
                name,
            ),
            *(f"--build-arg={key}={value}" for key, value in arguments.items()),
            *pip.mounts(folder),
            str(ROOT),
        )
    return name


def _digest() -> str:
    parts = [ROOT / name for name in CONTEXT]
    files = [file for part in parts for file in [part, *part.rglob("*")] if file.is_file()]
    digest = hashlib.sha256()
    for path in sorted(file for file in files if "__pycache__" not in file.parts):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
