"""The image, built from the working tree on a base image that is made of Debian's packages.

No registry is needed. The base has the Debian release and the Python minor version of the Dockerfile's base, at another
path.
"""

import ast
import fcntl
import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ("requirements.txt", "requirements-onnxruntime.txt", "requirements-torch.txt")
CONTEXT = ("Dockerfile", ".dockerignore", "setup-venv.sh", *REQUIREMENTS, "service", "model")
"""The files that the image is built from."""

BASE = "localhost/cifar10-test-base:minbase"
PACKAGES = "python3,python3-venv,ca-certificates"
REVISION = "0123abc"
PIP_SETTING = re.compile(r"(?:\S*\.)?([a-z-]+)=('.*')")

Tool = Callable[[str, str], str]
"""``tool(name, package)`` is the path of a program."""


def run(*command: str, **options: object) -> str:
    """The output of a command; if it fails, the error contains the end of its output."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return str(done.stdout)


def image(podman: str, tool: Tool, folder: Path, target: str = "torch") -> str:
    """The name of the target's image, which is built unless it was built from the same files before.

    ``folder`` is empty.
    """
    name = f"localhost/cifar10-test-{target}:{_digest()}"
    with _locked():
        if not _exists(podman, name):
            arguments = {"BASE": _base(podman, tool), "TORCH_INDEX": "", "REVISION": REVISION}
            # OCI's own image format has no HEALTHCHECK.
            command = [tool("buildah", "buildah"), "bud", "--isolation=chroot", "--network=host", "--format=docker"]
            given = [f"--build-arg={key}={value}" for key, value in arguments.items()]
            run(*command, f"--target={target}", f"--tag={name}", *given, *_pip_mounts(folder), str(ROOT))
    return name


@contextmanager
def _locked() -> Iterator[None]:
    """Only one process builds at a time; others find the image afterwards."""
    with (Path(tempfile.gettempdir()) / "cifar10-test-image.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _base(podman: str, tool: Tool) -> str:
    if not _exists(podman, BASE):
        with tempfile.TemporaryDirectory() as folder:
            archive = f"{folder}/base.tar"
            run(tool("mmdebstrap", "mmdebstrap"), "--variant=minbase", f"--include={PACKAGES}", "bookworm", archive)
            run(podman, "import", "--quiet", archive, BASE)
    return BASE


def _exists(podman: str, name: str) -> bool:
    return subprocess.run([podman, "image", "exists", name], check=False).returncode == 0


def _digest() -> str:
    parts = [ROOT / name for name in CONTEXT]
    files = [file for part in parts for file in [part, *part.rglob("*")] if file.is_file()]
    digest = hashlib.sha256()
    for path in sorted(file for file in files if "__pycache__" not in file.parts):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _pip_mounts(folder: Path) -> list[str]:
    """``--volume`` arguments that give the build this machine's pip settings and the files they name, read-only."""
    found = _pip_settings()
    words = [word for value in found.values() for word in value.split()]
    # The packages of an index in a folder are relative to that folder.
    named = [Path(word.removeprefix("file://")).parent if word.startswith("file://") else Path(word) for word in words]
    paths = {str(path) for path in named if path.is_absolute() and path.exists()}
    configuration = folder / "pip.conf"
    configuration.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in found.items()))
    volumes = [f"{path}:{path}:ro" for path in sorted(paths)] + [f"{configuration}:/etc/pip.conf:ro"]
    return [f"--volume={volume}" for volume in volumes]


def _pip_settings() -> dict[str, str]:
    """pip's settings by name, from its files and from the environment."""
    listed = run(sys.executable, "-m", "pip", "config", "list")
    matches = (PIP_SETTING.fullmatch(line) for line in listed.splitlines())
    return {match[1]: ast.literal_eval(match[2]) for match in matches if match}
