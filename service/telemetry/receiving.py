"""Reading a request's body under observation: how long it took and how much came, also where it is refused."""

from collections.abc import Callable

from flask import g, request

from service import bodies
from service.telemetry.observation import Observation


def body(limit: int, on_large: Callable[[], object] = lambda: None) -> bytes:
    """The body of the request at hand; see :func:`service.bodies.read`."""
    seen: Observation = g.observation

    def count(length: int) -> None:
        seen.body_bytes = length

    with seen.stages.stage("receive", since=seen.stages.taken):
        return bodies.read(request, limit, on_large, count)
