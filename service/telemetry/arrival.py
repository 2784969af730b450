"""When a request arrived, before any thread of ours had it."""

import time
from collections.abc import Mapping
from typing import Any

LONGEST_SECONDS = 60.0
"""A start that a proxy noted longer ago is a wrong clock, not a wait."""


def waited(environ: Mapping[str, Any], now: float, trust_header: bool) -> float:
    """Seconds that a request has waited at ``now`` (monotonic); 0 where nobody can tell.

    Counted from ``X-Request-Start`` if that is trusted and sane, else from when the server saw the request's first
    byte. The header holds when a proxy received the request, since the epoch: ``t=`` and seconds in nginx
    (``$msec``), milliseconds or microseconds in others.
    """
    if trust_header and (start := _noted(environ.get("HTTP_X_REQUEST_START", ""))) is not None:
        ago = time.time() - start
        if 0 <= ago <= LONGEST_SECONDS:
            return ago
    arrived: float | None = getattr(environ.get("gunicorn.socket"), "arrived", None)
    return now - arrived if arrived is not None else 0.0


def _noted(header: str) -> float | None:
    """The header's moment in seconds since the epoch, whatever its unit."""
    try:
        moment = float(header.strip().removeprefix("t="))
    except ValueError:
        return None
    for smallest, unit in ((1e14, 1e6), (1e11, 1e3)):
        if moment >= smallest:
            return moment / unit
    return moment
