"""Running kubectl's ``get``, ``logs`` and ``api-versions``: nothing else is ever run, so nothing changes."""

import subprocess
from dataclasses import dataclass

SLACK_SECONDS = 5.0
"""What kubectl may take beyond the time that it gives each request."""


class KubectlError(Exception):
    """Why nothing can be read."""


@dataclass(frozen=True)
class Kubectl:
    """kubectl with the options that choose a cluster; ``timeout`` in seconds bounds each request."""

    options: tuple[str, ...] = ()
    timeout: float = 10.0
    program: str = "kubectl"

    def run(self, *arguments: str) -> tuple[str, str]:
        """Standard output and errors."""
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
