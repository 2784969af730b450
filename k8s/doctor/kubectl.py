"""Runs kubectl, read-only: ``get``, ``logs`` and ``api-versions``."""

import subprocess
from dataclasses import dataclass

SLACK_SECONDS = 5.0
"""Time that kubectl may take in addition to the request timeout."""


class KubectlError(Exception):
    """The reason why nothing can be read."""


@dataclass(frozen=True)
class Kubectl:
    """kubectl with the options that select a cluster, and a ``timeout`` for each request in seconds."""

    options: tuple[str, ...] = ()
    timeout: float = 10.0
    program: str = "kubectl"

    def run(self, *arguments: str) -> tuple[str, str]:
        """Standard output and standard error."""
        command = [self.program, *arguments, *self.options, f"--request-timeout={self.timeout:g}s"]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.timeout + SLACK_SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise KubectlError(f"{self.program} is not installed: https://kubernetes.io/docs/tasks/tools/") from None
        except subprocess.TimeoutExpired:
            within = f"{self.timeout + SLACK_SECONDS:g} s"
            return "", f"kubectl {arguments[0]} got no answer within {within}: timeout (see --timeout)"
        return done.stdout, done.stderr.strip()
