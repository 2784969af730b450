"""When a request arrived, before any thread of ours had it."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

LONGEST_SECONDS = 60.0
"""A start that a proxy noted longer ago is a wrong clock, not a wait."""


class Moments(NamedTuple):
    """When a request arrived and when a thread took it (monotonic); its headers are read after that."""

    arrived: float
    taken: float


def moments(environ: Mapping[str, Any], now: float, trust_header: bool) -> Moments:
    """As far as they are known; ``now`` (monotonic) where they are not.

    A request arrives at the ``X-Request-Start`` if that is trusted and sane, else when the server sees its first
    byte. The header holds when a proxy received the request, since the epoch: ``t=`` and seconds in nginx
    (``$msec``), milliseconds or microseconds in others.
    """
    connection = environ.get("gunicorn.socket")
    taken: float = getattr(connection, "taken", None) or now
    arrived: float = getattr(connection, "arrived", None) or taken
    if trust_header and (start := _noted(environ.get("HTTP_X_REQUEST_START", ""))) is not None:
        ago = time.time() - start
        if 0 <= ago <= LONGEST_SECONDS:
            arrived = now - ago
    return Moments(min(arrived, taken), taken)


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
