"""The container's health check, ``python -m service.healthcheck``: exit code 0 if /healthz answers 200, else 1."""

import os
import sys
import urllib.request

from service.settings import Settings

TIMEOUT_SECONDS = 3.0


def alive(settings: Settings) -> bool:
    """Whether /healthz of the operations server answers 200."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    try:
        with urllib.request.urlopen(f"http://{host}:{settings.ops_port}/healthz", timeout=TIMEOUT_SECONDS):
            return True
    except OSError:  # no answer, or a status other than 2xx
        return False


if __name__ == "__main__":
    sys.exit(0 if alive(Settings.from_env(os.environ)) else 1)
