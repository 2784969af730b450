"""Commands whose output nobody reads, as after ``head`` has seen enough."""

import os
import subprocess
import sys

from tests.k8s.manifests import ROOT


def unread(module: str, *arguments: str) -> tuple[int, str]:
    """The exit code of a module that is run, and what it says on stderr."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True
        )
    return done.returncode, done.stderr
