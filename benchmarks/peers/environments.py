"""A virtual environment for each peer. It takes what the peer does not install from the project's environment."""

import filecmp
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
FALLBACK = "zz-fallback.pth"
"""Adds the project's packages after the peer's own; torch, which is large, is not installed again."""


def interpreter(folder: Path, peer: str) -> str:
    """The path of the peer's interpreter; its packages are installed unless they were before."""
    lock, environment = REQUIREMENTS / f"{peer}.txt", folder / peer
    python, installed = environment / "bin" / "python", environment / lock.name
    if not (installed.exists() and filecmp.cmp(installed, lock, shallow=False)):
        print(f"installing {lock.relative_to(REQUIREMENTS.parents[2])} into {environment}", flush=True)
        shutil.rmtree(environment, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
        subprocess.run([*pip, "-r", str(lock)], check=True)
        (packages,) = environment.glob("lib/python3*/site-packages")
        (packages / FALLBACK).write_text(f"{sysconfig.get_path('purelib')}\n")
        shutil.copy(lock, installed)
    return str(python)
