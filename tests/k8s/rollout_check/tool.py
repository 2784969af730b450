"""Runs the tool as a command, for a short time."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.e2e.server import ROOT

QUICK = ["--before=0.2", "--after=0.2", "--request-timeout=60"]
"""The timeout is long enough for a busy machine."""


class Done(NamedTuple):
    code: int
    report: str
    steps: str

    @property
    def json(self) -> Any:
        return json.loads(self.report)


def rollout_check(*options: str, command: Sequence[str] = ("true",), rate: float = 50) -> Done:
    """Its exit code, stdout and stderr; later options take precedence."""
    done = subprocess.run(
        [sys.executable, "-m", "k8s.rollout_check", *QUICK, f"--rate={rate:g}", *options, "--", *command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return Done(done.returncode, done.stdout, done.stderr)
