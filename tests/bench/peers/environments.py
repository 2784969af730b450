"""A virtual environment for each peer, thrown away by deleting its folder."""

import filecmp
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
BORROWED = "zz-borrowed.pth"
"""Adds the project's own packages behind the environment's: torch, which is large, is not installed once more."""


class Unavailable(Exception):
    """One line that says why."""


def lock_of(peer: str) -> Path:
    return REQUIREMENTS / f"{peer}.txt"


def direct(peer: str) -> list[str]:
    """The pins that are not there for another's sake: ``flask==3.1.3``."""
    lines = lock_of(peer).with_suffix(".in").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def is_made(folder: Path, peer: str) -> bool:
    """Whether it holds what the lock asks for; the lock is copied to it when it does."""
    copy = folder / lock_of(peer).name
    return copy.exists() and filecmp.cmp(copy, lock_of(peer), shallow=False) and interpreter(folder).exists()


def interpreter(folder: Path) -> Path:
    return folder / "bin" / "python"


def make(folder: Path, peer: str) -> None:
    """Install the peer's pinned packages; raises :class:`Unavailable`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    pip = [str(interpreter(folder)), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    for command in ([sys.executable, "-m", "venv", str(folder)], [*pip, "-r", str(lock_of(peer))]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-1:]
            raise Unavailable(f"{' '.join(command[1:4])} failed: {' '.join(last)}")
    borrow(folder)
    shutil.copy(lock_of(peer), folder)


def borrow(folder: Path) -> None:
    """What the peer has not installed itself comes from the environment that runs this."""
    (packages,) = folder.glob("lib/python3*/site-packages")
    (packages / BORROWED).write_text(f"{sysconfig.get_path('purelib')}\n")
