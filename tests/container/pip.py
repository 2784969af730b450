"""What pip is told on this machine, for builds inside a container: its settings, and the files that they name."""

import ast
import re
import subprocess
import sys
from pathlib import Path

SETTING = re.compile(r"(?:\S*\.)?([a-z-]+)=('.*')")


def settings() -> dict[str, str]:
    """pip's settings by name, whether they come from a file or from the environment."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    matches = (SETTING.fullmatch(line) for line in listed.stdout.splitlines())
    return {match[1]: ast.literal_eval(match[2]) for match in matches if match}


def mounts(folder: Path) -> list[str]:
    """``--volume`` arguments that give a build pip's settings and what they name, read-only."""
    found = settings()
    words = [word for value in found.values() for word in value.split()]
    # An index in a folder names its packages relative to that folder.
    named = [Path(word.removeprefix("file://")).parent if word.startswith("file://") else Path(word) for word in words]
    paths = {str(path) for path in named if path.is_absolute() and path.exists()}
    configuration = folder / "pip.conf"
    configuration.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in found.items()))
    volumes = [f"{path}:{path}:ro" for path in sorted(paths)] + [f"{configuration}:/etc/pip.conf:ro"]
    return [f"--volume={volume}" for volume in volumes]
