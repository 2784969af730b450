"""A lone client: how fast it is answered when nobody else asks, and from when on after others have."""

import http.client
import time

from tests.bench.peers.payloads import BOUNDARY, Payload

LONGEST_SECONDS = 10.0
IN_A_ROW = 3
"""So many fast answers are no luck."""


class Lone:
    """Sends one request after the other on a connection of its own."""

    def __init__(self, port: int, payload: Payload) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_SECONDS)
        self._payload = payload

    def once(self) -> float:
        """Seconds until the answer; for ever where it is no prediction."""
        began = time.monotonic()
        try:
            self._connection.request(
                "POST", "/predict", self._payload.body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
            )
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return float("inf")
        return time.monotonic() - began if answer.status == http.HTTPStatus.OK else float("inf")

    def usual(self, times: int = 100) -> float:
        """What nine of ten of its requests take at most."""
        return sorted(self.once() for _ in range(times))[int(0.9 * times)]

    def recovered(self, since: float, usual: float) -> float | None:
        """Seconds from the moment ``since`` (monotonic) to the first of some answers in a row that take no longer than
        is usual; ``None`` where they do not come."""
        fast, began = 0, time.monotonic()
        while time.monotonic() < since + LONGEST_SECONDS:
            if fast == 0:
                began = time.monotonic()
            fast = fast + 1 if self.once() <= usual else 0
            if fast == IN_A_ROW:
                return began - since
        return None

    def close(self) -> None:
        self._connection.close()
