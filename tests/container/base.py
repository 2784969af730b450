"""A stand-in for the Dockerfile's base image, made of Debian's packages: no registry has to be reached.

It has the same Debian release and the same minor version of Python, whose binary lies elsewhere.
"""

import subprocess
import tempfile
from pathlib import Path

NAME = "localhost/cifar10-test-base:bookworm"
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"


def make(podman: str, debootstrap: str) -> str:
    """The image's name; a minute the first time, nothing afterwards."""
    if not exists(podman, NAME):
        with tempfile.TemporaryDirectory() as folder:
            run(debootstrap, "--variant=minbase", f"--include={PACKAGES}", "bookworm", folder)
            archive = Path(folder).with_suffix(".tar")
            try:
                run("tar", "-C", folder, "-cf", str(archive), ".")
                run(podman, "import", "--quiet", str(archive), NAME)
            finally:
                archive.unlink(missing_ok=True)
    return NAME


def exists(podman: str, image: str) -> bool:
    return subprocess.run([podman, "image", "exists", image], check=False).returncode == 0


def run(*command: str, **options: object) -> str:
    """Run a command; the error of one that fails has the end of what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return str(done.stdout)
